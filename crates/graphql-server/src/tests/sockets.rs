use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::*;

pub(super) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub(super) async fn connect(server: &TestServer, headers: &[(&'static str, String)]) -> Self {
        let mut request = format!("ws://{}/graphql", server.address)
            .into_client_request()
            .expect("a request");
        for (name, value) in headers {
            request
                .headers_mut()
                .insert(*name, value.parse().expect("a value"));
        }
        Self(connect_async(request).await.expect("a handshake").0)
    }

    async fn open(server: &TestServer) -> Self {
        Self::connect(
            server,
            &[("sec-websocket-protocol", "graphql-transport-ws".to_owned())],
        )
        .await
    }

    /// A socket that was acknowledged.
    pub(super) async fn ready(server: &TestServer, payload: Value) -> Self {
        let mut socket = Self::open(server).await;
        socket
            .send(json!({ "type": "connection_init", "payload": payload }))
            .await;
        assert_eq!(socket.receive().await, json!({ "type": "connection_ack" }));
        socket
    }

    pub(super) async fn send(&mut self, message: Value) {
        self.0
            .send(Message::text(message.to_string()))
            .await
            .expect("the server reads");
    }

    pub(super) async fn subscribe(&mut self, id: &str, query: &str) {
        self.send(json!({ "id": id, "type": "subscribe", "payload": { "query": query } }))
            .await;
    }

    async fn frame(&mut self) -> Message {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(5), self.0.next()).await;
            match next.expect("in time").expect("a frame").expect("a valid frame") {
                Message::Ping(_) | Message::Pong(_) => {}
                frame => return frame,
            }
        }
    }

    pub(super) async fn receive(&mut self) -> Value {
        match self.frame().await {
            Message::Text(text) => serde_json::from_str(&text).expect("JSON"),
            frame => panic!("{frame:?}"),
        }
    }

    async fn closed(&mut self) -> (u16, Utf8Bytes) {
        match self.frame().await {
            Message::Close(Some(close)) => (close.code.into(), close.reason),
            frame => panic!("{frame:?}"),
        }
    }

    pub(super) async fn who(&mut self) -> Value {
        self.subscribe("who", "{ who }").await;
        let result = self.receive().await["payload"]["data"]["who"].take();
        assert_eq!(self.receive().await, json!({ "type": "complete", "id": "who" }));
        result
    }
}

#[tokio::test]
async fn a_socket_runs_queries_mutations_and_subscriptions() {
    let server = TestServer::start().await;
    let mut socket = Socket::ready(&server, json!({ "authorization": "Bearer good" })).await;
    socket.subscribe("s", "subscription { count(to: 2) }").await;
    for count in [1, 2] {
        let data = json!({ "data": { "count": count } });
        assert_eq!(
            socket.receive().await,
            json!({ "id": "s", "type": "next", "payload": data })
        );
    }
    assert_eq!(socket.receive().await, json!({ "id": "s", "type": "complete" }));
    assert_eq!(socket.who().await, "key");
    socket.subscribe("m", "mutation { save }").await;
    assert_eq!(socket.receive().await["payload"]["data"]["save"], 1);
    assert_eq!(socket.receive().await, json!({ "id": "m", "type": "complete" }));
    socket.subscribe("v", "subscription { nothing }").await;
    let error = socket.receive().await;
    assert_eq!(
        (&error["type"], &error["payload"][0]["extensions"]["code"]),
        (&json!("error"), &json!("GRAPHQL_VALIDATION_FAILED"))
    );
    socket.subscribe("p", "subscription {").await;
    let error = socket.receive().await;
    assert_eq!(
        (&error["type"], &error["payload"][0]["extensions"]["code"]),
        (&json!("error"), &json!("GRAPHQL_PARSE_FAILED"))
    );
    socket
        .send(json!({ "type": "ping", "payload": { "a": 1 } }))
        .await;
    assert_eq!(
        socket.receive().await,
        json!({ "type": "pong", "payload": { "a": 1 } })
    );
}

