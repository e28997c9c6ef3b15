//! Credentials of sessions: tokens limited to a section, refresh tokens whose response was lost, cookies.

use chrono::TimeDelta;
use mailer::Mailer;
use serde_json::{Value, json};
use vestibule::accounts::model::section::PortalSection;
use vestibule::base::actor::{Client, SignInMethod};
use vestibule::base::ids::SessionId;
use vestibule::sign_in::sessions::model::{Holder, NewSession};

use crate::access::cases::{CASES, create_objects, outcome};
use crate::emails::{anna, open_session};
use crate::sessions::{MINE, REVOKE};
use crate::support::{TestBrowser, TestServer};

const REFRESH: &str = "mutation ($token: String!) { refreshSession(input: {refreshToken: $token}) {
    session { accessToken refreshToken } refusal { reason } } }";

/// The operations of a session limited to a section, besides public ones.
const FOR_LIMITED: [&str; 6] = [
    "r: viewer ",
    "r: me ",
    "r: stepUp",
    // It is limited to the courses.
    "r: course(",
    "r: startLesson",
    "r: completeLesson",
];

/// Returns the refusal `STEP_UP_REQUIRED`.
const ASKS_FOR_A_STEP_UP: [&str; 2] = ["r: setPassword", "r: changePassword"];

