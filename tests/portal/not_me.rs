//! "This wasn't me": what it ends and what it keeps. Pauses of email are tested in `pauses.rs`.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use vestibule::base::actor::Role;
use vestibule::base::actor::SignInMethod;
use vestibule::messages::model::MessageKind;
use vestibule::sign_in::sessions::model::{Holder, NewSession};

use crate::emails::{ANNA, Recipient, anna, challenge, open_session, report_path, reset, send_email};
use crate::support::{TestBrowser, TestServer};

const REPORT: &str = "mutation ($token: String!) { reportNotMe(input: {token: $token}) {
    sessionsEnded mailPausedUntil refusal { reason } } }";

pub async fn report(server: &TestServer, path: &str) -> Value {
    let token = path.rsplit('/').next().expect("a token");
    let answer = server.request(None, REPORT, json!({"token": token})).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    answer["data"]["reportNotMe"].clone()
}

pub async fn events(server: &TestServer, kind: &str) -> i64 {
    let query = format!("select count(*) from audit_events where kind = '{kind}'");
    server.test.number(&query).await
}

async fn set_password(server: &TestServer, holder: Holder) {
    let (account, now) = (server.acme.id.0, server.clock.now());
    let id = holder.id();
    server
        .test
        .run(&format!(
            "insert into passwords (account_id, holder_id, contact_id, hash, set_at) values ('{account}', '{id}', '{id}', 'x', '{now}') \
             on conflict (account_id, holder_id) do update set set_at = excluded.set_at, disabled_at = null"
        ))
        .await;
}

