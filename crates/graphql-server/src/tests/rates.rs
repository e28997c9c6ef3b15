use super::sockets::Socket;
use super::*;
use crate::rate_limit::RateLimit;

/// A server with a limit of one request per second and a burst of two.
async fn start_limited(proxies: &str) -> TestServer {
    TestServer::start_with(|settings, server| {
        settings.rate_limit = Some(RateLimit::new("1".parse().expect("a rate")));
        server.proxies.trusted = proxies.parse().expect("a network");
    })
    .await
}

/// Sends until a request is refused: on a slow machine, one more passes each second.
async fn until_refused(request: impl Fn() -> reqwest::RequestBuilder) -> Reply {
    for _ in 0..50 {
        let reply = send(request()).await;
        if reply.status != 200 {
            return reply;
        }
    }
    panic!("no request was refused");
}

#[tokio::test]
async fn too_many_requests_get_a_graphql_error() {
    let server = start_limited("192.0.2.1").await;
    assert_eq!(send(server.post("{ who }")).await.status, 200);
    for accept in ["application/json", "application/graphql-response+json"] {
        let refused = until_refused(|| server.post("{ who }").header("accept", accept)).await;
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
async fn streams_and_handshakes_count_as_requests() {
    let server = start_limited("192.0.2.1").await;
    until_refused(|| server.post("{ who }")).await;
    let stream = || {
        reqwest::Client::new()
            .post(format!("{}/stream", server.url()))
            .header("accept", "text/event-stream")
            .json(&json!({ "query": "{ who }" }))
    };
    let handshake = format!(
        "GET /graphql HTTP/1.1\r\nhost: {}\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        server.address
    );
    let mut seen = Vec::new();
    for _ in 0..10 {
        seen.push(stream().send().await.expect("a response").status().as_u16());
    }
    assert!(seen.contains(&429), "{seen:?}");
    let mut seen = String::new();
    for _ in 0..10 {
        // Does not wait for the end of an accepted socket.
        let mut stream = server.tcp().await;
        stream
            .write_all(handshake.as_bytes())
            .await
            .expect("the server reads");
        let mut head = [0; 12];
        stream.read_exact(&mut head).await.expect("a response");
        seen.push_str(&String::from_utf8_lossy(&head));
    }
    assert!(seen.contains("HTTP/1.1 429"), "{seen}");
}

#[tokio::test]
async fn each_operation_of_a_socket_counts_and_a_refusal_keeps_it_open() {
    let server = start_limited("192.0.2.1").await;
    let mut socket = Socket::ready(&server, json!({})).await;
    let mut refused = Value::Null;
    for number in 0..50 {
        socket.subscribe(&number.to_string(), "{ who }").await;
        let result = socket.receive().await;
        if result["type"] == "error" {
            refused = result["payload"][0]["extensions"].clone();
            break;
        }
        assert_eq!(socket.receive().await["type"], "complete");
    }
    assert_eq!(refused, json!({ "code": "RATE_LIMITED", "retryAfter": 1 }));
    socket.send(json!({ "type": "ping" })).await;
    assert_eq!(socket.receive().await["type"], "pong");
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_is_a_separate_source() {
    let server = start_limited("127.0.0.0/8").await;
    let from = |source: &'static str| server.post("{ who }").header("x-forwarded-for", source);
    until_refused(|| from("198.51.100.1")).await;
    assert_eq!(send(from("198.51.100.2")).await.status, 200);
    // Entries sent by the client itself are further left, and don't count.
    until_refused(|| from("1.2.3.4, 198.51.100.1")).await;
}

#[tokio::test]
async fn without_a_limit_no_request_is_refused() {
    let server = TestServer::start().await;
    for _ in 0..50 {
        assert_eq!(send(server.post("{ who }")).await.status, 200);
    }
}
