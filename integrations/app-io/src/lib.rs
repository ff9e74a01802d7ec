//! App IO: profiles and messages.
