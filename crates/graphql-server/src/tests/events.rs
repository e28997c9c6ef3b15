use super::*;

/// Reads events and the comments between them.
struct EventReader {
    response: reqwest::Response,
    text: String,
}

impl EventReader {
    async fn open(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.expect("a response");
        assert_eq!(response.status(), 200);
        Self {
            response,
            text: String::new(),
        }
    }

    /// The next block, `None` at the end of the stream.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let block = block.to_owned();
                self.text = rest.to_owned();
                return Some(block);
            }
            let chunk = tokio::time::timeout(Duration::from_secs(5), self.response.chunk()).await;
            let chunk = chunk.expect("in time").ok().flatten()?;
            self.text.push_str(&String::from_utf8_lossy(&chunk));
        }
    }

    async fn event(&mut self) -> Option<String> {
        loop {
            match self.block().await {
                Some(comment) if comment == ":" => {}
                other => return other,
            }
        }
    }

    async fn next(&mut self) -> Value {
        let event = self.event().await.expect("an event");
        let data = event.strip_prefix("event: next\ndata: ").expect("a next");
        serde_json::from_str(data).expect("JSON")
    }

    async fn expect_complete(&mut self) {
        assert_eq!(self.event().await.as_deref(), Some("event: complete\ndata:"));
        assert_eq!(self.event().await, None);
    }
}

fn stream(server: &TestServer) -> String {
    format!("{}/stream", server.url())
}

fn post(server: &TestServer, query: &str) -> reqwest::RequestBuilder {
    reqwest::Client::new()
        .post(stream(server))
        .header("accept", "text/event-stream")
        .json(&json!({ "query": query }))
}

fn get(server: &TestServer, query: &str) -> reqwest::RequestBuilder {
    let text: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
    reqwest::Client::new()
        .get(format!("{}?query={text}", stream(server)))
        .header("accept", "text/event-stream")
}

#[tokio::test]
async fn a_subscription_is_a_stream_of_events_with_a_complete() {
    let server = TestServer::start().await;
    for request in [post, get] {
        let mut reader = EventReader::open(request(&server, "subscription { count(to: 2) }")).await;
        let headers = reader.response.headers();
        assert_eq!(headers["content-type"], "text/event-stream; charset=utf-8");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["x-accel-buffering"], "no");
        for count in [1, 2] {
            assert_eq!(reader.next().await, json!({ "data": { "count": count } }));
        }
        reader.expect_complete().await;
    }
}

#[tokio::test]
async fn queries_and_posted_mutations_are_events() {
    let server = TestServer::start().await;
    for (request, data) in [
        (
            post(&server, "{ who }").bearer_auth("good"),
            json!({ "who": "key" }),
        ),
        (get(&server, "{ who }"), json!({ "who": "anonymous" })),
        (post(&server, "mutation { save }"), json!({ "save": 1 })),
    ] {
        let mut reader = EventReader::open(request).await;
        assert_eq!(reader.next().await, json!({ "data": data }));
        reader.expect_complete().await;
    }
    let refused = send(get(&server, "mutation { save }")).await;
    assert_eq!((refused.status, refused.header("allow")), (405, "POST"));
    assert_eq!(Log::count(&server.log.saved), 1);
}

#[tokio::test]
async fn a_request_refused_before_the_stream_has_a_status() {
    let server = TestServer::start().await;
    let url = stream(&server);
    let client = reqwest::Client::new();
    let text = client.post(&url).header("accept", "text/event-stream").body("{}");
    let plain = client.post(&url).json(&json!({ "query": "{ who }" }));
    for (request, status, code) in [
        (plain.header("accept", "application/json"), 406, "BAD_USER_INPUT"),
        (
            client.get(&url).header("accept", "text/event-stream;q=0"),
            406,
            "BAD_USER_INPUT",
        ),
        (
            client.put(&url).header("accept", "text/event-stream"),
            405,
            "BAD_USER_INPUT",
        ),
        (post(&server, "{"), 400, "GRAPHQL_PARSE_FAILED"),
        (post(&server, "{ who }").body("[]"), 400, "BAD_USER_INPUT"),
        (text, 415, "BAD_USER_INPUT"),
        (
            post(&server, "{ who }").body("x".repeat(3 << 20)),
            413,
            "BAD_USER_INPUT",
        ),
        (
            post(&server, "{ who }").bearer_auth("stale"),
            401,
            "UNAUTHENTICATED",
        ),
        (post(&server, "{ who }").bearer_auth("busy"), 429, "RATE_LIMITED"),
    ] {
        let reply = send(request).await;
        assert_eq!((reply.status, reply.code()), (status, code));
    }
}

