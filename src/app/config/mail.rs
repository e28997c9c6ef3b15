//! The settings of email.

use std::net::SocketAddr;

use mailer::{SmtpUrl, SmtpUrlError};
use url::Url;

use super::Config;
use crate::accounts::urls::Addresses;
use crate::base::address::EmailAddress;
use crate::sending_domains::dns::Dns;
use crate::sending_domains::records::{MailHosts, Sending};

impl Config {
    pub(crate) fn sending(&self) -> Sending {
        let portal = self.addresses.portal("slug");
        let urls = [&self.addresses.public[..], &portal];
        Sending {
            hosts: MailHosts::new(&self.mail_from, self.bounce_host.as_deref(), urls),
            dns: Dns {
                server: self.dns_server,
            },
        }
    }
}

pub(super) fn smtp_url(text: &str) -> Result<SmtpUrl, String> {
    text.parse().map_err(|error: SmtpUrlError| error.to_string())
}

pub(super) fn address(text: &str) -> Result<String, String> {
    EmailAddress::parse(text)
        .map(|address| address.text)
        .map_err(|error| error.to_string())
}

/// The name of a mail server, as an MX record holds it.
pub(super) fn host(text: &str) -> Result<String, String> {
    let invalid = || "write a host name such as mail.example.com".to_owned();
    let host = idna::domain_to_ascii_strict(text.trim_end_matches('.')).map_err(|_| invalid())?;
    let is_name = host.contains('.') && host.parse::<std::net::IpAddr>().is_err();
    is_name.then_some(host).ok_or_else(invalid)
}

pub(super) fn dns_server(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "write an IP address and a port, such as 192.0.2.53:53".to_owned())
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
