//! API keys: shown once, valid until they expire or are revoked.

use chrono::TimeDelta;
use serde_json::{Value, json};
use vestibule::base::actor::SignInMethod;
use vestibule::base::actor::{Client, Role};
use vestibule::sign_in::sessions::model::{Holder, NewSession};

use crate::support::{Socket, TestApi, TestServer};

const CREATE: &str = "mutation ($name: String!, $scopes: [ApiKeyScope!]!, $end: DateTime) {
    createApiKey(input: {name: $name, scopes: $scopes, expiresAt: $end}) {
        secret apiKey { id name scopes hint status createdBy createdAt expiresAt revokedAt lastUsedAt } } }";
const REVOKE: &str =
    "mutation ($id: ID!) { revokeApiKey(input: {apiKeyId: $id}) { apiKey { id status revokedAt } } }";
const LIST: &str =
    "{ apiKeys(first: 50) { totalCount nodes { id name status revokedAt expiresAt lastUsedAt } } }";

async fn create_key(server: &TestServer, variables: Value) -> (String, String, Value) {
    let created = server.data(&server.acme.owner, CREATE, variables).await;
    let created = &created["createApiKey"];
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    (
        text(&created["secret"]),
        text(&created["apiKey"]["id"]),
        created["apiKey"].clone(),
    )
}

