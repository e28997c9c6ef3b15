//! Helpers for an [`Engine`](crate::Engine) that reads credentials from headers, cookies and `connection_init` payloads.

use poem::http::{HeaderMap, header};
use serde_json::{Map, Value};

/// The maximum length of a token.
const MAX_TOKEN_BYTES: usize = 4096;

/// The authorization is not a single, well-formed bearer token. This is an error, never the same as no authorization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedBearer;

/// The token of the `Authorization` header, if there is one.
pub fn bearer(headers: &HeaderMap) -> Result<Option<String>, MalformedBearer> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let text = value.to_str().ok().filter(|_| values.next().is_none());
    parse_bearer(text.unwrap_or_default()).map(Some)
}

/// The token of `Bearer <token>`.
pub fn parse_bearer(text: &str) -> Result<String, MalformedBearer> {
    let (scheme, token) = text.split_once(' ').ok_or(MalformedBearer)?;
    let token = token.trim();
    let valid = !token.is_empty()
        && token.len() <= MAX_TOKEN_BYTES
        && token.bytes().all(|byte| byte.is_ascii_graphic());
    if !scheme.eq_ignore_ascii_case("bearer") || !valid {
        return Err(MalformedBearer);
    }
    Ok(token.to_owned())
}

/// An entry of a `connection_init` payload, or of its `headers` object, in any letter case. `null` counts as absent.
pub fn payload_entry<'a>(payload: &'a Map<String, Value>, names: &[&str]) -> Option<&'a Value> {
    let find = |map: &'a Map<String, Value>, entry_name: &str| {
        let mut pairs = map.iter();
        pairs.find(|(name, value)| name.eq_ignore_ascii_case(entry_name) && !value.is_null())
    };
    let headers = find(payload, "headers").and_then(|(_, value)| value.as_object());
    let mut maps = [Some(payload), headers].into_iter().flatten();
    maps.find_map(|map| {
        names
            .iter()
            .find_map(|name| find(map, name))
            .map(|(_, value)| value)
    })
}

/// Whether the request has one of these headers, which a page of another origin can't send without a preflight request.
pub fn has_preflight_header(headers: &HeaderMap, names: &[&str]) -> bool {
    names.iter().any(|name| headers.contains_key(*name))
}

/// Whether a browser sent the request from a page of one of these origins.
pub fn same_origin(headers: &HeaderMap, origins: &[String]) -> bool {
    let same_site = headers
        .get("sec-fetch-site")
        .is_none_or(|same_site| same_site == "same-origin");
    let mut values = headers.get_all(header::ORIGIN).iter();
    let (origin, second) = (values.next(), values.next());
    let allowed = origin.is_some_and(|origin| {
        origins
            .iter()
            .any(|allowed_origin| origin == allowed_origin.as_str())
    });
    same_site && allowed && second.is_none()
}

/// The cookies of a request, as names and values.
pub fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn two_authorizations_are_malformed() {
        let mut headers = HeaderMap::new();
        assert_eq!(bearer(&headers), Ok(None));
        headers.append(header::AUTHORIZATION, "bEARER a".parse().expect("a value"));
        assert_eq!(bearer(&headers), Ok(Some("a".to_owned())));
        headers.append(header::AUTHORIZATION, "Bearer b".parse().expect("a value"));
        assert_eq!(bearer(&headers), Err(MalformedBearer));
    }

    #[test]
    fn a_bearer_token_is_one_short_printable_word() {
        let long = format!("Bearer {}", "x".repeat(MAX_TOKEN_BYTES + 1));
        for text in [
            "",
            "Bearer",
            "Bearer ",
            "Basic a",
            "a",
            "Bearer a b",
            "Bearer é",
            &long,
        ] {
            assert_eq!(parse_bearer(text), Err(MalformedBearer), "{text:.20}");
        }
    }

    #[test]
    fn a_payload_entry_is_found_in_any_case_and_below_headers() {
        for payload in [
            json!({ "Token": "a" }),
            json!({ "headers": { "TOKEN": "a" } }),
            json!({ "token": null, "headers": { "token": "a" } }),
        ] {
            let payload = payload.as_object().expect("an object").clone();
            assert_eq!(payload_entry(&payload, &["token"]), Some(&json!("a")));
        }
    }
}
