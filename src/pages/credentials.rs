//! Extracts the [`Credential`] of headers, cookies and `connection_init` payloads.
//!
//! A malformed token is an error, never an anonymous request. A cookie that does not meet every condition is ignored: a page of
//! another origin can make a browser send cookies, but not a token.

use graphql_server::credentials::{
    MalformedBearer, bearer, cookies, has_preflight_header, parse_bearer, payload_entry, same_origin,
};
use poem::http::HeaderMap;
use serde_json::{Map, Value};

use crate::base::actor::Audience;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::AccountId;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::sign_in::auth_context::Credential;

/// The headers that a page of another origin may not send without a preflight request.
pub(crate) const PREFLIGHT_HEADERS: &[&str] = &["Apollo-Require-Preflight", "X-Vestibule-CSRF"];

/// The session cookie of one account and audience. `__Host-` binds it to this host and to https.
pub(crate) fn cookie_name(audience: Audience, account_slug: &str, https: bool) -> String {
    format!("{}{account_slug}", cookie_prefix(audience, https))
}

fn cookie_prefix(audience: Audience, https: bool) -> String {
    let host = if https { "__Host-" } else { "" };
    format!("{host}vestibule_{}_", audience.as_str().to_ascii_lowercase())
}

/// The conditions for a cookie.
#[derive(Clone, Debug)]
pub(crate) struct CredentialRules {
    /// The server's own origins, as browsers write them: `https://portal.example`.
    origins: Vec<String>,
    /// Whether the public URL is https: cookies are `__Host-` and `Secure` then.
    https: bool,
}

impl CredentialRules {
    /// The rules of a server with this public origin.
    pub(crate) fn new(origin: impl Into<String>) -> Self {
        let origin = origin.into();
        Self {
            https: origin.starts_with("https://"),
            origins: vec![origin],
        }
    }

    /// The credential of an HTTP request.
    pub(crate) fn of_request(&self, headers: &HeaderMap) -> Result<Credential> {
        if let Some(token) = bearer(headers).map_err(malformed)? {
            return Ok(Credential::Bearer(token));
        }
        let account = headers
            .get("vestibule-account")
            .and_then(|value| value.to_str().ok());
        let cookie_counts =
            has_preflight_header(headers, PREFLIGHT_HEADERS) && same_origin(headers, &self.origins);
        Ok(match account {
            Some(account) if cookie_counts => self.cookie(headers, account),
            _ => Credential::None,
        })
    }

    /// The credential of a socket: from the payload of `connection_init`, or the cookie of its handshake.
    pub(crate) fn of_socket(
        &self,
        handshake: &HeaderMap,
        payload: &Map<String, Value>,
    ) -> Result<Credential> {
        if let Some(value) = payload_entry(payload, &["authorization"]) {
            let token = parse_bearer(value.as_str().unwrap_or_default());
            return token.map(Credential::Bearer).map_err(malformed);
        }
        let account = payload_entry(payload, &["account", "vestibule-account"]).and_then(Value::as_str);
        Ok(match account {
            Some(account) if same_origin(handshake, &self.origins) => self.cookie(handshake, account),
            _ => Credential::None,
        })
    }

    fn cookie(&self, headers: &HeaderMap, account: &str) -> Credential {
        let account = account.trim();
        let prefix = cookie_prefix(Audience::Dashboard, self.https);
        let id = account.parse::<AccountId>().ok();
        let found = cookies(headers).find(|(name, value)| match (name.strip_prefix(prefix.as_str()), id) {
            // The cookie's name contains the slug, not the id, but its secret contains the id.
            (Some(_), Some(id)) => {
                PlainSecret::parse(SecretKind::Cookie, value).is_some_and(|secret| secret.account == id)
            }
            (Some(slug), None) => slug == account,
            (None, _) => false,
        });
        match found {
            Some((_, secret)) if !secret.is_empty() => Credential::DashboardCookie {
                account: account.to_owned(),
                secret: secret.to_owned(),
            },
            _ => Credential::None,
        }
    }
}

