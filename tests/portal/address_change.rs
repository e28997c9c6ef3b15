//! A contact gets another address: whoever reads the mail of the new one gains nothing that outlives it, and the old one is told.

use chrono::TimeDelta;
use futures_util::future::join;
use serde_json::{Value, json};
use vestibule::base::actor::SignInMethod;
use vestibule::base::actor::{Client, Scope};
use vestibule::sign_in::sessions::model::{Holder, NewSession};

use crate::passwords::resets::{request, reset, tokens};
use crate::passwords::{ANNA, BETTER, GOOD, reason, set, sign_in};
use crate::support::{Desk, House, Socket, until};

const THEIRS: &str = "mallory@evil.example";
const STOLEN: &str = "a password of the thief";
const CHANGE: &str = "mutation ($id: ID!, $email: EmailAddress) {
    updateContact(input: {contactId: $id, email: $email}) { contact { email } } }";
const REFRESH: &str = "mutation ($token: String!) { refreshSession(input: {refreshToken: $token}) {
    session { accessToken } refusal { reason } } }";
const MAKE: &str =
    "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id, expiresInMinutes: 60}) { url } }";

/// How many sessions of Anna have not ended.
async fn live(house: &House) -> i64 {
    let id = house.acme.contact.0;
    let live = format!("select count(*) from sessions where contact_id = '{id}' and ended_at is null");
    house.test.number(&live).await
}

async fn move_to(house: &House, email: &str) {
    let input = json!({"id": house.acme.contact.to_string(), "email": email});
    house.ask(&house.acme.key, CHANGE, input).await;
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}

/// A session of whoever reads the mail of an address.
async fn by_code(house: &House, email: &str) -> Value {
    house.clock.advance(TimeDelta::minutes(1));
    let asked = house.ask_code(email).await;
    let done = house.with_right_code(&asked).await;
    assert!(!done["session"].is_null(), "{done}");
    done["session"].clone()
}

async fn link_identity(house: &House, subject: &str) {
    house
        .test
        .run(&format!(
            "insert into identities (account_id, audience, issuer, subject, holder_id, contact_id, email, linked_at) \
             values ('{}', 'PORTAL', 'https://accounts.google.com', '{subject}', '{id}', '{id}', 'x', '{}')",
            house.acme.id.0,
            house.clock.now(),
            id = house.acme.contact.0
        ))
        .await;
}

/// What the mail that tells an address of its change says.
async fn told(house: &House, address: &str) -> String {
    let mail = || {
        let sent = house.mailbox.sent().into_iter();
        let mut told = sent.filter(|mail| mail.subject == "Your email address for acme was changed");
        told.find(|mail| mail.to.address == address)
    };
    until("the old address is told", async || mail().is_some()).await;
    mail().map(|mail| mail.text).unwrap_or_default()
}

/// All that somebody takes who reads the mail of the contact's present address, with a link of staff.
struct Loot {
    session: Value,
    code: String,
    link: String,
    reset: String,
    made: String,
}

impl Loot {
    async fn take(house: &House) -> Self {
        let session = by_code(house, THEIRS).await;
        let access = text(&session["accessToken"]);
        assert_eq!(
            set(house, &access, STOLEN).await,
            "none",
            "they read its mail now"
        );
        assert_eq!(reason(&sign_in(house, THEIRS, STOLEN).await), "none");
        link_identity(house, "mallory").await;
        request(house, THEIRS).await;
        house.clock.advance(TimeDelta::minutes(1));
        let code = house.ask_login(THEIRS).await.id;
        let link = house.mailed_token(1).await;
        let id = json!({"id": house.acme.contact.to_string()});
        let made = house.ask(&house.acme.key, MAKE, id).await;
        let made = text(&made["generateMagicLink"]["url"]);
        Self {
            session,
            code,
            link,
            reset: tokens(house).await.pop().expect("a reset"),
            made: made.rsplit('/').next().unwrap_or_default().to_owned(),
        }
    }