async fn find_key(server: &TestServer, id: &str) -> Value {
    let list = server.data(&server.acme.admin, LIST, json!({})).await;
    let nodes = list["apiKeys"]["nodes"].as_array().cloned().unwrap_or_default();
    nodes.into_iter().find(|node| node["id"] == id).expect("the key")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_shown_once_and_stored_hashed() {
    let server = TestServer::open().await;
    let (secret, id, key) =
        create_key(&server, json!({"name": "the shop", "scopes": ["READ", "LINKS"]})).await;
    assert!(secret.starts_with("apikey_"), "recognisable");
    assert_eq!(key["hint"].as_str(), Some(&secret[secret.len() - 4..]));
    assert_eq!(key["createdBy"], server.acme.owner_id.to_string());
    assert_eq!(
        (&key["status"], &key["scopes"]),
        (&json!("ACTIVE"), &json!(["READ", "LINKS"]))
    );
    let kept = "select coalesce(string_agg(k::text, ' '), '') || coalesce((select string_agg(e::text, ' ') from audit_events e), '') from api_keys k";
    let kept = server.test.texts(kept).await.remove(0).expect("rows");
    assert!(!kept.contains(&secret[secret.len() - 43..]), "hashed");
    server.data(&secret, "{ portal { id } }", json!({})).await;
    assert_ne!(find_key(&server, &id).await["lastUsedAt"], Value::Null);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_key_is_refused_with_its_field() {
    let server = TestServer::open().await;
    let five_years = TimeDelta::days(5 * 366);
    let at = |moved: TimeDelta| json!((server.clock.now() + moved).to_rfc3339());
    for (variables, field) in [
        (json!({"name": " ", "scopes": ["READ"]}), "input.name"),
        (json!({"name": "x".repeat(81), "scopes": ["READ"]}), "input.name"),
        (json!({"name": "a\nb", "scopes": ["READ"]}), "input.name"),
        (json!({"name": "a", "scopes": []}), "input.scopes"),
        (
            json!({"name": "a", "scopes": ["READ", "LINKS", "READ"]}),
            "input.scopes",
        ),
        (
            json!({"name": "a", "scopes": ["READ"], "end": at(TimeDelta::zero())}),
            "input.expiresAt",
        ),
        (
            json!({"name": "a", "scopes": ["READ"], "end": at(five_years + TimeDelta::seconds(1))}),
            "input.expiresAt",
        ),
    ] {
        let refused = server
            .error(Some(&server.acme.owner), CREATE, variables.clone())
            .await;
        assert_eq!(
            refused,
            ("BAD_USER_INPUT".into(), Some(field.into())),
            "{variables}"
        );
    }
    let longest = json!({"name": "x".repeat(80), "scopes": ["READ"], "end": at(five_years)});
    server.data(&server.acme.owner, CREATE, longest).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_expires_to_the_second() {
    let server = TestServer::open().await;
    let end = server.clock.now() + TimeDelta::minutes(5);
    let (secret, id, _) = create_key(
        &server,
        json!({"name": "a", "scopes": ["READ"], "end": end.to_rfc3339()}),
    )
    .await;
    server.clock.advance(TimeDelta::seconds(299));
    server.data(&secret, "{ portal { id } }", json!({})).await;
    assert_eq!(find_key(&server, &id).await["status"], "ACTIVE");
    server.clock.advance(TimeDelta::seconds(1));
    let ended = server.error(Some(&secret), "{ portal { id } }", json!({})).await;
    assert_eq!(ended.0, "UNAUTHENTICATED");
    assert_eq!(find_key(&server, &id).await["status"], "EXPIRED");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_and_its_subscription_end_immediately() {
    let server = TestServer::open().await;
    let (secret, id, _) = create_key(&server, json!({"name": "a", "scopes": ["READ"]})).await;
    let mut socket = Socket::open(&server, Some(&secret)).await;
    socket.subscribe("subscription { portalStats { invited } }").await;
    socket.data().await;
    let revoked = server.data(&server.acme.admin, REVOKE, json!({"id": id})).await;
    assert_eq!(revoked["revokeApiKey"]["apiKey"]["status"], "REVOKED");
    assert_eq!(socket.next().await["close"], 4403);
    let ended = server.error(Some(&secret), "{ portal { id } }", json!({})).await;
    assert_eq!(ended.0, "UNAUTHENTICATED");
    // A repeat changes nothing.
    server.clock.advance(TimeDelta::seconds(5));
    let again = server.data(&server.acme.admin, REVOKE, json!({"id": id})).await;
    assert_eq!(again, revoked);
    let events =
        format!("select count(*) from audit_events where kind = 'API_KEY_REVOKED' and subject = '{id}'");
    assert_eq!(server.test.number(&events).await, 1);
    let foreign = server
        .error(Some(&server.other.owner), REVOKE, json!({"id": id}))
        .await;
    assert_eq!(foreign, ("NOT_FOUND".into(), Some("input.apiKeyId".into())));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_key_can_create_or_list_keys() {
    let server = TestServer::open().await;
    let every = json!(["READ", "INVITE", "LINKS", "CONTACTS", "ADMIN"]);
    let (secret, id, _) = create_key(&server, json!({"name": "all", "scopes": every})).await;
    for (query, variables) in [
        (CREATE, json!({"name": "b", "scopes": ["READ"]})),
        (REVOKE, json!({"id": id})),
        (LIST, json!({})),
        ("{ teamMembers { nodes { id } } }", json!({})),
    ] {
        assert_eq!(
            server.error(Some(&secret), query, variables).await.0,
            "FORBIDDEN",
            "{query}"
        );
    }
    server.stop().await;
}

async fn send(server: &TestServer, token: &str, key: &str, body: &Value) -> Value {
    let request = server.http.post(format!("{}/graphql", server.url)).json(body);
    let request = request.bearer_auth(token).header("idempotency-key", key);
    request
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_response_with_the_secret_is_repeated_for_15_minutes_and_stored_sealed() {
    let server = TestServer::open().await;
    let body = json!({"query": CREATE, "variables": {"name": "a", "scopes": ["READ"]}});
    let first = send(&server, &server.acme.owner, "k", &body).await;
    let secret = first["data"]["createApiKey"]["secret"]
        .as_str()
        .expect("a secret")
        .to_owned();
    let kept = server
        .test
        .texts("select encode(answer, 'escape') from idempotency_keys")
        .await;
    assert!(
        kept.iter().flatten().all(|kept| !kept.contains(&secret[33..])),
        "sealed"
    );
    // As long as the owner's token is valid; `repeats.rs` tests the full 15 minutes.
    server.clock.advance(TimeDelta::minutes(9));
    assert_eq!(send(&server, &server.acme.owner, "k", &body).await, first);
    assert_eq!(
        server
            .test
            .number("select count(*) from api_keys where name = 'a'")
            .await,
        1
    );
    let left = "select extract(epoch from answer_until - created_at)::bigint from idempotency_keys";
    assert_eq!(server.test.number(left).await, 15 * 60);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_without_the_permission_gets_no_repeat() {
    let server = TestServer::open().await;
    let create = "mutation { createContact(input: {email: \"a@example.com\"}) { contact { id } } }";
    let body = json!({"query": create});
    let (_, key) = server
        .acme
        .scoped
        .iter()
        .find(|(scope, _)| scope.as_str() == "CONTACTS")
        .expect("a key");
    let first = send(&server, key, "k", &body).await;
    assert!(
        first["data"]["createContact"]["contact"]["id"].is_string(),
        "{first}"
    );
    assert_eq!(send(&server, key, "k", &body).await, first);
    server
        .test
        .run("update api_keys set scopes = '{READ}' where scopes = '{CONTACTS}'")
        .await;
    server.clock.advance(TimeDelta::minutes(1));
    let refused = send(&server, key, "k", &body).await;
    assert_eq!(
        refused["errors"][0]["extensions"]["code"], "FORBIDDEN",
        "{refused}"
    );
    assert_eq!(refused["data"]["createContact"], Value::Null);
    server
        .test
        .run("update api_keys set scopes = '{CONTACTS}' where name = 'CONTACTS'")
        .await;
    server.clock.advance(TimeDelta::minutes(1));
    assert_eq!(send(&server, key, "k", &body).await, first, "and has it again");
    assert_eq!(
        server
            .test
            .number("select count(*) from contacts where email = 'a@example.com'")
            .await,
        1
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn running_the_demo_again_keeps_one_key() {
    let test = crate::support::TestDatabase::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    let demo = || {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command
            .arg("demo")
            .env("DATABASE_URL", &test.url)
            .env("VESTIBULE_DATA_DIR", folder.path());
        async move {
            let done = command.output().await.expect("it runs");
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            let ways: serde_json::Value = serde_json::from_slice(&done.stdout).expect("JSON");
            ways["apiKey"].as_str().expect("a key").to_owned()
        }
    };
    let first = demo().await;
    let live = "select count(*) from api_keys where revoked_at is null";
    assert_eq!(test.number(live).await, 1);
    let (second, third) = tokio::join!(demo(), demo());
    assert!(first != second && second != third);
    assert_eq!(test.number(live).await, 1);
    let revoked = "select count(*) from audit_events where kind = 'API_KEY_REVOKED'";
    assert_eq!(test.number(revoked).await, 2);
}

const UPDATE: &str =
    "mutation ($id: ID!, $role: Role) { r: updateTeamMember(input: {teamMemberId: $id, role: $role}) {
    revokedApiKeys { id status createdBy } } }";
const REMOVE: &str = "mutation ($id: ID!) { r: removeTeamMember(input: {teamMemberId: $id}) {
    revokedApiKeys { id status createdBy } } }";

#[tokio::test(flavor = "multi_thread")]
async fn keys_end_when_their_creator_loses_the_permission_and_the_response_lists_them() {
    let server = TestServer::open().await;
    let owner = &server.acme.owner;
    let (kept, _, _) = create_key(&server, json!({"name": "the owner's", "scopes": ["READ"]})).await;
    let id = "select id::text from team_members where email = 'admin@acme.example'";
    let id = server.test.texts(id).await.remove(0).expect("an id");
    let id = vestibule::base::ids::TeamMemberId(id.parse().expect("a UUID")).to_string();
    let mut admin = server.acme.admin.clone();
    for (n, how, input) in [
        (1, UPDATE, json!({"id": id, "role": "STAFF"})),
        (2, REMOVE, json!({"id": id})),
    ] {
        let mut theirs = Vec::new();
        for name in ["first", "second"] {
            server.clock.advance(TimeDelta::seconds(1));
            let input = json!({"name": name, "scopes": ["READ"]});
            let created = server.data(&admin, CREATE, input).await["createApiKey"].clone();
            theirs.push((created["secret"].clone(), created["apiKey"]["id"].clone()));
        }
        let ended = json!({"name": "ended", "scopes": ["READ"], "end": (server.clock.now() + TimeDelta::hours(1)).to_rfc3339()});
        server.data(&admin, CREATE, ended).await;
        server
            .test
            .run("update api_keys set expires_at = created_at where name = 'ended'")
            .await;
        let secret = theirs[0].0.as_str().expect("a secret");
        let mut socket = Socket::open(&server, Some(secret)).await;
        socket.subscribe("subscription { portalStats { invited } }").await;
        socket.data().await;
        let done = server.data(owner, how, input).await;
        let key = |key: &Value| json!({"id": key, "status": "REVOKED", "createdBy": id});
        assert_eq!(
            done["r"]["revokedApiKeys"],
            json!([key(&theirs[1].1), key(&theirs[0].1)])
        );
        assert_eq!(socket.next().await["close"], 4403);
        let refused = server.error(Some(secret), "{ portal { id } }", json!({})).await;
        assert_eq!(refused.0, "UNAUTHENTICATED");
        let noted = "select count(*) from audit_events where kind = 'API_KEY_REVOKED' and detail->>'reason' in ('ROLE_CHANGED', 'REMOVED')";
        assert_eq!(server.test.number(noted).await, 2 * n);
        if n == 1 {
            // An owner may have keys, like an admin.
            server
                .test
                .run("update team_members set role = 'OWNER' where email = 'admin@acme.example'")
                .await;
            admin = session_of(&server, "admin@acme.example", Role::Owner).await;
            let created = server
                .data(&admin, CREATE, json!({"name": "stays", "scopes": ["READ"]}))
                .await;
            let done = server
                .data(owner, UPDATE, json!({"id": id, "role": "ADMIN"}))
                .await;
            assert_eq!(done["r"]["revokedApiKeys"], json!([]));
            let secret = created["createApiKey"]["secret"]
                .as_str()
                .expect("a secret")
                .to_owned();
            server.data(&secret, "{ portal { id } }", json!({})).await;
            server.test.run("delete from api_keys where name = 'stays'").await;
            admin = session_of(&server, "admin@acme.example", Role::Admin).await;
        }
    }
    server.data(&kept, "{ portal { id } }", json!({})).await;
    server.stop().await;
}

/// A new session of a team member with this role.
async fn session_of(server: &TestServer, email: &str, role: Role) -> String {
    let id = format!("select id::text from team_members where email = '{email}'");
    let id = server.test.texts(&id).await.remove(0).expect("an id");
    let member = vestibule::base::ids::TeamMemberId(id.parse().expect("a UUID"));
    let client = Client::default();
    let opening = NewSession::new(
        server.acme.id,
        Holder::Member(member),
        SignInMethod::StaffLink,
        &client,
    );
    server.signed_in(&opening, Some(role)).await.1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_who_is_removed_while_a_key_is_created_keeps_none() {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    let active = "select count(*) from api_keys where revoked_at is null";
    for round in 0..20 {
        let admin = api
            .member(&format!("admin{round}@acme.example"), Role::Admin)
            .await;
        let (remove, create) = (
            json!({"id": admin.actor().to_string()}),
            json!({"name": "a", "scopes": ["READ"]}),
        );
        tokio::join!(
            api.data(&owner, REMOVE, remove),
            api.request(&admin, CREATE, create)
        );
        assert_eq!(api.test.test.number(active).await, 0, "round {round}");
    }
}
