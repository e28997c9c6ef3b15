//! What starts runs, and what ends them early.

use chrono::TimeDelta;
use serde_json::json;

use super::{Desk, add_tag, offer, tag_added, wait_for, way};
use crate::contents::document;

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_a_trigger_selects_starts_a_run() {
    let desk = Desk::open().await;
    let (one, other) = (offer(&desk.rooms, "One").await, offer(&desk.rooms, "Other").await);
    let triggers = json!([{"trigger": "OFFER_ACCESS_GRANTED", "targetIds": [one]}]);
    let id = desk
        .workflow(triggers, json!([add_tag("tag", "customer", None)]), json!({}))
        .await;
    desk.rooms.grant_offer(&other, json!({})).await;
    assert_eq!(desk.runs(&id).await.len(), 0);
    desk.rooms.grant_offer(&one, json!({})).await;
    let run = desk.run(&id).await;
    assert_eq!(
        (&run["status"], &run["trigger"]),
        (&json!("COMPLETED"), &json!("OFFER_ACCESS_GRANTED"))
    );
    assert_eq!(
        (way(&run), desk.tags().await),
        (vec!["tag:DONE".to_owned()], vec!["customer".to_owned()])
    );
    assert_eq!(run["contact"]["id"], desk.rooms.id());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_before_it_was_published_starts_nothing() {
    let desk = Desk::open().await;
    let id = desk
        .draft(tag_added("vip"), json!([add_tag("tag", "seen", None)]), json!({}))
        .await;
    desk.tag(&["vip"], &[]).await;
    assert_eq!(desk.number("select count(*) from workflow_events").await, 0);
    desk.publish(&id, json!({})).await;
    assert_eq!(desk.runs(&id).await.len(), 0);
    desk.tag(&["other"], &[]).await;
    desk.tag(&[], &["vip"]).await;
    assert_eq!(desk.runs(&id).await.len(), 0);
    desk.tag(&["vip"], &[]).await;
    assert_eq!(desk.runs(&id).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_enters_again_as_the_settings_say() {
    for (reentry, expected) in [("NEVER", 1), ("AFTER_END", 2), ("ALWAYS", 3)] {
        let desk = Desk::open().await;
        let steps = json!([wait_for("pause", 1, "DAYS", None)]);
        let settings = json!({"settings": {"reentry": reentry}});
        let id = desk.workflow(tag_added("vip"), steps, settings).await;
        desk.tag(&["vip"], &[]).await;
        assert_eq!(desk.runs(&id).await.len(), 1);
        // While the first one runs.
        desk.tag(&[], &["vip"]).await;
        desk.tag(&["vip"], &[]).await;
        desk.settle().await;
        desk.advance(TimeDelta::days(1));
        desk.settle().await;
        // After it has ended.
        desk.tag(&[], &["vip"]).await;
        desk.tag(&["vip"], &[]).await;
        let runs = desk.runs(&id).await;
        assert_eq!(runs.len(), expected, "{reentry}");
        assert_eq!(runs[0]["status"], "COMPLETED");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_of_a_contact_who_joins_stop_if_the_workflow_says_so() {
    let desk = Desk::open().await;
    let steps = json!([wait_for("pause", 1, "DAYS", None)]);
    let stopping = json!({"settings": {"stopOnJoin": true}});
    let stops = desk.workflow(tag_added("vip"), steps.clone(), stopping).await;
    let stays = desk.workflow(tag_added("vip"), steps, json!({})).await;
    desk.tag(&["vip"], &[]).await;
    desk.settle().await;
    join(&desk).await;
    let run = desk.run(&stops).await;
    assert_eq!(
        (&run["status"], &run["endReason"]),
        (&json!("STOPPED"), &json!("JOINED"))
    );
    assert_eq!(desk.run(&stays).await["status"], "RUNNING");
}

/// Records that the contact joined, as a sign-in does.
pub async fn join(desk: &Desk) {
    use vestibule::base::audit::{EventKind, NewEvent, record};
    let test = &desk.rooms.api.test;
    let (account, moment) = (test.account.id, test.clock.moment());
    let event = NewEvent::for_contact(EventKind::Joined, desk.rooms.contact.id);
    test.write(async |conn| record(conn, account, &test.requester, std::slice::from_ref(&event), &moment).await)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_that_starts_itself_stops_after_twenty_generations() {
    let desk = Desk::open().await;
    let steps = json!([
        {"removeTags": {"key": "off", "tags": ["loop"], "next": "on"}},
        add_tag("on", "loop", None),
    ]);
    let always = json!({"settings": {"reentry": "ALWAYS"}});
    let id = desk.workflow(tag_added("loop"), steps, always).await;
    desk.tag(&["loop"], &[]).await;
    let runs = desk.runs(&id).await;
    let (last, others) = runs.split_last().expect("runs");
    assert_eq!(
        (&last["status"], &last["endReason"]),
        (&json!("STOPPED"), &json!("LOOP"))
    );
    assert_eq!(others.len(), 21);
    assert!(
        others.iter().all(|run| run["status"] == "COMPLETED"),
        "{others:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_costs_no_statement_whether_a_workflow_listens_or_not() {
    let desk = Desk::open().await;
    let (api, owner) = (&desk.rooms.api, &desk.rooms.owner);
    let document = document("updateContactTags", "count");
    let number = std::cell::Cell::new(0);
    let change = async || {
        let tag = format!("tag {}", number.get());
        number.set(number.get() + 1);
        let input = super::tag_input(&desk.rooms, &[&tag], &[]);
        api.data(owner, &document, json!({"input": input})).await;
    };
    let count = async || {
        let mut fewest = u64::MAX;
        for _ in 0..7 {
            let before = api.services.db.statement_count();
            change().await;
            fewest = fewest.min(api.services.db.statement_count() - before);
        }
        fewest
    };
    let alone = count().await;
    assert_eq!(desk.number("select count(*) from workflow_events").await, 0);
    let steps = json!([wait_for("pause", 1, "DAYS", None)]);
    let id = desk
        .workflow(json!([{"trigger": "TAG_ADDED"}]), steps, json!({}))
        .await;
    assert_eq!(count().await, alone);
    assert!(!desk.runs(&id).await.is_empty());
}
