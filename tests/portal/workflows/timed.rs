//! The triggers that time fires.

use chrono::TimeDelta;
use serde_json::json;

use super::{Desk, add_tag};

async fn invite(desk: &Desk) {
    let input = json!({"contactIds": [desk.rooms.id()]});
    desk.rooms
        .write("inviteContacts", input, "invitations { id }")
        .await;
}

/// Lets the time pass, and waits until the timers are checked.
async fn pass(desk: &Desk, by: TimeDelta) {
    desk.advance(by);
    let now = desk.rooms.api.test.clock.now().to_rfc3339();
    let unchecked = format!(
        "select count(*) from workflow_timers where checked_until < timestamptz '{now}' - interval '1 minute'"
    );
    crate::support::wait_until("checked", async || desk.number(&unchecked).await == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unanswered_invitation_starts_a_run_once_after_its_days() {
    let desk = Desk::open().await;
    let triggers = json!([{"trigger": "INVITATION_UNANSWERED", "days": 3}]);
    let always = json!({"settings": {"reentry": "ALWAYS"}});
    let id = desk
        .workflow(triggers, json!([add_tag("tag", "remind", None)]), always)
        .await;
    invite(&desk).await;
    pass(&desk, TimeDelta::days(3) - TimeDelta::minutes(2)).await;
    assert_eq!(desk.runs(&id).await.len(), 0);
    pass(&desk, TimeDelta::minutes(4)).await;
    assert_eq!(desk.run(&id).await["trigger"], "INVITATION_UNANSWERED");
    pass(&desk, TimeDelta::days(30)).await;
    assert_eq!(desk.runs(&id).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_due_before_the_publication_and_who_joined_starts_nothing() {
    let desk = Desk::open().await;
    invite(&desk).await;
    desk.advance(TimeDelta::days(5));
    let triggers = json!([{"trigger": "INVITATION_UNANSWERED", "days": 3}]);
    let steps = json!([add_tag("tag", "remind", None)]);
    let late = desk.workflow(triggers, steps.clone(), json!({})).await;
    let triggers = json!([{"trigger": "INVITATION_UNANSWERED", "days": 6}]);
    let joined = desk.workflow(triggers, steps, json!({})).await;
    let test = &desk.rooms.api.test.test;
    test.run("update contacts set joined_at = '2026-01-10T00:00:00Z'")
        .await;
    pass(&desk, TimeDelta::days(2)).await;
    assert_eq!(desk.runs(&late).await.len(), 0);
    assert_eq!(desk.runs(&joined).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_who_stays_away_starts_a_run_each_time() {
    let desk = Desk::open().await;
    let triggers = json!([{"trigger": "CONTACT_INACTIVE", "days": 30}]);
    let id = desk
        .workflow(triggers, json!([add_tag("tag", "away", None)]), json!({}))
        .await;
    let test = &desk.rooms.api.test.test;
    test.run("update contacts set joined_at = '2026-01-05T10:00:00Z', last_seen_at = '2026-01-05T10:00:00Z'")
        .await;
    pass(&desk, TimeDelta::days(31)).await;
    assert_eq!(desk.runs(&id).await.len(), 1);
    pass(&desk, TimeDelta::days(31)).await;
    assert_eq!(desk.runs(&id).await.len(), 1);
    test.run("update contacts set last_seen_at = '2026-03-08T10:00:00Z'")
        .await;
    pass(&desk, TimeDelta::days(31)).await;
    assert_eq!(desk.runs(&id).await.len(), 2);
}
