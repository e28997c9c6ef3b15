//! Known and unknown addresses: the same statements and the same bytes.

use chrono::TimeDelta;
use serde_json::json;
use vestibule::sign_in::auth_context::Viewer;
use vestibule::sign_in::password::hashing::PlainPassword;
use vestibule::sign_in::password::model::Password;
use vestibule::sign_in::person::Person;

use super::{ANNA, PASSWORD, SIGN_IN};
use crate::support::TestApi;

const RESET: &str = "mutation ($email: EmailAddress!) { requestPasswordReset(input: {portal: \"acme\", email: $email}) { accepted } }";

/// Anna has a password, Ben has none, and "nobody" is unknown.
const ADDRESSES: [&str; 3] = [ANNA, "ben@acme.example", "nobody@acme.example"];

async fn api() -> TestApi {
    let api = TestApi::open().await;
    let contacts = api
        .test
        .add_contacts(ADDRESSES[..2].iter().map(ToString::to_string))
        .await;
    let moment = api.test.clock.moment();
    let password = PlainPassword::parse("password", PASSWORD).expect("it is short enough");
    let permit = api
        .services
        .sign_in
        .password_hasher
        .permit()
        .await
        .expect("a permit");
    let hash = permit.hash(&password, &moment).await.expect("a hash");
    let anna = Person::Contact(contacts[0].clone());
    api.test
        .write(async |conn| Password::set(conn, &anna, &hash, moment.now).await)
        .await;
    api
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_runs_the_same_statements_for_every_address() {
    let api = api().await;
    let mut seen = Vec::new();
    for email in ADDRESSES {
        let variables = json!({"portal": "acme", "email": email, "password": "wrong"});
        let answer = api.data(&Viewer::Anonymous, SIGN_IN, variables.clone()).await;
        let count = api
            .statements(async || drop(api.request(&Viewer::Anonymous, SIGN_IN, variables.clone()).await))
            .await;
        seen.push((answer.to_string(), count));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[1], seen[2]);
    assert!(seen[0].1 <= 12, "{} statements", seen[0].1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_for_a_reset_runs_the_same_statements_for_every_address() {
    let api = api().await;
    let mut seen = Vec::new();
    for email in ADDRESSES {
        let variables = json!({ "email": email });
        let count = api
            .statements(async || {
                api.test.clock.advance(TimeDelta::minutes(13));
                api.data(&Viewer::Anonymous, RESET, variables.clone()).await;
            })
            .await;
        seen.push(count);
    }
    assert_eq!(seen, [seen[0]; 3]);
}
