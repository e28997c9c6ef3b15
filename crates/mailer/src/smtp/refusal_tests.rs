//! What a refusal or a silence means.

use super::peer::{Answer, Peer};
use super::tests::*;
use crate::Mailer;
use crate::email::tests::email;

#[tokio::test]
async fn refusals_are_sorted_by_their_stage() {
    let (peer, mailer) = peer().await;
    let refusal = "550 5.1.1 <maria@example.com> no such user";
    peer.answer("RCPT", Answer::Say(refusal));
    assert_eq!(
        rejected(mailer.send(&email()).await),
        "550 5.1.1 <m***@example.com> no such user"
    );
    peer.answer(
        ".",
        Answer::Say("550-5.1.1 no such user:\r\n550 5.1.1 see https://help.example/x"),
    );
    assert_eq!(
        rejected(mailer.send(&email()).await),
        "550 5.1.1 no such user: see [link]"
    );
    for (command, answer) in [
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
        peer.hang_up();
        eventually("closed", || peer.open() == 0).await;
        peer.answer(command, Answer::Say(answer));
        let reason = retry(mailer.send(&email()).await);
        assert!(
            answer == "nonsense" || reason.starts_with(&answer[..3]),
            "{command} {answer}: {reason}"
        );
    }
    assert!(peer.mails().is_empty());
    peer.answer(".", Answer::Say("250 "));
    mailer.send(&email()).await.expect("a reply without words is one");
}

#[tokio::test]
async fn broken_and_silent_servers_are_tried_again() {
    let (peer, mailer) = peer().await;
    for command in ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        for answer in [Answer::Close, Answer::Hang] {
            peer.hang_up();
            eventually("closed", || peer.open() == 0).await;
            peer.answer(command, answer);
            retry(mailer.send(&email()).await);
        }
    }
    assert!(peer.mails().is_empty());
    mailer.send(&email()).await.expect("all is well again");
}

#[tokio::test]
async fn a_server_that_can_not_be_reached() {
    let port = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        free.local_addr().expect("an address").port()
    };
    let mailer = Mailer::new(&settings(&format!("smtp://127.0.0.1:{port}"))).expect("a mailer");
    let reason = retry(mailer.send(&email()).await);
    assert!(
        reason.starts_with("the mail server could not be reached: Connection refused"),
        "{reason}"
    );
    assert_eq!(retry(mailer.check().await), reason);
    let mailer = Mailer::new(&settings("smtp://nowhere.invalid")).expect("a mailer");
    let reason = retry(mailer.send(&email()).await);
    assert!(reason.starts_with("the mail server "), "{reason}");
}

#[tokio::test]
async fn refused_credentials_are_our_fault() {
    let peer = Peer::start().await;
    peer.offer(&["AUTH PLAIN LOGIN"]);
    let url = format!("smtp://portal%40acme.example:hunter2@127.0.0.1:{}", peer.port);
    let mailer = Mailer::new(&settings(&url)).expect("a mailer");
    mailer.check().await.expect("signed in");
    for answer in [
        "535 5.7.8 bad credentials of portal@acme.example",
        "530 no",
        "534 5.7.9 too weak",
        "454 4.7.0 later",
    ] {
        peer.answer("AUTH", Answer::Say(answer));
        let reason = retry(mailer.send(&email()).await);
        assert!(
            reason.starts_with("signing in to the mail server failed: "),
            "{reason}"
        );
        assert!(
            reason.contains(&answer[..3]) && !reason.contains("portal@"),
            "{reason}"
        );
    }
    assert!(!format!("{mailer:?} {:?}", settings(&url)).contains("hunter2"));
    mailer.send(&email()).await.expect("sent");
}

#[tokio::test]
async fn credentials_stay_here_when_encryption_fails() {
    let peer = Peer::start().await;
    peer.offer(&["AUTH PLAIN"]);
    let url = format!("smtp://u:hunter2@127.0.0.1:{}?tls=required", peer.port);
    let mailer = Mailer::new(&settings(&url)).expect("a mailer");
    let reason = retry(mailer.send(&email()).await);
    assert!(reason.contains("does not offer STARTTLS"), "{reason}");

    peer.offer(&["AUTH PLAIN", "STARTTLS"]);
    peer.answer("STARTTLS", Answer::Say("454 4.7.0 not now"));
    let reason = retry(mailer.send(&email()).await);
    assert!(
        reason.starts_with("TLS with the mail server failed: 454"),
        "{reason}"
    );
    let reason = retry(mailer.send(&email()).await);
    assert!(
        reason.starts_with("TLS with the mail server failed: "),
        "a handshake with garbage: {reason}"
    );
    assert_eq!((peer.count("AUTH"), peer.count("MAIL")), (0, 0));
}

/// 0.0.0.0 reaches this machine, but is not a loopback address.
#[tokio::test]
async fn credentials_are_not_said_in_the_clear_to_others() {
    let peer = Peer::start().await;
    peer.offer(&["AUTH PLAIN LOGIN"]);
    let url = format!("smtp://u:hunter2@0.0.0.0:{}", peer.port);
    let mailer = Mailer::new(&settings(&url)).expect("a mailer");
    let reason = retry(mailer.send(&email()).await);
    assert!(reason.ends_with("so user and password were not sent"), "{reason}");
    assert_eq!(peer.count("AUTH"), 0);
}
