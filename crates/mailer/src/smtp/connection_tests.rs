//! Reuse of connections.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::test_server::{ScriptedReply, TestSmtpServer};
use super::tests::*;
use crate::Mailer;
use crate::email::tests::email;

#[tokio::test]
async fn connections_are_reused_and_limited_as_the_url_says() {
    let server = TestSmtpServer::start().await;
    let mut settings = settings(&format!("smtp://127.0.0.1:{}?connections=3", server.port));
    settings.timeout = Duration::from_secs(10);
    let mailer = Mailer::new(&settings).expect("a mailer");
    let emails: Vec<_> = (0..60).map(numbered_email).collect();
    for sent in join_all(emails.iter().map(|email| mailer.send(email))).await {
        sent.expect("sent");
    }
    assert_eq!(server.mails().len(), 60);
    assert!(server.connections() <= 3, "{} connections", server.connections());
    assert!(server.open_max() <= 3);
}

#[tokio::test]
async fn a_connection_is_replaced_after_a_hundred_messages() {
    let (server, mailer) = start().await;
    let started_at = Instant::now();
    for number in 0..101 {
        mailer.send(&numbered_email(number)).await.expect("sent");
    }
    assert!(
        started_at.elapsed() < Duration::from_secs(2),
        "each message waits for an acknowledgement"
    );
    assert_eq!((server.mails().len(), server.connections()), (101, 2));
    wait_until("QUIT on the replaced connection", || server.count("QUIT") == 1).await;
}

#[tokio::test]
async fn a_connection_closed_while_idle_does_not_fail_a_message() {
    let (server, mailer) = start().await;
    for round in 1..=3 {
        mailer.send(&numbered_email(round)).await.expect("sent");
        wait_until("idle", || server.open() == 1).await;
        server.close_connections();
        wait_until("closed", || server.open() == 0).await;
    }
    assert_eq!((server.mails().len(), server.connections()), (3, 3));
}

#[tokio::test]
async fn a_421_or_a_refused_sender_on_a_reused_connection_opens_a_new_one() {
    let (server, mailer) = start().await;
    for (round, reply) in ["421 4.4.2 idle too long", "452 4.5.3 too many messages"]
        .into_iter()
        .enumerate()
    {
        mailer.send(&numbered_email(round)).await.expect("sent");
        server.script("MAIL", ScriptedReply::Send(reply));
        mailer
            .send(&numbered_email(round + 10))
            .await
            .expect("sent on a new connection");
    }
    assert_eq!(server.mails().len(), 4);
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn unresponsive_connections_are_replaced_within_the_timeout() {
    let (server, mailer) = start().await;
    let emails: Vec<_> = (0..4).map(numbered_email).collect();
    join_all(emails.iter().map(|email| mailer.send(email))).await;
    server.stop_replying();
    mailer
        .send(&numbered_email(9))
        .await
        .expect("sent on a new connection");
    assert_eq!(server.mails().len(), 5);
}

#[tokio::test]
async fn a_connection_of_a_dropped_send_is_not_reused() {
    let (server, mailer) = start().await;
    server.script(".", ScriptedReply::Hang);
    let reason = retry(mailer.send(&numbered_email(1)).await);
    assert_eq!(reason, "the mail server did not answer within 1 s");
    mailer.send(&numbered_email(2)).await.expect("sent");
    assert_eq!(server.connections(), 2);

    server.script("RCPT", ScriptedReply::Hang);
    let third = numbered_email(3);
    tokio::time::timeout(Duration::from_millis(100), mailer.send(&third))
        .await
        .expect_err("dropped by the caller");
    mailer.send(&numbered_email(4)).await.expect("sent");
    assert_eq!((server.connections(), server.mails().len()), (3, 2));
}

#[tokio::test]
async fn a_connection_is_reused_after_a_refusal() {
    let (server, mailer) = start().await;
    for number in 0..5 {
        server.script("RCPT", ScriptedReply::Send("550 5.1.1 no such user"));
        rejected(mailer.send(&numbered_email(number)).await);
        mailer.send(&numbered_email(number + 10)).await.expect("sent");
    }
    assert_eq!(
        (server.connections(), server.count("RSET"), server.mails().len()),
        (1, 5, 5)
    );
}

#[tokio::test]
async fn close_waits_for_messages_in_flight_then_quits_and_refuses_more() {
    let (server, mailer) = start().await;
    let emails: Vec<_> = (0..4).map(numbered_email).collect();
    let (sent, ()) = tokio::join!(join_all(emails.iter().map(|email| mailer.send(email))), async {
        tokio::task::yield_now().await;
        mailer.close().await;
    });
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
    assert_eq!(server.mails().len(), 4);
    wait_until("all quit", || server.open() == 0).await;
    assert_eq!(server.count("QUIT"), server.connections());
    assert_eq!(retry(mailer.send(&email()).await), "the mailer is shutting down");
    mailer.close().await;
}

#[tokio::test]
#[ignore = "takes 50 s"]
async fn an_unused_connection_is_closed_with_quit() {
    let (server, mailer) = start().await;
    mailer.send(&email()).await.expect("sent");
    tokio::time::sleep(Duration::from_secs(25)).await;
    assert_eq!((server.open(), server.count("QUIT")), (1, 0));
    tokio::time::sleep(Duration::from_secs(25)).await;
    assert_eq!((server.open(), server.count("QUIT")), (0, 1));
    mailer.send(&email()).await.expect("sent on a new connection");
}
