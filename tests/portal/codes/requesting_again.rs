//! Requesting again before another email can be sent: the requesting device keeps its challenge, and any other device gets
//! its own.

use chrono::TimeDelta;
use serde_json::{Value, json};
use vestibule::base::clock::Clock;
use vestibule::base::ids::ChallengeId;

use super::{ANNA, reason};
use crate::support::TestServer;

const UNKNOWN: &str = "unknown@acme.example";
const EMAIL: &str = "mutation ($input: RequestLoginEmailInput!) { requestLoginEmail(input: $input) {
    challengeId deviceSecret matchingNumber expiresAt resendAfter } }";
const CODE: &str = "mutation ($input: RequestLoginCodeInput!) { requestLoginCode(input: $input) {
    challengeId expiresAt resendAfter } }";
const MAILED: &str = "select count(*) from challenges where mailed";

/// Requests at acme; `more` is added to the input.
async fn request(server: &TestServer, document: &str, email: &str, more: &Value) -> Value {
    let mut input = json!({"portal": "acme", "email": email});
    let fields = input.as_object_mut().expect("an object");
    fields.extend(more.as_object().cloned().unwrap_or_default());
    let answer = server.request(None, document, json!({"input": input})).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    let payload = answer["data"].as_object().and_then(|data| data.values().next());
    payload.expect("a payload").clone()
}

/// The input with which the requesting device keeps its challenge.
fn keep_input(response: &Value) -> Value {
    json!({"challengeId": response["challengeId"], "deviceSecret": response["deviceSecret"]})
}

