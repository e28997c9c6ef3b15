use std::time::Duration;

use mail_parser::MessageParser;

use super::test_server::{ScriptedReply, TestSmtpServer};
use crate::email::tests::email;
use crate::{Email, MailSettings, Mailer, SendError, SetupError};

pub(super) const TIMEOUT: Duration = Duration::from_millis(900);

pub(super) fn settings(url: &str) -> MailSettings {
    let smtp_url = Some(url.parse().unwrap_or_else(|error| panic!("{url}: {error}")));
    MailSettings {
        smtp_url,
        timeout: TIMEOUT,
        ..MailSettings::new("unused")
    }
}

pub(super) async fn start() -> (TestSmtpServer, Mailer) {
    let server = TestSmtpServer::start().await;
    let mailer = Mailer::new(&settings(&format!("smtp://127.0.0.1:{}", server.port))).expect("a mailer");
    (server, mailer)
}

pub(super) fn numbered_email(number: usize) -> Email {
    Email {
        message_id: format!("msg_{number}@mail.acme.example"),
        ..email()
    }
}

pub(super) fn retry(result: Result<(), SendError>) -> String {
    match result {
        Err(SendError::Retry { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

pub(super) fn unreachable(result: Result<(), SendError>) -> String {
    match result {
        Err(SendError::Unreachable { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

pub(super) fn rejected(result: Result<(), SendError>) -> String {
    match result {
        Err(SendError::Rejected { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

pub(super) async fn wait_until(event: &str, mut condition: impl FnMut() -> bool) {
    for _ in 0..200 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("timed out: {event}");
}

#[tokio::test]
async fn a_message_arrives_unchanged() {
    let (server, mailer) = start().await;
    let email = Email {
        text: "Hello Maria,\n\n.\n..two\nZoë\n".into(),
        ..email()
    };
    mailer.send(&email).await.expect("sent");
    let mails = server.mails();
    let mail = MessageParser::default().parse(&mails[0]).expect("a message");
    assert_eq!(mail.subject(), Some(email.subject.as_str()));
    assert_eq!(
        mail.body_text(0).expect("text").replace("\r\n", "\n").trim_end(),
        email.text.trim_end()
    );
    assert_eq!(mail.body_html(0).expect("html").trim_end(), email.html);
    assert_eq!(mail.message_id(), Some(email.message_id.as_str()));
    let commands = server.commands();
    assert_eq!(
        commands[1..],
        [
            "MAIL FROM:<portal@mail.acme.example>",
            "RCPT TO:<maria@example.com>",
            "DATA"
        ]
    );
}

#[tokio::test]
async fn check_quits_without_sending_a_message() {
    let (server, mailer) = start().await;
    mailer.check().await.expect("reachable");
    wait_until("QUIT", || server.count("QUIT") == 1 && server.open() == 0).await;
    assert_eq!(server.count("MAIL"), 0);
    server.script("EHLO", ScriptedReply::Hang);
    assert!(unreachable(mailer.check().await).contains("does not answer"));
}

#[tokio::test]
async fn settings_that_can_not_work_are_refused() {
    let no_time = Mailer::new(&MailSettings {
        timeout: Duration::ZERO,
        ..settings("smtp://127.0.0.1")
    });
    assert!(matches!(no_time, Err(SetupError::ZeroTimeout)));
}
