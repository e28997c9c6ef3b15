//! Notifications of a sign-in on a new device.

use chrono::TimeDelta;
use serde_json::json;
use vestibule::base::actor::SignInMethod;
use vestibule::base::actor::{Client, Role};
use vestibule::contacts::model::Contact;
use vestibule::sign_in::open_session::open_session;
use vestibule::sign_in::person::Person;
use vestibule::sign_in::sessions::model::NewSession;
use vestibule::team::model::TeamMember;

use crate::support::{TestAccount, TestServer};

const WARNINGS: &str = "select count(*) from messages where kind = 'NEW_DEVICE'";

/// Signs in by this method with this user agent. Returns the number of notifications so far.
async fn sign_in(test: &TestAccount, person: &Person, method: SignInMethod, user_agent: &str) -> i64 {
    sign_in_from(test, person, (method, user_agent), None).await
}

async fn sign_in_from(
    test: &TestAccount,
    person: &Person,
    (method, user_agent): (SignInMethod, &str),
    ip: Option<&str>,
) -> i64 {
    let client = Client {
        ip: ip.map(str::to_owned),
        user_agent: Some(user_agent.to_owned()),
        ..Client::default()
    };
    let opening = NewSession::new(test.account.id, person.holder(), method, &client);
    let moment = test.clock.moment();
    test.write(async |conn| open_session(conn, person, &opening, &moment).await)
        .await;
    test.test.number(WARNINGS).await
}

async fn contact(test: &TestAccount) -> Person {
    let mut added = test.add_contacts(["anna@acme.example".to_owned()]).await;
    Person::Contact(added.remove(0))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_device_is_notified_once_and_only_if_the_proof_was_not_emailed() {
    let test = TestAccount::open().await;
    let anna = contact(&test).await;
    use SignInMethod::{Challenge, Code, Google, Link, Password, StaffLink, StepUp};
    assert_eq!(sign_in(&test, &anna, Password, "one").await, 0, "the first time");
    assert_eq!(sign_in(&test, &anna, Password, "one").await, 0, "the same device");
    assert_eq!(sign_in(&test, &anna, Password, "two").await, 1);
    assert_eq!(sign_in(&test, &anna, Google, "two").await, 1, "known by now");
    assert_eq!(sign_in(&test, &anna, Google, "three").await, 2);
    assert_eq!(sign_in(&test, &anna, Challenge, "four").await, 3);
    for (method, user_agent) in [
        (Code, "five"),
        (Link, "six"),
        (StaffLink, "seven"),
        (StepUp, "eight"),
    ] {
        assert_eq!(sign_in(&test, &anna, method, user_agent).await, 3, "{method:?}");
    }
    assert_eq!(
        sign_in(&test, &anna, Password, "five").await,
        3,
        "known from the code"
    );
    let data = "select count(*) from messages m join sessions s on s.id = m.about and s.contact_id = m.contact_id \
                where m.kind = 'NEW_DEVICE' and m.address = 'anna@acme.example'";
    assert_eq!(test.test.number(data).await, 3, "about the new session");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_remembered_for_ninety_days() {
    let test = TestAccount::open().await;
    let anna = contact(&test).await;
    sign_in(&test, &anna, SignInMethod::Password, "one").await;
    test.clock.advance(TimeDelta::days(90) - TimeDelta::seconds(1));
    assert_eq!(sign_in(&test, &anna, SignInMethod::Password, "one").await, 0);
    test.clock.advance(TimeDelta::days(90));
    assert_eq!(sign_in(&test, &anna, SignInMethod::Password, "one").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_member_is_notified_of_its_own_new_devices_only() {
    let test = TestAccount::open().await;
    let moment = test.clock.moment();
    let anna = contact(&test).await;
    sign_in(&test, &anna, SignInMethod::Password, "one").await;
    let email = vestibule::base::address::EmailAddress::parse("ben@acme.example").expect("an address");
    let account = test.account.id;
    let ben = test
        .write(async |conn| TeamMember::create(conn, account, &email, Role::Staff, &moment).await)
        .await;
    let ben = Person::Member(ben);
    assert_eq!(
        sign_in(&test, &ben, SignInMethod::Password, "two").await,
        0,
        "his first time"
    );
    assert_eq!(
        sign_in(&test, &ben, SignInMethod::Password, "one").await,
        1,
        "Anna's device is not his"
    );
    // The contact has no address to notify.
    let Person::Contact(anna) = anna else {
        panic!("a contact");
    };
    let mute = Person::Contact(Contact { email: None, ..anna });
    assert_eq!(sign_in(&test, &mute, SignInMethod::Password, "nine").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_staff_has_seen_is_notified_on_a_new_device() {
    let server = TestServer::open().await;
    let sign_in = async |user_agent: &str| {
        let id = server.acme.contact.to_string();
        let make = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { url } }";
        let created = server.data(&server.acme.key, make, json!({"id": id})).await;
        let url = created["generateMagicLink"]["url"].as_str().expect("a URL");
        let token = url.rsplit('/').next().expect("a token");
        let redeem = format!(
            "mutation {{ signInWithMagicLink(input: {{token: \"{token}\"}}) {{ session {{ accessToken }} }} }}"
        );
        let request = server.http.post(format!("{}/graphql", server.url));
        let request = request
            .header("user-agent", user_agent)
            .json(&json!({"query": redeem}));
        let answer = request
            .send()
            .await
            .expect("an answer")
            .text()
            .await
            .expect("text");
        assert!(answer.contains("accessToken\":\"e"), "{answer}");
        server.test.number(WARNINGS).await
    };
    assert_eq!(sign_in("one").await, 0, "she joins by it");
    assert_eq!(sign_in("one").await, 0, "a device of hers");
    assert_eq!(sign_in("two").await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_user_agent_on_another_network_is_a_new_device() {
    let test = TestAccount::open().await;
    let anna = contact(&test).await;
    let by = (SignInMethod::Password, "AcmeApp/3.1");
    for (ip, wanted) in [
        ("203.0.113.7", 0),
        ("203.0.113.77", 0),
        ("198.51.100.7", 1),
        ("203.0.113.8", 1),
        ("2001:db8:1::7", 2),
        ("2001:db8:1:ffff::8", 2),
    ] {
        assert_eq!(sign_in_from(&test, &anna, by, Some(ip)).await, wanted, "{ip}");
    }
}
