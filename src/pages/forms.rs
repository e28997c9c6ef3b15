//! Forms: each carries a token bound to the browser's pre-session cookie and to its address, so that no foreign page can
//! post one (OWASP Cross-Site Request Forgery Prevention, signed double-submit cookie). `Origin` alone decides nothing:
//! with `Referrer-Policy: no-referrer` it is `null`.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use graphql_server::body;
use poem::Request;
use poem::http::header;

use super::{Reply, Visit};
use crate::base::clock::Clock;
use crate::base::db::deadline;
use crate::base::error::{Error, Result};
use crate::base::secrets::{PlainSecret, SecretKind, ServerKey};
use crate::pages::credentials::{Audience, cookie_name};
use crate::pages::views::ErrorKind;

const MAX_BODY: usize = 16 << 10;
const BODY_WAIT: std::time::Duration = std::time::Duration::from_secs(30);

/// The browser that visits, known by its pre-session cookie.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub browser: String,
    /// It has no cookie yet: this one is to be set.
    pub new: bool,
}

impl Visitor {
    pub fn cookie_name(https: bool) -> &'static str {
        if https {
            "__Host-vestibule_browser"
        } else {
            "vestibule_browser"
        }
    }

    pub fn of(request: &Request, https: bool) -> Self {
        let sound = |value: &&str| {
            value.len() == 43
                && value
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        };
        match cookie(request, Self::cookie_name(https)).filter(sound) {
            Some(browser) => Self {
                browser: browser.to_owned(),
                new: false,
            },
            None => {
                let bytes = Clock::System.moment().random::<32>();
                Self {
                    browser: URL_SAFE_NO_PAD.encode(bytes),
                    new: true,
                }
            }
        }
    }

    /// The token of the form that posts to this address.
    pub fn form_token(&self, key: &ServerKey, action: &str) -> String {
        key.tag(&[self.browser.as_bytes(), action.as_bytes()])
    }
}

pub fn cookie<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request
        .headers()
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// The session cookie that the browser brings for this account, if it reads like one.
pub fn session_secret(request: &Request, audience: Audience, slug: &str, https: bool) -> Option<PlainSecret> {
    PlainSecret::parse(
        SecretKind::Cookie,
        cookie(request, &cookie_name(audience, slug, https))?,
    )
}

/// A form that may be believed.
pub struct Form(HashMap<String, String>);

impl Form {
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

impl Visit {
    /// Reads a posted form and checks its token; what can't be believed changes nothing.
    pub async fn form(
        &mut self,
        key: &ServerKey,
        action: &str,
        retry_href: &str,
    ) -> Result<Result<Form, Reply>> {
        let body = deadline::outside(body::read(self.request.take_body(), MAX_BODY, BODY_WAIT)).await;
        let body = body.map_err(|_| Error::bad_input("form", "The form could not be read."))?;
        let fields: HashMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
        let site = self.request.header("sec-fetch-site");
        let own_site = site.is_none_or(|site| site == "same-origin");
        let token = fields.get("form_token").map_or("", String::as_str);
        let ours = key.verify_tag(token, &[self.visitor.browser.as_bytes(), action.as_bytes()]);
        if own_site && ours && !self.visitor.new {
            Ok(Ok(Form(fields)))
        } else {
            Ok(Err(self.error(ErrorKind::FormExpired { retry_href })))
        }
    }
}
