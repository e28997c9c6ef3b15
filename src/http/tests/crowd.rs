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
    let stage = Stage::open_with(|settings, _| settings.seats = SeatLimit { said: Some(2) }).await;
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
