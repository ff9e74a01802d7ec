//! The treasurer's side: the OPI cash journal and the remittance information of credit transfers.
//!
//! Read in this order:
//!
//! * [`journal`]: the treasurer's daily file (*giornale di cassa*), and what each movement means for a provisional entry;
//! * [`remittance`]: which remittance flow or notice the text of a credit transfer names, and how surely;
//! * [`simulator`]: a treasurer that writes such files, for the demonstration and the tests.

pub mod journal;
pub mod remittance;
pub mod simulator;
