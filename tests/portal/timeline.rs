//! The timeline of a contact: what each row is about, visits of scanners, and messages that were not sent.

use chrono::TimeDelta;
use serde_json::{Value, json};
use vestibule::messages::model::suppression::suppress;

use crate::contents::{Rooms, text};
use crate::support::{TestServer, wait_until};

const TIMELINE: &str = "query ($id: ID!, $first: Int) { contact(id: $id) { timeline(first: $first) { nodes { kind device network
    course { title } lesson { title } community { name } offer { title } magicLink { id } message { id } } } } }";

const EVENTS: &str = "query ($id: ID!) { contact(id: $id) { timeline(first: 100) { nodes { kind by device network magicLink { id } message { status } } } } }";

async fn events(server: &TestServer, kind: &str) -> Vec<Value> {
    let id = json!({"id": server.acme.contact.to_string()});
    let found = server.data(&server.acme.read_key, EVENTS, id).await;
    let nodes = found["contact"]["timeline"]["nodes"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    nodes.into_iter().filter(|event| event["kind"] == kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_shows_what_it_is_about_in_a_fixed_number_of_statements() {
    let rooms = Rooms::open().await;
    let mut titles = Vec::new();
    for round in 0..5 {
        rooms.api.test.clock.advance(TimeDelta::seconds(1));
        let course = rooms.course(&format!("Course {round}")).await;
        let module = rooms.module(&course, "A module").await;
        let lesson = rooms.lesson(&module, &format!("Lesson {round}")).await;
        let community = rooms.community(&format!("Community {round}")).await;
        let offer = rooms
            .offer(json!({"title": format!("Offer {round}"), "courseIds": [course]}))
            .await;
        rooms.assign(&[&course], &[], json!({})).await;
        rooms
            .write(
                "updateCommunityAccess",
                json!({"contactId": rooms.id(), "add": [community]}),
                "count",
            )
            .await;
        rooms.grant_offer(&offer, json!({})).await;
        let complete = crate::contents::document("completeLesson", "__typename");
        rooms
            .api
            .data(&rooms.person, &complete, json!({"input": {"lessonId": lesson}}))
            .await;
        titles.push(lesson);
    }
    let mut shown = Value::Null;
    let mut statements = Vec::new();
    for first in [10, 30] {
        let input = json!({"id": rooms.id(), "first": first});
        let count = rooms
            .api
            .statements(async || shown = rooms.api.data(&rooms.owner, TIMELINE, input.clone()).await);
        statements.push(count.await);
    }
    assert_eq!(statements[0], statements[1], "however many rows");
    let nodes = shown["contact"]["timeline"]["nodes"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    for (kind, field, name, value) in [
        ("COURSE_ASSIGNED", "course", "title", "Course 4"),
        ("LESSON_COMPLETED", "lesson", "title", "Lesson 4"),
        ("COMMUNITY_ACCESS_GRANTED", "community", "name", "Community 4"),
        ("OFFER_ACCESS_GRANTED", "offer", "title", "Offer 4"),
    ] {
        let event = nodes.iter().find(|event| event["kind"] == kind);
        let event = event.unwrap_or_else(|| panic!("{kind}: {nodes:#?}"));
        assert_eq!(event[field][name], value);
        let others = ["course", "lesson", "community", "offer"]
            .iter()
            .filter(|other| **other != field);
        assert!(others.clone().all(|other| event[*other].is_null()), "{event}");
    }
    rooms
        .write("deleteLesson", json!({"lessonId": titles[4]}), "__typename")
        .await;
    let gone = rooms
        .api
        .data(&rooms.owner, TIMELINE, json!({"id": rooms.id(), "first": 30}))
        .await;
    let nodes = gone["contact"]["timeline"]["nodes"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let event = nodes
        .iter()
        .find(|event| event["kind"] == "LESSON_COMPLETED")
        .expect("it stays");
    assert!(event["lesson"].is_null(), "{event}");
}

/// A link for the contact: its path and its id.
async fn link(server: &TestServer) -> (String, String) {
    let create = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id, expiresInMinutes: 600}) { url magicLink { id } } }";
    let made = server
        .data(
            &server.acme.key,
            create,
            json!({"id": server.acme.contact.to_string()}),
        )
        .await;
    let made = &made["generateMagicLink"];
    (text(&made["url"]), text(&made["magicLink"]["id"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scanner_that_opens_a_link_is_recorded_once_an_hour_and_a_person_is_not() {
    let server = TestServer::open().await;
    let (url, id) = link(&server).await;
    let browser = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";
    let get = async |agent: &str| {
        let sent = server.http.get(&url).header("user-agent", agent).send().await;
        assert_eq!(sent.expect("an answer").status(), 200);
    };
    get(browser).await;
    assert!(events(&server, "LINK_SCANNED").await.is_empty(), "a person");
    for _ in 0..3 {
        get("Mozilla/5.0 (compatible; bingbot/2.0)").await;
    }
    let head = server.http.head(&url).header("user-agent", browser).send().await;
    assert_eq!(head.expect("an answer").status(), 200);
    let scans = events(&server, "LINK_SCANNED").await;
    assert_eq!(scans.len(), 1);
    assert_eq!(
        (&scans[0]["magicLink"]["id"], &scans[0]["by"]),
        (&json!(id), &json!("anonymous"))
    );
    assert_eq!(scans[0]["network"], "127.0.0.x");
    server.clock.advance(TimeDelta::hours(1));
    let head = server.http.head(&url).header("user-agent", browser).send().await;
    assert_eq!(head.expect("an answer").status(), 200);
    assert_eq!(events(&server, "LINK_SCANNED").await.len(), 2);
    server.clock.advance(TimeDelta::hours(10));
    let late = server
        .http
        .get(&url)
        .header("user-agent", "curl/8.0")
        .send()
        .await;
    assert_eq!(late.expect("an answer").status(), 410);
    assert_eq!(events(&server, "LINK_SCANNED").await.len(), 2, "it has expired");
    let live = "select count(*) from magic_links where used_at is null";
    assert_eq!(server.test.number(live).await, 1, "it is still unused");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_whose_session_was_never_used_is_told_when_the_person_presses() {
    let server = TestServer::open().await;
    let (url, id) = link(&server).await;
    let token = url.rsplit('/').next().unwrap_or_default();
    server.redeem(token).await;
    assert!(events(&server, "LINK_USED_BY_SCANNER").await.is_empty());
    server.clock.advance(TimeDelta::seconds(10));
    let again = server.redeem(token).await;
    assert!(!again["session"].is_null(), "{again}");
    let told = events(&server, "LINK_USED_BY_SCANNER").await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["magicLink"]["id"], id);
    assert_eq!(events(&server, "LINK_USED").await.len(), 2);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suppressed_message_is_in_the_timeline() {
    let server = TestServer::open().await;
    let send = "mutation ($id: ID!) { sendLoginEmails(input: {contactIds: [$id]}) { count } }";
    server.test.run("create function hold() returns trigger language plpgsql as $$ begin new.due_at := '2026-01-05 10:30Z'; return new; end $$; \
        create trigger hold before insert on messages for each row execute function hold()").await;
    server
        .data(
            &server.acme.key,
            send,
            json!({"id": server.acme.contact.to_string()}),
        )
        .await;
    let mut conn = server.test.db.conn().await.expect("a connection");
    let moment = server.clock.moment();
    suppress(
        &mut conn,
        server.acme.id,
        "anna@acme.example",
        "550 5.1.1 unknown",
        &moment,
    )
    .await
    .expect("a suppression");
    drop(conn);
    server.clock.advance(TimeDelta::hours(1));
    wait_until("the worker comes to it", async || {
        !events(&server, "MESSAGE_SUPPRESSED").await.is_empty()
    })
    .await;
    let told = events(&server, "MESSAGE_SUPPRESSED").await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["message"]["status"], "SUPPRESSED");
    server.stop().await;
}
