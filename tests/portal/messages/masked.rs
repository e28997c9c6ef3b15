//! What a message says, as staff see it: the email that was sent, without its secrets.

use chrono::TimeDelta;
use mailer::Email;
use serde_json::{Value, json};
use vestibule::base::actor::{Scope, SignInMethod};
use vestibule::messages::model::MessageKind;

use crate::emails::{anna, challenge, open_session, reset, send_email};
use crate::support::{TestServer, wait_until};

const MASK: &str = "••••••";

/// The tokens and codes of an email.
fn secrets(email: &Email) -> Vec<String> {
    let mut secrets = Vec::new();
    for path in ["/link/", "/reset/", "/not-me/"] {
        for (at, _) in email.text.match_indices(path) {
            let rest = &email.text[at + path.len()..];
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            secrets.push(rest[..end].to_owned());
        }
    }
    let code = |line: &&str| line.len() == 7 && line.split(' ').all(|part| part.parse::<u16>().is_ok());
    secrets.extend(email.text.lines().map(str::trim).filter(code).map(str::to_owned));
    secrets
}

/// The newest message of a kind, as the API shows it.
async fn shown(server: &TestServer, kind: &str) -> Value {
    let query = "query ($kind: MessageKind!) { messages(first: 1, filter: {kinds: [$kind]}) { nodes { html text } } }";
    let found = server
        .data(&server.acme.read_key, query, json!({ "kind": kind }))
        .await;
    found["messages"]["nodes"][0].clone()
}

/// Compares what staff see with the email that was sent.
async fn assert_masked(server: &TestServer, kind: &str, email: &Email, secret_count: usize) {
    let secrets = secrets(email);
    assert_eq!(secrets.len(), secret_count, "{kind}: {}", email.text);
    let masked = |text: &str| {
        secrets
            .iter()
            .fold(text.to_owned(), |text, secret| text.replace(secret, MASK))
    };
    let shown = shown(server, kind).await;
    let (html, text) = (shown["html"].as_str(), shown["text"].as_str());
    assert_eq!(html, Some(&masked(&email.html)[..]), "{kind}");
    assert_eq!(text, Some(&masked(&email.text)[..]), "{kind}");
    for secret in &secrets {
        let plain = secret.replace(' ', "");
        for shown in [html, text].into_iter().flatten() {
            assert!(
                !shown.contains(secret) && !shown.contains(&plain),
                "{kind}: {shown}"
            );
        }
    }
}

