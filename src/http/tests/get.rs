use super::*;

fn get(stage: &Stage, pairs: &[(&str, &str)]) -> reqwest::RequestBuilder {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    reqwest::Client::new().get(format!("{}?{query}", stage.url()))
}

#[tokio::test]
async fn a_query_comes_with_its_name_and_variables() {
    let stage = Stage::open().await;
    let query = "query A($a: Int!) { add(a: $a, b: 2) } query B { who }";
    let reply = sent(get(
        &stage,
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
    let reply = sent(get(&stage, &[("query", query), ("operationName", "C")])).await;
    assert_eq!(reply.error()["extensions"]["field"], "operationName");
}

#[tokio::test]
async fn a_mutation_is_refused_without_effect() {
    let stage = Stage::open().await;
    let reply = sent(get(&stage, &[("query", "mutation { save }")])).await;
    assert_eq!(
        (reply.status, reply.header("allow"), reply.code()),
        (405, "POST", "BAD_USER_INPUT")
    );
    let reply = sent(get(&stage, &[("query", "subscription { quiet }")])).await;
    assert_eq!(reply.status, 400);
    assert_eq!(Log::count(&stage.log.begun), 0);
}

#[tokio::test]
async fn parameters_that_can_not_be_read_are_named() {
    let stage = Stage::open().await;
    let query = ("query", "{ who }");
    for (pairs, field) in [
        (&[query, ("variables", "{")][..], "variables"),
        (&[query, ("variables", "[]")], "variables"),
        (&[query, query], "query"),
        (&[], "query"),
    ] {
        let reply = sent(get(&stage, pairs)).await;
        assert_eq!((reply.status, reply.code()), (400, "BAD_USER_INPUT"));
        assert_eq!(reply.error()["extensions"]["field"], field);
    }
}

#[tokio::test]
async fn a_cookie_counts_only_with_every_sign_of_our_own_page() {
    let stage = Stage::open().await;
    let origin = format!("http://{}", stage.address);
    let signs = [
        ("cookie", "other=1; vestibule_dashboard_acme=sesame"),
        ("vestibule-account", "acme"),
        ("x-vestibule-csrf", "1"),
        ("origin", origin.as_str()),
    ];
    let with = |left_out: &str| {
        let request = get(&stage, &[("query", "{ who }")]);
        let kept = signs.iter().filter(|(name, _)| *name != left_out);
        kept.fold(request, |request, (name, value)| request.header(*name, *value))
    };
    assert_eq!(sent(with("")).await.body["data"]["who"], "key");
    assert_eq!(
        sent(with("").header("sec-fetch-site", "same-origin")).await.body["data"]["who"],
        "key"
    );
    for left_out in signs.map(|(name, _)| name) {
        assert_eq!(
            sent(with(left_out)).await.body["data"]["who"],
            "anonymous",
            "{left_out}"
        );
    }
    let foreign = with("origin").header("origin", "https://evil.example");
    assert_eq!(sent(foreign).await.body["data"]["who"], "anonymous");
    let cross = with("").header("sec-fetch-site", "cross-site");
    assert_eq!(sent(cross).await.body["data"]["who"], "anonymous");
    let both = with("").bearer_auth("stale");
    assert_eq!(sent(both).await.status, 401);
}