#[tokio::test]
async fn the_credential_is_found_where_clients_put_it() {
    let server = TestServer::start().await;
    for payload in [
        json!({ "authorization": "Bearer good" }),
        json!({ "Authorization": "bearer good" }),
        json!({ "headers": { "AUTHORIZATION": "Bearer good" } }),
    ] {
        assert_eq!(Socket::ready(&server, payload).await.who().await, "key");
    }
    for payload in [
        json!(null),
        json!({}),
        json!({ "authorization": null }),
        json!({ "account": "acme" }),
    ] {
        assert_eq!(Socket::ready(&server, payload).await.who().await, "anonymous");
    }
    for authorization in [json!("Bearer stale"), json!("good"), json!(""), json!(1)] {
        let mut socket = Socket::open(&server).await;
        let payload = json!({ "authorization": authorization });
        socket
            .send(json!({ "type": "connection_init", "payload": payload }))
            .await;
        assert_eq!(socket.closed().await, (4403, "Forbidden".into()));
    }
}

#[tokio::test]
async fn the_cookie_of_the_handshake_counts_only_from_the_application_s_own_pages() {
    let server = TestServer::start().await;
    let origin = format!("http://{}", server.address);
    for (origin, viewer) in [(origin.as_str(), "key"), ("https://evil.example", "anonymous")] {
        for payload in [
            json!({ "account": "acme" }),
            json!({ "headers": { "Vestibule-Account": "acme" } }),
        ] {
            let headers = [
                ("sec-websocket-protocol", "graphql-transport-ws".to_owned()),
                ("cookie", "session=sesame".to_owned()),
                ("origin", origin.to_owned()),
            ];
            let mut socket = Socket::connect(&server, &headers).await;
            socket
                .send(json!({ "type": "connection_init", "payload": payload }))
                .await;
            socket.receive().await;
            assert_eq!(socket.who().await, viewer);
        }
    }
}

#[tokio::test]
async fn a_panic_of_the_authentication_closes_with_1011() {
    let server = TestServer::start().await;
    let mut socket = Socket::open(&server).await;
    socket
        .send(json!({ "type": "connection_init", "payload": { "authorization": "Bearer panic" } }))
        .await;
    assert_eq!(socket.closed().await.0, 1011);
}

#[tokio::test]
async fn a_handshake_without_a_sub_protocol_is_closed_with_4406() {
    let server = TestServer::start().await;
    assert_eq!(Socket::connect(&server, &[]).await.closed().await.0, 4406);
}

#[tokio::test]
async fn a_handshake_that_offers_only_unknown_protocols_is_refused() {
    let server = TestServer::start().await;
    let status = async |lines: &'static str| {
        let handshake = format!(
            "GET /graphql HTTP/1.1\r\nhost: {}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{lines}\r\n",
            server.address
        );
        let mut stream = server.tcp().await;
        stream
            .write_all(handshake.as_bytes())
            .await
            .expect("the server reads");
        let mut head = [0; 12];
        stream.read_exact(&mut head).await.expect("a response");
        String::from_utf8_lossy(&head).into_owned()
    };
    for lines in [
        "sec-websocket-protocol: graphql-ws\r\n",
        "sec-websocket-protocol: soap, graphql-ws\r\n",
        "sec-websocket-protocol: soap\r\nsec-websocket-protocol: graphql-ws\r\n",
        "sec-websocket-protocol: \r\n",
    ] {
        assert_eq!(status(lines).await, "HTTP/1.1 400", "{lines}");
    }
    let second = "sec-websocket-protocol: soap\r\nsec-websocket-protocol: graphql-transport-ws\r\n";
    assert_eq!(status(second).await, "HTTP/1.1 101");
}

#[tokio::test]
async fn no_init_is_4408_and_an_unresponsive_client_is_disconnected() {
    let server =
        TestServer::start_with(|settings, _| settings.websocket.init_timeout = Duration::from_millis(100))
            .await;
    assert_eq!(Socket::open(&server).await.closed().await.0, 4408);
    let server =
        TestServer::start_with(|settings, _| settings.websocket.ping_interval = Duration::from_millis(50))
            .await;
    let mut healthy = Socket::ready(&server, json!({})).await;
    let silent = Socket::ready(&server, json!({})).await;
    let mut reading = tokio::spawn(async move { healthy.frame().await });
    let waited = tokio::time::timeout(Duration::from_millis(600), &mut reading).await;
    assert!(waited.is_err(), "an idle but responsive client stays connected");
    wait_until(|| server.handle.tasks.len() == 1).await;
    reading.abort();
    drop(silent);
}

#[tokio::test]
async fn a_message_over_the_limit_is_1009() {
    let server = TestServer::start().await;
    for size in [300 << 10, 2 << 20] {
        let mut socket = Socket::ready(&server, json!({})).await;
        let _ = socket.0.send(Message::text("x".repeat(size))).await;
        assert_eq!(socket.closed().await.0, 1009, "{size}");
    }
}

