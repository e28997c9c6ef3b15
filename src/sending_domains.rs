//! The account's own sending domain: its DKIM key (RFC 6376), the DNS records to publish, and whether they are there. Emails of the
//! account are signed and sent from it while it is verified, and from the server's domain otherwise.
//!
//! [`domain`] reads the input, [`records`] says what to publish and compares it with what was found, [`dns`] asks, and [`model`]
//! holds the state. [`jobs`] checks again by itself.

pub mod dns;
pub(crate) mod domain;
pub(crate) mod graphql;
pub(crate) mod jobs;
pub(crate) mod key;
pub(crate) mod model;
pub mod records;
