//! The headers of every response, on every route of a running server.

use reqwest::Method;

use crate::support::TestServer;

/// A path for each route, and one without a route.
pub const ROUTES: [(&str, &str); 39] = [
    ("GET", "/"),
    ("GET", "/graphiql"),
    ("GET", "/schema.graphql"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/.well-known/jwks.json"),
    ("GET", "/graphql"),
    ("GET", "/graphql?query=%7B__typename%7D"),
    ("POST", "/graphql"),
    ("DELETE", "/graphql"),
    ("OPTIONS", "/graphql"),
    ("GET", "/graphql/stream"),
    ("OPTIONS", "/graphql/stream"),
    ("GET", "/assets/app.css"),
    ("HEAD", "/assets/app.css"),
    ("GET", "/assets/nothing"),
    ("POST", "/assets/app.css"),
    ("GET", "/dashboard"),
    ("GET", "/dashboard/acme"),
    ("GET", "/dashboard/acme/outbox"),
    ("GET", "/dashboard/acme/contacts.csv"),
    ("GET", "/dashboard/link/none"),
    ("POST", "/dashboard/link/none"),
    ("GET", "/hooks/twilio/acme/incoming"),
    ("POST", "/hooks/twilio/acme/incoming"),
    ("POST", "/hooks/twilio/account_1/status/message_1"),
    ("GET", "/p/acme"),
    ("GET", "/p/acme/login"),
    ("POST", "/p/acme/login"),
    ("GET", "/p/acme/link/none"),
    ("POST", "/p/acme/link/none"),
    ("GET", "/p/acme/unsubscribe/none"),
    ("POST", "/p/acme/unsubscribe/none"),
    ("GET", "/p/acme/view-as"),
    ("GET", "/p/acme/view-as/none"),
    ("POST", "/p/acme/view-as/none"),
    ("GET", "/p/nobody"),
    ("GET", "/nothing/here"),
];

#[tokio::test]
async fn every_response_has_the_security_headers() {
    let server = TestServer::open().await;
    for (method, path) in ROUTES {
        let method: Method = method.parse().expect("a method");
        let request = server.http.request(method, format!("{}{path}", server.url));
        let response = request.send().await.expect("an answer");
        let headers = response.headers();
        let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        assert_eq!(said("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(said("referrer-policy"), Some("no-referrer"), "{path}");
        assert_eq!(said("cross-origin-opener-policy"), Some("same-origin"), "{path}");
        assert_eq!(said("x-frame-options"), Some("DENY"), "{path}");
        let permissions = said("permissions-policy").unwrap_or_default();
        assert!(permissions.contains("camera=()"), "{path}");
        let policy = said("content-security-policy").unwrap_or_default();
        for part in ["default-src 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert_eq!(said("strict-transport-security"), None, "{path}");
        assert_eq!(
            headers.get_all("content-security-policy").iter().count(),
            1,
            "{path}"
        );
    }
}
