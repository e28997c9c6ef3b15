//! Known and unknown addresses: the same statements, and the same bytes.

use chrono::TimeDelta;
use serde_json::json;
use vestibule::sign_in::auth_context::Viewer;
use vestibule::sign_in::password::hashing::Password as Typed;
use vestibule::sign_in::password::model::Password;
use vestibule::sign_in::person::Person;

use super::{ANNA, GOOD, SIGN_IN};
use crate::support::Desk;

const RESET: &str = "mutation ($email: EmailAddress!) { requestPasswordReset(input: {portal: \"acme\", email: $email}) { accepted } }";

/// Anna has a password, Ben has none, and nobody is nobody.
const ADDRESSES: [&str; 3] = [ANNA, "ben@acme.example", "nobody@acme.example"];

async fn desk() -> Desk {
    let desk = Desk::open().await;
    let contacts = desk
        .office
        .add_contacts(ADDRESSES[..2].iter().map(ToString::to_string))
        .await;
    let moment = desk.office.clock.moment();
    let typed = Typed::read("password", GOOD).expect("it is short enough");
    let seat = desk.services.sign_in.passwords.seat().await.expect("a seat");
    let hash = seat.hash(&typed, &moment).await.expect("a hash");
    let anna = Person::Contact(contacts[0].clone());
    desk.office
        .write(async |conn| Password::set(conn, &anna, &hash, moment.now).await)
        .await;
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_takes_as_many_statements_for_whomever() {
    let desk = desk().await;
    let mut seen = Vec::new();
    for email in ADDRESSES {
        let variables = json!({"portal": "acme", "email": email, "password": "wrong"});
        let answer = desk.data(&Viewer::Anonymous, SIGN_IN, variables.clone()).await;
        let count = desk
            .statements(async || drop(desk.ask(&Viewer::Anonymous, SIGN_IN, variables.clone()).await))
            .await;
        seen.push((answer.to_string(), count));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[1], seen[2]);
    assert!(seen[0].1 <= 12, "{} statements", seen[0].1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_for_a_reset_takes_as_many_statements_for_whomever() {
    let desk = desk().await;
    let mut seen = Vec::new();
    for email in ADDRESSES {
        let variables = json!({ "email": email });
        let count = desk
            .statements(async || {
                desk.office.clock.advance(TimeDelta::minutes(13));
                desk.data(&Viewer::Anonymous, RESET, variables.clone()).await;
            })
            .await;
        seen.push(count);
    }
    assert_eq!(seen, [seen[0]; 3]);
}
