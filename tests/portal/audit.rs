//! The audit log: what it tells, to whom, at what cost; and that nobody changes it.

mod cost;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{House, until};

const LOG: &str = "query ($filter: AuditFilter, $first: Int, $after: String, $last: Int, $before: String) {
    auditLog(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
        totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        nodes { id kind at outcome method reason details ip userAgent subjectId contactId contact { email } actor { id display } } } }";

async fn log(house: &House, filter: Value) -> Vec<Value> {
    let variables = json!({"filter": filter, "first": 100});
    let log = house.ask(&house.acme.admin, LOG, variables).await;
    let nodes = log["auditLog"]["nodes"].as_array().cloned().unwrap_or_default();
    assert_eq!(log["auditLog"]["totalCount"], nodes.len());
    nodes
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().filter_map(|event| event["kind"].as_str()).collect()
}

/// Something of everything, a second apart.
async fn busy(house: &House) {
    let (acme, second) = (&house.acme, TimeDelta::seconds(1));
    let contact = json!({"id": acme.contact.to_string(), "reason": "a test"});
    for (who, query) in [
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
        house.clock.advance(second);
        house.ask(who, query, contact.clone()).await;
    }
    let link = house
        .ask(
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
        house.clock.advance(second);
        house.answer(None, redeem, json!({"token": token})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_says_who_did_what_to_whom_when_and_from_where() {
    let house = House::open().await;
    busy(&house).await;
    let settings = log(&house, json!({"kinds": ["SETTINGS_CHANGED"]})).await;
    assert_eq!(settings.len(), 1);
    assert_eq!(settings[0]["details"], json!(["changed: name, invitationDays"]));
    assert_eq!(
        settings[0]["actor"],
        json!({"id": house.acme.owner_id.to_string(), "display": "owner@acme.example"})
    );
    assert_eq!(settings[0]["at"], "2026-01-05T10:00:02.000000Z");
    assert!(settings[0]["ip"].is_string(), "{}", settings[0]);
    let revoked = log(&house, json!({"kinds": ["ACCESS_REVOKED"]})).await;
    assert_eq!(
        (&revoked[0]["reason"], &revoked[0]["outcome"]),
        (&json!("a test"), &json!("OK"))
    );
    assert_eq!(revoked[0]["contact"]["email"], "anna@acme.example");
    let refused = log(&house, json!({"refusedOnly": true})).await;
    assert_eq!(kinds(&refused), ["LINK_REFUSED"]);
    assert_eq!(refused[0]["outcome"], "LINK_USED");
    let invited = log(&house, json!({"kinds": ["INVITED"]})).await;
    assert_eq!(invited[0]["actor"]["display"], "all", "the key's name");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_filter_narrows_the_log_and_all_of_them_together() {
    let house = House::open().await;
    busy(&house).await;
    let anna = house.acme.contact.to_string();
    let staff = log(&house, json!({"kinds": ["CONTACT_CREATED"]})).await[0]["actor"]["id"].clone();
    let acts = log(&house, json!({"actorId": staff})).await;
    assert_eq!(
        kinds(&acts),
        ["ACCESS_RESTORED", "ACCESS_REVOKED", "CONTACT_CREATED"]
    );
    let hers = log(&house, json!({"actorId": anna})).await;
    assert!(
        kinds(&hers).contains(&"LINK_USED") && !kinds(&hers).contains(&"INVITED"),
        "{hers:?}"
    );
    let to_her = log(&house, json!({"contactId": anna})).await;
    assert!(kinds(&to_her).contains(&"INVITED") && !kinds(&to_her).contains(&"SETTINGS_CHANGED"));
    let member = log(&house, json!({"kinds": ["MEMBER_INVITED"]})).await[0]["subjectId"].clone();
    assert_eq!(
        kinds(&log(&house, json!({"subjectId": member})).await),
        ["MEMBER_INVITED"]
    );
    let three = [
        "ACCESS_REVOKED",
        "SETTINGS_CHANGED",
        "MEMBER_INVITED",
        "SETTINGS_CHANGED",
    ];
    assert_eq!(
        kinds(&log(&house, json!({"kinds": three})).await),
        ["ACCESS_REVOKED", "MEMBER_INVITED", "SETTINGS_CHANGED"],
        "newest first"
    );
    let (since, until) = ("2026-01-05T10:00:02Z", "2026-01-05T10:00:04Z");
    assert_eq!(
        kinds(&log(&house, json!({"since": since, "until": until, "kinds": three})).await),
        ["MEMBER_INVITED", "SETTINGS_CHANGED"],
        "from the first second on, before the last"
    );
    let both = json!({"actorId": staff, "contactId": anna, "kinds": ["ACCESS_REVOKED"], "since": since});
    assert_eq!(kinds(&log(&house, both).await), ["ACCESS_REVOKED"]);
    let none = json!({"actorId": staff, "contactId": anna, "refusedOnly": true});
    assert_eq!(log(&house, none).await.len(), 0);
    for (filter, field) in [
        (json!({"actorId": "system"}), "filter.actorId"),
        (json!({"contactId": "rubbish"}), "filter.contactId"),
        (json!({"subjectId": "a\u{0}b"}), "filter.subjectId"),
    ] {
        let refused = house
            .refused(Some(&house.acme.admin), LOG, json!({"filter": filter}))
            .await;
        assert_eq!(refused, ("BAD_USER_INPUT".into(), Some(field.into())));
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_every_event_once_both_ways_for_every_filter() {
    let house = House::open().await;
    busy(&house).await;
    for filter in [
        json!({}),
        json!({"kinds": ["LINK_USED", "INVITED", "JOINED", "ACCESS_REVOKED", "MEMBER_INVITED"]}),
        json!({"contactId": house.acme.contact.to_string()}),
    ] {
        let whole: Vec<Value> = log(&house, filter.clone())
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
                let list = house.ask(&house.acme.admin, LOG, page.clone()).await["auditLog"].clone();
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
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_found_by_its_id_by_those_who_may_read_the_log() {
    let house = House::open().await;
    busy(&house).await;
    let event = log(&house, json!({"kinds": ["ACCESS_REVOKED"]})).await.remove(0);
    let node = "query ($id: ID!) { node(id: $id) { __typename id } }";
    for (token, seen) in [
        (&house.acme.owner, true),
        (&house.acme.admin, true),
        (&house.acme.staff, false),
        (&house.acme.read_key, false),
        (&house.other.owner, false),
    ] {
        let found = house.ask(token, node, json!({"id": event["id"]})).await;
        assert_eq!(found["node"]["__typename"] == "AuditEvent", seen);
    }
    let contact = json!({"id": house.acme.contact.to_string()});
    let timeline = "query ($id: ID!) { contact(id: $id) { timeline(first: 50) { nodes { id kind } } } }";
    let events = house.ask(&house.acme.read_key, timeline, contact).await;
    let first = &events["contact"]["timeline"]["nodes"][0]["id"];
    let found = house.ask(&house.acme.read_key, node, json!({"id": first})).await;
    assert_eq!(found["node"]["__typename"], "ContactEvent");
    let found = house.ask(&house.other.owner, node, json!({"id": first})).await;
    assert_eq!(found["node"], Value::Null);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_tells_what_happened_to_one_contact_and_outlives_it_without_its_data() {
    let house = House::open().await;
    busy(&house).await;
    until("the mail", async || {
        house
            .test
            .number("select count(*) from audit_events where kind = 'MESSAGE_SENT'")
            .await
            == 1
    })
    .await;
    let timeline = "query ($id: ID!) { contact(id: $id) { timeline(first: 50) { totalCount
        nodes { kind by outcome method magicLink { id } invitation { id } message { id } } } } }";
    let id = house.acme.contact.to_string();
    let found = house.ask(&house.acme.read_key, timeline, json!({"id": id})).await;
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
    house.ask(&house.acme.key, delete, json!({"id": id})).await;
    let left = log(&house, json!({"contactId": id})).await;
    assert_eq!(left.len(), events.len() + 1);
    let rows = house
        .test
        .texts("select string_agg(e::text, ' ') from audit_events e")
        .await;
    assert!(
        !rows[0].as_deref().unwrap_or_default().contains("anna"),
        "{rows:?}"
    );
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_changes_the_log_not_even_the_owner_of_its_table() {
    let house = House::open().await;
    busy(&house).await;
    let client = house.test.client().await;
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
    // What is younger than the horizon stays, whoever names one.
    let early =
        "begin; set local vestibule.audit_horizon = '2026-01-05T10:00:00Z'; delete from audit_events; commit";
    assert!(client.batch_execute(early).await.is_err());
    house.stop().await;
}
