//! Encodes a message (RFC 5322, RFC 2046) and refuses values that can't be part of one.

use std::time::SystemTime;

use chrono::{DateTime, Utc};
use lettre::Address;
use lettre::message::header::{
    ContentTransferEncoding, ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0,
};
use lettre::message::{Body, Mailbox as LettreMailbox, Message, MessageBuilder, MultiPart, SinglePart};
use sha2::{Digest, Sha256};
use url::Url;

use super::{AutoSubmitted, Email, Mailbox, SendError};

/// Longest line of a message, without CRLF (RFC 5322, section 2.1.1).
const LINE_MAX: usize = 998;

/// A message ready to be sent.
pub(super) struct EncodedMessage {
    pub from: Address,
    pub to: Address,
    pub content: String,
}

/// Encodes the message. The same `Email` always gives the same bytes.
pub(super) fn encode(email: &Email) -> Result<EncodedMessage, SendError> {
    let from = mailbox("From", &email.from)?;
    let to = mailbox("To", &email.to)?;
    let envelope_from = match &email.envelope_from {
        Some(address) => mailbox("envelope", &Mailbox::new(address))?.email,
        None => from.email.clone(),
    };
    let envelope_to = to.email.clone();
    let mut builder = Message::builder()
        .from(from)
        .to(to)
        .subject(header_text("subject", &email.subject)?)
        .message_id(Some(message_id(&email.message_id)?))
        .date(date(email.date)?);
    if let Some(reply_to) = &email.reply_to {
        builder = builder.reply_to(mailbox("Reply-To", reply_to)?);
    }
    for header in extra_headers(email)? {
        builder = builder.raw_header(header);
    }
    let parts = MultiPart::alternative()
        .boundary(boundary(&email.message_id))
        .singlepart(SinglePart::plain(body("text", &email.text)?))
        .singlepart(SinglePart::html(body("HTML", &email.html)?));
    let mut message = assemble(builder, &parts).map_err(|error| unsendable(error.to_string()))?;
    if let Some(key) = &email.dkim {
        message.sign(&key.config);
    }
    let content = String::from_utf8(message.formatted()).map_err(|error| unsendable(error.to_string()))?;
    Ok(EncodedMessage {
        from: envelope_from,
        to: envelope_to,
        content,
    })
}

/// lettre signs the headers of the message and keeps `Content-Type` with the parts, so the parts are encoded first.
fn assemble(builder: MessageBuilder, parts: &MultiPart) -> Result<Message, lettre::error::Error> {
    let mut content = parts.formatted();
    let body = content
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .map_or_else(Vec::new, |end| content.split_off(end + 4));
    let content_type = parts.headers().get::<ContentType>();
    let builder = builder.header(MIME_VERSION_1_0);
    match content_type {
        Some(content_type) => builder.header(content_type),
        None => builder,
    }
    .body(Body::dangerous_pre_encoded(
        body,
        ContentTransferEncoding::SevenBit,
    ))
}

/// `Auto-Submitted` (RFC 3834, section 5), its equivalent for Exchange, and `List-Unsubscribe`.
fn extra_headers(email: &Email) -> Result<Vec<HeaderValue>, SendError> {
    let mut headers = Vec::new();
    let submitted = match email.auto_submitted {
        AutoSubmitted::Generated => Some("auto-generated"),
        AutoSubmitted::Replied => Some("auto-replied"),
        AutoSubmitted::No => None,
    };
    if let Some(submitted) = submitted {
        headers.push(raw_header("Auto-Submitted", submitted));
        headers.push(raw_header("X-Auto-Response-Suppress", "All"));
    }
    if let Some(target) = &email.list_unsubscribe {
        let url = unsubscribe_url(target)?;
        headers.push(raw_header("List-Unsubscribe", &format!("<{url}>")));
        if url.scheme() == "https" {
            headers.push(raw_header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
    }
    Ok(headers)
}

/// The values are ASCII without line breaks. lettre would fold or encode a URL.
fn raw_header(name: &'static str, value: &str) -> HeaderValue {
    let name = HeaderName::new_from_ascii_str(name);
    HeaderValue::dangerous_new_pre_encoded(name, value.to_owned(), value.to_owned())
}

fn unsubscribe_url(target: &str) -> Result<Url, SendError> {
    let invalid = || unsendable("the unsubscribe address must be one https: or mailto: URL".to_owned());
    // Checks the text itself: the URL parser drops tabs and line breaks silently.
    if target.len() > LINE_MAX / 2
        || !target
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"<>,\"".contains(&b))
    {
        return Err(invalid());
    }
    let url = Url::parse(target).map_err(|_| invalid())?;
    if !matches!(url.scheme(), "https" | "http" | "mailto") {
        return Err(invalid());
    }
    Ok(url)
}

fn mailbox(header: &str, mailbox: &Mailbox) -> Result<LettreMailbox, SendError> {
    let field = format!("{header} address");
    let address = header_text(&field, &mailbox.address)?;
    if !address.is_ascii() {
        return Err(unsendable(format!(
            "the {field} must be ASCII, its domain in the form xn--"
        )));
    }
    let address: Address = address
        .parse()
        .map_err(|_| unsendable(format!("the {field} is not an email address")))?;
    let name = mailbox
        .name
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let name = name
        .map(|name| header_text(&format!("{header} name"), name))
        .transpose()?;
    Ok(LettreMailbox::new(name, address))
}

/// Refuses control characters: a line break would start another header.
fn header_text(name: &str, text: &str) -> Result<String, SendError> {
    match text.chars().find(|c| c.is_control()) {
        None => Ok(text.to_owned()),
        Some(c) => Err(unsendable(format!(
            "the {name} holds a control character (U+{:04X})",
            u32::from(c)
        ))),
    }
}

fn body(part: &str, text: &str) -> Result<String, SendError> {
    if text.contains('\0') {
        return Err(unsendable(format!(
            "the {part} part holds a NUL character (U+0000)"
        )));
    }
    Ok(text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// `<left@right>`: dot-atoms only (RFC 5322, section 3.6.4).
fn message_id(id: &str) -> Result<String, SendError> {
    let atom = |side: &str| {
        let byte = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
        !side.is_empty() && side.bytes().all(byte) && !side.split('.').any(str::is_empty)
    };
    match id.split_once('@') {
        Some((left, right)) if atom(left) && atom(right) && id.len() <= 250 => Ok(format!("<{id}>")),
        _ => Err(unsendable(
            "the Message-ID must be left@right, without angle brackets".to_owned(),
        )),
    }
}

/// The date formatting of lettre panics outside of 1970 to 9999.
fn date(date: DateTime<Utc>) -> Result<SystemTime, SendError> {
    const YEAR_10000: i64 = 253_402_300_800;
    match date.timestamp() {
        0..YEAR_10000 => Ok(SystemTime::from(date)),
        _ => Err(unsendable("the date must lie between 1970 and 9999".to_owned())),
    }
}

/// A boundary that the authors of the parts can't predict, and that is the same when the message is sent again.
fn boundary(message_id: &str) -> String {
    let digest = Sha256::digest(message_id.as_bytes());
    digest.iter().take(20).map(|byte| format!("{byte:02x}")).collect()
}

fn unsendable(reason: String) -> SendError {
    SendError::Unsendable { reason }
}

#[cfg(test)]
mod injection_tests;
#[cfg(test)]
mod tests;
