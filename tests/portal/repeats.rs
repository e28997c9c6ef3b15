//! `Idempotency-Key`: a repeat gets the first response, and does nothing.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{TestServer, wait_until};

const CREATE: &str =
    "mutation ($email: EmailAddress!) { createContact(input: {email: $email}) { contact { id email } } }";
const LINK: &str =
    "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { url magicLink { id } } }";

async fn send(server: &TestServer, credential: &str, key: &str, body: Value) -> Value {
    let request = server.http.post(format!("{}/graphql", server.url)).json(&body);
    let request = request.bearer_auth(credential).header("idempotency-key", key);
    let response = request.send().await.expect("an answer");
    response.json().await.expect("JSON")
}

fn create(email: &str) -> Value {
    json!({ "query": CREATE, "variables": { "email": email } })
}

fn code(answer: &Value) -> (&str, &str) {
    let extensions = &answer["errors"][0]["extensions"];
    let text = |name: &str| extensions[name].as_str().unwrap_or_default();
    (text("code"), text("field"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_returns_the_first_response_and_does_nothing() {
    let server = TestServer::open().await;
    let first = send(&server, &server.acme.key, "one", create("a@example.com")).await;
    assert_eq!(
        first["data"]["createContact"]["contact"]["email"],
        "a@example.com"
    );
    for _ in 0..3 {
        assert_eq!(
            send(&server, &server.acme.key, "one", create("a@example.com")).await,
            first
        );
    }
    let created = "select count(*) from audit_events where kind = 'CONTACT_CREATED'";
    assert_eq!(server.test.number(created).await, 1);
    // Without the key or with another key, it is a different request.
    let again = server
        .request(
            Some(&server.acme.key),
            CREATE,
            json!({ "email": "a@example.com" }),
        )
        .await;
    assert_eq!(code(&again).0, "CONFLICT");
    let other = send(&server, &server.acme.key, "two", create("a@example.com")).await;
    assert_eq!(code(&other), ("CONFLICT", "input.email"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_concurrent_repeats_run_once() {
    let server = TestServer::open().await;
    let body = json!({ "query": "mutation { inviteContacts(input: {emails: [\"a@example.com\"]}) { invitations { id } skipped { reason } } }" });
    let answers = join_all((0..100).map(|_| send(&server, &server.acme.key, "same", body.clone()))).await;
    let first = &answers[0];
    assert_eq!(
        first["data"]["inviteContacts"]["invitations"]
            .as_array()
            .map(Vec::len),
        Some(1),
        "{first}"
    );
    for answer in &answers {
        assert_eq!(answer, first);
    }
    assert_eq!(server.test.number("select count(*) from messages").await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_belongs_to_its_viewer_and_its_request() {
    let server = TestServer::open().await;
    send(&server, &server.acme.key, "k", create("a@example.com")).await;
    let other_input = send(&server, &server.acme.key, "k", create("b@example.com")).await;
    assert_eq!(code(&other_input), ("CONFLICT", "Idempotency-Key"));
    assert_eq!(
        server
            .test
            .number("select count(*) from contacts where email_key = 'b@example.com'")
            .await,
        0
    );
    // Keys of the same account's owner and of another account are separate.
    let owner = send(&server, &server.acme.owner, "k", create("b@example.com")).await;
    assert_eq!(
        owner["data"]["createContact"]["contact"]["email"],
        "b@example.com"
    );
    let foreign = send(&server, &server.other.key, "k", create("a@example.com")).await;
    assert_eq!(
        foreign["data"]["createContact"]["contact"]["email"],
        "a@example.com"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_not_stored_and_can_be_retried() {
    let server = TestServer::open().await;
    send(&server, &server.acme.key, "first", create("a@example.com")).await;
    let refused = send(&server, &server.acme.key, "k", create("a@example.com")).await;
    assert_eq!(code(&refused), ("CONFLICT", "input.email"));
    server.test.run("update contacts set email = null, email_key = null, phone = '+491' where email_key = 'a@example.com'").await;
    let done = send(&server, &server.acme.key, "k", create("a@example.com")).await;
    assert_eq!(done["data"]["createContact"]["contact"]["email"], "a@example.com");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_valid_for_24_hours_and_a_response_with_a_secret_for_15_minutes() {
    let server = TestServer::open().await;
    let link = json!({ "query": LINK, "variables": { "id": server.acme.contact.to_string() } });
    let first = send(&server, &server.acme.key, "link", link.clone()).await;
    let url = first["data"]["generateMagicLink"]["url"]
        .as_str()
        .expect("a link")
        .to_owned();
    let kept = server
        .test
        .texts("select encode(answer, 'escape') from idempotency_keys")
        .await;
    let secret = url.rsplit('/').next().expect("a token");
    assert!(kept.iter().flatten().all(|kept| !kept.contains(secret)), "sealed");
    send(&server, &server.acme.key, "contact", create("a@example.com")).await;
    server.clock.advance(TimeDelta::seconds(15 * 60 - 1));
    assert_eq!(send(&server, &server.acme.key, "link", link.clone()).await, first);
    server.clock.advance(TimeDelta::seconds(1));
    let gone = send(&server, &server.acme.key, "link", link.clone()).await;
    assert_eq!(code(&gone), ("CONFLICT", "Idempotency-Key"));
    assert_eq!(server.test.number("select count(*) from magic_links").await, 1);
    server
        .clock
        .advance(TimeDelta::hours(24) - TimeDelta::seconds(15 * 60 + 1));
    let kept = send(&server, &server.acme.key, "contact", create("a@example.com")).await;
    assert_eq!(kept["data"]["createContact"]["contact"]["email"], "a@example.com");
    server.clock.advance(TimeDelta::seconds(1));
    let anew = send(&server, &server.acme.key, "contact", create("a@example.com")).await;
    assert_eq!(code(&anew), ("CONFLICT", "input.email"), "it ran");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_with_a_secret_is_deleted_after_15_minutes() {
    let server = TestServer::open().await;
    let link = json!({ "query": LINK, "variables": { "id": server.acme.contact.to_string() } });
    send(&server, &server.acme.key, "link", link.clone()).await;
    send(&server, &server.acme.key, "contact", create("a@example.com")).await;
    let kept = "select count(*) from idempotency_keys where answer is not null";
    assert_eq!(server.test.number(kept).await, 2);
    server.clock.advance(TimeDelta::minutes(15));
    wait_until("it is swept", async || server.test.number(kept).await == 1).await;
    let gone = send(&server, &server.acme.key, "link", link).await;
    assert_eq!(code(&gone), ("CONFLICT", "Idempotency-Key"));
    assert_eq!(server.test.number("select count(*) from magic_links").await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_header_needs_exactly_one_mutation_field() {
    let server = TestServer::open().await;
    let two = json!({ "query": "mutation { a: generateCustomMenuLink(input: {section: HOME}) { url } b: generateCustomMenuLink(input: {section: HOME}) { url } }" });
    assert_eq!(
        code(&send(&server, &server.acme.key, "k", two).await),
        ("BAD_USER_INPUT", "Idempotency-Key")
    );
    let batch = json!([create("a@example.com"), { "query": "{ __typename }" }]);
    assert_eq!(
        code(&send(&server, &server.acme.key, "k", batch).await),
        ("BAD_USER_INPUT", "Idempotency-Key")
    );
    for malformed in ["x".repeat(256), "a b".to_owned()] {
        assert_eq!(
            code(&send(&server, &server.acme.key, &malformed, create("a@example.com")).await),
            ("BAD_USER_INPUT", "Idempotency-Key")
        );
    }
    let query = send(
        &server,
        &server.acme.key,
        "k",
        json!({ "query": "{ __typename }" }),
    )
    .await;
    assert_eq!(query["data"]["__typename"], "Query");
    server.stop().await;
}

/// A transaction of a mutation without its key would run twice.
#[test]
fn every_transaction_of_a_mutation_starts_with_its_key() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    crate::layers::files(&root, &mut files);
    files.retain(|file| {
        let in_graphql = file.components().any(|part| part.as_os_str() == "graphql");
        let starts = file.ends_with("graphql.rs") || in_graphql;
        // Signing in has no caller who could own a key.
        starts && !file.ends_with("sign_in/graphql/mutations.rs")
    });
    let mut found = 0;
    for path in files {
        let text = std::fs::read_to_string(&path).expect("text");
        for (at, _) in text.match_indices(".transaction(") {
            let next = text[at..].lines().nth(1).unwrap_or_default();
            found += 1;
            assert!(
                next.contains("claim_idempotency_key(ctx, conn, &"),
                "{path:?}: {next}"
            );
        }
    }
    assert!(found > 10, "{found}");
}
