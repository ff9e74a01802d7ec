//! Whole flows on a real PostgreSQL. One binary, so that there is one server and one link.

mod browser;
mod foundation;
mod identity;
mod support;
mod texts;
