//! Copies of workflows.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Desk, tag_added};

const SELECTED: &str = "workflow { id name status version triggers { trigger tags } steps { key } settings { reentry } \
    runs { totalCount } } problems { stepKey }";

async fn duplicate(desk: &Desk, id: &str) -> Value {
    let input = json!({"workflowId": id});
    desk.rooms.write("duplicateWorkflow", input, SELECTED).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_a_draft_of_the_same_steps_without_runs() {
    let desk = Desk::open().await;
    let template = desk.template("Mail", json!({})).await;
    let steps = json!([{"sendEmail": {"key": "mail", "templateId": template, "marketing": true}}]);
    let settings = json!({"name": "Welcome", "settings": {"reentry": "NEVER"}});
    let id = desk.workflow(tag_added("vip"), steps, settings).await;
    desk.tag(&["vip"], &[]).await;
    desk.run(&id).await;
    let archive = json!({"templateId": template});
    desk.rooms
        .write("archiveTemplate", archive, "template { id }")
        .await;
    desk.rooms
        .write("archiveWorkflow", json!({"workflowId": id}), "stopped")
        .await;
    desk.advance(TimeDelta::seconds(1));
    let copied = duplicate(&desk, &id).await;
    let copy = &copied["workflow"];
    assert_ne!(copy["id"], json!(id));
    let mut shown = copy.clone();
    shown["id"] = Value::Null;
    let expected = json!({"id": null, "name": "Welcome (copy)", "status": "DRAFT", "version": null,
        "triggers": [{"trigger": "TAG_ADDED", "tags": ["vip"]}], "steps": [{"key": "mail"}], "settings": {"reentry": "NEVER"},
        "runs": {"totalCount": 0}});
    assert_eq!(shown, expected);
    // The draft may have got a problem since it was saved.
    assert_eq!(copied["problems"], json!([{"stepKey": "mail"}]));
    let audit = "{ auditLog(filter: {kinds: [WORKFLOW_CREATED]}) { nodes { subjectId details } } }";
    let audit = desk.rooms.api.data(&desk.rooms.owner, audit, json!({})).await;
    let newest = &audit["auditLog"]["nodes"][0];
    assert_eq!(newest["subjectId"], copy["id"]);
    assert!(newest.to_string().contains(&id), "{newest}");
    let again = duplicate(&desk, copy["id"].as_str().unwrap_or_default()).await;
    assert_eq!(again["workflow"]["name"], "Welcome (copy) (copy)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_over_the_limit_and_one_of_nothing_are_refused() {
    let desk = Desk::open_without_worker().await;
    let id = desk.draft(tag_added("vip"), json!([]), json!({})).await;
    let copies = "insert into workflows (account_id, id, name, status, definition, created_at, updated_at, updated_by) \
        select account_id, gen_random_uuid(), name, status, definition, created_at, updated_at, updated_by \
        from workflows, generate_series(1, 199)";
    desk.rooms.api.test.test.run(copies).await;
    for (id, code) in [(&id[..], "BAD_USER_INPUT"), ("workflow_x", "NOT_FOUND")] {
        let refused = desk
            .rooms
            .refused("duplicateWorkflow", json!({"workflowId": id}))
            .await;
        assert_eq!(refused, (code.to_owned(), "input.workflowId".to_owned()));
    }
    assert_eq!(desk.number("select count(*) from workflows").await, 200);
}
