//! Codes by email: valid for ten minutes, five attempts that are counted before the comparison, the newest one only.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Socket, TestServer, wait_until};

mod limits;
mod requesting_again;
mod requesting_again_pages;

const ANNA: &str = "anna@acme.example";

fn reason(answer: &Value) -> &str {
    assert!(answer["session"].is_null(), "{answer}");
    answer["refusal"]["reason"].as_str().expect("a reason")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_an_email_signs_in_once_and_its_link_not_afterwards() {
    let server = TestServer::open().await;
    for (tenant, portal) in [(&server.acme, "acme"), (&server.other, "other")] {
        let asked = server
            .request_login_at(portal, &format!("anna@{portal}.example"), "PORTAL")
            .await;
        let mails = 1 + usize::from(portal == "other");
        let token = server.mailed_token(mails).await;
        let code = server.code(tenant.id, &asked.id);
        let spaced = format!(" {}-{} ", &code[..3], &code[3..]);
        let signed_in = server.sign_in_with_code(&asked.id, &spaced).await;
        assert_eq!(signed_in["viewer"]["__typename"], "PortalUser", "{signed_in}");
        let access = signed_in["session"]["accessToken"].as_str().expect("a token");
        let me = server.data(access, "{ me { id email } }", json!({})).await;
        assert_eq!(me["me"]["id"], tenant.contact.to_string());
        assert_eq!(
            reason(&server.sign_in_with_code(&asked.id, &code).await),
            "CODE_EXPIRED"
        );
        assert_eq!(reason(&server.redeem(&token).await), "LINK_REVOKED");
        assert_eq!(
            reason(&server.sign_in_with_challenge(&asked.id, &asked.secret).await),
            "CODE_EXPIRED"
        );
    }
    let sessions = "select count(*) from sessions where method = 'CODE' and proved_at is not null and challenge_id is not null";
    assert_eq!(server.test.number(sessions).await, 2);
    let proved = "select count(*) from contacts where email_proved_at is not null and joined_at is not null";
    assert_eq!(server.test.number(proved).await, 2, "they read that mail");
    let noted = "select count(*) from audit_events where kind = 'SIGNED_IN' and detail->>'method' = 'CODE'";
    assert_eq!(server.test.number(noted).await, 2);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_without_a_link_signs_in() {
    let server = TestServer::open().await;
    let id = server.request_code("Anna@ACME.example").await;
    let kinds = "select kind from messages where about is not null";
    assert_eq!(server.test.texts(kinds).await, [Some("LOGIN_CODE".to_owned())]);
    let signed_in = server.sign_in_with_right_code(&id).await;
    assert!(!signed_in["session"].is_null(), "{signed_in}");
    assert_eq!(server.test.number("select count(*) from magic_links").await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_members_code_opens_the_dashboard_and_a_contacts_does_not() {
    let server = TestServer::open().await;
    for (tenant, portal) in [(&server.acme, "acme"), (&server.other, "other")] {
        let id = server
            .request_code_at(portal, &format!("owner@{portal}.example"), "DASHBOARD")
            .await;
        let signed_in = server.sign_in_with_code(&id, &server.code(tenant.id, &id)).await;
        assert_eq!(signed_in["viewer"]["__typename"], "TeamMember", "{signed_in}");
        let access = signed_in["session"]["accessToken"].as_str().expect("a token");
        server.data(access, "{ portal { name } }", json!({})).await;
    }
    // An address belongs to one audience or the other.
    for (email, audience) in [("owner@acme.example", "PORTAL"), (ANNA, "DASHBOARD")] {
        let id = server.request_code_at("acme", email, audience).await;
        assert_eq!(reason(&server.sign_in_with_right_code(&id).await), "CODE_INVALID");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_a_team_member_ends_with_the_code_in_the_same_email() {
    let server = TestServer::open().await;
    let asked = server
        .request_login_at("acme", "owner@acme.example", "DASHBOARD")
        .await;
    let token = server.mailed_staff_token(server.acme.id, &asked.id).await;
    assert!(!server.sign_in_with_right_code(&asked.id).await["session"].is_null());
    let secret =
        vestibule::base::secrets::PlainSecret::parse(vestibule::base::secrets::SecretKind::StaffLink, &token);
    let pressed = server
        .sign_in()
        .with_staff_link(
            &secret.expect("a secret"),
            vestibule::sign_in::open_session::SessionTransport::Bearer,
            &vestibule::base::actor::Client::default(),
        )
        .await;
    assert!(pressed.expect("an answer").is_none());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_valid_until_its_expiry() {
    let server = TestServer::open().await;
    let late = server.request_code(ANNA).await;
    server.clock.advance(TimeDelta::milliseconds(599_999));
    assert!(!server.sign_in_with_right_code(&late).await["session"].is_null());
    let later = server.request_code(ANNA).await;
    server.clock.advance(TimeDelta::minutes(10));
    assert_eq!(
        reason(&server.sign_in_with_right_code(&later).await),
        "CODE_EXPIRED"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_attempts_are_allowed_and_the_sixth_is_refused() {
    let server = TestServer::open().await;
    let id = server.request_code(ANNA).await;
    let wrong = server.wrong_code(server.acme.id, &id);
    for _ in 0..4 {
        assert_eq!(
            reason(&server.sign_in_with_code(&id, &wrong).await),
            "CODE_INVALID"
        );
    }
    assert!(!server.sign_in_with_right_code(&id).await["session"].is_null());
    server.clock.advance(TimeDelta::minutes(1));
    let id = server.request_code(ANNA).await;
    for code in ["", "1", &wrong[1..], "１２３４５６", "0".repeat(10_000).as_str()] {
        assert_eq!(reason(&server.sign_in_with_code(&id, code).await), "CODE_INVALID");
    }
    let sixth = server.sign_in_with_right_code(&id).await;
    assert_eq!(reason(&sixth), "TOO_MANY_ATTEMPTS");
    assert!(sixth["refusal"]["retryAfter"].is_null(), "no wait helps");
    // A fresh one does.
    server.clock.advance(TimeDelta::minutes(1));
    let fresh = server.request_code(ANNA).await;
    assert!(!server.sign_in_with_right_code(&fresh).await["session"].is_null());
    server.stop().await;
}

/// Thirty attempts in one document, or in a message of a socket.
fn many_attempts(id: &str, from: u32) -> String {
    let tries: String = (0..30)
        .map(|n| {
            let code = from + n;
            format!("a{n}: signInWithCode(input: {{challengeId: \"{id}\", code: \"{code:06}\"}}) {{ session {{ accessToken }} refusal {{ reason }} }} ")
        })
        .collect();
    format!("mutation {{ {tries} }}")
}

fn reasons(data: &Value) -> Vec<String> {
    let answers = data.as_object().expect("data").values();
    answers.map(|answer| reason(answer).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_attempts_by_aliases_batches_sockets_and_two_instances_five_count() {
    let server = TestServer::open().await;
    let beside = server.start_instance().await;
    let id = server.request_code(ANNA).await;
    let right: u32 = server.code(server.acme.id, &id).parse().expect("a number");
    // None of them is right.
    let from = if right < 500_000 { 900_000 } else { 0 };
    let urls = [&server.url, &beside.url];
    let aliases = join_all((0..12).map(|n| {
        let document = many_attempts(&id, from + n * 30);
        let url = urls[n as usize % 2];
        let server = &server;
        async move { vec![server.request_at(url, None, &document, json!({})).await["data"].clone()] }
    }));
    let batches = join_all((0..54).map(|n: u32| {
        let one = |k: u32| {
            let code = format!("{:06}", from + 1_000 + n * 10 + k);
            json!({"query": format!("mutation {{ r: signInWithCode(input: {{challengeId: \"{id}\", code: \"{code}\"}}) {{ session {{ accessToken }} refusal {{ reason }} }} }}")})
        };
        let batch: Vec<Value> = (0..6).map(one).collect();
        let request = server.http.post(format!("{}/graphql", urls[n as usize % 2])).json(&batch);
        async move {
            let answers: Vec<Value> = request.send().await.expect("an answer").json().await.expect("JSON");
            answers.into_iter().map(|answer| answer["data"].clone()).collect()
        }
    }));
    let sockets = join_all((0..11).map(|n: u32| {
        let document = many_attempts(&id, from + 3_000 + n * 30);
        let url = urls[n as usize % 2];
        async move {
            let mut socket = Socket::at(url, None).await;
            socket.subscribe(&document).await;
            vec![socket.data().await]
        }
    }));
    let (aliases, batches, sockets) = tokio::join!(aliases, batches, sockets);
    let all: Vec<Vec<Value>> = aliases.into_iter().chain(batches).chain(sockets).collect();
    let all: Vec<String> = all.iter().flatten().flat_map(reasons).collect();
    assert!(all.len() >= 1_000, "{}", all.len());
    let counted = all.iter().filter(|reason| *reason == "CODE_INVALID").count();
    assert_eq!(counted, 5);
    assert!(
        all.iter()
            .all(|reason| ["CODE_INVALID", "TOO_MANY_ATTEMPTS"].contains(&&reason[..]))
    );
    assert_eq!(
        server
            .test
            .number("select try_count::bigint from challenges")
            .await,
        5
    );
    assert_eq!(
        reason(&server.sign_in_with_right_code(&id).await),
        "TOO_MANY_ATTEMPTS"
    );
    beside.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_concurrent_right_codes_create_one_session() {
    let server = TestServer::open().await;
    let id = server.request_code(ANNA).await;
    let code = server.code(server.acme.id, &id);
    let answers = join_all((0..20).map(|_| server.sign_in_with_code(&id, &code))).await;
    let won = answers.iter().filter(|answer| !answer["session"].is_null());
    assert_eq!(won.count(), 1, "{answers:?}");
    assert_eq!(
        server
            .test
            .number("select count(*) from sessions where method = 'CODE'")
            .await,
        1
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_challenge_is_a_wrong_code() {
    let server = TestServer::open().await;
    let known = server.request_code(ANNA).await;
    let unknown = vestibule::base::ids::ChallengeId::new(&server.clock.moment()).to_string();
    let other_kind = server.acme.contact.to_string();
    for id in [
        &unknown[..],
        "",
        "challenge_",
        "challenge_\0",
        "x",
        &other_kind,
        &known[1..],
    ] {
        let answer = server.sign_in_with_code(id, "123456").await;
        assert_eq!(reason(&answer), "CODE_INVALID", "{id:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_ends_with_the_address_it_was_sent_to() {
    let server = TestServer::open().await;
    let asked = server.request_login(ANNA).await;
    let token = server.mailed_token(1).await;
    let change = "mutation ($id: ID!, $email: EmailAddress!) { updateContact(input: {contactId: $id, email: $email}) { contact { id } } }";
    for email in ["new@acme.example", ANNA] {
        let input = json!({"id": server.acme.contact.to_string(), "email": email});
        server.data(&server.acme.key, change, input).await;
        let answer = server.sign_in_with_right_code(&asked.id).await;
        assert_eq!(
            reason(&answer),
            "CODE_EXPIRED",
            "not even when it comes back: {email}"
        );
        assert_eq!(reason(&server.redeem(&token).await), "LINK_REVOKED");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn obstacles_are_reported_only_after_the_right_code() {
    let server = TestServer::open().await;
    let id = server.request_code(ANNA).await;
    let wrong = server.wrong_code(server.acme.id, &id);
    for (change, undo, said) in [
        (
            "update contacts set revoked_at = '2026-01-05Z'",
            "update contacts set revoked_at = null",
            "ACCESS_REVOKED",
        ),
        (
            "update accounts set code_allowed = false",
            "update accounts set code_allowed = true",
            "METHOD_DISABLED",
        ),
    ] {
        server.test.run(change).await;
        assert_eq!(
            reason(&server.sign_in_with_code(&id, &wrong).await),
            "CODE_INVALID"
        );
        assert_eq!(reason(&server.sign_in_with_right_code(&id).await), said);
        server.test.run(undo).await;
    }
    assert!(
        !server.sign_in_with_right_code(&id).await["session"].is_null(),
        "the fifth"
    );
    let refused =
        "select count(*) from audit_events where kind = 'SIGN_IN_REFUSED' and contact_id is not null";
    assert_eq!(server.test.number(refused).await, 4);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_may_get_no_email_gets_the_same_responses_and_no_code() {
    let server = TestServer::open().await;
    let mut answers = Vec::new();
    for (step, change) in [
        "select 1",
        "update accounts set code_allowed = false",
        "update accounts set code_allowed = true; update contacts set revoked_at = '2026-01-05Z'",
        "update contacts set revoked_at = null; insert into suppressions (account_id, email_key, reason, created_at)
             select id, 'anna@acme.example', 'x', '2026-01-05Z' from accounts",
    ]
    .into_iter()
    .enumerate()
    {
        server.test.run(change).await;
        // The first address is unknown.
        let email = if step == 0 { "nobody@acme.example" } else { ANNA };
        let id = server.request_code(email).await;
        let state = server.sign_in().challenge_state(&id).await.expect("a state");
        let mut said = vec![format!("{state:?}")];
        for _ in 0..6 {
            said.push(server.sign_in_with_right_code(&id).await.to_string());
        }
        server.clock.advance(TimeDelta::minutes(10));
        said.push(server.sign_in_with_right_code(&id).await.to_string());
        answers.push(said);
        server.clock.advance(TimeDelta::hours(1));
    }
    for said in &answers {
        assert_eq!(said, &answers[0]);
    }
    wait_until("the messages to nobody are thrown away", async || {
        server.test.number("select count(*) from messages").await == 0
    })
    .await;
    assert_eq!(server.mailbox.sent().len(), 0);
    // They can't be distinguished from a contact who got an email and guesses.
    server.test.run("delete from suppressions").await;
    let id = server.request_code(ANNA).await;
    let wrong = server.wrong_code(server.acme.id, &id);
    let state = server.sign_in().challenge_state(&id).await.expect("a state");
    let mut said = vec![format!("{state:?}")];
    for _ in 0..6 {
        said.push(server.sign_in_with_code(&id, &wrong).await.to_string());
    }
    server.clock.advance(TimeDelta::minutes(10));
    said.push(server.sign_in_with_code(&id, &wrong).await.to_string());
    assert_eq!(said, answers[0]);
    server.stop().await;
}
