//! A server whose own host is among those of its portals: `app.x.com` next to `{slug}.x.com`.

use mailer::Mailer;
use reqwest::header::{HOST, HeaderMap, HeaderValue};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use vestibule::accounts::model::Account;
use vestibule::team::model::staff_link::StaffLink;

use crate::support::{TestAccount, TestBrowser, TestServer};

pub const SETTINGS: [(&str, &str); 2] = [
    ("VESTIBULE_PUBLIC_URL", "https://app.x.com"),
    ("VESTIBULE_PORTAL_URL", "https://{slug}.x.com"),
];

/// Sends all further requests to this host.
pub fn visit(server: &mut TestServer, host: &str) {
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::from_str(host).expect("a host"));
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .default_headers(headers);
    server.http = client.build().expect("a client");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_own_host_is_not_a_portal() {
    let mut server = TestServer::open_with(&SETTINGS, |_| Mailer::memory()).await;
    for (host, path, found) in [
        ("app.x.com", "/", true),
        ("APP.x.com:443", "/dashboard", true),
        ("app.x.com", "/dashboard/acme/login", true),
        ("app.x.com", "/healthz", true),
        ("app.x.com", "/login", false),
        ("acme.x.com", "/login", true),
        ("acme.x.com", "/healthz", false),
        ("acme.x.com", "/dashboard", false),
        ("nobody.x.com", "/login", false),
    ] {
        visit(&mut server, host);
        let answer = server.http.get(format!("{}{path}", server.url)).send().await;
        assert_eq!(answer.expect("an answer").status() != 404, found, "{host}{path}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_signs_in_at_the_host_of_a_portal() {
    let mut server = TestServer::open_with(&SETTINGS, |_| Mailer::memory()).await;
    let make = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { url } }";
    let id = json!({"id": server.acme.contact.to_string()});
    let created = server.data(&server.acme.key, make, id).await;
    let url = created["generateMagicLink"]["url"]
        .as_str()
        .expect("a URL")
        .to_owned();
    let path = url.strip_prefix("https://acme.x.com").expect("the portal's host");
    visit(&mut server, "acme.x.com");
    let mut browser = TestBrowser::new(&server);
    assert_eq!(browser.redeem(path).await, 303);
    assert!(browser.cookies.contains_key("__Host-vestibule_portal_acme"));
    assert_eq!(browser.open("/").await.0, 200);
    server.stop().await;
}

/// The response of the API to the visitor's cookie, from a page of this origin.
async fn as_page(server: &TestServer, browser: &mut TestBrowser<'_>, origin: &str) -> Value {
    let request = server.http.post(format!("{}/graphql", server.url));
    let request = request
        .header("origin", origin)
        .header("vestibule-account", "acme");
    let request = request.header("x-vestibule-csrf", "1");
    let (_, text) = browser
        .send(request.json(&json!({ "query": "{ portal { slug } }" })))
        .await;
    serde_json::from_str(&text).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_sign_in_at_the_servers_host_and_only_its_pages_use_their_cookie() {
    let mut server = TestServer::open_with(&SETTINGS, |_| Mailer::memory()).await;
    let mut conn = server.test.db.conn().await.expect("a connection");
    let (account, owner, moment) = (server.acme.id, server.acme.owner_id, server.clock.moment());
    let secret = StaffLink::issue(&mut conn, account, owner, &moment)
        .await
        .expect("a link");
    drop(conn);
    visit(&mut server, "app.x.com");
    let mut browser = TestBrowser::new(&server);
    assert_eq!(
        browser
            .redeem(&format!("/dashboard/link/{}", secret.reveal()))
            .await,
        303
    );
    assert!(browser.cookies.contains_key("__Host-vestibule_dashboard_acme"));
    assert_eq!(browser.open("/dashboard/acme").await.0, 200);
    let own = as_page(&server, &mut browser, "https://app.x.com").await;
    assert_eq!(own["data"]["portal"]["slug"], "acme", "{own}");
    let portal = as_page(&server, &mut browser, "https://acme.x.com").await;
    assert_eq!(
        portal["errors"][0]["extensions"]["code"], "UNAUTHENTICATED",
        "{portal}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_routes_are_not_slugs() {
    let test = TestAccount::open().await;
    let moment = test.clock.moment();
    let mut conn = test.test.db.conn().await.expect("a connection");
    for slug in [
        "link",
        "login",
        "dashboard",
        "auth",
        "assets",
        "graphql",
        "graphiql",
        "healthz",
        "readyz",
        "metrics",
        "www",
        "app",
        "api",
        "mail",
    ] {
        let refused = Account::create(&mut conn, slug, "Any", &moment)
            .await
            .expect_err(slug);
        assert_eq!(refused.field.as_deref(), Some("slug"));
        assert!(refused.message().contains("reserved"), "{}", refused.message());
    }
}

/// A frame of HTTP/2 (RFC 9113, 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("it is short").to_be_bytes();
    let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
    [&head[..], payload].concat()
}

/// The header `GET http://<host><path>` in HPACK, without compression (RFC 7541, 6).
fn head(host: &str, path: &str) -> Vec<u8> {
    let literal = |index: u8, text: &str| {
        let length = u8::try_from(text.len()).expect("it is short");
        [&[index, length], text.as_bytes()].concat()
    };
    [vec![0x82, 0x86], literal(1, host), literal(4, path)].concat()
}

/// The body of the response to a request over HTTP/2.
async fn get_by_http2(server: &TestServer, host: &str, path: &str) -> String {
    let address = server.url.strip_prefix("http://localhost:").expect("a port");
    let mut stream = TcpStream::connect(format!("127.0.0.1:{address}"))
        .await
        .expect("a connection");
    let (headers, end_of_headers_and_stream) = (1, 0x05);
    let request = [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        frame(4, 0, 0, &[]),
        frame(headers, end_of_headers_and_stream, 1, &head(host, path)),
    ];
    stream.write_all(&request.concat()).await.expect("it is taken");
    let mut body = Vec::new();
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.expect("a frame");
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).expect("it fits")];
        stream.read_exact(&mut payload).await.expect("its payload");
        if head[3] == 0 {
            body.extend(payload);
        }
        let ends_stream = matches!(head[3], 0 | 1) && head[4] & 1 == 1;
        if ends_stream {
            return String::from_utf8(body).expect("text");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn http2_requests_find_their_portal_by_authority() {
    let server = TestServer::open_with(&SETTINGS, |_| Mailer::memory()).await;
    let page = get_by_http2(&server, "acme.x.com", "/login").await;
    assert!(page.contains("Sign in to acme"), "{page}");
    assert_eq!(get_by_http2(&server, "app.x.com", "/healthz").await, "ok\n");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_one_portal_is_not_accepted_by_another_on_a_host_of_its_own() {
    let mut server = TestServer::open_with(&SETTINGS, |_| Mailer::memory()).await;
    let mut form = None;
    for (host, status) in [("acme.x.com", 303), ("other.x.com", 403)] {
        visit(&mut server, host);
        let url = format!("{}/login", server.url);
        let (cookie, token) = match form.take() {
            Some(form) => form,
            None => {
                let page = server.http.get(&url).send().await.expect("a page");
                let cookie = page.headers()["set-cookie"].to_str().expect("text");
                let cookie = cookie.split(';').next().expect("a pair").to_owned();
                let html = page.text().await.expect("text");
                let (_, rest) = html.split_once("name=\"form_token\" value=\"").expect("a form");
                (cookie, rest.split('"').next().expect("a token").to_owned())
            }
        };
        let post = server.http.post(&url).header("cookie", &cookie);
        let post = post.header("content-type", "application/x-www-form-urlencoded");
        let body = format!("form_token={token}&email=anna%40acme.example");
        let answer = post.body(body).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), status, "{host}");
        form = Some((cookie, token));
    }
    server.stop().await;
}
