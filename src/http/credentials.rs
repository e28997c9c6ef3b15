//! From headers, cookies and `connection_init` payloads to a [`Presented`], by the rules of the API's contract.
//!
//! A token that is malformed is an error and never anonymity. A cookie that does not fulfil every condition does not
//! count, as if it were not there: a foreign page can make a browser send cookies, but not a token.

use poem::Request;
use poem::http::{HeaderMap, header};
use serde_json::{Map, Value};

use crate::actor::Client;
use crate::auth::viewer::Presented;
use crate::error::{Code, Error, Result};
use crate::http::HttpSettings;
use crate::ids::AccountId;
use crate::proxies::Origin;
use crate::secrets::{PlainSecret, SecretKind};

/// How much of a `User-Agent` is kept.
const USER_AGENT_CHARS: usize = 200;

/// Longer than any token of ours.
const TOKEN_BYTES: usize = 4096;

/// Whose sign-in a session cookie holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    Dashboard,
    Portal,
}

impl Audience {
    fn word(self) -> &'static str {
        match self {
            Self::Dashboard => "dashboard",
            Self::Portal => "portal",
        }
    }
}

/// The session cookie of one account and audience. `__Host-` binds it to this host and to https.
pub fn cookie_name(audience: Audience, account_slug: &str, https: bool) -> String {
    format!("{}{account_slug}", cookie_prefix(audience, https))
}

fn cookie_prefix(audience: Audience, https: bool) -> String {
    let host = if https { "__Host-" } else { "" };
    format!("{host}vestibule_{}_", audience.word())
}

/// Who asks, and with what.
pub fn client(request: &Request) -> Client {
    let ip = request
        .remote_addr()
        .as_socket_addr()
        .map(|addr| addr.ip().to_canonical().to_string());
    let user_agent = request
        .headers()
        .get(header::USER_AGENT)
        .and_then(|text| text.to_str().ok());
    Client {
        ip,
        user_agent: user_agent.map(printable).filter(|text| !text.is_empty()),
        undeclared_proxy: request
            .extensions()
            .get::<Origin>()
            .is_some_and(|origin| origin.undeclared_proxy),
    }
}

fn printable(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(USER_AGENT_CHARS)
        .collect()
}

/// The credential of an HTTP request.
pub fn of_request(headers: &HeaderMap, settings: &HttpSettings) -> Result<Presented> {
    let mut tokens = headers.get_all(header::AUTHORIZATION).iter();
    if let Some(value) = tokens.next() {
        let text = value.to_str().ok().filter(|_| tokens.next().is_none());
        return bearer(text.unwrap_or_default());
    }
    let account = headers
        .get("vestibule-account")
        .and_then(|value| value.to_str().ok());
    let counts = preflighted(headers) && same_origin(headers, settings);
    Ok(match account {
        Some(account) if counts => cookie(headers, account, settings),
        _ => Presented::Nothing,
    })
}

/// The credential of a socket: from the payload of `connection_init`, or the cookie of its handshake.
pub fn of_socket(
    handshake: &HeaderMap,
    payload: &Map<String, Value>,
    settings: &HttpSettings,
) -> Result<Presented> {
    if let Some(value) = said(payload, &["authorization"]) {
        return bearer(value.as_str().unwrap_or_default());
    }
    let account = said(payload, &["account", "vestibule-account"]).and_then(Value::as_str);
    Ok(match account {
        Some(account) if same_origin(handshake, settings) => cookie(handshake, account, settings),
        _ => Presented::Nothing,
    })
}

/// Whether a page of another origin would have needed our leave to send this request.
pub fn preflighted(headers: &HeaderMap) -> bool {
    headers.contains_key("x-vestibule-csrf") || headers.contains_key("apollo-require-preflight")
}

fn same_origin(headers: &HeaderMap, settings: &HttpSettings) -> bool {
    let site = headers
        .get("sec-fetch-site")
        .is_none_or(|site| site == "same-origin");
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let (origin, second) = (origins.next(), origins.next());
    let ours = origin.is_some_and(|origin| settings.origins.iter().any(|own| origin == own.as_str()));
    site && ours && second.is_none()
}

fn bearer(text: &str) -> Result<Presented> {
    let malformed = || {
        Error::new(
            Code::Unauthenticated,
            "The authorization must read: Bearer <access token or API key>.",
        )
    };
    let (scheme, token) = text.split_once(' ').ok_or_else(malformed)?;
    let token = token.trim();
    let sound =
        !token.is_empty() && token.len() <= TOKEN_BYTES && token.bytes().all(|byte| byte.is_ascii_graphic());
    if !scheme.eq_ignore_ascii_case("bearer") || !sound {
        return Err(malformed());
    }
    Ok(Presented::Bearer(token.to_owned()))
}

