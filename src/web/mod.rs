//! HTTP: extract → one call of a domain module → render. It holds no rules.
