use super::sockets::Socket;
use super::*;
use crate::socket_limit::SocketLimit;

fn stream(server: &TestServer) -> reqwest::RequestBuilder {
    reqwest::Client::new()
        .post(format!("{}/stream", server.url()))
        .header("accept", "text/event-stream")
        .json(&json!({ "query": "subscription { quiet }" }))
}

#[tokio::test]
async fn sockets_and_streams_of_one_source_are_counted_together() {
    let server = TestServer::start_with(|settings, _| settings.socket_limit = SocketLimit(2)).await;
    let socket = Socket::ready(&server, json!({})).await;
    let held = stream(&server).send().await.expect("a response");
    let refused = send(stream(&server)).await;
    assert_eq!(
        (refused.status, refused.header("retry-after"), refused.code()),
        (429, "30", "RATE_LIMITED")
    );
    let handshake = format!(
        "GET /graphql HTTP/1.1\r\nhost: {}\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        server.address
    );
    let text = send_raw(&server, handshake.as_bytes()).await;
    assert!(text.starts_with("HTTP/1.1 429 "), "{text}");
    assert!(
        text.contains("retry-after: 30") && text.contains("RATE_LIMITED"),
        "{text}"
    );
    assert_eq!(send(server.post("{ who }")).await.status, 200);
    drop(held);
    drop(socket);
    wait_until(|| server.handle.tasks.is_empty()).await;
    for _ in 0..2 {
        let again = stream(&server).send().await.expect("a response");
        assert_eq!(again.status(), 200);
    }
}

#[tokio::test]
async fn a_trusted_proxy_determines_the_source() {
    for (proxies, second) in [("127.0.0.0/8", 200), ("192.0.2.1", 429)] {
        let server = TestServer::start_with(|settings, server| {
            settings.socket_limit = SocketLimit(1);
            server.proxies.trusted = proxies.parse().expect("a network");
        })
        .await;
        let from = |source: &str| stream(&server).header("x-forwarded-for", source).send();
        let held = from("198.51.100.1").await.expect("a response");
        assert_eq!(held.status(), 200);
        let other = from("198.51.100.2").await.expect("a response");
        assert_eq!(other.status(), second, "{proxies}");
        let again = from("1.2.3.4, 198.51.100.1").await.expect("a response");
        assert_eq!(again.status(), 429, "{proxies}");
    }
}

#[tokio::test]
async fn a_full_server_returns_503_and_recovers() {
    let server = TestServer::start_with(|_, server| server.max_connections = 2).await;
    let socket = Socket::ready(&server, json!({})).await;
    let idle = server.tcp().await;
    let request = b"GET /graphql?query=%7Bwho%7D HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let text = send_raw(&server, request).await;
    assert!(
        text.starts_with("HTTP/1.1 503 ") && text.contains("retry-after: 5"),
        "{text}"
    );
    drop(socket);
    wait_until(|| server.handle.tasks.is_empty()).await;
    let text = send_raw(&server, request).await;
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
    drop(idle);
}
