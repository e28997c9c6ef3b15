//! Merges beside other changes of the same contacts.

use chrono::TimeDelta;
use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use crate::support::TestServer;

const MERGE: &str = "mutation ($kept: ID!, $duplicate: ID!) {
    mergeContacts(input: {contactId: $kept, duplicateId: $duplicate}) { contact { id } } }";
const CREATE: &str =
    "mutation ($email: EmailAddress!) { createContact(input: {email: $email}) { contact { id } } }";
const LINK: &str =
    "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id, expiresInMinutes: 60}) { url } }";
const ASSIGN: &str =
    "mutation ($id: ID!, $course: ID!) { assignCourses(input: {contactId: $id, add: [$course]}) { count } }";
const COURSE: &str =
    "mutation { createCourse(input: {title: \"A course\", status: PUBLISHED}) { course { id } } }";

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}

async fn contact(server: &TestServer, email: &str) -> String {
    let created = server
        .data(&server.acme.key, CREATE, json!({ "email": email }))
        .await;
    text(&created["createContact"]["contact"]["id"])
}

async fn merge(server: &TestServer, kept: &str, duplicate: &str) -> Value {
    let input = json!({"kept": kept, "duplicate": duplicate});
    server.request(Some(&server.acme.key), MERGE, input).await
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("OK")
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_crosswise_merges_one_wins() {
    let server = TestServer::open().await;
    for round in 0..10 {
        let one = contact(&server, &format!("one{round}@example.com")).await;
        let other = contact(&server, &format!("other{round}@example.com")).await;
        let (first, second) = join(merge(&server, &one, &other), merge(&server, &other, &one)).await;
        let mut outcomes = [code(&first), code(&second)];
        outcomes.sort_unstable();
        assert_eq!(outcomes, ["NOT_FOUND", "OK"]);
    }
    let left = "select count(*) from contacts where email like 'o%@example.com'";
    assert_eq!(server.test.number(left).await, 10);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_redeemed_beside_a_merge_signs_in_or_its_session_ends() {
    let server = TestServer::open().await;
    let kept = server.acme.contact.to_string();
    for round in 0..10 {
        let copy = contact(&server, &format!("copy{round}@example.com")).await;
        let made = server.data(&server.acme.key, LINK, json!({"id": copy})).await;
        let url = text(&made["generateMagicLink"]["url"]);
        let token = url.rsplit('/').next().unwrap_or_default();
        let (merged, redeemed) = join(merge(&server, &kept, &copy), server.redeem(token)).await;
        assert_eq!(code(&merged), "OK", "{merged}");
        let access = text(&redeemed["session"]["accessToken"]);
        let me = server.request(Some(&access), "{ me { id } }", json!({})).await;
        let ended = code(&me) == "UNAUTHENTICATED";
        assert!(ended || me["data"]["me"]["id"] == json!(kept), "{me}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_beside_a_merge_is_kept_or_refused() {
    let server = TestServer::open().await;
    let kept = server.acme.contact.to_string();
    let made = server.data(&server.acme.owner, COURSE, json!({})).await;
    let course = text(&made["createCourse"]["course"]["id"]);
    for round in 0..10 {
        let copy = contact(&server, &format!("copy{round}@example.com")).await;
        let assign = server.request(
            Some(&server.acme.key),
            ASSIGN,
            json!({"id": copy, "course": course}),
        );
        let (merged, assigned) = join(merge(&server, &kept, &copy), assign).await;
        assert_eq!(code(&merged), "OK", "{merged}");
        let granted = assigned["data"]["assignCourses"]["count"] == 1;
        let live = server.test.number("select count(*) from access_grants").await;
        assert!(!granted || live == 1, "{assigned}");
    }
    let foreign = format!(
        "select count(*) from access_grants where contact_id <> '{}'",
        server.acme.contact.0
    );
    assert_eq!(server.test.number(&foreign).await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_beside_a_merge_leave_no_session_of_the_duplicate() {
    let server = TestServer::open().await;
    let kept = server.acme.contact.to_string();
    for round in 0..5 {
        let email = format!("copy{round}@example.com");
        let copy = contact(&server, &email).await;
        let challenge = server.request_code(&email).await;
        server.clock.advance(TimeDelta::minutes(1));
        let sign_ins = join_all((0..4).map(|_| server.sign_in_with_right_code(&challenge)));
        let (merged, signed_in) = join(merge(&server, &kept, &copy), sign_ins).await;
        assert_eq!(code(&merged), "OK", "{merged}");
        for answer in signed_in {
            let Some(access) = answer["session"]["accessToken"].as_str() else {
                continue;
            };
            let me = server.request(Some(access), "{ me { id } }", json!({})).await;
            assert_eq!(code(&me), "UNAUTHENTICATED", "{me}");
        }
    }
    assert_eq!(
        server
            .test
            .number("select count(*) from challenges where contact_id is not null")
            .await,
        0
    );
    server.stop().await;
}
