//! SPID and CIE login over OpenID Connect.
