use std::io::Read;

use super::*;

async fn fetch(server: &TestServer, query: &str, accepted: &str) -> reqwest::Response {
    let request = server.post(query).header("accept-encoding", accepted);
    request.send().await.expect("a response")
}

#[tokio::test]
async fn a_long_response_to_a_query_is_compressed_as_the_client_prefers() {
    let server = TestServer::start().await;
    let query = "{ __schema { types { name description fields { name } } } }";
    let plain = fetch(&server, query, "identity").await;
    assert_eq!(plain.headers().get("content-encoding"), None);
    let plain = plain.bytes().await.expect("a body");
    for coding in ["gzip", "br"] {
        let compressed = fetch(&server, query, coding).await;
        assert_eq!(compressed.headers()["content-encoding"], coding);
        let mut vary = compressed.headers().get_all("vary").iter();
        assert!(vary.any(|vary| vary == "Accept-Encoding"));
        let length = compressed.headers()["content-length"].clone();
        let compressed = compressed.bytes().await.expect("a body");
        assert_eq!(length, compressed.len().to_string());
        let mut read = Vec::new();
        let _ = match coding {
            "gzip" => flate2::read::GzDecoder::new(&compressed[..]).read_to_end(&mut read),
            _ => brotli::Decompressor::new(&compressed[..], 4096).read_to_end(&mut read),
        };
        assert_eq!(read, plain, "{coding}");
    }
}

#[tokio::test]
async fn short_responses_and_those_that_may_hold_a_secret_are_not_compressed() {
    let server = TestServer::start().await;
    let long = "alias".repeat(60);
    let aliases = |field: &str| {
        let fields: Vec<String> = (0..8).map(|at| format!("{long}{at}: {field}")).collect();
        fields.join(" ")
    };
    let (query, mutation) = (
        format!("{{ {} }}", aliases("who")),
        format!("mutation {{ {} }}", aliases("refreshSession")),
    );
    let compressed = fetch(&server, &query, "gzip").await;
    assert_eq!(compressed.headers()["content-encoding"], "gzip");
    let plain = fetch(&server, &mutation, "gzip").await;
    assert_eq!(plain.headers().get("content-encoding"), None);
    assert!(plain.bytes().await.expect("a body").len() > 2000);
    let short = fetch(&server, "{ who }", "gzip").await;
    assert_eq!(short.headers().get("content-encoding"), None);
    let events = reqwest::Client::new()
        .post(format!("{}/stream", server.url()))
        .header("accept", "text/event-stream")
        .header("accept-encoding", "gzip")
        .json(&json!({ "query": query }));
    let events = events.send().await.expect("a response");
    assert_eq!(events.headers().get("content-encoding"), None);
}
