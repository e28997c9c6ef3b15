//! Which media type an answer has, and which media types of requests are read (GraphQL over HTTP).

use poem::http::{HeaderMap, header};

/// The media type of an answer; it decides what the status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: a request that can't run is a 4xx.
    GraphqlResponse,
    /// `application/json`: 200 with errors. Where the client did not name it, a malformed request is a 400 nevertheless.
    Json { named: bool },
}

impl Media {
    pub fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json { .. } => "application/json; charset=utf-8",
        }
    }

    /// What the client prefers of these: the highest `q`, then a named type before a wildcard, then the first.
    pub fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let mut best: Option<(f32, bool, Self)> = None;
        let mut asked = false;
        for line in headers.get_all(header::ACCEPT) {
            for range in line.to_str().unwrap_or_default().split(',') {
                asked = asked || !range.trim().is_empty();
                let Some((quality, named, media)) = ranked(range) else {
                    continue;
                };
                if best.is_none_or(|(top, top_named, _)| (quality, named) > (top, top_named)) {
                    best = Some((quality, named, media));
                }
            }
        }
        match best {
            Some((_, _, media)) => Some(media),
            None if asked => None,
            None => Some(Self::Json { named: false }),
        }
    }
}

fn ranked(range: &str) -> Option<(f32, bool, Media)> {
    let mut parts = range.split(';').map(str::trim);
    let (media, named) = match parts.next()?.to_ascii_lowercase().as_str() {
        "application/graphql-response+json" => (Media::GraphqlResponse, true),
        "application/json" => (Media::Json { named: true }, true),
        "*/*" | "application/*" => (Media::Json { named: false }, false),
        _ => return None,
    };
    let mut quality = 1.0;
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        if name.eq_ignore_ascii_case("q") {
            quality = value.parse().unwrap_or(0.0);
        } else if name.eq_ignore_ascii_case("charset") && !utf8(value) {
            return None;
        }
    }
    (quality > 0.0).then_some((quality, named, media))
}

/// The kinds of body that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    Json,
    Multipart,
}

impl Sent {
    /// `None` for everything that is not JSON in UTF-8 or a form with files, and for compressed bodies.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
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
            "application/json" if charset.is_none_or(|(_, value)| utf8(value)) => Some(Self::Json),
            "multipart/form-data" => Some(Self::Multipart),
            _ => None,
        }
    }
}

fn utf8(charset: &str) -> bool {
    let charset = charset.trim_matches('"');
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}
