//! What the pages cost.

use serde_json::json;

use super::Portal;
use crate::support::TestBrowser;

#[tokio::test(flavor = "multi_thread")]
async fn pages_run_a_known_number_of_statements_besides_those_of_the_session() {
    let portal = Portal::open().await;
    let mut courses = Vec::new();
    for title in ["Baking", "Brewing", "Pickling"] {
        courses.push(portal.course(title, json!({})).await);
    }
    let lessons = portal.lessons(&courses[0], &["Dough", "Oven"]).await;
    let community = portal.community("Bakers", json!({})).await;
    let courses: Vec<&str> = courses.iter().map(String::as_str).collect();
    portal.grant(&courses, &[&community]).await;
    let input = json!({"communityId": community, "title": "News", "body": "Hello"});
    portal
        .write("createAnnouncement", input, "announcement { id }")
        .await;
    let input = json!({"contactId": portal.server.acme.contact.to_string()});
    portal.write("setAffiliate", input, "affiliate { id }").await;
    let mut anna = portal.anna("").await;
    let lesson = format!("courses/{}/lessons/{}", courses[0], lessons[0]);
    anna.open(&format!("/p/acme/{lesson}")).await;
    // Without an offer of a password, which costs one more.
    portal.set(json!({"passwordAllowed": false})).await;
    let session = cost(&portal, &mut anna, "profile").await - 1;
    let mut costs = Vec::new();
    for path in [
        "",
        "courses",
        &format!("courses/{}", courses[0]),
        &lesson,
        "communities",
        &format!("communities/{community}"),
        "affiliates",
    ] {
        costs.push(cost(&portal, &mut anna, path).await - session);
    }
    assert_eq!(costs, [8, 5, 6, 7, 3, 4, 7]);
    portal.stop().await;
}

/// The statements of a page: the fewest of several attempts, to exclude those in the background.
async fn cost(portal: &Portal, browser: &mut TestBrowser<'_>, path: &str) -> u64 {
    let mut fewest = u64::MAX;
    for _ in 0..7 {
        let before = portal.server.test.db.statement_count();
        assert_eq!(browser.open(&format!("/p/acme/{path}")).await.0, 200, "{path}");
        fewest = fewest.min(portal.server.test.db.statement_count() - before);
    }
    fewest
}
