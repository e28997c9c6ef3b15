use reqwest::Method;

use super::*;

const FRIEND: &str = "https://app.example";

async fn stage() -> Stage {
    Stage::open_with(|settings, _| settings.allowed_origins = vec![FRIEND.to_owned()]).await
}

async fn asked(stage: &Stage, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
    let url = format!("http://{}{path}", stage.address);
    let request = reqwest::Client::new().request(Method::OPTIONS, url);
    let request = headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value));
    request.send().await.expect("an answer")
}

fn told(response: &reqwest::Response) -> Vec<(&str, &str)> {
    let headers = response.headers().iter();
    headers
        .filter(|(name, _)| name.as_str().starts_with("access-control-"))
        .map(|(name, value)| (name.as_str(), value.to_str().expect("text")))
        .collect()
}

#[tokio::test]
async fn a_known_origin_is_answered_before_it_sends() {
    let stage = stage().await;
    for path in ["/graphql", "/graphql/stream"] {
        let headers = [
            ("origin", FRIEND),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "authorization, content-type"),
        ];
        let response = asked(&stage, path, &headers).await;
        assert_eq!(response.status(), 204, "{path}");
        assert_eq!(response.headers()["vary"], "Origin");
        let mut told = told(&response);
        told.sort_unstable();
        assert_eq!(
            told,
            [
                (
                    "access-control-allow-headers",
                    "Authorization, Content-Type, Apollo-Require-Preflight, X-Vestibule-CSRF, Idempotency-Key"
                ),
                ("access-control-allow-methods", "GET, POST"),
                ("access-control-allow-origin", FRIEND),
                ("access-control-max-age", "600"),
            ]
        );
    }
}

#[tokio::test]
async fn an_answer_names_the_known_origin_alone_and_never_credentials() {
    let stage = stage().await;
    for (origin, token, status) in [
        (FRIEND, "good", 200),
        (FRIEND, "stale", 401),
        (FRIEND, "busy", 429),
    ] {
        let request = stage.post("{ who }").bearer_auth(token).header("origin", origin);
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), status);
        let mut told = told(&response);
        told.sort_unstable();
        let shown = "Retry-After, X-Request-Id";
        let wanted = [
            ("access-control-allow-origin", FRIEND),
            ("access-control-expose-headers", shown),
        ];
        assert_eq!(told, wanted);
    }
}

#[tokio::test]
async fn an_unknown_origin_is_told_nothing() {
    let stage = stage().await;
    for origin in [
        "https://app.example.evil",
        "http://app.example",
        "https://app.example:8443",
        "https://APP.example",
        "null",
        "*",
    ] {
        let method = ("access-control-request-method", "POST");
        let response = asked(&stage, "/graphql", &[("origin", origin), method]).await;
        assert_eq!(
            (response.status().as_u16(), told(&response)),
            (204, vec![]),
            "{origin}"
        );
        assert_eq!(response.headers()["vary"], "Origin");
        let response = stage.post("{ who }").header("origin", origin).send().await;
        assert_eq!(told(&response.expect("an answer")), [], "{origin}");
    }
}

#[tokio::test]
async fn a_cookie_does_not_count_from_a_known_origin() {
    let stage = stage().await;
    let request = stage
        .post("{ who }")
        .header("cookie", "vestibule_dashboard_acme=sesame")
        .header("vestibule-account", "acme")
        .header("x-vestibule-csrf", "1")
        .header("origin", FRIEND);
    assert_eq!(sent(request).await.body["data"]["who"], "anonymous");
}

#[tokio::test]
async fn options_without_an_origin_names_the_methods() {
    let stage = Stage::open().await;
    let response = asked(&stage, "/graphql", &[]).await;
    assert_eq!(response.status(), 204);
    assert_eq!(response.headers()["allow"], "GET, POST, OPTIONS");
    assert_eq!(told(&response), []);
}
