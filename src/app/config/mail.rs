//! The settings of email.

use mailer::{SmtpUrl, SmtpUrlError};
use url::Url;

use crate::accounts::urls::Addresses;
use crate::base::address::EmailAddress;

pub(super) fn smtp_url(text: &str) -> Result<SmtpUrl, String> {
    text.parse().map_err(|error: SmtpUrlError| error.to_string())
}

pub(super) fn address(text: &str) -> Result<String, String> {
    EmailAddress::parse(text)
        .map(|address| address.text)
        .map_err(|error| error.to_string())
}

pub(super) fn default_sender(addresses: &Addresses) -> String {
    let host = Url::parse(&addresses.public)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default();
    // An email address needs a domain with a dot; a server on localhost keeps its emails as files.
    if host.contains('.') && host.parse::<std::net::IpAddr>().is_err() {
        format!("portal@{host}")
    } else {
        "portal@vestibule.localhost".to_owned()
    }
}
