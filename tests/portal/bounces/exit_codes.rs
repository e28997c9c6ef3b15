use std::time::Duration;

use serde_json::json;

use super::{CONTACT, bounces, fixture, invited, report, run};
use crate::support::TestServer;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_report_exits_with_65_and_says_why() {
    let server = TestServer::open().await;
    for (input, reason) in [
        (fixture!("auto_reply"), "not multipart/report"),
        (fixture!("qmail"), "qmail's own format, which is not supported"),
        (
            fixture!("read_receipt"),
            "neither a delivery report (RFC 3464) nor a complaint",
        ),
        ("", "not multipart/report"),
    ] {
        // It is refused before the database is opened.
        let said = run(&server, &["-"], input, "postgres://localhost:1/none").await;
        assert_eq!(said.code, Some(65), "{}", said.err);
        assert!(said.err.contains(reason), "{}", said.err);
        assert_eq!(said.err.trim().lines().count(), 1, "{}", said.err);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_read_and_a_missing_one_exits_with_66() {
    let server = TestServer::open().await;
    let (_, email) = invited(&server, "new@example.com").await;
    let file = server.folder().join("report.eml");
    std::fs::write(&file, report(fixture!("postfix"), &email)).expect("it is written");
    let path = file.to_str().expect("text");
    let said = run(&server, &[path], "", &server.test.url).await;
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.starts_with("message_"), "{}", said.out);
    let said = run(&server, &["no-such-file"], "", &server.test.url).await;
    assert_eq!(said.code, Some(66));
    assert!(said.err.contains("no-such-file"), "{}", said.err);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_must_be_read_again_later_exits_with_75() {
    let server = TestServer::open().await;
    let (contact, email) = invited(&server, "new@example.com").await;
    let bounce = report(fixture!("postfix"), &email);
    let said = run(&server, &["-"], &bounce, "postgres://localhost:1/none").await;
    assert_eq!(said.code, Some(75), "{}", said.err);
    let said = run(&server, &["-"], &bounce, "not a URL").await;
    assert_eq!(said.code, Some(75), "wrong settings: {}", said.err);
    // Its lease holds, so that the worker doesn't send it again.
    server
        .test
        .run("update messages set status = 'SENDING', due_at = '2027-01-01Z', lease_owner = account_id")
        .await;
    let said = bounces(&server, &bounce).await;
    assert_eq!(said.code, Some(75), "{}", said.out);
    assert!(said.err.contains("is being sent"), "{}", said.err);
    let data = server.data(&server.acme.read_key, CONTACT, contact).await;
    assert!(data["contact"]["suppression"].is_null());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_larger_than_the_limit_is_read_to_its_end_and_used() {
    let server = TestServer::open().await;
    let (contact, email) = invited(&server, "new@example.com").await;
    let mut bounce = report(fixture!("postfix"), &email);
    bounce.push_str(&"a line of a large message\n".repeat(500_000));
    let said = bounces(&server, &bounce).await;
    assert_eq!(said.code, Some(0), "{}", said.err);
    let data = server.data(&server.acme.read_key, CONTACT, contact).await;
    assert_eq!(data["contact"]["lastMessage"]["status"], json!("BOUNCED"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_waits_for_a_free_connection() {
    let server = TestServer::open().await;
    let (contact, email) = invited(&server, "new@example.com").await;
    let limit = |count: i32| {
        format!(
            "do $$ begin execute format('alter database %I with connection limit {count}', current_database()); end $$"
        )
    };
    server.test.run(&limit(1)).await;
    let bounce = report(fixture!("postfix"), &email);
    let freed = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        server.test.run(&limit(-1)).await;
    };
    let (said, ()) = tokio::join!(bounces(&server, &bounce), freed);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let data = server.data(&server.acme.read_key, CONTACT, contact).await;
    assert_eq!(data["contact"]["lastMessage"]["status"], json!("BOUNCED"));
    server.stop().await;
}
