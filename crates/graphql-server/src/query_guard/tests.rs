use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

const SDL: &str = "
type Query { id: ID! one: Query things(first: Int): ThingConnection! }
type ThingConnection { nodes: [Query!]! totalCount: Int! }
type Mutation { signIn(input: String): ID createKey(input: String): ID }
schema { query: Query mutation: Mutation }
";

fn guard() -> QueryGuard {
    QueryGuard::new(
        SDL,
        Limits::default(),
        FieldOptions {
            ignore_credential: vec!["signIn"],
            secret_response: vec!["createKey"],
            ..FieldOptions::default()
        },
    )
}

fn prepare(guard: &QueryGuard, request: Request) -> Result<PreparedOperation, Json> {
    let prepared = guard.prepare(request, &mut guard.budget(), Deadline::request());
    prepared.map_err(|result| serde_json::from_str(result.json()).expect("JSON"))
}

fn code(guard: &QueryGuard, text: &str) -> String {
    match prepare(guard, Request::new(text)) {
        Ok(_) => "passed".to_owned(),
        Err(result) => result["errors"][0]["extensions"]["code"].to_string(),
    }
}

const TOO_COMPLEX: &str = "\"QUERY_TOO_COMPLEX\"";

#[test]
fn each_limit_allows_its_number_and_refuses_one_more() {
    let guard = guard();
    let limits = guard.limits;
    let nested = |depth: u64| {
        format!(
            "{}{}{}",
            "{ one ".repeat(depth as usize - 1),
            "{ id",
            " }".repeat(depth as usize)
        )
    };
    let below = |inner: &str| format!("{{ one {{ {inner} }} }}");
    let repeated = |one: &str, count: u64| below(&format!("{one} ").repeat(count as usize));
    let cases: [(u64, &dyn Fn(u64) -> String); 5] = [
        (limits.depth, &nested),
        (limits.aliases, &|count| repeated("a: id", count)),
        (limits.directives, &|count| repeated("id @skip(if: false)", count)),
        (limits.roots, &|count| {
            format!("{{ {} }}", "id ".repeat(count as usize))
        }),
        (limits.tokens as u64, &|count| repeated("id", count - 5)),
    ];
    for (limit, text) in cases {
        // Selections and tokens reach their limits together.
        assert_eq!(code(&guard, &text(limit)), "passed", "{limit}");
        assert_eq!(code(&guard, &text(limit + 1)), TOO_COMPLEX, "{limit}");
    }
}

#[test]
fn the_cost_counts_pages_and_the_error_has_both_numbers() {
    let guard = guard();
    let page = |first: u64| json!({"first": first});
    let text =
        "query ($first: Int) { things(first: 100) { nodes { things(first: $first) { nodes { id } } } } }";
    let send = |first| {
        let variables = Variables::from_json(page(first));
        prepare(&guard, Request::new(text).variables(variables))
    };
    assert!(send(100).is_ok(), "11 + 100 × (11 + 100) is within 20,000");
    let deeper = "{ things(first: 100) { nodes { things(first: 100) { nodes { id one { id } } } } } }";
    let result = prepare(&guard, Request::new(deeper)).err().expect("refused");
    let message = result["errors"][0]["message"].as_str().expect("a message");
    assert!(
        message.contains("31111") && message.contains("20000"),
        "{message}"
    );
    assert_eq!(result.get("data"), None, "nothing ran");
}

#[test]
fn counts_below_a_list_cost_once_per_item() {
    let guard = guard();
    let counts = |aliases: usize| {
        let counts: Vec<String> = (0..aliases)
            .map(|number| format!("a{number}: things(first: 0) {{ totalCount }}"))
            .collect();
        format!("{{ things(first: 100) {{ nodes {{ {} }} }} }}", counts.join(" "))
    };
    assert_eq!(code(&guard, &counts(48)), TOO_COMPLEX);
    assert_eq!(code(&guard, &counts(5)), "passed");
}

#[test]
fn a_batch_has_one_budget() {
    let guard = guard();
    let mut budget = guard.budget();
    let text = format!("{{ {} }}", "id ".repeat(20));
    assert!(
        guard
            .prepare(Request::new(&text), &mut budget, Deadline::request())
            .is_ok()
    );
    assert!(
        guard
            .prepare(Request::new(&text), &mut budget, Deadline::request())
            .is_err()
    );
    assert!(
        guard
            .prepare(Request::new("{ id }"), &mut guard.budget(), Deadline::request())
            .is_ok()
    );
}

