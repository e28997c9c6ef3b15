//! The URL of a mail server, as operators write it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use url::{Host, Url};

use crate::DEFAULT_CONNECTIONS;

/// When a connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TlsMode {
    /// From the first byte (RFC 8314, section 3.3).
    Implicit,
    /// Through STARTTLS; without it, nothing is sent (RFC 3207).
    Required,
    /// Through STARTTLS where the server offers it (RFC 7435).
    Opportunistic,
    /// Not at all.
    Disabled,
}

/// `smtp://user:password@host:port?tls=required|opportunistic|none&hello=name&connections=32`, or `smtps://…`.
///
/// - Users and passwords are percent-encoded.
/// - `smtps:` encrypts from the start. `smtp:` uses STARTTLS if the server offers it, unless `tls` says otherwise.
///   Credentials are sent encrypted, or to this machine, only.
/// - The default port is 465 for `smtps:`; 587 with credentials or a `tls` other than `none` (RFC 6409); else 25.
/// - `hello` is the name sent in `EHLO`, by default this machine's.
/// - `connections` is the number of connections at most, 1 to 1000, by default 32.
///
/// `Debug` and `Display` show neither user nor password.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: TlsMode,
    pub(super) credentials: Option<(String, String)>,
    pub(super) hello: Option<String>,
    pub(super) connections: u16,
}

/// Why the URL of a mail server is invalid. Never repeats the URL, which may contain a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmtpUrlError {
    #[error("not a URL; write smtp://host:port or smtps://user:password@host, the password percent-encoded")]
    NotAUrl,
    #[error("the scheme must be smtp:// or smtps://")]
    Scheme,
    #[error("the host is missing")]
    Host,
    #[error("only :port and ?tls=…&hello=…&connections=… may follow the host")]
    UnexpectedPart,
    #[error("tls must be required, opportunistic or none with smtp://, and omitted with smtps://")]
    Tls,
    #[error("hello must be a host name")]
    Hello,
    #[error("connections must be 1 to 1000")]
    Connections,
    #[error("user and password must both be given, percent-encoded UTF-8 without control characters")]
    Credentials,
    #[error(
        "with tls=none, user and password would be sent unencrypted; this is only allowed to a server on this machine"
    )]
    ClearCredentials,
}

impl SmtpUrl {
    /// Whether the server is on this machine, so that nothing crosses a network.
    pub(super) fn is_loopback(&self) -> bool {
        let name = self.host.trim_end_matches('.').to_ascii_lowercase();
        let address = name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        address || name == "localhost" || name.ends_with(".localhost")
    }

    /// Whether the certificate is verified. The alternative to opportunistic encryption is plain text, so refusing a
    /// certificate would protect nothing (RFC 7435, section 3).
    pub(super) fn verifies_certificate(&self) -> bool {
        self.tls != TlsMode::Opportunistic || (self.credentials.is_some() && !self.is_loopback())
    }
}

impl FromStr for SmtpUrl {
    type Err = SmtpUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text).map_err(|_| SmtpUrlError::NotAUrl)?;
        let params = Params::parse(&url)?;
        let tls = match (url.scheme(), params.tls.as_deref()) {
            ("smtps", None) => TlsMode::Implicit,
            ("smtp", None | Some("opportunistic")) => TlsMode::Opportunistic,
            ("smtp", Some("required")) => TlsMode::Required,
            ("smtp", Some("none")) => TlsMode::Disabled,
            ("smtp" | "smtps", _) => return Err(SmtpUrlError::Tls),
            _ => return Err(SmtpUrlError::Scheme),
        };
        let credentials = credentials(&url)?;
        let submission = credentials.is_some() || (params.tls.is_some() && tls != TlsMode::Disabled);
        let port = url.port().unwrap_or(match tls {
            TlsMode::Implicit => 465,
            _ if submission => 587,
            _ => 25,
        });
        let server = Self {
            host: host(&url)?,
            port,
            tls,
            credentials,
            hello: params.hello,
            connections: params.connections,
        };
        if server.tls == TlsMode::Disabled && server.credentials.is_some() && !server.is_loopback() {
            return Err(SmtpUrlError::ClearCredentials);
        }
        Ok(server)
    }
}

fn host(url: &Url) -> Result<String, SmtpUrlError> {
    if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
        return Err(SmtpUrlError::UnexpectedPart);
    }
    match url.host() {
        Some(Host::Domain(name)) if is_host_name(name) => Ok(name.to_owned()),
        Some(Host::Ipv4(ip)) => Ok(ip.to_string()),
        Some(Host::Ipv6(ip)) => Ok(ip.to_string()),
        _ => Err(SmtpUrlError::Host),
    }
}

fn is_host_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b))
}

/// What follows the `?`.
struct Params {
    tls: Option<String>,
    hello: Option<String>,
    connections: u16,
}

impl Params {
    fn parse(url: &Url) -> Result<Self, SmtpUrlError> {
        let (mut tls, mut hello, mut connections) = (None, None, None);
        for (name, value) in url.query_pairs() {
            match name.as_ref() {
                "tls" if tls.is_none() => tls = Some(value.into_owned()),
                "hello" if hello.is_none() && is_host_name(&value) => hello = Some(value.into_owned()),
                "hello" => return Err(SmtpUrlError::Hello),
                "connections" if connections.is_none() => {
                    let count = value.parse().ok().filter(|count| (1..=1000).contains(count));
                    connections = Some(count.ok_or(SmtpUrlError::Connections)?);
                }
                _ => return Err(SmtpUrlError::UnexpectedPart),
            }
        }
        Ok(Self {
            tls,
            hello,
            connections: connections.unwrap_or(DEFAULT_CONNECTIONS),
        })
    }
}

