use serde_json::{Value, json};

use super::*;

fn now() -> DateTime<Utc> {
    "2026-01-05T10:00:00Z".parse().expect("a time")
}

/// A definition with these steps, each a key, its action, and what follows.
fn definition(steps: &[(&str, Value, Option<&str>)]) -> Definition {
    let steps: Vec<Value> = steps
        .iter()
        .map(|(key, action, next)| json!({"key": key, "action": action, "next": next}))
        .collect();
    let settings = json!({"reentry": "AFTER_END", "stop_on_join": false, "quiet_hours": null});
    let triggers = json!([{"trigger": "CONTACT_CREATED"}]);
    serde_json::from_value(json!({"triggers": triggers, "steps": steps, "settings": settings}))
        .expect("a definition")
}

fn fields(definition: &Definition) -> Vec<String> {
    let mut fields: Vec<String> = check(definition, now())
        .into_iter()
        .map(|problem| problem.field)
        .collect();
    fields.sort();
    fields
}

fn tags() -> Value {
    json!({"ADD_TAGS": ["a"]})
}

fn wait(amount: i64, unit: &str) -> Value {
    json!({"WAIT": {"FOR": {"amount": amount, "unit": unit}}})
}

fn branch(otherwise: Option<&str>) -> Value {
    json!({"BRANCH": {"conditions": {"tags": ["a"]}, "otherwise": otherwise}})
}

fn event(trigger: &str, otherwise: Option<&str>) -> Value {
    let at_most = json!({"amount": 1, "unit": "DAYS"});
    json!({"WAIT": {"EVENT": {"event": {"trigger": trigger}, "at_most": at_most, "otherwise": otherwise}}})
}

#[test]
fn an_empty_draft_is_allowed_and_can_not_be_published() {
    let problems = check(&Definition::default(), now());
    assert_eq!(problems.len(), 2);
    assert!(problems.iter().all(|problem| problem.draft_allowed));
    assert!(refuse_draft(&problems).is_ok());
}

#[test]
fn a_chain_a_branch_and_a_circle_with_a_wait_are_right() {
    let right = definition(&[
        ("tag", tags(), Some("pause")),
        ("pause", wait(1, "MINUTES"), Some("ask")),
        ("ask", branch(Some("end")), Some("tag")),
        ("end", json!("STOP"), None),
    ]);
    assert_eq!(fields(&right), Vec::<String>::new());
    let by_event = definition(&[
        ("tag", tags(), Some("join")),
        ("join", event("CONTACT_JOINED", Some("tag")), None),
    ]);
    assert_eq!(fields(&by_event), Vec::<String>::new());
    let daily = definition(&[
        ("tag", tags(), Some("noon")),
        ("noon", json!({"WAIT": {"UNTIL_TIME": "12:00:00"}}), Some("tag")),
    ]);
    assert_eq!(fields(&daily), Vec::<String>::new());
}

#[test]
fn each_mistake_is_named_at_its_field() {
    let cases = [
        (vec![("Tag", tags(), None)], "steps.0.addTags.key"),
        (vec![("tag", tags(), Some("gone"))], "steps.0.addTags.next"),
        (vec![("ask", branch(None), None)], "steps.0.branch.next"),
        (
            vec![("ask", branch(Some("gone")), None)],
            "steps.0.branch.otherwise",
        ),
        (
            vec![("tag", tags(), None), ("alone", json!("STOP"), None)],
            "steps.1.stop.key",
        ),
        (
            vec![("tag", json!({"ADD_TAGS": []}), None)],
            "steps.0.addTags.tags",
        ),
        (vec![("pause", wait(0, "DAYS"), None)], "steps.0.wait.duration"),
        (vec![("pause", wait(366, "DAYS"), None)], "steps.0.wait.duration"),
        (
            vec![("pause", json!({"WAIT": {"UNTIL": "2026-01-05T10:00:00Z"}}), None)],
            "steps.0.wait.until",
        ),
        (
            vec![("pause", json!({"WAIT": {"UNTIL": "2027-02-05T10:00:00Z"}}), None)],
            "steps.0.wait.until",
        ),
        (
            vec![("join", event("CONTACT_INACTIVE", None), None)],
            "steps.0.wait.event.days",
        ),
        (
            vec![("join", event("MESSAGE_RECEIVED", None), None)],
            "steps.0.wait.event.trigger",
        ),
    ];
    for (steps, field) in cases {
        let found = fields(&definition(&steps));
        assert!(found.contains(&field.to_owned()), "{field}: {found:?}");
    }
}

#[test]
fn a_circle_without_a_wait_is_refused_at_the_step_that_leads_back() {
    let itself = definition(&[("tag", tags(), Some("tag"))]);
    assert_eq!(fields(&itself), ["steps.0.addTags.next"]);
    let past = json!({"WAIT": {"UNTIL": "2026-03-05T10:00:00Z"}});
    let circle = definition(&[
        ("first", tags(), Some("ask")),
        ("ask", branch(Some("past")), None),
        ("past", past, Some("ask")),
    ]);
    let problems = check(&circle, now());
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].step_key.as_deref(), Some("ask"));
    assert!(
        problems[0].message.contains("without a wait"),
        "{}",
        problems[0].message
    );
}

#[test]
fn a_step_key_is_used_once_and_there_are_at_most_a_hundred() {
    let twice = definition(&[
        ("tag", tags(), Some("tag_2")),
        ("tag_2", tags(), None),
        ("tag_2", tags(), None),
    ]);
    assert!(fields(&twice).contains(&"steps.2.addTags.key".to_owned()));
    let keys: Vec<String> = (0..200).map(|n| format!("s{n}")).collect();
    let many: Vec<(&str, Value, Option<&str>)> = (0..200)
        .map(|n| (&keys[n][..], tags(), keys.get(n + 1).map(|key| &key[..])))
        .collect();
    assert_eq!(fields(&definition(&many)), ["steps"]);
}

#[test]
fn a_trigger_takes_only_what_its_event_has() {
    let with = |trigger: Value| {
        let mut definition = definition(&[("tag", tags(), None)]);
        definition.triggers = vec![serde_json::from_value(trigger).expect("a rule")];
        fields(&definition)
    };
    assert_eq!(
        with(json!({"trigger": "INVITATION_UNANSWERED"})),
        ["triggers.0.days"]
    );
    assert_eq!(
        with(json!({"trigger": "INVITATION_UNANSWERED", "days": 366})),
        ["triggers.0.days"]
    );
    assert_eq!(
        with(json!({"trigger": "CONTACT_JOINED", "days": 3})),
        ["triggers.0.days"]
    );
    assert_eq!(
        with(json!({"trigger": "CONTACT_JOINED", "tags": ["a"]})),
        ["triggers.0.tags"]
    );
    assert_eq!(
        with(json!({"trigger": "MESSAGE_RECEIVED"})),
        ["triggers.0.trigger"]
    );
    assert_eq!(
        with(json!({"trigger": "INVITATION_UNANSWERED", "days": 3})),
        Vec::<String>::new()
    );
}
