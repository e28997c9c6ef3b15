//! What an API key without `READ` sees of contacts: the fields it wrote, and nothing of contacts it reaches otherwise.

use serde_json::{Value, json};
use vestibule::base::actor::Scope;

use super::cases::{FORBIDDEN, Ids, OK, create_objects, outcome};
use crate::support::TestServer;

/// Every nullable field of a contact, except those that a change returns.
const DETAILS: &str = "email phone firstName lastName name timezone locale invitedAt joinedAt lastSeenAt \
    invitation { id } suppression { reason } smsSuppression { reason } lastMessage { id } affiliate { id }";
const STANDING: &str = "portalStatus revokedAt createdAt updatedAt";

fn key(server: &TestServer, scope: Scope) -> String {
    let found = server.acme.scoped.iter().find(|(of, _)| *of == scope);
    found.expect("a key of each scope").1.clone()
}

/// The paths of the refused fields. Any other error fails the test.
fn refused(answer: &Value) -> Vec<String> {
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    errors
        .iter()
        .map(|error| {
            assert_eq!(error["extensions"]["code"], FORBIDDEN, "{answer:#}");
            let path = error["path"].as_array().cloned().unwrap_or_default();
            path.last().and_then(Value::as_str).unwrap_or_default().to_owned()
        })
        .collect()
}

fn shows_no_contact_data(answer: &Value) {
    let text = answer.to_string();
    for secret in ["anna@acme.example", "Anna", "secret-tag"] {
        assert!(!text.contains(secret), "{secret}: {answer:#}");
    }
}

