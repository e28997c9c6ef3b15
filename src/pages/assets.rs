//! The static files in `web/`, embedded. Mount it with `Route::new().nest(assets::MOUNT, Assets)`.
//!
//! [`url`] prefixes a file's path with the digest of all files, so that browsers may cache it forever, and so that relative imports
//! and `url()`s inside the files stay within the same release. Without the digest, browsers revalidate a file each time.
//!
//! To add a file: put it into `web/` and add a line to `FILES`. `web/dist/` is built from `web/dashboard/` by `scripts/web`.

use std::fmt::Write as _;
use std::sync::{LazyLock, OnceLock};

use graphql_server::compress::{CompressionLevel, ContentCoding};
use poem::http::{Method, StatusCode, header};
use poem::{Endpoint, IntoResponse, Request, Response};
use sha2::{Digest, Sha256};

pub(crate) const MOUNT: &str = "/assets";

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";
const TEXT: &str = "text/plain; charset=utf-8";
const DIGEST_DIGITS: usize = 16;

macro_rules! files {
    ($($path:literal $kind:expr),+ $(,)?) => {
        [$(($path, $kind, include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/web/", $path)).as_slice())),+]
    };
}

const FILES: &[(&str, &str, &[u8])] = &files![
    "app.css" CSS,
    "dist/actions/dialogs.js" JS,
    "dist/components/zag.js" JS,
    "dist/dashboard.css" CSS,
    "dist/i18n/de.js" JS,
    "dist/i18n/de_pages.js" JS,
    "dist/i18n/en.js" JS,
    "dist/i18n/en_pages.js" JS,
    "dist/i18n/es.js" JS,
    "dist/i18n/es_pages.js" JS,
    "dist/i18n/fr.js" JS,
    "dist/i18n/fr_pages.js" JS,
    "dist/main.js" JS,
    "dist/pages/affiliate.js" JS,
    "dist/pages/affiliates.js" JS,
    "dist/pages/api_keys.js" JS,
    "dist/pages/audit.js" JS,
    "dist/pages/communities.js" JS,
    "dist/pages/community.js" JS,
    "dist/pages/components.js" JS,
    "dist/pages/compose.js" JS,
    "dist/pages/contact.js" JS,
    "dist/pages/contacts.js" JS,
    "dist/pages/course.js" JS,
    "dist/pages/courses.js" JS,
    "dist/pages/developers.js" JS,
    "dist/pages/framed_item.js" JS,
    "dist/pages/import.js" JS,
    "dist/pages/invitations.js" JS,
    "dist/pages/job.js" JS,
    "dist/pages/jobs.js" JS,
    "dist/pages/links.js" JS,
    "dist/pages/menu.js" JS,
    "dist/pages/message.js" JS,
    "dist/pages/messages.js" JS,
    "dist/pages/offer.js" JS,
    "dist/pages/offers.js" JS,
    "dist/pages/overview.js" JS,
    "dist/pages/settings.js" JS,
    "dist/pages/smart_list.js" JS,
    "dist/pages/smart_lists.js" JS,
    "dist/pages/system_email.js" JS,
    "dist/pages/system_emails.js" JS,
    "dist/pages/team.js" JS,
    "dist/pages/template.js" JS,
    "dist/pages/templates.js" JS,
    "dist/pages/workflow.js" JS,
    "dist/pages/workflows.js" JS,
    "graphiql.css" CSS,
    "graphiql.js" JS,
    "graphiql/examples.js" JS,
    "icon.svg" SVG,
    "portal.css" CSS,
    "portal.js" JS,
    "vendor/graphiql.min.css" CSS,
    "vendor/graphiql.min.js" JS,
    "vendor/graphql-ws.min.js" JS,
    "vendor/react-dom.production.min.js" JS,
    "vendor/react.production.min.js" JS,
    "wait.js" JS,
];

struct File {
    path: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
    etag: String,
    /// By [`ContentCoding`], compressed on the first request.
    compressed: [OnceLock<Vec<u8>>; 2],
}

/// A file in the encoding that a client accepts.
struct EncodedFile {
    bytes: &'static [u8],
    coding: Option<ContentCoding>,
    etag: String,
}

impl File {
    async fn encoded(&'static self, coding: Option<ContentCoding>) -> EncodedFile {
        let plain = EncodedFile {
            bytes: self.bytes,
            coding: None,
            etag: format!("\"{}\"", self.etag),
        };
        let Some(coding) = coding else {
            return plain;
        };
        let compression = tokio::task::spawn_blocking(move || {
            self.compressed[coding as usize].get_or_init(|| {
                coding
                    .compress(self.bytes, CompressionLevel::Best)
                    .unwrap_or_default()
            })
        });
        match compression.await {
            Ok(bytes) if !bytes.is_empty() && bytes.len() < self.bytes.len() => EncodedFile {
                bytes,
                coding: Some(coding),
                etag: format!("\"{}-{}\"", self.etag, coding.name()),
            },
            _ => plain,
        }
    }
}

struct Files {
    all: Vec<File>,
    release: String,
}

static EMBEDDED: LazyLock<Files> = LazyLock::new(|| {
    let mut release = Sha256::new();
    let all = FILES
        .iter()
        .map(|&(path, content_type, bytes)| {
            let digest = Sha256::digest(bytes);
            release.update(path);
            release.update(digest);
            File {
                path,
                content_type,
                bytes,
                etag: hex(&digest),
                compressed: Default::default(),
            }
        })
        .collect();
    Files {
        all,
        release: hex(&release.finalize()),
    }
});

/// The address of an embedded file, which browsers cache forever.
#[must_use]
pub(crate) fn url(path: &str) -> String {
    debug_assert!(find(path).is_some(), "{path} is not embedded");
    format!("{MOUNT}/{}/{path}", EMBEDDED.release)
}

/// The playground's page, for `/graphiql`; sent with [`GRAPHIQL_CSP`](super::csp::GRAPHIQL_CSP).
#[must_use]
pub(crate) fn graphiql_page() -> &'static str {
    static PAGE: LazyLock<String> = LazyLock::new(|| {
        let page = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/web/graphiql.html"));
        page.replace("{assets}", &format!("{MOUNT}/{}", EMBEDDED.release))
    });
    &PAGE
}

/// Answers `GET` and `HEAD` for the embedded files.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Assets;

impl Endpoint for Assets {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        Ok(respond(&request).await)
    }
}

async fn respond(request: &Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    let (release, path) = match path.split_once('/') {
        Some((first, rest)) if looks_like_release(first) => (Some(first), rest),
        _ => (None, path),
    };
    let Some(file) = find(path) else {
        return plain(StatusCode::NOT_FOUND);
    };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return plain(StatusCode::METHOD_NOT_ALLOWED)
            .with_header(header::ALLOW, "GET, HEAD")
            .into_response();
    }
    // During a rolling update, clients may request the files of the other release: they must not cache these forever.
    let cache_control = if release == Some(EMBEDDED.release.as_str()) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let encoded = file.encoded(ContentCoding::negotiate(request.headers())).await;
    let response = Response::builder()
        .header(header::ETAG, &encoded.etag)
        .header(header::VARY, "Accept-Encoding")
        .header(header::CACHE_CONTROL, cache_control)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header("Cross-Origin-Resource-Policy", "same-origin");
    if matches_etag(request, &encoded.etag) {
        return response.status(StatusCode::NOT_MODIFIED).finish();
    }
    let mut response = response.header(header::CONTENT_TYPE, file.content_type);
    if let Some(coding) = encoded.coding {
        response = response.header(header::CONTENT_ENCODING, coding.name());
    }
    match *request.method() {
        Method::HEAD => response
            .header(header::CONTENT_LENGTH, encoded.bytes.len())
            .finish(),
        _ => response.body(encoded.bytes),
    }
}

fn find(path: &str) -> Option<&'static File> {
    EMBEDDED.all.iter().find(|file| file.path == path)
}

fn looks_like_release(segment: &str) -> bool {
    segment.len() == DIGEST_DIGITS && segment.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Weak comparison over the whole list, as RFC 9110 asks for `If-None-Match`.
fn matches_etag(request: &Request, etag: &str) -> bool {
    request
        .headers()
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|candidate| candidate == "*" || candidate.strip_prefix("W/").unwrap_or(candidate) == etag)
}

fn plain(status: StatusCode) -> Response {
    Response::builder()
        .status(status)
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .content_type(TEXT)
        .body(status.canonical_reason().unwrap_or_default())
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .take(DIGEST_DIGITS / 2)
        .fold(String::new(), |mut text, byte| {
            // Writing to a String never fails.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests;
