//! The faults a creditor may answer with.

/// A refusal, as `ctFaultBean` carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which of the creditor's codes.
    pub code: FaultCode,
    /// Who emits it: the creditor's fiscal code (`idPA` of the request).
    pub id: String,
    /// One sentence for the platform's operators; nothing personal.
    pub description: Option<String>,
}

/// The codes of the creditor's domain (docs.pagopa.it, "gestione degli errori", domino EC). The platform passes them on as
/// `PPT_ERRORE_EMESSO_DA_PAA`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultCode {
    /// `PAA_ID_DOMINIO_ERRATO`: the creditor is not one of ours.
    UnknownCreditor,
    /// `PAA_ID_INTERMEDIARIO_ERRATO`: the broker is not ours.
    UnknownBroker,
    /// `PAA_STAZIONE_INT_ERRATA`: the station is not ours.
    UnknownStation,
    /// `PAA_PAGAMENTO_SCONOSCIUTO`: no such notice. It is also the expected answer to the platform's health probe.
    UnknownPayment,
    /// `PAA_PAGAMENTO_DUPLICATO`: already paid.
    AlreadyPaid,
    /// `PAA_PAGAMENTO_IN_CORSO`: a payment is under way.
    InProgress,
    /// `PAA_PAGAMENTO_SCADUTO`: past its due date and no longer payable.
    Expired,
    /// `PAA_PAGAMENTO_ANNULLATO`: withdrawn by the creditor.
    Cancelled,
    /// `PAA_SEMANTICA`: well written and yet without sense.
    Semantics,
    /// `PAA_SINTASSI_XSD`: not what the schema asks for.
    SchemaSyntax,
    /// `PAA_SINTASSI_EXTRAXSD`: not XML, not SOAP.
    OtherSyntax,
    /// `PAA_SYSTEM_ERROR`: our fault, try again.
    System,
    /// `PAA_RT_DUPLICATA`: the receipt was already delivered, older spelling.
    DuplicateRt,
    /// `PAA_RECEIPT_DUPLICATA`: the receipt was already delivered.
    DuplicateReceipt,
    /// `PAA_RPT_SCONOSCIUTA`: the receipt belongs to no position of ours.
    UnknownReceipt,
}

impl FaultCode {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::UnknownCreditor,
        Self::UnknownBroker,
        Self::UnknownStation,
        Self::UnknownPayment,
        Self::AlreadyPaid,
        Self::InProgress,
        Self::Expired,
        Self::Cancelled,
        Self::Semantics,
        Self::SchemaSyntax,
        Self::OtherSyntax,
        Self::System,
        Self::DuplicateRt,
        Self::DuplicateReceipt,
        Self::UnknownReceipt,
    ];

    /// The code on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.parts().0
    }

    /// The fixed sentence that goes with the code (`faultString`), in Italian as the whole interface.
    #[must_use]
    pub fn fault_string(self) -> &'static str {
        self.parts().1
    }

    fn parts(self) -> (&'static str, &'static str) {
        match self {
            Self::UnknownCreditor => ("PAA_ID_DOMINIO_ERRATO", "La PAA non corrisponde al Dominio indicato"),
            Self::UnknownBroker => {
                ("PAA_ID_INTERMEDIARIO_ERRATO", "Identificativo intermediario non corrispondente")
            }
            Self::UnknownStation => ("PAA_STAZIONE_INT_ERRATA", "Stazione intermediario non corrispondente"),
            Self::UnknownPayment => {
                ("PAA_PAGAMENTO_SCONOSCIUTO", "Pagamento in attesa risulta sconosciuto all'Ente Creditore")
            }
            Self::AlreadyPaid => {
                ("PAA_PAGAMENTO_DUPLICATO", "Pagamento in attesa risulta concluso all'Ente Creditore")
            }
            Self::InProgress => {
                ("PAA_PAGAMENTO_IN_CORSO", "Pagamento in attesa risulta in corso all'Ente Creditore")
            }
            Self::Expired => {
                ("PAA_PAGAMENTO_SCADUTO", "Pagamento in attesa risulta scaduto all'Ente Creditore")
            }
            Self::Cancelled => {
                ("PAA_PAGAMENTO_ANNULLATO", "Pagamento in attesa risulta annullato all'Ente Creditore")
            }
            Self::Semantics => ("PAA_SEMANTICA", "Errore semantico"),
            Self::SchemaSyntax => ("PAA_SINTASSI_XSD", "Errore di sintassi XSD"),
            Self::OtherSyntax => ("PAA_SINTASSI_EXTRAXSD", "Errore di sintassi extra XSD"),
            Self::System => ("PAA_SYSTEM_ERROR", "Errore generico"),
            Self::DuplicateRt => ("PAA_RT_DUPLICATA", "La RT è già stata accettata"),
            Self::DuplicateReceipt => ("PAA_RECEIPT_DUPLICATA", "La ricevuta è già stata accettata"),
            Self::UnknownReceipt => ("PAA_RPT_SCONOSCIUTA", "La RPT risulta sconosciuta"),
        }
    }
}
