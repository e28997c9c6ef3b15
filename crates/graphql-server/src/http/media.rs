//! Media types of requests and responses (GraphQL over HTTP).

use poem::http::{HeaderMap, header};

/// The media type of a response. It determines the status of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// `application/graphql-response+json`: 4xx for a request that can't run.
    GraphqlResponse,
    /// `application/json`: 200 with errors. A malformed request is a 400 unless the client named the type explicitly.
    Json { explicit: bool },
}

impl MediaType {
    pub fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json { .. } => "application/json; charset=utf-8",
        }
    }

    /// The type that the client prefers: the highest `q`, then an explicit type before a wildcard, then the first.
    pub fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let mut best: Option<(f32, bool, Self)> = None;
        let mut has_ranges = false;
        for line in headers.get_all(header::ACCEPT) {
            for range in line.to_str().unwrap_or_default().split(',') {
                has_ranges = has_ranges || !range.trim().is_empty();
                let Some((quality, explicit, media)) = parse_range(range) else {
                    continue;
                };
                if best.is_none_or(|(best_quality, best_explicit, _)| {
                    (quality, explicit) > (best_quality, best_explicit)
                }) {
                    best = Some((quality, explicit, media));
                }
            }
        }
        match best {
            Some((_, _, media)) => Some(media),
            None if has_ranges => None,
            None => Some(Self::Json { explicit: false }),
        }
    }
}

fn parse_range(range: &str) -> Option<(f32, bool, MediaType)> {
    let mut parts = range.split(';').map(str::trim);
    let (media, explicit) = match parts.next()?.to_ascii_lowercase().as_str() {
        "application/graphql-response+json" => (MediaType::GraphqlResponse, true),
        "application/json" => (MediaType::Json { explicit: true }, true),
        "*/*" | "application/*" => (MediaType::Json { explicit: false }, false),
        _ => return None,
    };
    let mut quality = 1.0;
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        if name.eq_ignore_ascii_case("q") {
            quality = value.parse().unwrap_or(0.0);
        } else if name.eq_ignore_ascii_case("charset") && !is_utf8(value) {
            return None;
        }
    }
    (quality > 0.0).then_some((quality, explicit, media))
}

/// The supported kinds of request bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    Json,
    Multipart,
}

impl BodyKind {
    /// `None` for everything except JSON in UTF-8 and multipart forms, and for compressed bodies.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let coding = headers.get(header::CONTENT_ENCODING);
        if coding.is_some_and(|coding| coding != "identity") {
            return None;
        }
        let text = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        let mut parts = text.split(';').map(str::trim);
        let essence = parts.next()?.to_ascii_lowercase();
        let charset = parts
            .filter_map(|part| part.split_once('='))
            .find(|(name, _)| name.eq_ignore_ascii_case("charset"));
        match essence.as_str() {
            "application/json" if charset.is_none_or(|(_, value)| is_utf8(value)) => Some(Self::Json),
            "multipart/form-data" => Some(Self::Multipart),
            _ => None,
        }
    }
}

fn is_utf8(charset: &str) -> bool {
    let charset = charset.trim_matches('"');
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}
