//! Sessions: who sees them, who ends them, how soon that is felt, and what a limited one opens.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};
use vestibule::auth::viewer::{Client, Role};
use vestibule::delivery::Mailer;
use vestibule::ids::SessionId;
use vestibule::models::section::PortalSection;
use vestibule::models::session::{Holder, Opening, SignInMethod};

use crate::access::cases::{CASES, furnish, outcome};
use crate::attacks::Visitor;
use crate::letters::{anna, opened};
use crate::streams::Socket;
use crate::support::House;

const MINE: &str = "{ me { sessions { totalCount nodes { id createdAt lastSeenAt expiresAt endedAt current device network method section madeByStaff } } } }";
const REVOKE: &str =
    "mutation ($id: ID!) { revokeSession(input: {sessionId: $id}) { session { id endedAt } } }";
const REFRESH: &str = "mutation ($token: String!) { refreshSession(input: {refreshToken: $token}) {
    session { accessToken refreshToken } refusal { reason } } }";

async fn signed_in(house: &House, holder: Holder, role: Option<Role>) -> (SessionId, String) {
    let client = Client::default();
    let opening = Opening::new(house.acme.id, holder, SignInMethod::Code, &client);
    house.signed_in(&opening, role).await
}

#[tokio::test(flavor = "multi_thread")]
async fn people_see_their_own_sessions_and_staff_a_contacts() {
    let house = House::open().await;
    house.clock.advance(TimeDelta::seconds(1));
    let other = opened(&house, anna(&house), SignInMethod::Password).await;
    let seen = house.ask(&house.acme.person, MINE, json!({})).await;
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
    let id = json!({"id": house.acme.contact.to_string()});
    let told = house.ask(&house.acme.read_key, of, id.clone()).await;
    assert_eq!(told["contact"]["sessions"]["totalCount"], 2);
    assert_eq!(told["contact"]["sessions"]["nodes"][0]["current"], false);
    let foreign = house.ask(&house.other.owner, of, id).await;
    assert!(foreign["contact"].is_null());
    // A member's own; the reader may not look at the owner's.
    let team = "{ viewer { ... on TeamMember { sessions { nodes { current } } } } }";
    let told = house.ask(&house.acme.read_only, team, json!({})).await;
    assert_eq!(told["viewer"]["sessions"]["nodes"], json!([{"current": true}]));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_holds_what_lives_in_pages_newest_first() {
    let house = House::open().await;
    let mut ids = Vec::new();
    for _ in 0..25 {
        house.clock.advance(TimeDelta::seconds(1));
        ids.push(
            opened(&house, anna(&house), SignInMethod::Code)
                .await
                .id
                .to_string(),
        );
    }
    ids.reverse();
    house
        .test
        .run("update sessions set ended_at = created_at where created_at = '2026-01-05T10:00:20Z'")
        .await;
    house
        .test
        .run("update sessions set expires_at = '2026-01-05T10:00:25Z' where created_at = '2026-01-05T10:00:19Z'")
        .await;
    // Those of the seconds 20 and 19, of 25.
    ids.drain(5..7);
    let page = "query ($after: String) { me { sessions(first: 10, after: $after) { totalCount nodes { id } pageInfo { endCursor hasNextPage } } } }";
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    loop {
        let told = house.ask(&house.acme.person, page, json!({"after": after})).await;
        let list = &told["me"]["sessions"];
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
    let refused = house.refused(Some(&house.acme.person), wrong, json!({})).await;
    assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), Some("first".to_owned())));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_ended_by_its_holder_and_by_staff_who_may() {
    let house = House::open().await;
    let ben = house.member("ben@acme.example", Role::Staff).await;
    let cleo = house.member("cleo@acme.example", Role::Admin).await;
    let olga = house.member("olga@acme.example", Role::Owner).await;
    let (bens, staff) = signed_in(&house, Holder::Member(ben.id), Some(Role::Staff)).await;
    let (cleos, admin) = signed_in(&house, Holder::Member(cleo.id), Some(Role::Admin)).await;
    let (olgas, _) = signed_in(&house, Holder::Member(olga.id), Some(Role::Owner)).await;
    let annas = opened(&house, anna(&house), SignInMethod::Code).await.id;
    let acme = &house.acme;
    let create = "mutation { createContact(input: {email: \"bea@acme.example\"}) { contact { id } } }";
    let bea = house.ask(&acme.key, create, json!({})).await["createContact"]["contact"]["id"].clone();
    let bea = Holder::Contact(bea.as_str().and_then(|id| id.parse().ok()).expect("an id"));
    let (beas, bea) = signed_in(&house, bea, None).await;
    for (who, credential, session, expected) in [
        ("a contact another's", &acme.person, beas, "NOT_FOUND"),
        ("a contact a team member's", &acme.person, bens, "NOT_FOUND"),
        ("another account's owner", &house.other.owner, annas, "NOT_FOUND"),
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
        let answer = house.answer(Some(credential), REVOKE, input).await;
        let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("OK");
        assert_eq!(code, expected, "{who}: {answer}");
        let ended = "select count(*) from sessions where ended_at is not null and id = ";
        let ended = house.test.number(&format!("{ended}'{}'", session.0)).await;
        assert_eq!(ended, i64::from(expected == "OK"), "{who}");
    }
    for stale in [&staff, &admin, &bea] {
        assert_eq!(
            house
                .refused(Some(stale), "{ viewer { __typename } }", json!({}))
                .await
                .0,
            "UNAUTHENTICATED"
        );
    }
    // Once more ends nothing more, and says when it ended.
    house.clock.advance(TimeDelta::minutes(1));
    let again = house
        .ask(&acme.key, REVOKE, json!({"id": annas.to_string()}))
        .await;
    assert_eq!(
        again["revokeSession"]["session"]["endedAt"],
        "2026-01-05T10:00:00.000000Z"
    );
    let told = "select count(*) from audit_events where kind = 'SESSION_ENDED' and actor <> 'anonymous' and outcome = 'OK'";
    assert_eq!(house.test.number(told).await, 5);
    for id in ["session_x", "", "contact_01kcw0h0000000000000000000"] {
        let refused = house.refused(Some(&acme.person), REVOKE, json!({"id": id})).await;
        assert_eq!(
            refused,
            ("NOT_FOUND".to_owned(), Some("input.sessionId".to_owned()))
        );
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_everywhere_ends_them_all_and_nothing_that_begins_later() {
    let house = House::open().await;
    for _ in 0..3 {
        opened(&house, anna(&house), SignInMethod::Code).await;
    }
    let out = "mutation { signOutEverywhere { ended } }";
    let told = house.ask(&house.acme.person, out, json!({})).await;
    assert_eq!(told["signOutEverywhere"]["ended"], 4);
    let stale = house.refused(Some(&house.acme.person), out, json!({})).await;
    assert_eq!(stale.0, "UNAUTHENTICATED");
    let (_, fresh) = signed_in(&house, Holder::Contact(house.acme.contact), None).await;
    house.ask(&fresh, "{ me { id } }", json!({})).await;
    // Nobody else's.
    house.ask(&house.other.person, "{ me { id } }", json!({})).await;
    house
        .ask(&house.acme.owner, "{ viewer { __typename } }", json!({}))
        .await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_closes_its_streams_here_at_once_and_soon_elsewhere() {
    let house = House::open().await;
    let (second, url) = house.second().await;
    let ben = house.member("ben@acme.example", Role::Staff).await;
    let (id, token) = signed_in(&house, Holder::Member(ben.id), Some(Role::Staff)).await;
    let mut here = Socket::at(&house.url, Some(&token)).await;
    let mut there = Socket::at(&url, Some(&token)).await;
    for socket in [&mut here, &mut there] {
        socket.subscribe("subscription { portalStats { version } }").await;
        socket.data().await;
    }
    house
        .ask(&house.acme.owner, REVOKE, json!({"id": id.to_string()}))
        .await;
    let limit = Duration::from_secs(2);
    let closed = tokio::time::timeout(limit, async { (here.next().await, there.next().await) });
    let (here, there) = closed.await.expect("within two seconds");
    assert_eq!((&here["close"], &there["close"]), (&json!(4403), &json!(4403)));
    let request = house.http.post(format!("{url}/graphql")).bearer_auth(&token);
    let request = request.json(&json!({"query": "{ viewer { __typename } }"}));
    assert_eq!(request.send().await.expect("an answer").status(), 401);
    second.stop().await;
    house.stop().await;
}

/// What a session that is limited to a section may do besides what anyone may.
const FOR_LIMITED: [&str; 4] = ["r: viewer", "r: me", "r: signOut ", "r: stepUp"];

#[tokio::test(flavor = "multi_thread")]
async fn a_limited_session_is_refused_by_everything_but_its_own_profile() {
    let house = House::open().await;
    let client = Client::default();
    let opening = Opening {
        section: Some(PortalSection::Courses),
        ..Opening::new(
            house.acme.id,
            Holder::Contact(house.acme.contact),
            SignInMethod::Link,
            &client,
        )
    };
    let (id, token) = house.signed_in(&opening, None).await;
    let ids = furnish(&house).await;
    for case in CASES {
        let answer = house
            .answer(Some(&token), case.query, (case.variables)(&ids))
            .await;
        let anyone = case.anonymous == "OK";
        let allowed = FOR_LIMITED.iter().any(|field| case.query.contains(field));
        if case.query.contains("signOut ") {
            continue;
        }
        let expected = if anyone || allowed { "OK" } else { "FORBIDDEN" };
        assert_eq!(outcome(&answer), expected, "{}: {answer}", case.query);
    }
    let mine = house.answer(Some(&token), MINE, json!({})).await;
    assert_eq!(mine["errors"][0]["extensions"]["code"], "FORBIDDEN", "{mine}");
    assert!(
        mine["errors"][0]["message"]
            .as_str()
            .is_some_and(|words| words.contains("stepUp"))
    );
    assert_eq!(
        mine["data"]["me"],
        json!({"sessions": null}),
        "and nothing beside it"
    );
    let other = opened(&house, anna(&house), SignInMethod::Code).await.id;
    for someone in [other, SessionId::new(&house.clock.moment())] {
        let refused = house
            .refused(Some(&token), REVOKE, json!({"id": someone.to_string()}))
            .await;
        assert_eq!(refused.0, "FORBIDDEN");
    }
    // It may end itself.
    house.ask(&token, REVOKE, json!({"id": id.to_string()})).await;
    assert_eq!(
        house.refused(Some(&token), "{ me { id } }", json!({})).await.0,
        "UNAUTHENTICATED"
    );
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_repeated_to_the_second_and_not_beyond() {
    let house = House::open().await;
    let refresh = async |token: &str| {
        house.answer(None, REFRESH, json!({"token": token})).await["data"]["refreshSession"]["session"]
            .clone()
    };
    let text = |value: &Value| value["refreshToken"].as_str().unwrap_or_default().to_owned();
    let begin = async || {
        let make = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { url } }";
        let id = house.acme.contact.to_string();
        let made = house.ask(&house.acme.key, make, json!({"id": id})).await;
        let url = made["generateMagicLink"]["url"]
            .as_str()
            .expect("a URL")
            .to_owned();
        let redeem = "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) { session { accessToken refreshToken } } }";
        let token = json!({"token": url.rsplit('/').next()});
        let answer = house.answer(None, redeem, token).await;
        text(&answer["data"]["signInWithMagicLink"]["session"])
    };
    // Ten seconds in any case, even where the new pair was used.
    for (seconds, repeated) in [(10, true), (11, false)] {
        let first = begin().await;
        let second = refresh(&first).await;
        assert!(!refresh(&text(&second)).await.is_null());
        house.clock.advance(TimeDelta::seconds(seconds));
        let late = refresh(&first).await;
        assert_eq!(text(&late) == text(&second), repeated, "{seconds} s: {late}");
        assert_eq!(late.is_null(), !repeated);
    }
    // A day where it was not.
    for (seconds, repeated) in [(86_400, true), (86_401, false)] {
        let first = begin().await;
        let second = refresh(&first).await;
        house.clock.advance(TimeDelta::seconds(seconds));
        let late = refresh(&first).await;
        assert_eq!(text(&late) == text(&second), repeated, "{seconds} s: {late}");
        assert_eq!(
            refresh(&text(&second)).await.is_null(),
            !repeated,
            "a replay ends the family"
        );
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_are_of_one_account_and_audience_and_bound_to_the_host_over_https() {
    let public = [("VESTIBULE_PUBLIC_URL", "https://portal.example")];
    let house = House::with(&public, |_| Mailer::memory()).await;
    let make = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { url } }";
    let id = json!({"id": house.acme.contact.to_string()});
    let made = house.ask(&house.acme.key, make, id).await;
    let url = made["generateMagicLink"]["url"].as_str().expect("a URL");
    let path = url.strip_prefix("https://portal.example").expect("its address");
    let page = house
        .http
        .get(format!("{}{path}", house.url))
        .send()
        .await
        .expect("a page");
    let browser = page.headers()["set-cookie"].to_str().expect("text").to_owned();
    assert!(browser.starts_with("__Host-vestibule_browser="), "{browser}");
    for attribute in ["; Path=/;", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(browser.contains(attribute), "{attribute}: {browser}");
    }
    assert!(
        browser.contains(&format!("Max-Age={}", 400 * 86_400)),
        "{browser}"
    );
    let mut visitor = Visitor::new(&house);
    assert_eq!(visitor.press(path).await, 303);
    let names: Vec<&str> = visitor.cookies.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["__Host-vestibule_browser", "__Host-vestibule_portal_acme"]
    );
    assert_eq!(visitor.open("/p/acme/").await.0, 200);
    // The same secret under another account's or audience's name opens nothing.
    let secret = visitor.cookies["__Host-vestibule_portal_acme"].clone();
    for (name, path, status) in [
        ("__Host-vestibule_portal_other", "/p/other/", 303),
        ("__Host-vestibule_dashboard_acme", "/dashboard/acme", 401),
        ("vestibule_portal_acme", "/p/acme/", 303),
    ] {
        let mut thief = Visitor::new(&house);
        thief.cookies.insert(name.to_owned(), secret.clone());
        assert_eq!(thief.open(path).await.0, status, "{name}");
    }
    house.stop().await;
}
