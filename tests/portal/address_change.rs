//! A change of a contact's address: a reader of the new mailbox gains nothing that outlives a change back, and the old
//! address is notified.

use chrono::TimeDelta;
use futures_util::future::join;
use serde_json::{Value, json};
use vestibule::base::actor::SignInMethod;
use vestibule::base::actor::{Client, Scope};
use vestibule::sign_in::sessions::model::{Holder, NewSession};

use crate::passwords::resets::{request, reset, tokens};
use crate::passwords::{ANNA, NEW_PASSWORD, PASSWORD, reason, set, sign_in};
use crate::support::{Socket, TestApi, TestServer, wait_until};

const ATTACKER_EMAIL: &str = "mallory@evil.example";
const ATTACKER_PASSWORD: &str = "a password of the thief";
const CHANGE: &str = "mutation ($id: ID!, $email: EmailAddress) {
    updateContact(input: {contactId: $id, email: $email}) { contact { email } } }";
const REFRESH: &str = "mutation ($token: String!) { refreshSession(input: {refreshToken: $token}) {
    session { accessToken } refusal { reason } } }";
const CREATE_LINK: &str =
    "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id, expiresInMinutes: 60}) { url } }";

/// The number of Anna's active sessions.
async fn active_sessions(server: &TestServer) -> i64 {
    let id = server.acme.contact.0;
    let live = format!("select count(*) from sessions where contact_id = '{id}' and ended_at is null");
    server.test.number(&live).await
}

async fn change_email(server: &TestServer, email: &str) {
    let input = json!({"id": server.acme.contact.to_string(), "email": email});
    server.data(&server.acme.key, CHANGE, input).await;
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}

/// Opens a session with the emails to an address.
async fn sign_in_by_code(server: &TestServer, email: &str) -> Value {
    server.clock.advance(TimeDelta::minutes(1));
    let asked = server.request_code(email).await;
    let done = server.sign_in_with_right_code(&asked).await;
    assert!(!done["session"].is_null(), "{done}");
    done["session"].clone()
}

async fn link_identity(server: &TestServer, subject: &str) {
    server
        .test
        .run(&format!(
            "insert into identities (account_id, audience, issuer, subject, holder_id, contact_id, email, linked_at) \
             values ('{}', 'PORTAL', 'https://accounts.google.com', '{subject}', '{id}', '{id}', 'x', '{}')",
            server.acme.id.0,
            server.clock.now(),
            id = server.acme.contact.0
        ))
        .await;
}

/// The text of the email that notifies an address of its change.
async fn notification_text(server: &TestServer, address: &str) -> String {
    let mail = || {
        let sent = server.mailbox.sent().into_iter();
        let mut data = sent.filter(|mail| mail.subject == "Your email address for acme was changed");
        data.find(|mail| mail.to.address == address)
    };
    wait_until("the old address is told", async || mail().is_some()).await;
    mail().map(|mail| mail.text).unwrap_or_default()
}

/// Everything an attacker can obtain with the emails to the contact's current address and a link from staff.
struct StolenCredentials {
    session: Value,
    code: String,
    link: String,
    reset: String,
    created: String,
}

impl StolenCredentials {
    async fn collect(server: &TestServer) -> Self {
        let session = sign_in_by_code(server, ATTACKER_EMAIL).await;
        let access = text(&session["accessToken"]);
        assert_eq!(
            set(server, &access, ATTACKER_PASSWORD).await,
            "none",
            "they read its mail now"
        );
        assert_eq!(
            reason(&sign_in(server, ATTACKER_EMAIL, ATTACKER_PASSWORD).await),
            "none"
        );
        link_identity(server, "mallory").await;
        request(server, ATTACKER_EMAIL).await;
        server.clock.advance(TimeDelta::minutes(1));
        let code = server.request_login(ATTACKER_EMAIL).await.id;
        let link = server.mailed_token(1).await;
        let id = json!({"id": server.acme.contact.to_string()});
        let created = server.data(&server.acme.key, CREATE_LINK, id).await;
        let created = text(&created["generateMagicLink"]["url"]);
        Self {
            session,
            code,
            link,
            reset: tokens(server).await.pop().expect("a reset"),
            created: created.rsplit('/').next().unwrap_or_default().to_owned(),
        }
    }

