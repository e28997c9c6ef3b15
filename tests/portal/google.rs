//! Signing in with Google where the clock matters, with a small provider inside the test.
//! `tests/clients/google.test.mjs` uses a real OpenID provider.

use mailer::Mailer;
use serde_json::{Value, json};

use self::issuer::{Issuer, Key};
use crate::support::TestServer;

mod flow;
mod hosts;
mod issuer;
mod keys;
mod linking;
mod tokens;

const CLIENT: &str = "our-client";
const APP: &str = "our-app";
const ANNA: &str = "anna@acme.example";
const SIGN_IN: &str = "mutation ($portal: String!, $token: String!, $nonce: String!, $audience: Audience) {
    signInWithGoogle(input: {portal: $portal, idToken: $token, nonce: $nonce, audience: $audience}) {
        session { accessToken } viewer { __typename } refusal { reason retryAfter } } }";

/// A server and its provider.
struct GoogleTest {
    server: TestServer,
    issuer: Issuer,
}

impl GoogleTest {
    async fn open() -> Self {
        Self::open_with(&[]).await
    }

    async fn open_with(more: &[(&str, &str)]) -> Self {
        let issuer = Issuer::start().await;
        let mut settings = vec![
            ("GOOGLE_CLIENT_ID", CLIENT),
            ("GOOGLE_CLIENT_SECRET", "a secret of the tests"),
            ("GOOGLE_ISSUER", &issuer.url),
            ("GOOGLE_EXTRA_CLIENT_IDS", APP),
        ];
        settings.extend(more);
        let server = TestServer::open_with(&settings, |_| Mailer::memory()).await;
        Self { server, issuer }
    }

    /// A token for Anna with these claims replaced; null removes one.
    fn token(&self, other: &Value) -> String {
        self.token_by(&self.issuer.key(), other)
    }

    fn token_by(&self, key: &Key, other: &Value) -> String {
        let now = self.server.clock.now().timestamp();
        let mut claims = json!({
            "iss": self.issuer.url, "aud": CLIENT, "sub": "anna", "iat": now, "exp": now + 3600, "nonce": "a nonce",
            "email": ANNA, "email_verified": true, "jti": self.issuer.next(),
        });
        let object = claims.as_object_mut().expect("an object");
        for (name, value) in other.as_object().expect("an object") {
            object.insert(name.clone(), value.clone());
        }
        object.retain(|_, value| !value.is_null());
        key.sign(&claims)
    }

    /// The whole response to a token at acme's portal.
    async fn answer(&self, token: &str) -> Value {
        self.answer_at("acme", "PORTAL", token).await
    }

    async fn answer_at(&self, portal: &str, audience: &str, token: &str) -> Value {
        let input = json!({"portal": portal, "token": token, "nonce": "a nonce", "audience": audience});
        self.server.request(None, SIGN_IN, input).await
    }

    /// The reason why a token does not sign in, or `IN`.
    async fn outcome(&self, token: &str) -> String {
        outcome(&self.answer(token).await)
    }

    async fn stop(self) {
        self.server.stop().await;
    }
}

/// The refusal's reason, the error's code, or `IN`.
fn outcome(answer: &Value) -> String {
    let done = &answer["data"]["signInWithGoogle"];
    if !done["session"].is_null() {
        return "IN".to_owned();
    }
    let words = done["refusal"]["reason"].as_str();
    let words = words.or(answer["errors"][0]["extensions"]["code"].as_str());
    words.unwrap_or_else(|| panic!("{answer:#}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_settings_google_is_switched_off_and_not_offered() {
    let server = TestServer::open().await;
    let input = json!({"portal": "acme", "token": "x", "nonce": "y"});
    let answer = server.request(None, SIGN_IN, input).await;
    assert_eq!(outcome(&answer), "METHOD_DISABLED");
    let page = async |path: &str| {
        let answer = server.http.get(format!("{}{path}", server.url)).send();
        answer.await.expect("an answer")
    };
    assert_eq!(page("/p/acme/login/google").await.status(), 404);
    assert_eq!(page("/p/acme/login/google/done?state=x").await.status(), 403);
    let login = page("/p/acme/login").await.text().await.expect("a page");
    assert!(!login.contains("Google"), "{login}");
    server.stop().await;
}
