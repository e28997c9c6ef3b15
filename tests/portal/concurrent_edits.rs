//! Two callers that change one contact: `updatedAt` and `expectedUpdatedAt`.

use chrono::TimeDelta;
use serde_json::{Value, json};
use vestibule::accounts::model::section::PortalSection;
use vestibule::base::actor::Scope;
use vestibule::contacts::model::import::{NewImport, queue_import};
use vestibule::sign_in::auth_context::Viewer;

use crate::support::{TestApi, TestServer, wait_until};

const UPDATE: &str = "mutation ($input: UpdateContactInput!) { updateContact(input: $input) {
    contact { firstName updatedAt } } }";
const READ: &str = "query ($id: ID!) { contact(id: $id) { firstName updatedAt } }";

async fn updated_at(api: &TestApi, caller: &Viewer, id: &str) -> Value {
    let found = api.data(caller, READ, json!({"id": id})).await;
    found["contact"]["updatedAt"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_refused_if_the_contact_has_changed_since() {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    let id = api.test.add_contacts(["anna@example.com".to_owned()]).await[0]
        .id
        .to_string();
    api.test.clock.advance(TimeDelta::microseconds(1_234_567));
    let change = |name: &str, expected: &Value| json!({"input": {"contactId": id, "firstName": name, "expectedUpdatedAt": expected}});
    let read = updated_at(&api, &owner, &id).await;
    let first = api.data(&owner, UPDATE, change("Anna", &read)).await;
    let newer = first["updateContact"]["contact"]["updatedAt"].clone();
    assert_eq!(newer, "2026-01-05T10:00:01.234567Z", "to the microsecond");
    api.test.clock.advance(TimeDelta::microseconds(1));
    let refused = api.error(&owner, UPDATE, change("Bea", &read)).await;
    let conflict = ("CONFLICT".to_owned(), Some("input.expectedUpdatedAt".to_owned()));
    assert_eq!(refused, conflict);
    let kept = api.data(&owner, READ, json!({"id": id})).await;
    assert_eq!(kept["contact"], json!({"firstName": "Anna", "updatedAt": newer}));
    let with_offset = json!("2026-01-05T11:00:01.234567+01:00");
    api.data(&owner, UPDATE, change("Bea", &with_offset)).await;
    api.data(&owner, UPDATE, change("Cleo", &Value::Null)).await;
    let wrong = api.error(&owner, UPDATE, change("Dora", &json!("now"))).await;
    assert_eq!(
        wrong,
        ("BAD_USER_INPUT".into(), Some("input.expectedUpdatedAt".into()))
    );
    // A key that may not read sees the time of its own change, for its next one.
    let key = api.key(&[Scope::Contacts]).await;
    let own = "mutation ($id: ID!) { updateContact(input: {contactId: $id, firstName: \"Eve\"}) { contact { updatedAt } } }";
    api.data(&key, own, json!({"id": id})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_staff_or_an_import_moves_updated_at() {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    let contact = api
        .test
        .add_contacts(["anna@example.com".to_owned()])
        .await
        .remove(0);
    let id = contact.id.to_string();
    let mut before = updated_at(&api, &owner, &id).await;
    let by_id = "mutation ($id: ID!) { ";
    for change in [
        "inviteContacts(input: {contactIds: [$id]}) { count }",
        "updateContact(input: {contactId: $id, tags: [\"vip\"]}) { contact { id } }",
        "updateContact(input: {contactId: $id, email: \"new@example.com\"}) { contact { id } }",
        "revokePortalAccess(input: {contactId: $id}) { contact { id } }",
        "restorePortalAccess(input: {contactId: $id}) { contact { id } }",
    ] {
        api.test.clock.advance(TimeDelta::seconds(1));
        api.data(&owner, &format!("{by_id}{change} }}"), json!({"id": id}))
            .await;
        let after = updated_at(&api, &owner, &id).await;
        assert_ne!(after, before, "{change}");
        before = after;
    }
    api.test.clock.advance(TimeDelta::seconds(1));
    let (csv, moment) = (
        &b"email,phone\nnew@example.com,+12025550123\n"[..],
        api.test.clock.moment(),
    );
    let new = NewImport {
        csv,
        invite: false,
        section: PortalSection::Home,
        note: None,
        grant_offer: None,
    };
    let account = api.test.account.id;
    api.test
        .write(async |conn| queue_import(conn, account, new, &api.test.requester, &moment).await)
        .await;
    let worker = api.test.start_worker();
    wait_until("the import moves it", async || {
        updated_at(&api, &owner, &id).await != before
    })
    .await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn joining_is_a_change_and_being_seen_later_is_none() {
    let server = TestServer::open().await;
    let anna = json!({"id": server.acme.contact.to_string()});
    let link = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { url } }";
    let redeem = "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) { session { accessToken } } }";
    let times = "select (updated_at > created_at)::text || ' ' || to_char(updated_at at time zone 'UTC', 'HH24:MI:SS')
        || ' ' || to_char(last_seen_at at time zone 'UTC', 'DD') from contacts where email = 'anna@acme.example'";
    for expected in ["true 10:00:01 05", "true 10:00:01 06"] {
        server.clock.advance(TimeDelta::seconds(1));
        let created = server.data(&server.acme.key, link, anna.clone()).await;
        let url = created["generateMagicLink"]["url"]
            .as_str()
            .expect("a URL")
            .to_owned();
        let token = url.rsplit('/').next().expect("a token");
        server.request(None, redeem, json!({"token": token})).await;
        assert_eq!(server.test.texts(times).await, [Some(expected.to_owned())]);
        server.clock.advance(TimeDelta::days(1));
    }
    server.stop().await;
}
