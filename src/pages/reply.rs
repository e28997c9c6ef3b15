//! What a page answers with: status, body, headers that every page has, cookies.

use askama::Template;
use graphql_server::metrics::CONTENT_TYPE;
use poem::Response;
use poem::http::{HeaderValue, StatusCode, header};

use super::forms::Visitor;
use crate::base::error::{Error, Result};
use crate::pages::views::{ErrorKind, ErrorView, Layout};

/// How long a browser is known by its pre-session cookie: as long as browsers keep any (RFC 6265bis, section 5.5). A shorter
/// life would make its sign-ins look like a new device's.
const BROWSER_SECONDS: i64 = 400 * 86_400;

#[derive(Debug)]
pub struct Reply {
    status: u16,
    body: String,
    content_type: &'static str,
    csp: Option<String>,
    location: Option<String>,
    retry_after: Option<u64>,
    cookies: Vec<String>,
}

impl Reply {
    fn new(status: u16, body: impl Into<String>, content_type: &'static str) -> Self {
        Self {
            status,
            body: body.into(),
            content_type,
            csp: None,
            location: None,
            retry_after: None,
            cookies: Vec::new(),
        }
    }

    pub fn page(status: u16, body: impl Into<String>, csp: &str) -> Self {
        Self {
            csp: Some(csp.to_owned()),
            ..Self::new(status, body, "text/html; charset=utf-8")
        }
    }

    pub fn view(status: u16, view: &impl Template, layout: &Layout<'_>) -> Result<Self> {
        let body = view.render().map_err(Error::internal)?;
        Ok(Self::page(status, body, &layout.content_security_policy()))
    }

    pub fn error(layout: &Layout<'_>, kind: ErrorKind<'_>) -> Self {
        Self::failure(layout, kind, false)
    }

    /// The same, of a form that was posted or not: where a repetition may help, the page leads back to it.
    pub fn failure(layout: &Layout<'_>, kind: ErrorKind<'_>, posted: bool) -> Self {
        let view = ErrorView {
            layout: *layout,
            kind,
            posted,
        };
        let body = view
            .render()
            .unwrap_or_else(|_| "Something went wrong.".to_owned());
        Self {
            retry_after: kind.retry_after(),
            ..Self::page(kind.status(), body, &layout.content_security_policy())
        }
    }

    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self::new(status, body, "text/plain; charset=utf-8")
    }

    pub fn metrics(body: String) -> Self {
        Self::new(200, body, CONTENT_TYPE)
    }

    pub fn json(value: &serde_json::Value) -> Self {
        Self::new(200, value.to_string(), "application/json")
    }

    /// `303 See Other`: the browser asks for the next page with `GET`.
    pub fn see_other(location: impl Into<String>) -> Self {
        Self {
            location: Some(location.into()),
            ..Self::text(303, "")
        }
    }

    /// Sets a cookie that no script can read; an empty value takes it away.
    #[must_use]
    pub fn cookie(mut self, name: &str, value: &str, seconds: i64, https: bool) -> Self {
        let secure = if https { "; Secure" } else { "" };
        self.cookies.push(format!(
            "{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}"
        ));
        self
    }

    /// The response without what belongs to a visitor.
    pub fn bare(self) -> Response {
        let mut response = Response::builder()
            .status(StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
            .header(header::CONTENT_TYPE, self.content_type)
            .header(header::CACHE_CONTROL, "no-store")
            .header(header::REFERRER_POLICY, "no-referrer")
            .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
            .header(header::X_FRAME_OPTIONS, "DENY")
            .header("X-Robots-Tag", "noindex, nofollow");
        if let Some(csp) = self.csp.filter(|csp| !csp.is_empty()) {
            response = response.header(header::CONTENT_SECURITY_POLICY, csp);
        }
        if let Some(location) = self.location {
            response = response.header(header::LOCATION, location);
        }
        if let Some(seconds) = self.retry_after {
            response = response.header(header::RETRY_AFTER, seconds);
        }
        let mut response = response.body(self.body);
        for cookie in self.cookies {
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
        }
        response
    }

    /// A browser without a pre-session cookie gets one with this reply too, though it is no page.
    #[must_use]
    pub fn with_browser(mut self) -> Self {
        self.csp.get_or_insert_with(String::new);
        self
    }

    /// The response to this visitor: a browser that has no pre-session cookie yet gets one with a page that holds a form.
    pub fn respond(mut self, visitor: &Visitor, https: bool, head: bool) -> Response {
        if visitor.new && self.csp.is_some() {
            self = self.cookie(
                Visitor::cookie_name(https),
                &visitor.browser,
                BROWSER_SECONDS,
                https,
            );
        }
        if head {
            self.body.clear();
        }
        self.bare()
    }
}
