//! Reads what comes back about sent messages: delivery reports (RFC 3464) and complaints (RFC 5965).
//!
//! Anyone can send a report, so nothing of it is parsed recursively: a report is split into its own parts once, and a
//! returned message is read only as far as its headers.

mod parts;
#[cfg(test)]
mod tests;

use std::fmt;

use self::parts::{Part, fields};
use super::SendError;
use super::classify::classify_report;

/// A report is read up to this size.
pub const REPORT_MAX_BYTES: u64 = 10 * 1024 * 1024;
/// Recipients of a delivery report; the others are ignored.
const RECIPIENTS_MAX: usize = 100;

/// A report about one message.
#[derive(Debug)]
pub struct Report {
    /// The `Message-ID` of the returned message, without angle brackets; `None` if nothing was returned.
    pub message_id: Option<String>,
    pub content: ReportContent,
}

/// What a report says.
#[derive(Debug)]
pub enum ReportContent {
    /// What became of the message for each recipient.
    Delivery(Vec<RecipientReport>),
    /// The recipient reported the message as spam.
    Complaint,
    /// Feedback of another type than `abuse`, such as `not-spam`.
    OtherFeedback,
}

/// What became of a message for one recipient.
pub struct RecipientReport {
    /// The address that the sender used, if the report has it.
    pub original_recipient: Option<String>,
    /// The address that it was last sent to, after aliases and forwarding.
    pub final_recipient: Option<String>,
    pub action: Action,
    status: String,
    diagnostic: String,
}

/// The field `Action` (RFC 3464, section 2.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Failed,
    Delayed,
    Delivered,
    Relayed,
    Expanded,
}

/// Why a message is not a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    #[error("it is no report: its content type is not multipart/report (RFC 6522)")]
    NotAReport,
    #[error("it is a bounce in qmail's own format, which is not supported: only RFC 3464 is")]
    Qmail,
    #[error("it is neither a delivery report (RFC 3464) nor a complaint (RFC 5965)")]
    NoStatus,
}

impl Report {
    /// Reads a message, which may begin with the `From ` line of an mbox.
    pub fn parse(raw: &[u8]) -> Result<Self, ReportError> {
        let whole = Part::parse(without_mbox_line(raw));
        let boundary = whole
            .boundary_of_report()
            .ok_or_else(|| whole.unsupported_format())?;
        let (mut message_id, mut content) = (None, None);
        for part in whole.split(&boundary) {
            match part.media_type().as_str() {
                "message/delivery-status" | "message/global-delivery-status" if content.is_none() => {
                    content = Some(ReportContent::Delivery(recipients(&part.text())));
                }
                "message/feedback-report" if content.is_none() => content = Some(feedback(&part.text())),
                "message/rfc822" | "text/rfc822-headers" | "message/global" | "message/global-headers" => {
                    message_id = message_id.or_else(|| part.returned_message_id());
                }
                _ => {}
            }
        }
        let content = content.ok_or(ReportError::NoStatus)?;
        Ok(Self { message_id, content })
    }
}

impl RecipientReport {
    /// What a failure or delay means, with a reason in which `recipient` and all other addresses are masked. Only an
    /// enhanced code can reject the recipient, because a report doesn't tell the command that was refused.
    pub fn classify(&self, recipient: &str) -> SendError {
        classify_report(&self.status, &self.diagnostic, recipient)
    }
}

impl fmt::Debug for RecipientReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecipientReport")
            .field("action", &self.action)
            .finish_non_exhaustive()
    }
}

/// MTAs put this line before a message that they pipe into a program.
fn without_mbox_line(raw: &[u8]) -> &[u8] {
    if !raw.starts_with(b"From ") {
        return raw;
    }
    let end = raw.iter().position(|byte| *byte == b'\n');
    end.map_or(&[], |end| &raw[end + 1..])
}

/// The group about the whole report has no action; groups with an unknown action are ignored.
fn recipients(text: &str) -> Vec<RecipientReport> {
    fields(text)
        .take(1 + RECIPIENTS_MAX)
        .filter_map(|group| {
            Some(RecipientReport {
                action: Action::parse(first_word(group.get("action")?))?,
                original_recipient: group.get("original-recipient").and_then(typed_value),
                final_recipient: group.get("final-recipient").and_then(typed_value),
                status: first_word(group.get("status").unwrap_or_default()).to_owned(),
                diagnostic: group
                    .get("diagnostic-code")
                    .and_then(typed_value)
                    .unwrap_or_default(),
            })
        })
        .collect()
}

fn feedback(text: &str) -> ReportContent {
    let kind = fields(text)
        .next()
        .and_then(|group| Some(first_word(group.get("feedback-type")?).to_ascii_lowercase()));
    match kind.as_deref() {
        Some("abuse") => ReportContent::Complaint,
        _ => ReportContent::OtherFeedback,
    }
}

impl Action {
    fn parse(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "failed" => Self::Failed,
            "delayed" => Self::Delayed,
            "delivered" => Self::Delivered,
            "relayed" => Self::Relayed,
            "expanded" => Self::Expanded,
            _ => return None,
        })
    }
}

/// Values may be followed by a comment: `5.1.1 (bad destination mailbox)`.
fn first_word(value: &str) -> &str {
    value
        .split(|c: char| c.is_whitespace() || c == '(' || c == ';')
        .next()
        .unwrap_or_default()
}

/// The value after its type: `rfc822; anna@example.com`, `smtp; 550 5.1.1 no such user`.
fn typed_value(field: &str) -> Option<String> {
    let (_, value) = field.split_once(';')?;
    let value = value.trim();
    let bare = value
        .strip_prefix('<')
        .and_then(|value| value.strip_suffix('>'))
        .unwrap_or(value);
    (!bare.is_empty()).then(|| bare.to_owned())
}
