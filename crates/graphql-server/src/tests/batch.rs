use super::*;

impl TestServer {
    fn batch(&self, operations: &Value) -> reqwest::RequestBuilder {
        reqwest::Client::new().post(self.url()).json(operations)
    }
}

fn operation(query: &str) -> Value {
    json!({ "query": query })
}

#[tokio::test]
async fn a_batch_is_answered_in_its_order_each_for_itself() {
    let server = TestServer::start().await;
    let operations = json!([
        { "query": "query ($a: Int!) { add(a: $a, b: 2) }", "variables": { "a": 5 } },
        { "query": "{ nothing }" },
        { "query": 7 },
        "no object",
        { "query": "subscription { count(to: 2) }" },
        { "query": "{ who }" },
    ]);
    let reply = sent(server.batch(&operations).bearer_auth("good")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.body[0], json!({ "data": { "add": 7 } }));
    for (at, code) in [
        (1, "GRAPHQL_VALIDATION_FAILED"),
        (2, "BAD_USER_INPUT"),
        (3, "BAD_USER_INPUT"),
        (4, "BAD_USER_INPUT"),
    ] {
        assert_eq!(reply.body[at]["errors"][0]["extensions"]["code"], code, "{at}");
        assert_eq!(reply.body[at].get("data"), None, "{at}");
    }
    assert_eq!(reply.body[5], json!({ "data": { "who": "key" } }));
    assert_eq!(reply.body.as_array().map(Vec::len), Some(6));
}

#[tokio::test]
async fn a_batch_is_never_empty_nor_too_long_and_has_one_budget() {
    let server = TestServer::start().await;
    let reply = sent(server.batch(&json!([]))).await;
    assert_eq!((reply.status, reply.code()), (400, "BAD_USER_INPUT"));
    let most = vec![operation("{ who }"); 9];
    assert_eq!(sent(server.batch(&json!(most))).await.status, 200);
    let more = vec![operation("{ who }"); 10];
    let reply = sent(server.batch(&json!(more))).await;
    assert_eq!((reply.status, reply.code()), (400, "QUERY_TOO_COMPLEX"));
    let wide = format!("{{ {} }}", "who ".repeat(20));
    let reply = sent(server.batch(&json!([operation(&wide), operation(&wide)]))).await;
    assert_eq!(reply.body[0]["data"]["who"], "anonymous");
    assert_eq!(
        reply.body[1]["errors"][0]["extensions"]["code"],
        "QUERY_TOO_COMPLEX"
    );
}

#[tokio::test]
async fn a_credential_that_is_wrong_stops_a_batch_before_anything_of_it_ran() {
    let server = TestServer::start().await;
    let operations = json!([operation("mutation { save }"), operation("{ who }")]);
    let reply = sent(server.batch(&operations).bearer_auth("bad")).await;
    assert_eq!((reply.status, reply.code()), (401, "UNAUTHENTICATED"));
    assert_eq!(Log::count(&server.log.begun), 0);
    // A sign-in field alone ignores it.
    let operations = json!([operation("mutation { refreshSession }")]);
    let reply = sent(server.batch(&operations).bearer_auth("bad")).await;
    assert_eq!(
        reply.body[0],
        json!({ "data": { "refreshSession": "anonymous" } })
    );
}

#[tokio::test]
async fn the_mutations_of_a_batch_run_one_after_the_other() {
    let server = TestServer::start().await;
    let operations = vec![operation("mutation { save }"); 3];
    let request = server.batch(&json!(operations)).bearer_auth("good");
    let began = tokio::spawn(sent(request));
    soon(|| Log::count(&server.log.begun) == 2).await;
    assert!(
        Log::count(&server.log.saved) >= 1,
        "the first ended before the second began"
    );
    assert_eq!(
        began.await.expect("it ends").body.as_array().map(Vec::len),
        Some(3)
    );
    assert_eq!(Log::count(&server.log.saved), 3);
}
