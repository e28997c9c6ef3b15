//! Checking addresses before they are invited.

use serde_json::{Value, json};
use vestibule::base::actor::Scope;

use super::filter::api_with_invitations;

const CHECK: &str =
    "query ($emails: [String!]!) { checkRecipients(emails: $emails) { email name state contact { email } } }";

#[tokio::test(flavor = "multi_thread")]
async fn each_address_has_its_state_in_the_order_given() {
    let (api, owner) = api_with_invitations().await;
    api.test
        .add_contacts(["added@example.com", "gone@example.com"].map(str::to_owned))
        .await;
    let account = api.test.account.id.0;
    let suppress = |email: &str, expires_at: &str| {
        format!(
            "insert into suppressions values ('{account}', '{email}', '550', '2026-01-01Z', {expires_at})"
        )
    };
    for change in [
        "update contacts set joined_at = created_at where email_key = 'accepted@example.com'".to_owned(),
        "update contacts set revoked_at = created_at where email_key = 'gone@example.com'".to_owned(),
        suppress("gone@example.com", "null"),
        suppress("expired@example.com", "null"),
        suppress("bounced@example.com", "null"),
        suppress("new@example.com", "'2026-01-02Z'"),
    ] {
        api.test.test.run(&change).await;
    }
    let before = api.test.test.number("select count(*) from contacts").await;
    let mut expected = Vec::new();
    let mut emails = Vec::new();
    for (text, email, name, state, known) in [
        (
            "Ben Smith <New@Example.com>",
            "New@example.com",
            Some("Ben Smith"),
            "NEW",
            false,
        ),
        (
            "Other <open@example.com>",
            "open@example.com",
            Some("Zoë Lang"),
            "INVITED",
            true,
        ),
        (
            "OPEN@example.com",
            "OPEN@example.com",
            Some("Zoë Lang"),
            "DUPLICATE",
            true,
        ),
        (
            "accepted@example.com",
            "accepted@example.com",
            Some("Zoë Lang"),
            "ACTIVE",
            true,
        ),
        (
            "added@example.com",
            "added@example.com",
            None,
            "NOT_INVITED",
            true,
        ),
        ("gone@example.com", "gone@example.com", None, "REVOKED", true),
        (
            "expired@example.com",
            "expired@example.com",
            Some("Zoë Lang"),
            "SUPPRESSED",
            true,
        ),
        (
            "bounced@example.com",
            "bounced@example.com",
            None,
            "SUPPRESSED",
            false,
        ),
        ("moc.\u{202e}x", "moc.\\u{202e}x", None, "INVALID", false),
        ("moc.\u{202e}x", "moc.\\u{202e}x", None, "INVALID", false),
    ] {
        emails.push(text);
        let contact = known.then(|| json!({"email": email.to_lowercase()}));
        expected.push(json!({"email": email, "name": name, "state": state, "contact": contact}));
    }
    let found = api.data(&owner, CHECK, json!({ "emails": emails })).await;
    assert_eq!(found["checkRecipients"], json!(expected));
    assert_eq!(
        api.test.test.number("select count(*) from contacts").await,
        before
    );
    let other = api.owner_of_other_account().await;
    let found = api
        .data(
            &other,
            CHECK,
            json!({"emails": ["open@example.com", "bounced@example.com"]}),
        )
        .await;
    let states: Vec<&Value> = (0..2)
        .map(|at: usize| &found["checkRecipients"][at]["state"])
        .collect();
    assert_eq!(states, ["NEW", "NEW"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_addresses_take_two_statements() {
    let (api, owner) = api_with_invitations().await;
    for count in [1, 1_000] {
        let emails: Vec<String> = (0..count).map(|n| format!("person{n}@example.com")).collect();
        let statements = api.statements(async || {
            api.data(&owner, CHECK, json!({ "emails": emails })).await;
        });
        assert_eq!(statements.await, 2);
    }
    let refused = api
        .error(&owner, CHECK, json!({"emails": vec!["a@example.com"; 1_001]}))
        .await;
    assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), Some("emails".to_owned())));
    let key = api.key(&[Scope::Invite, Scope::Read]).await;
    let none = api.data(&key, CHECK, json!({"emails": []})).await;
    assert_eq!(none["checkRecipients"], json!([]));
}
