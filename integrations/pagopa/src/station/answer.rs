//! Answers to the platform.

use serde::Serialize;

use super::{Fault, Operation};
use crate::wire::xml::carriable;

const SOAP_NAMESPACE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const NAMESPACE: &str = "http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd";

/// What to send back: `text/xml` with this HTTP status (SOAP 1.1 §6.2: 500 for a SOAP fault; a refusal of `paForNode` is a regular answer).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The whole SOAP envelope.
    pub xml: String,
}

/// "Done": for a receipt also when it had been delivered before, since every other answer makes the platform try again, 48 times.
#[must_use]
pub fn ok_xml(operation: Operation) -> String {
    envelope(operation.response_element(), &ResponseWire { outcome: "OK", fault: None })
}

/// A refusal.
#[must_use]
pub fn ko_xml(operation: Operation, fault: &Fault) -> String {
    envelope(
        operation.response_element(),
        &ResponseWire {
            outcome: "KO",
            fault: Some(FaultWire {
                code: fault.code.as_str(),
                string: fault.code.fault_string(),
                id: carriable(&fault.id),
                description: fault.description.as_deref().map(carriable),
            }),
        },
    )
}

/// A SOAP fault that blames the sender, for what is not a request at all.
pub(super) fn soap_fault_xml(reason: &str) -> String {
    wrap(&element("soapenv:Fault", &SoapFaultWire { code: "soapenv:Client", string: carriable(reason) }))
}

/// `ctResponse`.
#[derive(Serialize)]
struct ResponseWire {
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<FaultWire>,
}

/// `ctFaultBean`.
#[derive(Serialize)]
struct FaultWire {
    #[serde(rename = "faultCode")]
    code: &'static str,
    #[serde(rename = "faultString")]
    string: &'static str,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

/// `Fault` of the SOAP 1.1 envelope.
#[derive(Serialize)]
struct SoapFaultWire {
    #[serde(rename = "faultcode")]
    code: &'static str,
    #[serde(rename = "faultstring")]
    string: String,
}

/// A whole message: `content` as the `paForNode` element `name`, the only qualified one.
pub(super) fn envelope<T: Serialize>(name: &str, content: &T) -> String {
    wrap(&element(&format!("pafn:{name}"), content))
}

fn element<T: Serialize>(name: &str, content: &T) -> String {
    quick_xml::se::to_string_with_root(name, content).expect("plain structs of text always have an XML form")
}

fn wrap(body: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{SOAP_NAMESPACE}" xmlns:pafn="{NAMESPACE}"><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"#
    )
}
