//! A fresh proof of a signed-in contact or member.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{ANNA, access, link_from_staff, reason};
use crate::support::{TestServer, wait_until};

const STEP_UP: &str = "mutation ($input: StepUpInput!) { stepUp(input: $input) {
    session { accessToken refreshToken } viewer { __typename ... on PortalUser { id sections } } refusal { reason retryAfter } } }";

async fn step_up(server: &TestServer, credential: &str, input: Value) -> Value {
    let answer = server
        .request(Some(credential), STEP_UP, json!({"input": input}))
        .await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    answer["data"]["stepUp"].clone()
}

/// A challenge of acme and its right code.
fn code(server: &TestServer, id: &str) -> Value {
    json!({"challengeId": id, "code": server.code(server.acme.id, id)})
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_one_proof_is_accepted() {
    let server = TestServer::open().await;
    let proofs = [
        ("password", json!({"password": "x"})),
        ("code", json!({"challengeId": "x", "code": "x"})),
        ("google", json!({"googleIdToken": "x"})),
        ("link", json!({"magicLinkToken": "x"})),
    ];
    let mut wrong = vec![
        (json!({}), "input"),
        (json!({"challengeId": "x"}), "input.code"),
        (json!({"code": "x"}), "input.challengeId"),
        (json!({"password": "x", "code": "x"}), "input"),
    ];
    for (one, first) in &proofs {
        for (_, second) in proofs.iter().filter(|(two, _)| two != one) {
            let mut both = first.clone();
            let object = both.as_object_mut().expect("an object");
            object.extend(second.as_object().cloned().unwrap_or_default());
            wrong.push((both, "input"));
        }
    }
    for (input, field) in wrong {
        let refused = server
            .error(
                Some(&server.acme.contact_session),
                STEP_UP,
                json!({"input": input}),
            )
            .await;
        assert_eq!(
            refused,
            ("BAD_USER_INPUT".to_owned(), Some(field.to_owned())),
            "{input}"
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_one_section_becomes_a_full_one_and_the_old_one_ends() {
    let server = TestServer::open().await;
    let make = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id, section: COURSES, limitToSection: true}) { url } }";
    let created = server
        .data(
            &server.acme.key,
            make,
            json!({"id": server.acme.contact.to_string()}),
        )
        .await;
    let url = created["generateMagicLink"]["url"]
        .as_str()
        .expect("a URL")
        .to_owned();
    let limited = access(&server.redeem(url.rsplit('/').next().expect("a token")).await);
    let id = server.request_code(ANNA).await;
    let stepped = step_up(&server, &limited, code(&server, &id)).await;
    let sections = json!(["HOME", "COURSES", "COMMUNITIES", "AFFILIATES"]);
    assert_eq!(stepped["viewer"]["sections"], sections, "{stepped}");
    let me = server
        .data(&access(&stepped), "{ me { sections } }", json!({}))
        .await;
    assert_eq!(me["me"]["sections"], sections);
    let refused = server.error(Some(&limited), "{ me { id } }", json!({})).await;
    assert_eq!(refused.0, "UNAUTHENTICATED", "at once");
    let proved = "select count(*) from sessions where method = 'STEP_UP' and proved_at is not null and section is null and not staff_seen";
    assert_eq!(server.test.number(proved).await, 1);
    let noted = "select count(*) from audit_events where kind = 'STEPPED_UP' and detail->>'by' = 'CODE' and outcome = 'OK'";
    assert_eq!(server.test.number(noted).await, 1);
    let again = step_up(&server, &access(&stepped), code(&server, &id)).await;
    assert_eq!(reason(&again), "CODE_EXPIRED", "once");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_at_a_code_count_on_every_path() {
    let server = TestServer::open().await;
    let person = &server.acme.contact_session;
    let id = server.request_code(ANNA).await;
    let wrong = server.wrong_code(server.acme.id, &id);
    for n in 0..5 {
        let tried = if n % 2 == 0 {
            step_up(&server, person, json!({"challengeId": id, "code": wrong})).await
        } else {
            server.sign_in_with_code(&id, &wrong).await
        };
        assert_eq!(reason(&tried), "CODE_INVALID");
    }
    let sixth = step_up(&server, person, code(&server, &id)).await;
    assert_eq!(reason(&sixth), "TOO_MANY_ATTEMPTS");
    server.data(person, "{ me { id } }", json!({})).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_another_contact_is_refused_like_an_unknown_one_and_stays_valid() {
    let server = TestServer::open().await;
    let create = "mutation { createContact(input: {email: \"bea@acme.example\"}) { contact { id } } }";
    server.data(&server.acme.key, create, json!({})).await;
    let theirs = server.request_code("bea@acme.example").await;
    let nobodys = server.request_code("nobody@acme.example").await;
    let staffs = server
        .request_code_at("acme", "owner@acme.example", "DASHBOARD")
        .await;
    for id in [&theirs, &nobodys, &staffs] {
        for code in [server.code(server.acme.id, id), "1".to_owned()] {
            let input = json!({"challengeId": id, "code": code});
            let tried = step_up(&server, &server.acme.contact_session, input).await;
            assert_eq!(reason(&tried), "INVALID_CREDENTIALS");
        }
    }
    let foreign = server
        .request_code_at("other", "anna@other.example", "PORTAL")
        .await;
    let unknown = vestibule::base::ids::ChallengeId::new(&server.clock.moment()).to_string();
    for id in [&foreign, &unknown, "", "challenge_\0"] {
        let input = json!({"challengeId": id, "code": "123456"});
        let tried = step_up(&server, &server.acme.contact_session, input).await;
        assert_eq!(reason(&tried), "CODE_INVALID", "{id:?}");
    }
    assert_eq!(
        server
            .test
            .number("select sum(try_count)::bigint from challenges")
            .await,
        0
    );
    assert!(!server.sign_in_with_right_code(&theirs).await["session"].is_null());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emailed_link_is_a_proof_and_one_that_staff_has_seen_is_not() {
    let server = TestServer::open().await;
    let person = server.acme.contact_session.clone();
    let link = |token: &str| json!({"magicLinkToken": token});
    let seen = link_from_staff(&server, &server.acme).await;
    assert_eq!(
        reason(&step_up(&server, &person, link(&seen)).await),
        "STEP_UP_REQUIRED"
    );
    assert_eq!(
        server
            .test
            .number("select count(*) from magic_links where used_at is not null")
            .await,
        0
    );
    access(&server.redeem(&seen).await);
    let asked = server.request_login(ANNA).await;
    let token = server.mailed_token(1).await;
    let stepped = step_up(&server, &person, link(&token)).await;
    assert_eq!(
        stepped["viewer"]["id"],
        server.acme.contact.to_string(),
        "{stepped}"
    );
    assert_eq!(reason(&server.redeem(&token).await), "LINK_USED");
    assert_eq!(
        reason(&server.sign_in_with_right_code(&asked.id).await),
        "CODE_EXPIRED"
    );
    let again = step_up(&server, &access(&stepped), link(&token)).await;
    assert_eq!(reason(&again), "LINK_USED");
    server.clock.advance(TimeDelta::minutes(1));
    let mail = "mutation ($id: ID!) { sendLoginEmails(input: {contactIds: [$id]}) { count } }";
    server
        .data(
            &server.acme.key,
            mail,
            json!({"id": server.acme.contact.to_string()}),
        )
        .await;
    let token = server.mailed_token(2).await;
    // A scanner redeemed it, and its session was not used.
    access(&server.redeem(&token).await);
    server.clock.advance(TimeDelta::seconds(11));
    let stepped = step_up(&server, &access(&stepped), link(&token)).await;
    access(&stepped);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_another_contact_is_refused_and_stays_valid() {
    let server = TestServer::open().await;
    server.request_login(ANNA).await;
    let annas = server.mailed_token(1).await;
    let create = "mutation { createContact(input: {email: \"bea@acme.example\"}) { contact { id } } }";
    server.data(&server.acme.key, create, json!({})).await;
    let bea = server.request_code("bea@acme.example").await;
    let bea = access(&server.sign_in_with_right_code(&bea).await);
    for (caller, credential) in [
        ("Bea", &bea),
        ("another account's contact", &server.other.contact_session),
        ("the owner", &server.acme.owner),
    ] {
        for token in [&annas[..], "link_no", "", "staff_no"] {
            let tried = step_up(&server, credential, json!({"magicLinkToken": token})).await;
            assert_eq!(reason(&tried), "LINK_INVALID", "{caller}");
        }
    }
    access(&server.redeem(&annas).await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_member_steps_up_by_code_or_by_a_requested_link() {
    let server = TestServer::open().await;
    let owner = "owner@acme.example";
    let id = server.request_code_at("acme", owner, "DASHBOARD").await;
    let stepped = step_up(&server, &server.acme.owner, code(&server, &id)).await;
    assert_eq!(stepped["viewer"]["__typename"], "TeamMember", "{stepped}");
    let mine = access(&stepped);
    server.data(&mine, "{ portal { name } }", json!({})).await;
    server.clock.advance(TimeDelta::minutes(1));
    let asked = server.request_login_at("acme", owner, "DASHBOARD").await;
    let token = server.mailed_staff_token(server.acme.id, &asked.id).await;
    let theirs = step_up(&server, &server.acme.read_only, json!({"magicLinkToken": token})).await;
    assert_eq!(reason(&theirs), "LINK_INVALID", "another member's");
    let stepped = step_up(&server, &mine, json!({"magicLinkToken": token})).await;
    let mine = access(&stepped);
    let again = step_up(&server, &mine, json!({"magicLinkToken": token})).await;
    assert_eq!(reason(&again), "LINK_USED");
    // A link of the command line was seen by the operator.
    let member = server
        .test
        .texts("select id::text from team_members where email = 'owner@acme.example'")
        .await;
    let member = member[0].clone().expect("an id").parse().expect("a UUID");
    let member = vestibule::base::ids::TeamMemberId(member);
    let mut conn = server.test.db.conn().await.expect("a connection");
    let moment = server.clock.moment();
    let created =
        vestibule::team::model::staff_link::StaffLink::issue(&mut conn, server.acme.id, member, &moment)
            .await
            .expect("a link");
    let seen = step_up(&server, &mine, json!({"magicLinkToken": created.reveal()})).await;
    assert_eq!(reason(&seen), "STEP_UP_REQUIRED");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_concurrent_step_ups_create_one_session() {
    let server = TestServer::open().await;
    let id = server.request_code(ANNA).await;
    let input = json!({"input": code(&server, &id)});
    let person = Some(&server.acme.contact_session[..]);
    let answers = join_all((0..10).map(|_| server.request(person, STEP_UP, input.clone()))).await;
    let (mut won, mut others) = (0, Vec::new());
    for answer in &answers {
        let stepped = &answer["data"]["stepUp"];
        // The last ones fail at authentication.
        let error = answer["errors"][0]["extensions"]["code"].as_str();
        match (stepped["session"].is_null(), error) {
            (false, _) => won += 1,
            (true, Some(code)) => others.push(code),
            (true, None) => others.push(reason(stepped)),
        }
    }
    assert_eq!(won, 1, "{answers:?}");
    let known = [
        "UNAUTHENTICATED",
        "SESSION_EXPIRED",
        "CODE_EXPIRED",
        "TOO_MANY_ATTEMPTS",
    ];
    assert!(others.iter().all(|other| known.contains(other)), "{others:?}");
    let sessions = "select count(*) from sessions where method = 'STEP_UP'";
    assert_eq!(server.test.number(sessions).await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_concurrently_consumes_no_proof() {
    let server = TestServer::open().await;
    let id = server.request_code(ANNA).await;
    server
        .test
        .run("update sessions set ended_at = '2026-01-05T10:00:00Z' where contact_id is not null")
        .await;
    let late = step_up(&server, &server.acme.contact_session, code(&server, &id)).await;
    assert_eq!(reason(&late), "SESSION_EXPIRED");
    assert!(!server.sign_in_with_right_code(&id).await["session"].is_null());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_up_repeated_with_its_idempotency_key_runs_once() {
    let server = TestServer::open().await;
    let id = server.request_code(ANNA).await;
    let body = json!({"query": STEP_UP, "variables": {"input": code(&server, &id)}});
    let send = async |credential: &str| -> Value {
        let request = server.http.post(format!("{}/graphql", server.url)).json(&body);
        let request = request.bearer_auth(credential).header("idempotency-key", "k");
        request
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON")
    };
    let first = send(&server.acme.contact_session).await;
    let stepped = access(&first["data"]["stepUp"]);
    assert_eq!(send(&stepped).await, first, "by the session that it gave");
    let kept = server
        .test
        .texts("select encode(answer, 'escape') from idempotency_keys")
        .await;
    assert!(
        kept.iter().flatten().all(|kept| !kept.contains(&stepped)),
        "sealed"
    );
    wait_until("the old session is over", async || {
        send(&server.acme.contact_session).await["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    })
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_step_ups_are_delayed_and_write_few_rows() {
    let server = TestServer::open().await;
    let person = &server.acme.contact_session;
    let rows = "select count(*) from audit_events where kind = 'STEPPED_UP' and outcome <> 'OK'";
    let rubbish = [
        json!({"magicLinkToken": "link_no"}),
        json!({"challengeId": "challenge_no", "code": "1"}),
        json!({"googleIdToken": "no"}),
    ];
    for n in 0..10 {
        let tried = step_up(&server, person, rubbish[n % 3].clone()).await;
        assert_ne!(reason(&tried), "TOO_MANY_ATTEMPTS", "{n}");
    }
    let id = server.request_code(ANNA).await;
    for n in 0..40 {
        let input = if n % 2 == 0 {
            code(&server, &id)
        } else {
            rubbish[0].clone()
        };
        let tried = step_up(&server, person, input).await;
        assert_eq!(reason(&tried), "TOO_MANY_ATTEMPTS");
        assert_eq!(tried["refusal"]["retryAfter"], 30);
    }
    assert_eq!(server.test.number(rows).await, 11);
    server.clock.advance(TimeDelta::seconds(30));
    let stepped = step_up(&server, person, code(&server, &id)).await;
    let tried = step_up(&server, &access(&stepped), rubbish[0].clone()).await;
    assert_eq!(reason(&tried), "LINK_INVALID", "the new session begins anew");
    server.stop().await;
}