    async fn assert_useless(&self, server: &TestServer) {
        let access = text(&self.session["accessToken"]);
        let refused = server.error(Some(&access), "{ me { id } }", json!({})).await;
        assert_eq!(refused.0, "UNAUTHENTICATED", "at once");
        let token = json!({"token": self.session["refreshToken"]});
        let refreshed = server.request(None, REFRESH, token).await;
        assert_eq!(reason(&refreshed["data"]["refreshSession"]), "SESSION_EXPIRED");
        for email in [ANNA, ATTACKER_EMAIL] {
            let tried = sign_in(server, email, ATTACKER_PASSWORD).await;
            assert!(tried["session"].is_null(), "{email}: {tried}");
        }
        assert_eq!(
            reset(server, &self.reset, ATTACKER_PASSWORD).await,
            "LINK_REVOKED"
        );
        assert_eq!(
            reason(&server.sign_in_with_right_code(&self.code).await),
            "CODE_EXPIRED"
        );
        for token in [&self.link, &self.created] {
            assert_eq!(reason(&server.redeem(token).await), "LINK_REVOKED");
        }
        let linked = server.test.number("select count(*) from identities").await;
        assert_eq!((active_sessions(server).await, linked), (0, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_can_not_take_over_a_contact_by_changing_its_address_and_back() {
    let server = TestServer::open().await;
    assert_eq!(set(&server, &server.acme.contact_session, PASSWORD).await, "none");
    link_identity(&server, "anna").await;
    change_email(&server, ATTACKER_EMAIL).await;
    let hers = server
        .error(Some(&server.acme.contact_session), "{ me { id } }", json!({}))
        .await;
    assert_eq!(hers.0, "UNAUTHENTICATED", "her session is over too");
    let mail = notification_text(&server, ANNA).await;
    assert!(
        mail.contains("New address: m***@evil.example") && !mail.contains(ATTACKER_EMAIL),
        "{mail}"
    );
    let stolen = StolenCredentials::collect(&server).await;

    change_email(&server, ANNA).await;
    assert!(
        notification_text(&server, ATTACKER_EMAIL)
            .await
            .contains("New address: a***@acme.example")
    );
    stolen.assert_useless(&server).await;

    // She signs in by email, which does not restore anything of the attacker's, and chooses another password.
    sign_in_by_code(&server, ANNA).await;
    assert!(sign_in(&server, ANNA, ATTACKER_PASSWORD).await["session"].is_null());
    assert!(sign_in(&server, ANNA, PASSWORD).await["session"].is_null());
    request(&server, ANNA).await;
    let token = tokens(&server).await.pop().expect("a reset");
    assert_eq!(reset(&server, &token, NEW_PASSWORD).await, "none");
    assert_eq!(reason(&sign_in(&server, ANNA, NEW_PASSWORD).await), "none");
    let noted = "select string_agg(detail->>'from' || ' > ' || (detail->>'to'), ', ' order by id) from audit_events \
                 where kind = 'ADDRESS_CHANGED' and contact_id is not null and actor like 'key_%'";
    let noted = server.test.texts(noted).await.remove(0);
    let both = "a***@acme.example > m***@evil.example, m***@evil.example > a***@acme.example";
    assert_eq!(noted.as_deref(), Some(both));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_disabled_by_a_change_of_address_needs_a_reset() {
    let server = TestServer::open().await;
    assert_eq!(set(&server, &server.acme.contact_session, PASSWORD).await, "none");
    change_email(&server, "anna@home.example").await;
    assert_eq!(
        reason(&sign_in(&server, "anna@home.example", PASSWORD).await),
        "TOO_MANY_ATTEMPTS"
    );
    let disabled = "select count(*) from audit_events where kind = 'PASSWORD_DISABLED' \
                    and detail->>'reason' = 'ADDRESS_CHANGED'";
    assert_eq!(server.test.number(disabled).await, 1);
    request(&server, "anna@home.example").await;
    let token = tokens(&server).await.pop().expect("a reset");
    assert_eq!(reset(&server, &token, NEW_PASSWORD).await, "none");
    assert_eq!(
        reason(&sign_in(&server, "anna@home.example", NEW_PASSWORD).await),
        "none"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_not_a_proof_after_the_contact_has_another_address() {
    let server = TestServer::open().await;
    // For any writer, even if the session had survived.
    server.test.run("update contacts set email_key = 'b@acme.example', email = 'b@acme.example' where email_key = 'anna@acme.example'").await;
    assert_eq!(
        set(&server, &server.acme.contact_session, PASSWORD).await,
        "STEP_UP_REQUIRED"
    );
    server.test.run("update contacts set email_key = 'anna@acme.example', email = 'anna@acme.example' where email_key = 'b@acme.example'").await;
    assert_eq!(set(&server, &server.acme.contact_session, PASSWORD).await, "none");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_letter_case_is_the_same_address_and_a_first_address_notifies_nobody() {
    let server = TestServer::open().await;
    let promised = "select count(*) from messages where kind = 'ADDRESS_CHANGED'";
    change_email(&server, "ANNA@ACME.example").await;
    let me = server
        .data(&server.acme.contact_session, "{ me { email } }", json!({}))
        .await;
    assert_eq!(me["me"]["email"], "ANNA@acme.example");
    let create = "mutation { createContact(input: {phone: \"+4915112345678\"}) { contact { id } } }";
    let created = server.data(&server.acme.key, create, json!({})).await;
    let id = &created["createContact"]["contact"]["id"];
    server
        .data(
            &server.acme.key,
            CHANGE,
            json!({"id": id, "email": "bea@acme.example"}),
        )
        .await;
    assert_eq!(server.test.number(promised).await, 0);
    // A removed address is notified.
    server
        .data(&server.acme.key, CHANGE, json!({"id": id, "email": null}))
        .await;
    assert!(
        notification_text(&server, "bea@acme.example")
            .await
            .contains("New address: none")
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_address_closes_the_contacts_sockets() {
    let server = TestServer::open().await;
    let opening = Client::default();
    let opening = NewSession::new(
        server.acme.id,
        Holder::Contact(server.acme.contact),
        SignInMethod::Code,
        &opening,
    );
    let (_, token) = server.signed_in(&opening, None).await;
    let mut socket = Socket::open(&server, Some(&token)).await;
    change_email(&server, ATTACKER_EMAIL).await;
    assert_eq!(socket.next().await["close"], 4403);
    server.stop().await;
}

/// No worker runs here, so queued messages wait.
#[tokio::test(flavor = "multi_thread")]
async fn the_notification_of_an_old_address_is_always_sent() {
    let api = TestApi::open().await;
    let contact = api
        .test
        .add_contacts(["a@acme.example".to_owned()])
        .await
        .remove(0);
    let key = api.key(&[Scope::Contacts, Scope::Links]).await;
    let owner = api.owner().await;
    let id = contact.id.to_string();
    let mail = "mutation ($id: ID!) { sendLoginEmails(input: {contactIds: [$id]}) { count } }";
    let invite = api.key(&[Scope::Invite]).await;
    api.data(&invite, mail, json!({"id": id})).await;
    for email in ["b@acme.example", "c@acme.example"] {
        api.data(&key, CHANGE, json!({"id": id, "email": email})).await;
    }
    let revoke = "mutation ($id: ID!) { revokePortalAccess(input: {contactId: $id}) { contact { id } } }";
    api.data(&owner, revoke, json!({"id": id})).await;
    let rows = "select kind || ' ' || address || ' ' || status from messages order by kind desc, address";
    let rows: Vec<String> = api.test.test.texts(rows).await.into_iter().flatten().collect();
    let wanted = [
        "LOGIN_EMAIL a@acme.example CANCELLED",
        "ADDRESS_CHANGED a@acme.example QUEUED",
        "ADDRESS_CHANGED b@acme.example QUEUED",
    ];
    assert_eq!(rows, wanted);
    let _worker = api.test.start_worker();
    wait_until("both are sent", async || api.test.mailbox.sent().len() == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_concurrent_with_a_change_of_address_leaves_no_session() {
    let server = TestServer::open().await;
    let id = server.acme.contact.to_string();
    let mut refused = 0;
    for round in 0..12 {
        let (mine, theirs) = if round % 2 == 0 {
            (ANNA, ATTACKER_EMAIL)
        } else {
            (ATTACKER_EMAIL, ANNA)
        };
        server.clock.advance(TimeDelta::minutes(13));
        let created = server
            .data(&server.acme.key, CREATE_LINK, json!({"id": id}))
            .await;
        let created = text(&created["generateMagicLink"]["url"]);
        let token = created.rsplit('/').next().unwrap_or_default();
        let asked = server.request_code(mine).await;
        let ways = join(server.redeem(token), server.sign_in_with_right_code(&asked));
        let ((pressed, typed), ()) = join(ways, change_email(&server, theirs)).await;
        for done in [pressed, typed] {
            match done["session"]["accessToken"].as_str() {
                None => refused += 1,
                Some(access) => {
                    let late = server.error(Some(access), "{ me { id } }", json!({})).await;
                    assert_eq!(late.0, "UNAUTHENTICATED", "round {round}");
                }
            }
        }
        assert_eq!(active_sessions(&server).await, 0, "round {round}");
    }
    println!("{refused} of 24 sign-ins came after the change");
    server.stop().await;
}
