use std::io::Read;

use super::*;

async fn asked(server: &TestServer, query: &str, accepted: &str) -> reqwest::Response {
    let request = server.post(query).header("accept-encoding", accepted);
    request.send().await.expect("an answer")
}

#[tokio::test]
async fn a_long_answer_to_a_query_is_packed_as_the_client_likes() {
    let server = TestServer::start().await;
    let query = "{ __schema { types { name description fields { name } } } }";
    let plain = asked(&server, query, "identity").await;
    assert_eq!(plain.headers().get("content-encoding"), None);
    let plain = plain.bytes().await.expect("a body");
    for coding in ["gzip", "br"] {
        let packed = asked(&server, query, coding).await;
        assert_eq!(packed.headers()["content-encoding"], coding);
        let mut vary = packed.headers().get_all("vary").iter();
        assert!(vary.any(|vary| vary == "Accept-Encoding"));
        let length = packed.headers()["content-length"].clone();
        let packed = packed.bytes().await.expect("a body");
        assert_eq!(length, packed.len().to_string());
        let mut read = Vec::new();
        let _ = match coding {
            "gzip" => flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut read),
            _ => brotli::Decompressor::new(&packed[..], 4096).read_to_end(&mut read),
        };
        assert_eq!(read, plain, "{coding}");
    }
}

#[tokio::test]
async fn what_may_hold_a_secret_and_what_is_short_goes_as_it_is() {
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
    let packed = asked(&server, &query, "gzip").await;
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    let plain = asked(&server, &mutation, "gzip").await;
    assert_eq!(plain.headers().get("content-encoding"), None);
    assert!(plain.bytes().await.expect("a body").len() > 2000);
    let short = asked(&server, "{ who }", "gzip").await;
    assert_eq!(short.headers().get("content-encoding"), None);
    let events = reqwest::Client::new()
        .post(format!("{}/stream", server.url()))
        .header("accept", "text/event-stream")
        .header("accept-encoding", "gzip")
        .json(&json!({ "query": query }));
    let events = events.send().await.expect("an answer");
    assert_eq!(events.headers().get("content-encoding"), None);
}
