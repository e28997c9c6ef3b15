//! Forged cookies, bursts of sign-outs, and what a stranger learns from requests.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use vestibule::accounts::model::section::PortalSection;
use vestibule::base::actor::Audience;
use vestibule::base::actor::Client;
use vestibule::base::address::EmailAddress;
use vestibule::base::db::Db;
use vestibule::sign_in::challenge::model::{Challenge, LoginRequest, RequestingDevice};

use super::generate;
use crate::support::{TestApi, TestBrowser, TestServer, wait_until};

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_of_a_missing_account_is_refused_like_any_other() {
    let server = TestServer::open().await;
    let stranger = vestibule::base::ids::AccountId::new(&server.clock.moment());
    let secret = vestibule::base::secrets::PlainSecret::generate(
        vestibule::base::secrets::SecretKind::Cookie,
        stranger,
        &server.clock.moment(),
    );
    let answer: Value = server
        .http
        .post(format!("{}/graphql", server.url))
        .header("origin", &server.url)
        .header("x-vestibule-csrf", "1")
        .header("vestibule-account", "acme")
        .header("cookie", format!("vestibule_dashboard_acme={}", secret.reveal()))
        .json(&json!({"query": "{ viewer { __typename } }"}))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(
        answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED",
        "{answer}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_concurrent_sign_outs_than_connections_succeed() {
    let server = TestServer::open().await;
    let mut visitors = Vec::new();
    for _ in 0..24 {
        let (token, _) = generate(&server, None).await;
        let mut browser = TestBrowser::new(&server);
        assert_eq!(browser.redeem(&format!("/p/acme/link/{token}")).await, 303);
        visitors.push(browser);
    }
    let left = visitors
        .iter_mut()
        .map(|browser| browser.submit("/p/acme", "/p/acme/sign-out", ""));
    let left = join_all(left).await;
    assert!(left.iter().all(|status| *status == 303), "{left:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_that_can_not_be_finished_use_no_email_quota() {
    let server = TestServer::open().await;
    let ask = "mutation ($audience: Audience) {
        requestLoginEmail(input: {portal: \"acme\", email: \"anna@acme.example\", audience: $audience}) { challengeId } }";
    for _ in 0..5 {
        let answer = server.request(None, ask, json!({"audience": "DASHBOARD"})).await;
        assert_eq!(answer.get("errors"), None, "{answer}");
        server.clock.advance(TimeDelta::seconds(60));
    }
    server.request(None, ask, json!({"audience": "PORTAL"})).await;
    wait_until("the mail is sent", async || server.mailbox.sent().len() == 1).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_address_runs_as_many_statements_as_a_known_one() {
    let api = TestApi::open().await;
    let emails: Vec<String> = (0..8).map(|n| format!("known{n}@example.com")).collect();
    api.test.add_contacts(emails.iter().cloned()).await;
    let moment = api.test.clock.moment();
    let client = Client::default();
    // With a separate pool from that of the live hub, whose statements would count.
    let db = Db::new(&api.test.test.url, 1).expect("a pool");
    let cost = async |email: &str| {
        let email = EmailAddress::parse(email).expect("an address");
        let request = LoginRequest {
            account: &api.test.account,
            audience: Audience::Portal,
            email: &email,
            section: PortalSection::Home,
            by_code: false,
            device: RequestingDevice::New,
            client: &client,
            daily_messages: 50_000,
        };
        let before = db.statement_count();
        let mut conn = db.conn().await.expect("a connection");
        Challenge::request(&mut conn, &request, &moment)
            .await
            .expect("it is asked for");
        db.statement_count() - before
    };
    for known in &emails {
        let unknown = known.replace("known", "nobody");
        assert_eq!(cost(known).await, cost(&unknown).await, "within the limits");
        assert_eq!(cost(known).await, cost(&unknown).await, "beyond the limits");
    }
}