/// The next email after a mutation.
async fn mail_after(server: &TestServer, mutation: &str) -> Email {
    let before = server.mailbox.sent().len();
    let id = json!({"id": server.acme.contact.to_string()});
    server.data(&server.acme.key, mutation, id).await;
    wait_until("the mail arrives", async || server.mailbox.sent().len() > before).await;
    server.mailbox.sent()[before].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_see_the_emails_that_they_sent_without_the_secrets() {
    let server = TestServer::open().await;
    for (kind, mutation) in [
        (
            "INVITATION",
            "mutation ($id: ID!) { inviteContacts(input: {contactIds: [$id], section: COURSES, note: \"See you <soon>\\nBen\"}) { count } }",
        ),
        (
            "LOGIN_EMAIL",
            "mutation ($id: ID!) { sendLoginEmails(input: {contactIds: [$id]}) { count } }",
        ),
        (
            "MAGIC_LINK",
            "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id, sendBy: EMAIL}) { confirmation } }",
        ),
    ] {
        let email = mail_after(&server, mutation).await;
        let minted = server
            .test
            .number("select count(*) from magic_link_secrets")
            .await;
        assert_masked(&server, kind, &email, 1).await;
        let now = server
            .test
            .number("select count(*) from magic_link_secrets")
            .await;
        assert_eq!(now, minted, "nothing is minted");
    }
    let shown = shown(&server, "INVITATION").await;
    let text = shown["text"].as_str().expect("a text");
    assert!(
        text.contains(&format!("{}/p/acme/link/{MASK}\n", server.url)),
        "{text}"
    );
    assert!(text.contains("    See you <soon>\n    Ben\n"), "{text}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_in_a_note_is_masked_except_for_its_author() {
    let server = TestServer::open().await;
    let id = json!({"id": server.acme.contact.to_string()});
    let link = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { url } }";
    let link = server.data(&server.acme.key, link, id.clone()).await["generateMagicLink"]["url"].clone();
    let link = link.as_str().expect("a URL");
    let note = format!("Or use {link}, Ben");
    let invite = "mutation ($id: ID!, $note: String!) { inviteContacts(input: {contactIds: [$id], note: $note}) { count } }";
    let input = json!({"id": server.acme.contact.to_string(), "note": note});
    server.data(&server.acme.key, invite, input).await;
    wait_until("the mail arrives", async || server.mailbox.sent().len() == 1).await;
    let masked = format!("{}/p/acme/link/{MASK},", server.url);
    let shown = shown(&server, "INVITATION").await;
    for format in ["html", "text"] {
        let shown = shown[format].as_str().expect("a text").to_owned();
        assert!(!shown.contains(link) && shown.contains(&masked), "{shown}");
    }
    let query = "query ($id: ID!) { contact(id: $id) { invitation { note } } }";
    for (caller, expected) in [
        (&server.acme.read_key, &format!("Or use {masked} Ben")),
        (&server.acme.key, &note),
    ] {
        let found = server.data(caller, query, id.clone()).await;
        assert_eq!(found["contact"]["invitation"]["note"], **expected);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_see_the_emails_that_contacts_requested_without_the_secrets() {
    let server = TestServer::open().await;
    let to = anna(&server);
    let asked = challenge(&server, to).await.0;
    let requested = reset(&server, to).await;
    let session = open_session(&server, to, SignInMethod::Google).await.id.0;
    for (kind, name, about, secret_count) in [
        (MessageKind::RequestedLogin, "REQUESTED_LOGIN", Some(asked), 3),
        (MessageKind::LoginCode, "LOGIN_CODE", Some(asked), 2),
        (MessageKind::PasswordReset, "PASSWORD_RESET", Some(requested), 2),
        (MessageKind::NewDevice, "NEW_DEVICE", Some(session), 1),
        (MessageKind::PasswordChanged, "PASSWORD_CHANGED", None, 1),
        (MessageKind::AddressChanged, "ADDRESS_CHANGED", None, 0),
    ] {
        let email = send_email(&server, kind, to, about).await;
        assert_masked(&server, name, &email, secret_count).await;
    }
    // It stays after the link or code has expired.
    server.clock.advance(TimeDelta::days(1));
    assert!(shown(&server, "REQUESTED_LOGIN").await["html"].is_string());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_is_null_if_its_link_no_longer_exists() {
    let server = TestServer::open().await;
    mail_after(
        &server,
        "mutation ($id: ID!) { inviteContacts(input: {contactIds: [$id]}) { count } }",
    )
    .await;
    server.test.run("delete from magic_links").await;
    assert_eq!(
        shown(&server, "INVITATION").await,
        json!({"html": null, "text": null})
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_email_says_needs_the_scope_read() {
    let server = TestServer::open().await;
    let mut scoped = server.acme.scoped.iter();
    let (_, key) = scoped.find(|(scope, _)| *scope == Scope::Invite).expect("a key");
    for field in ["html", "text"] {
        let send = format!(
            "mutation ($id: ID!) {{ sendLoginEmails(input: {{contactIds: [$id]}}) {{ messages {{ id {field} }} }} }}"
        );
        let id = json!({"id": server.acme.contact.to_string()});
        let answer = server.request(Some(key), &send, id).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
        let message = &answer["data"]["sendLoginEmails"]["messages"][0];
        assert!(message["id"].is_string() && message[field].is_null(), "{answer}");
    }
    server.stop().await;
}
