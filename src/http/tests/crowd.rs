use super::sockets::Socket;
use super::*;
use crate::http::seats::SeatLimit;

fn stream(stage: &Stage) -> reqwest::RequestBuilder {
    reqwest::Client::new()
        .post(format!("{}/stream", stage.url()))
        .header("accept", "text/event-stream")
        .json(&json!({ "query": "subscription { quiet }" }))
}

#[tokio::test]
async fn sockets_and_streams_of_one_source_are_counted_together() {
    let stage = Stage::open_with(|settings, _| settings.seats = SeatLimit(2)).await;
    let socket = Socket::ready(&stage, json!({})).await;
    let held = stream(&stage).send().await.expect("an answer");
    let refused = sent(stream(&stage)).await;
    assert_eq!(
        (refused.status, refused.header("retry-after"), refused.code()),
        (429, "30", "RATE_LIMITED")
    );
    let handshake = format!(
        "GET /graphql HTTP/1.1\r\nhost: {}\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        stage.address
    );
    let text = talk(&stage, handshake.as_bytes()).await;
    assert!(text.starts_with("HTTP/1.1 429 "), "{text}");
    assert!(
        text.contains("retry-after: 30") && text.contains("RATE_LIMITED"),
        "{text}"
    );
    assert_eq!(sent(stage.post("{ who }")).await.status, 200);
    drop(held);
    drop(socket);
    soon(|| stage.running.tasks.is_empty()).await;
    for _ in 0..2 {
        let again = stream(&stage).send().await.expect("an answer");
        assert_eq!(again.status(), 200);
    }
}

#[tokio::test]
async fn a_trusted_proxy_says_who_comes() {
    for (proxies, second) in [("127.0.0.0/8", 200), ("192.0.2.1", 429)] {
        let stage = Stage::open_by(|settings, rules| {
            settings.seats = SeatLimit(1);
            rules.peers.trusted = proxies.parse().expect("a network");
        })
        .await;
        let from = |source: &str| stream(&stage).header("x-forwarded-for", source).send();
        let held = from("198.51.100.1").await.expect("an answer");
        assert_eq!(held.status(), 200);
        let other = from("198.51.100.2").await.expect("an answer");
        assert_eq!(other.status(), second, "{proxies}");
        let again = from("1.2.3.4, 198.51.100.1").await.expect("an answer");
        assert_eq!(again.status(), 429, "{proxies}");
    }
}

#[tokio::test]
async fn a_full_house_says_so_and_has_room_again() {
    let stage = Stage::open_by(|_, rules| rules.most_connections = 2).await;
    let socket = Socket::ready(&stage, json!({})).await;
    let idle = stage.tcp().await;
    let request = b"GET /graphql?query=%7Bwho%7D HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let text = talk(&stage, request).await;
    assert!(
        text.starts_with("HTTP/1.1 503 ") && text.contains("retry-after: 5"),
        "{text}"
    );
    drop(socket);
    soon(|| stage.running.tasks.is_empty()).await;
    let text = talk(&stage, request).await;
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
    drop(idle);
}
