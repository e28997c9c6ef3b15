//! `/metrics`: access and contents.

use chrono::TimeDelta;
use mailer::{MailSettings, Mailer, SendError};
use serde_json::json;

use crate::passwords::ANNA;
use crate::support::{TestBrowser, TestServer, wait_until};

const TOKEN: &str = "the token of the tests";
pub const SET: (&str, &str) = ("VESTIBULE_METRICS_TOKEN", "the-token-of-the-tests");

async fn get(server: &TestServer, url: &str, token: Option<&str>) -> (u16, String) {
    let mut request = server.http.get(url);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("text"))
}

pub async fn scrape(server: &TestServer) -> String {
    let (status, text) = get(server, &format!("{}/metrics", server.url), Some(SET.1)).await;
    assert_eq!(status, 200, "{text}");
    text
}

/// The value of a series, by its name and labels.
pub fn value(text: &str, series: &str) -> f64 {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.and_then(|value| value.parse().ok()).unwrap_or(f64::NAN)
}

pub async fn wait_for_value(server: &TestServer, series: &str, wanted: impl Fn(f64) -> bool) {
    wait_until(series, async || wanted(value(&scrape(server).await, series))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_setting_there_are_no_metrics() {
    let server = TestServer::open().await;
    let page = get(&server, &format!("{}/metrics", server.url), None).await;
    assert_eq!(page, get(&server, &format!("{}/nothing", server.url), None).await);
    assert_eq!(page.0, 404);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_on_the_public_port_need_the_token() {
    let server = TestServer::open_with(&[SET], |_| Mailer::memory()).await;
    let url = format!("{}/metrics", server.url);
    let missing = get(&server, &format!("{}/nothing", server.url), None).await;
    for token in [
        None,
        Some(TOKEN),
        Some("the-token-of-the-test"),
        Some(""),
        Some(&server.acme.owner[..]),
    ] {
        assert_eq!(get(&server, &url, token).await, missing, "{token:?}");
    }
    let text = scrape(&server).await;
    assert!(text.contains("vestibule_http_requests_total"), "{text}");
    assert!(!text.contains("statements"), "{text}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_separate_listener_serves_only_metrics() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = free.local_addr().expect("an address").to_string();
    drop(free);
    let server = TestServer::open_with(&[("VESTIBULE_METRICS_LISTEN", &address)], |_| Mailer::memory()).await;
    let at = async |path: &str| get(&server, &format!("http://{address}{path}"), None).await;
    let (status, text) = at("/metrics").await;
    assert_eq!(status, 200);
    assert!(text.contains("vestibule_database_connections "), "{text}");
    assert_eq!(at("/healthz").await, (200, "ok\n".to_owned()));
    for path in [
        "/",
        "/graphql?query={__typename}",
        "/p/acme/login",
        "/dashboard",
        "/readyz",
    ] {
        assert_eq!(at(path).await.0, 404, "{path}");
    }
    assert_eq!(
        get(&server, &format!("{}/metrics", server.url), None).await.0,
        404
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_count_sent_and_waiting_messages() {
    let server = TestServer::open_with(&[SET], |_| Mailer::memory()).await;
    let busy = SendError::Retry {
        reason: "busy".to_owned(),
    };
    server.mailbox.fail_next(1, busy);
    let of = |outcome: &str| {
        format!(
            "vestibule_messages_total{{channel=\"EMAIL\",kind=\"REQUESTED_LOGIN\",outcome=\"{outcome}\"}}"
        )
    };
    server.request_login(ANNA).await;
    wait_for_value(&server, &of("DEFERRED"), |count| count == 1.0).await;
    server.clock.advance(TimeDelta::seconds(15));
    wait_for_value(&server, &of("SENT"), |count| count == 1.0).await;
    server.clock.advance(TimeDelta::seconds(15));
    wait_for_value(&server, "vestibule_messages_waiting", |count| count == 0.0).await;
    // Due in an hour, so that no worker claims it.
    server
        .test
        .run("update messages set status = 'DEFERRED', due_at = '2026-01-05T11:30:00Z', created_at = '2026-01-05T10:00:00Z'")
        .await;
    server.clock.advance(TimeDelta::seconds(30));
    wait_for_value(&server, "vestibule_messages_waiting", |count| count == 1.0).await;
    let text = scrape(&server).await;
    assert_eq!(
        value(&text, "vestibule_messages_oldest_waiting_seconds"),
        60.0,
        "{text}"
    );
    assert_eq!(
        value(&text, "vestibule_database_figures_age_seconds"),
        0.0,
        "{text}"
    );
    assert!(
        value(&text, "vestibule_mail_server_up").is_nan(),
        "there is none: {text}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_that_differ_from_their_rows_are_a_metric() {
    let server = TestServer::open_with(&[SET], |_| Mailer::memory()).await;
    let drifted = "vestibule_accounts_with_count_drift";
    wait_for_value(&server, drifted, |count| count == 0.0).await;
    server
        .test
        .run(
            "alter table contacts disable trigger user;
             insert into contacts (account_id, id, invited_at, first_invited_at, created_at, updated_at)
             select id, gen_random_uuid(), '2026-01-01Z', '2026-01-01Z', '2026-01-01Z', '2026-01-01Z' from accounts
             where slug = 'acme'",
        )
        .await;
    server.clock.advance(TimeDelta::hours(1));
    wait_for_value(&server, drifted, |count| count == 1.0).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scrape_uses_no_connection_of_the_pool() {
    let server = TestServer::open_with(&[SET], |_| Mailer::memory()).await;
    wait_for_value(&server, "vestibule_messages_waiting", |count| count == 0.0).await;
    let mut held = Vec::new();
    for _ in 0..10 {
        held.push(server.test.db.conn().await.expect("a connection"));
    }
    server.clock.advance(TimeDelta::seconds(15));
    wait_for_value(&server, "vestibule_database_figures_age_seconds", |age| {
        age == 0.0
    })
    .await;
    let text = scrape(&server).await;
    assert_eq!(value(&text, "vestibule_database_connections"), 10.0, "{text}");
    assert_eq!(value(&text, "vestibule_database_connections_idle"), 0.0, "{text}");
    assert!(
        value(&text, "vestibule_database_pool_wait_seconds_count") >= 10.0,
        "{text}"
    );
    drop(held);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redeeming_a_link_in_the_browser_uses_one_connection_of_the_pool() {
    let server = TestServer::open().await;
    // An instance without a worker, which would use connections as well.
    let second = server.start_instance_with(&[SET]).await;
    let make = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { url } }";
    let id = json!({ "id": server.acme.contact.to_string() });
    let created = server.data(&server.acme.key, make, id).await;
    let url = created["generateMagicLink"]["url"].as_str().expect("a URL");
    let url = url.replace(&server.url, &second.url);
    let taken = async || {
        let (_, text) = get(&server, &format!("{}/metrics", second.url), Some(SET.1)).await;
        value(&text, "vestibule_database_pool_wait_seconds_count")
    };
    let mut browser = TestBrowser::new(&server);
    let mut fewest = f64::INFINITY;
    // The same browser may repeat it. Background tasks use connections as well, so the minimum of several attempts counts.
    for _ in 0..7 {
        let (_, page) = browser.send(server.http.get(&url)).await;
        let (_, token) = page.split_once("name=\"form_token\" value=\"").expect("a form");
        let token = token.split('"').next().unwrap_or_default();
        let post = server
            .http
            .post(&url)
            .header("content-type", "application/x-www-form-urlencoded");
        let before = taken().await;
        let (status, _) = browser.send(post.body(format!("form_token={token}"))).await;
        assert_eq!(status, 303);
        fewest = fewest.min(taken().await - before);
    }
    assert_eq!(fewest, 1.0);
    second.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_mail_server_is_a_metric_before_any_email() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("smtp://{}", gone.local_addr().expect("an address"));
    drop(gone);
    let mailer = |folder: &std::path::Path| {
        let settings = MailSettings {
            smtp_url: url.parse().ok(),
            ..MailSettings::new(folder.join("mail"))
        };
        Mailer::new(&settings).expect("a mailer")
    };
    let server = TestServer::open_with(&[SET], mailer).await;
    wait_for_value(&server, "vestibule_mail_server_up", |up| up == 0.0).await;
    let paused = |channel: &str| format!("vestibule_messages_paused{{channel=\"{channel}\"}}");
    assert_eq!(value(&scrape(&server).await, &paused("EMAIL")), 0.0);
    server.request_code(ANNA).await;
    wait_for_value(&server, &paused("EMAIL"), |paused| paused == 1.0).await;
    assert_eq!(value(&scrape(&server).await, &paused("SMS")), 0.0);
    server.stop().await;
}
