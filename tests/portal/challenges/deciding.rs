//! Who may confirm a sign-in, and the effect of a denial or a wrong number.

use serde_json::{Value, json};

use super::{ANNA, access, link_from_staff, numbers, reason};
use crate::support::TestServer;

fn state_and_refusal(answer: &Value) -> (&str, Option<&str>) {
    assert_eq!(answer.get("errors"), None, "{answer}");
    let said = &answer["data"]["confirmSignIn"];
    (
        said["state"].as_str().expect("a state"),
        said["refusal"]["reason"].as_str(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_or_a_wrong_number_ends_the_sign_in() {
    let server = TestServer::open().await;
    for round in 1..=3 {
        let asked = server.request_login(ANNA).await;
        let pressed = server.redeem(&server.mailed_token(round).await).await;
        let others: Vec<String> = numbers(&pressed)
            .into_iter()
            .filter(|number| *number != asked.number)
            .collect();
        assert_eq!(others.len(), 2, "three different ones");
        let (number, expected) = match round {
            1 => (None, ("EXPIRED", None)),
            2 => (Some(&others[0][..]), ("EXPIRED", Some("INVALID_CREDENTIALS"))),
            _ => (Some("no number"), ("EXPIRED", Some("INVALID_CREDENTIALS"))),
        };
        let anna = access(&pressed);
        let answer = server.confirm(&anna, &asked.id, number).await;
        assert_eq!(state_and_refusal(&answer), expected);
        // The right number is too late now, and the code and the link are invalid as well.
        let answer = server.confirm(&anna, &asked.id, Some(&asked.number)).await;
        assert_eq!(state_and_refusal(&answer), ("EXPIRED", Some("CODE_EXPIRED")));
        let there = server.sign_in_with_challenge(&asked.id, &asked.secret).await;
        assert_eq!(reason(&there), "CODE_EXPIRED");
        assert_eq!(
            reason(&server.sign_in_with_right_code(&asked.id).await),
            "CODE_EXPIRED"
        );
        server.data(&anna, "{ me { id } }", json!({})).await;
        server.clock.advance(chrono::TimeDelta::minutes(1));
    }
    let denied = "select count(*) from audit_events where kind = 'SIGN_IN_DENIED' and contact_id is not null";
    assert_eq!(server.test.number(denied).await, 3);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_can_be_withdrawn_until_the_device_has_signed_in() {
    let server = TestServer::open().await;
    let asked = server.request_login(ANNA).await;
    let anna = access(&server.redeem(&server.mailed_token(1).await).await);
    for _ in 0..2 {
        let answer = server
            .confirm(&anna, &asked.id, Some(&format!(" {} ", asked.number)))
            .await;
        assert_eq!(state_and_refusal(&answer), ("CONFIRMED", None));
    }
    let confirmed = "select count(*) from audit_events where kind = 'SIGN_IN_CONFIRMED'";
    assert_eq!(server.test.number(confirmed).await, 1, "said twice, noted once");
    assert_eq!(
        state_and_refusal(&server.confirm(&anna, &asked.id, None).await),
        ("EXPIRED", None)
    );
    let there = server.sign_in_with_challenge(&asked.id, &asked.secret).await;
    assert_eq!(reason(&there), "CODE_EXPIRED");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_session_opened_by_the_link_can_confirm() {
    let server = TestServer::open().await;
    let created = access(&server.redeem(&link_from_staff(&server, &server.acme).await).await);
    let elsewhere = access(
        &server
            .redeem(&link_from_staff(&server, &server.other).await)
            .await,
    );
    let first = server.request_login(ANNA).await;
    let of_the_first = access(&server.redeem(&server.mailed_token(1).await).await);
    server.clock.advance(chrono::TimeDelta::minutes(1));
    let asked = server.request_login(ANNA).await;
    let anna = access(&server.redeem(&server.mailed_token(2).await).await);
    let acme = &server.acme;
    for (caller, credential) in [
        ("her session of another link", &created),
        ("her session of an older mail", &of_the_first),
        ("another session of hers", &acme.contact_session),
        ("another account's contact", &elsewhere),
        ("the owner", &acme.owner),
        ("a server's key", &acme.key),
    ] {
        for number in [Some(&asked.number[..]), Some("00"), None] {
            let answer = server.confirm(credential, &asked.id, number).await;
            let code = &answer["errors"][0]["extensions"]["code"];
            assert_eq!(code, "FORBIDDEN", "{caller}: {answer}");
        }
    }
    let unknown = vestibule::base::ids::ChallengeId::new(&server.clock.moment()).to_string();
    for id in [&unknown, &first.id, "", "challenge_\0"] {
        let answer = server.confirm(&anna, id, None).await;
        let code = &answer["errors"][0]["extensions"]["code"];
        assert_eq!(code, "FORBIDDEN", "{id:?}: {answer}");
    }
    let nobody = "mutation ($id: ID!) { confirmSignIn(input: {challengeId: $id, deny: true}) { state } }";
    let refused = server.error(None, nobody, json!({"id": asked.id})).await;
    assert_eq!(refused.0, "UNAUTHENTICATED");
    let neither = "mutation ($id: ID!) { confirmSignIn(input: {challengeId: $id}) { state } }";
    let refused = server.error(Some(&anna), neither, json!({"id": asked.id})).await;
    assert_eq!(
        refused,
        (
            "BAD_USER_INPUT".to_owned(),
            Some("input.matchingNumber".to_owned())
        )
    );
    let answer = server.confirm(&anna, &asked.id, Some(&asked.number)).await;
    assert_eq!(
        state_and_refusal(&answer),
        ("CONFIRMED", None),
        "nothing was changed"
    );
    // The device that was confirmed may confirm neither itself nor others.
    let there = access(&server.sign_in_with_challenge(&asked.id, &asked.secret).await);
    let answer = server.confirm(&there, &asked.id, None).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_with_a_code_only_has_nothing_to_confirm() {
    let server = TestServer::open().await;
    let id = server.request_code(ANNA).await;
    let signed_in = access(&server.sign_in_with_right_code(&id).await);
    let answer = server.confirm(&signed_in, &id, None).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_confirmation_stays_the_same_and_names_the_requesting_device() {
    let server = TestServer::open().await;
    let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36";
    let ask = "mutation { requestLoginEmail(input: {portal: \"acme\", email: \"anna@acme.example\"}) { matchingNumber } }";
    let asking = server.http.post(format!("{}/graphql", server.url));
    let asking = asking.header("user-agent", agent).json(&json!({"query": ask}));
    asking.send().await.expect("an answer");
    let token = server.mailed_token(1).await;
    // A scanner redeems the link, and ten seconds later the contact does.
    let scanner = server.redeem(&token).await;
    server.clock.advance(chrono::TimeDelta::seconds(11));
    let person = server.redeem(&token).await;
    assert_eq!(person["confirmation"]["device"], "Chrome on Windows");
    assert_eq!(person["confirmation"], scanner["confirmation"]);
    // A link that was not requested with an address has nothing to confirm.
    let created = server.redeem(&link_from_staff(&server, &server.acme).await).await;
    assert_eq!(created["confirmation"], Value::Null);
    server.stop().await;
}