#[test]
fn abusive_texts_are_refused_before_parsing() {
    let guard = guard();
    for text in [
        "{".repeat(100_000),
        format!("{{ id(a: {}) }}", "[".repeat(1_000)),
        "{ id ".repeat(1_000),
        format!("{{ id(a: \"{}\") }}", "x".repeat(100_000)),
        format!("{{ {} }}", "__typename ".repeat(6_000)),
        format!("{{ {} }}", "a: __typename ".repeat(51)),
    ] {
        assert_eq!(code(&guard, &text), TOO_COMPLEX);
    }
    for (text, expected) in [
        ("", "\"BAD_USER_INPUT\""),
        (" # nothing", "\"GRAPHQL_PARSE_FAILED\""),
        ("{ id", "\"GRAPHQL_PARSE_FAILED\""),
        (
            "{ ...F } fragment F on Query { ...F }",
            "\"GRAPHQL_VALIDATION_FAILED\"",
        ),
    ] {
        assert_eq!(code(&guard, text), expected, "{text}");
    }
}

#[test]
fn variables_are_counted_and_required_ones_must_exist() {
    let guard = guard();
    let send = |count: usize| {
        let variables = Variables::from_json(json!({"v": vec![0; count]}));
        prepare(
            &guard,
            Request::new("query ($v: [Int!]!) { id }").variables(variables),
        )
    };
    assert!(send(guard.limits.values - 1).is_ok());
    assert!(send(guard.limits.values).is_err());
    let missing = prepare(&guard, Request::new("query ($v: [Int!]!) { id }"))
        .err()
        .expect("refused");
    assert_eq!(missing["errors"][0]["extensions"]["field"], "v");
}

#[test]
fn a_document_ignores_the_credential_only_if_all_its_fields_do() {
    let guard = guard();
    for (text, expected) in [
        ("mutation { signIn }", true),
        ("mutation { a: signIn }", true),
        ("mutation { signIn createKey }", false),
        ("mutation { ...F } fragment F on Mutation { signIn }", false),
        ("{ id }", false),
    ] {
        let prepared = prepare(&guard, Request::new(text)).unwrap_or_else(|result| panic!("{result}"));
        assert_eq!(prepared.ignores_credential, expected, "{text}");
    }
}

fn persisted_query(text: &str) -> Json {
    let digits = Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    json!({"persistedQuery": {"version": 1, "sha256Hash": digits}})
}

fn request_with(text: &str, extensions: Json) -> Request {
    let mut request = Request::new(text);
    for (name, value) in extensions.as_object().expect("an object") {
        let value = Value::from_json(value.clone()).expect("a value");
        request.extensions.insert(name.clone(), value);
    }
    request
}

#[test]
fn a_persisted_query_is_found_by_its_hash_after_it_was_sent() {
    let guard = guard();
    let text = "{ one { id } }";
    let unknown = prepare(&guard, request_with("", persisted_query(text)))
        .err()
        .expect("not yet");
    assert_eq!(
        unknown["errors"][0]["extensions"]["code"],
        "PERSISTED_QUERY_NOT_FOUND"
    );
    assert_eq!(unknown["errors"][0]["message"], "PersistedQueryNotFound");
    assert!(prepare(&guard, request_with(text, persisted_query(text))).is_ok());
    assert!(prepare(&guard, request_with("", persisted_query(text))).is_ok());
}

#[test]
fn a_hash_of_another_document_is_refused_and_nothing_is_cached() {
    let guard = guard();
    let refused = prepare(&guard, request_with("{ id }", persisted_query("{ one { id } }")))
        .err()
        .expect("refused");
    assert_eq!(
        refused["errors"][0]["extensions"]["field"],
        "extensions.persistedQuery.sha256Hash"
    );
    assert!(prepare(&guard, request_with("", persisted_query("{ one { id } }"))).is_err());
    for broken in [
        json!({"persistedQuery": 1}),
        json!({"persistedQuery": {"version": 2}}),
        json!({"persistedQuery": {"version": 1, "sha256Hash": "é"}}),
    ] {
        assert!(prepare(&guard, request_with("{ id }", broken)).is_err());
    }
}

#[test]
fn a_refused_document_is_not_cached() {
    let guard = guard();
    let text = format!("{{ {} }}", "a: id ".repeat(51));
    assert!(prepare(&guard, request_with(&text, persisted_query(&text))).is_err());
    let result = prepare(&guard, request_with("", persisted_query(&text)))
        .err()
        .expect("refused");
    assert_eq!(
        result["errors"][0]["extensions"]["code"],
        "PERSISTED_QUERY_NOT_FOUND"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// The fuzz target of the guard: every refusal has a code and a short message.
    #[test]
    fn every_refusal_has_a_code_and_a_short_message(text in prop_oneof![
        ".{0,200}",
        "[{}()\\[\\]!:$@.|&=\"\\\\# \n]{0,200}",
        "(\\{|\\}|\\(|\\)|\\.\\.\\.| |a|first|:|1|on|fragment|query|mutation|\\$v|\"|\"\"\"|@skip|\\[|\\]|!|=|,|#|\n){0,80}",
    ]) {
        let guard = guard();
        if let Err(result) = prepare(&guard, Request::new(text)) {
            let error = &result["errors"][0];
            prop_assert!(error["extensions"]["code"].is_string());
            prop_assert!(error["message"].as_str().is_some_and(|message| message.len() < 1_000 && !message.contains('\n')));
        }
    }
}
