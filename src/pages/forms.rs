//! Forms: each has a token that is bound to the browser's pre-session cookie, the account and the form's path, so that no page of another
//! site can post it (OWASP Cross-Site Request Forgery Prevention, signed double-submit cookie). `Origin` is not sufficient: with
//! `Referrer-Policy: no-referrer` it is `null`.

use std::collections::HashMap;
use std::time::Duration;

use graphql_server::body;
use poem::{FromRequest, Request, RequestBody};

use super::{ErrorKind, Visit};
use crate::base::db::deadline;
use crate::base::error::Error;

pub(crate) const MAX_BODY_LEN: usize = 16 << 10;
pub(crate) const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// A posted form whose token was checked. Every path that accepts one answers `GET` with the form's page or a redirect to it.
pub(crate) struct Form(HashMap<String, String>);

impl Form {
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

impl<'a> FromRequest<'a> for Form {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        let visit = Visit::of(request)?;
        let unreadable = |_| Error::bad_input("form", "The form could not be read.");
        let body = deadline::paused(body::read(body.take()?, MAX_BODY_LEN, BODY_TIMEOUT)).await;
        let fields = url::form_urlencoded::parse(&body.map_err(unreadable)?)
            .into_owned()
            .collect();
        let form = Self(fields);
        if !visit.browser.new && same_site(request) && form.token_matches(&visit) {
            return Ok(form);
        }
        let query = request.uri().query().map(|query| format!("?{query}"));
        let retry_href = format!("{}{}", visit.path(), query.unwrap_or_default());
        Err(visit
            .error(ErrorKind::FormExpired {
                retry_href: &retry_href,
            })
            .into())
    }
}

impl Form {
    fn token_matches(&self, visit: &Visit<'_>) -> bool {
        let key = &visit.sign_in().keys.form;
        key.verify_tag(self.get("form_token"), &visit.form_token_parts(&visit.path()))
    }
}

fn same_site(request: &Request) -> bool {
    request
        .header("sec-fetch-site")
        .is_none_or(|site| site == "same-origin")
}
