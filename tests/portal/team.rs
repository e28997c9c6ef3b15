//! The team: who may make, change and remove whom; and that an account never loses its last owner.

mod links;

use chrono::TimeDelta;
use serde_json::{Value, json};
use vestibule::base::actor::Role;

use crate::support::Socket;
use crate::support::{Desk, House, until};

const INVITE: &str = "mutation ($email: EmailAddress!, $role: Role!, $name: String) {
    inviteTeamMember(input: {email: $email, role: $role, name: $name}) { teamMember { id email role name joinedAt } } }";
const UPDATE: &str = "mutation ($id: ID!, $role: Role, $name: String) {
    updateTeamMember(input: {teamMemberId: $id, role: $role, name: $name}) { teamMember { id role name } } }";
const RENAME: &str = "mutation ($id: ID!, $name: String) {
    updateTeamMember(input: {teamMemberId: $id, name: $name}) { teamMember { role name } } }";
const REMOVE: &str =
    "mutation ($id: ID!) { removeTeamMember(input: {teamMemberId: $id}) { teamMember { id } } }";
const LIST: &str = "{ teamMembers(first: 50) { totalCount nodes { id email role name } } }";

async fn invited(house: &House, email: &str, role: &str) -> String {
    let made = house
        .ask(&house.acme.owner, INVITE, json!({"email": email, "role": role}))
        .await;
    let id = made["inviteTeamMember"]["teamMember"]["id"].as_str();
    id.expect("an id").to_owned()
}

