//! Who may call what: every operation as anonymous, with a key that may only read, as the owner, and as the owner of
//! another account, with the exact code expected.

use serde_json::{Value, json};
use vestibule::base::actor::Role;

use crate::support::TestServer;

pub mod cases;
mod contact_data;

use cases::{CASES, Case, FORBIDDEN, Ids, Permission, UNAUTHENTICATED, create_objects, outcome};

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_returns_the_documented_code_to_each_caller() {
    let mut wrong = Vec::new();
    let (ending, lasting): (Vec<&Case>, Vec<&Case>) = CASES.iter().partition(|case| case.ends_a_credential());
    let server = TestServer::open().await;
    try_all(&server, &lasting, &mut wrong).await;
    server.stop().await;
    for case in ending {
        let server = TestServer::open().await;
        try_all(&server, &[case], &mut wrong).await;
        server.stop().await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn try_all(server: &TestServer, cases: &[&Case], wrong: &mut Vec<String>) {
    let ids = create_objects(server).await;
    let (acme, other) = (&server.acme, &server.other);
    for case in cases {
        // The owner last: refused operations of the others must have had no effect.
        let callers = [
            ("anonymous", None, case.anonymous),
            ("a key that may only read", Some(&acme.read_key), case.reader),
            ("a contact", Some(&acme.contact_session), case.contact),
            ("another account's owner", Some(&other.owner), case.foreign),
            ("the owner", Some(&acme.owner), case.owner),
        ];
        for (caller, credential, expected) in callers {
            let answer = server
                .request(credential.map(String::as_str), case.query, (case.variables)(&ids))
                .await;
            if outcome(&answer) != expected {
                wrong.push(format!(
                    "{caller}: {} gave {} and not {expected}: {answer}",
                    case.query,
                    outcome(&answer)
                ));
            }
        }
    }
}

/// Whether the caller was authorised; the object need not exist.
fn allowed(answer: &Value) -> bool {
    !matches!(outcome(answer), FORBIDDEN | UNAUTHENTICATED)
}

async fn try_roles_and_scopes(server: &TestServer, cases: &[&Case], wrong: &mut Vec<String>) {
    let (acme, ids) = (&server.acme, Ids::missing(&server.clock.moment()));
    let roles = [
        (Role::ReadOnly, &acme.read_only),
        (Role::Staff, &acme.staff),
        (Role::Admin, &acme.admin),
        (Role::Owner, &acme.owner),
    ];
    for case in cases {
        let members = roles.map(|(role, token)| (role.as_str(), token, case.needs.allow_role(role)));
        let keys = acme.scoped.iter();
        let keys = keys.map(|(scope, key)| (scope.as_str(), key, case.needs.allow_key(*scope)));
        for (caller, credential, expected) in members.into_iter().chain(keys) {
            let answer = server
                .request(Some(credential), case.query, (case.variables)(&ids))
                .await;
            if allowed(&answer) != expected {
                wrong.push(format!("{caller}, {:?}: {}: {answer}", case.needs, case.query));
            }
        }
        if case.needs != Permission::Anyone && case.anonymous == UNAUTHENTICATED {
            let answer = server.request(None, case.query, (case.variables)(&ids)).await;
            if outcome(&answer) != UNAUTHENTICATED {
                wrong.push(format!("anonymous: {}: {answer}", case.query));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_role_and_scope_has_the_permissions_of_the_table() {
    let mut wrong = Vec::new();
    let (ending, lasting): (Vec<&Case>, Vec<&Case>) =
        CASES.iter().partition(|case| case.needs == Permission::Session);
    let server = TestServer::open().await;
    try_roles_and_scopes(&server, &lasting, &mut wrong).await;
    server.stop().await;
    for case in ending {
        let server = TestServer::open().await;
        try_roles_and_scopes(&server, &[case], &mut wrong).await;
        server.stop().await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_role_changes_nothing() {
    let server = TestServer::open().await;
    let ids = create_objects(&server).await;
    for case in CASES
        .iter()
        .filter(|case| case.reader == FORBIDDEN && case.contact == FORBIDDEN)
    {
        let answer = server
            .request(Some(&server.acme.read_only), case.query, (case.variables)(&ids))
            .await;
        assert_eq!(outcome(&answer), FORBIDDEN, "{}", case.query);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_root_field_of_the_schema_is_in_the_table() {
    let server = TestServer::open().await;
    let schema = server
        .data(
            &server.acme.key,
            "{ __schema { queryType { fields { name } } mutationType { fields { name } } } }",
            json!({}),
        )
        .await;
    let fields = ["queryType", "mutationType"].into_iter().flat_map(|root| {
        schema["__schema"][root]["fields"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    });
    let missing: Vec<String> = fields
        .map(|field| field["name"].as_str().unwrap_or_default().to_owned())
        // Uploads use another kind of request and have their own test.
        .filter(|name| !["importContacts", "checkImport"].contains(&&name[..]))
        .filter(|name| {
            !CASES
                .iter()
                .any(|case| case.query.contains(&format!("r: {name}")))
        })
        .collect();
    assert_eq!(missing, Vec::<String>::new());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_credential_is_an_error_and_never_anonymous() {
    let server = TestServer::open().await;
    let query = "{ publicPortal(portal: \"acme\") { name } }";
    let stale = server.acme.owner.clone();
    for token in [
        "rubbish",
        "apikey_x",
        &stale[..stale.len() - 2],
        &server.acme.key[..server.acme.key.len() - 1],
    ] {
        let answer = server
            .http
            .post(format!("{}/graphql", server.url))
            .bearer_auth(token)
            .json(&json!({"query": query}));
        let answer = answer.send().await.expect("an answer");
        assert_eq!(answer.status(), 401, "{token}");
    }
    server.clock.advance(chrono::TimeDelta::minutes(11));
    assert_eq!(
        server.error(Some(&stale), query, json!({})).await.0,
        "UNAUTHENTICATED"
    );
    // Signing in works with a stale token.
    let refresh = "mutation { refreshSession(input: {refreshToken: \"refresh_no\"}) { refusal { reason } } }";
    let answer = server.request(Some(&stale), refresh, json!({})).await;
    assert_eq!(
        answer["data"]["refreshSession"]["refusal"]["reason"],
        "SESSION_EXPIRED"
    );
    server.stop().await;
}
