//! The treasurer's side: the OPI cash journal and the remittance information of credit transfers.
