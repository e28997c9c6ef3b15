//! Clicks: `/r/{code}` leads to stored targets only, and counts each visitor once a day.

use chrono::TimeDelta;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::contents::text;
use crate::support::TestServer;

const SET: &str =
    "mutation ($input: SetAffiliateInput!) { setAffiliate(input: $input) { affiliate { id } } }";

/// An affiliate of acme with the code `anna`.
struct Link {
    server: TestServer,
    id: String,
}

impl Link {
    async fn open(more: Value) -> Self {
        let server = TestServer::open().await;
        let id = set(&server, more).await;
        Self { server, id }
    }

    async fn request(&self, method: Method, code: &str, headers: &[(&str, &str)]) -> Response {
        let address = format!("{}/p/acme/r/{code}", self.server.url);
        let mut request = self.server.http.request(method, address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.expect("an answer")
    }

    /// Where the link leads, for a visitor with these headers.
    async fn follow(&self, code: &str, headers: &[(&str, &str)]) -> String {
        let answer = self.request(Method::GET, code, headers).await;
        assert_eq!(answer.status(), 302);
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert!(!answer.headers().contains_key("set-cookie"));
        answer.headers()["location"].to_str().expect("text").to_owned()
    }

    async fn clicks(&self) -> Value {
        let query = "query ($id: ID!) { affiliate(id: $id) { clickCount
            clickHistory(from: \"2026-01-04\", to: \"2026-01-06\") { date count } } }";
        let data = self
            .server
            .data(&self.server.acme.key, query, json!({"id": self.id}))
            .await;
        let history = data["affiliate"]["clickHistory"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let days: Vec<&Value> = history.iter().map(|day| &day["count"]).collect();
        assert_eq!(history[1]["date"], "2026-01-05");
        json!({"all": data["affiliate"]["clickCount"], "days": days})
    }

    fn portal(&self) -> String {
        format!("{}/p/acme", self.server.url)
    }
}

async fn set(server: &TestServer, more: Value) -> String {
    let mut input = json!({"contactId": server.acme.contact.to_string(), "code": "anna"});
    crate::contents::merge(&mut input, more);
    let done = server
        .data(&server.acme.owner, SET, json!({"input": input}))
        .await;
    text(&done["setAffiliate"]["affiliate"]["id"])
}

fn cookie(letter: char) -> String {
    format!("vestibule_browser={}", letter.to_string().repeat(43))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_leads_to_its_own_target_the_accounts_or_the_portal() {
    let link = Link::open(json!({})).await;
    assert_eq!(link.follow("anna", &[]).await, link.portal());
    let setting = "mutation { updatePortalSettings(input: {affiliateTargetUrl: \"https://shop.example/start\"}) { portal { settings { affiliateTargetUrl } } } }";
    let done = link
        .server
        .data(&link.server.acme.owner, setting, json!({}))
        .await;
    let settings = &done["updatePortalSettings"]["portal"]["settings"];
    assert_eq!(settings["affiliateTargetUrl"], "https://shop.example/start");
    assert_eq!(link.follow("ANNA", &[]).await, "https://shop.example/start");
    set(&link.server, json!({"targetUrl": "https://own.example/a?b=c"})).await;
    let target = link
        .follow("anna?url=https://evil.example&to=//evil.example", &[])
        .await;
    assert_eq!(
        target, "https://own.example/a?b=c",
        "never what the request names"
    );
    set(&link.server, json!({"code": "new-code"})).await;
    for code in ["anna", "new-code"] {
        assert_eq!(
            link.follow(code, &[]).await,
            "https://own.example/a?b=c",
            "{code}"
        );
    }
    set(&link.server, json!({"status": "PAUSED"})).await;
    for code in [
        "anna",
        "new-code",
        "unknown",
        "x",
        "a%2Fb",
        "%00",
        "https:%2F%2Fevil.example",
    ] {
        // Where a code without a target of its own leads.
        assert_eq!(
            link.follow(code, &[]).await,
            "https://shop.example/start",
            "{code}"
        );
    }
    let other = format!("{}/p/other/r/anna", link.server.url);
    let foreign = link.server.http.get(other).send().await.expect("an answer");
    assert_eq!(
        foreign.headers()["location"],
        format!("{}/p/other", link.server.url)
    );
    link.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_counts_once_a_day() {
    let link = Link::open(json!({})).await;
    let (anna, bob) = (cookie('a'), cookie('b'));
    for _ in 0..3 {
        link.follow("anna", &[("cookie", &anna)]).await;
    }
    link.follow("anna", &[("cookie", &bob)]).await;
    for _ in 0..2 {
        link.follow("anna", &[("user-agent", "one")]).await;
    }
    link.follow("anna", &[("user-agent", "two")]).await;
    let head = link
        .request(Method::HEAD, "anna", &[("user-agent", "three")])
        .await;
    assert_eq!(
        (head.status().as_u16(), head.headers().contains_key("location")),
        (302, true)
    );
    let posted = link
        .request(Method::POST, "anna", &[("user-agent", "four")])
        .await;
    assert_eq!(posted.status(), 404);
    assert_eq!(link.clicks().await, json!({"all": 4, "days": [0, 4, 0]}));
    link.server.clock.advance(TimeDelta::hours(14));
    link.follow("anna", &[("cookie", &anna)]).await;
    assert_eq!(link.clicks().await, json!({"all": 5, "days": [0, 4, 1]}));
    link.server
        .test
        .run("update affiliates set status = 'PAUSED'")
        .await;
    link.follow("anna", &[("user-agent", "five")]).await;
    assert_eq!(link.clicks().await["all"], 5, "a paused link doesn't count");
    let plain = "select count(*) from affiliate_visitors where visitor_hash = convert_to(repeat('a', 43), 'utf8') or octet_length(visitor_hash) <> 32";
    assert_eq!(link.server.test.number(plain).await, 0);
    link.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_clicks_writes_one_row_per_visitor_and_loses_none() {
    let link = Link::open(json!({})).await;
    let clicks = (0..120).map(|number| {
        let agent = format!("agent {}", number % 40);
        let link = &link;
        async move { link.follow("anna", &[("user-agent", &agent)]).await }
    });
    futures_util::future::join_all(clicks).await;
    assert_eq!(link.clicks().await["all"], 40);
    let rows = |table: &'static str| link.server.test.number(table);
    assert_eq!(rows("select count(*) from affiliate_visitors").await, 40);
    assert!(rows("select count(*) from affiliate_clicks").await <= 4);
    link.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_has_every_day_of_a_bounded_range() {
    let link = Link::open(json!({})).await;
    let history = "query ($id: ID!, $from: Date!, $to: Date!) { affiliate(id: $id) { clickHistory(from: $from, to: $to) { count } } }";
    for (from, to, field) in [
        ("2026-01-02", "2026-01-01", "from"),
        ("2025-01-01", "2026-02-05", "to"),
        ("yesterday", "2026-01-01", "from"),
    ] {
        let range = json!({"id": link.id, "from": from, "to": to});
        let refused = link
            .server
            .error(Some(&link.server.acme.owner), history, range)
            .await;
        assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), Some(field.to_owned())));
    }
    let range = json!({"id": link.id, "from": "2025-01-01", "to": "2026-02-04"});
    let data = link.server.data(&link.server.acme.owner, history, range).await;
    assert_eq!(
        data["affiliate"]["clickHistory"].as_array().map(Vec::len),
        Some(400)
    );
    link.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_gets_the_affiliates_code_in_its_place() {
    let link = Link::open(json!({})).await;
    let setting = "mutation { updatePortalSettings(input: {affiliateTargetUrl: \"https://shop.example/by/{code}?ref={code}\"}) { portal { settings { affiliateTargetUrl } } } }";
    let done = link
        .server
        .data(&link.server.acme.owner, setting, json!({}))
        .await;
    let settings = &done["updatePortalSettings"]["portal"]["settings"];
    assert_eq!(
        settings["affiliateTargetUrl"],
        "https://shop.example/by/{code}?ref={code}"
    );
    assert_eq!(
        link.follow("anna", &[]).await,
        "https://shop.example/by/anna?ref=anna"
    );
    set(&link.server, json!({"code": "new-code"})).await;
    assert_eq!(
        link.follow("anna", &[]).await,
        "https://shop.example/by/new-code?ref=new-code"
    );
    set(
        &link.server,
        json!({"targetUrl": "https://own.example/?c={code}"}),
    )
    .await;
    assert_eq!(link.follow("anna", &[]).await, "https://own.example/?c=anna");
    assert_eq!(link.follow("unknown", &[]).await, "https://shop.example/by/?ref=");
    let hosts = "select detail ->> 'targetHost' from audit_events where detail ? 'targetHost' order by 1";
    let hosts = link.server.test.texts(hosts).await;
    let expected = [
        "{\"to\": \"own.example\", \"from\": null}",
        "{\"to\": \"shop.example\", \"from\": null}",
    ];
    assert_eq!(hosts, expected.map(|one| Some(one.to_owned())));
    link.server.stop().await;
}
