use super::*;

const RESPONSE: &str = "application/graphql-response+json";

#[tokio::test]
async fn a_query_is_answered_in_the_type_that_was_asked_for() {
    let server = TestServer::start().await;
    for (accept, got) in [
        ("*/*", "application/json; charset=utf-8"),
        ("application/json", "application/json; charset=utf-8"),
        (
            "application/json;q=0.5, application/graphql-response+json",
            "application/graphql-response+json; charset=utf-8",
        ),
        (
            "application/graphql-response+json;q=0, */*",
            "application/json; charset=utf-8",
        ),
    ] {
        let reply = sent(server.post("{ add(a: 1, b: 2) }").header("accept", accept)).await;
        assert_eq!((reply.status, reply.header("content-type")), (200, got));
        assert_eq!(reply.body, json!({ "data": { "add": 3 } }));
    }
    let reply = sent(server.post("{ who }").header("accept", "text/html")).await;
    assert_eq!((reply.status, reply.code()), (406, "BAD_USER_INPUT"));
}

#[tokio::test]
async fn errors_of_the_document_are_400_where_the_client_understands_it() {
    let server = TestServer::start().await;
    for (query, code) in [
        ("{ who ", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ add(a: \"x\", b: 2) }", "BAD_USER_INPUT"),
        ("query A { who } query B { who }", "BAD_USER_INPUT"),
    ] {
        let reply = sent(server.post(query).header("accept", RESPONSE)).await;
        assert_eq!((reply.status, reply.code()), (400, code), "{query} {reply:?}");
        assert_eq!(reply.body.get("data"), None, "{query}");
        let reply = sent(server.post(query).header("accept", "application/json")).await;
        assert_eq!((reply.status, reply.code()), (200, code), "{query}");
    }
}

#[tokio::test]
async fn variables_of_the_wrong_type_are_named() {
    let server = TestServer::start().await;
    let query = "query($a: Int!) { add(a: $a, b: 2) }";
    for variables in [json!({ "a": "x" }), json!({}), json!({ "a": null })] {
        let body = json!({ "query": query, "variables": variables });
        let request = reqwest::Client::new()
            .post(server.url())
            .header("accept", RESPONSE)
            .json(&body);
        let reply = sent(request).await;
        assert_eq!(
            (reply.status, reply.code()),
            (400, "BAD_USER_INPUT"),
            "{variables} {reply:?}"
        );
        assert_eq!(reply.error()["extensions"]["field"], "a", "{variables} {reply:?}");
    }
}

#[tokio::test]
async fn a_value_that_its_scalar_refuses_is_bad_input_of_that_field() {
    let server = TestServer::start().await;
    let reply = sent(server.post("{ add(a: 3000000000, b: 2) }")).await;
    assert_eq!((reply.status, reply.code()), (200, "BAD_USER_INPUT"));
    assert_eq!(reply.error()["path"], json!(["add"]));
}

#[tokio::test]
async fn malformed_requests_name_their_field() {
    let server = TestServer::start().await;
    for (body, field) in [
        ("{ not json", "body"),
        ("", "body"),
        ("{}", "query"),
        ("{\"query\": 1}", "query"),
        ("{\"query\": \"{ who }\", \"variables\": []}", "variables"),
        ("{\"query\": \"{ who }\", \"extensions\": 1}", "extensions"),
        ("{\"query\": \"{ who }\", \"operationName\": 1}", "operationName"),
        (
            "{\"query\": \"{ who }\", \"variables\": {\"f\": [\"#__graphql_file__:0\"]}}",
            "variables.f",
        ),
    ] {
        for (accept, status) in [("*/*", 400), (RESPONSE, 400), ("application/json", 200)] {
            let request = reqwest::Client::new().post(server.url()).body(body);
            let request = request
                .header("content-type", "application/json")
                .header("accept", accept);
            let reply = sent(request).await;
            let status = if field == "body" { 400 } else { status };
            assert_eq!((reply.status, reply.code()), (status, "BAD_USER_INPUT"), "{body}");
            assert_eq!(reply.error()["extensions"]["field"], field, "{body}");
        }
    }
}

#[tokio::test]
async fn what_a_page_can_send_without_leave_is_not_read() {
    let server = TestServer::start().await;
    let body = json!({ "query": "mutation { save }" }).to_string();
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin1",
        "",
    ] {
        let mut request = reqwest::Client::new().post(server.url()).body(body.clone());
        if !content_type.is_empty() {
            request = request.header("content-type", content_type);
        }
        assert_eq!(sent(request).await.status, 415, "{content_type}");
    }
    assert_eq!(Log::count(&server.log.begun), 0);
}

#[tokio::test]
async fn other_methods_are_told_which_are_allowed() {
    let server = TestServer::start().await;
    for method in ["PUT", "DELETE", "PATCH"] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let reply = sent(reqwest::Client::new().request(method, server.url())).await;
        assert_eq!((reply.status, reply.header("allow")), (405, "GET, POST"));
    }
}

