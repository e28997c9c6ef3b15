use super::*;

fn get(server: &TestServer, pairs: &[(&str, &str)]) -> reqwest::RequestBuilder {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    reqwest::Client::new().get(format!("{}?{query}", server.url()))
}

#[tokio::test]
async fn a_query_has_its_name_and_variables() {
    let server = TestServer::start().await;
    let query = "query A($a: Int!) { add(a: $a, b: 2) } query B { who }";
    let reply = send(get(
        &server,
        &[
            ("query", query),
            ("operationName", "A"),
            ("variables", "{\"a\": 5}"),
        ],
    ))
    .await;
    assert_eq!(
        (reply.status, &reply.body),
        (200, &json!({ "data": { "add": 7 } }))
    );
    let reply = send(get(&server, &[("query", query), ("operationName", "C")])).await;
    assert_eq!(reply.error()["extensions"]["field"], "operationName");
}

#[tokio::test]
async fn a_mutation_is_refused_without_effect() {
    let server = TestServer::start().await;
    let reply = send(get(&server, &[("query", "mutation { save }")])).await;
    assert_eq!(
        (reply.status, reply.header("allow"), reply.code()),
        (405, "POST", "BAD_USER_INPUT")
    );
    let reply = send(get(&server, &[("query", "subscription { quiet }")])).await;
    assert_eq!(reply.status, 400);
    assert_eq!(Log::count(&server.log.begun), 0);
}

#[tokio::test]
async fn invalid_parameters_are_named() {
    let server = TestServer::start().await;
    let query = ("query", "{ who }");
    for (pairs, field) in [
        (&[query, ("variables", "{")][..], "variables"),
        (&[query, ("variables", "[]")], "variables"),
        (&[query, query], "query"),
        (&[], "query"),
    ] {
        let reply = send(get(&server, pairs)).await;
        assert_eq!((reply.status, reply.code()), (400, "BAD_USER_INPUT"));
        assert_eq!(reply.error()["extensions"]["field"], field);
    }
}

#[tokio::test]
async fn a_cookie_counts_only_from_the_application_s_own_pages() {
    let server = TestServer::start().await;
    let origin = format!("http://{}", server.address);
    let headers = [
        ("cookie", "other=1; session=sesame"),
        ("x-csrf", "1"),
        ("origin", origin.as_str()),
    ];
    let with = |omitted: &str| {
        let request = get(&server, &[("query", "{ who }")]);
        let included = headers.iter().filter(|(name, _)| *name != omitted);
        included.fold(request, |request, (name, value)| request.header(*name, *value))
    };
    assert_eq!(send(with("")).await.body["data"]["who"], "key");
    assert_eq!(
        send(with("").header("sec-fetch-site", "same-origin")).await.body["data"]["who"],
        "key"
    );
    for omitted in headers.map(|(name, _)| name) {
        assert_eq!(
            send(with(omitted)).await.body["data"]["who"],
            "anonymous",
            "{omitted}"
        );
    }
    let foreign = with("origin").header("origin", "https://evil.example");
    assert_eq!(send(foreign).await.body["data"]["who"], "anonymous");
    let cross = with("").header("sec-fetch-site", "cross-site");
    assert_eq!(send(cross).await.body["data"]["who"], "anonymous");
    let both = with("").bearer_auth("stale");
    assert_eq!(send(both).await.status, 401);
}
