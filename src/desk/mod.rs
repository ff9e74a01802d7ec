//! The counter.
mod stub;
pub mod types;
pub use stub::*;
pub use types::*;
