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
async fn each_operation_of_a_batch_has_its_own_result_in_order() {
    let server = TestServer::start().await;
    let operations = json!([
        { "query": "query ($a: Int!) { add(a: $a, b: 2) }", "variables": { "a": 5 } },
        { "query": "{ nothing }" },
        { "query": 7 },
        "no object",
        { "query": "subscription { count(to: 2) }" },
        { "query": "{ who }" },
    ]);
    let reply = send(server.batch(&operations).bearer_auth("good")).await;
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
async fn a_batch_has_a_minimum_a_maximum_and_one_budget() {
    let server = TestServer::start().await;
    let reply = send(server.batch(&json!([]))).await;
    assert_eq!((reply.status, reply.code()), (400, "BAD_USER_INPUT"));
    let most = vec![operation("{ who }"); 9];
    assert_eq!(send(server.batch(&json!(most))).await.status, 200);
    let more = vec![operation("{ who }"); 10];
    let reply = send(server.batch(&json!(more))).await;
    assert_eq!((reply.status, reply.code()), (400, "QUERY_TOO_COMPLEX"));
    let wide = format!("{{ {} }}", "who ".repeat(20));
    let reply = send(server.batch(&json!([operation(&wide), operation(&wide)]))).await;
    assert_eq!(reply.body[0]["data"]["who"], "anonymous");
    assert_eq!(
        reply.body[1]["errors"][0]["extensions"]["code"],
        "QUERY_TOO_COMPLEX"
    );
}

#[tokio::test]
async fn an_invalid_credential_refuses_a_batch_before_any_of_it_runs() {
    let server = TestServer::start().await;
    let operations = json!([operation("mutation { save }"), operation("{ who }")]);
    let reply = send(server.batch(&operations).bearer_auth("bad")).await;
    assert_eq!((reply.status, reply.code()), (401, "UNAUTHENTICATED"));
    assert_eq!(Log::count(&server.log.begun), 0);
    // A batch of fields that ignore the credential runs.
    let operations = json!([operation("mutation { refreshSession }")]);
    let reply = send(server.batch(&operations).bearer_auth("bad")).await;
    assert_eq!(
        reply.body[0],
        json!({ "data": { "refreshSession": "anonymous" } })
    );
}

#[tokio::test]
async fn the_mutations_of_a_batch_run_in_sequence() {
    let server = TestServer::start().await;
    let operations = vec![operation("mutation { save }"); 3];
    let request = server.batch(&json!(operations)).bearer_auth("good");
    let request_task = tokio::spawn(send(request));
    wait_until(|| Log::count(&server.log.begun) == 2).await;
    assert!(
        Log::count(&server.log.saved) >= 1,
        "the first ended before the second began"
    );
    assert_eq!(
        request_task
            .await
            .expect("it stops")
            .body
            .as_array()
            .map(Vec::len),
        Some(3)
    );
    assert_eq!(Log::count(&server.log.saved), 3);
}
