//! A domain as staff write it.

use url::Host;

use crate::base::error::{Error, Result};
use crate::sending_domains::records::MailHosts;

/// Leaves room for the longest name below it, that of the DKIM key, in the 253 characters of a domain (RFC 1035, section 2.3.4).
const MAX_LEN: usize = 220;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DomainError {
    #[error("it is empty: write a domain such as acme.com")]
    Empty,
    #[error("it is an email address: write the domain only, the part after the @")]
    EmailAddress,
    #[error("it is a URL: write the domain only, such as acme.com")]
    Url,
    #[error("it is an IP address: write a domain such as acme.com")]
    IpAddress,
    #[error("it is not a valid internet domain such as acme.com")]
    Invalid,
    #[error("it has no dot: write a whole domain such as acme.com")]
    NoDot,
    #[error("it is longer than {MAX_LEN} characters")]
    TooLong,
    #[error(
        "it is a public suffix, under which anyone can register: write your own domain, such as acme.com"
    )]
    PublicSuffix,
    #[error("it belongs to this server: write a domain of your own, such as acme.com")]
    ServerDomain,
}

fn invalid(error: DomainError) -> Error {
    Error::bad_input("input.domain", format!("Invalid value: {error}."))
}

/// The domain in its ASCII form (UTS 46), in lower case.
pub(crate) fn parse(text: &str) -> Result<String> {
    ascii(text).map_err(invalid)
}

/// The same for a domain that an account wants to send from.
pub(crate) fn parse_own(text: &str, hosts: &MailHosts) -> Result<String> {
    let domain = parse(text)?;
    if hosts.claims(&domain) {
        return Err(invalid(DomainError::ServerDomain));
    }
    Ok(domain)
}

fn ascii(text: &str) -> Result<String, DomainError> {
    let text = text.trim();
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.is_empty() {
        return Err(DomainError::Empty);
    }
    if text.len() > 1_000 {
        return Err(DomainError::TooLong);
    }
    if text.contains("://") || text.contains('/') {
        return Err(DomainError::Url);
    }
    if text.contains('@') {
        return Err(DomainError::EmailAddress);
    }
    if text.parse::<std::net::IpAddr>().is_ok()
        || matches!(Host::parse(text), Ok(Host::Ipv4(_) | Host::Ipv6(_)))
    {
        return Err(DomainError::IpAddress);
    }
    let domain = idna::domain_to_ascii(text).map_err(|_| DomainError::Invalid)?;
    if domain.len() > MAX_LEN {
        return Err(DomainError::TooLong);
    }
    let domain = idna::domain_to_ascii_strict(&domain).map_err(|_| DomainError::Invalid)?;
    if !domain.contains('.') {
        return Err(DomainError::NoDot);
    }
    if psl::suffix_str(&domain) == Some(&domain) {
        return Err(DomainError::PublicSuffix);
    }
    Ok(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_stored_in_its_ascii_form() {
        for (text, domain) in [
            ("acme.com", "acme.com"),
            (" ACME.com. ", "acme.com"),
            ("mail.acme.co.uk", "mail.acme.co.uk"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("bücher.XN--P1AI", "xn--bcher-kva.xn--p1ai"),
        ] {
            assert_eq!(ascii(text).as_deref(), Ok(domain), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_the_reason() {
        let long = format!("{}.example", ["a"; 110].join("."));
        let label = format!("{}.example", "a".repeat(64));
        for (text, error) in [
            ("", DomainError::Empty),
            (" . ", DomainError::Empty),
            ("portal@acme.com", DomainError::EmailAddress),
            ("https://acme.com", DomainError::Url),
            ("acme.com/mail", DomainError::Url),
            ("192.0.2.1", DomainError::IpAddress),
            ("0x7f.1", DomainError::IpAddress),
            ("2001:db8::1", DomainError::IpAddress),
            ("[2001:db8::1]", DomainError::IpAddress),
            ("acme.com:25", DomainError::Invalid),
            ("acme..com", DomainError::Invalid),
            ("-acme.com", DomainError::Invalid),
            ("ac me.com", DomainError::Invalid),
            ("acme_mail.com", DomainError::Invalid),
            ("acme.com\r\nBcc", DomainError::Invalid),
            ("*.acme.com", DomainError::Invalid),
            (&label, DomainError::Invalid),
            ("localhost", DomainError::NoDot),
            (&long, DomainError::TooLong),
            ("co.uk", DomainError::PublicSuffix),
            ("github.io", DomainError::PublicSuffix),
        ] {
            assert_eq!(ascii(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn the_domains_of_the_server_and_their_parents_are_refused() {
        let hosts = MailHosts::new(
            "portal@mail.server.example",
            None,
            ["https://app.portal.example:8443"],
        );
        for text in [
            "mail.server.example",
            "server.example",
            "portal.example",
            "app.portal.example",
        ] {
            let error = parse_own(text, &hosts).expect_err(text);
            assert_eq!(error.field.as_deref(), Some("input.domain"), "{text}");
        }
        for text in ["acme.example", "acme.portal.example", "rver.example"] {
            assert!(parse_own(text, &hosts).is_ok(), "{text}");
        }
    }
}
