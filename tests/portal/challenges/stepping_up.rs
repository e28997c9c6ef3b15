//! A fresh proof of somebody who is signed in.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{ANNA, access, made_link, reason};
use crate::support::{House, until};

const STEP_UP: &str = "mutation ($input: StepUpInput!) { stepUp(input: $input) {
    session { accessToken refreshToken } viewer { __typename ... on PortalUser { id sections } } refusal { reason retryAfter } } }";

async fn step_up(house: &House, credential: &str, input: Value) -> Value {
    let answer = house
        .answer(Some(credential), STEP_UP, json!({"input": input}))
        .await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    answer["data"]["stepUp"].clone()
}

/// A challenge of acme and its right code.
fn code(house: &House, id: &str) -> Value {
    json!({"challengeId": id, "code": house.code(house.acme.id, id)})
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_one_proof_is_taken() {
    let house = House::open().await;
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
        let refused = house
            .refused(Some(&house.acme.person), STEP_UP, json!({"input": input}))
            .await;
        assert_eq!(
            refused,
            ("BAD_USER_INPUT".to_owned(), Some(field.to_owned())),
            "{input}"
        );
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_one_section_becomes_a_whole_one_and_the_old_one_ends() {
    let house = House::open().await;
    let make = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id, section: COURSES, limitToSection: true}) { url } }";
    let made = house
        .ask(
            &house.acme.key,
            make,
            json!({"id": house.acme.contact.to_string()}),
        )
        .await;
    let url = made["generateMagicLink"]["url"]
        .as_str()
        .expect("a URL")
        .to_owned();
    let limited = access(&house.press(url.rsplit('/').next().expect("a token")).await);
    let id = house.ask_code(ANNA).await;
    let stepped = step_up(&house, &limited, code(&house, &id)).await;
    let sections = json!(["HOME", "COURSES", "COMMUNITIES", "AFFILIATES"]);
    assert_eq!(stepped["viewer"]["sections"], sections, "{stepped}");
    let me = house
        .ask(&access(&stepped), "{ me { sections } }", json!({}))
        .await;
    assert_eq!(me["me"]["sections"], sections);
    let refused = house.refused(Some(&limited), "{ me { id } }", json!({})).await;
    assert_eq!(refused.0, "UNAUTHENTICATED", "at once");
    let proved = "select count(*) from sessions where method = 'STEP_UP' and proved_at is not null and section is null and not staff_seen";
    assert_eq!(house.test.number(proved).await, 1);
    let noted = "select count(*) from audit_events where kind = 'STEPPED_UP' and detail->>'by' = 'CODE' and outcome = 'OK'";
    assert_eq!(house.test.number(noted).await, 1);
    let again = step_up(&house, &access(&stepped), code(&house, &id)).await;
    assert_eq!(reason(&again), "CODE_EXPIRED", "once");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tries_at_a_code_count_wherever_they_are_made() {
    let house = House::open().await;
    let person = &house.acme.person;
    let id = house.ask_code(ANNA).await;
    let wrong = house.wrong_code(house.acme.id, &id);
    for n in 0..5 {
        let tried = if n % 2 == 0 {
            step_up(&house, person, json!({"challengeId": id, "code": wrong})).await
        } else {
            house.with_code(&id, &wrong).await
        };
        assert_eq!(reason(&tried), "CODE_INVALID");
    }
    let sixth = step_up(&house, person, code(&house, &id)).await;
    assert_eq!(reason(&sixth), "TOO_MANY_ATTEMPTS");
    house.ask(person, "{ me { id } }", json!({})).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_ones_code_and_nobodys_are_the_same_and_are_left_alone() {
    let house = House::open().await;
    let create = "mutation { createContact(input: {email: \"bea@acme.example\"}) { contact { id } } }";
    house.ask(&house.acme.key, create, json!({})).await;
    let theirs = house.ask_code("bea@acme.example").await;
    let nobodys = house.ask_code("nobody@acme.example").await;
    let staffs = house.ask_code_at("acme", "owner@acme.example", "DASHBOARD").await;
    for id in [&theirs, &nobodys, &staffs] {
        for code in [house.code(house.acme.id, id), "1".to_owned()] {
            let input = json!({"challengeId": id, "code": code});
            let tried = step_up(&house, &house.acme.person, input).await;
            assert_eq!(reason(&tried), "INVALID_CREDENTIALS");
        }
    }
    let foreign = house.ask_code_at("other", "anna@other.example", "PORTAL").await;
    let unknown = vestibule::base::ids::ChallengeId::new(&house.clock.moment()).to_string();
    for id in [&foreign, &unknown, "", "challenge_\0"] {
        let input = json!({"challengeId": id, "code": "123456"});
        let tried = step_up(&house, &house.acme.person, input).await;
        assert_eq!(reason(&tried), "CODE_INVALID", "{id:?}");
    }
    assert_eq!(
        house
            .test
            .number("select sum(try_count)::bigint from challenges")
            .await,
        0
    );
    assert!(!house.with_right_code(&theirs).await["session"].is_null());
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailed_link_proves_and_one_that_staff_has_seen_does_not() {
    let house = House::open().await;
    let person = house.acme.person.clone();
    let link = |token: &str| json!({"magicLinkToken": token});
    let seen = made_link(&house, &house.acme).await;
    assert_eq!(
        reason(&step_up(&house, &person, link(&seen)).await),
        "STEP_UP_REQUIRED"
    );
    assert_eq!(
        house
            .test
            .number("select count(*) from magic_links where used_at is not null")
            .await,
        0
    );
    access(&house.press(&seen).await);
    let asked = house.ask_login(ANNA).await;
    let token = house.mailed_token(1).await;
    let stepped = step_up(&house, &person, link(&token)).await;
    assert_eq!(
        stepped["viewer"]["id"],
        house.acme.contact.to_string(),
        "{stepped}"
    );
    assert_eq!(reason(&house.press(&token).await), "LINK_USED");
    assert_eq!(reason(&house.with_right_code(&asked.id).await), "CODE_EXPIRED");
    let again = step_up(&house, &access(&stepped), link(&token)).await;
    assert_eq!(reason(&again), "LINK_USED");
    house.clock.advance(TimeDelta::minutes(1));
    let mail = "mutation ($id: ID!) { sendLoginEmails(input: {contactIds: [$id]}) { count } }";
    house
        .ask(
            &house.acme.key,
            mail,
            json!({"id": house.acme.contact.to_string()}),
        )
        .await;
    let token = house.mailed_token(2).await;
    // A scanner pressed it, and nobody used its session.
    access(&house.press(&token).await);
    house.clock.advance(TimeDelta::seconds(11));
    let stepped = step_up(&house, &access(&stepped), link(&token)).await;
    access(&stepped);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_ones_link_is_no_link_and_stays_good() {
    let house = House::open().await;
    house.ask_login(ANNA).await;
    let annas = house.mailed_token(1).await;
    let create = "mutation { createContact(input: {email: \"bea@acme.example\"}) { contact { id } } }";
    house.ask(&house.acme.key, create, json!({})).await;
    let bea = house.ask_code("bea@acme.example").await;
    let bea = access(&house.with_right_code(&bea).await);
    for (who, credential) in [
        ("Bea", &bea),
        ("another account's contact", &house.other.person),
        ("the owner", &house.acme.owner),
    ] {
        for token in [&annas[..], "link_no", "", "staff_no"] {
            let tried = step_up(&house, credential, json!({"magicLinkToken": token})).await;
            assert_eq!(reason(&tried), "LINK_INVALID", "{who}");
        }
    }
    access(&house.press(&annas).await);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_member_steps_up_by_code_or_by_a_link_that_was_asked_for() {
    let house = House::open().await;
    let owner = "owner@acme.example";
    let id = house.ask_code_at("acme", owner, "DASHBOARD").await;
    let stepped = step_up(&house, &house.acme.owner, code(&house, &id)).await;
    assert_eq!(stepped["viewer"]["__typename"], "TeamMember", "{stepped}");
    let mine = access(&stepped);
    house.ask(&mine, "{ portal { name } }", json!({})).await;
    house.clock.advance(TimeDelta::minutes(1));
    let asked = house.ask_login_at("acme", owner, "DASHBOARD").await;
    let token = house.mailed_staff_token(house.acme.id, &asked.id).await;
    let theirs = step_up(&house, &house.acme.read_only, json!({"magicLinkToken": token})).await;
    assert_eq!(reason(&theirs), "LINK_INVALID", "another member's");
    let stepped = step_up(&house, &mine, json!({"magicLinkToken": token})).await;
    let mine = access(&stepped);
    let again = step_up(&house, &mine, json!({"magicLinkToken": token})).await;
    assert_eq!(reason(&again), "LINK_USED");
    // One of the command line was seen by whoever ran it.
    let member = house
        .test
        .texts("select id::text from team_members where email = 'owner@acme.example'")
        .await;
    let member = member[0].clone().expect("an id").parse().expect("a UUID");
    let member = vestibule::base::ids::TeamMemberId(member);
    let mut conn = house.test.db.conn().await.expect("a connection");
    let moment = house.clock.moment();
    let made =
        vestibule::team::model::staff_link::StaffLink::issue(&mut conn, house.acme.id, member, &moment)
            .await
            .expect("a link");
    let seen = step_up(&house, &mine, json!({"magicLinkToken": made.reveal()})).await;
    assert_eq!(reason(&seen), "STEP_UP_REQUIRED");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_steps_at_once_give_one_session() {
    let house = House::open().await;
    let id = house.ask_code(ANNA).await;
    let input = json!({"input": code(&house, &id)});
    let person = Some(&house.acme.person[..]);
    let answers = join_all((0..10).map(|_| house.answer(person, STEP_UP, input.clone()))).await;
    let (mut won, mut others) = (0, Vec::new());
    for answer in &answers {
        let stepped = &answer["data"]["stepUp"];
        // Who comes last finds the session over at the door.
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
    assert_eq!(house.test.number(sessions).await, 1);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_has_ended_meanwhile_spends_nothing() {
    let house = House::open().await;
    let id = house.ask_code(ANNA).await;
    house
        .test
        .run("update sessions set ended_at = '2026-01-05T10:00:00Z' where contact_id is not null")
        .await;
    let late = step_up(&house, &house.acme.person, code(&house, &id)).await;
    assert_eq!(reason(&late), "SESSION_EXPIRED");
    assert!(!house.with_right_code(&id).await["session"].is_null());
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_is_repeated_with_its_key_is_answered_once() {
    let house = House::open().await;
    let id = house.ask_code(ANNA).await;
    let body = json!({"query": STEP_UP, "variables": {"input": code(&house, &id)}});
    let send = async |credential: &str| -> Value {
        let request = house.http.post(format!("{}/graphql", house.url)).json(&body);
        let request = request.bearer_auth(credential).header("idempotency-key", "k");
        request
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON")
    };
    let first = send(&house.acme.person).await;
    let stepped = access(&first["data"]["stepUp"]);
    assert_eq!(send(&stepped).await, first, "by the session that it gave");
    let kept = house
        .test
        .texts("select encode(answer, 'escape') from idempotency_keys")
        .await;
    assert!(
        kept.iter().flatten().all(|kept| !kept.contains(&stepped)),
        "sealed"
    );
    until("the old session is over", async || {
        send(&house.acme.person).await["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    })
    .await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rubbish_at_a_step_up_waits_and_writes_a_handful_of_rows() {
    let house = House::open().await;
    let person = &house.acme.person;
    let rows = "select count(*) from audit_events where kind = 'STEPPED_UP' and outcome <> 'OK'";
    let rubbish = [
        json!({"magicLinkToken": "link_no"}),
        json!({"challengeId": "challenge_no", "code": "1"}),
        json!({"googleIdToken": "no"}),
    ];
    for n in 0..10 {
        let tried = step_up(&house, person, rubbish[n % 3].clone()).await;
        assert_ne!(reason(&tried), "TOO_MANY_ATTEMPTS", "{n}");
    }
    let id = house.ask_code(ANNA).await;
    for n in 0..40 {
        let input = if n % 2 == 0 {
            code(&house, &id)
        } else {
            rubbish[0].clone()
        };
        let tried = step_up(&house, person, input).await;
        assert_eq!(reason(&tried), "TOO_MANY_ATTEMPTS");
        assert_eq!(tried["refusal"]["retryAfter"], 30);
    }
    assert_eq!(house.test.number(rows).await, 11);
    house.clock.advance(TimeDelta::seconds(30));
    let stepped = step_up(&house, person, code(&house, &id)).await;
    let tried = step_up(&house, &access(&stepped), rubbish[0].clone()).await;
    assert_eq!(reason(&tried), "LINK_INVALID", "the new session begins anew");
    house.stop().await;
}
