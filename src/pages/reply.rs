//! The response of a page: status, body, cookies, and the headers of every page.

use askama::Template;
use graphql_server::metrics::CONTENT_TYPE;
use poem::http::{HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};

use super::csp;
use super::csp::Sources;
use super::error_page::{ErrorKind, ErrorView};
use super::layout::Layout;
use crate::base::error::{Error, Result};

/// Marks a response that may contain a form: a browser without a pre-session cookie gets one with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SetBrowserCookie;

/// A cookie that no script can read; an empty value removes it.
pub(crate) fn set_cookie(name: &str, value: &str, seconds: i64, https: bool) -> String {
    let secure = if https { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

#[derive(Debug)]
pub(crate) struct Reply {
    status: u16,
    body: Vec<u8>,
    content_type: &'static str,
    cache_control: &'static str,
    csp: Option<String>,
    browser_cookie: bool,
    location: Option<String>,
    retry_after: Option<u64>,
    cookies: Vec<String>,
}

impl Reply {
    fn new(status: u16, body: impl Into<Vec<u8>>, content_type: &'static str) -> Self {
        Self {
            status,
            body: body.into(),
            content_type,
            cache_control: "no-store",
            csp: None,
            browser_cookie: false,
            location: None,
            retry_after: None,
            cookies: Vec::new(),
        }
    }

    pub(crate) fn page(status: u16, body: impl Into<Vec<u8>>, csp: &str) -> Self {
        Self {
            csp: Some(csp.to_owned()),
            browser_cookie: true,
            ..Self::new(status, body, "text/html; charset=utf-8")
        }
    }

    pub(crate) fn view(status: u16, view: &impl Template, layout: &Layout<'_>) -> Result<Self> {
        let body = view.render().map_err(Error::internal)?;
        Ok(Self::page(status, body, &layout.content_security_policy()))
    }

    /// A page that loads something from other hosts.
    pub(crate) fn view_with(
        status: u16,
        view: &impl Template,
        layout: &Layout<'_>,
        sources: &Sources,
    ) -> Result<Self> {
        let body = view.render().map_err(Error::internal)?;
        Ok(Self::page(status, body, &csp::page(layout.colors, sources)))
    }

    /// An error page. If it answers a posted form (`posted`) and a retry may help, it leads back to the form.
    pub(crate) fn failure(layout: &Layout<'_>, kind: ErrorKind<'_>, posted: bool) -> Self {
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

    pub(crate) fn text(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::new(status, body, "text/plain; charset=utf-8")
    }

    /// A PNG. `forever`: nothing else will ever be at its path.
    pub(crate) fn picture(png: Vec<u8>, forever: bool) -> Self {
        Self {
            cache_control: if forever {
                "public, max-age=31536000, immutable"
            } else {
                "no-cache"
            },
            ..Self::new(200, png, "image/png")
        }
    }

    pub(crate) fn csv() -> Self {
        Self::new(200, "", "text/csv; charset=utf-8")
    }

    pub(crate) fn metrics(body: String) -> Self {
        Self::new(200, body, CONTENT_TYPE)
    }

    pub(crate) fn xml(body: String) -> Self {
        Self::new(200, body, "text/xml; charset=utf-8")
    }

    pub(crate) fn json(value: &serde_json::Value) -> Self {
        Self::new(200, value.to_string(), "application/json")
    }

    /// `303 See Other`: the browser requests the next page with `GET`.
    pub(crate) fn see_other(location: impl Into<String>) -> Self {
        Self {
            location: Some(location.into()),
            ..Self::text(303, "")
        }
    }

    /// `308 Permanent Redirect`: a form is posted again to the new address.
    pub(crate) fn moved(location: impl Into<String>) -> Self {
        Self {
            location: Some(location.into()),
            ..Self::text(308, "")
        }
    }

    /// `302 Found`: the link that was opened stays the one to keep.
    pub(crate) fn found(location: impl Into<String>) -> Self {
        Self {
            location: Some(location.into()),
            ..Self::text(302, "")
        }
    }

    /// Sets a cookie that no script can read; an empty value removes it.
    #[must_use]
    pub(crate) fn cookie(mut self, name: &str, value: &str, seconds: i64, https: bool) -> Self {
        self.cookies.push(set_cookie(name, value, seconds, https));
        self
    }

    /// Sets the pre-session cookie with this reply too, though it is no page.
    #[must_use]
    pub(crate) fn with_browser_cookie(mut self) -> Self {
        self.browser_cookie = true;
        self
    }
}

impl From<Reply> for poem::Error {
    /// For extractors that answer in place of the handler.
    fn from(reply: Reply) -> Self {
        let browser_cookie = reply.browser_cookie;
        let mut error = Self::from_response(reply.into_response());
        // poem replaces the data of the response by the data of the error.
        if browser_cookie {
            error.set_data(SetBrowserCookie);
        }
        error
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = Response::builder()
            .status(StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
            .header(header::CONTENT_TYPE, self.content_type)
            .header(header::CACHE_CONTROL, self.cache_control)
            .header(header::REFERRER_POLICY, "no-referrer")
            .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
            .header(header::X_FRAME_OPTIONS, "DENY")
            .header("X-Robots-Tag", "noindex, nofollow");
        if let Some(csp) = self.csp {
            response = response.header(header::CONTENT_SECURITY_POLICY, csp);
        }
        if let Some(location) = self.location {
            response = response.header(header::LOCATION, location);
        }
        if let Some(seconds) = self.retry_after {
            response = response.header(header::RETRY_AFTER, seconds);
        }
        let mut response = response.body(self.body);
        if self.browser_cookie {
            response.set_data(SetBrowserCookie);
        }
        for cookie in self.cookies {
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
        }
        response
    }
}
