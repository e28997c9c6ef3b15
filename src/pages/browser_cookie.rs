//! The pre-session cookie.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use graphql_server::credentials::cookies;
use poem::http::HeaderMap;

use crate::base::clock::Clock;

/// The pre-session cookie, which identifies the browser.
#[derive(Clone, Debug)]
pub(crate) struct BrowserCookie {
    pub value: String,
    /// The browser has no cookie yet and gets this one.
    pub new: bool,
}

impl BrowserCookie {
    pub(crate) fn cookie_name(https: bool) -> &'static str {
        if https {
            "__Host-vestibule_browser"
        } else {
            "vestibule_browser"
        }
    }

    pub(crate) fn of(headers: &HeaderMap, https: bool) -> Self {
        let well_formed = |value: &&str| {
            value.len() == 43
                && value
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        };
        match find_cookie(headers, Self::cookie_name(https)).filter(well_formed) {
            Some(value) => Self {
                value: value.to_owned(),
                new: false,
            },
            None => {
                let bytes = Clock::System.moment().random::<32>();
                Self {
                    value: URL_SAFE_NO_PAD.encode(bytes),
                    new: true,
                }
            }
        }
    }
}

pub(super) fn find_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    cookies(headers)
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}