fn id(response: &Value) -> &str {
    response["challengeId"].as_str().expect("an id")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_requesting_device_keeps_its_challenge_and_the_emailed_code_signs_in() {
    let server = TestServer::open().await;
    let first = request(&server, EMAIL, ANNA, &json!({})).await;
    assert_eq!(first["resendAfter"], 60);
    server.clock.advance(TimeDelta::milliseconds(20_001));
    let mut again = request(&server, EMAIL, ANNA, &keep_input(&first)).await;
    assert_eq!(again["resendAfter"], 40, "rounded up");
    again["resendAfter"] = json!(60);
    assert_eq!(again, first, "the same challenge, no longer than before");
    // Requesting a code now, in the same app, changes nothing.
    let code = request(&server, CODE, ANNA, &keep_input(&first)).await;
    assert_eq!(id(&code), id(&first));
    assert_eq!(server.test.number(MAILED).await, 1);
    assert_eq!(server.test.number("select count(*) from messages").await, 1);
    assert!(!server.sign_in_with_right_code(id(&first)).await["session"].is_null());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_with_a_code_only_is_kept_by_its_id() {
    let server = TestServer::open().await;
    let first = request(&server, CODE, ANNA, &json!({})).await;
    server.clock.advance(TimeDelta::seconds(59));
    let more = json!({"challengeId": id(&first)});
    let again = request(&server, CODE, ANNA, &more).await;
    assert_eq!((id(&again), &again["resendAfter"]), (id(&first), &json!(1)));
    assert!(!server.sign_in_with_right_code(id(&first)).await["session"].is_null());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_device_gets_a_challenge_without_an_email_and_supersedes_nothing() {
    let server = TestServer::open().await;
    let first = request(&server, EMAIL, ANNA, &json!({})).await;
    let secret = first["deviceSecret"].as_str().expect("a secret");
    let other = request(&server, EMAIL, UNKNOWN, &json!({})).await;
    let elsewhere = server
        .request_login_at("other", "anna@other.example", "PORTAL")
        .await;
    let missing = ChallengeId::new(&Clock::System.moment()).to_string();
    server.clock.advance(TimeDelta::seconds(20));
    let mut seen = vec![id(&first).to_owned()];
    let strangers = [
        json!({}),
        json!({"challengeId": id(&first)}),
        json!({"deviceSecret": secret}),
        json!({"challengeId": id(&first), "deviceSecret": other["deviceSecret"]}),
        json!({"challengeId": id(&other), "deviceSecret": secret}),
        json!({"challengeId": id(&other), "deviceSecret": other["deviceSecret"]}),
        json!({"challengeId": elsewhere.id, "deviceSecret": elsewhere.secret}),
        json!({"challengeId": missing, "deviceSecret": secret}),
        json!({"challengeId": "challenge_\0", "deviceSecret": secret}),
        json!({"challengeId": id(&first), "deviceSecret": ""}),
    ];
    for document in [EMAIL, CODE] {
        for more in &strangers {
            let response = request(&server, document, ANNA, more).await;
            assert_eq!(response["resendAfter"], 60, "nothing of the first device: {more}");
            assert_eq!(response["expiresAt"], "2026-01-05T10:10:20.000000Z", "{more}");
            assert_ne!(response["deviceSecret"], first["deviceSecret"], "{more}");
            assert!(!seen.contains(&id(&response).to_owned()), "its own: {more}");
            seen.push(id(&response).to_owned());
            assert_eq!(
                reason(&server.sign_in_with_right_code(id(&response)).await),
                "CODE_INVALID"
            );
        }
    }
    // A team member with the same address has separate challenges.
    let more = json!({"challengeId": id(&first), "deviceSecret": secret, "audience": "DASHBOARD"});
    assert_ne!(id(&request(&server, EMAIL, ANNA, &more).await), id(&first));
    let again = request(&server, EMAIL, ANNA, &keep_input(&first)).await;
    assert_eq!(id(&again), id(&first));
    assert!(!server.sign_in_with_right_code(id(&first)).await["session"].is_null());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_minute_the_newest_code_is_the_only_one_and_a_repeat_keeps_it() {
    let server = TestServer::open().await;
    let first = request(&server, EMAIL, ANNA, &json!({})).await;
    server.clock.advance(TimeDelta::minutes(1));
    let second = request(&server, EMAIL, ANNA, &keep_input(&first)).await;
    assert_ne!(id(&second), id(&first));
    assert_eq!(second["resendAfter"], 60);
    // A device that never got that response repeats its request.
    let repeat = request(&server, EMAIL, ANNA, &keep_input(&first)).await;
    assert_eq!(repeat, second);
    assert_eq!(
        reason(&server.sign_in_with_right_code(id(&first)).await),
        "CODE_EXPIRED"
    );
    assert!(!server.sign_in_with_right_code(id(&second)).await["session"].is_null());
    // A finished challenge is not kept.
    let third = request(&server, EMAIL, ANNA, &keep_input(&second)).await;
    assert_ne!(id(&third), id(&second));
    assert_eq!(server.test.number(MAILED).await, 2);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_five_an_hour_the_last_code_still_works_and_the_wait_is_reported() {
    let server = TestServer::open().await;
    let mut last = request(&server, EMAIL, ANNA, &json!({})).await;
    for _ in 0..4 {
        assert_eq!(last["resendAfter"], 60);
        server.clock.advance(TimeDelta::minutes(2));
        last = request(&server, EMAIL, ANNA, &keep_input(&last)).await;
    }
    assert_eq!(last["resendAfter"], 52 * 60, "the first was sent at ten");
    server.clock.advance(TimeDelta::minutes(2));
    let sixth = request(&server, EMAIL, ANNA, &keep_input(&last)).await;
    assert_eq!((id(&sixth), &sixth["resendAfter"]), (id(&last), &json!(50 * 60)));
    assert_eq!(server.test.number(MAILED).await, 5);
    assert!(!server.sign_in_with_right_code(id(&last)).await["session"].is_null());
    server.clock.advance(TimeDelta::minutes(50));
    request(&server, EMAIL, ANNA, &keep_input(&last)).await;
    assert_eq!(server.test.number(MAILED).await, 6);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_can_not_tell_known_addresses_or_other_requests() {
    let server = TestServer::open().await;
    let mut seen = Vec::new();
    for (email, after) in [
        (ANNA, None),
        (UNKNOWN, None),
        (ANNA, Some(30)),
        (UNKNOWN, Some(30)),
    ] {
        if let Some(seconds) = after {
            request(&server, EMAIL, email, &json!({})).await;
            server.clock.advance(TimeDelta::seconds(seconds));
        }
        let first = request(&server, EMAIL, email, &json!({})).await;
        let mut said = vec![json!([true, first["resendAfter"]])];
        for step in [20, 20, 19, 1] {
            server.clock.advance(TimeDelta::seconds(step));
            let again = request(&server, EMAIL, email, &keep_input(&first)).await;
            let state = server
                .sign_in()
                .challenge_state(id(&again))
                .await
                .expect("a state");
            said.push(json!([
                id(&again) == id(&first),
                again["resendAfter"],
                format!("{state:?}")
            ]));
        }
        assert_eq!(said[4], json!([false, 60, "Pending"]));
        seen.push(said);
        server.clock.advance(TimeDelta::hours(1));
    }
    for said in &seen {
        assert_eq!(said, &seen[0]);
    }
    server.stop().await;
}
