//! Connections are reused, and never lose a message.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::peer::{Answer, Peer};
use super::tests::*;
use crate::Mailer;
use crate::email::tests::email;

#[tokio::test]
async fn connections_are_used_again_and_never_more_than_the_pool_has() {
    let peer = Peer::start().await;
    let mut settings = settings(&format!("smtp://127.0.0.1:{}", peer.port));
    settings.pool_size = 3;
    settings.timeout = Duration::from_secs(10);
    let mailer = Mailer::new(&settings).expect("a mailer");
    let emails: Vec<_> = (0..60).map(numbered).collect();
    for sent in join_all(emails.iter().map(|email| mailer.send(email))).await {
        sent.expect("sent");
    }
    assert_eq!(peer.mails().len(), 60);
    assert!(peer.connections() <= 3, "{} connections", peer.connections());
    assert!(peer.open_max() <= 3);
}

#[tokio::test]
async fn a_connection_carries_a_hundred_messages() {
    let (peer, mailer) = peer().await;
    let begun = Instant::now();
    for number in 0..101 {
        mailer.send(&numbered(number)).await.expect("sent");
    }
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "each message waits for an acknowledgement"
    );
    assert_eq!((peer.mails().len(), peer.connections()), (101, 2));
    eventually("QUIT on the worn one", || peer.count("QUIT") == 1).await;
}

#[tokio::test]
async fn a_connection_closed_while_idle_fails_no_message() {
    let (peer, mailer) = peer().await;
    for round in 1..=3 {
        mailer.send(&numbered(round)).await.expect("sent");
        eventually("parked", || peer.open() == 1).await;
        peer.hang_up();
        eventually("closed", || peer.open() == 0).await;
    }
    assert_eq!((peer.mails().len(), peer.connections()), (3, 3));
}

#[tokio::test]
async fn a_421_or_a_refused_sender_on_a_used_connection_gets_a_new_one() {
    let (peer, mailer) = peer().await;
    for (round, farewell) in ["421 4.4.2 idle too long", "452 4.5.3 too many messages"]
        .into_iter()
        .enumerate()
    {
        mailer.send(&numbered(round)).await.expect("sent");
        peer.answer("MAIL", Answer::Say(farewell));
        mailer
            .send(&numbered(round + 10))
            .await
            .expect("sent on a new connection");
    }
    assert_eq!(peer.mails().len(), 4);
    assert_eq!(peer.connections(), 3);
}

#[tokio::test]
async fn dead_connections_are_left_within_the_limit() {
    let (peer, mailer) = peer().await;
    let emails: Vec<_> = (0..4).map(numbered).collect();
    join_all(emails.iter().map(|email| mailer.send(email))).await;
    peer.fall_silent();
    mailer.send(&numbered(9)).await.expect("sent on a new connection");
    assert_eq!(peer.mails().len(), 5);
}

#[tokio::test]
async fn a_connection_of_a_given_up_send_is_not_used_again() {
    let (peer, mailer) = peer().await;
    peer.answer(".", Answer::Hang);
    let reason = retry(mailer.send(&numbered(1)).await);
    assert_eq!(reason, "the mail server did not answer within 1 s");
    mailer.send(&numbered(2)).await.expect("sent");
    assert_eq!(peer.connections(), 2);

    peer.answer("RCPT", Answer::Hang);
    let third = numbered(3);
    tokio::time::timeout(Duration::from_millis(100), mailer.send(&third))
        .await
        .expect_err("dropped by the caller");
    mailer.send(&numbered(4)).await.expect("sent");
    assert_eq!((peer.connections(), peer.mails().len()), (3, 2));
}

#[tokio::test]
async fn the_connection_outlives_a_refusal() {
    let (peer, mailer) = peer().await;
    for number in 0..5 {
        peer.answer("RCPT", Answer::Say("550 5.1.1 no such user"));
        rejected(mailer.send(&numbered(number)).await);
        mailer.send(&numbered(number + 10)).await.expect("sent");
    }
    assert_eq!(
        (peer.connections(), peer.count("RSET"), peer.mails().len()),
        (1, 5, 5)
    );
}

#[tokio::test]
async fn closing_ends_what_is_in_flight_quits_and_sends_no_more() {
    let (peer, mailer) = peer().await;
    let emails: Vec<_> = (0..4).map(numbered).collect();
    let (sent, ()) = tokio::join!(join_all(emails.iter().map(|email| mailer.send(email))), async {
        tokio::task::yield_now().await;
        mailer.close().await;
    });
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
    assert_eq!(peer.mails().len(), 4);
    eventually("all quit", || peer.open() == 0).await;
    assert_eq!(peer.count("QUIT"), peer.connections());
    assert_eq!(retry(mailer.send(&email()).await), "the mailer is shutting down");
    mailer.close().await;
}

#[tokio::test]
#[ignore = "takes 50 s"]
async fn a_connection_that_nobody_needs_is_ended_politely() {
    let (peer, mailer) = peer().await;
    mailer.send(&email()).await.expect("sent");
    tokio::time::sleep(Duration::from_secs(25)).await;
    assert_eq!((peer.open(), peer.count("QUIT")), (1, 0));
    tokio::time::sleep(Duration::from_secs(25)).await;
    assert_eq!((peer.open(), peer.count("QUIT")), (0, 1));
    mailer.send(&email()).await.expect("sent on a new connection");
}
