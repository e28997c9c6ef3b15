//! Documents that would cost time or memory, on every transport. The guard itself has its own tests. No time is asserted: a
//! document that is not refused before validation would exceed the time of a test by far.

use super::sockets::Socket;
use super::*;

/// `2^steps` fields, with one fragment per step.
fn doubling_fragments(steps: usize) -> String {
    let fragments =
        (0..steps).map(|step| format!("fragment F{step} on Query {{ ...F{0} ...F{0} }}", step + 1));
    let fragments = fragments.collect::<Vec<_>>().join(" ");
    format!("{{ ...F0 }} {fragments} fragment F{steps} on Query {{ who }}")
}

fn abusive_documents() -> Vec<String> {
    vec![
        doubling_fragments(16),
        doubling_fragments(31),
        doubling_fragments(400),
        format!("{{ {} }}", "a: __typename ".repeat(1_000)),
        format!("{{ {} }}", "__typename ".repeat(500)),
        format!("{{ __typename {} }}", "@aa ".repeat(1_000)),
        "{".repeat(100_000),
        "[".repeat(60_000),
        format!("{{ {} }}", "x".repeat(70_000)),
        format!("{}{}", "{ who ".repeat(300), "}".repeat(300)),
        "{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }"
            .to_owned(),
    ]
}

#[tokio::test]
async fn abusive_documents_are_refused_over_http_and_in_batches() {
    let server = TestServer::start().await;
    for text in abusive_documents() {
        let reply = send(server.post(&text)).await;
        assert_eq!(reply.code(), "QUERY_TOO_COMPLEX", "{text:.80}");
        assert!(reply.message().len() < 300, "{}", reply.message());
        let body = json!([{ "query": text }, { "query": "{ who }" }]);
        let reply = send(reqwest::Client::new().post(server.url()).json(&body)).await;
        let code = &reply.body[0]["errors"][0]["extensions"]["code"];
        assert_eq!(code, "QUERY_TOO_COMPLEX", "{text:.80}");
        assert_eq!(reply.body[1]["data"]["who"], "anonymous");
    }
}

#[tokio::test]
async fn abusive_documents_are_errors_of_their_operation_on_a_socket() {
    let server = TestServer::start().await;
    let mut socket = Socket::ready(&server, json!({})).await;
    for text in abusive_documents() {
        socket.subscribe("1", &text).await;
        let message = socket.receive().await;
        assert_eq!(message["type"], "error", "{text:.80}");
        assert_eq!(
            message["payload"][0]["extensions"]["code"], "QUERY_TOO_COMPLEX",
            "{text:.80}"
        );
    }
    socket.subscribe("1", "{ who }").await;
    assert_eq!(socket.receive().await["payload"]["data"]["who"], "anonymous");
}

#[tokio::test]
async fn a_persisted_query_needs_no_text_the_second_time() {
    let server = TestServer::start().await;
    let text = "{ add(a: 20, b: 3) }";
    let ask = |query: Option<&str>, hash: &str| {
        let mut body = json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } });
        if let Some(query) = query {
            body["query"] = json!(query);
        }
        send(reqwest::Client::new().post(server.url()).json(&body))
    };
    assert_eq!(ask(Some(text), &sha256("another")).await.code(), "BAD_USER_INPUT");
    let hash = sha256(text);
    let unknown = ask(None, &hash).await;
    assert_eq!(
        (unknown.status, unknown.code()),
        (200, "PERSISTED_QUERY_NOT_FOUND")
    );
    assert_eq!(
        ask(Some(text), &hash).await.body,
        json!({ "data": { "add": 23 } })
    );
    assert_eq!(ask(None, &hash).await.body, json!({ "data": { "add": 23 } }));
    let extensions = format!("{{\"persistedQuery\":{{\"version\":1,\"sha256Hash\":\"{hash}\"}}}}");
    let extensions: String = url::form_urlencoded::byte_serialize(extensions.as_bytes()).collect();
    let get = reqwest::Client::new().get(format!("{}?extensions={extensions}", server.url()));
    assert_eq!(send(get).await.body, json!({ "data": { "add": 23 } }));
}

fn sha256(text: &str) -> String {
    use sha2::Digest;
    let digits = sha2::Sha256::digest(text);
    digits.iter().map(|byte| format!("{byte:02x}")).collect()
}
