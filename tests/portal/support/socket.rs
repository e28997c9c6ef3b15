//! A client of `graphql-transport-ws`.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::TestServer;

pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub async fn open(server: &TestServer, credential: Option<&str>) -> Self {
        Self::at(&server.url, credential).await
    }

    /// Connects to another instance.
    pub async fn at(url: &str, credential: Option<&str>) -> Self {
        let mut request = format!("{}/graphql", url.replace("http", "ws"))
            .into_client_request()
            .expect("a request");
        let protocol = "graphql-transport-ws".parse().expect("a header");
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let (stream, _) = tokio_tungstenite::connect_async(request).await.expect("a socket");
        let mut socket = Self(stream);
        let payload = credential.map(|token| json!({"authorization": format!("Bearer {token}")}));
        socket
            .send(json!({"type": "connection_init", "payload": payload}))
            .await;
        assert_eq!(socket.next().await["type"], "connection_ack");
        socket
    }

    pub async fn send(&mut self, message: Value) {
        self.0
            .send(Message::text(message.to_string()))
            .await
            .expect("it is sent");
    }

    pub async fn subscribe(&mut self, query: &str) {
        self.send(json!({"id": "1", "type": "subscribe", "payload": {"query": query}}))
            .await;
    }

    /// The next message; a close is `{"close": code}`.
    pub async fn next(&mut self) -> Value {
        loop {
            let message = tokio::time::timeout(Duration::from_secs(20), self.0.next())
                .await
                .expect("a message in time");
            match message {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).expect("JSON"),
                Some(Ok(Message::Close(frame))) => {
                    return json!({"close": frame.map(|frame| u16::from(frame.code))});
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return json!({"close": null}),
            }
        }
    }

    pub async fn data(&mut self) -> Value {
        let message = self.next().await;
        assert_eq!(message["type"], "next", "{message}");
        message["payload"]["data"].clone()
    }
}
