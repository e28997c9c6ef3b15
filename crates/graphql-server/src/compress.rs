//! Compresses responses for the clients that accept it.
//!
//! The length of a compressed response reveals something about its contents (the BREACH attack). So a response that may hold
//! a secret next to text chosen by an attacker is never compressed: no pages (they contain form tokens), no mutations (their
//! responses contain links and tokens), no event streams. Only embedded files and responses to queries are.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use poem::Response;
use poem::http::{HeaderMap, HeaderValue, header};

/// A shorter response fits into one or two packets anyway.
const MIN_BYTES: usize = 1024;

/// From this size on, compressing would delay the other requests of the thread, so it runs on a blocking thread.
const BLOCKING_BYTES: usize = 64 << 10;

/// The supported content codings, the better one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentCoding {
    Brotli,
    Gzip,
}

/// The trade-off between time and size.
#[derive(Clone, Copy, Debug)]
pub enum CompressionLevel {
    /// For a single response.
    Fast,
    /// For contents that are compressed once and served often.
    Best,
}

impl ContentCoding {
    pub const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    pub fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// The coding that the client prefers; `None` for no compression.
    pub fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let identity = quality(headers, "identity").unwrap_or(0.0);
        let any = quality(headers, "*").unwrap_or(0.0);
        let mut best = None;
        let mut best_quality = identity;
        for coding in Self::ALL {
            let quality_value = quality(headers, coding.name()).unwrap_or(any);
            // No compression wins only if the client prefers it explicitly.
            if quality_value > best_quality
                || (best.is_none() && quality_value > 0.0 && quality_value == best_quality)
            {
                (best, best_quality) = (Some(coding), quality_value);
            }
        }
        best
    }

    pub fn compress(self, bytes: &[u8], level: CompressionLevel) -> std::io::Result<Vec<u8>> {
        let mut compressed = Vec::with_capacity(bytes.len() / 3);
        match self {
            Self::Gzip => {
                let gzip_level = match level {
                    CompressionLevel::Fast => Compression::new(4),
                    CompressionLevel::Best => Compression::best(),
                };
                let mut encoder = GzEncoder::new(&mut compressed, gzip_level);
                encoder.write_all(bytes)?;
                encoder.finish()?;
            }
            Self::Brotli => {
                let quality = match level {
                    CompressionLevel::Fast => 4,
                    CompressionLevel::Best => 9,
                };
                let mut encoder = brotli::CompressorWriter::new(&mut compressed, 16 << 10, quality, 22);
                encoder.write_all(bytes)?;
                encoder.flush()?;
                drop(encoder);
            }
        }
        Ok(compressed)
    }
}

/// The quality value of a coding in `Accept-Encoding`.
fn quality(headers: &HeaderMap, name: &str) -> Option<f32> {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut codings = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(|coding| coding.split_once(';').unwrap_or((coding, "")));
    let (_, rest) = codings.find(|(coding, _)| coding.trim().eq_ignore_ascii_case(name))?;
    match rest.trim().get(..2) {
        Some(start) if start.eq_ignore_ascii_case("q=") => Some(rest.trim()[2..].parse().unwrap_or(0.0)),
        _ => Some(1.0),
    }
}

/// Compresses the response to a query if that is worth it.
pub(crate) async fn compress_response(mut response: Response, coding: Option<ContentCoding>) -> Response {
    if !is_json(response.headers()) {
        return response;
    }
    let vary = HeaderValue::from_static("Accept-Encoding");
    response.headers_mut().append(header::VARY, vary);
    let Some(coding) = coding else {
        return response;
    };
    let Ok(bytes) = response.take_body().into_bytes().await else {
        return response;
    };
    let compressed = match bytes.len() {
        ..MIN_BYTES => None,
        MIN_BYTES..BLOCKING_BYTES => coding.compress(&bytes, CompressionLevel::Fast).ok(),
        BLOCKING_BYTES.. => {
            let bytes = bytes.clone();
            let compressing =
                tokio::task::spawn_blocking(move || coding.compress(&bytes, CompressionLevel::Fast));
            compressing.await.ok().and_then(Result::ok)
        }
    };
    match compressed {
        Some(compressed) => {
            let name = HeaderValue::from_static(coding.name());
            response.headers_mut().insert(header::CONTENT_ENCODING, name);
            response.set_body(compressed);
        }
        None => response.set_body(bytes),
    }
    response
}

fn is_json(headers: &HeaderMap) -> bool {
    let media = headers
        .get(header::CONTENT_TYPE)
        .and_then(|media| media.to_str().ok());
    media
        .and_then(|media| media.split(';').next())
        .is_some_and(|media| media == "application/json" || media.ends_with("+json"))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn negotiated(accept_encoding: &str) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, accept_encoding.parse().expect("a value"));
        ContentCoding::negotiate(&headers).map(ContentCoding::name)
    }

    #[test]
    fn the_preferred_coding_is_chosen() {
        for (accept_encoding, expected) in [
            ("gzip, deflate, br", Some("br")),
            ("gzip", Some("gzip")),
            ("GZIP;Q=0.5", Some("gzip")),
            ("br;q=0.1, gzip;q=0.2", Some("gzip")),
            ("br;q=0, gzip", Some("gzip")),
            ("*", Some("br")),
            ("*, br;q=0", Some("gzip")),
            ("*;q=0", None),
            ("identity", None),
            ("identity, gzip;q=0.5", None),
            ("identity;q=0.5, gzip;q=0.5", Some("gzip")),
            ("zstd, deflate", None),
            ("gzip;q=0", None),
            ("gzip;q=x", None),
            ("", None),
        ] {
            assert_eq!(negotiated(accept_encoding), expected, "{accept_encoding}");
        }
        assert_eq!(ContentCoding::negotiate(&HeaderMap::new()), None);
    }

    #[test]
    fn compressed_bytes_decompress_to_the_original() {
        let bytes = "a portal ".repeat(1000).into_bytes();
        for level in [CompressionLevel::Fast, CompressionLevel::Best] {
            let mut read = Vec::new();
            let gzip = ContentCoding::Gzip.compress(&bytes, level).expect("it works");
            flate2::read::GzDecoder::new(&gzip[..])
                .read_to_end(&mut read)
                .expect("it is gzip");
            assert!(gzip.len() < 200 && read == bytes);
            let mut read = Vec::new();
            let compressed = ContentCoding::Brotli.compress(&bytes, level).expect("it works");
            brotli::Decompressor::new(&compressed[..], 4096)
                .read_to_end(&mut read)
                .expect("it is brotli");
            assert!(compressed.len() < 200 && read == bytes);
        }
    }
}