async fn listed(house: &House) -> Vec<String> {
    let list = house.ask(&house.acme.owner, LIST, json!({})).await;
    let nodes = list["teamMembers"]["nodes"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let emails = nodes.iter().filter_map(|node| node["email"].as_str());
    emails.map(str::to_owned).collect()
}

async fn id_of(house: &House, email: &str) -> String {
    let list = house.ask(&house.acme.owner, LIST, json!({})).await;
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
    let house = House::open().await;
    house.clock.advance(TimeDelta::seconds(1));
    let owner = &house.acme.owner;
    let made = house
        .ask(
            owner,
            INVITE,
            json!({"email": "Bo@Example.com", "role": "STAFF", "name": " Bo "}),
        )
        .await;
    let member = &made["inviteTeamMember"]["teamMember"];
    assert_eq!(
        (&member["role"], &member["name"], &member["joinedAt"]),
        (&json!("STAFF"), &json!("Bo"), &Value::Null)
    );
    let id = member["id"].as_str().expect("an id").to_owned();
    assert!(
        listed(&house).await[0].eq_ignore_ascii_case("bo@example.com"),
        "the newest first"
    );
    let again = house
        .refused(
            Some(owner),
            INVITE,
            json!({"email": "bo@EXAMPLE.com", "role": "ADMIN"}),
        )
        .await;
    assert_eq!(again, ("CONFLICT".into(), Some("input.email".into())));
    let changed = house
        .ask(owner, UPDATE, json!({"id": id, "role": "OWNER", "name": null}))
        .await;
    let changed = &changed["updateTeamMember"]["teamMember"];
    assert_eq!(changed, &json!({"id": id, "role": "OWNER", "name": null}));
    house.ask(owner, REMOVE, json!({"id": id})).await;
    assert_eq!(listed(&house).await.len(), 4);
    let gone = house.refused(Some(owner), REMOVE, json!({"id": id})).await;
    assert_eq!(gone, ("NOT_FOUND".into(), Some("input.teamMemberId".into())));
    // Who was removed comes back as the same one.
    assert_eq!(invited(&house, "bo@example.com", "READ_ONLY").await, id);
    let kinds = house
        .test
        .texts(&format!(
            "select kind from audit_events where subject = '{id}' order by id"
        ))
        .await;
    assert_eq!(kinds.len(), 4);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_read_is_refused_with_its_field() {
    let house = House::open().await;
    let owner = &house.acme.owner;
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
        let refused = house.refused(Some(owner), INVITE, variables.clone()).await;
        assert_eq!(
            refused,
            ("BAD_USER_INPUT".into(), Some(field.into())),
            "{variables}"
        );
    }
    let name = "x".repeat(100);
    let longest = json!({"email": "a@example.com", "role": "STAFF", "name": name});
    house.ask(owner, INVITE, longest).await;
    for id in ["rubbish", "member_01kcw0h0000000000000000000", ""] {
        let refused = house.refused(Some(owner), REMOVE, json!({"id": id})).await;
        assert_eq!(refused.0, "NOT_FOUND", "{id}");
    }
    let foreign = house
        .refused(
            Some(&house.other.owner),
            REMOVE,
            json!({"id": house.acme.owner_id.to_string()}),
        )
        .await;
    assert_eq!(foreign.0, "NOT_FOUND");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_does_everything_but_owners() {
    let house = House::open().await;
    let (admin, owner_id) = (&house.acme.admin, house.acme.owner_id.to_string());
    let staff = house
        .ask(admin, INVITE, json!({"email": "s@example.com", "role": "ADMIN"}))
        .await;
    let staff = staff["inviteTeamMember"]["teamMember"]["id"].clone();
    house
        .ask(admin, UPDATE, json!({"id": staff, "role": "STAFF"}))
        .await;
    let admin_id = id_of(&house, "admin@acme.example").await;
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
        let refused = house.refused(Some(admin), query, variables.clone()).await;
        assert_eq!(
            refused,
            ("FORBIDDEN".into(), Some(field.into())),
            "{query} {variables}"
        );
    }
    house.ask(admin, REMOVE, json!({"id": staff})).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_owner_stays() {
    let house = House::open().await;
    let (owner, id) = (&house.acme.owner, house.acme.owner_id.to_string());
    let conflict = || ("CONFLICT".to_owned(), Some("input.teamMemberId".to_owned()));
    for (query, variables) in [
        (REMOVE, json!({"id": id})),
        (UPDATE, json!({"id": id, "role": "ADMIN"})),
    ] {
        assert_eq!(house.refused(Some(owner), query, variables).await, conflict());
    }
    // A second owner who was removed is none.
    let second = invited(&house, "second@example.com", "OWNER").await;
    house.ask(owner, REMOVE, json!({"id": second})).await;
    assert_eq!(
        house.refused(Some(owner), REMOVE, json!({"id": id})).await,
        conflict()
    );
    invited(&house, "second@example.com", "OWNER").await;
    house.ask(owner, UPDATE, json!({"id": id, "role": "ADMIN"})).await;
    house.stop().await;
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("OK")
}

#[tokio::test(flavor = "multi_thread")]
async fn two_owners_who_remove_each_other_at_the_same_moment_leave_one() {
    let desk = Desk::open().await;
    let account = desk.office.account.id;
    for round in 0..20 {
        let one = desk
            .member(&format!("one{round}@acme.example"), Role::Owner)
            .await;
        let two = desk
            .member(&format!("two{round}@acme.example"), Role::Owner)
            .await;
        let (first, second) = (one.actor().to_string(), two.actor().to_string());
        let demote = json!({"id": first, "role": "STAFF"});
        let (a, b) = tokio::join!(
            desk.ask(&one, REMOVE, json!({"id": second})),
            desk.ask(&two, UPDATE, demote),
        );
        let mut codes = [code(&a), code(&b)];
        codes.sort_unstable();
        assert_eq!(codes, ["CONFLICT", "OK"], "{a} {b}");
        let owners = format!(
            "select count(*) from team_members where account_id = '{}' and role = 'OWNER' and removed_at is null",
            account.0
        );
        assert_eq!(desk.office.test.number(&owners).await, 1, "round {round}");
        desk.office
            .test
            .run("update team_members set removed_at = created_at, role = 'STAFF'")
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_was_removed_meanwhile_removes_nobody() {
    let desk = Desk::open().await;
    let (one, two) = (
        desk.owner().await,
        desk.member("two@acme.example", Role::Owner).await,
    );
    desk.member("three@acme.example", Role::Owner).await;
    let (first, second) = (one.actor().to_string(), two.actor().to_string());
    desk.data(&one, REMOVE, json!({"id": second})).await;
    let refused = desk.refusal(&two, REMOVE, json!({"id": first})).await;
    assert_eq!(refused.0, "FORBIDDEN");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_role_and_a_removal_end_the_sessions_at_once() {
    let house = House::open().await;
    let (owner, admin) = (&house.acme.owner, &house.acme.admin);
    let admin_id = id_of(&house, "admin@acme.example").await;
    let staff_id = id_of(&house, "staff@acme.example").await;
    let stats = "subscription { portalStats { invited } }";
    let mut socket = Socket::open(&house, Some(admin)).await;
    socket.subscribe(stats).await;
    socket.data().await;
    // A new name changes nothing of that.
    house
        .ask(owner, RENAME, json!({"id": admin_id, "name": "Ad"}))
        .await;
    house
        .ask(owner, UPDATE, json!({"id": admin_id, "role": "ADMIN"}))
        .await;
    house.ask(admin, "{ portal { id } }", json!({})).await;
    house
        .ask(owner, UPDATE, json!({"id": admin_id, "role": "STAFF"}))
        .await;
    assert_eq!(socket.next().await["close"], 4403);
    let ended = house.refused(Some(admin), "{ portal { id } }", json!({})).await;
    assert_eq!(ended.0, "UNAUTHENTICATED");
    let mut socket = Socket::open(&house, Some(&house.acme.staff)).await;
    socket.subscribe(stats).await;
    socket.data().await;
    house.ask(owner, REMOVE, json!({"id": staff_id})).await;
    assert_eq!(socket.next().await["close"], 4403);
    let ended = house
        .refused(Some(&house.acme.staff), "{ portal { id } }", json!({}))
        .await;
    assert_eq!(ended.0, "UNAUTHENTICATED");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_and_admins_find_members_by_id_and_anyone_else_only_themselves() {
    let house = House::open().await;
    let id = house.acme.owner_id.to_string();
    let staff_id = id_of(&house, "staff@acme.example").await;
    let node = "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on TeamMember { email } } }";
    for (token, seen) in [
        (&house.acme.owner, [true, true]),
        (&house.acme.admin, [true, true]),
        (&house.acme.staff, [false, true]),
        (&house.acme.read_only, [false, false]),
        (&house.acme.key, [false, false]),
        (&house.other.owner, [false, false]),
    ] {
        let found = house.ask(token, node, json!({"ids": [id, staff_id]})).await;
        let found: Vec<bool> = found["nodes"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|node| !node.is_null())
            .collect();
        assert_eq!(found, seen);
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_promised_for_as_long_as_its_link_lives() {
    let house = House::open().await;
    invited(&house, "bo@example.com", "STAFF").await;
    let promised = "select count(*) from messages m join staff_links l on l.id = m.about
        where m.kind = 'TEAM_INVITATION' and m.address = 'bo@example.com' and m.give_up_at = l.expires_at
            and m.team_member_id = l.team_member_id and l.expires_at = l.created_at + interval '24 hours'";
    until("the promise", async || house.test.number(promised).await == 1).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_to_a_new_member_counts_towards_the_day() {
    let house = House::open().await;
    let account = house.acme.id.0;
    let all_but_one = format!("insert into message_days values ('{account}', '2026-01-05', 49999)");
    house.test.run(&all_but_one).await;
    invited(&house, "bo@example.com", "STAFF").await;
    let spent = json!({"email": "c@example.com", "role": "STAFF"});
    let refused = house.refused(Some(&house.acme.owner), INVITE, spent).await;
    assert_eq!(refused.0, "RATE_LIMITED");
    house.stop().await;
}
