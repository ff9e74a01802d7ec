//! The creditor's side of the node's SOAP interface (`paForNode`, SOAP 1.1): what the platform asks of our station.
//!
//! [`parse`] reads a request, [`ok_xml`] and [`ko_xml`] answer it, [`StationError::answer`] answers what could not be read, and
//! [`send_rt_v2_xml`] writes a delivery as the platform does. Served are the two deliveries of a receipt; the other operations of the
//! interface belong to stations that hold their positions themselves, and are refused by name.
//!
//! Source: `paForNode.wsdl` and `paForNode.xsd` of SANP 3.12.0. The schema has no `elementFormDefault`: only the operation's
//! own element is qualified, its children are not.

mod answer;
mod fault;
mod operation;
mod receipt;
mod request;
mod wire;

pub use answer::{Answer, ko_xml, ok_xml};
pub use fault::{Fault, FaultCode};
pub use operation::Operation;
pub use receipt::{Destination, MetadataEntry, Outcome, Psp, Receipt, ReceiptTransfer, Subject, SubjectKind};
pub use request::{Request, SendRt, StationError, parse, send_rt_v2_xml};

#[cfg(test)]
mod arbitrary;
#[cfg(test)]
mod tests;
