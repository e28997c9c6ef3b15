//! Classification of refusals and timeouts, end to end.

use super::test_server::{ScriptedReply, TestSmtpServer};
use super::tests::*;
use crate::Mailer;
use crate::email::tests::email;

#[tokio::test]
async fn refusals_are_classified_by_their_stage() {
    let (server, mailer) = start().await;
    let refusal = "550 5.1.1 <maria@example.com> no such user";
    server.script("RCPT", ScriptedReply::Send(refusal));
    assert_eq!(
        rejected(mailer.send(&email()).await),
        "550 5.1.1 <m***@example.com> no such user"
    );
    server.script(
        ".",
        ScriptedReply::Send("550-5.1.1 no such user:\r\n550 5.1.1 see https://help.example/x"),
    );
    assert_eq!(
        rejected(mailer.send(&email()).await),
        "550 5.1.1 no such user: see [link]"
    );
    for (command, reply) in [
        ("GREETING", "554 5.7.1 no service for you"),
        ("EHLO", "550 5.1.1 who?"),
        ("MAIL", refusal),
        ("RCPT", "451 4.7.1 greylisted"),
        ("RCPT", "550 5.7.1 relaying denied"),
        ("DATA", refusal),
        (".", "554 5.7.1 looks like spam"),
        (".", "452 4.3.1 disk full"),
        ("RCPT", "nonsense"),
    ] {
        server.close_connections();
        wait_until("closed", || server.open() == 0).await;
        server.script(command, ScriptedReply::Send(reply));
        let sent = mailer.send(&email()).await;
        let reason = match command {
            "GREETING" | "EHLO" => unreachable(sent),
            _ => retry(sent),
        };
        assert!(
            reply == "nonsense" || reason.contains(&reply[..3]),
            "{command} {reply}: {reason}"
        );
    }
    assert!(server.mails().is_empty());
    server.script(".", ScriptedReply::Send("250 "));
    mailer
        .send(&email())
        .await
        .expect("a reply without text is valid");
}

#[tokio::test]
async fn closed_and_unresponsive_connections_are_no_bounces() {
    let (server, mailer) = start().await;
    for command in ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        for reply in [ScriptedReply::Close, ScriptedReply::Hang] {
            server.close_connections();
            wait_until("closed", || server.open() == 0).await;
            server.script(command, reply);
            let sent = mailer.send(&email()).await;
            match command {
                "GREETING" | "EHLO" => unreachable(sent),
                _ => retry(sent),
            };
        }
    }
    assert!(server.mails().is_empty());
    mailer.send(&email()).await.expect("the server works again");
}

#[tokio::test]
async fn a_server_that_does_not_listen_is_unreachable() {
    let port = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        free.local_addr().expect("an address").port()
    };
    let mailer = Mailer::new(&settings(&format!("smtp://127.0.0.1:{port}"))).expect("a mailer");
    let reason = unreachable(mailer.send(&email()).await);
    assert!(
        reason.starts_with("the mail server could not be reached: Connection refused"),
        "{reason}"
    );
    assert_eq!(unreachable(mailer.check().await), reason);
    let mailer = Mailer::new(&settings("smtp://nowhere.invalid")).expect("a mailer");
    let reason = unreachable(mailer.send(&email()).await);
    assert!(reason.starts_with("the mail server "), "{reason}");
}

#[tokio::test]
async fn refused_credentials_make_the_server_unreachable() {
    let server = TestSmtpServer::start().await;
    server.advertise(&["AUTH PLAIN LOGIN"]);
    let url = format!("smtp://portal%40acme.example:hunter2@127.0.0.1:{}", server.port);
    let mailer = Mailer::new(&settings(&url)).expect("a mailer");
    mailer.check().await.expect("signed in");
    for reply in [
        "535 5.7.8 bad credentials of portal@acme.example",
        "530 no",
        "534 5.7.9 too weak",
        "454 4.7.0 later",
    ] {
        server.script("AUTH", ScriptedReply::Send(reply));
        let reason = unreachable(mailer.send(&email()).await);
        assert!(
            reason.starts_with("signing in to the mail server failed: "),
            "{reason}"
        );
        assert!(
            reason.contains(&reply[..3]) && !reason.contains("portal@"),
            "{reason}"
        );
    }
    assert!(!format!("{mailer:?} {:?}", settings(&url)).contains("hunter2"));
    mailer.send(&email()).await.expect("sent");
}

#[tokio::test]
async fn credentials_are_not_sent_when_encryption_fails() {
    let server = TestSmtpServer::start().await;
    server.advertise(&["AUTH PLAIN"]);
    let url = format!("smtp://u:hunter2@127.0.0.1:{}?tls=required", server.port);
    let mailer = Mailer::new(&settings(&url)).expect("a mailer");
    let reason = unreachable(mailer.send(&email()).await);
    assert!(reason.contains("does not offer STARTTLS"), "{reason}");

    server.advertise(&["AUTH PLAIN", "STARTTLS"]);
    server.script("STARTTLS", ScriptedReply::Send("454 4.7.0 not now"));
    let reason = unreachable(mailer.send(&email()).await);
    assert!(
        reason.starts_with("TLS with the mail server failed: 454"),
        "{reason}"
    );
    let reason = unreachable(mailer.send(&email()).await);
    assert!(
        reason.starts_with("TLS with the mail server failed: "),
        "a handshake with garbage: {reason}"
    );
    assert_eq!((server.count("AUTH"), server.count("MAIL")), (0, 0));
}

/// 0.0.0.0 reaches this machine, but is not a loopback address.
#[tokio::test]
async fn credentials_are_not_sent_unencrypted_to_another_host() {
    let server = TestSmtpServer::start().await;
    server.advertise(&["AUTH PLAIN LOGIN"]);
    let url = format!("smtp://u:hunter2@0.0.0.0:{}", server.port);
    let mailer = Mailer::new(&settings(&url)).expect("a mailer");
    let reason = unreachable(mailer.send(&email()).await);
    assert!(reason.ends_with("so user and password were not sent"), "{reason}");
    assert_eq!(server.count("AUTH"), 0);
}

#[tokio::test]
async fn a_message_waits_for_an_open_session_if_the_server_allows_no_more() {
    let (server, mailer) = start().await;
    server.script("RCPT", ScriptedReply::Hang);
    let (other, message) = (mailer.clone(), email());
    let hanging = tokio::spawn(async move { other.send(&message).await });
    wait_until("in flight", || server.count("RCPT") == 1).await;
    server.script("GREETING", ScriptedReply::Send("421 4.3.2 too many connections"));
    let (other, message) = (mailer.clone(), email());
    let waiting = tokio::spawn(async move { other.send(&message).await });
    wait_until("refused", || server.connections() == 2).await;
    hanging.abort();
    waiting
        .await
        .expect("a task")
        .expect("sent on the next connection");
    assert_eq!((server.mails().len(), server.connections()), (1, 3));
}
