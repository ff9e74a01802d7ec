//! citizen
