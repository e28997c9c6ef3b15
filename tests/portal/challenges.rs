//! The two devices of a login email: the requesting one, and the one that opens the link. The link signs in the browser that
//! opens it. The requesting device signs in with the code, or after its number was chosen on the other device.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Tenant, TestServer, wait_until};

mod dashboard;
mod deciding;
mod stepping_up;
mod watching;

const ANNA: &str = "anna@acme.example";

fn reason(answer: &Value) -> &str {
    assert!(answer["session"].is_null(), "{answer}");
    answer["refusal"]["reason"].as_str().expect("a reason")
}

fn access(answer: &Value) -> String {
    let token = answer["session"]["accessToken"].as_str();
    token.unwrap_or_else(|| panic!("no session: {answer}")).to_owned()
}

/// The numbers to choose from.
fn numbers(pressed: &Value) -> Vec<String> {
    let numbers = pressed["confirmation"]["matchingNumbers"].as_array();
    let numbers = numbers.unwrap_or_else(|| panic!("nothing to confirm: {pressed}"));
    numbers
        .iter()
        .filter_map(|one| one.as_str().map(str::to_owned))
        .collect()
}

/// The session of a link that staff created for the tenant's contact.
async fn link_from_staff(server: &TestServer, tenant: &Tenant) -> String {
    let make = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { url } }";
    let created = server
        .data(&tenant.key, make, json!({"id": tenant.contact.to_string()}))
        .await;
    let url = created["generateMagicLink"]["url"].as_str().expect("a URL");
    url.rsplit('/').next().expect("a token").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attacker_who_requests_a_login_email_is_not_signed_in_when_the_contact_redeems_it() {
    let server = TestServer::open().await;
    let attacker = server.request_login(ANNA).await;
    let token = server.mailed_token(1).await;
    let early = server
        .sign_in_with_challenge(&attacker.id, &attacker.secret)
        .await;
    assert_eq!(reason(&early), "CHALLENGE_PENDING");
    let anna = server.redeem(&token).await;
    let anna = access(&anna);
    server.clock.advance(TimeDelta::seconds(11));
    server.data(&anna, "{ me { id } }", json!({})).await;
    wait_until("her use of it is noted", async || {
        let used =
            "select count(*) from sessions where challenge_id is not null and first_used_at is not null";
        server.test.number(used).await == 1
    })
    .await;
    // Any number of times until the email expires.
    for _ in 0..10 {
        let again = server
            .sign_in_with_challenge(&attacker.id, &attacker.secret)
            .await;
        assert_eq!(reason(&again), "CHALLENGE_PENDING");
        assert_eq!(reason(&server.redeem(&token).await), "LINK_USED");
        server.clock.advance(TimeDelta::seconds(58));
    }
    server.clock.advance(TimeDelta::seconds(9));
    let late = server
        .sign_in_with_challenge(&attacker.id, &attacker.secret)
        .await;
    assert_eq!(reason(&late), "CODE_EXPIRED");
    let sessions = "select count(*) from sessions where challenge_id is not null";
    assert_eq!(server.test.number(sessions).await, 1, "hers");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_requesting_device_signs_in_after_its_number_was_chosen_on_another_device() {
    let server = TestServer::open().await;
    let mut count = 0;
    for (tenant, portal) in [(&server.acme, "acme"), (&server.other, "other")] {
        count += 1;
        let email = format!("anna@{portal}.example");
        let asked = server.request_login_at(portal, &email, "PORTAL").await;
        let pressed = server.redeem(&server.mailed_token(count).await).await;
        let numbers = numbers(&pressed);
        assert_eq!(numbers.len(), 3);
        assert!(numbers.contains(&asked.number), "{pressed}");
        let asks = &pressed["confirmation"];
        assert_eq!(asks["challengeId"], asked.id);
        assert_eq!(asks["device"], "an unknown device");
        assert_eq!(asks["place"], "127.0.0.x");
        assert_eq!(asks["askedAt"], "2026-01-05T10:00:00.000000Z");
        let said = server
            .confirm(&access(&pressed), &asked.id, Some(&asked.number))
            .await;
        assert_eq!(
            said["data"]["confirmSignIn"],
            json!({"state": "CONFIRMED", "refusal": null})
        );
        let there = server.sign_in_with_challenge(&asked.id, &asked.secret).await;
        assert_eq!(there["viewer"]["__typename"], "PortalUser");
        let me = server.data(&access(&there), "{ me { id } }", json!({})).await;
        assert_eq!(me["me"]["id"], tenant.contact.to_string());
        let again = server.sign_in_with_challenge(&asked.id, &asked.secret).await;
        assert_eq!(reason(&again), "CODE_EXPIRED", "once");
        let code = server.code(tenant.id, &asked.id);
        assert_eq!(
            reason(&server.sign_in_with_code(&asked.id, &code).await),
            "CODE_EXPIRED"
        );
    }
    let proves = "select count(*) from sessions where method = 'CHALLENGE' and proved_at is null";
    assert_eq!(
        server.test.number(proves).await,
        2,
        "that device has proved nothing by itself"
    );
    for kind in ["SIGN_IN_CONFIRMED", "SIGNED_IN"] {
        let noted =
            format!("select count(*) from audit_events where kind = '{kind}' and contact_id is not null");
        assert_eq!(server.test.number(&noted).await, 2, "{kind}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_concurrent_requests_finish_a_confirmed_sign_in_once() {
    let server = TestServer::open().await;
    let asked = server.request_login(ANNA).await;
    let pressed = server.redeem(&server.mailed_token(1).await).await;
    server
        .confirm(&access(&pressed), &asked.id, Some(&asked.number))
        .await;
    let answers = join_all((0..20).map(|_| server.sign_in_with_challenge(&asked.id, &asked.secret))).await;
    let won = answers.iter().filter(|answer| !answer["session"].is_null());
    assert_eq!(won.count(), 1, "{answers:?}");
    let sessions = "select count(*) from sessions where method = 'CHALLENGE'";
    assert_eq!(server.test.number(sessions).await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_still_signs_in_the_requesting_device_after_the_link_was_opened_on_another() {
    let server = TestServer::open().await;
    let asked = server.request_login(ANNA).await;
    let pressed = server.redeem(&server.mailed_token(1).await).await;
    assert!(!server.sign_in_with_right_code(&asked.id).await["session"].is_null());
    // The device that opened the link stays signed in, and has nothing more to confirm.
    let anna = access(&pressed);
    server.data(&anna, "{ me { id } }", json!({})).await;
    let said = server.confirm(&anna, &asked.id, Some(&asked.number)).await;
    assert_eq!(
        said["data"]["confirmSignIn"],
        json!({"state": "COMPLETED", "refusal": {"reason": "CODE_EXPIRED"}})
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_requesting_device_is_identified_only_by_its_secret() {
    let server = TestServer::open().await;
    let asked = server.request_login(ANNA).await;
    let pressed = server.redeem(&server.mailed_token(1).await).await;
    server
        .confirm(&access(&pressed), &asked.id, Some(&asked.number))
        .await;
    let stranger = server.request_login("nobody@acme.example").await;
    let elsewhere = server
        .request_login_at("other", "anna@other.example", "PORTAL")
        .await;
    let last = if asked.secret.ends_with('A') { "E" } else { "A" };
    let bent = format!("{}{last}", &asked.secret[..asked.secret.len() - 1]);
    for (id, secret) in [
        (&asked.id, &stranger.secret),
        (&asked.id, &elsewhere.secret),
        (&asked.id, &bent),
        (&asked.id, &String::new()),
        (&asked.id, &asked.number),
        (&stranger.id, &asked.secret),
        (&"challenge_\0".to_owned(), &asked.secret),
        (&server.acme.contact.to_string(), &asked.secret),
    ] {
        let answer = server.sign_in_with_challenge(id, secret).await;
        assert_eq!(reason(&answer), "INVALID_CREDENTIALS", "{id} {secret}");
    }
    assert!(!server.sign_in_with_challenge(&asked.id, &asked.secret).await["session"].is_null());
    let waits = server
        .sign_in_with_challenge(&stranger.id, &stranger.secret)
        .await;
    assert_eq!(
        reason(&waits),
        "CHALLENGE_PENDING",
        "nobody's sign-in is waited for like any other"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmed_sign_in_is_valid_until_its_expiry() {
    let server = TestServer::open().await;
    let asked = server.request_login(ANNA).await;
    let pressed = server.redeem(&server.mailed_token(1).await).await;
    server
        .confirm(&access(&pressed), &asked.id, Some(&asked.number))
        .await;
    server.clock.advance(TimeDelta::milliseconds(599_999));
    assert!(!server.sign_in_with_challenge(&asked.id, &asked.secret).await["session"].is_null());

    let asked = server.request_login(ANNA).await;
    let pressed = server.redeem(&server.mailed_token(2).await).await;
    server
        .confirm(&access(&pressed), &asked.id, Some(&asked.number))
        .await;
    server.clock.advance(TimeDelta::minutes(10));
    let late = server.sign_in_with_challenge(&asked.id, &asked.secret).await;
    assert_eq!(reason(&late), "CODE_EXPIRED");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn obstacles_are_reported_to_the_confirmed_device_only() {
    let server = TestServer::open().await;
    let asked = server.request_login(ANNA).await;
    let pressed = server.redeem(&server.mailed_token(1).await).await;
    let revoke = "update contacts set revoked_at = '2026-01-05Z'";
    let restore = "update contacts set revoked_at = null";
    server.test.run(revoke).await;
    let early = server.sign_in_with_challenge(&asked.id, &asked.secret).await;
    assert_eq!(reason(&early), "CHALLENGE_PENDING");
    server.test.run(restore).await;
    server
        .confirm(&access(&pressed), &asked.id, Some(&asked.number))
        .await;
    server.test.run(revoke).await;
    let barred = server.sign_in_with_challenge(&asked.id, &asked.secret).await;
    assert_eq!(reason(&barred), "ACCESS_REVOKED");
    server.test.run(restore).await;
    server.test.run("update accounts set link_allowed = false").await;
    let barred = server.sign_in_with_challenge(&asked.id, &asked.secret).await;
    assert_eq!(reason(&barred), "METHOD_DISABLED");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_created_when_its_email_is_sent_and_replaces_the_older_one() {
    let server = TestServer::open().await;
    server.request_login(ANNA).await;
    let older = server.mailed_token(1).await;
    server.clock.advance(TimeDelta::minutes(1));
    server.request_login(ANNA).await;
    let newer = server.mailed_token(2).await;
    assert_eq!(reason(&server.redeem(&older).await), "LINK_SUPERSEDED");
    access(&server.redeem(&newer).await);
    wait_until("both links are kept with their sign-ins", async || {
        let kept = "select count(*) from challenges where magic_link_id is not null";
        server.test.number(kept).await == 2
    })
    .await;
    server.stop().await;
}
