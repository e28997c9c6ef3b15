//! Requesting again in a browser, on portal and dashboard: the browser is identified by its cookies.

use chrono::TimeDelta;
use tokio::join;

use super::ANNA;
use crate::support::{TestBrowser, TestServer};

const CHALLENGES: &str = "select count(*) from challenges";

async fn newest_challenge(server: &TestServer) -> String {
    let query = "select id::text from challenges where mailed order by created_at desc limit 1";
    let id = server.test.texts(query).await.remove(0).expect("an id");
    vestibule::base::ids::ChallengeId(id.parse().expect("a UUID")).to_string()
}

/// Enters the code of the newest email, and returns the redirect target.
async fn enter_code(browser: &mut TestBrowser<'_>, server: &TestServer, base: &str) -> u16 {
    let code = server.code(server.acme.id, &newest_challenge(server).await);
    let (page, action) = (format!("{base}/login/wait"), format!("{base}/login/code"));
    browser.submit(&page, &action, &format!("&code={code}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn requesting_again_on_a_page_keeps_the_emailed_code_and_shows_the_wait() {
    let server = TestServer::open().await;
    for (base, email) in [("/p/acme", ANNA), ("/dashboard/acme", "owner@acme.example")] {
        let mut browser = TestBrowser::new(&server);
        let (login, wait) = (format!("{base}/login"), format!("{base}/login/wait"));
        let typed = format!("&email={email}");
        assert_eq!(browser.submit(&login, &login, &typed).await, 303);
        let (_, page) = browser.open(&wait).await;
        assert!(
            page.contains("Check your email") && page.contains("Resend in 60 s"),
            "{page}"
        );
        server.clock.advance(TimeDelta::seconds(20));
        let before = server.test.number(CHALLENGES).await;
        // With the page's button, and by going back to the form.
        let resend = format!("{base}/login/resend");
        assert_eq!(browser.submit(&wait, &resend, "").await, 303);
        assert_eq!(browser.submit(&login, &login, &typed).await, 303);
        let (_, page) = browser.open(&wait).await;
        assert!(page.contains("Resend in 40 s") && page.contains(email), "{page}");
        assert_eq!(server.test.number(CHALLENGES).await, before);
        // Another browser changes nothing for this one.
        let mut other = TestBrowser::new(&server);
        assert_eq!(other.submit(&login, &login, &typed).await, 303);
        assert!(other.open(&wait).await.1.contains("Resend in 60 s"));
        assert_eq!(enter_code(&mut browser, &server, base).await, 303);
        assert_eq!(browser.open(base).await.0, 200);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_minute_the_button_of_the_page_sends_another_email() {
    let server = TestServer::open().await;
    let mut browser = TestBrowser::new(&server);
    let typed = format!("&email={ANNA}");
    browser.submit("/p/acme/login", "/p/acme/login", &typed).await;
    server.clock.advance(TimeDelta::minutes(1));
    let (_, page) = browser.open("/p/acme/login/wait").await;
    assert!(page.contains(">Resend<"), "{page}");
    let (wait, resend) = ("/p/acme/login/wait", "/p/acme/login/resend");
    assert_eq!(browser.submit(wait, resend, "").await, 303);
    assert_eq!(
        server
            .test
            .number("select count(*) from challenges where mailed")
            .await,
        2
    );
    assert!(browser.open(wait).await.1.contains("Resend in 60 s"));
    assert_eq!(enter_code(&mut browser, &server, "/p/acme").await, 303);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_double_click_requests_one_sign_in() {
    let server = TestServer::open().await;
    let mut browser = TestBrowser::new(&server);
    browser.open("/p/acme/login").await;
    let mut twin = TestBrowser::new(&server);
    twin.cookies.clone_from(&browser.cookies);
    let (login, typed) = ("/p/acme/login", format!("&email={ANNA}"));
    let (first, second) = join!(
        browser.submit(login, login, &typed),
        twin.submit(login, login, &typed)
    );
    assert_eq!((first, second), (303, 303));
    assert_eq!(server.test.number(CHALLENGES).await, 1);
    // Whichever response the browser keeps, the emailed code signs in.
    assert_eq!(enter_code(&mut twin, &server, "/p/acme").await, 303);
    assert_eq!(twin.open("/p/acme").await.0, 200);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sign_in_pages_redirect_a_signed_in_visitor_home() {
    let server = TestServer::open().await;
    for (base, email) in [("/p/acme", ANNA), ("/dashboard/acme", "owner@acme.example")] {
        server.clock.advance(TimeDelta::seconds(1));
        let mut browser = TestBrowser::new(&server);
        let login = format!("{base}/login");
        let typed = format!("&email={email}");
        browser.submit(&login, &login, &typed).await;
        let mut other_tab = TestBrowser::new(&server);
        other_tab.cookies.clone_from(&browser.cookies);
        assert_eq!(enter_code(&mut browser, &server, base).await, 303);
        other_tab.cookies.extend(browser.cookies.clone());
        for path in ["login", "login/wait"] {
            for tab in [&mut browser, &mut other_tab] {
                let landing = tab.redirect_of(&format!("{base}/{path}")).await;
                assert_eq!(landing.as_deref(), Some(base), "{path}");
            }
        }
        let landing = browser
            .redirect_of(&format!("{base}/login?section=COURSES"))
            .await;
        let expected = if base == "/p/acme" {
            "/p/acme/courses"
        } else {
            base
        };
        assert_eq!(landing.as_deref(), Some(expected));
        // There is no redirect loop after the session or the contact has lost access.
        let bar = if base == "/p/acme" {
            "update contacts set revoked_at = '2026-01-05Z'"
        } else {
            "update sessions set ended_at = '2026-01-05Z'"
        };
        server.test.run(bar).await;
        assert_eq!(browser.open(&login).await.0, 200);
    }
    server.stop().await;
}
