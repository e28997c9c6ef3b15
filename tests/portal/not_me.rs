//! 'This was not me': what ends by it, what goes on, and how often. How mail rests is in `pauses.rs`.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use vestibule::base::actor::Role;
use vestibule::base::actor::SignInMethod;
use vestibule::messages::model::MessageKind;
use vestibule::sign_in::sessions::model::{Holder, NewSession};

use crate::attacks::Visitor;
use crate::letters::{ANNA, To, anna, challenge, mailed, opened, protest, reset};
use crate::support::House;

const REPORT: &str = "mutation ($token: String!) { reportNotMe(input: {token: $token}) {
    sessionsEnded mailPausedUntil refusal { reason } } }";

pub async fn report(house: &House, path: &str) -> Value {
    let token = path.rsplit('/').next().expect("a token");
    let answer = house.answer(None, REPORT, json!({"token": token})).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    answer["data"]["reportNotMe"].clone()
}

pub async fn events(house: &House, kind: &str) -> i64 {
    let query = format!("select count(*) from audit_events where kind = '{kind}'");
    house.test.number(&query).await
}

async fn set_password(house: &House, holder: Holder) {
    let (account, now) = (house.acme.id.0, house.clock.now());
    let id = holder.id();
    house
        .test
        .run(&format!(
            "insert into passwords (account_id, holder_id, contact_id, hash, set_at) values ('{account}', '{id}', '{id}', 'x', '{now}') \
             on conflict (account_id, holder_id) do update set set_at = excluded.set_at, disabled_at = null"
        ))
        .await;
}

