//! The audit log: contents, permissions, cost, and that it is append-only.

mod cost;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{TestServer, wait_until};

const LOG: &str = "query ($filter: AuditFilter, $first: Int, $after: String, $last: Int, $before: String) {
    auditLog(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
        totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        nodes { id kind at outcome method reason details ip userAgent subjectId contactId contact { email } actor { id display } } } }";

async fn log(server: &TestServer, filter: Value) -> Vec<Value> {
    let variables = json!({"filter": filter, "first": 100});
    let log = server.data(&server.acme.admin, LOG, variables).await;
    let nodes = log["auditLog"]["nodes"].as_array().cloned().unwrap_or_default();
    assert_eq!(log["auditLog"]["totalCount"], nodes.len());
    nodes
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().filter_map(|event| event["kind"].as_str()).collect()
}

/// Events of every kind, a second apart.
async fn create_events(server: &TestServer) {
    let (acme, second) = (&server.acme, TimeDelta::seconds(1));
    let contact = json!({"id": acme.contact.to_string(), "reason": "a test"});
    for (caller, query) in [
        (
            &acme.key,
            "mutation ($id: ID!) { inviteContacts(input: {contactIds: [$id]}) { count } }",
        ),
        (
            &acme.owner,
            "mutation { updatePortalSettings(input: {name: \"Acme\", invitationDays: 9}) { portal { id } } }",
        ),
        (
            &acme.owner,
            "mutation { inviteTeamMember(input: {email: \"bo@example.com\", role: STAFF}) { teamMember { id } } }",
        ),
        (
            &acme.staff,
            "mutation { createContact(input: {email: \"c@example.com\"}) { contact { id } } }",
        ),
        (
            &acme.staff,
            "mutation ($id: ID!, $reason: String) { revokePortalAccess(input: {contactId: $id, reason: $reason}) { contact { id } } }",
        ),
        (
            &acme.staff,
            "mutation ($id: ID!) { restorePortalAccess(input: {contactId: $id}) { contact { id } } }",
        ),
    ] {
        server.clock.advance(second);
        server.data(caller, query, contact.clone()).await;
    }
    let link = server
        .data(
            &acme.key,
            "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { url } }",
            contact,
        )
        .await;
    let token = link["generateMagicLink"]["url"]
        .as_str()
        .and_then(|url| url.rsplit('/').next());
    let redeem =
        "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) { refusal { reason } } }";
    for _ in 0..2 {
        server.clock.advance(second);
        server.request(None, redeem, json!({"token": token})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_has_actor_kind_subject_time_and_source() {
    let server = TestServer::open().await;
    create_events(&server).await;
    let settings = log(&server, json!({"kinds": ["SETTINGS_CHANGED"]})).await;
    assert_eq!(settings.len(), 1);
    assert_eq!(settings[0]["details"], json!(["changed: name, invitationDays"]));
    assert_eq!(
        settings[0]["actor"],
        json!({"id": server.acme.owner_id.to_string(), "display": "owner@acme.example"})
    );
    assert_eq!(settings[0]["at"], "2026-01-05T10:00:02.000000Z");
    assert!(settings[0]["ip"].is_string(), "{}", settings[0]);
    let revoked = log(&server, json!({"kinds": ["ACCESS_REVOKED"]})).await;
    assert_eq!(
        (&revoked[0]["reason"], &revoked[0]["outcome"]),
        (&json!("a test"), &json!("OK"))
    );
    assert_eq!(revoked[0]["contact"]["email"], "anna@acme.example");
    let refused = log(&server, json!({"refusedOnly": true})).await;
    assert_eq!(kinds(&refused), ["LINK_REFUSED"]);
    assert_eq!(refused[0]["outcome"], "LINK_USED");
    let invited = log(&server, json!({"kinds": ["INVITED"]})).await;
    assert_eq!(invited[0]["actor"]["display"], "all", "the key's name");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_narrow_the_log_alone_and_combined() {
    let server = TestServer::open().await;
    create_events(&server).await;
    let anna = server.acme.contact.to_string();
    let staff = log(&server, json!({"kinds": ["CONTACT_CREATED"]})).await[0]["actor"]["id"].clone();
    let acts = log(&server, json!({"actorId": staff})).await;
    assert_eq!(
        kinds(&acts),
        ["ACCESS_RESTORED", "ACCESS_REVOKED", "CONTACT_CREATED"]
    );
    let hers = log(&server, json!({"actorId": anna})).await;
    assert!(
        kinds(&hers).contains(&"LINK_USED") && !kinds(&hers).contains(&"INVITED"),
        "{hers:?}"
    );
    let to_her = log(&server, json!({"contactId": anna})).await;
    assert!(kinds(&to_her).contains(&"INVITED") && !kinds(&to_her).contains(&"SETTINGS_CHANGED"));
    let member = log(&server, json!({"kinds": ["MEMBER_INVITED"]})).await[0]["subjectId"].clone();
    assert_eq!(
        kinds(&log(&server, json!({"subjectId": member})).await),
        ["MEMBER_INVITED"]
    );
    let three = [
        "ACCESS_REVOKED",
        "SETTINGS_CHANGED",
        "MEMBER_INVITED",
        "SETTINGS_CHANGED",
    ];
    assert_eq!(
        kinds(&log(&server, json!({"kinds": three})).await),
        ["ACCESS_REVOKED", "MEMBER_INVITED", "SETTINGS_CHANGED"],
        "newest first"
    );
    let (since, until) = ("2026-01-05T10:00:02Z", "2026-01-05T10:00:04Z");
    assert_eq!(
        kinds(&log(&server, json!({"since": since, "until": until, "kinds": three})).await),
        ["MEMBER_INVITED", "SETTINGS_CHANGED"],
        "from the first second on, before the last"
    );
    let both = json!({"actorId": staff, "contactId": anna, "kinds": ["ACCESS_REVOKED"], "since": since});
    assert_eq!(kinds(&log(&server, both).await), ["ACCESS_REVOKED"]);
    let none = json!({"actorId": staff, "contactId": anna, "refusedOnly": true});
    assert_eq!(log(&server, none).await.len(), 0);
    for (filter, field) in [
        (json!({"actorId": "system"}), "filter.actorId"),
        (json!({"contactId": "rubbish"}), "filter.contactId"),
        (json!({"subjectId": "a\u{0}b"}), "filter.subjectId"),
    ] {
        let refused = server
            .error(Some(&server.acme.admin), LOG, json!({"filter": filter}))
            .await;
        assert_eq!(refused, ("BAD_USER_INPUT".into(), Some(field.into())));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_contain_every_event_once_in_both_directions_for_every_filter() {
    let server = TestServer::open().await;
    create_events(&server).await;
    for filter in [
        json!({}),
        json!({"kinds": ["LINK_USED", "INVITED", "JOINED", "ACCESS_REVOKED", "MEMBER_INVITED"]}),
        json!({"contactId": server.acme.contact.to_string()}),
    ] {
        let whole: Vec<Value> = log(&server, filter.clone())
            .await
            .iter()
            .map(|event| event["id"].clone())
            .collect();
        assert!(whole.len() > 4, "{whole:?}");
        for (size, edge, cursor, more) in [
            ("first", "after", "endCursor", "hasNextPage"),
            ("last", "before", "startCursor", "hasPreviousPage"),
        ] {
            let (mut walked, mut page) = (Vec::new(), json!({"filter": filter, size: 2}));
            loop {
                let list = server.data(&server.acme.admin, LOG, page.clone()).await["auditLog"].clone();
                let ids: Vec<Value> = list["nodes"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|event| event["id"].clone())
                    .collect();
                if size == "first" {
                    walked.extend(ids);
                } else {
                    walked.splice(0..0, ids);
                }
                if list["pageInfo"][more] != true {
                    break;
                }
                page[edge] = list["pageInfo"][cursor].clone();
            }
            assert_eq!(walked, whole, "{size} {filter}");
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_found_by_its_id_with_permission_to_read_the_log() {
    let server = TestServer::open().await;
    create_events(&server).await;
    let event = log(&server, json!({"kinds": ["ACCESS_REVOKED"]})).await.remove(0);
    let node = "query ($id: ID!) { node(id: $id) { __typename id } }";
    for (token, seen) in [
        (&server.acme.owner, true),
        (&server.acme.admin, true),
        (&server.acme.staff, false),
        (&server.acme.read_key, false),
        (&server.other.owner, false),
    ] {
        let found = server.data(token, node, json!({"id": event["id"]})).await;
        assert_eq!(found["node"]["__typename"] == "AuditEvent", seen);
    }
    let contact = json!({"id": server.acme.contact.to_string()});
    let timeline = "query ($id: ID!) { contact(id: $id) { timeline(first: 50) { nodes { id kind } } } }";
    let events = server.data(&server.acme.read_key, timeline, contact).await;
    let first = &events["contact"]["timeline"]["nodes"][0]["id"];
    let found = server
        .data(&server.acme.read_key, node, json!({"id": first}))
        .await;
    assert_eq!(found["node"]["__typename"], "ContactEvent");
    let found = server.data(&server.other.owner, node, json!({"id": first})).await;
    assert_eq!(found["node"], Value::Null);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_timeline_of_a_contact_outlives_it_without_personal_data() {
    let server = TestServer::open().await;
    create_events(&server).await;
    wait_until("the mail", async || {
        server
            .test
            .number("select count(*) from audit_events where kind = 'MESSAGE_SENT'")
            .await
            == 1
    })
    .await;
    let timeline = "query ($id: ID!) { contact(id: $id) { timeline(first: 50) { totalCount
        nodes { kind by outcome method magicLink { id } invitation { id } message { id } } } } }";
    let id = server.acme.contact.to_string();
    let found = server
        .data(&server.acme.read_key, timeline, json!({"id": id}))
        .await;
    let events = found["contact"]["timeline"]["nodes"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    assert_eq!(found["contact"]["timeline"]["totalCount"], events.len());
    for (kind, field) in [
        ("INVITED", "invitation"),
        ("MESSAGE_SENT", "message"),
        ("LINK_CREATED", "magicLink"),
        ("LINK_USED", "magicLink"),
        ("LINK_REFUSED", "magicLink"),
    ] {
        let event = events.iter().find(|event| event["kind"] == kind);
        let event = event.unwrap_or_else(|| panic!("no {kind}: {events:?}"));
        assert!(event[field]["id"].is_string(), "{event}");
    }
    for kind in ["ACCESS_REVOKED", "ACCESS_RESTORED", "JOINED"] {
        assert!(kinds(&events).contains(&kind), "{kind}");
    }
    let delete = "mutation ($id: ID!) { deleteContact(input: {contactId: $id}) { deletedContactId } }";
    server.data(&server.acme.key, delete, json!({"id": id})).await;
    let left = log(&server, json!({"contactId": id})).await;
    assert_eq!(left.len(), events.len() + 1);
    let rows = server
        .test
        .texts("select string_agg(e::text, ' ') from audit_events e")
        .await;
    assert!(
        !rows[0].as_deref().unwrap_or_default().contains("anna"),
        "{rows:?}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_append_only_even_for_the_owner_of_its_table() {
    let server = TestServer::open().await;
    create_events(&server).await;
    let client = server.test.client().await;
    for statement in [
        "update audit_events set outcome = 'OK'",
        "delete from audit_events",
        "truncate audit_events",
        "truncate accounts cascade",
    ] {
        let refused = client.batch_execute(statement).await.expect_err(statement);
        let words = refused.as_db_error().map(|error| error.message().to_owned());
        let words = words.unwrap_or_default();
        assert!(
            words.contains("append-only") || words.contains("TRUNCATE"),
            "{statement}: {words}"
        );
    }
    // Events younger than the horizon are kept for every role.
    let early =
        "begin; set local vestibule.audit_horizon = '2026-01-05T10:00:00Z'; delete from audit_events; commit";
    assert!(client.batch_execute(early).await.is_err());
    client.batch_execute("rollback").await.expect("it ends");
    // A merge and an erasure change no more than they have to.
    for (purpose, change) in [
        ("MERGE", "kind = 'INVITED'"),
        ("MERGE", "detail = '{\"a\": 1}'"),
        ("MERGE", "at = now()"),
        ("ERASE", "outcome = 'DONE'"),
        ("ERASE", "contact_id = null, actor = 'x'"),
        ("ERASE", "ip = '203.0.113.1'"),
        ("OTHER", "contact_id = null"),
    ] {
        let statement = format!(
            "begin; set local vestibule.audit_change = '{purpose}'; update audit_events set {change}; commit"
        );
        assert!(client.batch_execute(&statement).await.is_err(), "{statement}");
        client.batch_execute("rollback").await.expect("it ends");
    }
    server.stop().await;
}
