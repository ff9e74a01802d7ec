//! Sportello.
fn main() {}
