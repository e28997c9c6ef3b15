//! The redirect flow: its time limits, and a provider that exchanges no code.

use chrono::TimeDelta;
use reqwest::{Client as Http, Response};
use serde_json::{Value, json};
use url::Url;

use super::GoogleTest;

/// A browser that keeps cookies and follows redirects on request.
struct Browser<'a> {
    google: &'a GoogleTest,
    http: Http,
}

/// The parameters of the redirect to the provider.
pub(super) struct ProviderRedirect {
    pub state: String,
    pub nonce: String,
}

impl ProviderRedirect {
    pub fn of(answer: &Response) -> Self {
        assert_eq!(answer.status(), 303);
        let away = Url::parse(&location(answer)).expect("an address");
        let said = |name: &str| {
            let mut pairs = away.query_pairs();
            pairs
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        assert_eq!(said("code_challenge_method").as_deref(), Some("S256"));
        Self {
            state: said("state").expect("a state"),
            nonce: said("nonce").expect("a nonce"),
        }
    }
}

impl<'a> Browser<'a> {
    fn new(google: &'a GoogleTest) -> Self {
        let http = Http::builder()
            .cookie_store(true)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self { google, http }
    }

    async fn get(&self, path: &str) -> Response {
        let url = format!("{}{path}", self.google.server.url);
        self.http.get(url).send().await.expect("an answer")
    }

    async fn begin(&self, path: &str) -> ProviderRedirect {
        let answer = self.get(path).await;
        let redirect = ProviderRedirect::of(&answer);
        let away = location(&answer);
        assert!(away.starts_with(&self.google.issuer.url), "{away}");
        redirect
    }

    /// Registers this response for a code at the provider, and returns with the code.
    async fn return_with(&self, redirect: &ProviderRedirect, token_response: (u16, Value)) -> Response {
        let code = format!("code-{}", self.google.issuer.next());
        self.google
            .issuer
            .set()
            .codes
            .insert(code.clone(), token_response);
        let callback = format!("/auth/google/callback?code={code}&state={}", redirect.state);
        let answer = self.get(&callback).await;
        assert_eq!(answer.status(), 303);
        let done = location(&answer);
        let done = done.strip_prefix(&self.google.server.url).expect("at home");
        self.get(done).await
    }

    /// The same with Anna's token.
    async fn finish(&self, redirect: &ProviderRedirect) -> Response {
        let token = self.google.token(&json!({"nonce": redirect.nonce}));
        self.return_with(redirect, answer(&token)).await
    }
}

pub(super) fn location(answer: &Response) -> String {
    let location = answer.headers().get("location").expect("a way on");
    location.to_str().expect("text").to_owned()
}

pub(super) fn answer(token: &str) -> (u16, Value) {
    (
        200,
        json!({"access_token": "x", "token_type": "Bearer", "id_token": token}),
    )
}

const BEGIN: &str = "/p/acme/login/google";

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_may_take_ten_minutes() {
    let google = GoogleTest::open().await;
    let (slow, late) = (Browser::new(&google), Browser::new(&google));
    let (first, second) = (slow.begin(BEGIN).await, late.begin(BEGIN).await);
    google.server.clock.advance(TimeDelta::seconds(599));
    let landed = slow.finish(&first).await;
    assert_eq!(landed.status(), 303);
    assert_eq!(location(&landed), "/p/acme");
    assert_eq!(slow.get("/p/acme").await.status(), 200);
    google.server.clock.advance(TimeDelta::seconds(1));
    let refused = late.finish(&second).await;
    assert_eq!(refused.status(), 403);
    let page = refused.text().await.expect("a page");
    assert!(page.contains("/p/acme/login\""), "a way back: {page}");
    assert_eq!(
        google
            .server
            .test
            .number("select count(*) from sessions where method = 'GOOGLE'")
            .await,
        1
    );
    google.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_returns_to_its_page_in_the_same_browser_only() {
    let google = GoogleTest::open().await;
    let browser = Browser::new(&google);
    let redirect = browser.begin(BEGIN).await;
    let stranger = Browser::new(&google);
    let theirs = stranger.begin(BEGIN).await;
    assert_eq!(
        stranger.finish(&redirect).await.status(),
        403,
        "with another one's state"
    );
    assert_eq!(
        stranger.finish(&theirs).await.status(),
        403,
        "which ended its own"
    );
    let elsewhere = format!("/p/other/login/google/done?code=x&state={}", redirect.state);
    assert_eq!(browser.get(&elsewhere).await.status(), 403, "another portal");
    let dashboard = format!(
        "/dashboard/acme/login/google/done?code=x&state={}",
        redirect.state
    );
    assert_eq!(browser.get(&dashboard).await.status(), 403, "the dashboard");
    assert_eq!(browser.finish(&redirect).await.status(), 303, "and still here");
    assert_eq!(browser.finish(&redirect).await.status(), 403, "once");
    google.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_invalid_code_is_the_visitors_error() {
    let google = GoogleTest::open().await;
    let browser = Browser::new(&google);
    let error = |word: &str| json!({"error": word, "error_description": "a word of the provider"});
    let tries = [
        ((400, error("invalid_grant")), 403),
        ((401, error("invalid_client")), 503),
        ((400, error("unauthorized_client")), 503),
        ((500, error("server_error")), 503),
        ((503, error("temporarily_unavailable")), 503),
        ((500, json!({})), 503),
        ((200, json!([])), 503),
        ((200, json!({"access_token": "x", "token_type": "Bearer"})), 503),
        (
            (
                200,
                json!({"access_token": "x", "token_type": "Bearer", "id_token": "no.token.this"}),
            ),
            503,
        ),
        (answer(&google.token(&json!({"nonce": "another"}))), 403),
    ];
    for (token_response, status) in tries {
        let redirect = browser.begin(BEGIN).await;
        let words = format!("{token_response:?}");
        let page = browser.return_with(&redirect, token_response).await;
        assert_eq!(page.status(), status, "{words}");
        let text = page.text().await.expect("a page");
        assert!(!text.contains("a word of the provider"), "{text}");
    }
    let noted =
        "select count(*) from audit_events where kind = 'SIGN_IN_REFUSED' and detail->>'method' = 'GOOGLE'";
    assert_eq!(google.server.test.number(noted).await, 2, "each refusal");
    let counted = "select sum(failed_count)::bigint from attempts";
    assert_eq!(google.server.test.number(counted).await, 2, "each failed try");
    let redirect = browser.begin(BEGIN).await;
    assert_eq!(browser.finish(&redirect).await.status(), 303);
    google.stop().await;
}