fn malformed(_: MalformedBearer) -> Error {
    Error::new(
        Code::Unauthenticated,
        "The authorization must read: Bearer <access token or API key>.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Clock;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().expect("a value"));
        }
        headers
    }

    fn shown(credential: Result<Credential>) -> String {
        match credential {
            Ok(Credential::None) => "none".to_owned(),
            Ok(Credential::Bearer(token)) => format!("bearer {token}"),
            Ok(Credential::DashboardCookie { account, secret }) => format!("cookie {account} {secret}"),
            Err(error) => error.code.as_str().to_owned(),
        }
    }

    fn credential(pairs: &[(&'static str, &str)]) -> String {
        let rules = CredentialRules::new("https://portal.example");
        let ours = [("x-vestibule-csrf", "1"), ("origin", "https://portal.example")];
        shown(rules.of_request(&headers(&[&ours, pairs].concat())))
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
        let found = credential(&[("vestibule-account", "acme"), ("cookie", &cookie)]);
        assert_eq!(found, "cookie acme a");
        assert_eq!(
            credential(&[("vestibule-account", "other"), ("cookie", &cookie)]),
            "none"
        );
        assert_eq!(
            credential(&[("vestibule-account", ""), ("cookie", &cookie)]),
            "none"
        );
    }

    #[test]
    fn an_account_named_by_its_id_is_found_by_the_secret() {
        let moment = Clock::System.moment();
        let (ours, other) = (AccountId::new(&moment), AccountId::new(&moment));
        let secret = |account| PlainSecret::generate(SecretKind::Cookie, account, &moment).reveal();
        let (first, second) = (secret(other), secret(ours));
        let cookie = format!("__Host-vestibule_dashboard_b={first}; __Host-vestibule_dashboard_a={second}");
        let found = credential(&[("vestibule-account", &ours.to_string()), ("cookie", &cookie)]);
        assert_eq!(found, format!("cookie {ours} {second}"));
    }

    #[test]
    fn two_tokens_are_refused_and_a_foreign_origin_is_anonymous() {
        let one = ("authorization", "Bearer a");
        assert_eq!(credential(&[one]), "bearer a");
        assert_eq!(
            credential(&[one, ("authorization", "Bearer b")]),
            "UNAUTHENTICATED"
        );
        assert_eq!(
            credential(&[("origin", "https://evil.example"), ("vestibule-account", "a")]),
            "none"
        );
    }

    #[test]
    fn a_cookie_counts_only_if_every_condition_is_met() {
        let conditions = [
            ("cookie", "other=1; vestibule_dashboard_acme=sesame"),
            ("vestibule-account", "acme"),
            ("x-vestibule-csrf", "1"),
            ("origin", "http://portal.example"),
        ];
        let rules = CredentialRules::new("http://portal.example");
        let with = |omitted: &str, more: &[(&'static str, &str)]| {
            let kept = conditions.iter().filter(|(name, _)| *name != omitted).copied();
            let pairs: Vec<_> = kept.chain(more.iter().copied()).collect();
            shown(rules.of_request(&headers(&pairs)))
        };
        let ours = "cookie acme sesame";
        assert_eq!(with("", &[]), ours);
        assert_eq!(with("", &[("sec-fetch-site", "same-origin")]), ours);
        assert_eq!(
            with("x-vestibule-csrf", &[("apollo-require-preflight", "1")]),
            ours
        );
        for omitted in conditions.map(|(name, _)| name) {
            assert_eq!(with(omitted, &[]), "none", "{omitted}");
        }
        assert_eq!(with("origin", &[("origin", "https://evil.example")]), "none");
        let friend = [("origin", "https://app.example")];
        assert_eq!(with("origin", &friend), "none", "whether CORS allows it or not");
        assert_eq!(with("", &[("sec-fetch-site", "cross-site")]), "none");
        assert_eq!(with("", &[("authorization", "Bearer stale")]), "bearer stale");
        assert_eq!(with("", &[("authorization", "stale")]), "UNAUTHENTICATED");
    }

    #[test]
    fn the_cookie_of_a_handshake_counts_for_our_own_origin_only() {
        let rules = CredentialRules::new("http://portal.example");
        for (origin, expected) in [
            ("http://portal.example", "cookie acme sesame"),
            ("https://evil.example", "none"),
        ] {
            let handshake = headers(&[("cookie", "vestibule_dashboard_acme=sesame"), ("origin", origin)]);
            for payload in [
                serde_json::json!({ "account": "acme" }),
                serde_json::json!({ "headers": { "Vestibule-Account": "acme" } }),
            ] {
                let payload = payload.as_object().expect("an object");
                assert_eq!(shown(rules.of_socket(&handshake, payload)), expected, "{origin}");
            }
        }
    }
}
