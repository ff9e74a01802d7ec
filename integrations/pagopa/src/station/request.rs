//! Requests: read as a station, written as the platform.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::answer::{Answer, envelope, ko_xml, soap_fault_xml};
use super::wire::SendRtWire;
use super::{Fault, FaultCode, Operation, Receipt};
use crate::wire::{InvalidField, XmlError, shorten, xml};

/// A request of the platform that this station serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// `paSendRT`.
    SendRt(SendRt),
    /// `paSendRTV2`.
    SendRtV2(SendRt),
}

impl Request {
    /// The operation, for the answer.
    #[must_use]
    pub fn operation(&self) -> Operation {
        match self {
            Self::SendRt(_) => Operation::SendRt,
            Self::SendRtV2(_) => Operation::SendRtV2,
        }
    }
}

/// The delivery of a receipt.
///
/// The station named here may be one we left: after a change of station the platform still delivers to the old name, so a receipt is
/// known by creditor, notice and receipt id, not by the station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendRt {
    /// `idPA`: the creditor it is delivered to, not always the one that issued the notice.
    pub id_pa: String,
    /// `idBrokerPA`: the creditor's technological intermediary.
    pub id_broker_pa: String,
    /// `idStation`.
    pub id_station: String,
    /// The receipt.
    pub receipt: Receipt,
}

/// Why a request was not understood. Nothing of the request's personal data is repeated.
#[derive(Debug, thiserror::Error)]
pub enum StationError {
    /// It is not an XML document that may be read.
    #[error("the request is not readable XML")]
    Xml(#[from] XmlError),
    /// It is XML, but not one SOAP 1.1 request.
    #[error("the request is not a SOAP 1.1 request: {0}")]
    NotSoap(&'static str),
    /// The body holds an element that is not in `paForNode`.
    #[error("`{0}` is not an operation of paForNode")]
    UnknownOperation(String),
    /// An operation of `paForNode` that this station does not serve.
    #[error("the operation {} is not served by this station", .0.name())]
    Unsupported(Operation),
    /// Elements are missing or repeated.
    #[error("the request {} does not follow its schema", operation.name())]
    Structure {
        /// What was asked.
        operation: Operation,
        /// Which element.
        #[source]
        source: quick_xml::DeError,
    },
    /// A value is not what the schema asks for.
    #[error("the request {} holds an invalid value", operation.name())]
    Value {
        /// What was asked.
        operation: Operation,
        /// Which element.
        #[source]
        source: InvalidField,
    },
}

impl StationError {
    /// The answer to the request: a `paForNode` refusal wherever the operation is known, a SOAP fault where it is not.
    ///
    /// `id` is the fiscal code of the creditor that answers.
    #[must_use]
    pub fn answer(&self, id: &str) -> Answer {
        let refuse = |operation, code, description| {
            let fault = Fault { code, id: id.to_owned(), description: Some(description) };
            Answer { status: 200, xml: ko_xml(operation, &fault) }
        };
        match self {
            Self::Unsupported(operation) => refuse(*operation, FaultCode::System, self.to_string()),
            Self::Structure { operation, source } => {
                refuse(*operation, FaultCode::SchemaSyntax, source.to_string())
            }
            Self::Value { operation, source } => {
                refuse(*operation, FaultCode::SchemaSyntax, source.to_string())
            }
            // Display leaves the source out, and the source is the reason the sender needs.
            Self::Xml(source) => Answer { status: 500, xml: soap_fault_xml(&source.to_string()) },
            Self::NotSoap(_) | Self::UnknownOperation(_) => {
                Answer { status: 500, xml: soap_fault_xml(&self.to_string()) }
            }
        }
    }
}

/// Reads a request, whose body may be `limit_bytes` long at most (256 KiB is ample: a receipt is some 5 KiB, a stamp duty attachment a few more).
///
/// Prefixes are free and may be undeclared, as in SANP's own examples.
///
/// # Errors
/// See [`StationError`]; [`StationError::answer`] is what to answer.
pub fn parse(body: &[u8], limit_bytes: usize) -> Result<Request, StationError> {
    let xml = xml::read(body, limit_bytes)?;
    let (name, payload) = soap_payload(&xml)?;
    let operation = Operation::from_request_element(&name)
        .ok_or_else(|| StationError::UnknownOperation(shorten(&name)))?;
    let request = match operation {
        Operation::SendRt => Request::SendRt,
        Operation::SendRtV2 => Request::SendRtV2,
        unsupported => return Err(StationError::Unsupported(unsupported)),
    };
    let wire: SendRtWire =
        quick_xml::de::from_str(&payload).map_err(|source| StationError::Structure { operation, source })?;
    wire.try_into().map(request).map_err(|source| StationError::Value { operation, source })
}

/// The local name of the one element in the SOAP body, and that element under its local name.
fn soap_payload(xml: &str) -> Result<(String, String), StationError> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    match next_child(&mut reader)? {
        Some(root) if root.local_name().into_inner() == "Envelope" => {}
        _ => return Err(StationError::NotSoap("the root element is not Envelope")),
    }
    loop {
        match next_child(&mut reader)? {
            Some(child) if child.local_name().into_inner() == "Body" => break,
            Some(header) => drop(content(&mut reader, &header)?),
            None => return Err(StationError::NotSoap("the envelope has no body")),
        }
    }
    let Some(operation) = next_child(&mut reader)? else {
        return Err(StationError::NotSoap("the body is empty"));
    };
    let name = operation.local_name().into_inner();
    let payload = format!("<{name}>{}</{name}>", content(&mut reader, &operation)?);
    if next_child(&mut reader)?.is_some() {
        return Err(StationError::NotSoap("the body holds more than one element"));
    }
    Ok((name.to_owned(), payload))
}

/// The next element inside the one the reader is in.
fn next_child<'a>(reader: &mut Reader<&'a [u8]>) -> Result<Option<BytesStart<'a>>, XmlError> {
    loop {
        match reader.read_event() {
            Ok(Event::Start(child)) => return Ok(Some(child)),
            Ok(Event::End(_) | Event::Eof) => return Ok(None),
            Ok(_) => {}
            Err(source) => return Err(malformed(reader, source)),
        }
    }
}

/// The text between the tags of `element`, which the reader has just entered; the reader leaves it.
fn content<'a>(reader: &mut Reader<&'a [u8]>, element: &BytesStart<'_>) -> Result<Cow<'a, str>, XmlError> {
    match reader.read_text(element.name()) {
        Ok(text) => Ok(text.into_inner()),
        Err(source) => Err(malformed(reader, source)),
    }
}

fn malformed(reader: &Reader<&[u8]>, source: quick_xml::Error) -> XmlError {
    XmlError::Malformed { position: reader.error_position(), source }
}

/// The delivery of a receipt as the platform sends it (`paSendRTV2`), for a program that stands in for the platform.
///
/// Characters that XML cannot carry are left out; values are not checked.
#[must_use]
pub fn send_rt_v2_xml(delivery: &SendRt) -> String {
    envelope(Operation::SendRtV2.request_element(), &SendRtWire::from(delivery))
}
