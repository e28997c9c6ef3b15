//! The URL of a provider, as operators write it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use url::{Host, Url};

/// `https://AccountSid:AuthToken@api.twilio.com`, or another server that speaks the same API.
///
/// `http:` is only allowed to this machine. `Debug` shows neither account nor token.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderUrl {
    base: Url,
    pub(super) account_id: String,
    pub(super) auth_token: AuthToken,
}

/// The secret that signs requests to the provider and its callbacks.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthToken(String);

impl AuthToken {
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AuthToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthToken")
    }
}

/// Why the URL of a provider is invalid. Never repeats the URL, which contains a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderUrlError {
    #[error("not a URL; write https://AccountSid:AuthToken@api.twilio.com")]
    NotAUrl,
    #[error("the scheme must be https://, or http:// to a server on this machine")]
    Scheme,
    #[error("account and token must both be given, percent-encoded: https://AccountSid:AuthToken@host")]
    Credentials,
    #[error("nothing but a port may follow the host")]
    UnexpectedPart,
}

impl ProviderUrl {
    /// From parts: `base` such as `https://api.twilio.com`, without credentials.
    pub fn new(base: &str, account_id: &str, auth_token: &str) -> Result<Self, ProviderUrlError> {
        let base = host_of(&parse(base)?)?;
        let is_id = !account_id.is_empty() && account_id.bytes().all(|b| b.is_ascii_alphanumeric());
        if !is_id || auth_token.is_empty() || auth_token.contains(char::is_control) {
            return Err(ProviderUrlError::Credentials);
        }
        Ok(Self {
            base,
            account_id: account_id.to_owned(),
            auth_token: AuthToken(auth_token.to_owned()),
        })
    }

    /// The token, which also verifies callbacks.
    pub fn auth_token(&self) -> &AuthToken {
        &self.auth_token
    }

    /// The account at the provider, which callbacks name.
    pub fn account_id(&self) -> &str {
        &self.account_id
    }

    /// A URL below the account's.
    pub(super) fn endpoint(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("/2010-04-01/Accounts/{}{path}", self.account_id));
        url
    }
}

impl fmt::Debug for ProviderUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ProviderUrl").field(&self.base.as_str()).finish()
    }
}

impl FromStr for ProviderUrl {
    type Err = ProviderUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = parse(text)?;
        let token = decoded(url.password().unwrap_or_default());
        let token = token.ok_or(ProviderUrlError::Credentials)?;
        Self::new(host_of(&url)?.as_str(), url.username(), &token)
    }
}

/// A URL that has nothing but credentials and the host.
fn parse(text: &str) -> Result<Url, ProviderUrlError> {
    let url = Url::parse(text).map_err(|_| ProviderUrlError::NotAUrl)?;
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
        return Err(ProviderUrlError::Scheme);
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(ProviderUrlError::UnexpectedPart);
    }
    Ok(url)
}

/// Scheme, host and port.
fn host_of(url: &Url) -> Result<Url, ProviderUrlError> {
    let host = url.host_str().ok_or(ProviderUrlError::NotAUrl)?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Url::parse(&format!("{}://{host}{port}", url.scheme())).map_err(|_| ProviderUrlError::NotAUrl)
}

/// A token without percent signs is taken as it is; one with any must be percent-encoded.
fn decoded(token: &str) -> Option<String> {
    // A form decodes a plus to a space: hide it.
    let pair = format!("t={}", token.replace('+', "%2B"));
    let token = url::form_urlencoded::parse(pair.as_bytes())
        .next()?
        .1
        .into_owned();
    let valid = !token.is_empty()
        && !token
            .chars()
            .any(|c| c.is_control() || c == char::REPLACEMENT_CHARACTER);
    valid.then_some(token)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_account_and_token() {
        let url: ProviderUrl = "https://AC01:s%2Fe+cret@api.twilio.com".parse().expect("a URL");
        assert_eq!(url.account_id(), "AC01");
        assert_eq!(url.auth_token().as_str(), "s/e+cret");
        assert_eq!(
            url.endpoint("/Messages.json").as_str(),
            "https://api.twilio.com/2010-04-01/Accounts/AC01/Messages.json"
        );
        assert_eq!(format!("{url:?}"), "ProviderUrl(\"https://api.twilio.com/\")");
    }

    #[test]
    fn parts_are_taken_as_they_are() {
        let url = ProviderUrl::new("https://api.twilio.com", "AC01", "s%2Fe@:").expect("a URL");
        assert_eq!((url.account_id(), url.auth_token().as_str()), ("AC01", "s%2Fe@:"));
        for (base, account, token) in [
            ("https://api.twilio.com", "AC/01", "secret"),
            ("https://api.twilio.com", "AC01", ""),
            ("http://api.twilio.com", "AC01", "secret"),
        ] {
            assert!(
                ProviderUrl::new(base, account, token).is_err(),
                "{base} {account}"
            );
        }
    }

    #[test]
    fn a_bad_url_says_why() {
        for (text, expected) in [
            ("twilio", ProviderUrlError::NotAUrl),
            ("http://AC01:secret@api.twilio.com", ProviderUrlError::Scheme),
            ("smtp://AC01:secret@api.twilio.com", ProviderUrlError::Scheme),
            ("https://api.twilio.com", ProviderUrlError::Credentials),
            ("https://AC01@api.twilio.com", ProviderUrlError::Credentials),
            (
                "https://AC%2F01:secret@api.twilio.com",
                ProviderUrlError::Credentials,
            ),
            (
                "https://AC01:secret@api.twilio.com/2010",
                ProviderUrlError::UnexpectedPart,
            ),
            (
                "https://AC01:secret@api.twilio.com?a=b",
                ProviderUrlError::UnexpectedPart,
            ),
        ] {
            assert_eq!(text.parse::<ProviderUrl>(), Err(expected), "{text}");
        }
        assert!("http://AC01:secret@127.0.0.1:4010".parse::<ProviderUrl>().is_ok());
        assert!("http://AC01:secret@[::1]:4010".parse::<ProviderUrl>().is_ok());
    }
}
