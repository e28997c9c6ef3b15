use serde_json::json;
use vestibule::base::actor::Actor;
use vestibule::messages::model::{Message, MessageKind, NewMessage};
use vestibule::sign_in::auth_context::Viewer;
use vestibule::sign_in::sessions::model::Holder;

use crate::support::TestApi;

async fn api_with_twenty_invited() -> (TestApi, Viewer) {
    let api = TestApi::open().await;
    api.test
        .invite((0..20).map(|n| format!("person{n}@example.com")))
        .await;
    let worker = api.test.start_worker();
    api.test.wait_for_emails(20).await;
    worker.stop().await;
    let owner = api.owner().await;
    (api, owner)
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_run_a_known_number_of_statements() {
    let (api, owner) = api_with_twenty_invited().await;
    let cases = [
        ("{ portalStats { invited active version } }", 1),
        ("{ portal { name stats { invited } } }", 2),
        ("{ viewer { ... on TeamMember { id role } } }", 0),
        ("{ viewer { ... on TeamMember { id email name joinedAt } } }", 1),
        ("{ portal { sendingDomain { domain records { ok } } } }", 2),
        ("{ me { id } }", 0),
        ("{ invitedUsers(first: 20) { nodes { id email } } }", 1),
        (
            "{ invitedUsers(first: 20) { totalCount nodes { id } pageInfo { endCursor } } }",
            2,
        ),
        ("{ invitedUsers(first: 20) { totalCount } }", 2),
        (
            "{ invitedUsers(first: 20) { nodes { invitation { status sentCount } } } }",
            2,
        ),
        (
            "{ invitedUsers(first: 20) { nodes { a: invitation { id } b: invitation { contact { id } } } } }",
            3,
        ),
        (
            "{ magicLinks(first: 20) { nodes { contact { email invitation { id } } message { status } } } }",
            4,
        ),
        // Apart: together, the two batches of contacts become one when the invitations come back first.
        (
            "{ messages(first: 20) { nodes { contact { id } magicLink { id } } } }",
            3,
        ),
        (
            "{ messages(first: 20) { nodes { magicLink { id } invitation { contact { id } } } } }",
            4,
        ),
        ("{ invitations(first: 20) { nodes { contact { id } } } }", 2),
        (
            "{ invitations(first: 20) { nodes { lastMessage { status lastError nextAttemptAt } } } }",
            2,
        ),
        (
            "{ invitedUsers(first: 20) { nodes { suppression { reason } lastMessage { status lastError } } } }",
            3,
        ),
        ("{ messages(first: 20) { nodes { html text } } }", 3),
        ("{ recentActivity(first: 20) { nodes { contact { email } } } }", 2),
        (
            "{ invitedUsers(first: 20) { nodes { invitation { id } magicLinks(first: 2) { nodes { id } } } } }",
            3,
        ),
    ];
    for (document, expected) in cases {
        let statements = api.statements(async || {
            api.data(&owner, document, json!({})).await;
        });
        assert_eq!(statements.await, expected, "{document}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_is_read_and_rendered_once_for_all_its_fields() {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    let contacts = api.test.add_contacts(["anna@example.com".to_owned()]).await;
    let (to, moment) = (Holder::Contact(contacts[0].id), api.test.clock.moment());
    let warning = NewMessage::new(MessageKind::PasswordChanged, "anna@example.com", Some(to));
    let account = api.test.account.id;
    api.test
        .write(async |conn| Message::queue(conn, account, &warning, Actor::Anonymous, &moment).await)
        .await;
    let document = "{ messages(first: 1) { nodes { html text again: html } } }";
    let mut shown = json!(null);
    let statements = api.statements(async || shown = api.data(&owner, document, json!({})).await);
    assert_eq!(
        statements.await,
        4,
        "the message, its rows, the account's own texts, and the event that it reports"
    );
    let email = &shown["messages"]["nodes"][0];
    assert!(email["html"].is_string() && email["html"] == email["again"] && email["text"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn nested_fields_return_related_objects() {
    let (api, owner) = api_with_twenty_invited().await;
    let document =
        "{ invitedUsers(first: 20) { nodes { id email invitation { status section sentCount contact { id } }
        magicLinks { totalCount nodes { status purpose contact { id } message { address kind status } } }
        messages { nodes { address magicLink { contact { id } } invitation { contact { id } } } } } } }";
    let found = api.data(&owner, document, json!({})).await;
    let nodes = found["invitedUsers"]["nodes"].as_array().expect("nodes");
    assert_eq!(nodes.len(), 20);
    for node in nodes {
        let (id, email) = (&node["id"], &node["email"]);
        let contact = json!({ "id": id });
        let invitation = json!({ "status": "OPEN", "section": "HOME", "sentCount": 1, "contact": contact });
        assert_eq!(node["invitation"], invitation);
        let mail = json!({ "address": email, "kind": "INVITATION", "status": "SENT" });
        let link = json!({ "status": "LIVE", "purpose": "INVITATION", "contact": contact, "message": mail });
        assert_eq!(node["magicLinks"], json!({ "totalCount": 1, "nodes": [link] }));
        let of = json!({ "contact": contact });
        assert_eq!(
            node["messages"]["nodes"],
            json!([{ "address": email, "magicLink": of, "invitation": of }])
        );
    }
}
