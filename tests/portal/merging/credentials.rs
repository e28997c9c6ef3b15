//! A merge carries no credentials over: what was proved or set at the duplicate's address opens nothing of the other contact.

use chrono::TimeDelta;
use serde_json::{Value, json};
use vestibule::base::actor::{Client, SignInMethod};
use vestibule::base::ids::ContactId;
use vestibule::messages::model::MessageKind;
use vestibule::sign_in::sessions::model::{Holder, NewSession};

use crate::emails::{Recipient, report_path, send_email};
use crate::not_me::report;
use crate::passwords::resets::{request, reset, tokens};
use crate::passwords::{ANNA, NEW_PASSWORD, PASSWORD, reason, set, sign_in};
use crate::support::TestServer;

const ATTACKER_EMAIL: &str = "mallory@evil.example";
const MERGE: &str = "mutation ($kept: ID!, $duplicate: ID!) {
    mergeContacts(input: {contactId: $kept, duplicateId: $duplicate}) { deletedContactId } }";
const CREATE: &str =
    "mutation ($email: EmailAddress!) { createContact(input: {email: $email}) { contact { id } } }";
const REFRESH: &str = "mutation ($token: String!) { refreshSession(input: {refreshToken: $token}) {
    session { accessToken } refusal { reason } } }";

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}

/// The id of a new contact with a mailbox of the attacker.
async fn attackers_contact(server: &TestServer) -> ContactId {
    let created = server
        .data(&server.acme.key, CREATE, json!({"email": ATTACKER_EMAIL}))
        .await;
    text(&created["createContact"]["contact"]["id"])
        .parse()
        .expect("an id")
}

async fn merge(server: &TestServer, duplicate: ContactId) {
    let input = json!({"kept": server.acme.contact.to_string(), "duplicate": duplicate.to_string()});
    server.data(&server.acme.key, MERGE, input).await;
}

async fn session_by_code(server: &TestServer, email: &str) -> Value {
    server.clock.advance(TimeDelta::minutes(1));
    let asked = server.request_code(email).await;
    let done = server.sign_in_with_right_code(&asked).await;
    assert!(!done["session"].is_null(), "{done}");
    done["session"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_can_not_take_over_a_contact_by_merging_their_own_into_it() {
    let server = TestServer::open().await;
    assert_eq!(set(&server, &server.acme.contact_session, PASSWORD).await, "none");
    let own = attackers_contact(&server).await;
    let session = session_by_code(&server, ATTACKER_EMAIL).await;
    assert_eq!(
        set(&server, &text(&session["accessToken"]), NEW_PASSWORD).await,
        "none"
    );
    let identity = format!(
        "insert into identities (account_id, audience, issuer, subject, holder_id, contact_id, email, linked_at) \
         values ('{}', 'PORTAL', 'https://accounts.google.com', 'mallory', '{id}', '{id}', 'x', '{}')",
        server.acme.id.0,
        server.clock.now(),
        id = own.0
    );
    server.test.run(&identity).await;
    request(&server, ATTACKER_EMAIL).await;
    let reset_token = tokens(&server).await.pop().expect("a reset");
    server.clock.advance(TimeDelta::minutes(1));
    let challenge = server.request_code(ATTACKER_EMAIL).await;
    merge(&server, own).await;
    let access = text(&session["accessToken"]);
    let refused = server.error(Some(&access), "{ me { id } }", json!({})).await;
    assert_eq!(refused.0, "UNAUTHENTICATED", "at once");
    let refreshed = server
        .request(None, REFRESH, json!({"token": session["refreshToken"]}))
        .await;
    assert_eq!(reason(&refreshed["data"]["refreshSession"]), "SESSION_EXPIRED");
    for email in [ANNA, ATTACKER_EMAIL] {
        let tried = sign_in(&server, email, NEW_PASSWORD).await;
        assert_eq!(reason(&tried), "INVALID_CREDENTIALS", "{email}");
    }
    assert_eq!(
        reason(&sign_in(&server, ANNA, PASSWORD).await),
        "none",
        "her own stays"
    );
    assert_ne!(reset(&server, &reset_token, NEW_PASSWORD).await, "none");
    let tried = server.sign_in_with_right_code(&challenge).await;
    assert!(tried["session"].is_null(), "{tried}");
    let linked = server.test.number("select count(*) from identities").await;
    assert_eq!(linked, 0);
    let me = server
        .data(&server.acme.contact_session, "{ me { email } }", json!({}))
        .await;
    assert_eq!(me["me"]["email"], ANNA, "her session goes on");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_mailed_to_the_duplicate_signs_in_and_proves_nothing() {
    let server = TestServer::open().await;
    let own = attackers_contact(&server).await;
    let send = "mutation ($id: ID!) { sendLoginEmails(input: {contactIds: [$id]}) { count } }";
    server
        .data(&server.acme.key, send, json!({"id": own.to_string()}))
        .await;
    let token = server.mailed_token(1).await;
    merge(&server, own).await;
    let done = server.redeem(&token).await;
    let access = text(&done["session"]["accessToken"]);
    let me = server.data(&access, "{ me { email } }", json!({})).await;
    assert_eq!(me["me"]["email"], ANNA);
    let refused = set(&server, &access, NEW_PASSWORD).await;
    assert_eq!(refused, "STEP_UP_REQUIRED");
    let seen = "select count(*) from magic_links where staff_seen and email_key is null";
    assert_eq!(server.test.number(seen).await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_of_the_duplicate_is_unknown_to_the_other_contact() {
    let server = TestServer::open().await;
    let own = attackers_contact(&server).await;
    let client = Client::default();
    let opening = NewSession::new(server.acme.id, Holder::Contact(own), SignInMethod::Code, &client);
    let (session, _) = server.signed_in(&opening, None).await;
    merge(&server, own).await;
    let kept = format!("select count(*) from sessions where id = '{}'", session.0);
    assert_eq!(server.test.number(&kept).await, 0);
    let revoked = format!("select count(*) from revocations where subject = '{}'", session.0);
    assert_eq!(server.test.number(&revoked).await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_to_the_duplicate_can_not_be_reported_against_the_other_contact() {
    let server = TestServer::open().await;
    let own = attackers_contact(&server).await;
    let to = Recipient {
        address: ATTACKER_EMAIL,
        holder: Holder::Contact(own),
    };
    let email = send_email(&server, MessageKind::PasswordChanged, to, None).await;
    merge(&server, own).await;
    let done = report(&server, &report_path(&server, &email)).await;
    assert_eq!(done["sessionsEnded"], 0, "{done}");
    server
        .data(&server.acme.contact_session, "{ me { id } }", json!({}))
        .await;
    server.stop().await;
}