#[tokio::test]
async fn a_revocation_closes_with_4403_and_ends_the_streams() {
    let server = TestServer::start().await;
    let mut socket = Socket::ready(&server, json!({ "authorization": "Bearer good" })).await;
    socket.subscribe("1", "subscription { quiet }").await;
    assert_eq!(socket.receive().await["type"], "next");
    server.revoked.cancel();
    assert_eq!(socket.closed().await, (4403, "SUBSCRIPTION_EXPIRED".into()));
    wait_until(|| Log::count(&server.log.dropped) == 1).await;
}

#[tokio::test]
async fn a_shutdown_closes_with_1012() {
    let server = TestServer::start().await;
    let mut socket = Socket::ready(&server, json!({})).await;
    socket.subscribe("1", "subscription { quiet }").await;
    socket.receive().await;
    server.handle.stop.cancel();
    assert_eq!(socket.closed().await.0, 1012);
    drop(socket);
    tokio::time::timeout(Duration::from_secs(3), server.task)
        .await
        .expect("in time")
        .expect("it stops");
}

#[tokio::test]
async fn streams_end_with_a_complete_or_with_their_socket() {
    let server = TestServer::start().await;
    let mut socket = Socket::ready(&server, json!({})).await;
    for id in ["1", "2"] {
        socket.subscribe(id, "subscription { quiet }").await;
        socket.receive().await;
    }
    socket.send(json!({ "type": "complete", "id": "1" })).await;
    wait_until(|| Log::count(&server.log.dropped) == 1).await;
    drop(socket);
    wait_until(|| Log::count(&server.log.dropped) == 2).await;
}

#[tokio::test]
async fn a_panic_or_a_refusal_ends_its_stream_but_not_the_socket() {
    let server = TestServer::start().await;
    let mut socket = Socket::ready(&server, json!({})).await;
    socket.subscribe("b", "subscription { breaks }").await;
    assert_eq!(socket.receive().await["payload"]["data"]["breaks"], 1);
    let broken = socket.receive().await;
    assert_eq!(broken["payload"]["errors"][0]["extensions"]["code"], "INTERNAL");
    assert_eq!(socket.receive().await, json!({ "id": "b", "type": "complete" }));
    socket.subscribe("d", "subscription { denied }").await;
    let denied = socket.receive().await;
    assert_eq!(
        denied["payload"]["errors"][0]["extensions"]["code"], "UNAUTHENTICATED",
        "{denied}"
    );
    assert_eq!(socket.receive().await, json!({ "id": "d", "type": "complete" }));
    assert_eq!(socket.who().await, "anonymous");
}

#[tokio::test]
async fn a_socket_that_is_not_read_is_not_polled_and_ends() {
    let server = TestServer::start_with(|_, server| server.timeouts.stall = Duration::from_millis(500)).await;
    let mut socket = Socket::ready(&server, json!({})).await;
    socket.subscribe("1", "subscription { heavy }").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let before = Log::count(&server.log.yielded);
    // No more than the kernel's buffers hold.
    assert!(before < 400, "{before}");
    wait_until(|| Log::count(&server.log.dropped) == 1).await;
    assert!(Log::count(&server.log.yielded) < 400);
}

#[tokio::test]
async fn a_mutation_continues_after_its_socket_has_closed() {
    let server = TestServer::start().await;
    let mut socket = Socket::ready(&server, json!({})).await;
    socket.subscribe("m", "mutation { save }").await;
    socket.subscribe("q", "{ slow }").await;
    wait_until(|| Log::count(&server.log.begun) == 2).await;
    drop(socket);
    wait_until(|| Log::count(&server.log.saved) == 1 && Log::count(&server.log.dropped) == 1).await;
}

#[tokio::test]
async fn readers_of_one_scope_share_a_stream() {
    let server = TestServer::start().await;
    let payload = json!({ "authorization": "Bearer shared" });
    let mut first = Socket::ready(&server, payload.clone()).await;
    first.subscribe("1", "subscription { quiet }").await;
    assert_eq!(first.receive().await["type"], "next");
    let mut second = Socket::ready(&server, payload).await;
    second.subscribe("2", "subscription { quiet }").await;
    assert_eq!(second.receive().await["type"], "next");
    // The second reader's own stream authorises it, and ends when it joins the group.
    wait_until(|| Log::count(&server.log.dropped) == 1).await;
    drop((first, second));
    wait_until(|| Log::count(&server.log.dropped) == 2).await;
}