async fn disabled_passwords(house: &House) -> i64 {
    house
        .test
        .number("select count(*) from passwords where disabled_at is not null")
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_button_of_the_page_does_it_and_only_once() {
    let house = House::open().await;
    let to = anna(&house);
    let asked = challenge(&house, to).await;
    let email = mailed(&house, MessageKind::LoginCode, to, Some(asked.0)).await;
    let path = protest(&house, &email);
    let mut scanner = Visitor::new(&house);
    for _ in 0..2 {
        let (status, page) = scanner.open(&path).await;
        assert_eq!(status, 200);
        assert!(
            page.contains("a***@acme.example") && !page.contains(ANNA),
            "{page}"
        );
    }
    let ended = "select count(*) from challenges where ended_at is not null";
    assert_eq!(house.test.number(ended).await, 0, "nothing by looking");
    // A foreign page can't press it.
    let bare = house.http.post(format!("{}{path}", house.url));
    let bare = bare
        .header("content-type", "application/x-www-form-urlencoded")
        .body("form_token=x");
    assert_ne!(scanner.send(bare).await.0, 200);
    assert_eq!(house.test.number(ended).await, 0);
    assert_eq!(scanner.press(&path).await, 200);
    assert_eq!(house.test.number(ended).await, 1);
    let (status, page) = scanner.open(&path).await;
    assert!(
        status == 200 && page.contains("Thank you for telling us") && !page.contains("<form"),
        "{page}"
    );
    house.clock.advance(TimeDelta::hours(1));
    let again = report(&house, &path).await;
    assert_eq!(again["sessionsEnded"], 0);
    assert_eq!(
        again["mailPausedUntil"], "2026-01-06T10:00:00.000000Z",
        "not an hour more"
    );
    for kind in ["SIGN_IN_DENIED", "MAIL_PAUSED"] {
        assert_eq!(events(&house, kind).await, 1, "{kind}");
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_that_somebody_else_asked_for_ends() {
    let house = House::open().await;
    let to = anna(&house);
    let wish = reset(&house, to).await;
    let email = mailed(&house, MessageKind::PasswordReset, to, Some(wish)).await;
    set_password(&house, to.holder).await;
    let said = report(&house, &protest(&house, &email)).await;
    assert_eq!(said["mailPausedUntil"], "2026-01-06T10:00:00.000000Z");
    let ended = "select count(*) from password_resets where ended_at is not null";
    assert_eq!(house.test.number(ended).await, 1);
    assert_eq!(disabled_passwords(&house).await, 0, "her password stays as it is");
    house.ask(&house.acme.person, "{ me { id } }", json!({})).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strange_device_goes_with_what_it_came_in_with() {
    let house = House::open().await;
    let to = anna(&house);
    set_password(&house, to.holder).await;
    house
        .test
        .run(&format!(
            "insert into identities (account_id, audience, issuer, subject, holder_id, contact_id, email, linked_at)
             values ('{0}', 'PORTAL', 'i', 's', '{1}', '{1}', 'x@example.com', '2026-01-01Z')",
            house.acme.id.0,
            to.holder.id()
        ))
        .await;
    let identities = "select count(*) from identities";
    let google = opened(&house, to, SignInMethod::Google).await;
    let email = mailed(&house, MessageKind::NewDevice, to, Some(google.id.0)).await;
    let said = report(&house, &protest(&house, &email)).await;
    assert_eq!(
        (&said["sessionsEnded"], &said["mailPausedUntil"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(house.test.number(identities).await, 0);
    assert_eq!(disabled_passwords(&house).await, 0, "it came in by Google");
    let password = opened(&house, to, SignInMethod::Password).await;
    let email = mailed(&house, MessageKind::NewDevice, to, Some(password.id.0)).await;
    let path = protest(&house, &email);
    assert_eq!(report(&house, &path).await["sessionsEnded"], 1);
    assert_eq!(disabled_passwords(&house).await, 1);
    assert_eq!(events(&house, "PASSWORD_DISABLED").await, 1);
    // She chooses another one, and presses once more.
    house.clock.advance(TimeDelta::minutes(1));
    set_password(&house, to.holder).await;
    assert_eq!(report(&house, &path).await["refusal"], Value::Null);
    assert_eq!(disabled_passwords(&house).await, 0);
    house.ask(&house.acme.person, "{ me { id } }", json!({})).await;
    assert_eq!(events(&house, "SESSION_ENDED").await, 2);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_somebody_else_set_takes_every_session_along() {
    let house = House::open().await;
    let to = anna(&house);
    set_password(&house, to.holder).await;
    for _ in 0..3 {
        opened(&house, to, SignInMethod::Password).await;
    }
    let email = mailed(&house, MessageKind::PasswordChanged, to, None).await;
    house.clock.advance(TimeDelta::minutes(1));
    // Set once more: the older mail stops it all the same.
    set_password(&house, to.holder).await;
    let path = protest(&house, &email);
    let said = report(&house, &path).await;
    assert_eq!(
        (&said["sessionsEnded"], &said["mailPausedUntil"]),
        (&json!(4), &Value::Null)
    );
    assert_eq!(disabled_passwords(&house).await, 1);
    let refused = house
        .refused(Some(&house.acme.person), "{ me { id } }", json!({}))
        .await;
    assert_eq!(refused.0, "UNAUTHENTICATED");
    // What she does afterwards is hers.
    set_password(&house, to.holder).await;
    let client = vestibule::base::actor::Client::default();
    let opening = NewSession::new(house.acme.id, to.holder, SignInMethod::Code, &client);
    let (_, token) = house.signed_in(&opening, None).await;
    assert_eq!(report(&house, &path).await["sessionsEnded"], 0);
    house.ask(&token, "{ me { id } }", json!({})).await;
    assert_eq!(disabled_passwords(&house).await, 0);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_member_protests_below_the_dashboard() {
    let house = House::open().await;
    let member = house.member("ben@acme.example", Role::Staff).await;
    let to = To {
        holder: Holder::Member(member.id),
        address: &member.email,
    };
    let asked = challenge(&house, to).await;
    let email = mailed(&house, MessageKind::StaffLogin, to, Some(asked.0)).await;
    let line = email.text.lines().find(|line| line.contains("/dashboard/link/"));
    let link = line
        .and_then(|line| line.strip_prefix(&house.url))
        .expect("a link")
        .to_owned();
    let mut thief = Visitor::new(&house);
    assert_eq!(thief.press(&link).await, 303);
    assert_eq!(thief.open("/dashboard/acme").await.0, 200);
    let path = protest(&house, &email);
    let token = path.rsplit('/').next().expect("a token");
    let mut ben = Visitor::new(&house);
    for wrong in [
        format!("/p/acme/not-me/{token}"),
        format!("/dashboard/other/not-me/{token}"),
        format!("/dashboard/nobody/not-me/{token}"),
        "/dashboard/acme/not-me/notme_x".to_owned(),
    ] {
        assert_eq!(ben.open(&wrong).await.0, 404, "{wrong}");
    }
    assert_eq!(ben.press(&path).await, 200);
    assert_eq!(thief.open("/dashboard/acme").await.0, 303, "to the sign-in page");
    // A second link of his, that was not used, dies with its mail.
    house.clock.advance(TimeDelta::hours(25));
    let asked = challenge(&house, to).await;
    let email = mailed(&house, MessageKind::StaffLogin, to, Some(asked.0)).await;
    let line = email.text.lines().find(|line| line.contains("/dashboard/link/"));
    let link = line
        .and_then(|line| line.strip_prefix(&house.url))
        .expect("a link")
        .to_owned();
    assert_eq!(thief.open(&link).await.0, 200);
    assert_eq!(ben.press(&protest(&house, &email)).await, 200);
    assert_eq!(thief.open(&link).await.0, 410);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_seven_days_and_of_its_account() {
    let house = House::open().await;
    let to = anna(&house);
    let session = opened(&house, to, SignInMethod::Password).await;
    let email = mailed(&house, MessageKind::NewDevice, to, Some(session.id.0)).await;
    let path = protest(&house, &email);
    let token = path.rsplit('/').next().expect("a token").to_owned();
    let flipped = if token.ends_with('A') { "E" } else { "A" };
    for wrong in [
        String::new(),
        "notme".to_owned(),
        format!("{}{flipped}", &token[..token.len() - 1]),
        token.replace(&house.acme.id.suffix(), &house.other.id.suffix()),
        token.replace("notme_", "link_"),
        format!("{token}x"),
    ] {
        let said = report(&house, &wrong).await;
        assert_eq!(said["refusal"]["reason"], "LINK_INVALID", "{wrong}");
        let (status, _) = Visitor::new(&house)
            .open(&format!("/p/acme/not-me/{wrong}"))
            .await;
        assert_eq!(status, 404, "{wrong}");
    }
    assert_eq!(
        Visitor::new(&house)
            .open(&path.replace("/acme/", "/other/"))
            .await
            .0,
        404
    );
    house.clock.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
    assert_eq!(Visitor::new(&house).open(&path).await.0, 200);
    house.clock.advance(TimeDelta::seconds(1));
    assert_eq!(Visitor::new(&house).open(&path).await.0, 404);
    assert_eq!(report(&house, &path).await["refusal"]["reason"], "LINK_INVALID");
    assert_eq!(events(&house, "SIGN_IN_DENIED").await, 0);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_reports_at_once_are_one() {
    let house = House::open().await;
    let to = anna(&house);
    let asked = challenge(&house, to).await;
    let email = mailed(&house, MessageKind::LoginCode, to, Some(asked.0)).await;
    let path = protest(&house, &email);
    let said = join_all((0..20).map(|_| report(&house, &path))).await;
    for one in &said {
        assert_eq!(one["refusal"], Value::Null);
        assert_eq!(one["mailPausedUntil"], "2026-01-06T10:00:00.000000Z");
    }
    for kind in ["SIGN_IN_DENIED", "MAIL_PAUSED"] {
        assert_eq!(events(&house, kind).await, 1, "{kind}");
    }
    house.stop().await;
}