async fn disabled_passwords(server: &TestServer) -> i64 {
    server
        .test
        .number("select count(*) from passwords where disabled_at is not null")
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_needs_the_button_of_the_page_and_works_once() {
    let server = TestServer::open().await;
    let to = anna(&server);
    let asked = challenge(&server, to).await;
    let email = send_email(&server, MessageKind::LoginCode, to, Some(asked.0)).await;
    let path = report_path(&server, &email);
    let mut scanner = TestBrowser::new(&server);
    for _ in 0..2 {
        let (status, page) = scanner.open(&path).await;
        assert_eq!(status, 200);
        assert!(
            page.contains("a***@acme.example") && !page.contains(ANNA),
            "{page}"
        );
    }
    let ended = "select count(*) from challenges where ended_at is not null";
    assert_eq!(server.test.number(ended).await, 0, "nothing by looking");
    // A page of another origin can't submit it.
    let bare = server.http.post(format!("{}{path}", server.url));
    let bare = bare
        .header("content-type", "application/x-www-form-urlencoded")
        .body("form_token=x");
    assert_ne!(scanner.send(bare).await.0, 200);
    assert_eq!(server.test.number(ended).await, 0);
    assert_eq!(scanner.redeem(&path).await, 200);
    assert_eq!(server.test.number(ended).await, 1);
    let (status, page) = scanner.open(&path).await;
    assert!(
        status == 200 && page.contains("Thank you for telling us") && !page.contains("<form"),
        "{page}"
    );
    server.clock.advance(TimeDelta::hours(1));
    let again = report(&server, &path).await;
    assert_eq!(again["sessionsEnded"], 0);
    assert_eq!(
        again["mailPausedUntil"], "2026-01-06T10:00:00.000000Z",
        "not an hour more"
    );
    for kind in ["SIGN_IN_DENIED", "MAIL_PAUSED"] {
        assert_eq!(events(&server, kind).await, 1, "{kind}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_requested_by_an_attacker_ends() {
    let server = TestServer::open().await;
    let to = anna(&server);
    let requested = reset(&server, to).await;
    let email = send_email(&server, MessageKind::PasswordReset, to, Some(requested)).await;
    set_password(&server, to.holder).await;
    let said = report(&server, &report_path(&server, &email)).await;
    assert_eq!(said["mailPausedUntil"], "2026-01-06T10:00:00.000000Z");
    let ended = "select count(*) from password_resets where ended_at is not null";
    assert_eq!(server.test.number(ended).await, 1);
    assert_eq!(
        disabled_passwords(&server).await,
        0,
        "her password stays as it is"
    );
    server
        .data(&server.acme.contact_session, "{ me { id } }", json!({}))
        .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reported_device_is_signed_out_and_its_proof_is_revoked() {
    let server = TestServer::open().await;
    let to = anna(&server);
    set_password(&server, to.holder).await;
    server
        .test
        .run(&format!(
            "insert into identities (account_id, audience, issuer, subject, holder_id, contact_id, email, linked_at)
             values ('{0}', 'PORTAL', 'i', 's', '{1}', '{1}', 'x@example.com', '2026-01-01Z')",
            server.acme.id.0,
            to.holder.id()
        ))
        .await;
    let identities = "select count(*) from identities";
    let google = open_session(&server, to, SignInMethod::Google).await;
    let email = send_email(&server, MessageKind::NewDevice, to, Some(google.id.0)).await;
    let said = report(&server, &report_path(&server, &email)).await;
    assert_eq!(
        (&said["sessionsEnded"], &said["mailPausedUntil"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(server.test.number(identities).await, 0);
    assert_eq!(disabled_passwords(&server).await, 0, "it came in by Google");
    let password = open_session(&server, to, SignInMethod::Password).await;
    let email = send_email(&server, MessageKind::NewDevice, to, Some(password.id.0)).await;
    let path = report_path(&server, &email);
    assert_eq!(report(&server, &path).await["sessionsEnded"], 1);
    assert_eq!(disabled_passwords(&server).await, 1);
    assert_eq!(events(&server, "PASSWORD_DISABLED").await, 1);
    // She chooses another password, and reports once more.
    server.clock.advance(TimeDelta::minutes(1));
    set_password(&server, to.holder).await;
    assert_eq!(report(&server, &path).await["refusal"], Value::Null);
    assert_eq!(disabled_passwords(&server).await, 0);
    server
        .data(&server.acme.contact_session, "{ me { id } }", json!({}))
        .await;
    assert_eq!(events(&server, "SESSION_ENDED").await, 2);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reporting_a_new_password_ends_every_session() {
    let server = TestServer::open().await;
    let to = anna(&server);
    set_password(&server, to.holder).await;
    for _ in 0..3 {
        open_session(&server, to, SignInMethod::Password).await;
    }
    let email = send_email(&server, MessageKind::PasswordChanged, to, None).await;
    server.clock.advance(TimeDelta::minutes(1));
    // Set once more: the older email still disables it.
    set_password(&server, to.holder).await;
    let path = report_path(&server, &email);
    let said = report(&server, &path).await;
    assert_eq!(
        (&said["sessionsEnded"], &said["mailPausedUntil"]),
        (&json!(4), &Value::Null)
    );
    assert_eq!(disabled_passwords(&server).await, 1);
    let refused = server
        .error(Some(&server.acme.contact_session), "{ me { id } }", json!({}))
        .await;
    assert_eq!(refused.0, "UNAUTHENTICATED");
    // Later actions are not affected.
    set_password(&server, to.holder).await;
    let client = vestibule::base::actor::Client::default();
    let opening = NewSession::new(server.acme.id, to.holder, SignInMethod::Code, &client);
    let (_, token) = server.signed_in(&opening, None).await;
    assert_eq!(report(&server, &path).await["sessionsEnded"], 0);
    server.data(&token, "{ me { id } }", json!({})).await;
    assert_eq!(disabled_passwords(&server).await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_member_reports_on_a_dashboard_page() {
    let server = TestServer::open().await;
    let member = server.member("ben@acme.example", Role::Staff).await;
    let to = Recipient {
        holder: Holder::Member(member.id),
        address: &member.email,
    };
    let asked = challenge(&server, to).await;
    let email = send_email(&server, MessageKind::StaffLogin, to, Some(asked.0)).await;
    let line = email.text.lines().find(|line| line.contains("/dashboard/link/"));
    let link = line
        .and_then(|line| line.strip_prefix(&server.url))
        .expect("a link")
        .to_owned();
    let mut thief = TestBrowser::new(&server);
    assert_eq!(thief.redeem(&link).await, 303);
    assert_eq!(thief.open("/dashboard/acme").await.0, 200);
    let path = report_path(&server, &email);
    let token = path.rsplit('/').next().expect("a token");
    let mut ben = TestBrowser::new(&server);
    for wrong in [
        format!("/p/acme/not-me/{token}"),
        format!("/dashboard/other/not-me/{token}"),
        format!("/dashboard/nobody/not-me/{token}"),
        "/dashboard/acme/not-me/notme_x".to_owned(),
    ] {
        assert_eq!(ben.open(&wrong).await.0, 404, "{wrong}");
    }
    assert_eq!(ben.redeem(&path).await, 200);
    assert_eq!(thief.open("/dashboard/acme").await.0, 303, "to the sign-in page");
    // The attacker's second, unused link ends with its email.
    server.clock.advance(TimeDelta::hours(25));
    let asked = challenge(&server, to).await;
    let email = send_email(&server, MessageKind::StaffLogin, to, Some(asked.0)).await;
    let line = email.text.lines().find(|line| line.contains("/dashboard/link/"));
    let link = line
        .and_then(|line| line.strip_prefix(&server.url))
        .expect("a link")
        .to_owned();
    assert_eq!(thief.open(&link).await.0, 200);
    assert_eq!(ben.redeem(&report_path(&server, &email)).await, 200);
    assert_eq!(thief.open(&link).await.0, 410);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_valid_for_seven_days_and_one_account() {
    let server = TestServer::open().await;
    let to = anna(&server);
    let session = open_session(&server, to, SignInMethod::Password).await;
    let email = send_email(&server, MessageKind::NewDevice, to, Some(session.id.0)).await;
    let path = report_path(&server, &email);
    let token = path.rsplit('/').next().expect("a token").to_owned();
    let flipped = if token.ends_with('A') { "E" } else { "A" };
    for wrong in [
        String::new(),
        "notme".to_owned(),
        format!("{}{flipped}", &token[..token.len() - 1]),
        token.replace(&server.acme.id.suffix(), &server.other.id.suffix()),
        token.replace("notme_", "link_"),
        format!("{token}x"),
    ] {
        let said = report(&server, &wrong).await;
        assert_eq!(said["refusal"]["reason"], "LINK_INVALID", "{wrong}");
        let (status, _) = TestBrowser::new(&server)
            .open(&format!("/p/acme/not-me/{wrong}"))
            .await;
        assert_eq!(status, 404, "{wrong}");
    }
    assert_eq!(
        TestBrowser::new(&server)
            .open(&path.replace("/acme/", "/other/"))
            .await
            .0,
        404
    );
    server.clock.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
    assert_eq!(TestBrowser::new(&server).open(&path).await.0, 200);
    server.clock.advance(TimeDelta::seconds(1));
    assert_eq!(TestBrowser::new(&server).open(&path).await.0, 404);
    assert_eq!(report(&server, &path).await["refusal"]["reason"], "LINK_INVALID");
    assert_eq!(events(&server, "SIGN_IN_DENIED").await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_concurrent_reports_count_once() {
    let server = TestServer::open().await;
    let to = anna(&server);
    let asked = challenge(&server, to).await;
    let email = send_email(&server, MessageKind::LoginCode, to, Some(asked.0)).await;
    let path = report_path(&server, &email);
    let said = join_all((0..20).map(|_| report(&server, &path))).await;
    for one in &said {
        assert_eq!(one["refusal"], Value::Null);
        assert_eq!(one["mailPausedUntil"], "2026-01-06T10:00:00.000000Z");
    }
    for kind in ["SIGN_IN_DENIED", "MAIL_PAUSED"] {
        assert_eq!(events(&server, kind).await, 1, "{kind}");
    }
    server.stop().await;
}
