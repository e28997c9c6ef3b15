//! Attacks, hostile input and unlucky timing, with the required outcome.

mod links;
mod sessions;
mod timing;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{TestServer, mailed_link, wait_until};

const REDEEM: &str = "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) {
    session { accessToken refreshToken } refusal { reason retryAfter } } }";

const REFRESH: &str = "mutation ($token: String!) { refreshSession(input: {refreshToken: $token}) {
    session { accessToken refreshToken } refusal { reason } } }";

const GENERATE: &str = "mutation ($id: ID!, $replaces: ID) {
    generateMagicLink(input: {contactId: $id, replaces: $replaces, expiresInMinutes: 60}) { url magicLink { id } } }";

const LOGIN_EMAIL: &str = "mutation ($id: ID!) { sendLoginEmails(input: {contactIds: [$id]}) { count } }";

async fn redeem(server: &TestServer, token: &str) -> Value {
    let answer = server.request(None, REDEEM, json!({"token": token})).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    answer["data"]["signInWithMagicLink"].clone()
}

/// The link's token and id.
async fn generate(server: &TestServer, replaces: Option<&str>) -> (String, String) {
    let input = json!({"id": server.acme.contact.to_string(), "replaces": replaces});
    let created = server.data(&server.acme.key, GENERATE, input).await["generateMagicLink"].clone();
    let url = created["url"].as_str().expect("a URL");
    let token = url.rsplit('/').next().expect("a token").to_owned();
    (
        token,
        created["magicLink"]["id"].as_str().expect("an id").to_owned(),
    )
}

/// Waits for a login email to staff, and returns its token.
async fn login_email(server: &TestServer) -> String {
    let before = server.mailbox.sent().len();
    let input = json!({"id": server.acme.contact.to_string()});
    server.data(&server.acme.key, LOGIN_EMAIL, input).await;
    wait_until("the mail is sent", async || server.mailbox.sent().len() > before).await;
    mailed_link(&server.mailbox.sent()[before]).reveal()
}

/// A mail scanner redeems the link, and ten seconds pass.
async fn redeem_as_scanner(server: &TestServer, token: &str) {
    assert!(!redeem(server, token).await["session"].is_null());
    server.clock.advance(TimeDelta::seconds(11));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nul_in_one_address_fails_only_that_address() {
    let server = TestServer::open().await;
    let mut emails: Vec<String> = (0..120).map(|n| format!("p{n}@example.com")).collect();
    emails[7] = "a\0b@example.com".to_owned();
    let invite = "mutation ($emails: [String!], $ids: [ID!]) {
        inviteContacts(input: {emails: $emails, contactIds: $ids}) { bulkJob { id } } }";
    let started = server
        .data(
            &server.acme.key,
            invite,
            json!({"emails": emails, "ids": ["contact_\0"]}),
        )
        .await;
    let id = &started["inviteContacts"]["bulkJob"]["id"];
    let job = "query ($id: ID!) { bulkJob(id: $id) { status succeeded skipped failed } }";
    wait_until("the job ends", async || {
        server.data(&server.acme.key, job, json!({"id": id})).await["bulkJob"]["status"] == "SUCCEEDED"
    })
    .await;
    let done = server.data(&server.acme.key, job, json!({"id": id})).await;
    assert_eq!(
        done["bulkJob"],
        json!({"status": "SUCCEEDED", "succeeded": 119, "skipped": 2, "failed": 0})
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_accepts_as_many_addresses_as_a_run() {
    let server = TestServer::open().await;
    let emails: Vec<String> = (0..10_000).map(|n| format!("p{n}@example.com")).collect();
    let invite =
        "mutation ($emails: [String!]) { inviteContacts(input: {emails: $emails, dryRun: true}) { count } }";
    let data = server
        .data(&server.acme.key, invite, json!({"emails": emails}))
        .await;
    assert_eq!(data["inviteContacts"]["count"], 10_000);
    assert_eq!(
        server
            .test
            .number("select count(*) from contacts where email like 'p%@example.com'")
            .await,
        0
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_cursor_is_bad_input_and_nothing_worse() {
    use base64::Engine;
    let server = TestServer::open().await;
    let id = "01900000000070008000000000000001";
    let list = "query ($after: String, $field: ContactOrderField!) {
        contacts(after: $after, orderBy: {field: $field, direction: ASC}) { nodes { id } } }";
    for (field, name, key) in [
        ("EMAIL", "Email", "a\0"),
        ("NAME", "Name", "a\0"),
        ("NAME", "Name", "\u{10ffff}"),
        ("JOINED_AT", "JoinedAt", "tomorrow"),
        ("JOINED_AT", "JoinedAt", "+262142-12-31T23:59:59Z"),
        ("JOINED_AT", "JoinedAt", "-262143-01-01T00:00:00Z"),
        ("LAST_SEEN_AT", "LastSeenAt", "-10000-01-01T00:00:00Z"),
    ] {
        let cursor = json!([format!("contacts/{name}/ASC"), key, id]).to_string();
        let cursor = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(cursor);
        let answer = server
            .request(
                Some(&server.acme.key),
                list,
                json!({"after": cursor, "field": field}),
            )
            .await;
        let code = &answer["errors"][0]["extensions"]["code"];
        assert!(code.is_null() || code == "BAD_USER_INPUT", "{key:?}: {answer}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_ignores_case_in_every_script() {
    let server = TestServer::open().await;
    let create = "mutation ($email: EmailAddress!, $first: String, $last: String) {
        createContact(input: {email: $email, firstName: $first, lastName: $last}) { contact { id } } }";
    let mut wrong = Vec::new();
    let people = [
        ("a1@example.com", "ÄNNE", "Łukasz", "änne"),
        ("a2@example.com", "Zoë", "ŽIŽEK", "žižek"),
        ("a3@example.com", "Sean", "O’Brien", "brien"),
        ("a4@example.com", "Anna/Maria", "X", "maria"),
        ("a5@example.com", "Иван", "Петров", "пет"),
        ("a6@example.com", "Anne", "2nd 1e5", "1e5"),
        ("user.name+tag@sub-domain.example.com", "Q", "W", "tag domain"),
        ("a7@example.com", "Cafe\u{301}", "Y", "cafe\u{301}"),
        ("a8@example.com", "R&D", "Y", "d"),
        ("a9@example.com", "İbrahim", "Y", "ibrahim"),
        ("a10@example.com", "王小明", "李", "王小"),
        ("a11@example.com", "www.example.org/path", "Y", "path"),
        ("a12@example.com", "1.5", "Y", "5"),
    ];
    for (email, first, last, search) in people {
        server
            .data(
                &server.acme.key,
                create,
                json!({"email": email, "first": first, "last": last}),
            )
            .await;
        let find = "query ($s: String) { contacts(filter: {search: $s}) { nodes { email } } }";
        let found = server.data(&server.acme.key, find, json!({"s": search})).await;
        let hit = found["contacts"]["nodes"]
            .as_array()
            .is_some_and(|nodes| nodes.iter().any(|node| node["email"] == email));
        if !hit {
            wrong.push(search);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    server.stop().await;
}
