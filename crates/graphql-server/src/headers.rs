//! Security headers of every response. Headers that a response sets itself are kept.

use poem::http::header::{self, HeaderName};
use poem::http::{HeaderMap, HeaderValue};

/// For responses that are not pages: no scripts, no framing.
const DEFAULT_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

const DEFAULT_HEADERS: [(HeaderName, &str); 7] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CONTENT_SECURITY_POLICY, DEFAULT_POLICY),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "browsing-topics=(), camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// Without `includeSubDomains`: subdomains may belong to others.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

pub(super) fn add(headers: &mut HeaderMap, https: bool) {
    for (name, value) in DEFAULT_HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_keeps_its_own_policy() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("own"));
        add(&mut headers, false);
        assert_eq!(headers[header::CONTENT_SECURITY_POLICY], "own");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    }

    #[test]
    fn hsts_is_sent_only_with_https() {
        for https in [false, true] {
            let mut headers = HeaderMap::new();
            add(&mut headers, https);
            assert_eq!(headers.contains_key(header::STRICT_TRANSPORT_SECURITY), https);
        }
    }
}
