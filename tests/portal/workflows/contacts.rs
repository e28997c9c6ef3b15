//! Contacts who are erased or merged while they are in workflows, and messages that a run no longer sends.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::entering::join;
use super::{Desk, add_tag, tag_added, tag_input, wait_for, way};
use crate::contents::text;
use crate::support::wait_until;

/// The id of another contact.
async fn another(desk: &Desk, email: &str) -> String {
    let made = json!({"email": email});
    let made = desk.rooms.write("createContact", made, "contact { id }").await;
    text(&made["contact"]["id"])
}

async fn tag(desk: &Desk, contact: &str, tag: &str) {
    let mut input = tag_input(&desk.rooms, &[tag], &[]);
    input["contactIds"] = json!([contact]);
    desk.rooms.write("updateContactTags", input, "count").await;
}

async fn erase(desk: &Desk) {
    let input = json!({"contactId": desk.rooms.id(), "confirmEmail": "anna@example.com"});
    desk.rooms.write("eraseContact", input, "erasedContactId").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_a_contact_keeps_what_the_workflow_sends_to_others() {
    let desk = Desk::open().await;
    let template = desk.template("Mail", json!({})).await;
    let steps = json!([{"sendEmail": {"key": "mail", "templateId": template}}]);
    let id = desk.workflow(tag_added("vip"), steps, json!({})).await;
    desk.tag(&["vip"], &[]).await;
    assert_eq!(way(&desk.run(&id).await), ["mail:DONE"]);
    let other = another(&desk, "ben@example.com").await;
    erase(&desk).await;
    assert_eq!(desk.runs(&id).await.len(), 0);
    tag(&desk, &other, "vip").await;
    let run = desk.run(&id).await;
    assert_eq!(
        (way(&run), &run["problem"]),
        (vec!["mail:DONE".to_owned()], &Value::Null)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_a_contact_leaves_nothing_of_them_in_workflows() {
    let desk = Desk::open().await;
    let branch = |key: &str, search: &str, next: Option<&str>| json!({"branch": {"key": key, "condition": {"search": search, "tags": ["old"]}, "next": next}});
    let steps = json!([
        branch("one", "Anna@example.com", Some("two")),
        branch("two", "ben", Some("tag")),
        add_tag("tag", "found", None)
    ]);
    let name = json!({"name": "For anna@example.com"});
    let id = desk.workflow(tag_added("vip"), steps, name).await;
    erase(&desk).await;
    let left = "select (select count(*) from workflows where (name || definition) ilike '%anna%') \
        + (select count(*) from workflow_versions where definition::text ilike '%anna%')";
    assert_eq!(desk.number(left).await, 0);
    let query = "query ($id: ID!) { workflow(id: $id) { hasChanges steps { key ... on BranchStep { condition { search tags } } } } }";
    let shown = desk
        .rooms
        .api
        .data(&desk.rooms.owner, query, json!({"id": id}))
        .await;
    let shown = &shown["workflow"];
    assert_eq!(
        (&shown["hasChanges"], &shown["steps"][1]["condition"]["search"]),
        (&json!(false), &json!("ben"))
    );
    assert_eq!(shown["steps"][0]["condition"]["tags"], json!(["old"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_runs_of_a_merged_contact_go_on_unless_the_other_is_in_the_workflow() {
    for (both, expected) in [
        (false, vec![("COMPLETED", Value::Null)]),
        (
            true,
            vec![("STOPPED", json!("MERGED")), ("COMPLETED", Value::Null)],
        ),
    ] {
        let desk = Desk::open().await;
        let offer = super::offer(&desk.rooms, "Bread").await;
        let template = desk.template("Mail", json!({"body": "{{ offer.title }}"})).await;
        let steps = json!([
            wait_for("pause", 1, "HOURS", Some("mail")),
            {"sendEmail": {"key": "mail", "templateId": template}},
        ]);
        let id = desk
            .workflow(json!([{"trigger": "OFFER_ACCESS_GRANTED"}]), steps, json!({}))
            .await;
        let duplicate = another(&desk, "copy@example.com").await;
        let grant = json!({"offerId": offer, "selection": {"contactIds": [duplicate]}});
        desk.rooms.write("grantOffer", grant, "count").await;
        desk.settle().await;
        if both {
            desk.advance(TimeDelta::seconds(1));
            desk.rooms.grant_offer(&offer, json!({})).await;
            desk.settle().await;
        }
        let merge = json!({"contactId": desk.rooms.id(), "duplicateId": duplicate});
        desk.rooms.write("mergeContacts", merge, "contact { id }").await;
        desk.advance(TimeDelta::hours(2));
        let runs = desk.runs(&id).await;
        let ends: Vec<(&str, Value)> = runs
            .iter()
            .map(|run| {
                (
                    run["status"].as_str().unwrap_or_default(),
                    run["endReason"].clone(),
                )
            })
            .collect();
        assert_eq!(ends, expected);
        assert!(runs.iter().all(|run| run["contact"]["id"] == desk.rooms.id()));
        let mailbox = &desk.rooms.api.test.mailbox;
        let written = || {
            mailbox
                .sent()
                .iter()
                .filter(|mail| mail.text.starts_with("Bread"))
                .count()
        };
        wait_until("one mail about the offer is sent", async || written() == 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stopped_takes_back_its_waiting_messages() {
    let desk = Desk::open().await;
    let template = desk.template("Mail", json!({})).await;
    let steps = json!([
        {"sendEmail": {"key": "mail", "templateId": template, "next": "pause"}},
        wait_for("pause", 2, "DAYS", None),
    ]);
    // It is 11:00 in Berlin.
    let settings =
        json!({"settings": {"stopOnJoin": true, "quietHours": {"start": "00:00", "end": "23:59"}}});
    let id = desk.workflow(tag_added("vip"), steps, settings).await;
    desk.tag(&["vip"], &[]).await;
    assert_eq!(way(&desk.run(&id).await), ["mail:DONE", "pause:-"]);
    let status = async || {
        let statuses = "select status from messages where kind = 'WRITTEN'";
        desk.rooms
            .api
            .test
            .test
            .texts(statuses)
            .await
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
    };
    assert_eq!(status().await, ["QUEUED"]);
    join(&desk).await;
    assert_eq!(desk.run(&id).await["endReason"], "JOINED");
    desk.advance(TimeDelta::hours(14));
    wait_until("it is taken back", async || status().await == ["CANCELLED"]).await;
    assert!(desk.rooms.api.test.mailbox.sent().is_empty());
}
