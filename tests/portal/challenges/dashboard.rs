//! Team members, and the flows that the portal's own pages call.

use serde_json::json;
use vestibule::base::actor::Audience;
use vestibule::base::actor::Client;
use vestibule::base::actor::SignInMethod;
use vestibule::base::error::Code;
use vestibule::base::secrets::{PlainSecret, SecretKind};
use vestibule::sign_in::challenge::confirmation::{Choice, ConfirmationOutcome};
use vestibule::sign_in::challenge::model::ChallengeState;
use vestibule::sign_in::open_session::{Browser, SessionCredential, SessionTransport, SignedIn};
use vestibule::sign_in::sessions::OwnSession;

use super::{ANNA, access};
use crate::support::TestServer;

fn client() -> Client {
    Client {
        ip: Some("2001:db8:1:2::3".to_owned()),
        ..Client::default()
    }
}

fn own_session(signed_in: &SignedIn) -> OwnSession {
    OwnSession::of(&signed_in.session).expect("a holder")
}

const BROWSER: SessionTransport<'_> = SessionTransport::Cookie(Browser("the pressing browser"));

#[tokio::test(flavor = "multi_thread")]
async fn a_team_member_opens_the_link_in_one_browser_and_signs_in_in_another() {
    let server = TestServer::open().await;
    let sign_in = server.sign_in();
    for (tenant, portal) in [(&server.acme, "acme"), (&server.other, "other")] {
        let email = format!("owner@{portal}.example");
        let asked = server.request_login_at(portal, &email, "DASHBOARD").await;
        let token = server.mailed_staff_token(tenant.id, &asked.id).await;
        let secret = PlainSecret::parse(SecretKind::StaffLink, &token).expect("a secret");
        let pressed = sign_in.with_staff_link(&secret, BROWSER, &client()).await;
        let pressed = pressed.expect("an answer").expect("a session");
        assert!(matches!(pressed.credential, SessionCredential::Cookie(_)));
        let state = sign_in.challenge_state(&asked.id).await.expect("a state");
        assert_eq!(state, ChallengeState::LinkOpened);
        let asks = sign_in.after_redeem(&pressed.session, None).await;
        let asks = asks.expect("an answer").expect("something to confirm");
        assert_eq!(asks.challenge.to_string(), asked.id);
        assert!(asks.numbers.contains(&asked.number));
        let waits = server.sign_in_with_challenge(&asked.id, &asked.secret).await;
        assert_eq!(waits["refusal"]["reason"], "CHALLENGE_PENDING");
        let choice = Choice::Number(&asked.number);
        let decided = sign_in
            .confirm(&own_session(&pressed), &asked.id, choice, &client())
            .await;
        assert_eq!(decided.expect("an answer"), ConfirmationOutcome::Confirmed);
        let asks = sign_in.confirmation(&pressed.session).await.expect("an answer");
        assert!(asks.is_none(), "it is answered");
        let there = server.sign_in_with_challenge(&asked.id, &asked.secret).await;
        assert_eq!(there["viewer"]["__typename"], "TeamMember");
        server
            .data(&access(&there), "{ portal { name } }", json!({}))
            .await;
        let again = sign_in.with_staff_link(&secret, BROWSER, &client()).await;
        assert!(again.expect("an answer").is_none(), "one use");
    }
    let noted = "select count(*) from audit_events where kind = 'SIGN_IN_CONFIRMED' and contact_id is null";
    assert_eq!(server.test.number(noted).await, 2);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_staff_link_of_a_superseded_sign_in_is_invalid() {
    let server = TestServer::open().await;
    let older = server
        .request_login_at("acme", "owner@acme.example", "DASHBOARD")
        .await;
    let token = server.mailed_staff_token(server.acme.id, &older.id).await;
    server.clock.advance(chrono::TimeDelta::minutes(1));
    server
        .request_login_at("acme", "owner@acme.example", "DASHBOARD")
        .await;
    let secret = PlainSecret::parse(SecretKind::StaffLink, &token).expect("a secret");
    let pressed = server
        .sign_in()
        .with_staff_link(&secret, BROWSER, &client())
        .await;
    assert!(pressed.expect("an answer").is_none());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_requesting_browser_needs_no_confirmation() {
    let server = TestServer::open().await;
    let sign_in = server.sign_in();
    let asked = server.request_login(ANNA).await;
    let token = server.mailed_token(1).await;
    let secret = PlainSecret::parse(SecretKind::MagicLink, &token).expect("a secret");
    let device = PlainSecret::parse(SecretKind::Device, &asked.secret).expect("a secret");
    let stranger = server.request_login("nobody@acme.example").await;
    let stranger = PlainSecret::parse(SecretKind::Device, &stranger.secret).expect("a secret");
    let pressed = sign_in
        .with_link(&secret, BROWSER, &client())
        .await
        .expect("an answer");
    let pressed = pressed.expect("a session");
    let asks = sign_in.after_redeem(&pressed.session, Some(&stranger)).await;
    let shown = asks.expect("an answer").expect("another device asked");
    // The same browser may open the link again, and gets the same choice.
    let again = sign_in
        .with_link(&secret, BROWSER, &client())
        .await
        .expect("an answer");
    let again = again.expect("the same session");
    assert_eq!(again.session.id, pressed.session.id);
    let asks = sign_in.confirmation(&again.session).await.expect("an answer");
    assert_eq!(asks.expect("still to confirm").numbers, shown.numbers);
    let asks = sign_in.after_redeem(&pressed.session, Some(&device)).await;
    assert!(asks.expect("an answer").is_none());
    let state = sign_in.challenge_state(&asked.id).await.expect("a state");
    assert_eq!(state, ChallengeState::Completed);
    assert_eq!(
        server.sign_in_with_right_code(&asked.id).await["refusal"]["reason"],
        "CODE_EXPIRED"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_finish_with_a_cookie() {
    let server = TestServer::open().await;
    let sign_in = server.sign_in();
    let id = server.request_code(ANNA).await;
    let code = server.code(server.acme.id, &id);
    let signed_in = sign_in.with_code(&id, &code, BROWSER, &client()).await;
    let signed_in = signed_in.expect("an answer").expect("a session");
    assert!(matches!(signed_in.credential, SessionCredential::Cookie(_)));
    assert_eq!(signed_in.session.method, SignInMethod::Code);
    assert_eq!(signed_in.session.audience, Audience::Portal);
    server.clock.advance(chrono::TimeDelta::minutes(1));
    let asked = server.request_login(ANNA).await;
    let secret = PlainSecret::parse(SecretKind::MagicLink, &server.mailed_token(1).await).expect("a secret");
    let pressed = sign_in
        .with_link(&secret, SessionTransport::Bearer, &client())
        .await
        .expect("an answer");
    let pressed = pressed.expect("a session");
    let foreign = sign_in
        .confirm(&own_session(&signed_in), &asked.id, Choice::Deny, &client())
        .await;
    assert_eq!(foreign.expect_err("not hers to say").code, Code::Forbidden);
    let choice = Choice::Number(&asked.number);
    let decided = sign_in
        .confirm(&own_session(&pressed), &asked.id, choice, &client())
        .await;
    assert_eq!(decided.expect("an answer"), ConfirmationOutcome::Confirmed);
    let device = PlainSecret::parse(SecretKind::Device, &asked.secret).expect("a secret");
    let there = sign_in
        .with_challenge(&asked.id, &device, BROWSER, &client())
        .await;
    let there = there.expect("an answer").expect("a session");
    assert!(matches!(there.credential, SessionCredential::Cookie(_)));
    assert_eq!(there.session.method, SignInMethod::Challenge);
    server.stop().await;
}
