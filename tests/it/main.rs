//! Whole flows on a real PostgreSQL. One binary, so that there is one server and one link.

mod foundation;
mod payments;
mod support;
