//! Magic links and login emails for contacts that are named by their address.

use serde_json::json;
use vestibule::base::actor::Scope;

use crate::support::TestApi;

const MAKE: &str = "mutation ($id: ID, $email: EmailAddress) {
    generateMagicLink(input: {contactId: $id, email: $email}) { confirmation magicLink { contact { id } } } }";

async fn api_with_anna() -> (TestApi, String) {
    let api = TestApi::open().await;
    let contacts = api.test.add_contacts(["anna@example.com".to_owned()]).await;
    let id = contacts[0].id.to_string();
    (api, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_signs_in_the_contact_with_the_address() {
    let (api, anna) = api_with_anna().await;
    let key = api.key(&[Scope::Links]).await;
    let made = api.data(&key, MAKE, json!({"email": " ANNA@example.com "})).await;
    assert_eq!(made["generateMagicLink"]["magicLink"]["contact"]["id"], anna);
    let confirmation = made["generateMagicLink"]["confirmation"]
        .as_str()
        .expect("a text");
    assert!(!confirmation.to_lowercase().contains("anna"), "{confirmation}");
    assert_eq!(api.test.test.number("select count(*) from contacts").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_address_becomes_a_contact_if_the_caller_may_add_contacts() {
    let (api, _) = api_with_anna().await;
    let (links_key, owner) = (api.key(&[Scope::Links]).await, api.owner().await);
    let new = json!({"email": "new@example.com"});
    let refused = api.error(&links_key, MAKE, new.clone()).await;
    assert_eq!(refused, ("NOT_FOUND".to_owned(), Some("input.email".to_owned())));
    assert_eq!(api.test.test.number("select count(*) from contacts").await, 1);
    for (at, scope) in [Scope::Contacts, Scope::Invite].into_iter().enumerate() {
        let key = api.key(&[Scope::Links, scope]).await;
        let email = format!("new{at}@example.com");
        let made = api.data(&key, MAKE, json!({ "email": email })).await;
        let contact = made["generateMagicLink"]["magicLink"]["contact"]["id"].clone();
        let find = "query ($email: EmailAddress) { contact(email: $email) { id portalStatus } }";
        let found = api.data(&owner, find, json!({ "email": email })).await;
        assert_eq!(
            found["contact"],
            json!({"id": contact, "portalStatus": "NOT_INVITED"})
        );
    }
    let events = "select contacts.email from audit_events join contacts on contacts.id = audit_events.contact_id \
        where kind = 'CONTACT_CREATED' order by 1";
    let expected = ["new0@example.com", "new1@example.com"].map(|email| Some(email.to_owned()));
    assert_eq!(api.test.test.texts(events).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_for_exactly_one_contact() {
    let (api, anna) = api_with_anna().await;
    let owner = api.owner().await;
    for (variables, code, field) in [
        (json!({}), "BAD_USER_INPUT", "input"),
        (
            json!({"id": anna, "email": "anna@example.com"}),
            "BAD_USER_INPUT",
            "input",
        ),
        (json!({"email": "anna"}), "BAD_USER_INPUT", "input.email"),
        (
            json!({"email": "Anna <anna@example.com>"}),
            "BAD_USER_INPUT",
            "input.email",
        ),
        (json!({"email": ""}), "BAD_USER_INPUT", "input.email"),
        (json!({"id": "contact_x"}), "NOT_FOUND", "input.contactId"),
    ] {
        let refused = api.error(&owner, MAKE, variables.clone()).await;
        assert_eq!(refused, (code.to_owned(), Some(field.to_owned())), "{variables}");
    }
    api.test
        .test
        .run("update contacts set revoked_at = created_at")
        .await;
    let refused = api
        .error(&owner, MAKE, json!({"email": "anna@example.com"}))
        .await;
    assert_eq!(refused, ("CONFLICT".to_owned(), Some("input.email".to_owned())));
    let other = api.owner_of_other_account().await;
    let made = api.data(&other, MAKE, json!({"email": "anna@example.com"})).await;
    assert_ne!(
        made["generateMagicLink"]["magicLink"]["contact"]["id"], anna,
        "a contact of its own"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn login_emails_go_to_the_addresses_of_contacts_only() {
    let (api, anna) = api_with_anna().await;
    let owner = api.owner().await;
    let send = "mutation ($ids: [ID!], $emails: [String!], $filter: ContactFilter, $dry: Boolean) {
        sendLoginEmails(input: {contactIds: $ids, emails: $emails, filter: $filter, dryRun: $dry}) {
            count messages { address } skipped { contactId email reason } bulkJob { id total } } }";
    let emails = [
        "Anna Smith <Anna@Example.com>",
        "nobody@example.com",
        "no",
        "anna@example.com",
    ];
    let skipped = json!([
        {"contactId": null, "email": "nobody@example.com", "reason": "NOT_FOUND"},
        {"contactId": null, "email": "no", "reason": "INVALID_EMAIL"},
        {"contactId": anna, "email": "anna@example.com", "reason": "DUPLICATE"}
    ]);
    for dry in [true, false] {
        let sent = api
            .data(&owner, send, json!({"emails": emails, "dry": dry}))
            .await;
        let sent = &sent["sendLoginEmails"];
        assert_eq!((&sent["count"], &sent["skipped"]), (&json!(1), &skipped));
        let messages = if dry {
            json!([])
        } else {
            json!([{"address": "anna@example.com"}])
        };
        assert_eq!(sent["messages"], messages);
    }
    let both = json!({"emails": emails, "filter": {}});
    assert_eq!(
        api.error(&owner, send, both).await.1.as_deref(),
        Some("input.filter")
    );
    let many: Vec<String> = (0..101).map(|n| format!("nobody{n}@example.com")).collect();
    let started = api.data(&owner, send, json!({ "emails": many })).await;
    assert_eq!(started["sendLoginEmails"]["bulkJob"]["total"], 101);
    let job = started["sendLoginEmails"]["bulkJob"]["id"]
        .as_str()
        .expect("an id");
    let worker = api.test.start_worker();
    let job = job.parse().expect("an id");
    let done = api
        .test
        .wait_for_job(job, vestibule::bulk_jobs::model::BulkJobStatus::Succeeded)
        .await;
    worker.stop().await;
    assert_eq!((done.succeeded_count, done.skipped_count), (0, 101));
    assert_eq!(
        api.test.test.number("select count(*) from contacts").await,
        1,
        "no contact is added"
    );
}
