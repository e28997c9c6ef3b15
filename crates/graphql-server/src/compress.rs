//! Compressed responses for the clients that accept them.
//!
//! The length of a compressed answer tells something of what is in it. So what holds a secret beside text that a attacker
//! may have chosen never gets here: no page (they carry form tokens), no mutation (their answers carry links and tokens),
//! no event stream. Only embedded files do, and the answers to queries.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use poem::Response;
use poem::http::{HeaderMap, HeaderValue, header};

/// A shorter answer fits into a packet or two whatever is done to it.
const LEAST: usize = 1024;

/// From here on packing takes longer than other requests should wait for it on the same thread.
const LONG: usize = 64 << 10;

/// The codings that responses are packed with, the better one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Brotli,
    Gzip,
}

/// How much time the packing is worth.
#[derive(Clone, Copy, Debug)]
pub enum Effort {
    /// For one answer.
    Once,
    /// For what is kept.
    Kept,
}

impl Coding {
    pub const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    pub fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// The coding that the client prefers; `None` for the bytes as they are.
    pub fn chosen(headers: &HeaderMap) -> Option<Self> {
        let plain = quality(headers, "identity").unwrap_or(0.0);
        let any = quality(headers, "*").unwrap_or(0.0);
        let mut best = None;
        let mut top = plain;
        for coding in Self::ALL {
            let liked = quality(headers, coding.name()).unwrap_or(any);
            // The bytes as they are win only where the client says that it likes them better.
            if liked > top || (best.is_none() && liked > 0.0 && liked == top) {
                (best, top) = (Some(coding), liked);
            }
        }
        best
    }

    pub fn pack(self, bytes: &[u8], effort: Effort) -> std::io::Result<Vec<u8>> {
        let mut packed = Vec::with_capacity(bytes.len() / 3);
        match self {
            Self::Gzip => {
                let level = match effort {
                    Effort::Once => Compression::new(4),
                    Effort::Kept => Compression::best(),
                };
                let mut encoder = GzEncoder::new(&mut packed, level);
                encoder.write_all(bytes)?;
                encoder.finish()?;
            }
            Self::Brotli => {
                let quality = match effort {
                    Effort::Once => 4,
                    Effort::Kept => 9,
                };
                let mut encoder = brotli::CompressorWriter::new(&mut packed, 16 << 10, quality, 22);
                encoder.write_all(bytes)?;
                encoder.flush()?;
                drop(encoder);
            }
        }
        Ok(packed)
    }
}

/// What the client says of a coding.
fn quality(headers: &HeaderMap, name: &str) -> Option<f32> {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut codings = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(|coding| coding.split_once(';').unwrap_or((coding, "")));
    let (_, rest) = codings.find(|(said, _)| said.trim().eq_ignore_ascii_case(name))?;
    let said = rest.trim().get(..2);
    match said {
        Some(start) if start.eq_ignore_ascii_case("q=") => Some(rest.trim()[2..].parse().unwrap_or(0.0)),
        _ => Some(1.0),
    }
}

/// The answer to a query, packed where that is worth it.
pub(crate) async fn answer(mut response: Response, coding: Option<Coding>) -> Response {
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
    let packed = match bytes.len() {
        ..LEAST => None,
        LEAST..LONG => coding.pack(&bytes, Effort::Once).ok(),
        LONG.. => {
            let bytes = bytes.clone();
            let packing = tokio::task::spawn_blocking(move || coding.pack(&bytes, Effort::Once));
            packing.await.ok().and_then(Result::ok)
        }
    };
    match packed {
        Some(packed) => {
            let name = HeaderValue::from_static(coding.name());
            response.headers_mut().insert(header::CONTENT_ENCODING, name);
            response.set_body(packed);
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

    fn chosen(said: &str) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, said.parse().expect("a value"));
        Coding::chosen(&headers).map(Coding::name)
    }

    #[test]
    fn the_client_s_wishes_count() {
        for (said, got) in [
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
            assert_eq!(chosen(said), got, "{said}");
        }
        assert_eq!(Coding::chosen(&HeaderMap::new()), None);
    }

    #[test]
    fn what_is_packed_can_be_read_again() {
        let bytes = "a portal ".repeat(1000).into_bytes();
        for effort in [Effort::Once, Effort::Kept] {
            let mut read = Vec::new();
            let gzip = Coding::Gzip.pack(&bytes, effort).expect("it works");
            flate2::read::GzDecoder::new(&gzip[..])
                .read_to_end(&mut read)
                .expect("it is gzip");
            assert!(gzip.len() < 200 && read == bytes);
            let mut read = Vec::new();
            let packed = Coding::Brotli.pack(&bytes, effort).expect("it works");
            brotli::Decompressor::new(&packed[..], 4096)
                .read_to_end(&mut read)
                .expect("it is brotli");
            assert!(packed.len() < 200 && read == bytes);
        }
    }
}
