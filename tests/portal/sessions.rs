//! Sessions: who sees them, who ends them, and when that takes effect.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use vestibule::base::actor::SignInMethod;
use vestibule::base::actor::{Client, Role};
use vestibule::base::ids::SessionId;
use vestibule::sign_in::sessions::model::{Holder, NewSession};

use crate::emails::{anna, open_session};
use crate::support::Socket;
use crate::support::TestServer;

pub const MINE: &str = "{ me { sessions { totalCount nodes { id createdAt lastSeenAt expiresAt endedAt current device network method section madeByStaff } } } }";
pub const REVOKE: &str =
    "mutation ($id: ID!) { revokeSession(input: {sessionId: $id}) { session { id endedAt } } }";

async fn signed_in(server: &TestServer, holder: Holder, role: Option<Role>) -> (SessionId, String) {
    let client = Client::default();
    let opening = NewSession::new(server.acme.id, holder, SignInMethod::Code, &client);
    server.signed_in(&opening, role).await
}

#[tokio::test(flavor = "multi_thread")]
async fn members_and_contacts_see_their_own_sessions_and_staff_those_of_contacts() {
    let server = TestServer::open().await;
    server.clock.advance(TimeDelta::seconds(1));
    let other = open_session(&server, anna(&server), SignInMethod::Password).await;
    let seen = server.data(&server.acme.contact_session, MINE, json!({})).await;
    let sessions = &seen["me"]["sessions"];
    assert_eq!(sessions["totalCount"], 2);
    let newest = &sessions["nodes"][0];
    assert_eq!(newest["id"], other.id.to_string());
    assert_eq!(newest["device"], "Firefox on Linux");
    assert_eq!(newest["network"], "203.0.113.x");
    assert_eq!(newest["method"], "PASSWORD");
    assert_eq!(newest["createdAt"], "2026-01-05T10:00:01.000000Z");
    assert_eq!(newest["expiresAt"], "2026-02-04T10:00:01.000000Z");
    assert_eq!(
        (&newest["current"], &newest["madeByStaff"]),
        (&json!(false), &json!(false))
    );
    let own = &sessions["nodes"][1];
    assert_eq!(own["current"], true);
    assert_eq!(
        (&own["device"], &own["network"]),
        (&json!("an unknown device"), &Value::Null)
    );
    let of = "query ($id: ID!) { contact(id: $id) { sessions { totalCount nodes { id current } } } }";
    let id = json!({"id": server.acme.contact.to_string()});
    let data = server.data(&server.acme.read_key, of, id.clone()).await;
    assert_eq!(data["contact"]["sessions"]["totalCount"], 2);
    assert_eq!(data["contact"]["sessions"]["nodes"][0]["current"], false);
    let foreign = server.data(&server.other.owner, of, id).await;
    assert!(foreign["contact"].is_null());
    // A member's own sessions; a read-only member can't see the owner's.
    let team = "{ viewer { ... on TeamMember { sessions { nodes { current } } } } }";
    let data = server.data(&server.acme.read_only, team, json!({})).await;
    assert_eq!(data["viewer"]["sessions"]["nodes"], json!([{"current": true}]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_has_the_active_sessions_newest_first() {
    let server = TestServer::open().await;
    let mut ids = Vec::new();
    for _ in 0..25 {
        server.clock.advance(TimeDelta::seconds(1));
        ids.push(
            open_session(&server, anna(&server), SignInMethod::Code)
                .await
                .id
                .to_string(),
        );
    }
    ids.reverse();
    server
        .test
        .run("update sessions set ended_at = created_at where created_at = '2026-01-05T10:00:20Z'")
        .await;
    server
        .test
        .run("update sessions set expires_at = '2026-01-05T10:00:25Z' where created_at = '2026-01-05T10:00:19Z'")
        .await;
    // The sessions of seconds 20 and 19, of 25.
    ids.drain(5..7);
    let page = "query ($after: String) { me { sessions(first: 10, after: $after) { totalCount nodes { id } pageInfo { endCursor hasNextPage } } } }";
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    loop {
        let data = server
            .data(&server.acme.contact_session, page, json!({"after": after}))
            .await;
        let list = &data["me"]["sessions"];
        assert_eq!(list["totalCount"], 24);
        let nodes = list["nodes"].as_array().expect("nodes").clone();
        seen.extend(
            nodes
                .iter()
                .map(|node| node["id"].as_str().expect("an id").to_owned()),
        );
        if list["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = list["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(seen.len(), 24);
    assert_eq!(seen[..23], ids[..23]);
    let wrong = "{ me { sessions(first: 101) { nodes { id } } } }";
    let refused = server
        .error(Some(&server.acme.contact_session), wrong, json!({}))
        .await;
    assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), Some("first".to_owned())));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_ended_by_its_holder_and_by_authorized_staff() {
    let server = TestServer::open().await;
    let ben = server.member("ben@acme.example", Role::Staff).await;
    let cleo = server.member("cleo@acme.example", Role::Admin).await;
    let olga = server.member("olga@acme.example", Role::Owner).await;
    let (bens, staff) = signed_in(&server, Holder::Member(ben.id), Some(Role::Staff)).await;
    let (cleos, admin) = signed_in(&server, Holder::Member(cleo.id), Some(Role::Admin)).await;
    let (olgas, _) = signed_in(&server, Holder::Member(olga.id), Some(Role::Owner)).await;
    let annas = open_session(&server, anna(&server), SignInMethod::Code).await.id;
    let acme = &server.acme;
    let create = "mutation { createContact(input: {email: \"bea@acme.example\"}) { contact { id } } }";
    let bea = server.data(&acme.key, create, json!({})).await["createContact"]["contact"]["id"].clone();
    let bea = Holder::Contact(bea.as_str().and_then(|id| id.parse().ok()).expect("an id"));
    let (beas, bea) = signed_in(&server, bea, None).await;
    for (caller, credential, session, expected) in [
        ("a contact another's", &acme.contact_session, beas, "NOT_FOUND"),
        (
            "a contact a team member's",
            &acme.contact_session,
            bens,
            "NOT_FOUND",
        ),
        ("another account's owner", &server.other.owner, annas, "NOT_FOUND"),
        ("a reader a contact's", &acme.read_only, annas, "FORBIDDEN"),
        ("a reader a colleague's", &acme.read_only, bens, "NOT_FOUND"),
        ("a key that reads", &acme.read_key, annas, "FORBIDDEN"),
        ("a key a team member's", &acme.key, bens, "NOT_FOUND"),
        ("staff a colleague's", &staff, cleos, "NOT_FOUND"),
        ("an admin an owner's", &admin, olgas, "FORBIDDEN"),
        ("an admin staff's", &admin, bens, "OK"),
        ("an owner an admin's", &acme.owner, cleos, "OK"),
        ("an owner an owner's", &acme.owner, olgas, "OK"),
        ("a key a contact's", &acme.key, annas, "OK"),
        ("a contact its own", &bea, beas, "OK"),
    ] {
        let input = json!({"id": session.to_string()});
        let answer = server.request(Some(credential), REVOKE, input).await;
        let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("OK");
        assert_eq!(code, expected, "{caller}: {answer}");
        let ended = "select count(*) from sessions where ended_at is not null and id = ";
        let ended = server.test.number(&format!("{ended}'{}'", session.0)).await;
        assert_eq!(ended, i64::from(expected == "OK"), "{caller}");
    }
    for stale in [&staff, &admin, &bea] {
        assert_eq!(
            server
                .error(Some(stale), "{ viewer { __typename } }", json!({}))
                .await
                .0,
            "UNAUTHENTICATED"
        );
    }
    // A repeat ends nothing, and returns the time of the first call.
    server.clock.advance(TimeDelta::minutes(1));
    let again = server
        .data(&acme.key, REVOKE, json!({"id": annas.to_string()}))
        .await;
    assert_eq!(
        again["revokeSession"]["session"]["endedAt"],
        "2026-01-05T10:00:00.000000Z"
    );
    let data = "select count(*) from audit_events where kind = 'SESSION_ENDED' and actor <> 'anonymous' and outcome = 'OK'";
    assert_eq!(server.test.number(data).await, 5);
    for id in ["session_x", "", "contact_01kcw0h0000000000000000000"] {
        let refused = server
            .error(Some(&acme.contact_session), REVOKE, json!({"id": id}))
            .await;
        assert_eq!(
            refused,
            ("NOT_FOUND".to_owned(), Some("input.sessionId".to_owned()))
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_everywhere_ends_all_existing_sessions() {
    let server = TestServer::open().await;
    for _ in 0..3 {
        open_session(&server, anna(&server), SignInMethod::Code).await;
    }
    let out = "mutation { signOutEverywhere { ended } }";
    let data = server.data(&server.acme.contact_session, out, json!({})).await;
    assert_eq!(data["signOutEverywhere"]["ended"], 4);
    let stale = server
        .error(Some(&server.acme.contact_session), out, json!({}))
        .await;
    assert_eq!(stale.0, "UNAUTHENTICATED");
    let (_, fresh) = signed_in(&server, Holder::Contact(server.acme.contact), None).await;
    server.data(&fresh, "{ me { id } }", json!({})).await;
    // Sessions of others go on.
    server
        .data(&server.other.contact_session, "{ me { id } }", json!({}))
        .await;
    server
        .data(&server.acme.owner, "{ viewer { __typename } }", json!({}))
        .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_sign_outs_end_each_session_once() {
    let server = TestServer::open().await;
    let mut tokens = vec![server.acme.contact_session.clone()];
    for _ in 0..11 {
        let holder = Holder::Contact(server.acme.contact);
        tokens.push(signed_in(&server, holder, None).await.1);
    }
    let out = "mutation { signOutEverywhere { ended } }";
    let answers = tokens
        .iter()
        .map(|token| server.request(Some(token), out, json!({})));
    let mut ended = 0;
    for answer in join_all(answers).await {
        let code = &answer["errors"][0]["extensions"]["code"];
        assert!(code.is_null() || code == "UNAUTHENTICATED", "{answer}");
        ended += answer["data"]["signOutEverywhere"]["ended"]
            .as_i64()
            .unwrap_or_default();
    }
    assert_eq!(ended, 12);
    let data = "select count(*) from audit_events where kind = 'SESSION_ENDED'";
    assert_eq!(server.test.number(data).await, 12);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_closes_its_streams_on_every_instance() {
    let server = TestServer::open().await;
    let (second, url) = server.second_instance().await;
    let ben = server.member("ben@acme.example", Role::Staff).await;
    let (id, token) = signed_in(&server, Holder::Member(ben.id), Some(Role::Staff)).await;
    let mut here = Socket::at(&server.url, Some(&token)).await;
    let mut there = Socket::at(&url, Some(&token)).await;
    for socket in [&mut here, &mut there] {
        socket.subscribe("subscription { portalStats { version } }").await;
        socket.data().await;
    }
    server
        .data(&server.acme.owner, REVOKE, json!({"id": id.to_string()}))
        .await;
    let limit = Duration::from_secs(2);
    let closed = tokio::time::timeout(limit, async { (here.next().await, there.next().await) });
    let (here, there) = closed.await.expect("within two seconds");
    assert_eq!((&here["close"], &there["close"]), (&json!(4403), &json!(4403)));
    let request = server.http.post(format!("{url}/graphql")).bearer_auth(&token);
    let request = request.json(&json!({"query": "{ viewer { __typename } }"}));
    assert_eq!(request.send().await.expect("an answer").status(), 401);
    second.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_valid_ninety_seconds_early_and_five_seconds_late() {
    let server = TestServer::open().await;
    let good = async |token: &str| {
        let answer = server.request(Some(token), "{ me { id } }", json!({})).await;
        answer.get("errors").is_none()
    };
    let client = Client::default();
    let opening = NewSession::new(server.acme.id, anna(&server).holder, SignInMethod::Code, &client);
    let (ahead, behind) = (TimeDelta::milliseconds(90_001), TimeDelta::milliseconds(1));
    server.clock.advance(ahead);
    let (_, token) = server.signed_in(&opening, None).await;
    server.clock.advance(-ahead - TimeDelta::seconds(1));
    assert!(!good(&token).await, "it begins in 91 seconds");
    server.clock.advance(TimeDelta::seconds(1));
    assert!(good(&token).await, "in 90");
    assert!(good(&token).await, "known by now");
    // Tokens have whole seconds.
    server
        .clock
        .advance(TimeDelta::seconds(95) + TimeDelta::minutes(10) - behind);
    assert!(
        good(&token).await,
        "it ended five seconds ago, but for a millisecond"
    );
    server.clock.advance(behind);
    assert!(!good(&token).await);
    server.stop().await;
}