fn credentials(url: &Url) -> Result<Option<(String, String)>, SmtpUrlError> {
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) | (_, None) => Err(SmtpUrlError::Credentials),
        (user, Some(password)) => {
            let pair = percent_decode(user).zip(percent_decode(password));
            pair.map(Some).ok_or(SmtpUrlError::Credentials)
        }
    }
}

/// RFC 3986, section 2.1. `None` for invalid escapes, invalid UTF-8 and control characters.
fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        rest = after;
        let digit = |at: usize| char::from(digits[at]).to_digit(16);
        bytes.push(u8::try_from(digit(0)? * 16 + digit(1)?).ok()?);
    }
    String::from_utf8(bytes)
        .ok()
        .filter(|text| !text.chars().any(char::is_control))
}

impl fmt::Display for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls == TlsMode::Implicit {
            "smtps"
        } else {
            "smtp"
        };
        let secret = if self.credentials.is_some() { "***@" } else { "" };
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        write!(f, "{scheme}://{secret}{host}:{}", self.port)
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} ({:?})", self.tls)
    }
}

#[cfg(test)]
mod tests {
    use super::{SmtpUrl, SmtpUrlError, TlsMode};

    fn parse(text: &str) -> SmtpUrl {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn scheme_and_tls_determine_port_and_encryption() {
        for (text, port, tls, verifies_certificate) in [
            ("smtp://relay.example", 25, TlsMode::Opportunistic, false),
            ("smtp://relay.example/", 25, TlsMode::Opportunistic, false),
            ("smtp://u:p@relay.example", 587, TlsMode::Opportunistic, true),
            ("smtp://u:p@localhost", 587, TlsMode::Opportunistic, false),
            ("smtp://relay.example?tls=required", 587, TlsMode::Required, true),
            (
                "smtp://relay.example?tls=opportunistic",
                587,
                TlsMode::Opportunistic,
                false,
            ),
            ("smtp://relay.example?tls=none", 25, TlsMode::Disabled, true),
            ("smtps://relay.example", 465, TlsMode::Implicit, true),
            ("smtps://relay.example:2465", 2465, TlsMode::Implicit, true),
            ("smtp://[::1]:1025", 1025, TlsMode::Opportunistic, false),
        ] {
            let url = parse(text);
            assert_eq!(
                (url.port, url.tls, url.verifies_certificate()),
                (port, tls, verifies_certificate),
                "{text}"
            );
        }
        assert_eq!(parse("smtp://[::1]:1025").host, "::1");
        assert_eq!(
            parse("smtp://relay?hello=mail.acme.example").hello.as_deref(),
            Some("mail.acme.example")
        );
    }

    #[test]
    fn credentials_are_percent_decoded_and_never_shown() {
        let url = parse("smtps://maria%40acme.example:p%3A%2F%25%C3%A9@relay.example");
        assert_eq!(
            url.credentials,
            Some(("maria@acme.example".into(), "p:/%é".into()))
        );
        let shown = format!("{url} {url:?} {url:#?}");
        assert!(!shown.contains("maria") && !shown.contains("p:/"), "{shown}");
        assert!(shown.starts_with("smtps://***@relay.example:465"), "{shown}");
    }

    #[test]
    fn credentials_are_sent_unencrypted_only_to_this_machine() {
        for text in [
            "smtp://u:p@127.0.0.1?tls=none",
            "smtp://u:p@[::1]?tls=none",
            "smtp://u:p@localhost?tls=none",
        ] {
            assert!(parse(text).is_loopback(), "{text}");
        }
        for text in [
            "smtp://u:p@10.0.0.1?tls=none",
            "smtp://u:p@localhost.example?tls=none",
        ] {
            assert_eq!(
                text.parse::<SmtpUrl>(),
                Err(SmtpUrlError::ClearCredentials),
                "{text}"
            );
        }
    }

    #[test]
    fn every_error_is_specific_and_repeats_no_secret() {
        for (text, expected) in [
            ("relay.example", SmtpUrlError::NotAUrl),
            ("", SmtpUrlError::NotAUrl),
            ("https://hunter2:hunter2@relay.example", SmtpUrlError::Scheme),
            ("smtp:///", SmtpUrlError::Host),
            ("smtp:relay", SmtpUrlError::UnexpectedPart),
            ("smtp://relay/inbox", SmtpUrlError::UnexpectedPart),
            ("smtp://relay?ssl=1", SmtpUrlError::UnexpectedPart),
            ("smtp://relay?tls=none&tls=required", SmtpUrlError::UnexpectedPart),
            ("smtp://relay?tls=yes", SmtpUrlError::Tls),
            ("smtps://relay?tls=none", SmtpUrlError::Tls),
            ("smtp://relay?hello=a%0d%0ab", SmtpUrlError::Hello),
            ("smtp://hunter2@relay", SmtpUrlError::Credentials),
            ("smtp://:hunter2@relay", SmtpUrlError::Credentials),
            ("smtp://hunter2:%ZZhunter2@relay", SmtpUrlError::Credentials),
            (
                "smtp://hunter2:hunter2%0d%0aQUIT@relay",
                SmtpUrlError::Credentials,
            ),
            ("smtp://hunter2:%ff@relay", SmtpUrlError::Credentials),
        ] {
            let error = text.parse::<SmtpUrl>().expect_err(text);
            assert_eq!(error, expected, "{text}");
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }
}