#[tokio::test]
async fn a_wrong_credential_is_an_error_and_never_anonymity() {
    let server = TestServer::start().await;
    for value in [
        "Bearer bad",
        "Bearer",
        "Bearer ",
        "Basic Zm9v",
        "good",
        "Bearer a b",
    ] {
        for accept in ["application/json", RESPONSE] {
            let request = server
                .post("{ who }")
                .header("authorization", value)
                .header("accept", accept);
            let reply = sent(request).await;
            assert_eq!((reply.status, reply.code()), (401, "UNAUTHENTICATED"), "{value}");
            assert_eq!(reply.header("www-authenticate"), "Bearer");
        }
    }
    let reply = sent(server.post("{ who }").header("authorization", "bEARER good")).await;
    assert_eq!(reply.body["data"]["who"], "key");
    assert_eq!(
        sent(server.post("{ who }")).await.body["data"]["who"],
        "anonymous"
    );
}

#[tokio::test]
async fn a_check_that_can_not_answer_says_when_to_come_back() {
    let server = TestServer::start().await;
    for (token, status, code, wait) in [
        ("busy", 429, "RATE_LIMITED", "7"),
        ("down", 503, "UNAVAILABLE", "1"),
    ] {
        let reply = sent(server.post("{ who }").bearer_auth(token)).await;
        assert_eq!(
            (reply.status, reply.code(), reply.header("retry-after")),
            (status, code, wait)
        );
    }
}

#[tokio::test]
async fn sign_in_fields_ignore_the_credential() {
    let server = TestServer::start().await;
    for value in ["Bearer stale", "nonsense", "Bearer good"] {
        let reply = sent(
            server
                .post("mutation { refreshSession }")
                .header("authorization", value),
        )
        .await;
        assert_eq!(reply.body["data"]["refreshSession"], "anonymous", "{value}");
        for query in [
            "mutation { refreshSession save }",
            "mutation { ...F } fragment F on Mutation { refreshSession }",
        ] {
            let status = sent(server.post(query).header("authorization", value))
                .await
                .status;
            assert_eq!(status == 401, value != "Bearer good", "{value} {query}");
        }
    }
}

#[tokio::test]
async fn our_errors_keep_their_code_field_and_wait() {
    let server = TestServer::start().await;
    let reply = sent(server.post("{ refused }").header("accept", RESPONSE)).await;
    assert_eq!(
        (reply.status, reply.code(), reply.message()),
        (200, "BAD_USER_INPUT", "That is no address.")
    );
    assert_eq!(reply.error()["extensions"]["field"], "input.emails.3");
    assert_eq!(reply.body["data"], json!({ "refused": null }));
    let reply = sent(server.post("{ limited who }")).await;
    assert_eq!(
        (reply.status, reply.code(), reply.header("retry-after")),
        (200, "RATE_LIMITED", "42")
    );
    assert_eq!(reply.body["data"], json!({ "limited": null, "who": "anonymous" }));
    let reply = sent(server.post("{ strict }").header("accept", RESPONSE)).await;
    assert_eq!((reply.status, reply.code()), (200, "NOT_FOUND"));
    assert_eq!(reply.body.get("data"), Some(&Value::Null));
}

#[tokio::test]
async fn a_bug_shows_an_id_and_nothing_of_the_inside() {
    let server = TestServer::start().await;
    for query in ["{ bug }", "{ panics }"] {
        let reply = sent(server.post(query)).await;
        assert_eq!((reply.status, reply.code()), (200, "INTERNAL"), "{reply:?}");
        assert!(reply.message().contains("Quote "), "{reply:?}");
        assert!(!reply.body.to_string().contains("contacts"), "{reply:?}");
        assert!(reply.body.get("data").is_some());
    }
}

#[tokio::test]
async fn no_message_echoes_more_than_a_line_of_the_document() {
    let server = TestServer::start().await;
    let name = "n".repeat(20_000);
    for query in [
        format!("{{ {name} }}"),
        format!("{{ who }} {name}"),
        format!("{{ add(a: \"{name}\", b: 1) }}"),
        format!("query {name} {{ x }}"),
        format!("query(${name}: {name}!) {{ who }}"),
    ] {
        let reply = sent(server.post(&query)).await;
        let errors = reply.body["errors"].as_array().expect("errors");
        assert!(
            errors.iter().all(|error| error["message"]
                .as_str()
                .is_some_and(|text| text.chars().count() <= 201)),
            "{reply:?}"
        );
    }
    let many = "nothing "
        .repeat(5_000)
        .split(' ')
        .enumerate()
        .map(|(i, f)| format!("{f}{i} "))
        .collect::<String>();
    let reply = sent(server.post(&format!("{{ {many} }}"))).await;
    assert!(reply.body.to_string().len() < 64_000);
}

#[tokio::test]
async fn a_subscription_is_sent_to_the_socket() {
    let server = TestServer::start().await;
    let reply = sent(server.post("subscription { count(to: 3) }")).await;
    assert_eq!((reply.status, reply.code()), (400, "BAD_USER_INPUT"));
    assert!(reply.message().contains("WebSocket"));
}
