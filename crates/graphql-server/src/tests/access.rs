use std::io::Write;
use std::sync::Mutex;

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

use super::sockets::Socket;
use super::*;

/// Text that must not be logged.
const SECRET: &str = "hunter2";

/// The log of the test's thread, on which its server also runs.
#[derive(Clone, Default)]
struct LogBuffer(Arc<Mutex<Vec<u8>>>);

impl LogBuffer {
    fn open() -> (Self, DefaultGuard) {
        Self::with_spans(FmtSpan::NONE)
    }

    fn with_spans(spans: FmtSpan) -> (Self, DefaultGuard) {
        let log = Self::default();
        let written = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_span_events(spans)
            .with_writer(log.clone())
            .finish();
        (log, tracing::subscriber::set_default(written))
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("a lock")).into_owned()
    }

    fn lines(&self) -> Vec<String> {
        let text = self.text();
        let ours = text.lines().filter(|line| line.contains(" access: "));
        ours.map(str::to_owned).collect()
    }
}

impl Write for LogBuffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("a lock").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogBuffer {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn a_request_is_logged_as_one_line_with_its_operation() {
    let server = TestServer::start().await;
    let (log, _open) = LogBuffer::open();
    let response = server
        .post("query Sum { add(a: 1, b: 2) }")
        .send()
        .await
        .expect("a response");
    let id = response.headers()["x-request-id"]
        .to_str()
        .expect("text")
        .to_owned();
    let body = response.text().await.expect("a body");
    wait_until(|| !log.lines().is_empty()).await;
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    let bytes = format!("bytes={}", body.len());
    for part in [
        id.as_str(),
        bytes.as_str(),
        "method=\"POST\"",
        "route=\"/graphql\"",
        "status=200",
        "ms=",
        "kind=\"query\"",
        "name=\"Sum\"",
        "outcome=\"OK\"",
    ] {
        assert!(lines[0].contains(part), "{part}: {}", lines[0]);
    }
}

#[tokio::test]
async fn a_request_and_its_operation_have_spans_without_the_input_of_clients() {
    let server = TestServer::start().await;
    let (log, _open) = LogBuffer::with_spans(FmtSpan::CLOSE);
    for query in ["query Sum { add(a: 4711, b: 2) }", "{ bug }"] {
        let response = server.post(query).send().await.expect("a response");
        response.bytes().await.expect("a body");
    }
    let closed = || {
        let text = log.text();
        let lines = text.lines().filter(|line| line.contains(" trace: close"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    wait_until(|| closed().len() == 4).await;
    let spans = closed();
    for (index, part) in [
        (0, "otel.name=\"query Sum\""),
        (0, "graphql.operation.type=\"query\""),
        (0, "graphql.operation.name=\"Sum\""),
        (1, "http.request.method=\"POST\""),
        (1, "http.route=\"/graphql\""),
        (1, "http.response.status_code=200"),
        (2, "otel.name=\"query anonymous\""),
        (2, "graphql.error.codes=\"INTERNAL\""),
        (2, "otel.status_code=\"ERROR\""),
    ] {
        assert!(spans[index].contains(part), "{part}: {spans:?}");
    }
    assert!(
        spans
            .iter()
            .all(|span| !span.contains("4711") && !span.contains("bug")),
        "{spans:?}"
    );
}

#[tokio::test]
async fn client_input_is_never_logged() {
    let server = TestServer::start().await;
    let (log, _open) = LogBuffer::open();
    let client = reqwest::Client::new();
    let base = format!("http://{}", server.address);
    let document = format!("query A($a: Int) {{ hunter2: add(a: $a, b: 2) }} # {SECRET}");
    let body = json!({ "query": document, "variables": { "a": SECRET, SECRET: 1 }, "operationName": "A" });
    let text: String = url::form_urlencoded::byte_serialize(document.as_bytes()).collect();
    let requests = [
        client.post(server.url()).json(&body).bearer_auth(SECRET),
        client.post(server.url()).json(&body).header("user-agent", SECRET),
        client.post(server.url()).json(&json!({ "query": SECRET })),
        client
            .post(server.url())
            .json(&json!({ "query": "{ who }", "operationName": SECRET })),
        client.get(format!(
            "{}?query={text}&variables=%7B%22a%22%3A%22hunter2%22%7D",
            server.url()
        )),
        client
            .get(format!("{base}/link/{SECRET}?token={SECRET}"))
            .header("cookie", SECRET),
        client
            .post(format!("{base}/graphql/stream"))
            .json(&body)
            .header("accept", "text/event-stream"),
        client.request(reqwest::Method::from_bytes(b"HUNTER2").expect("a method"), &base),
    ];
    let count = requests.len();
    for request in requests {
        request
            .send()
            .await
            .expect("a response")
            .bytes()
            .await
            .expect("a body");
    }
    let mut socket = Socket::ready(&server, json!({ "authorization": "Bearer good", "x": SECRET })).await;
    socket
        .send(json!({ "id": SECRET, "type": "subscribe", "payload": body }))
        .await;
    socket.receive().await;
    drop(socket);
    wait_until(|| log.lines().len() == count + 2).await;
    let text = log.text();
    let ours: Vec<_> = text
        .lines()
        .filter(|line| line.to_lowercase().contains(SECRET))
        .collect();
    assert!(ours.iter().all(|line| is_dependency_debug(line)), "{ours:#?}");
}

/// Dependencies log bytes at their debug levels, which `RUST_LOG` must not enable in production.
fn is_dependency_debug(line: &str) -> bool {
    [" TRACE ", " DEBUG "].iter().any(|level| line.contains(level)) && !line.contains("graphql_server")
}

#[tokio::test]
async fn operations_of_a_socket_are_logged_at_their_end() {
    let server = TestServer::start().await;
    let (log, _open) = LogBuffer::open();
    let mut socket = Socket::ready(&server, json!({})).await;
    socket.subscribe("1", "subscription Still { quiet }").await;
    socket.receive().await;
    assert!(!log.text().contains("Still"));
    socket.send(json!({ "id": "1", "type": "complete" })).await;
    wait_until(|| log.lines().iter().any(|line| line.contains("name=\"Still\""))).await;
    let lines = log.lines();
    let line = lines
        .iter()
        .find(|line| line.contains("Still"))
        .expect("it is there");
    assert!(
        line.contains("kind=\"subscription\"") && line.contains("socket="),
        "{line}"
    );
}

#[tokio::test]
async fn a_client_that_disconnects_early_is_logged_as_499() {
    let server = TestServer::start().await;
    let (log, _open) = LogBuffer::open();
    let asked = tokio::time::timeout(Duration::from_millis(300), server.post("{ slow }").send()).await;
    assert!(asked.is_err());
    wait_until(|| !log.lines().is_empty()).await;
    let line = log.lines().remove(0);
    assert!(
        line.contains("status=499") && line.contains("outcome=\"CANCELLED\""),
        "{line}"
    );
}

fn metrics_text(server: &TestServer) -> String {
    let mut registry = Registry::default();
    server.handle.metrics.register(&mut registry);
    let mut text = String::new();
    encode(&mut text, &registry).expect("text");
    text
}

#[tokio::test]
async fn operations_and_requests_are_counted_with_bounded_labels() {
    let server = TestServer::start().await;
    for query in [
        "query Chosen { who }",
        "mutation { save }",
        "{ limited }",
        "{ chosen_by_the_client }",
        "{ alias: who }",
        "{ chosen",
    ] {
        send(server.post(query)).await;
    }
    let _ = reqwest::get(format!("http://{}/chosen", server.address)).await;
    let expected_line = |kind: &str, field: &str, outcome: &str, count: u32| {
        format!(
            "graphql_operations_total{{kind=\"{kind}\",field=\"{field}\",outcome=\"{outcome}\"}} {count}\n"
        )
    };
    let text = metrics_text(&server);
    for line in [
        expected_line("query", "who", "OK", 2),
        expected_line("mutation", "save", "OK", 1),
        expected_line("query", "limited", "RATE_LIMITED", 1),
        expected_line("query", "-", "GRAPHQL_VALIDATION_FAILED", 1),
        expected_line("-", "-", "GRAPHQL_PARSE_FAILED", 1),
        "http_requests_total{route=\"/graphql\",method=\"POST\",status=\"2xx\"} 6\n".to_owned(),
        "http_requests_total{route=\"other\",method=\"GET\",status=\"4xx\"} 1\n".to_owned(),
        "graphql_operation_seconds_count{kind=\"mutation\",outcome=\"OK\"} 1\n".to_owned(),
    ] {
        assert!(text.contains(&line), "{line}{text}");
    }
    assert!(!text.to_lowercase().contains("chosen"), "{text}");
}

#[tokio::test]
async fn open_connections_and_streams_are_counted_until_they_close() {
    let server = TestServer::start().await;
    let mut socket = Socket::ready(&server, json!({})).await;
    socket.subscribe("1", "subscription { quiet }").await;
    socket.receive().await;
    let stream = reqwest::Client::new()
        .post(format!("{}/stream", server.url()))
        .header("accept", "text/event-stream")
        .json(&json!({ "query": "subscription { quiet }" }));
    let stream = stream.send().await.expect("a response");
    let open = |sockets: u8, streams: u8, subscriptions: u8, connections: u8| {
        let text = metrics_text(&server);
        [
            format!("graphql_sockets {sockets}\n"),
            format!("graphql_event_streams {streams}\n"),
            format!("graphql_subscriptions {subscriptions}\n"),
            format!("http_connections {connections}\n"),
        ]
        .iter()
        .all(|line| text.contains(line))
    };
    assert!(open(1, 1, 2, 2), "{}", metrics_text(&server));
    drop(stream);
    wait_until(|| open(1, 0, 1, 1)).await;
    drop(socket);
    wait_until(|| open(0, 0, 0, 0)).await;
}
