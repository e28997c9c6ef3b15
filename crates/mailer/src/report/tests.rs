use proptest::prelude::*;

use super::{Action, RecipientReport, Report, ReportContent, ReportError};
use crate::SendError;

const MESSAGE_ID: &str = "01kb6z9d3vf5x8q2m4n7c0r1st@mail.example";
const ANNA: &str = "anna@example.com";

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("fixtures/", $name, ".eml"))
    };
}

/// The only recipient of a report about our message.
fn only_recipient(raw: &[u8]) -> RecipientReport {
    let report = Report::parse(raw).expect("a report");
    assert_eq!(report.message_id.as_deref(), Some(MESSAGE_ID));
    let ReportContent::Delivery(mut recipients) = report.content else {
        panic!("not a delivery report");
    };
    assert_eq!(recipients.len(), 1);
    recipients.remove(0)
}

fn rejected(reason: &str) -> SendError {
    SendError::Rejected {
        reason: reason.to_owned(),
    }
}

fn retry(reason: &str) -> SendError {
    SendError::Retry {
        reason: reason.to_owned(),
    }
}

#[test]
fn reports_of_common_servers_about_an_unknown_mailbox_are_bounces() {
    let gmail = "550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the \
                 recipient's email address for typos or unnecessary spaces. For more information, go to 550 5.1.1 [link] […] - gsmtp";
    let cases = [
        (
            &fixture!("postfix")[..],
            "550 5.1.1 <a***@example.com>: Recipient address rejected: User unknown in virtual mailbox table",
        ),
        (fixture!("exim"), "550 5.1.1 <a***@example.com>: user unknown"),
        (fixture!("gmail"), gmail),
        (
            fixture!("exchange"),
            "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient A***@tenant.outlook.example not found by SMTP address lookup",
        ),
    ];
    for (raw, reason) in cases {
        let recipient = only_recipient(raw);
        assert_eq!(recipient.action, Action::Failed);
        assert_eq!(recipient.classify(ANNA), rejected(reason));
    }
}

#[test]
fn line_ends_do_not_matter() {
    let text = String::from_utf8_lossy(fixture!("postfix")).replace('\n', "\r\n");
    let recipient = only_recipient(text.as_bytes());
    assert_eq!(recipient.final_recipient.as_deref(), Some(ANNA));
    assert_eq!(recipient.original_recipient.as_deref(), Some(ANNA));
}

#[test]
fn a_delay_and_a_full_mailbox_are_not_bounces() {
    let delayed = only_recipient(fixture!("postfix_delayed"));
    assert_eq!(delayed.action, Action::Delayed);
    let reason = "4.4.1 connect to mx1.example.com[192.0.2.25]:25: Connection timed out";
    assert_eq!(delayed.classify(ANNA), retry(reason));
    let full = only_recipient(fixture!("full_mailbox"));
    assert_eq!(full.action, Action::Failed);
    let reason = "552 5.2.2 <a***@example.com>: mailbox full";
    assert_eq!(full.classify(ANNA), retry(reason));
}

#[test]
fn a_complaint_names_the_message() {
    let report = Report::parse(fixture!("complaint")).expect("a report");
    assert!(matches!(report.content, ReportContent::Complaint));
    assert_eq!(report.message_id.as_deref(), Some(MESSAGE_ID));
    let other = String::from_utf8_lossy(fixture!("complaint")).replace("-Type: abuse", "-Type: not-spam");
    let report = Report::parse(other.as_bytes()).expect("a report");
    assert!(matches!(report.content, ReportContent::OtherFeedback));
}

#[test]
fn other_messages_are_refused_with_the_reason() {
    for (raw, expected) in [
        (&fixture!("qmail")[..], ReportError::Qmail),
        (fixture!("auto_reply"), ReportError::NotAReport),
        (fixture!("read_receipt"), ReportError::NoStatus),
        (b"", ReportError::NotAReport),
        (b"From \n", ReportError::NotAReport),
        (
            b"Content-Type: multipart/report\n\n--x\n",
            ReportError::NotAReport,
        ),
        (
            b"Content-Type: multipart/report; boundary=x\n\nno such line",
            ReportError::NoStatus,
        ),
    ] {
        assert_eq!(Report::parse(raw).err(), Some(expected));
    }
}