/// Mutations that return a contact, by scope, with `{}` in place of the contact's fields.
fn leads(ids: &Ids) -> [(Scope, String); 5] {
    let (contact, invitation, link) = (&ids.contact, &ids.invitation, &ids.link);
    [
        (
            Scope::Invite,
            format!(
                "resendInvitation(input: {{invitationId: \"{invitation}\"}}) {{ invitation {{ note contact {{ id {{}} }} }} }}"
            ),
        ),
        (
            Scope::Invite,
            format!(
                "sendLoginEmails(input: {{contactIds: [\"{contact}\"]}}) {{ messages {{ subject lastError contact {{ id {{}} }} }} }}"
            ),
        ),
        (
            Scope::Links,
            format!(
                "generateMagicLink(input: {{contactId: \"{contact}\"}}) {{ confirmation magicLink {{ contact {{ id {{}} }} }} }}"
            ),
        ),
        (
            Scope::Links,
            format!(
                "generateMagicLink(input: {{contactId: \"{contact}\", sendBy: EMAIL}}) {{ confirmation magicLink {{ message {{ contact {{ id {{}} }} }} }} }}"
            ),
        ),
        (
            Scope::Links,
            format!(
                "revokeMagicLink(input: {{magicLinkId: \"{link}\"}}) {{ magicLink {{ contact {{ id {{}} }} }} }}"
            ),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_without_read_sees_only_the_id_of_a_contact() {
    let server = TestServer::open().await;
    let ids = create_objects(&server).await;
    server
        .test
        .run("update contacts set tags = '{secret-tag}', phone = '+4915112345678'")
        .await;
    for (scope, mutation) in leads(&ids) {
        for field in DETAILS
            .split_inclusive('}')
            .flat_map(|part| match part.split_once('{') {
                // The last word before a brace is its field.
                Some((words, _)) => {
                    let mut words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
                    if let Some(last) = words.last_mut() {
                        last.push_str(" { __typename }");
                    }
                    words
                }
                None => part.split_whitespace().map(str::to_owned).collect(),
            })
            .chain(STANDING.split_whitespace().map(str::to_owned))
            .chain(["tags".to_owned()])
        {
            let query = format!("mutation {{ r: {} }}", mutation.replace("{}", &field));
            let answer = server
                .request(Some(&key(&server, scope)), &query, json!({}))
                .await;
            let name = field.split(' ').next().unwrap_or_default();
            assert!(
                refused(&answer).iter().any(|path| path == name),
                "{query}: {answer:#}"
            );
            shows_no_contact_data(&answer);
        }
        let query = format!("mutation {{ r: {} }}", mutation.replace("{}", ""));
        let owner = server.request(Some(&server.acme.owner), &query, json!({})).await;
        assert_eq!(outcome(&owner), OK, "{owner}");
    }
    let query = format!(
        "mutation {{ r: generateMagicLink(input: {{contactId: \"{}\", sendBy: EMAIL}}) {{ magicLink {{ message {{ address }} }} }} }}",
        ids.contact
    );
    let answer = server
        .request(Some(&key(&server, Scope::Links)), &query, json!({}))
        .await;
    assert_eq!(refused(&answer), ["address"]);
    shows_no_contact_data(&answer);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_changes_a_contact_sees_the_fields_it_wrote() {
    let server = TestServer::open().await;
    let contact = server.acme.contact.to_string();
    server
        .test
        .run("update contacts set tags = '{secret-tag}', last_name = 'Smith', phone = '+4915112345678'")
        .await;
    let key = key(&server, Scope::Contacts);
    let update = |input: &str, fields: &str| {
        format!(
            "mutation {{ r: updateContact(input: {{contactId: \"{contact}\" {input}}}) {{ contact {{ {fields} }} }} }}"
        )
    };
    let done = server
        .request(
            Some(&key),
            &update(
                "locale: \"de\", tags: [\"new\"]",
                &format!("id locale tags {STANDING}"),
            ),
            json!({}),
        )
        .await;
    assert_eq!(done.get("errors"), None, "{done:#}");
    assert_eq!(done["data"]["r"]["contact"]["locale"], "de");
    assert_eq!(done["data"]["r"]["contact"]["tags"], json!(["new"]));
    server.test.run("update contacts set tags = '{secret-tag}'").await;
    let rest = server
        .request(Some(&key), &update("locale: \"fr\"", DETAILS), json!({}))
        .await;
    assert_eq!(rest["data"]["r"]["contact"]["locale"], "fr");
    let mut hidden = refused(&rest);
    hidden.sort();
    let expected = [
        "affiliate",
        "email",
        "firstName",
        "invitation",
        "invitedAt",
        "joinedAt",
        "lastMessage",
        "lastName",
        "lastSeenAt",
        "name",
        "phone",
        "smsSuppression",
        "suppression",
        "timezone",
    ];
    assert_eq!(hidden, expected);
    shows_no_contact_data(&rest);
    // A field that can't be null is refused before the mutation runs.
    let tags = server
        .request(Some(&key), &update("locale: \"es\"", "tags"), json!({}))
        .await;
    assert_eq!(refused(&tags), ["r"]);
    assert_eq!(
        server
            .test
            .number("select count(*) from contacts where locale = 'es'")
            .await,
        0
    );
    let create = format!(
        "mutation {{ r: createContact(input: {{email: \"new@example.com\", firstName: \"New\"}}) {{
        contact {{ email firstName name tags {STANDING} }} }} }}"
    );
    let created = server.request(Some(&key), &create, json!({})).await;
    assert_eq!(created["data"]["r"]["contact"]["name"], "New", "{created:#}");
    for mutation in ["revokePortalAccess", "restorePortalAccess", "resumeMail"] {
        let query = |fields: &str| {
            format!(
                "mutation {{ r: {mutation}(input: {{contactId: \"{contact}\"}}) {{ contact {{ {fields} }} }} }}"
            )
        };
        let done = server.request(Some(&key), &query(STANDING), json!({})).await;
        assert_eq!(outcome(&done), OK, "{done:#}");
        let hidden = server.request(Some(&key), &query("email name"), json!({})).await;
        assert_eq!(refused(&hidden).len(), 2, "{hidden:#}");
        assert_eq!(
            refused(&server.request(Some(&key), &query("tags"), json!({})).await),
            ["r"]
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn skipped_shows_a_key_without_read_only_the_addresses_it_sent() {
    let server = TestServer::open().await;
    let contact = server.acme.contact.to_string();
    server
        .test
        .run("update contacts set joined_at = '2026-01-01Z', revoked_at = '2026-01-02Z'")
        .await;
    let invite = key(&server, Scope::Invite);
    let skipped = "skipped { email contactId reason }";
    for query in [
        format!("mutation {{ r: inviteContacts(input: {{filter: {{}}, dryRun: true}}) {{ {skipped} }} }}"),
        format!(
            "mutation {{ r: inviteContacts(input: {{contactIds: [\"{contact}\"], dryRun: true}}) {{ {skipped} }} }}"
        ),
        format!("mutation {{ r: inviteContacts(input: {{contactIds: [\"{contact}\"]}}) {{ {skipped} }} }}"),
        format!("mutation {{ r: sendLoginEmails(input: {{filter: {{}}, dryRun: true}}) {{ {skipped} }} }}"),
        format!("mutation {{ r: sendLoginEmails(input: {{contactIds: [\"{contact}\"]}}) {{ {skipped} }} }}"),
    ] {
        let hidden = server.data(&invite, &query, json!({})).await;
        let wanted = json!([{"email": null, "contactId": contact, "reason": "REVOKED"}]);
        assert_eq!(hidden["r"]["skipped"], wanted, "{query}");
        let seen = server.data(&server.acme.key, &query, json!({})).await;
        assert_eq!(seen["r"]["skipped"][0]["email"], "anna@acme.example", "{query}");
    }
    let typed = format!(
        "mutation {{ r: inviteContacts(input: {{emails: [\"ANNA@acme.example\"]}}) {{ {skipped} }} }}"
    );
    let shown = server.data(&invite, &typed, json!({})).await;
    assert_eq!(shown["r"]["skipped"][0]["email"], "ANNA@acme.example");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_answers_no_questions_about_contacts_without_read() {
    let server = TestServer::open().await;
    let invite = key(&server, Scope::Invite);
    for filter in [
        "search: \"ann\"",
        "tags: [\"vip\"]",
        "createdAfter: \"2026-01-01T00:00:00Z\"",
        "createdBefore: \"2026-01-01T00:00:00Z\"",
        "invitedBefore: \"2026-01-01T00:00:00Z\"",
        "joinedAfter: \"2026-01-01T00:00:00Z\"",
        "lastSeenBefore: \"2026-01-01T00:00:00Z\"",
    ] {
        for mutation in ["inviteContacts", "sendLoginEmails"] {
            for dry_run in [true, false] {
                let query = format!(
                    "mutation {{ r: {mutation}(input: {{filter: {{{filter}}}, dryRun: {dry_run}}}) {{ count }} }}"
                );
                let (code, field) = server.error(Some(&invite), &query, json!({})).await;
                assert_eq!(
                    (code.as_str(), field.as_deref()),
                    (FORBIDDEN, Some("input.filter")),
                    "{query}"
                );
                server.data(&server.acme.key, &query, json!({})).await;
            }
        }
    }
    let query = "mutation { r: inviteContacts(input: {filter: {portalStatus: [NOT_INVITED]}, dryRun: true}) { count } }";
    server.data(&invite, query, json!({})).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mutation_whose_response_would_be_forbidden_does_not_run() {
    let server = TestServer::open().await;
    let contact = server.acme.contact.to_string();
    let query = "mutation ($id: ID!) { r: sendLoginEmails(input: {contactIds: [$id]}) { ...Sent } }
        fragment Sent on SendLoginEmailsPayload { messages { to: address } }";
    let answer = server
        .request(Some(&key(&server, Scope::Invite)), query, json!({"id": contact}))
        .await;
    assert_eq!(refused(&answer), ["r"]);
    assert_eq!(server.test.number("select count(*) from messages").await, 0);
    server.stop().await;
}
