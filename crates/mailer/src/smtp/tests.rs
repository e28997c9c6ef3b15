use std::time::Duration;

use mail_parser::MessageParser;

use super::peer::{Answer, Peer};
use crate::email::tests::email;
use crate::{Email, MailSettings, Mailer, SendError, SetupError};

pub(super) const LIMIT: Duration = Duration::from_millis(900);

pub(super) fn settings(url: &str) -> MailSettings {
    let smtp_url = Some(url.parse().unwrap_or_else(|error| panic!("{url}: {error}")));
    MailSettings {
        smtp_url,
        timeout: LIMIT,
        ..MailSettings::new("unused")
    }
}

pub(super) async fn peer() -> (Peer, Mailer) {
    let peer = Peer::start().await;
    let mailer = Mailer::new(&settings(&format!("smtp://127.0.0.1:{}", peer.port))).expect("a mailer");
    (peer, mailer)
}

pub(super) fn numbered(number: usize) -> Email {
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

pub(super) fn rejected(result: Result<(), SendError>) -> String {
    match result {
        Err(SendError::Rejected { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

pub(super) async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..200 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never: {what}");
}

#[tokio::test]
async fn a_message_arrives_as_it_was() {
    let (peer, mailer) = peer().await;
    let email = Email {
        text: "Hello Maria,\n\n.\n..two\nZoë\n".into(),
        ..email()
    };
    mailer.send(&email).await.expect("sent");
    let mails = peer.mails();
    let mail = MessageParser::default().parse(&mails[0]).expect("a message");
    assert_eq!(mail.subject(), Some(email.subject.as_str()));
    assert_eq!(
        mail.body_text(0).expect("text").replace("\r\n", "\n").trim_end(),
        email.text.trim_end()
    );
    assert_eq!(mail.body_html(0).expect("html").trim_end(), email.html);
    assert_eq!(mail.message_id(), Some(email.message_id.as_str()));
    let commands = peer.commands();
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
async fn check_quits_and_sends_nothing() {
    let (peer, mailer) = peer().await;
    mailer.check().await.expect("reachable");
    eventually("QUIT", || peer.count("QUIT") == 1 && peer.open() == 0).await;
    assert_eq!(peer.count("MAIL"), 0);
    peer.answer("EHLO", Answer::Hang);
    assert!(retry(mailer.check().await).contains("did not answer"));
}

#[tokio::test]
async fn settings_that_can_send_nothing_are_refused() {
    let settings = settings("smtp://127.0.0.1");
    let none = Mailer::new(&MailSettings {
        pool_size: 0,
        ..settings.clone()
    });
    assert!(matches!(none, Err(SetupError::NoConnections)));
    let never = Mailer::new(&MailSettings {
        timeout: Duration::ZERO,
        ..settings
    });
    assert!(matches!(never, Err(SetupError::NoTime)));
}
