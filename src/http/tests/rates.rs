use super::sockets::Socket;
use super::*;

/// One request a second, two at once.
async fn strict(proxies: &str) -> Stage {
    Stage::open_by(|settings, rules| {
        settings.rate = Some("1".parse().expect("a rate"));
        rules.peers.trusted = proxies.parse().expect("a network");
    })
    .await
}

/// Sends until it is refused: a slow machine may let one more through each second.
async fn until_refused(request: impl Fn() -> reqwest::RequestBuilder) -> Reply {
    for _ in 0..50 {
        let reply = sent(request()).await;
        if reply.status != 200 {
            return reply;
        }
    }
    panic!("it was never refused");
}

#[tokio::test]
async fn who_sends_too_many_requests_is_told_so_in_graphqls_form() {
    let stage = strict("192.0.2.1").await;
    assert_eq!(sent(stage.post("{ who }")).await.status, 200);
    for accept in ["application/json", "application/graphql-response+json"] {
        let refused = until_refused(|| stage.post("{ who }").header("accept", accept)).await;
        assert_eq!(
            (refused.status, refused.header("retry-after"), refused.code()),
            (429, "1", "RATE_LIMITED"),
            "{accept}"
        );
        assert!(refused.header("content-type").starts_with(accept));
        assert_eq!(refused.error()["extensions"]["retryAfter"], 1);
        assert!(refused.body.get("data").is_none(), "nothing ran");
    }
}

#[tokio::test]
async fn streams_and_handshakes_are_counted_together_with_requests() {
    let stage = strict("192.0.2.1").await;
    until_refused(|| stage.post("{ who }")).await;
    let stream = || {
        reqwest::Client::new()
            .post(format!("{}/stream", stage.url()))
            .header("accept", "text/event-stream")
            .json(&json!({ "query": "{ who }" }))
    };
    let handshake = format!(
        "GET /graphql HTTP/1.1\r\nhost: {}\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        stage.address
    );
    let mut seen = Vec::new();
    for _ in 0..10 {
        seen.push(stream().send().await.expect("an answer").status().as_u16());
    }
    assert!(seen.contains(&429), "{seen:?}");
    let mut seen = String::new();
    for _ in 0..10 {
        // A socket that came through is not waited for.
        let mut stream = stage.tcp().await;
        stream.write_all(handshake.as_bytes()).await.expect("it is taken");
        let mut head = [0; 12];
        stream.read_exact(&mut head).await.expect("an answer");
        seen.push_str(&String::from_utf8_lossy(&head));
    }
    assert!(seen.contains("HTTP/1.1 429"), "{seen}");
}

#[tokio::test]
async fn each_operation_of_a_socket_is_counted_and_the_socket_stays_open() {
    let stage = strict("192.0.2.1").await;
    let mut socket = Socket::ready(&stage, json!({})).await;
    let mut refused = Value::Null;
    for number in 0..50 {
        socket.subscribe(&number.to_string(), "{ who }").await;
        let answer = socket.hear().await;
        if answer["type"] == "error" {
            refused = answer["payload"][0]["extensions"].clone();
            break;
        }
        assert_eq!(socket.hear().await["type"], "complete");
    }
    assert_eq!(refused, json!({ "code": "RATE_LIMITED", "retryAfter": 1 }));
    socket.say(json!({ "type": "ping" })).await;
    assert_eq!(socket.hear().await["type"], "pong");
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_is_a_source_of_its_own() {
    let stage = strict("127.0.0.0/8").await;
    let from = |source: &'static str| stage.post("{ who }").header("x-forwarded-for", source);
    until_refused(|| from("198.51.100.1")).await;
    assert_eq!(sent(from("198.51.100.2")).await.status, 200);
    // What a client writes itself stands further left, and is not believed.
    until_refused(|| from("1.2.3.4, 198.51.100.1")).await;
}

#[tokio::test]
async fn a_page_that_asks_first_is_not_counted_and_may_read_that_it_was_too_fast() {
    let page = "https://app.example";
    let stage = Stage::open_by(|settings, _| {
        settings.rate = Some("1".parse().expect("a rate"));
        settings.allowed_origins = vec![page.to_owned()];
    })
    .await;
    let client = reqwest::Client::new();
    for _ in 0..20 {
        let asks = client
            .request(reqwest::Method::OPTIONS, stage.url())
            .header("origin", page)
            .header("access-control-request-method", "POST");
        assert_eq!(asks.send().await.expect("an answer").status(), 204);
    }
    let refused = until_refused(|| stage.post("{ who }").header("origin", page)).await;
    assert_eq!(refused.header("access-control-allow-origin"), page);
    assert!(
        refused
            .header("access-control-expose-headers")
            .contains("Retry-After")
    );
}

#[tokio::test]
async fn without_a_limit_nobody_is_refused() {
    let stage = Stage::open().await;
    for _ in 0..50 {
        assert_eq!(sent(stage.post("{ who }")).await.status, 200);
    }
}