#[tokio::test]
async fn errors_of_validation_and_execution_are_events() {
    let server = TestServer::start().await;
    for (query, code) in [
        ("{ nobody }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nobody }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { denied }", "UNAUTHENTICATED"),
    ] {
        let mut reader = EventReader::open(post(&server, query)).await;
        assert_eq!(reader.next().await["errors"][0]["extensions"]["code"], code);
        reader.expect_complete().await;
    }
    let mut reader = EventReader::open(post(&server, "subscription { breaks }")).await;
    assert_eq!(reader.next().await["data"]["breaks"], 1);
    assert_eq!(reader.next().await["errors"][0]["extensions"]["code"], "INTERNAL");
    reader.expect_complete().await;
}

#[tokio::test]
async fn a_cookie_counts_only_from_the_application_s_own_pages() {
    let server = TestServer::start().await;
    let origin = format!("http://{}", server.address);
    for (origin, viewer) in [(origin.as_str(), "key"), ("https://evil.example", "anonymous")] {
        let request = post(&server, "{ who }")
            .header("cookie", "session=sesame")
            .header("x-csrf", "1")
            .header("origin", origin);
        assert_eq!(
            EventReader::open(request).await.next().await["data"]["who"],
            viewer
        );
    }
}

#[tokio::test]
async fn an_ended_authentication_is_an_event_without_data() {
    let server = TestServer::start().await;
    let mut reader = EventReader::open(post(&server, "subscription { quiet }").bearer_auth("good")).await;
    reader.next().await;
    server.revoked.cancel();
    let last = reader.next().await;
    assert_eq!(last["errors"][0]["extensions"]["code"], "SUBSCRIPTION_EXPIRED");
    assert!(last.get("data").is_none(), "{last}");
    reader.expect_complete().await;
    wait_until(|| Log::count(&server.log.dropped) == 1).await;
}

#[tokio::test]
async fn an_idle_stream_sends_comments() {
    let server =
        TestServer::start_with(|settings, _| settings.event_stream.keep_alive = Duration::from_millis(50))
            .await;
    let mut reader = EventReader::open(post(&server, "subscription { quiet }")).await;
    reader.next().await;
    for _ in 0..3 {
        assert_eq!(reader.block().await.as_deref(), Some(":"));
    }
}

#[tokio::test]
async fn a_disconnected_client_ends_its_stream() {
    let server = TestServer::start().await;
    let mut reader = EventReader::open(post(&server, "subscription { quiet }")).await;
    reader.next().await;
    drop(reader);
    wait_until(|| Log::count(&server.log.dropped) == 1).await;
}

#[tokio::test]
async fn a_shutdown_ends_a_subscription_without_a_complete() {
    let server = TestServer::start().await;
    let mut reader = EventReader::open(post(&server, "subscription { quiet }")).await;
    let mut query = EventReader::open(post(&server, "{ pause(ms: 300) }")).await;
    reader.next().await;
    server.handle.stop.cancel();
    assert_eq!(reader.event().await, None);
    query.next().await;
    query.expect_complete().await;
    tokio::time::timeout(Duration::from_secs(3), server.task)
        .await
        .expect("in time")
        .expect("it stops");
}

#[tokio::test]
async fn a_stream_that_is_not_read_is_not_polled_and_ends() {
    let server =
        TestServer::start_with(|settings, _| settings.event_stream.stall = Duration::from_millis(500)).await;
    let reader = EventReader::open(post(&server, "subscription { heavy }")).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let before = Log::count(&server.log.yielded);
    // No more than the kernel's buffers hold.
    assert!(before < 400, "{before}");
    wait_until(|| Log::count(&server.log.dropped) == 1).await;
    assert!(Log::count(&server.log.yielded) < 400);
    drop(reader);
}
