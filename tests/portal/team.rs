//! The team: who may invite, change and remove whom, and that an account never loses its last owner.

mod links;

use chrono::TimeDelta;
use serde_json::{Value, json};
use vestibule::base::actor::Role;

use crate::support::Socket;
use crate::support::{TestApi, TestServer, wait_until};

const INVITE: &str = "mutation ($email: EmailAddress!, $role: Role!, $name: String) {
    inviteTeamMember(input: {email: $email, role: $role, name: $name}) { teamMember { id email role name joinedAt } } }";
const UPDATE: &str = "mutation ($id: ID!, $role: Role, $name: String) {
    updateTeamMember(input: {teamMemberId: $id, role: $role, name: $name}) { teamMember { id role name } } }";
const RENAME: &str = "mutation ($id: ID!, $name: String) {
    updateTeamMember(input: {teamMemberId: $id, name: $name}) { teamMember { role name } } }";
const REMOVE: &str =
    "mutation ($id: ID!) { removeTeamMember(input: {teamMemberId: $id}) { teamMember { id } } }";
const LIST: &str = "{ teamMembers(first: 50) { totalCount nodes { id email role name } } }";

async fn invited(server: &TestServer, email: &str, role: &str) -> String {
    let created = server
        .data(&server.acme.owner, INVITE, json!({"email": email, "role": role}))
        .await;
    let id = created["inviteTeamMember"]["teamMember"]["id"].as_str();
    id.expect("an id").to_owned()
}