#[test]
fn every_status_has_the_meaning_of_the_smtp_reply() {
    let report = |status: &str, diagnostic: &str| RecipientReport {
        original_recipient: None,
        final_recipient: None,
        action: Action::Failed,
        status: status.to_owned(),
        diagnostic: diagnostic.to_owned(),
    };
    for (status, diagnostic, reason) in [
        (
            "5.4.4",
            "Host or domain name not found",
            "5.4.4 Host or domain name not found",
        ),
        ("5.1.1", "", "5.1.1"),
        (
            "5.0.0",
            "550 5.4.1 Recipient address rejected: Access denied",
            "550 5.4.1 Recipient address rejected: Access denied",
        ),
        ("5.1.1", "550 No such user", "550 5.1.1 No such user"),
        (
            "",
            "550 5.5.0 Requested action not taken",
            "550 5.5.0 Requested action not taken",
        ),
    ] {
        assert_eq!(report(status, diagnostic).classify(ANNA), rejected(reason));
    }
    for (status, diagnostic, reason) in [
        ("5.0.0", "550 Rejected as junk", "550 5.0.0 Rejected as junk"),
        ("5.7.1", "550 5.7.1 Blocked", "550 5.7.1 Blocked"),
        ("5.1.1", "550 5.7.1 Blocked", "550 5.7.1 Blocked"),
        ("4.4.7", "550 5.1.1 no", "550 5.1.1 no"),
        ("5.4.7", "451 4.7.1 Greylisted", "451 4.7.1 Greylisted"),
        ("5.1.8", "", "5.1.8"),
        ("5.5.0", "", "5.5.0"),
        ("x", "é", "x é"),
        ("", "", "the report gives no reason"),
    ] {
        assert_eq!(report(status, diagnostic).classify(ANNA), retry(reason));
    }
}

/// A report with these headers, and this status part.
fn report_with(status: &str) -> Vec<u8> {
    format!(
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\
         Content-Type: message/delivery-status\n\n{status}\n--b\nContent-Type: message/rfc822\n\n\
         Message-ID: <{MESSAGE_ID}>\n\nhello\n--b--\n"
    )
    .into_bytes()
}

#[test]
fn a_diagnostic_can_not_inject_lines_or_hide_links() {
    let raw = report_with(
        "Reporting-MTA: dns; x\n\nFinal-Recipient: utf-8; <anna@example.com>\nAction: Failed (really)\n\
         Status: 5.1.1 (no)\nDiagnostic-Code: smtp; 550 5.1.1 no\r\r\n\t\u{202e}X: https://evil.example/\u{0} bob@example.org",
    );
    let recipient = only_recipient(&raw);
    assert_eq!(recipient.final_recipient.as_deref(), Some(ANNA));
    let reason = "550 5.1.1 no X: [link] b***@example.org";
    assert_eq!(recipient.classify(ANNA), rejected(reason));
}

#[test]
fn recipients_beyond_the_limit_are_ignored() {
    let group = "Final-Recipient: rfc822; anna@example.com\nAction: failed\nStatus: 5.1.1\n\n";
    let raw = report_with(&format!("Reporting-MTA: dns; x\n\n{}", group.repeat(100_000)));
    let Ok(Report {
        content: ReportContent::Delivery(recipients),
        ..
    }) = Report::parse(&raw)
    else {
        panic!("a report");
    };
    assert_eq!(recipients.len(), 100);
}

#[test]
fn hostile_nesting_takes_one_pass() {
    let multipart = "Content-Type: multipart/report; boundary=b\n\n--b\n";
    let message = "--b\nContent-Type: message/rfc822\n\n";
    for raw in [
        multipart.repeat(200_000),
        format!("{multipart}{}", message.repeat(200_000)),
        format!(
            "{multipart}{}",
            "Content-Type: message/rfc822\n\n".repeat(300_000)
        ),
        format!("{multipart}{}", "\n".repeat(5_000_000)),
        format!("{multipart}{}", "-".repeat(5_000_000)),
        format!(
            "Content-Type: multipart/report; boundary={}\n\n",
            "b".repeat(5_000_000)
        ),
        "A: b\n".repeat(1_000_000),
    ] {
        assert!(Report::parse(raw.as_bytes()).is_err());
    }
}

proptest! {
    #[test]
    fn never_panics(raw in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let _any = Report::parse(&raw);
    }

    #[test]
    fn changed_reports_never_panic(at in 0usize..4_000, bytes in proptest::collection::vec(any::<u8>(), 0..40), cut in 0usize..4_000) {
        for raw in [&fixture!("postfix")[..], fixture!("gmail"), fixture!("exchange"), fixture!("complaint")] {
            let mut raw = raw.to_vec();
            let at = at.min(raw.len());
            let end = (at + bytes.len()).min(raw.len());
            drop(raw.splice(at..end, bytes.iter().copied()));
            raw.truncate(raw.len().saturating_sub(cut / 4));
            if let Ok(Report { content: ReportContent::Delivery(recipients), .. }) = Report::parse(&raw) {
                for recipient in recipients {
                    let error = recipient.classify(ANNA);
                    prop_assert!(!error.reason().chars().any(char::is_control));
                    prop_assert!(error.reason().chars().count() <= 300);
                }
            }
        }
    }

    #[test]
    fn status_parts_never_panic(status in "(?s).{0,400}") {
        let _any = Report::parse(&report_with(&status));
    }
}
