//! Saving drafts, and what is refused.

use serde_json::{Value, json};

use super::{Desk, add_tag, tag_added, wait_for};
use crate::contents::merge;

fn input(steps: Value, more: Value) -> Value {
    let mut input = json!({"name": "A workflow", "triggers": tag_added("vip"), "steps": steps});
    merge(&mut input, more);
    input
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_shown_as_it_was_saved() {
    let desk = Desk::open().await;
    let template = desk.template("Mail", json!({})).await;
    let steps = json!([
        {"sendEmail": {"key": "mail", "templateId": template, "next": "pause"}},
        wait_for("pause", 3, "DAYS", Some("ask")),
        {"branch": {"key": "ask", "condition": {"tags": ["a"], "notSeenForDays": 3}, "next": "mail", "otherwise": "end"}},
        {"stop": {"key": "end"}},
    ]);
    let settings = json!({"settings": {"reentry": "NEVER", "stopOnJoin": true, "quietHours": {"start": "22:00", "end": "08:30"}}});
    let id = desk.draft(tag_added("vip"), steps, settings).await;
    let query = "query ($id: ID!) { workflow(id: $id) { name status version publishedAt hasChanges problems { message } \
        triggers { trigger targetIds tags days } settings { reentry stopOnJoin quietHours { start end } } \
        steps { __typename key next ... on SendEmailStep { templateId template { name } } ... on WaitStep { duration { amount unit } } \
            ... on BranchStep { condition { tags notSeenForDays } otherwise } } } }";
    let shown = desk
        .rooms
        .api
        .data(&desk.rooms.owner, query, json!({"id": id}))
        .await;
    let expected = json!({
        "name": "A workflow", "status": "DRAFT", "version": null, "publishedAt": null, "hasChanges": true, "problems": [],
        "triggers": [{"trigger": "TAG_ADDED", "targetIds": [], "tags": ["vip"], "days": null}],
        "settings": {"reentry": "NEVER", "stopOnJoin": true, "quietHours": {"start": "22:00", "end": "08:30"}},
        "steps": [
            {"__typename": "SendEmailStep", "key": "mail", "next": "pause", "templateId": template, "template": {"name": "Mail"}},
            {"__typename": "WaitStep", "key": "pause", "next": "ask", "duration": {"amount": 3, "unit": "DAYS"}},
            {"__typename": "BranchStep", "key": "ask", "next": "mail", "otherwise": "end",
                "condition": {"tags": ["a"], "notSeenForDays": 3}},
            {"__typename": "StopStep", "key": "end", "next": null},
        ],
    });
    assert_eq!(shown["workflow"], expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_refused_at_the_step_with_what_would_be_right() {
    let desk = Desk::open().await;
    let (mail, course) = (
        desk.template("Mail", json!({})).await,
        desk.rooms.course("Bread").await,
    );
    let archived = desk.template("Old", json!({})).await;
    let input_of = json!({"templateId": archived});
    desk.rooms
        .write("archiveTemplate", input_of, "template { id }")
        .await;
    let link = desk
        .template("Link", json!({"body": "{{ portal.login_url }}"}))
        .await;
    let event = desk
        .template("Event", json!({"body": "{{ course.title }}"}))
        .await;
    let offer = desk.rooms.offer(json!({"status": "DRAFT"})).await;
    let send = |template: &str| json!([{"sendEmail": {"key": "mail", "templateId": template}}]);
    let wait = |wait: Value| {
        let mut step = json!({"key": "pause"});
        merge(&mut step, wait);
        json!([{"wait": step}])
    };
    let many: Vec<Value> = (0..200).map(|n| add_tag(&format!("s{n}"), "a", None)).collect();
    let cases = [
        (send("template_x"), "input.steps.0.sendEmail.templateId"),
        (send(&archived), "input.steps.0.sendEmail.templateId"),
        // The trigger isn't about the portal.
        (send(&link), "input.steps.0.sendEmail.templateId"),
        (send(&event), "input.steps.0.sendEmail.templateId"),
        (
            json!([{"sendSms": {"key": "text", "templateId": mail}}]),
            "input.steps.0.sendSms.templateId",
        ),
        (
            json!([{"grantOffer": {"key": "grant", "offerId": offer}}]),
            "input.steps.0.grantOffer.offerId",
        ),
        (
            json!([{"grantOffer": {"key": "grant", "offerId": course}}]),
            "input.steps.0.grantOffer.offerId",
        ),
        (
            json!([add_tag("tag", "a", Some("gone"))]),
            "input.steps.0.addTags.next",
        ),
        (
            json!([add_tag("tag", "a", None), add_tag("tag", "b", None)]),
            "input.steps.1.addTags.key",
        ),
        (
            json!([add_tag("tag", "a", Some("tag"))]),
            "input.steps.0.addTags.next",
        ),
        (json!([add_tag("Tag 1", "a", None)]), "input.steps.0.addTags.key"),
        (
            json!([{"addTags": {"key": "tag", "tags": []}}]),
            "input.steps.0.addTags.tags",
        ),
        (
            json!([{"branch": {"key": "ask", "condition": {"tags": ["a"]}}}]),
            "input.steps.0.branch.next",
        ),
        (
            json!([{"branch": {"key": "ask", "condition": {}, "next": "ask"}}]),
            "input.steps.0.branch.condition",
        ),
        (wait(json!({})), "input.steps.0.wait"),
        (
            wait(json!({"until": "2026-01-05T09:59:00Z"})),
            "input.steps.0.wait.until",
        ),
        (wait(json!({"until": "soon"})), "input.steps.0.wait.until"),
        (
            wait(json!({"untilTime": "25:00"})),
            "input.steps.0.wait.untilTime",
        ),
        (
            wait(json!({"duration": {"amount": 366, "unit": "DAYS"}})),
            "input.steps.0.wait.duration",
        ),
        (
            wait(json!({"event": {"trigger": "CONTACT_JOINED"}})),
            "input.steps.0.wait.atMost",
        ),
        (json!(many), "input.steps"),
    ];
    for (steps, field) in cases {
        let refused = desk
            .rooms
            .refused("createWorkflow", input(steps.clone(), json!({})))
            .await;
        assert_eq!(refused.1, field, "{steps}");
        assert!(
            matches!(&refused.0[..], "BAD_USER_INPUT" | "NOT_FOUND"),
            "{refused:?}"
        );
    }
    let triggers = [
        (json!({"trigger": "MESSAGE_RECEIVED"}), "input.triggers.0.trigger"),
        (json!({"trigger": "CONTACT_INACTIVE"}), "input.triggers.0.days"),
        (
            json!({"trigger": "OFFER_ACCESS_GRANTED", "targetIds": [course]}),
            "input.triggers.0.targetIds.0",
        ),
        (
            json!({"trigger": "COURSE_COMPLETED", "targetIds": ["course_x"]}),
            "input.triggers.0.targetIds.0",
        ),
    ];
    for (trigger, field) in triggers {
        let with = input(json!([add_tag("tag", "a", None)]), json!({"triggers": [trigger]}));
        assert_eq!(
            desk.rooms.refused("createWorkflow", with).await.1,
            field,
            "{trigger}"
        );
    }
    assert_eq!(desk.number("select count(*) from workflows").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_refusal_of_the_login_url_names_the_trigger() {
    let desk = Desk::open().await;
    let link = desk
        .template("Link", json!({"body": "{{ portal.login_url }}"}))
        .await;
    let steps = json!([{"sendEmail": {"key": "mail", "templateId": link}}]);
    let portal = json!({"trigger": "CONTACT_JOINED"});
    let document = crate::contents::document("createWorkflow", "__typename");
    let refused = input(
        steps.clone(),
        json!({"triggers": [portal, {"trigger": "TAG_ADDED"}]}),
    );
    let response = desk
        .rooms
        .api
        .request(&desk.rooms.owner, &document, json!({"input": refused}))
        .await;
    let message = response["errors"][0]["message"].as_str().unwrap_or_default();
    for part in [
        "Step mail",
        "line 1, column 4",
        "TAG_ADDED",
        "isn't about the portal",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    desk.draft(json!([portal]), steps, json!({})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_without_triggers_or_steps_is_saved_and_not_published() {
    let desk = Desk::open().await;
    let id = desk.draft(json!([]), json!([]), json!({})).await;
    let refused = desk
        .rooms
        .refused("publishWorkflow", json!({"workflowId": id}))
        .await;
    assert_eq!(
        refused,
        ("BAD_USER_INPUT".to_owned(), "input.workflowId".to_owned())
    );
    let steps = json!([add_tag("tag", "a", None)]);
    let update = json!({"workflowId": id, "triggers": tag_added("vip"), "steps": steps});
    let updated = desk
        .rooms
        .write(
            "updateWorkflow",
            update,
            "workflow { updatedAt } problems { message }",
        )
        .await;
    assert_eq!(updated["problems"], json!([]));
    desk.publish(&id, json!({})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_changed_since_it_was_read_is_not_overwritten() {
    let desk = Desk::open().await;
    let id = desk.draft(json!([]), json!([]), json!({})).await;
    let read = "2026-01-05T10:00:00Z";
    desk.advance(chrono::TimeDelta::minutes(1));
    let rename = |name: &str| json!({"workflowId": id, "name": name, "expectedUpdatedAt": read});
    desk.rooms
        .write("updateWorkflow", rename("First"), "workflow { id }")
        .await;
    let refused = desk.rooms.refused("updateWorkflow", rename("Second")).await;
    assert_eq!(
        refused,
        ("CONFLICT".to_owned(), "input.expectedUpdatedAt".to_owned())
    );
    let names = desk.rooms.api.test.test.texts("select name from workflows").await;
    assert_eq!(names, [Some("First".to_owned())]);
}
