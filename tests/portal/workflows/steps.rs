//! What the steps of a run do.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::entering::join;
use super::{Desk, add_tag, tag_added, wait_for, way};
use crate::support::{mailed_link, wait_until};

#[tokio::test(flavor = "multi_thread")]
async fn an_email_goes_out_with_a_link_and_what_the_event_is_about() {
    let desk = Desk::open().await;
    let body = "You have {{ offer.title }}: [open]({{ portal.login_url }})";
    let template = desk.template("Welcome", json!({"body": body})).await;
    let offer = super::offer(&desk.rooms, "Baking bread").await;
    let steps = json!([{"sendEmail": {"key": "mail", "templateId": template}}]);
    let id = desk
        .workflow(json!([{"trigger": "OFFER_ACCESS_GRANTED"}]), steps, json!({}))
        .await;
    desk.rooms.grant_offer(&offer, json!({})).await;
    let run = desk.run(&id).await;
    assert_eq!(way(&run), ["mail:DONE"]);
    assert_eq!(run["steps"][0]["message"]["kind"], "WRITTEN");
    let mailbox = &desk.rooms.api.test.mailbox;
    wait_until("the mail is sent", async || !mailbox.sent().is_empty()).await;
    let mail = mailbox.sent()[0].clone();
    assert!(mail.text.contains("You have Baking bread"), "{}", mail.text);
    assert!(!mailed_link(&mail).reveal().is_empty());
    let shown = "{ messages { nodes { text } } }";
    let shown = desk.rooms.api.data(&desk.rooms.owner, shown, json!({})).await;
    let text = shown["messages"]["nodes"][0]["text"].as_str().unwrap_or_default();
    assert!(text.contains("You have Baking bread"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_who_can_not_get_a_message_go_on_without_it() {
    let desk = Desk::open().await;
    let text = json!({"channel": "SMS", "format": "TEXT", "subject": null});
    let (mail, text) = (
        desk.template("Mail", json!({})).await,
        desk.template("Text", text).await,
    );
    let steps = json!([
        {"sendSms": {"key": "text", "templateId": text, "next": "mail"}},
        {"sendEmail": {"key": "mail", "templateId": mail, "next": "tag"}},
        add_tag("tag", "reached", None),
    ]);
    let id = desk.workflow(tag_added("vip"), steps, json!({})).await;
    let test = &desk.rooms.api.test.test;
    test.run("update contacts set revoked_at = '2026-01-05T09:00:00Z'")
        .await;
    desk.tag(&["vip"], &[]).await;
    let run = desk.run(&id).await;
    assert_eq!(way(&run), ["text:SKIPPED", "mail:SKIPPED", "tag:DONE"]);
    assert_eq!(run["steps"][1]["reason"], "REVOKED");
    test.run("update contacts set revoked_at = null").await;
    desk.advance(TimeDelta::seconds(1));
    desk.tag(&[], &["vip"]).await;
    desk.tag(&["vip"], &[]).await;
    let runs = desk.runs(&id).await;
    assert_eq!(way(&runs[1]), ["text:SKIPPED", "mail:DONE", "tag:DONE"]);
    assert_eq!(runs[1]["steps"][0]["reason"], "NO_PHONE");
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_are_those_of_the_workflow() {
    let desk = Desk::open().await;
    let rooms = &desk.rooms;
    let (offer, course) = (super::offer(rooms, "An offer").await, rooms.course("Bread").await);
    let community = rooms.community("Bakers").await;
    let steps = json!([
        {"grantOffer": {"key": "offer", "offerId": offer, "next": "course"}},
        {"assignCourse": {"key": "course", "courseId": course, "next": "community"}},
        {"addToCommunity": {"key": "community", "communityId": community}},
    ]);
    let id = desk.workflow(tag_added("vip"), steps, json!({})).await;
    desk.tag(&["vip"], &[]).await;
    assert_eq!(
        way(&desk.run(&id).await),
        ["offer:DONE", "course:DONE", "community:DONE"]
    );
    let query = "{ grants { nodes { source sourceId grantedBy status } } }";
    let grants = rooms.api.data(&rooms.owner, query, json!({})).await;
    let grants = grants["grants"]["nodes"].as_array().expect("grants");
    assert_eq!(grants.len(), 3);
    for grant in grants {
        let expected = json!({"source": "WORKFLOW", "sourceId": id, "grantedBy": id, "status": "ACTIVE"});
        assert_eq!(grant, &expected);
    }
    let audit = "{ auditLog(filter: {kinds: [COURSE_ASSIGNED]}) { nodes { actor { id display } } } }";
    let audit = rooms.api.data(&rooms.owner, audit, json!({})).await;
    let actor = &audit["auditLog"]["nodes"][0]["actor"];
    assert_eq!(actor, &json!({"id": id, "display": "A workflow"}));
    let revoke = json!([{"revokeOffer": {"key": "revoke", "offerId": offer}}]);
    let revoking = desk.workflow(tag_added("gone"), revoke, json!({})).await;
    desk.tag(&["gone"], &[]).await;
    assert_eq!(way(&desk.run(&revoking).await), ["revoke:DONE"]);
    let revoked = "select count(*) from access_grants where revoked_at is not null";
    assert_eq!(desk.number(revoked).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_goes_the_way_that_fits_the_contact() {
    let desk = Desk::open().await;
    let steps = json!([
        {"branch": {"key": "ask", "condition": {"tags": ["old"]}, "next": "yes", "otherwise": "no"}},
        add_tag("yes", "returned", None),
        add_tag("no", "new", None),
    ]);
    let settings = json!({"settings": {"reentry": "ALWAYS"}});
    let id = desk.workflow(tag_added("vip"), steps, settings).await;
    desk.tag(&["vip"], &[]).await;
    assert_eq!(way(&desk.run(&id).await), ["ask:NOT_MATCHED", "no:DONE"]);
    desk.advance(TimeDelta::seconds(1));
    desk.tag(&["old"], &["vip"]).await;
    desk.tag(&["vip"], &[]).await;
    assert_eq!(way(&desk.runs(&id).await[1]), ["ask:MATCHED", "yes:DONE"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_lasts_as_long_as_it_says() {
    let waits = [
        json!({"duration": {"amount": 2, "unit": "HOURS"}}),
        json!({"until": "2026-01-05T14:00:00+02:00"}),
        // In Berlin.
        json!({"untilTime": "13:00"}),
    ];
    for wait in waits {
        let desk = Desk::open().await;
        let berlin = "update contacts set timezone = 'Europe/Berlin'";
        desk.rooms.api.test.test.run(berlin).await;
        let mut step = json!({"key": "pause", "next": "tag"});
        crate::contents::merge(&mut step, wait);
        let steps = json!([{"wait": step}, add_tag("tag", "waited", None)]);
        let id = desk.workflow(tag_added("vip"), steps, json!({})).await;
        desk.tag(&["vip"], &[]).await;
        let run = desk.run(&id).await;
        assert_eq!(way(&run), ["pause:-"]);
        assert_eq!(
            (&run["currentStepKey"], &run["dueAt"]),
            (&json!("pause"), &json!("2026-01-05T12:00:00.000000Z"))
        );
        desk.advance(TimeDelta::minutes(119));
        assert_eq!(way(&desk.run(&id).await), ["pause:-"]);
        desk.advance(TimeDelta::minutes(1));
        let run = desk.run(&id).await;
        assert_eq!(way(&run), ["pause:WAITED", "tag:DONE"]);
        assert_eq!(run["status"], "COMPLETED");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_for_an_event_ends_with_it_or_in_time() {
    let desk = Desk::open().await;
    let event = |trigger: Value| json!({"wait": {"key": "join", "event": trigger, "atMost": {"amount": 1, "unit": "DAYS"}, "next": "yes", "otherwise": "no"}});
    let steps = |trigger: Value| {
        json!([
            event(trigger),
            add_tag("yes", "came", None),
            add_tag("no", "late", None)
        ])
    };
    let joined = json!({"trigger": "CONTACT_JOINED"});
    let id = desk.workflow(tag_added("vip"), steps(joined), json!({})).await;
    let tagged = json!({"trigger": "TAG_ADDED", "tags": ["wanted"]});
    let other = desk.workflow(tag_added("vip"), steps(tagged), json!({})).await;
    desk.tag(&["vip"], &[]).await;
    desk.settle().await;
    join(&desk).await;
    assert_eq!(way(&desk.run(&id).await), ["join:MATCHED", "yes:DONE"]);
    desk.tag(&["unwanted"], &[]).await;
    assert_eq!(way(&desk.run(&other).await), ["join:-"]);
    desk.advance(TimeDelta::days(1));
    assert_eq!(way(&desk.run(&other).await), ["join:TIMED_OUT", "no:DONE"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_circle_counts_the_visits_of_its_steps() {
    let desk = Desk::open().await;
    let steps = json!([
        {"branch": {"key": "ask", "condition": {"tags": ["stop"]}, "next": "end", "otherwise": "pause"}},
        wait_for("pause", 1, "HOURS", Some("ask")),
        {"stop": {"key": "end"}},
    ]);
    let id = desk.workflow(tag_added("vip"), steps, json!({})).await;
    desk.tag(&["vip"], &[]).await;
    desk.settle().await;
    desk.advance(TimeDelta::hours(1));
    desk.settle().await;
    desk.tag(&["stop"], &[]).await;
    desk.advance(TimeDelta::hours(1));
    let run = desk.run(&id).await;
    assert_eq!(run["status"], "COMPLETED");
    let steps = run["steps"].as_array().expect("steps");
    let visits = |key: &str| steps.iter().filter(|step| step["key"] == key).count();
    assert_eq!((visits("ask"), visits("pause"), visits("end")), (3, 2, 1));
    let last = steps
        .iter()
        .filter(|step| step["key"] == "ask")
        .map(|step| step["visit"].as_i64());
    assert_eq!(last.max(), Some(Some(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_can_not_be_done_fails_its_run_with_the_reason() {
    let desk = Desk::open().await;
    let offer = super::offer(&desk.rooms, "An offer").await;
    let steps = json!([{"grantOffer": {"key": "grant", "offerId": offer}}]);
    let id = desk.workflow(tag_added("vip"), steps, json!({})).await;
    let archive = json!({"offerId": offer, "status": "ARCHIVED"});
    desk.rooms.write("updateOffer", archive, "offer { id }").await;
    desk.tag(&["vip"], &[]).await;
    let run = desk.run(&id).await;
    assert_eq!(
        (&run["status"], &run["endReason"]),
        (&json!("FAILED"), &json!("FAILED"))
    );
    assert_eq!(way(&run), ["grant:FAILED"]);
    let problem = run["problem"].as_str().unwrap_or_default();
    assert!(problem.contains("archived"), "{problem}");
    let query = "query ($id: ID!) { workflow(id: $id) { problems { stepKey message field } counts { stepKey failed waiting } } }";
    let shown = desk
        .rooms
        .api
        .data(&desk.rooms.owner, query, json!({"id": id}))
        .await;
    assert_eq!(shown["workflow"]["problems"][0]["stepKey"], "grant");
    assert_eq!(
        shown["workflow"]["counts"],
        json!([{"stepKey": "grant", "failed": 1, "waiting": 0}])
    );
}