/// A word of the payload, in any letter case, also under `headers`; `null` says nothing.
fn said<'a>(payload: &'a Map<String, Value>, names: &[&str]) -> Option<&'a Value> {
    let find = |map: &'a Map<String, Value>, wanted: &str| {
        let mut pairs = map.iter();
        pairs.find(|(name, value)| name.eq_ignore_ascii_case(wanted) && !value.is_null())
    };
    let headers = find(payload, "headers").and_then(|(_, value)| value.as_object());
    let mut places = [Some(payload), headers].into_iter().flatten();
    places.find_map(|map| {
        names
            .iter()
            .find_map(|name| find(map, name))
            .map(|(_, value)| value)
    })
}

fn cookie(headers: &HeaderMap, account: &str, settings: &HttpSettings) -> Presented {
    let account = account.trim();
    let prefix = cookie_prefix(Audience::Dashboard, settings.https);
    let id = account.parse::<AccountId>().ok();
    let found = cookies(headers).find(|(name, value)| match (name.strip_prefix(prefix.as_str()), id) {
        // The cookie is named after the slug, which an id doesn't say: its secret names the account.
        (Some(_), Some(id)) => {
            PlainSecret::parse(SecretKind::Cookie, value).is_some_and(|secret| secret.account == id)
        }
        (Some(slug), None) => slug == account,
        (None, _) => false,
    });
    match found {
        Some((_, secret)) if !secret.is_empty() => Presented::DashboardCookie {
            account: account.to_owned(),
            secret: secret.to_owned(),
        },
        _ => Presented::Nothing,
    }
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().expect("a value"));
        }
        headers
    }

    fn presented(pairs: &[(&'static str, &str)]) -> String {
        let settings = HttpSettings::new("https://portal.example", "/nowhere");
        let ours = [("x-vestibule-csrf", "1"), ("origin", "https://portal.example")];
        match of_request(&headers(&[&ours, pairs].concat()), &settings) {
            Ok(Presented::Nothing) => "nothing".to_owned(),
            Ok(Presented::Bearer(token)) => format!("bearer {token}"),
            Ok(Presented::DashboardCookie { account, secret }) => format!("cookie {account} {secret}"),
            Err(error) => error.code.as_str().to_owned(),
        }
    }

    #[test]
    fn a_cookie_is_named_after_its_audience_account_and_scheme() {
        let name = cookie_name(Audience::Dashboard, "acme", true);
        assert_eq!(name, "__Host-vestibule_dashboard_acme");
        assert_eq!(
            cookie_name(Audience::Portal, "acme", false),
            "vestibule_portal_acme"
        );
        let cookie = format!("{name}=a; vestibule_dashboard_acme=b");
        let told = presented(&[("vestibule-account", "acme"), ("cookie", &cookie)]);
        assert_eq!(told, "cookie acme a");
        assert_eq!(
            presented(&[("vestibule-account", "other"), ("cookie", &cookie)]),
            "nothing"
        );
        assert_eq!(
            presented(&[("vestibule-account", ""), ("cookie", &cookie)]),
            "nothing"
        );
    }

    #[test]
    fn an_account_named_by_its_id_is_found_by_the_secret() {
        let moment = Clock::System.moment();
        let (ours, other) = (AccountId::new(&moment), AccountId::new(&moment));
        let secret = |account| PlainSecret::generate(SecretKind::Cookie, account, &moment).reveal();
        let (first, second) = (secret(other), secret(ours));
        let cookie = format!("__Host-vestibule_dashboard_b={first}; __Host-vestibule_dashboard_a={second}");
        let told = presented(&[("vestibule-account", &ours.to_string()), ("cookie", &cookie)]);
        assert_eq!(told, format!("cookie {ours} {second}"));
    }

    #[test]
    fn two_credentials_are_none() {
        let one = ("authorization", "Bearer a");
        assert_eq!(presented(&[one]), "bearer a");
        assert_eq!(
            presented(&[one, ("authorization", "Bearer b")]),
            "UNAUTHENTICATED"
        );
        assert_eq!(
            presented(&[("origin", "https://evil.example"), ("vestibule-account", "a")]),
            "nothing"
        );
    }

    #[test]
    fn a_user_agent_is_kept_short_and_printable() {
        assert_eq!(printable("a\tb\u{7f}c"), "abc");
        assert_eq!(printable(&"x".repeat(500)).len(), 200);
    }
}
