//! Whole flows on a real PostgreSQL. One binary, so that there is one server and one link.

mod browser;
mod foundation;
mod identity;
mod payments;
mod support;
mod texts;
