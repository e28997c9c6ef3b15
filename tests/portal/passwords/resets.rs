//! A reset by mail: thirty minutes, one use, the newest only; it ends all sessions and signs nobody in.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use vestibule::base::ids::PasswordResetId;
use vestibule::sign_in::password::model::reset::PasswordReset;

use super::{ANNA, BETTER, GOOD, reason, sign_in, with_password};
use crate::support::House;

const REQUEST: &str = "mutation ($email: EmailAddress!, $audience: Audience) {
    requestPasswordReset(input: {portal: \"acme\", email: $email, audience: $audience}) { accepted } }";
const RESET: &str = "mutation ($token: String!, $new: String!) {
    resetPassword(input: {token: $token, newPassword: $new}) { refusal { reason } } }";

pub async fn request(house: &House, email: &str) {
    request_for(house, email, "PORTAL").await;
}

pub async fn request_for(house: &House, email: &str, audience: &str) {
    let variables = json!({"email": email, "audience": audience});
    let answer = house.answer(None, REQUEST, variables).await;
    assert_eq!(
        answer,
        json!({"data": {"requestPasswordReset": {"accepted": true}}})
    );
}

/// The tokens of the resets whose mail is for a contact, the oldest first.
pub async fn tokens(house: &House) -> Vec<String> {
    tokens_for(house, "contact_id").await
}

/// The same, by the column that names who gets the mail.
pub async fn tokens_for(house: &House, who: &str) -> Vec<String> {
    let ids = house
        .test
        .texts(&format!(
            "select about::text from messages where kind = 'PASSWORD_RESET' and {who} is not null order by id"
        ))
        .await;
    ids.into_iter()
        .flatten()
        .map(|id| {
            let id = PasswordResetId(id.parse().expect("a uuid"));
            PasswordReset::secret(&house.keys.reset, house.acme.id, id).reveal()
        })
        .collect()
}

pub async fn reset(house: &House, token: &str, new: &str) -> String {
    let answer = house
        .answer(None, RESET, json!({"token": token, "new": new}))
        .await;
    assert_eq!(answer.get("errors"), None, "{answer:#}");
    reason(&answer["data"]["resetPassword"]).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_sets_the_password_ends_all_sessions_and_signs_nobody_in() {
    let house = with_password().await;
    request(&house, ANNA).await;
    let token = tokens(&house).await.pop().expect("one reset");
    assert_eq!(reset(&house, &token, "short").await, "PASSWORD_TOO_SHORT");
    assert_eq!(reset(&house, &token, BETTER).await, "none");
    assert_eq!(reset(&house, &token, BETTER).await, "LINK_USED");
    let gone = house
        .refused(Some(&house.acme.person), "{ me { id } }", json!({}))
        .await;
    assert_eq!(gone.0, "UNAUTHENTICATED", "its session was ended");
    assert_eq!(reason(&sign_in(&house, ANNA, GOOD).await), "INVALID_CREDENTIALS");
    assert_eq!(reason(&sign_in(&house, ANNA, BETTER).await), "none");
    let proved = "select count(*) from contacts where email_proved_at is not null";
    assert_eq!(house.test.number(proved).await, 1, "who reset it reads the mail");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_gives_a_disabled_password_back() {
    let house = with_password().await;
    house
        .test
        .run("update passwords set disabled_at = '2026-01-05T10:00:00Z'; update attempts set failed_count = 100")
        .await;
    for _ in 0..3 {
        sign_in(&house, ANNA, "wrong").await;
    }
    assert_eq!(reason(&sign_in(&house, ANNA, GOOD).await), "TOO_MANY_ATTEMPTS");
    request(&house, ANNA).await;
    let token = tokens(&house).await.pop().expect("one reset");
    assert_eq!(reset(&house, &token, BETTER).await, "none");
    assert_eq!(reason(&sign_in(&house, ANNA, BETTER).await), "none");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_lives_thirty_minutes() {
    let house = with_password().await;
    for (seconds, expected) in [(30 * 60 - 1, "none"), (30 * 60, "LINK_EXPIRED")] {
        request(&house, ANNA).await;
        let token = tokens(&house).await.pop().expect("a reset");
        house.clock.advance(TimeDelta::seconds(seconds));
        assert_eq!(reset(&house, &token, BETTER).await, expected);
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_counts_and_one_a_minute_and_five_an_hour_are_mailed() {
    let house = with_password().await;
    request(&house, ANNA).await;
    request(&house, ANNA).await;
    house.clock.advance(TimeDelta::seconds(59));
    request(&house, ANNA).await;
    assert_eq!(tokens(&house).await.len(), 1, "one a minute");
    for mailed in 2..=5 {
        house.clock.advance(TimeDelta::seconds(60));
        request(&house, ANNA).await;
        assert_eq!(tokens(&house).await.len(), mailed);
    }
    house.clock.advance(TimeDelta::seconds(60));
    request(&house, ANNA).await;
    let sent = tokens(&house).await;
    assert_eq!(sent.len(), 5, "five an hour");
    assert_eq!(reset(&house, &sent[3], BETTER).await, "LINK_SUPERSEDED");
    assert_eq!(
        reset(&house, &sent[4], BETTER).await,
        "none",
        "what was not mailed ends nothing"
    );
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_uses_at_once_are_one() {
    let house = with_password().await;
    request(&house, ANNA).await;
    let token = tokens(&house).await.pop().expect("one reset");
    let uses = (0..20).map(|use_| {
        let (house, token) = (&house, &token);
        async move { reset(house, token, &format!("{BETTER} {use_}")).await }
    });
    let done = join_all(uses).await;
    assert_eq!(
        done.iter().filter(|outcome| *outcome == "none").count(),
        1,
        "{done:?}"
    );
    assert_eq!(
        done.iter().filter(|outcome| *outcome == "LINK_USED").count(),
        19,
        "{done:?}"
    );
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_address_ends_it_and_what_is_no_token_is_said() {
    let house = with_password().await;
    request(&house, ANNA).await;
    let token = tokens(&house).await.pop().expect("one reset");
    let change = "mutation ($id: ID!) { updateContact(input: {contactId: $id, email: \"a@new.example\"}) { contact { id } } }";
    house
        .ask(
            &house.acme.key,
            change,
            json!({"id": house.acme.contact.to_string()}),
        )
        .await;
    assert_eq!(reset(&house, &token, BETTER).await, "LINK_REVOKED");
    let foreign = token.replacen(&house.acme.id.suffix(), &house.other.id.suffix(), 1);
    for bad in [
        "",
        "reset_no",
        &token[..token.len() - 1],
        &foreign,
        &format!("{token}\u{0}"),
    ] {
        assert_eq!(reset(&house, bad, BETTER).await, "LINK_INVALID");
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_address_leaves_the_same_trace_and_staff_sees_nothing_of_it() {
    let house = with_password().await;
    for email in [ANNA, "nobody@acme.example"] {
        request(&house, email).await;
    }
    let kept = "select count(*) from password_resets where mailed";
    assert_eq!(house.test.number(kept).await, 2);
    let listed = house
        .ask(&house.acme.key, "{ messages { nodes { kind } } }", json!({}))
        .await;
    let kinds: Vec<&Value> = listed["messages"]["nodes"]
        .as_array()
        .expect("a list")
        .iter()
        .collect();
    let resets = kinds
        .iter()
        .filter(|node| node["kind"] == "PASSWORD_RESET")
        .count();
    assert_eq!(resets, 1, "staff sees the one to a contact");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_asks_for_a_hundred_mails_an_hour() {
    let house = House::open().await;
    for asked in 0..100 {
        request(&house, &format!("nobody{asked}@acme.example")).await;
    }
    let answer = house.answer(None, REQUEST, json!({ "email": ANNA })).await;
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(
        (&extensions["code"], &extensions["retryAfter"]),
        (&json!("RATE_LIMITED"), &json!(3_600))
    );
    house.clock.advance(TimeDelta::hours(1));
    request(&house, ANNA).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_is_mailed_to_the_address_as_it_is_kept() {
    let house = with_password().await;
    request(&house, "ANNA@Acme.Example").await;
    let to = "select string_agg(address, ' ') from messages where kind = 'PASSWORD_RESET'";
    assert_eq!(house.test.texts(to).await, [Some(ANNA.to_owned())]);
    house.stop().await;
}
