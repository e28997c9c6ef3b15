use super::*;

const RESPONSE: &str = "application/graphql-response+json";

#[tokio::test]
async fn the_response_has_the_accepted_media_type() {
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
        let reply = send(server.post("{ add(a: 1, b: 2) }").header("accept", accept)).await;
        assert_eq!((reply.status, reply.header("content-type")), (200, got));
        assert_eq!(reply.body, json!({ "data": { "add": 3 } }));
    }
    let reply = send(server.post("{ who }").header("accept", "text/html")).await;
    assert_eq!((reply.status, reply.code()), (406, "BAD_USER_INPUT"));
}

#[tokio::test]
async fn errors_of_the_document_are_400_if_the_client_accepts_graphql_responses() {
    let server = TestServer::start().await;
    for (query, code) in [
        ("{ who ", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ add(a: \"x\", b: 2) }", "BAD_USER_INPUT"),
        ("query A { who } query B { who }", "BAD_USER_INPUT"),
    ] {
        let reply = send(server.post(query).header("accept", RESPONSE)).await;
        assert_eq!((reply.status, reply.code()), (400, code), "{query} {reply:?}");
        assert_eq!(reply.body.get("data"), None, "{query}");
        let reply = send(server.post(query).header("accept", "application/json")).await;
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
        let reply = send(request).await;
        assert_eq!(
            (reply.status, reply.code()),
            (400, "BAD_USER_INPUT"),
            "{variables} {reply:?}"
        );
        assert_eq!(reply.error()["extensions"]["field"], "a", "{variables} {reply:?}");
    }
}

#[tokio::test]
async fn a_value_that_its_scalar_refuses_is_bad_input() {
    let server = TestServer::start().await;
    let reply = send(server.post("{ add(a: 3000000000, b: 2) }")).await;
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
            let reply = send(request).await;
            let status = if field == "body" { 400 } else { status };
            assert_eq!((reply.status, reply.code()), (status, "BAD_USER_INPUT"), "{body}");
            assert_eq!(reply.error()["extensions"]["field"], field, "{body}");
        }
    }
}

#[tokio::test]
async fn media_types_that_need_no_preflight_are_refused() {
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
        assert_eq!(send(request).await.status, 415, "{content_type}");
    }
    assert_eq!(Log::count(&server.log.begun), 0);
}

#[tokio::test]
async fn other_methods_get_the_allowed_methods() {
    let server = TestServer::start().await;
    for method in ["PUT", "DELETE", "PATCH"] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let reply = send(reqwest::Client::new().request(method, server.url())).await;
        assert_eq!((reply.status, reply.header("allow")), (405, "GET, POST"));
    }
}

#[tokio::test]
async fn an_invalid_credential_is_an_error_and_never_anonymous() {
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
            let reply = send(request).await;
            assert_eq!((reply.status, reply.code()), (401, "UNAUTHENTICATED"), "{value}");
            assert_eq!(reply.header("www-authenticate"), "Bearer");
        }
    }
    let reply = send(server.post("{ who }").header("authorization", "bEARER good")).await;
    assert_eq!(reply.body["data"]["who"], "key");
    assert_eq!(
        send(server.post("{ who }")).await.body["data"]["who"],
        "anonymous"
    );
}

#[tokio::test]
async fn an_authentication_that_fails_temporarily_has_a_retry_after() {
    let server = TestServer::start().await;
    for (token, status, code, wait) in [
        ("busy", 429, "RATE_LIMITED", "7"),
        ("down", 503, "UNAVAILABLE", "1"),
    ] {
        let reply = send(server.post("{ who }").bearer_auth(token)).await;
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
        let reply = send(
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
            let status = send(server.post(query).header("authorization", value))
                .await
                .status;
            assert_eq!(status == 401, value != "Bearer good", "{value} {query}");
        }
    }
}

#[tokio::test]
async fn application_errors_keep_code_field_and_retry_after() {
    let server = TestServer::start().await;
    let reply = send(server.post("{ refused }").header("accept", RESPONSE)).await;
    assert_eq!(
        (reply.status, reply.code(), reply.message()),
        (200, "BAD_USER_INPUT", "That is no address.")
    );
    assert_eq!(reply.error()["extensions"]["field"], "input.emails.3");
    assert_eq!(reply.body["data"], json!({ "refused": null }));
    let reply = send(server.post("{ limited who }")).await;
    assert_eq!(
        (reply.status, reply.code(), reply.header("retry-after")),
        (200, "RATE_LIMITED", "42")
    );
    assert_eq!(reply.body["data"], json!({ "limited": null, "who": "anonymous" }));
    let reply = send(server.post("{ strict }").header("accept", RESPONSE)).await;
    assert_eq!((reply.status, reply.code()), (200, "NOT_FOUND"));
    assert_eq!(reply.body.get("data"), Some(&Value::Null));
}

#[tokio::test]
async fn an_internal_error_shows_an_id_and_no_internal_details() {
    let server = TestServer::start().await;
    for query in ["{ bug }", "{ panics }"] {
        let reply = send(server.post(query)).await;
        assert_eq!((reply.status, reply.code()), (200, "INTERNAL"), "{reply:?}");
        assert!(reply.message().contains("Quote "), "{reply:?}");
        assert!(!reply.body.to_string().contains("contacts"), "{reply:?}");
        assert!(reply.body.get("data").is_some());
    }
}

#[tokio::test]
async fn no_message_quotes_more_than_a_line_of_the_document() {
    let server = TestServer::start().await;
    let name = "n".repeat(20_000);
    for query in [
        format!("{{ {name} }}"),
        format!("{{ who }} {name}"),
        format!("{{ add(a: \"{name}\", b: 1) }}"),
        format!("query {name} {{ x }}"),
        format!("query(${name}: {name}!) {{ who }}"),
    ] {
        let reply = send(server.post(&query)).await;
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
    let reply = send(server.post(&format!("{{ {many} }}"))).await;
    assert!(reply.body.to_string().len() < 64_000);
}

#[tokio::test]
async fn a_subscription_is_refused_with_a_hint_to_the_socket() {
    let server = TestServer::start().await;
    let reply = send(server.post("subscription { count(to: 3) }")).await;
    assert_eq!((reply.status, reply.code()), (400, "BAD_USER_INPUT"));
    assert!(reply.message().contains("WebSocket"));
}