    async fn is_worthless(&self, house: &House) {
        let access = text(&self.session["accessToken"]);
        let refused = house.refused(Some(&access), "{ me { id } }", json!({})).await;
        assert_eq!(refused.0, "UNAUTHENTICATED", "at once");
        let token = json!({"token": self.session["refreshToken"]});
        let refreshed = house.answer(None, REFRESH, token).await;
        assert_eq!(reason(&refreshed["data"]["refreshSession"]), "SESSION_EXPIRED");
        for email in [ANNA, THEIRS] {
            let tried = sign_in(house, email, STOLEN).await;
            assert!(tried["session"].is_null(), "{email}: {tried}");
        }
        assert_eq!(reset(house, &self.reset, STOLEN).await, "LINK_REVOKED");
        assert_eq!(reason(&house.with_right_code(&self.code).await), "CODE_EXPIRED");
        for token in [&self.link, &self.made] {
            assert_eq!(reason(&house.press(token).await), "LINK_REVOKED");
        }
        let linked = house.test.number("select count(*) from identities").await;
        assert_eq!((live(house).await, linked), (0, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_can_not_take_a_contact_over_by_moving_its_address_there_and_back() {
    let house = House::open().await;
    assert_eq!(set(&house, &house.acme.person, GOOD).await, "none");
    link_identity(&house, "anna").await;
    move_to(&house, THEIRS).await;
    let hers = house
        .refused(Some(&house.acme.person), "{ me { id } }", json!({}))
        .await;
    assert_eq!(hers.0, "UNAUTHENTICATED", "her session is over too");
    let mail = told(&house, ANNA).await;
    assert!(
        mail.contains("New address: m***@evil.example") && !mail.contains(THEIRS),
        "{mail}"
    );
    let loot = Loot::take(&house).await;

    move_to(&house, ANNA).await;
    assert!(
        told(&house, THEIRS)
            .await
            .contains("New address: a***@acme.example")
    );
    loot.is_worthless(&house).await;

    // She comes in by her mail, which makes nothing of theirs good again, and chooses another password by it.
    by_code(&house, ANNA).await;
    assert!(sign_in(&house, ANNA, STOLEN).await["session"].is_null());
    assert!(sign_in(&house, ANNA, GOOD).await["session"].is_null());
    request(&house, ANNA).await;
    let token = tokens(&house).await.pop().expect("a reset");
    assert_eq!(reset(&house, &token, BETTER).await, "none");
    assert_eq!(reason(&sign_in(&house, ANNA, BETTER).await), "none");
    let noted = "select string_agg(detail->>'from' || ' > ' || (detail->>'to'), ', ' order by id) from audit_events \
                 where kind = 'ADDRESS_CHANGED' and contact_id is not null and actor like 'key_%'";
    let noted = house.test.texts(noted).await.remove(0);
    let both = "a***@acme.example > m***@evil.example, m***@evil.example > a***@acme.example";
    assert_eq!(noted.as_deref(), Some(both));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_a_change_of_address_disabled_is_good_again_only_after_a_reset() {
    let house = House::open().await;
    assert_eq!(set(&house, &house.acme.person, GOOD).await, "none");
    move_to(&house, "anna@home.example").await;
    assert_eq!(
        reason(&sign_in(&house, "anna@home.example", GOOD).await),
        "TOO_MANY_ATTEMPTS"
    );
    let disabled = "select count(*) from audit_events where kind = 'PASSWORD_DISABLED' \
                    and detail->>'reason' = 'ADDRESS_CHANGED'";
    assert_eq!(house.test.number(disabled).await, 1);
    request(&house, "anna@home.example").await;
    let token = tokens(&house).await.pop().expect("a reset");
    assert_eq!(reset(&house, &token, BETTER).await, "none");
    assert_eq!(
        reason(&sign_in(&house, "anna@home.example", BETTER).await),
        "none"
    );
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_proves_nothing_for_credentials_once_the_contact_has_another_address() {
    let house = House::open().await;
    // Whatever wrote it, and if the session should have survived.
    house.test.run("update contacts set email_key = 'b@acme.example', email = 'b@acme.example' where email_key = 'anna@acme.example'").await;
    assert_eq!(set(&house, &house.acme.person, GOOD).await, "STEP_UP_REQUIRED");
    house.test.run("update contacts set email_key = 'anna@acme.example', email = 'anna@acme.example' where email_key = 'b@acme.example'").await;
    assert_eq!(set(&house, &house.acme.person, GOOD).await, "none");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_letter_case_is_no_other_address_and_a_first_one_has_nobody_to_tell() {
    let house = House::open().await;
    let promised = "select count(*) from messages where kind = 'ADDRESS_CHANGED'";
    move_to(&house, "ANNA@ACME.example").await;
    let me = house.ask(&house.acme.person, "{ me { email } }", json!({})).await;
    assert_eq!(me["me"]["email"], "ANNA@acme.example");
    let create = "mutation { createContact(input: {phone: \"+4915112345678\"}) { contact { id } } }";
    let made = house.ask(&house.acme.key, create, json!({})).await;
    let id = &made["createContact"]["contact"]["id"];
    house
        .ask(
            &house.acme.key,
            CHANGE,
            json!({"id": id, "email": "bea@acme.example"}),
        )
        .await;
    assert_eq!(house.test.number(promised).await, 0);
    // An address that is taken away is told so.
    house
        .ask(&house.acme.key, CHANGE, json!({"id": id, "email": null}))
        .await;
    assert!(
        told(&house, "bea@acme.example")
            .await
            .contains("New address: none")
    );
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_address_closes_the_contacts_sockets() {
    let house = House::open().await;
    let opening = Client::default();
    let opening = NewSession::new(
        house.acme.id,
        Holder::Contact(house.acme.contact),
        SignInMethod::Code,
        &opening,
    );
    let (_, token) = house.signed_in(&opening, None).await;
    let mut socket = Socket::open(&house, Some(&token)).await;
    move_to(&house, THEIRS).await;
    assert_eq!(socket.next().await["close"], 4403);
    house.stop().await;
}

/// No worker sends here: what was promised waits.
#[tokio::test(flavor = "multi_thread")]
async fn what_tells_an_old_address_is_sent_whatever_follows() {
    let desk = Desk::open().await;
    let contact = desk
        .office
        .add_contacts(["a@acme.example".to_owned()])
        .await
        .remove(0);
    let key = desk.key(&[Scope::Contacts, Scope::Links]).await;
    let owner = desk.owner().await;
    let id = contact.id.to_string();
    let mail = "mutation ($id: ID!) { sendLoginEmails(input: {contactIds: [$id]}) { count } }";
    let invite = desk.key(&[Scope::Invite]).await;
    desk.data(&invite, mail, json!({"id": id})).await;
    for email in ["b@acme.example", "c@acme.example"] {
        desk.data(&key, CHANGE, json!({"id": id, "email": email})).await;
    }
    let revoke = "mutation ($id: ID!) { revokePortalAccess(input: {contactId: $id}) { contact { id } } }";
    desk.data(&owner, revoke, json!({"id": id})).await;
    let rows = "select kind || ' ' || address || ' ' || status from messages order by kind desc, address";
    let rows: Vec<String> = desk.office.test.texts(rows).await.into_iter().flatten().collect();
    let wanted = [
        "LOGIN_EMAIL a@acme.example CANCELLED",
        "ADDRESS_CHANGED a@acme.example QUEUED",
        "ADDRESS_CHANGED b@acme.example QUEUED",
    ];
    assert_eq!(rows, wanted);
    let _worker = desk.office.start_worker();
    until("both are sent", async || desk.office.mailbox.sent().len() == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_at_the_moment_of_a_change_of_address_leaves_no_session() {
    let house = House::open().await;
    let id = house.acme.contact.to_string();
    let mut refused = 0;
    for round in 0..12 {
        let (mine, theirs) = if round % 2 == 0 {
            (ANNA, THEIRS)
        } else {
            (THEIRS, ANNA)
        };
        house.clock.advance(TimeDelta::minutes(13));
        let made = house.ask(&house.acme.key, MAKE, json!({"id": id})).await;
        let made = text(&made["generateMagicLink"]["url"]);
        let token = made.rsplit('/').next().unwrap_or_default();
        let asked = house.ask_code(mine).await;
        let ways = join(house.press(token), house.with_right_code(&asked));
        let ((pressed, typed), ()) = join(ways, move_to(&house, theirs)).await;
        for done in [pressed, typed] {
            match done["session"]["accessToken"].as_str() {
                None => refused += 1,
                Some(access) => {
                    let late = house.refused(Some(access), "{ me { id } }", json!({})).await;
                    assert_eq!(late.0, "UNAUTHENTICATED", "round {round}");
                }
            }
        }
        assert_eq!(live(&house).await, 0, "round {round}");
    }
    println!("{refused} of 24 sign-ins came after the change");
    house.stop().await;
}
