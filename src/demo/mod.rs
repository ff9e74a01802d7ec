//! Everything the service needs and does not have on a laptop: a private PostgreSQL, the simulators of the outside
//! systems, a sample Comune. The demonstration and the tests use it; the service itself never does.

pub mod mail;
pub mod postgres;
