//! What an attacker, a race or a switched-off setting could make of passwords.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use super::resets::{request, request_for, reset, tokens, tokens_for};
use super::{
    ANNA, BETTER, CHANGE, GOOD, SET, SIGN_IN, change, reason, set, sign_in, sign_in_to, weaker_hash,
    with_password,
};
use crate::support::{House, Socket};

const OWNER: &str = "owner@acme.example";

#[tokio::test(flavor = "multi_thread")]
async fn right_passwords_at_the_same_moment_are_all_right_while_the_hash_is_made_anew() {
    let house = with_password().await;
    for _ in 0..5 {
        let kept = weaker_hash(GOOD);
        house
            .test
            .run(&format!("update passwords set hash = '{kept}'"))
            .await;
        let done = join_all((0..8).map(|_| sign_in(&house, ANNA, GOOD))).await;
        let refused: Vec<&str> = done
            .iter()
            .map(reason)
            .filter(|reason| *reason != "none")
            .collect();
        assert_eq!(refused, Vec::<&str>::new());
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_was_set_meanwhile_is_another_one_even_in_the_same_moment() {
    let house = with_password().await;
    let at = "select set_at::text from passwords";
    let before = house.test.texts(at).await;
    // The clock stands still.
    assert_eq!(change(&house, &house.acme.person, GOOD, BETTER).await, "none");
    assert_ne!(house.test.texts(at).await, before);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_passwords_are_off_none_is_set_changed_reset_or_a_proof() {
    let house = with_password().await;
    request(&house, ANNA).await;
    let token = tokens(&house).await.pop().expect("one reset");
    house
        .test
        .run("update accounts set password_allowed = false")
        .await;
    let owner = &house.acme.owner;
    assert_eq!(set(&house, owner, GOOD).await, "METHOD_DISABLED");
    let person = &house.acme.person;
    assert_eq!(
        change(&house, person, "wrong", BETTER).await,
        "INVALID_CREDENTIALS"
    );
    assert_eq!(change(&house, person, GOOD, BETTER).await, "METHOD_DISABLED");
    assert_eq!(reset(&house, &token, BETTER).await, "METHOD_DISABLED");
    let step_up =
        "mutation ($password: String) { stepUp(input: {password: $password}) { refusal { reason } } }";
    for (password, expected) in [("wrong", "INVALID_CREDENTIALS"), (GOOD, "METHOD_DISABLED")] {
        let done = house.ask(person, step_up, json!({ "password": password })).await;
        assert_eq!(reason(&done["stepUp"]), expected);
    }
    house.clock.advance(TimeDelta::minutes(2));
    request(&house, ANNA).await;
    assert_eq!(tokens(&house).await.len(), 1, "nothing is mailed");
    house
        .test
        .run("update accounts set password_allowed = true")
        .await;
    assert_eq!(reset(&house, &token, BETTER).await, "LINK_SUPERSEDED");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_reset_does_not_use_its_link_up() {
    let house = with_password().await;
    request(&house, ANNA).await;
    let token = tokens(&house).await.pop().expect("one reset");
    house
        .test
        .run("update accounts set password_allowed = false")
        .await;
    assert_eq!(reset(&house, &token, BETTER).await, "METHOD_DISABLED");
    house
        .test
        .run("update accounts set password_allowed = true")
        .await;
    assert_eq!(reset(&house, &token, BETTER).await, "none");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_password_comes_back_by_mail_alone() {
    let house = with_password().await;
    house
        .test
        .run("update passwords set disabled_at = '2026-01-05T10:00:00Z'")
        .await;
    let person = &house.acme.person;
    let refused = house.refused(Some(person), SET, json!({ "new": BETTER })).await;
    assert_eq!(refused.0, "CONFLICT");
    assert_eq!(change(&house, person, GOOD, BETTER).await, "TOO_MANY_ATTEMPTS");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tries_at_no_password_do_not_lock_the_first_one() {
    let house = House::open().await;
    for _ in 0..10 {
        assert_eq!(
            reason(&sign_in(&house, ANNA, "guess").await),
            "INVALID_CREDENTIALS"
        );
    }
    assert_eq!(reason(&sign_in(&house, ANNA, "guess").await), "TOO_MANY_ATTEMPTS");
    assert_eq!(set(&house, &house.acme.person, GOOD).await, "none");
    assert_eq!(reason(&sign_in(&house, ANNA, GOOD).await), "none");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_change_a_password_is_counted_with_those_who_sign_in() {
    let house = with_password().await;
    let person = &house.acme.person;
    for _ in 0..5 {
        assert_eq!(
            change(&house, person, "wrong", BETTER).await,
            "INVALID_CREDENTIALS"
        );
        assert_eq!(
            reason(&sign_in(&house, ANNA, "wrong").await),
            "INVALID_CREDENTIALS"
        );
    }
    let refused = house
        .ask(person, CHANGE, json!({"current": GOOD, "new": BETTER}))
        .await;
    assert_eq!(
        refused["changePassword"]["refusal"]["reason"],
        "TOO_MANY_ATTEMPTS"
    );
    assert_eq!(refused["changePassword"]["refusal"]["retryAfter"], 30);
    house.test.run("update sessions set section = 'COURSES'").await;
    house.clock.advance(TimeDelta::seconds(30));
    assert_eq!(change(&house, person, GOOD, BETTER).await, "STEP_UP_REQUIRED");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_a_contact_and_a_team_member_gets_one_mail_a_minute_in_all() {
    let house = House::open().await;
    house
        .test
        .run("update contacts set email = 'owner@acme.example', email_key = 'owner@acme.example' where email_key = 'anna@acme.example'")
        .await;
    let to_somebody = "select count(*) from messages where kind = 'PASSWORD_RESET' and coalesce(contact_id, team_member_id) is not null";
    request_for(&house, OWNER, "PORTAL").await;
    request_for(&house, OWNER, "DASHBOARD").await;
    assert_eq!(house.test.number(to_somebody).await, 1);
    house.clock.advance(TimeDelta::seconds(60));
    request_for(&house, OWNER, "DASHBOARD").await;
    request_for(&house, OWNER, "PORTAL").await;
    assert_eq!(house.test.number(to_somebody).await, 2);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_an_address_stays_dead_when_the_address_comes_back() {
    let house = with_password().await;
    request(&house, ANNA).await;
    let token = tokens(&house).await.pop().expect("one reset");
    let change = "mutation ($id: ID!, $email: EmailAddress!) {
        updateContact(input: {contactId: $id, email: $email}) { contact { id } } }";
    for email in ["a@new.example", ANNA] {
        let variables = json!({"id": house.acme.contact.to_string(), "email": email});
        house.ask(&house.acme.key, change, variables).await;
        assert_eq!(reset(&house, &token, BETTER).await, "LINK_REVOKED", "{email}");
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_ends_a_team_members_subscription_at_once_and_elsewhere_within_two_seconds() {
    let house = House::open().await;
    let beside = house.beside().await;
    assert_eq!(set(&house, &house.acme.owner, GOOD).await, "none");
    let mut sockets = Vec::new();
    for url in [&house.url, &beside.url] {
        let variables = json!({"portal": "acme", "email": OWNER, "password": GOOD, "audience": "DASHBOARD"});
        let answer = house.answer_at(url, None, SIGN_IN, variables).await;
        let token = answer["data"]["signInWithPassword"]["session"]["accessToken"].as_str();
        let mut socket = Socket::at(url, token).await;
        socket.subscribe("subscription { portalStats { invited } }").await;
        socket.data().await;
        sockets.push(socket);
    }
    request_for(&house, OWNER, "DASHBOARD").await;
    let token = tokens_for(&house, "team_member_id")
        .await
        .pop()
        .expect("one reset");
    assert_eq!(reset(&house, &token, BETTER).await, "none");
    for mut socket in sockets {
        let ended = tokio::time::timeout(Duration::from_secs(2), socket.next()).await;
        assert_eq!(ended.expect("in time"), json!({ "close": 4403 }));
    }
    let done = sign_in_to(&house, "acme", OWNER, BETTER, "DASHBOARD").await;
    assert_eq!(reason(&done), "none");
    let other = sign_in_to(&house, "other", OWNER, BETTER, "DASHBOARD").await;
    assert_eq!(reason(&other), "INVALID_CREDENTIALS");
    beside.stop().await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_that_is_used_and_asked_for_at_the_same_moment_has_an_answer() {
    let house = House::open().await;
    for round in 0..15 {
        house.clock.advance(TimeDelta::minutes(13));
        request_for(&house, OWNER, "DASHBOARD").await;
        let token = tokens_for(&house, "team_member_id").await.pop().expect("a reset");
        house.clock.advance(TimeDelta::minutes(13));
        let new = format!("{BETTER} {round}");
        let (_, done) = join(
            request_for(&house, OWNER, "DASHBOARD"),
            reset(&house, &token, &new),
        )
        .await;
        assert!(
            ["none", "LINK_USED", "LINK_SUPERSEDED"].contains(&&done[..]),
            "{done}"
        );
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_tries_through_two_instances_count_as_ten() {
    let house = with_password().await;
    let beside = house.beside().await;
    let one = |alias: usize| {
        format!(
            "a{alias}: signInWithPassword(input: {{portal: \"acme\", email: \"{ANNA}\", password: \"guess {alias}\"}}) \
             {{ refusal {{ reason }} }}"
        )
    };
    let document = format!(
        "mutation {{ {} }}",
        (0..10).map(one).collect::<Vec<_>>().join(" ")
    );
    let urls = [&house.url, &beside.url];
    let sends = (0..100).map(|turn| house.answer_at(urls[turn % 2], None, &document, json!({})));
    let answers: Vec<String> = join_all(sends).await.iter().map(Value::to_string).collect();
    let answers = answers.concat();
    let compared = answers.matches("INVALID_CREDENTIALS").count();
    let told = answers.matches("TOO_MANY_ATTEMPTS").count();
    assert_eq!((compared, compared + told), (10, 1_000), "{}", &answers[..300]);
    beside.stop().await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_house_says_so_and_nobody_loses_a_try_by_waiting() {
    let house = with_password().await;
    let passwords = &house.sign_in().context.passwords;
    let mut seats = Vec::new();
    while let Ok(seat) = tokio::time::timeout(Duration::from_millis(100), passwords.seat()).await {
        seats.push(seat.expect("a seat"));
    }
    let variables = json!({"portal": "acme", "email": ANNA, "password": GOOD});
    let answer = house.answer(None, SIGN_IN, variables).await;
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(
        (&extensions["code"], &extensions["retryAfter"]),
        (&json!("RATE_LIMITED"), &json!(2))
    );
    assert_eq!(house.test.number("select count(*) from attempts").await, 0);
    drop(seats);
    assert_eq!(reason(&sign_in(&house, ANNA, GOOD).await), "none");
    house.stop().await;
}
