//! Saving templates, and their versions.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use vestibule::base::actor::Scope;

use super::{Desk, email};
use crate::contents::{document, text};
use crate::support::TestServer;

async fn versions(desk: &Desk, id: &Value) -> Vec<String> {
    let query = "query ($id: ID!) { template(id: $id) { version body versions { totalCount nodes { version body createdBy } } } }";
    let data = desk.api.data(&desk.owner, query, json!({"id": id})).await;
    let template = &data["template"];
    let nodes = template["versions"]["nodes"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    assert_eq!(template["versions"]["totalCount"], nodes.len());
    assert_eq!(template["version"], nodes[0]["version"]);
    assert_eq!(template["body"], nodes[0]["body"]);
    assert!(
        nodes
            .iter()
            .all(|node| text(&node["createdBy"]).starts_with("member_"))
    );
    nodes
        .iter()
        .map(|node| format!("{} {}", node["version"], text(&node["body"])))
        .collect()
}

async fn names(desk: &Desk, arguments: &str) -> Vec<String> {
    let query = format!("{{ templates{arguments} {{ totalCount nodes {{ name }} }} }}");
    let data = desk.api.data(&desk.owner, &query, json!({})).await;
    let nodes = data["templates"]["nodes"].as_array().cloned().unwrap_or_default();
    assert_eq!(data["templates"]["totalCount"], nodes.len());
    nodes.iter().map(|node| text(&node["name"])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_template_says_is_kept_in_versions() {
    let desk = Desk::open().await;
    let made = desk.create(json!({"name": " Welcome ", "body": "One"})).await;
    let id = &made["template"]["id"];
    let expected = json!({"id": id, "name": "Welcome", "channel": "EMAIL", "status": "ACTIVE", "version": 1, "format": "MARKDOWN",
        "subject": "Hello", "body": "One", "text": null});
    assert_eq!(made["template"], expected);
    assert_eq!(made["problems"], json!([]));
    let update = async |version: i32, more: Value| {
        let mut input = json!({"templateId": id, "expectedVersion": version});
        crate::contents::merge(&mut input, more);
        desk.write("updateTemplate", input).await["template"].clone()
    };
    assert_eq!(update(1, json!({"body": "Two", "text": "2"})).await["version"], 2);
    assert_eq!(
        update(2, json!({"name": "Hello"})).await["version"],
        2,
        "a name is no version"
    );
    assert_eq!(
        update(2, json!({"body": "Two"})).await["version"],
        2,
        "nothing changed"
    );
    let html = update(2, json!({"format": "HTML", "body": "<p>Three</p>", "text": null})).await;
    assert_eq!(
        (&html["version"], &html["format"], &html["text"]),
        (&json!(3), &json!("HTML"), &Value::Null)
    );
    let restored = desk
        .write("restoreTemplateVersion", json!({"templateId": id, "version": 1}))
        .await;
    let restored = &restored["template"];
    assert_eq!(
        (&restored["version"], &restored["body"], &restored["format"]),
        (&json!(4), &json!("One"), &json!("MARKDOWN"))
    );
    assert_eq!(
        versions(&desk, id).await,
        ["4 One", "3 <p>Three</p>", "2 Two", "1 One"]
    );
    desk.write("restoreTemplateVersion", json!({"templateId": id, "version": 4}))
        .await;
    let missing = desk
        .refused("restoreTemplateVersion", json!({"templateId": id, "version": 5}))
        .await;
    assert_eq!(missing, ("NOT_FOUND".to_owned(), "input.version".to_owned()));
    let kinds = desk
        .api
        .test
        .test
        .texts("select kind from audit_events where kind like 'TEMPLATE%' order by kind")
        .await;
    let kinds: Vec<_> = kinds.into_iter().flatten().collect();
    let mut logged = vec!["TEMPLATE_CREATED"];
    logged.extend(["TEMPLATE_UPDATED"; 4]);
    assert_eq!(kinds, logged, "what changed nothing is not logged");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_several_changes_at_once_wins() {
    let desk = Desk::open().await;
    let id = desk.create(json!({})).await["template"]["id"].clone();
    let update = document("updateTemplate", "template { version }");
    let changes = (0..5).map(|n| {
        let input = json!({"templateId": id, "expectedVersion": 1, "body": format!("Body {n}")});
        desk.api.request(&desk.owner, &update, json!({ "input": input }))
    });
    let changes = changes.collect::<Vec<_>>();
    let mut codes: Vec<String> = join_all(changes)
        .await
        .iter()
        .map(|answer| {
            answer["errors"][0]["extensions"]["code"]
                .as_str()
                .unwrap_or("OK")
                .to_owned()
        })
        .collect();
    codes.sort();
    assert_eq!(codes, ["CONFLICT", "CONFLICT", "CONFLICT", "CONFLICT", "OK"]);
    assert_eq!(versions(&desk, &id).await.len(), 2);
    let old = json!({"templateId": id, "expectedVersion": 1, "name": "Another"});
    let conflict = ("CONFLICT".to_owned(), "input.expectedVersion".to_owned());
    assert_eq!(desk.refused("updateTemplate", old).await, conflict);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_belongs_to_one_active_template() {
    let desk = Desk::open().await;
    let first = desk.create(json!({"name": "Übung"})).await["template"]["id"].clone();
    let conflict = |field: &str| ("CONFLICT".to_owned(), field.to_owned());
    let same = email(json!({"name": " ÜBUNG "}));
    assert_eq!(
        desk.refused("createTemplate", same.clone()).await,
        conflict("input.name")
    );
    let second = desk.create(json!({"name": "Other"})).await["template"]["id"].clone();
    let rename = json!({"templateId": second, "expectedVersion": 1, "name": "übung"});
    assert_eq!(
        desk.refused("updateTemplate", rename).await,
        conflict("input.name")
    );
    let archived = desk.write("archiveTemplate", json!({"templateId": first})).await;
    assert_eq!(archived["template"]["status"], "ARCHIVED");
    desk.write("archiveTemplate", json!({"templateId": first})).await;
    desk.write("createTemplate", same).await;
    let back = json!({"templateId": first, "archived": false});
    assert_eq!(
        desk.refused("archiveTemplate", back.clone()).await,
        conflict("input.archived")
    );
    let rename = json!({"templateId": first, "expectedVersion": 1, "name": "Exercise"});
    desk.write("updateTemplate", rename).await;
    assert_eq!(
        desk.write("archiveTemplate", back).await["template"]["status"],
        "ACTIVE"
    );
    let create = document("createTemplate", "__typename");
    let makes = (0..4).map(|_| {
        let input = email(json!({"name": "Race"}));
        desk.api.request(&desk.owner, &create, json!({ "input": input }))
    });
    let answers = join_all(makes.collect::<Vec<_>>()).await;
    let refused = answers
        .iter()
        .filter(|answer| answer["errors"][0]["extensions"]["code"] == "CONFLICT");
    assert_eq!(refused.count(), 3, "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_names_its_field_and_place() {
    let desk = Desk::open().await;
    for (more, field) in [
        (json!({"name": " "}), "name"),
        (json!({"name": "a\nb"}), "name"),
        (json!({"name": "x".repeat(201)}), "name"),
        (json!({"format": "TEXT"}), "format"),
        (json!({"channel": "SMS"}), "format"),
        (json!({"channel": "SMS", "format": "TEXT"}), "subject"),
        (
            json!({"channel": "SMS", "format": "TEXT", "subject": null, "text": "x"}),
            "text",
        ),
        (json!({"subject": null}), "subject"),
        (json!({"subject": " "}), "subject"),
        (json!({"subject": "a\nBcc: eve@example.com"}), "subject"),
        (json!({"subject": "x".repeat(501)}), "subject"),
        (json!({"subject": "{{ contact.first_name }}"}), "subject"),
        (json!({"body": ""}), "body"),
        (json!({"body": "a\u{0}b"}), "body"),
        (json!({"body": "{{ contact.first_name"}), "body"),
        (json!({"body": "{{ contact.first_name }}"}), "body"),
        (json!({"body": "{{ contact.shoe_size }}"}), "body"),
        (json!({"body": "{{ membership_contact.password }}"}), "body"),
        (json!({"body": "{{ 'x' * 100000000 }}"}), "body"),
        (
            json!({"body": "{% for a in range(9999999) %}x{% endfor %}"}),
            "body",
        ),
        (json!({"body": "x".repeat(10_000_000)}), "body"),
        (
            json!({"format": "HTML", "body": "<p>Hi</p><script>alert(1)</script>"}),
            "body",
        ),
        (
            json!({"format": "HTML", "body": "<a href=\"javascript:alert(1)\">x</a>"}),
            "body",
        ),
        (json!({"body": "[x](javascript:alert(1))"}), "body"),
        (json!({"text": "{{ nope }}"}), "text"),
    ] {
        let expected = ("BAD_USER_INPUT".to_owned(), format!("input.{field}"));
        let short = more.to_string().chars().take(80).collect::<String>();
        assert_eq!(
            desk.refused("createTemplate", email(more)).await,
            expected,
            "{short}"
        );
    }
    let input = email(json!({"body": "Hi\n  {{ contact.fist_name | default('x') }}"}));
    let answer = desk
        .api
        .request(
            &desk.owner,
            &document("createTemplate", "__typename"),
            json!({ "input": input }),
        )
        .await;
    assert_eq!(
        answer["errors"][0]["message"],
        "Line 2, column 6: There is no field `contact.fist_name`. Did you mean `contact.first_name`?"
    );
    assert_eq!(
        desk.api.test.test.number("select count(*) from templates").await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_another_product_are_replaced() {
    let desk = Desk::open().await;
    let made = desk
        .create(json!({"body": "From {{location.name}}\n[Go]({{ membership.login_url }})"}))
        .await;
    assert_eq!(
        made["template"]["body"],
        "From {{account.name}}\n[Go]({{ portal.login_url }})"
    );
    let problems: Vec<_> = made["problems"].as_array().into_iter().flatten().collect();
    assert_eq!(problems.len(), 2);
    let expected = json!({"message": "`location.name` is called `account.name` here. Saving replaces it.", "field": "BODY", "line": 1,
        "column": 8, "severity": "WARNING", "mergeField": "location.name", "suggestion": "account.name"});
    assert_eq!(*problems[0], expected);
    let password = email(json!({"name": "Old", "body": "{{ membership_contact.password }}"}));
    let document = document("createTemplate", "__typename");
    let answer = desk
        .api
        .request(&desk.owner, &document, json!({ "input": password }))
        .await;
    let message = text(&answer["errors"][0]["message"]);
    assert!(message.contains("Use `portal.login_url` instead."), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_filtered() {
    let desk = Desk::open().await;
    desk.create(json!({"name": "Welcome"})).await;
    desk.api.test.clock.advance(TimeDelta::seconds(1));
    desk.create(json!({"name": "100% off_today"})).await;
    let sms = json!({"name": "Reminder", "channel": "SMS", "format": "TEXT", "subject": null, "body": "Hi"});
    let sms = desk.create(sms).await["template"]["id"].clone();
    desk.write("archiveTemplate", json!({"templateId": sms})).await;
    assert_eq!(names(&desk, "").await, ["100% off_today", "Welcome"]);
    assert_eq!(names(&desk, "(channel: SMS)").await, Vec::<String>::new());
    assert_eq!(
        names(&desk, "(channel: SMS, statuses: [ARCHIVED, ACTIVE])").await,
        ["Reminder"]
    );
    assert_eq!(names(&desk, "(search: \"0% OFF_\")").await, ["100% off_today"]);
    assert_eq!(names(&desk, "(search: \"0_ off\")").await, Vec::<String>::new());
    let one = desk
        .api
        .data(
            &desk.owner,
            "{ templates(first: 1) { totalCount nodes { name } pageInfo { hasNextPage } } }",
            json!({}),
        )
        .await;
    let expected =
        json!({"totalCount": 2, "nodes": [{"name": "100% off_today"}], "pageInfo": {"hasNextPage": true}});
    assert_eq!(one["templates"], expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_at_most_500_templates() {
    let desk = Desk::open().await;
    let account = desk.contact.account_id.0;
    let fill = format!(
        "insert into templates (account_id, id, name, name_key, channel, status, version, created_at, updated_at)
         select '{account}', gen_random_uuid(), n, n, 'SMS', 'ARCHIVED', 1, now(), now() from generate_series(1, 499) as n"
    );
    desk.api.test.test.run(&fill).await;
    let create = document("createTemplate", "template { id }");
    let makes = (0..4).map(|n| {
        let input = email(json!({"name": format!("Template {n}")}));
        desk.api.request(&desk.owner, &create, json!({ "input": input }))
    });
    let answers = join_all(makes.collect::<Vec<_>>()).await;
    let refused = answers
        .iter()
        .filter(|answer| answer["errors"][0]["extensions"]["field"] == "input.name");
    assert_eq!(refused.count(), 3, "{answers:?}");
    assert_eq!(
        desk.api.test.test.number("select count(*) from templates").await,
        500
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_read_templates_finds_them_by_id() {
    let desk = Desk::open().await;
    let id = desk.create(json!({})).await["template"]["id"].clone();
    let query =
        "query ($id: ID!) { node(id: $id) { ... on Template { name versions { nodes { version } } } } }";
    let found = desk.api.data(&desk.owner, query, json!({"id": id})).await;
    assert_eq!(found["node"]["name"], "Welcome");
    let reading = desk.api.key(&[Scope::Read]).await;
    assert_eq!(
        desk.api.data(&reading, query, json!({"id": id})).await["node"],
        Value::Null
    );
    let inviting = desk.api.key(&[Scope::Read, Scope::Invite]).await;
    assert_eq!(
        desk.api.data(&inviting, query, json!({"id": id})).await["node"]["name"],
        "Welcome"
    );
    let foreign = desk.api.owner_of_other_account().await;
    assert_eq!(
        desk.api.data(&foreign, query, json!({"id": id})).await["node"],
        Value::Null
    );
    let lacks = desk.api.key(&[Scope::Invite]).await;
    let author = "query ($id: ID!) { template(id: $id) { versions { nodes { version createdBy } } } }";
    let answer = desk.api.request(&lacks, author, json!({"id": id})).await;
    let version = &answer["data"]["template"]["versions"]["nodes"][0];
    assert_eq!(*version, json!({"version": 1, "createdBy": null}), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_creates_nothing() {
    let server = TestServer::open().await;
    let create = document("createTemplate", "template { id }");
    let mut ids = Vec::new();
    for _ in 0..2 {
        let request = server.http.post(format!("{}/graphql", server.url));
        let body = json!({"query": create, "variables": {"input": email(json!({}))}});
        let answer = request
            .bearer_auth(&server.acme.owner)
            .header("idempotency-key", "a-template")
            .json(&body)
            .send()
            .await
            .expect("an answer");
        let answer: Value = answer.json().await.expect("JSON");
        ids.push(text(&answer["data"]["createTemplate"]["template"]["id"]));
    }
    assert_eq!(ids[0], ids[1]);
    assert_eq!(server.test.number("select count(*) from templates").await, 1);
    server.stop().await;
}