async fn listed(server: &TestServer) -> Vec<String> {
    let list = server.data(&server.acme.owner, LIST, json!({})).await;
    let nodes = list["teamMembers"]["nodes"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let emails = nodes.iter().filter_map(|node| node["email"].as_str());
    emails.map(str::to_owned).collect()
}

async fn id_of(server: &TestServer, email: &str) -> String {
    let list = server.data(&server.acme.owner, LIST, json!({})).await;
    let nodes = list["teamMembers"]["nodes"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let found = nodes.iter().find(|node| node["email"] == email);
    let id = found.and_then(|node| node["id"].as_str());
    id.unwrap_or_else(|| panic!("no {email}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_invites_changes_and_removes() {
    let server = TestServer::open().await;
    server.clock.advance(TimeDelta::seconds(1));
    let owner = &server.acme.owner;
    let created = server
        .data(
            owner,
            INVITE,
            json!({"email": "Bo@Example.com", "role": "STAFF", "name": " Bo "}),
        )
        .await;
    let member = &created["inviteTeamMember"]["teamMember"];
    assert_eq!(
        (&member["role"], &member["name"], &member["joinedAt"]),
        (&json!("STAFF"), &json!("Bo"), &Value::Null)
    );
    let id = member["id"].as_str().expect("an id").to_owned();
    assert!(
        listed(&server).await[0].eq_ignore_ascii_case("bo@example.com"),
        "the newest first"
    );
    let again = server
        .error(
            Some(owner),
            INVITE,
            json!({"email": "bo@EXAMPLE.com", "role": "ADMIN"}),
        )
        .await;
    assert_eq!(again, ("CONFLICT".into(), Some("input.email".into())));
    let changed = server
        .data(owner, UPDATE, json!({"id": id, "role": "OWNER", "name": null}))
        .await;
    let changed = &changed["updateTeamMember"]["teamMember"];
    assert_eq!(changed, &json!({"id": id, "role": "OWNER", "name": null}));
    server.data(owner, REMOVE, json!({"id": id})).await;
    assert_eq!(listed(&server).await.len(), 4);
    let gone = server.error(Some(owner), REMOVE, json!({"id": id})).await;
    assert_eq!(gone, ("NOT_FOUND".into(), Some("input.teamMemberId".into())));
    // A removed member who is invited again keeps the id.
    assert_eq!(invited(&server, "bo@example.com", "READ_ONLY").await, id);
    let kinds = server
        .test
        .texts(&format!(
            "select kind from audit_events where subject = '{id}' order by id"
        ))
        .await;
    assert_eq!(kinds.len(), 4);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_input_is_refused_with_its_field() {
    let server = TestServer::open().await;
    let owner = &server.acme.owner;
    for (variables, field) in [
        (json!({"email": "nobody", "role": "STAFF"}), "input.email"),
        (
            json!({"email": "a@example.com", "role": "STAFF", "name": "x\ny"}),
            "input.name",
        ),
        (
            json!({"email": "a@example.com", "role": "STAFF", "name": "x".repeat(101)}),
            "input.name",
        ),
    ] {
        let refused = server.error(Some(owner), INVITE, variables.clone()).await;
        assert_eq!(
            refused,
            ("BAD_USER_INPUT".into(), Some(field.into())),
            "{variables}"
        );
    }
    let name = "x".repeat(100);
    let longest = json!({"email": "a@example.com", "role": "STAFF", "name": name});
    server.data(owner, INVITE, longest).await;
    for id in ["rubbish", "member_01kcw0h0000000000000000000", ""] {
        let refused = server.error(Some(owner), REMOVE, json!({"id": id})).await;
        assert_eq!(refused.0, "NOT_FOUND", "{id}");
    }
    let foreign = server
        .error(
            Some(&server.other.owner),
            REMOVE,
            json!({"id": server.acme.owner_id.to_string()}),
        )
        .await;
    assert_eq!(foreign.0, "NOT_FOUND");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_manages_everyone_except_owners() {
    let server = TestServer::open().await;
    let (admin, owner_id) = (&server.acme.admin, server.acme.owner_id.to_string());
    let staff = server
        .data(admin, INVITE, json!({"email": "s@example.com", "role": "ADMIN"}))
        .await;
    let staff = staff["inviteTeamMember"]["teamMember"]["id"].clone();
    server
        .data(admin, UPDATE, json!({"id": staff, "role": "STAFF"}))
        .await;
    let admin_id = id_of(&server, "admin@acme.example").await;
    for (query, variables, field) in [
        (
            INVITE,
            json!({"email": "o@example.com", "role": "OWNER"}),
            "input.role",
        ),
        (UPDATE, json!({"id": staff, "role": "OWNER"}), "input.role"),
        (UPDATE, json!({"id": admin_id, "role": "OWNER"}), "input.role"),
        (
            UPDATE,
            json!({"id": owner_id, "role": "STAFF"}),
            "input.teamMemberId",
        ),
        (RENAME, json!({"id": owner_id, "name": "x"}), "input.teamMemberId"),
        (REMOVE, json!({"id": owner_id}), "input.teamMemberId"),
    ] {
        let refused = server.error(Some(admin), query, variables.clone()).await;
        assert_eq!(
            refused,
            ("FORBIDDEN".into(), Some(field.into())),
            "{query} {variables}"
        );
    }
    server.data(admin, REMOVE, json!({"id": staff})).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_owner_can_not_be_removed() {
    let server = TestServer::open().await;
    let (owner, id) = (&server.acme.owner, server.acme.owner_id.to_string());
    let conflict = || ("CONFLICT".to_owned(), Some("input.teamMemberId".to_owned()));
    for (query, variables) in [
        (REMOVE, json!({"id": id})),
        (UPDATE, json!({"id": id, "role": "ADMIN"})),
    ] {
        assert_eq!(server.error(Some(owner), query, variables).await, conflict());
    }
    // A removed second owner does not count.
    let second = invited(&server, "second@example.com", "OWNER").await;
    server.data(owner, REMOVE, json!({"id": second})).await;
    assert_eq!(
        server.error(Some(owner), REMOVE, json!({"id": id})).await,
        conflict()
    );
    invited(&server, "second@example.com", "OWNER").await;
    server
        .data(owner, UPDATE, json!({"id": id, "role": "ADMIN"}))
        .await;
    server.stop().await;
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("OK")
}

#[tokio::test(flavor = "multi_thread")]
async fn two_owners_who_remove_each_other_concurrently_leave_one() {
    let api = TestApi::open().await;
    let account = api.test.account.id;
    for round in 0..20 {
        let one = api.member(&format!("one{round}@acme.example"), Role::Owner).await;
        let two = api.member(&format!("two{round}@acme.example"), Role::Owner).await;
        let (first, second) = (one.actor().to_string(), two.actor().to_string());
        let demote = json!({"id": first, "role": "STAFF"});
        let (a, b) = tokio::join!(
            api.request(&one, REMOVE, json!({"id": second})),
            api.request(&two, UPDATE, demote),
        );
        let mut codes = [code(&a), code(&b)];
        codes.sort_unstable();
        assert_eq!(codes, ["CONFLICT", "OK"], "{a} {b}");
        let owners = format!(
            "select count(*) from team_members where account_id = '{}' and role = 'OWNER' and removed_at is null",
            account.0
        );
        assert_eq!(api.test.test.number(&owners).await, 1, "round {round}");
        api.test
            .test
            .run("update team_members set removed_at = created_at, role = 'STAFF'")
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_is_removed_concurrently_removes_nobody() {
    let api = TestApi::open().await;
    let (one, two) = (
        api.owner().await,
        api.member("two@acme.example", Role::Owner).await,
    );
    api.member("three@acme.example", Role::Owner).await;
    let (first, second) = (one.actor().to_string(), two.actor().to_string());
    api.data(&one, REMOVE, json!({"id": second})).await;
    let refused = api.error(&two, REMOVE, json!({"id": first})).await;
    assert_eq!(refused.0, "FORBIDDEN");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_role_and_a_removal_end_the_sessions_immediately() {
    let server = TestServer::open().await;
    let (owner, admin) = (&server.acme.owner, &server.acme.admin);
    let admin_id = id_of(&server, "admin@acme.example").await;
    let staff_id = id_of(&server, "staff@acme.example").await;
    let stats = "subscription { portalStats { invited } }";
    let mut socket = Socket::open(&server, Some(admin)).await;
    socket.subscribe(stats).await;
    socket.data().await;
    // A new name does not change that.
    server
        .data(owner, RENAME, json!({"id": admin_id, "name": "Ad"}))
        .await;
    server
        .data(owner, UPDATE, json!({"id": admin_id, "role": "ADMIN"}))
        .await;
    server.data(admin, "{ portal { id } }", json!({})).await;
    server
        .data(owner, UPDATE, json!({"id": admin_id, "role": "STAFF"}))
        .await;
    assert_eq!(socket.next().await["close"], 4403);
    let ended = server.error(Some(admin), "{ portal { id } }", json!({})).await;
    assert_eq!(ended.0, "UNAUTHENTICATED");
    let mut socket = Socket::open(&server, Some(&server.acme.staff)).await;
    socket.subscribe(stats).await;
    socket.data().await;
    server.data(owner, REMOVE, json!({"id": staff_id})).await;
    assert_eq!(socket.next().await["close"], 4403);
    let ended = server
        .error(Some(&server.acme.staff), "{ portal { id } }", json!({}))
        .await;
    assert_eq!(ended.0, "UNAUTHENTICATED");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_and_admins_find_members_by_id_and_anyone_else_only_themselves() {
    let server = TestServer::open().await;
    let id = server.acme.owner_id.to_string();
    let staff_id = id_of(&server, "staff@acme.example").await;
    let node = "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on TeamMember { email } } }";
    for (token, seen) in [
        (&server.acme.owner, [true, true]),
        (&server.acme.admin, [true, true]),
        (&server.acme.staff, [false, true]),
        (&server.acme.read_only, [false, false]),
        (&server.acme.key, [false, false]),
        (&server.other.owner, [false, false]),
    ] {
        let found = server.data(token, node, json!({"ids": [id, staff_id]})).await;
        let found: Vec<bool> = found["nodes"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|node| !node.is_null())
            .collect();
        assert_eq!(found, seen);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_email_is_retried_as_long_as_its_link_is_valid() {
    let server = TestServer::open().await;
    invited(&server, "bo@example.com", "STAFF").await;
    let promised = "select count(*) from messages m join staff_links l on l.id = m.about
        where m.kind = 'TEAM_INVITATION' and m.address = 'bo@example.com' and m.give_up_at = l.expires_at
            and m.team_member_id = l.team_member_id and l.expires_at = l.created_at + interval '24 hours'";
    wait_until("the promise", async || server.test.number(promised).await == 1).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_email_to_a_member_counts_towards_the_daily_budget() {
    let server = TestServer::open().await;
    let account = server.acme.id.0;
    let all_but_one = format!("insert into message_days values ('{account}', '2026-01-05', 49999)");
    server.test.run(&all_but_one).await;
    invited(&server, "bo@example.com", "STAFF").await;
    let spent = json!({"email": "c@example.com", "role": "STAFF"});
    let refused = server.error(Some(&server.acme.owner), INVITE, spent).await;
    assert_eq!(refused.0, "RATE_LIMITED");
    server.stop().await;
}
