//! The parts of a report, and the fields in them. Each is found in one pass over the bytes.

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Message, MessageParser, MimeHeaders};

use super::ReportError;

/// A part's headers are read up to this size.
const HEADERS_MAX: usize = 64 * 1024;
/// A status part is read up to this size.
const TEXT_MAX: usize = 1024 * 1024;
/// A report has three parts; some have a fourth.
const PARTS_MAX: usize = 8;
/// Fields of a group, and the length of each value.
const FIELDS_MAX: usize = 50;
const VALUE_MAX: usize = 2_000;
/// The beginning of qmail's bounces.
const QMAIL: &str = "This is the qmail-send program";

/// A message or a part of one.
pub(super) struct Part<'a> {
    headers: Option<Message<'a>>,
    body: &'a [u8],
}

impl<'a> Part<'a> {
    pub(super) fn parse(raw: &'a [u8]) -> Self {
        let (headers, body) = split_headers(raw);
        let headers = &headers[..headers.len().min(HEADERS_MAX)];
        let headers = MessageParser::default()
            .parse_headers(headers)
            .filter(|headers| !headers.is_empty());
        Self { headers, body }
    }

    /// Such as `message/rfc822`, in lower case; empty without a content type.
    pub(super) fn media_type(&self) -> String {
        let of = self.headers.as_ref().and_then(MimeHeaders::content_type);
        of.map(|of| format!("{}/{}", of.ctype(), of.subtype().unwrap_or_default()).to_ascii_lowercase())
            .unwrap_or_default()
    }

    pub(super) fn boundary_of_report(&self) -> Option<String> {
        let of = self.headers.as_ref()?.content_type()?;
        let boundary = of.attribute("boundary").filter(|boundary| !boundary.is_empty())?;
        (self.media_type() == "multipart/report").then(|| boundary.to_owned())
    }

    pub(super) fn unsupported_format(&self) -> ReportError {
        if self.text().contains(QMAIL) {
            ReportError::Qmail
        } else {
            ReportError::NotAReport
        }
    }

    /// The parts between the lines with the boundary. The last one may be cut.
    pub(super) fn split(&self, boundary: &str) -> Vec<Part<'a>> {
        let (mut parts, mut start, mut at) = (Vec::new(), None, 0);
        for line in self.body.split_inclusive(|byte| *byte == b'\n') {
            let after = line
                .strip_prefix(b"--")
                .and_then(|rest| rest.strip_prefix(boundary.as_bytes()))
                .map(<[u8]>::trim_ascii_end);
            if let Some(end @ (b"" | b"--")) = after {
                parts.extend(start.map(|start| Part::parse(&self.body[start..at])));
                start = (end.is_empty() && parts.len() < PARTS_MAX).then_some(at + line.len());
                if start.is_none() {
                    break;
                }
            }
            at += line.len();
        }
        parts.extend(start.map(|start| Part::parse(&self.body[start..])));
        parts
    }

    /// The decoded body, as far as it is read.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.decoded()).into_owned()
    }

    fn decoded(&self) -> Cow<'a, [u8]> {
        let body = &self.body[..self.body.len().min(TEXT_MAX)];
        let encoding = self
            .headers
            .as_ref()
            .and_then(MimeHeaders::content_transfer_encoding);
        let decoded = match encoding.map(str::to_ascii_lowercase).as_deref() {
            Some("base64") => base64_decode(body),
            Some("quoted-printable") => quoted_printable_decode(body),
            _ => None,
        };
        decoded.map_or(Cow::Borrowed(body), Cow::Owned)
    }

    /// The `Message-ID` of the message or the headers in this part.
    pub(super) fn returned_message_id(&self) -> Option<String> {
        let returned = self.decoded();
        let headers = Part::parse(&returned).headers?;
        headers.message_id().map(str::to_owned)
    }
}

/// The header lines, and what follows the first empty line.
fn split_headers(raw: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        if line.trim_ascii().is_empty() {
            return (&raw[..at], &raw[at + line.len()..]);
        }
        at += line.len();
    }
    (raw, &[])
}

/// One group of fields.
#[derive(Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The value of a field, unfolded; its name is in lower case.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    fn add(&mut self, line: &str) {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = self.0.last_mut()
                && value.len() < VALUE_MAX
            {
                value.push(' ');
                value.push_str(cut(line.trim()));
            }
        } else if let Some((name, value)) = line.split_once(':')
            && self.0.len() < FIELDS_MAX
        {
            let name = cut(name.trim()).to_ascii_lowercase();
            self.0.push((name, cut(value.trim()).to_owned()));
        }
    }
}

/// The groups of a status part, which empty lines separate.
pub(super) fn fields(text: &str) -> impl Iterator<Item = Fields> {
    let mut lines = text.lines();
    std::iter::from_fn(move || {
        let first = lines.find(|line| !line.trim().is_empty())?;
        let mut group = Fields::default();
        group.add(first);
        for line in lines.by_ref().take_while(|line| !line.trim().is_empty()) {
            group.add(line);
        }
        Some(group)
    })
}

fn cut(value: &str) -> &str {
    let end = value.floor_char_boundary(VALUE_MAX);
    &value[..end]
}
