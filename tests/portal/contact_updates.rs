//! The event of a changed contact: it names the fields and never their values.

use chrono::TimeDelta;
use serde_json::{Value, json};
use vestibule::bulk_jobs::model::{BulkJobKind, BulkJobStatus};
use vestibule::sign_in::auth_context::Viewer;

use crate::support::{Socket, TestAccount, TestApi, TestServer};

const UPDATE: &str =
    "mutation ($input: UpdateContactInput!) { updateContact(input: $input) { contact { id } } }";
const TAGS: &str =
    "mutation ($input: UpdateContactTagsInput!) { updateContactTags(input: $input) { count } }";

/// The changed fields of the contact's updates, newest first, as each of the three lists shows them.
async fn updates(api: &TestApi, owner: &Viewer, id: &str) -> Value {
    let query = "query ($id: ID!) {
        contact(id: $id) { timeline { nodes { kind changedFields } } }
        recentActivity { nodes { kind contactId changedFields } }
        auditLog(filter: {contactId: $id, kinds: [CONTACT_UPDATED]}) { nodes { details } } }";
    let data = api.data(owner, query, json!({"id": id})).await;
    let changed = |nodes: &Value| {
        let nodes = nodes.as_array().cloned().unwrap_or_default();
        let updates = nodes.into_iter().filter(|node| node["kind"] == "CONTACT_UPDATED");
        json!(
            updates
                .map(|node| node["changedFields"].clone())
                .collect::<Vec<_>>()
        )
    };
    let timeline = changed(&data["contact"]["timeline"]["nodes"]);
    assert_eq!(changed(&data["recentActivity"]["nodes"]), timeline);
    let fields = timeline.as_array().expect("a list").iter().map(|fields| {
        let fields = fields.as_array().expect("names").iter().filter_map(Value::as_str);
        json!({"details": [format!("changed: {}", fields.collect::<Vec<_>>().join(", "))]})
    });
    // Those of changed tags follow.
    let logged = data["auditLog"]["nodes"].as_array().expect("a list").iter();
    let logged = logged.map(|node| json!({"details": [node["details"][0]]}));
    assert_eq!(
        json!(logged.collect::<Vec<_>>()),
        json!(fields.collect::<Vec<_>>())
    );
    timeline
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_names_the_fields_that_differ() {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    let contact = api.test.add_contacts(["anna@example.com".to_owned()]).await;
    let id = contact[0].id.to_string();
    let details =
        json!({"contactId": id, "firstName": "Anna", "lastName": "Berg", "tags": ["vip"], "phone": null});
    for _ in 0..2 {
        api.data(&owner, UPDATE, json!({"input": details})).await;
    }
    assert_eq!(
        updates(&api, &owner, &id).await,
        json!([["firstName", "lastName", "tags"]])
    );
    let others = json!({"contactId": id, "email": "new@example.com", "phone": "+4915112345678", "timezone": "Europe/Berlin", "locale": "de"});
    api.test.clock.advance(TimeDelta::seconds(1));
    api.data(&owner, UPDATE, json!({"input": others})).await;
    api.test.clock.advance(TimeDelta::seconds(1));
    api.data(
        &owner,
        TAGS,
        json!({"input": {"contactIds": [id], "add": ["new"]}}),
    )
    .await;
    let expected = json!([
        ["tags"],
        ["email", "phone", "timezone", "locale"],
        ["firstName", "lastName", "tags"]
    ]);
    assert_eq!(updates(&api, &owner, &id).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_names_the_fields_that_it_fills() {
    let test = TestAccount::open().await;
    test.add_contacts(["anna@example.com".to_owned(), "ben@example.com".to_owned()])
        .await;
    let rows = [
        json!({"email": "anna@example.com", "first_name": "Anna"}),
        json!({"email": "anna@example.com", "last_name": "Berg", "tags": ["vip"]}),
        json!({"email": "ben@example.com"}),
        json!({"email": "new@example.com", "first_name": "New"}),
    ];
    let job = test.job(BulkJobKind::Import, rows.to_vec()).await;
    let worker = test.start_worker();
    test.wait_for_job(job, BulkJobStatus::Succeeded).await;
    worker.stop().await;
    let events = "select c.email_key || ' ' || e.kind || coalesce(' ' || e.detail::text, '') from audit_events e \
        join contacts c on c.id = e.contact_id where e.kind like 'CONTACT%' order by 1";
    let events: Vec<String> = test.test.texts(events).await.into_iter().flatten().collect();
    let filled = "anna@example.com CONTACT_UPDATED {\"changed\": [\"firstName\", \"lastName\", \"tags\"], \"tagsAdded\": [\"vip\"]}";
    assert_eq!(events, [filled, "new@example.com CONTACT_CREATED"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_arrives_in_the_activity() {
    let server = TestServer::open().await;
    let mut socket = Socket::open(&server, Some(&server.acme.read_key)).await;
    socket
        .subscribe("subscription { portalActivity { kind contactId changedFields } }")
        .await;
    let id = server.acme.contact.to_string();
    // An event before the subscription has started would not arrive.
    let mut last_names = ["Berg", "Hill"].into_iter().cycle();
    let event = loop {
        let input = json!({"contactId": id, "lastName": last_names.next()});
        server
            .data(&server.acme.owner, UPDATE, json!({ "input": input }))
            .await;
        let next = tokio::time::timeout(std::time::Duration::from_secs(2), socket.data());
        if let Ok(event) = next.await {
            break event["portalActivity"].clone();
        }
    };
    assert_eq!(
        event,
        json!({"kind": "CONTACT_UPDATED", "contactId": id, "changedFields": ["lastName"]})
    );
    server.stop().await;
}