#[tokio::test(flavor = "multi_thread")]
async fn a_limited_session_can_only_read_its_own_profile() {
    let server = TestServer::open().await;
    let client = Client::default();
    let opening = NewSession {
        section: Some(PortalSection::Courses),
        ..NewSession::new(
            server.acme.id,
            Holder::Contact(server.acme.contact),
            SignInMethod::Link,
            &client,
        )
    };
    let ids = create_objects(&server).await;
    let (id, token) = server.signed_in(&opening, None).await;
    // Signing out would end the session that the other operations use.
    for case in CASES.iter().filter(|case| !case.query.contains("signOut ")) {
        let anyone = case.anonymous == "OK";
        if case.query.contains("r: me { id offers") {
            let answer = server.request(Some(&token), case.query, json!({})).await;
            assert_eq!(outcome(&answer), "FORBIDDEN", "offers are of several sections");
            assert_eq!(answer["data"]["r"]["offers"], Value::Null);
            continue;
        }
        let allowed = FOR_LIMITED.iter().any(|field| case.query.contains(field));
        let answer = server
            .request(Some(&token), case.query, (case.variables)(&ids))
            .await;
        if ASKS_FOR_A_STEP_UP.iter().any(|field| case.query.contains(field)) {
            let reason = &answer["data"]["r"]["refusal"]["reason"];
            assert_eq!(reason, "STEP_UP_REQUIRED", "{}: {answer}", case.query);
            continue;
        }
        let expected = if anyone || allowed { "OK" } else { "FORBIDDEN" };
        assert_eq!(outcome(&answer), expected, "{}: {answer}", case.query);
    }
    let mine = server.request(Some(&token), MINE, json!({})).await;
    assert_eq!(mine["errors"][0]["extensions"]["code"], "FORBIDDEN", "{mine}");
    assert!(
        mine["errors"][0]["message"]
            .as_str()
            .is_some_and(|words| words.contains("stepUp"))
    );
    assert_eq!(
        mine["data"]["me"],
        json!({"sessions": null}),
        "and nothing beside it"
    );
    let other = open_session(&server, anna(&server), SignInMethod::Code).await.id;
    for someone in [other, SessionId::new(&server.clock.moment())] {
        let refused = server
            .error(Some(&token), REVOKE, json!({"id": someone.to_string()}))
            .await;
        assert_eq!(refused.0, "FORBIDDEN");
    }
    // It may end itself in two ways.
    let (_, another) = server.signed_in(&opening, None).await;
    let out = "mutation { signOut { signedOut } }";
    server.data(&another, out, json!({})).await;
    server.data(&token, REVOKE, json!({"id": id.to_string()})).await;
    assert_eq!(
        server.error(Some(&token), "{ me { id } }", json!({})).await.0,
        "UNAUTHENTICATED"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_can_be_repeated_within_its_grace_period_and_not_later() {
    let server = TestServer::open().await;
    let refresh = async |token: &str| {
        server.request(None, REFRESH, json!({"token": token})).await["data"]["refreshSession"]["session"]
            .clone()
    };
    let text = |value: &Value| value["refreshToken"].as_str().unwrap_or_default().to_owned();
    let begin = async || {
        let make = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { url } }";
        let id = server.acme.contact.to_string();
        let created = server.data(&server.acme.key, make, json!({"id": id})).await;
        let url = created["generateMagicLink"]["url"]
            .as_str()
            .expect("a URL")
            .to_owned();
        let redeem = "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) { session { accessToken refreshToken } } }";
        let token = json!({"token": url.rsplit('/').next()});
        let answer = server.request(None, redeem, token).await;
        text(&answer["data"]["signInWithMagicLink"]["session"])
    };
    // Within ten seconds, even if the new pair was used.
    for (seconds, repeated) in [(10, true), (11, false)] {
        let first = begin().await;
        let second = refresh(&first).await;
        assert!(!refresh(&text(&second)).await.is_null());
        server.clock.advance(TimeDelta::seconds(seconds));
        let late = refresh(&first).await;
        assert_eq!(text(&late) == text(&second), repeated, "{seconds} s: {late}");
        assert_eq!(late.is_null(), !repeated);
    }
    // Within a day, if it was not.
    for (seconds, repeated) in [(86_400, true), (86_401, false)] {
        let first = begin().await;
        let second = refresh(&first).await;
        server.clock.advance(TimeDelta::seconds(seconds));
        let late = refresh(&first).await;
        assert_eq!(text(&late) == text(&second), repeated, "{seconds} s: {late}");
        assert_eq!(
            refresh(&text(&second)).await.is_null(),
            !repeated,
            "a replay ends the family"
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_belong_to_one_account_and_audience_and_are_bound_to_the_host_over_https() {
    let public = [("VESTIBULE_PUBLIC_URL", "https://portal.example")];
    let server = TestServer::open_with(&public, |_| Mailer::memory()).await;
    let make = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { url } }";
    let id = json!({"id": server.acme.contact.to_string()});
    let created = server.data(&server.acme.key, make, id).await;
    let url = created["generateMagicLink"]["url"].as_str().expect("a URL");
    let path = url.strip_prefix("https://portal.example").expect("its address");
    let page = server
        .http
        .get(format!("{}{path}", server.url))
        .send()
        .await
        .expect("a page");
    let browser = page.headers()["set-cookie"].to_str().expect("text").to_owned();
    assert!(browser.starts_with("__Host-vestibule_browser="), "{browser}");
    for attribute in ["; Path=/;", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(browser.contains(attribute), "{attribute}: {browser}");
    }
    assert!(
        browser.contains(&format!("Max-Age={}", 400 * 86_400)),
        "{browser}"
    );
    let mut browser = TestBrowser::new(&server);
    assert_eq!(browser.redeem(path).await, 303);
    let names: Vec<&str> = browser.cookies.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["__Host-vestibule_browser", "__Host-vestibule_portal_acme"]
    );
    assert_eq!(browser.open("/p/acme/").await.0, 200);
    // The same secret with the cookie name of another account or audience is invalid.
    let secret = browser.cookies["__Host-vestibule_portal_acme"].clone();
    for (name, path, status) in [
        ("__Host-vestibule_portal_other", "/p/other/", 303),
        ("__Host-vestibule_dashboard_acme", "/dashboard/acme", 303),
        ("vestibule_portal_acme", "/p/acme/", 303),
    ] {
        let mut thief = TestBrowser::new(&server);
        thief.cookies.insert(name.to_owned(), secret.clone());
        assert_eq!(thief.open(path).await.0, status, "{name}");
    }
    server.stop().await;
}
