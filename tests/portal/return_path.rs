//! A page of the dashboard that was opened without a session is shown after signing in.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vestibule::base::actor::Role;

use crate::support::{TestBrowser, TestServer};

const COOKIE: &str = "vestibule_return_acme";

/// Signs in with an emailed link.
async fn sign_in(browser: &mut TestBrowser<'_>, server: &TestServer) {
    server.member("ben@acme.example", Role::Staff).await;
    let asked = server
        .request_login_at("acme", "ben@acme.example", "DASHBOARD")
        .await;
    let token = server.mailed_staff_token(server.acme.id, &asked.id).await;
    assert!([200, 303].contains(&browser.redeem(&format!("/dashboard/link/{token}")).await));
}

async fn redirect_of(browser: &mut TestBrowser<'_>, path: &str) -> Option<String> {
    browser.open(path).await;
    browser.location.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_was_opened_without_a_session_is_shown_once_after_signing_in() {
    let server = TestServer::open().await;
    let mut browser = TestBrowser::new(&server);
    let page = "/dashboard/acme/contacts?status=ACTIVE&tag=a%20b";
    let login = Some("/dashboard/acme/login".to_owned());
    assert_eq!(redirect_of(&mut browser, page).await, login);
    assert_eq!(redirect_of(&mut browser, "/dashboard/acme").await, login);
    sign_in(&mut browser, &server).await;
    let home = "/dashboard/acme";
    assert_eq!(redirect_of(&mut browser, home).await.as_deref(), Some(page));
    assert_eq!(browser.open(page).await.0, 200);
    assert_eq!(browser.open(home).await.0, 200, "once");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_pages_of_a_dashboard_are_remembered() {
    let server = TestServer::open().await;
    let mut browser = TestBrowser::new(&server);
    let long = format!("/dashboard/acme/contacts?search={}", "x".repeat(1_000));
    for path in [
        "/dashboard/acme",
        "/dashboard/acme/contacts.csv",
        "/p/acme/profile",
        &long,
    ] {
        browser.open(path).await;
        let remembered: Vec<&String> = (browser.cookies.keys())
            .filter(|name| name.contains("return"))
            .collect();
        assert!(remembered.is_empty(), "{path}: {remembered:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_that_the_server_did_not_write_leads_nowhere_else() {
    let server = TestServer::open().await;
    let mut browser = TestBrowser::new(&server);
    sign_in(&mut browser, &server).await;
    for written in [
        "/../other/contacts?",
        "/%2e%2e/other?",
        "/\\..\\..\\p/acme",
        ".evil.example/?",
        "@evil.example",
    ] {
        browser
            .cookies
            .insert(COOKIE.to_owned(), URL_SAFE_NO_PAD.encode(written));
        let redirect = redirect_of(&mut browser, "/dashboard/acme").await;
        assert_eq!(redirect.as_deref(), Some("/dashboard/acme"), "{written}");
        assert_eq!(browser.open("/dashboard/acme").await.0, 200, "{written}");
    }
    server.stop().await;
}
