//! Hours in which nothing is sent. It is 10:00 UTC on Monday, 5 January 2026.

use chrono::TimeDelta;
use mailer::SendError;
use serde_json::{Value, json};

use crate::contents::Rooms;
use crate::support::wait_until;

fn quiet(rooms: &Rooms, start: &str, end: &str) -> Value {
    json!({"selection": {"contactIds": [rooms.id()]}, "channel": "EMAIL", "format": "MARKDOWN", "subject": "News", "body": "Hello",
        "quietHours": {"start": start, "end": end}})
}

async fn due(rooms: &Rooms) -> Vec<Option<String>> {
    let due = "select to_char(due_at at time zone 'UTC', 'DD HH24:MI') || ' ' || extract(epoch from give_up_at - due_at)::int from messages";
    rooms.api.test.test.texts(due).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_waits_for_the_end_in_the_zone_of_its_contact() {
    for (zone, account_zone, expected) in [
        ("'America/New_York'", "UTC", "05 13:00 86400"),
        ("null", "America/New_York", "05 13:00 86400"),
        ("'Asia/Tokyo'", "America/New_York", "05 10:00 86400"),
        ("null", "UTC", "05 10:00 86400"),
    ] {
        let rooms = Rooms::open().await;
        let zones = format!("update contacts set timezone = {zone}; update accounts set timezone = '{account_zone}'");
        rooms.api.test.test.run(&zones).await;
        rooms.write("sendMessage", quiet(&rooms, "21:00", "08:00"), "count").await;
        assert_eq!(due(&rooms).await, [Some(expected.to_owned())], "{zone} {account_zone}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_and_a_late_claim_wait_as_well() {
    let rooms = Rooms::open().await;
    let test = &rooms.api.test;
    // A late claim: it was queued before the hours began, and the worker starts within them.
    rooms.write("sendMessage", quiet(&rooms, "10:30", "11:00"), "count").await;
    test.clock.advance(TimeDelta::minutes(45));
    let worker = test.start_worker();
    wait_until("postponed", async || {
        due(&rooms).await == [Some("05 11:00 86400".to_owned())]
    })
    .await;
    let untouched = "select count(*) from messages where status = 'QUEUED' and attempt_count = 0 and lease_owner is null";
    assert_eq!(test.test.number(untouched).await, 1);
    let later = SendError::Retry {
        reason: "451 4.7.1 Try again later".to_owned(),
    };
    test.mailbox.fail_next(1, later);
    test.clock.advance(TimeDelta::minutes(15));
    wait_until("deferred", async || test.messages("DEFERRED").await == 1).await;
    // A retry: the next day's hours have begun when it is due. It gets an hour after them at least.
    test.test.run("update messages set due_at = '2026-01-06T10:40Z'").await;
    test.clock.advance(TimeDelta::minutes(23 * 60 + 45));
    wait_until("postponed again", async || {
        due(&rooms).await == [Some("06 11:00 3600".to_owned())]
    })
    .await;
    assert!(test.mailbox.sent().is_empty());
    test.clock.advance(TimeDelta::minutes(15));
    test.wait_for_emails(1).await;
    worker.stop().await;
}
