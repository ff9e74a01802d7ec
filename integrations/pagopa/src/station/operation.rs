//! The operations of `paForNode`.

/// What the platform may ask of a creditor's station. SOAP sends it as the element in the body and as the SOAP action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Is this notice payable, and for how much.
    VerifyPaymentNotice,
    /// The payment data of a notice, first version.
    GetPayment,
    /// The payment data of a notice, with digital stamp duty.
    GetPaymentV2,
    /// Delivery of a receipt, first version.
    SendRt,
    /// Delivery of a receipt.
    SendRtV2,
    /// A notice made on demand at the PSP's counter.
    DemandPaymentNotice,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::VerifyPaymentNotice,
        Self::GetPayment,
        Self::GetPaymentV2,
        Self::SendRt,
        Self::SendRtV2,
        Self::DemandPaymentNotice,
    ];

    /// The name in the WSDL and in the SOAP action: `paSendRTV2`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::VerifyPaymentNotice => "paVerifyPaymentNotice",
            Self::GetPayment => "paGetPayment",
            Self::GetPaymentV2 => "paGetPaymentV2",
            Self::SendRt => "paSendRT",
            Self::SendRtV2 => "paSendRTV2",
            Self::DemandPaymentNotice => "paDemandPaymentNotice",
        }
    }

    /// The element of the request: the first generation says `Req`, the second `Request`.
    #[must_use]
    pub fn request_element(self) -> &'static str {
        match self {
            Self::VerifyPaymentNotice => "paVerifyPaymentNoticeReq",
            Self::GetPayment => "paGetPaymentReq",
            Self::GetPaymentV2 => "paGetPaymentV2Request",
            Self::SendRt => "paSendRTReq",
            Self::SendRtV2 => "paSendRTV2Request",
            Self::DemandPaymentNotice => "paDemandPaymentNoticeRequest",
        }
    }

    /// The element of the answer.
    #[must_use]
    pub fn response_element(self) -> &'static str {
        match self {
            Self::VerifyPaymentNotice => "paVerifyPaymentNoticeRes",
            Self::GetPayment => "paGetPaymentRes",
            Self::GetPaymentV2 => "paGetPaymentV2Response",
            Self::SendRt => "paSendRTRes",
            Self::SendRtV2 => "paSendRTV2Response",
            Self::DemandPaymentNotice => "paDemandPaymentNoticeResponse",
        }
    }

    pub(crate) fn from_request_element(local_name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.request_element() == local_name)
    }
}
