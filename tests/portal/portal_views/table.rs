//! Each page of the portal, for each kind of visitor.

use chrono::TimeDelta;
use serde_json::json;
use vestibule::base::ids::CourseId;

use super::viewing;
use crate::portal_pages::{Portal, text};
use crate::support::TestBrowser;

/// What a page answers to each visitor: without a session, limited to the courses, with a full session, a team member.
type Row<'a> = (&'a str, [u16; 4]);

struct Shop {
    open: String,
    lesson: String,
    later: String,
    ended: String,
    foreign: String,
    community: String,
    item: String,
}

/// A course that is open, one whose grant begins later, one whose grant has ended, one of another account; a community and a framed page.
async fn fill(portal: &Portal) -> Shop {
    let server = &portal.server;
    let contact = server.acme.contact.to_string();
    let open = portal.course("Open", json!({})).await;
    let lesson = portal.lessons(&open, &["Dough"]).await.remove(0);
    let (later, ended) = (
        portal.course("Later", json!({})).await,
        portal.course("Ended", json!({})).await,
    );
    let community = portal.community("Bakers", json!({})).await;
    portal.grant(&[&open], &[&community]).await;
    for (course, starts, ends) in [
        (&later, json!("2026-03-01T00:00:00Z"), json!(null)),
        (&ended, json!(null), json!("2026-01-05T10:05:00Z")),
    ] {
        let input = json!({"contactId": contact, "add": [course], "startsAt": starts, "endsAt": ends});
        portal.write("assignCourses", input, "count").await;
    }
    portal.set(json!({"frameHosts": ["shop.example"]})).await;
    let input =
        json!({"audience": "PORTAL", "title": "Shop", "url": "https://shop.example/", "opensIn": "FRAME"});
    let item = portal.write("createMenuItem", input, "menuItem { id }").await;
    let foreign =
        "mutation { createCourse(input: {title: \"Foreign\", status: PUBLISHED}) { course { id } } }";
    let foreign = server.data(&server.other.owner, foreign, json!({})).await;
    server.clock.advance(TimeDelta::minutes(6));
    Shop {
        open,
        lesson,
        later,
        ended,
        foreign: text(&foreign["createCourse"]["course"]["id"]),
        community,
        item: text(&item["menuItem"]["id"]),
    }
}

async fn try_rows(rows: &[Row<'_>], column: usize, browser: &mut TestBrowser<'_>, base: &str) {
    for (path, expected) in rows {
        let (status, page) = browser.open(&format!("{base}{path}")).await;
        assert_eq!(status, expected[column], "{base}{path}, column {column}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_page_answers_each_visitor_as_in_the_table() {
    let portal = Portal::open().await;
    let shop = fill(&portal).await;
    let (open, lesson) = (&shop.open, &shop.lesson);
    let missing = CourseId::new(&portal.server.clock.moment()).to_string();
    let course = |id: &str| format!("/courses/{id}");
    let paths = [
        (String::new(), [303, 303, 200, 200]),
        ("/courses".to_owned(), [303, 200, 200, 200]),
        (course(open), [303, 200, 200, 200]),
        (format!("/courses/{open}/lessons/{lesson}"), [303, 200, 200, 200]),
        (course(&shop.later), [303, 404, 404, 404]),
        (course(&shop.ended), [303, 404, 404, 404]),
        (course(&shop.foreign), [303, 404, 404, 404]),
        (course(&missing), [303, 404, 404, 404]),
        ("/communities".to_owned(), [303, 303, 200, 200]),
        (format!("/communities/{}", shop.community), [303, 303, 200, 200]),
        ("/affiliates".to_owned(), [303, 303, 200, 200]),
        (format!("/menu/{}", shop.item), [303, 200, 200, 200]),
        ("/profile".to_owned(), [303, 303, 200, 404]),
        ("/step-up".to_owned(), [303, 200, 200, 404]),
        ("/login".to_owned(), [200, 303, 303, 404]),
        ("/nothing".to_owned(), [404; 4]),
    ];
    let rows: Vec<Row<'_>> = paths
        .iter()
        .map(|(path, expected)| (&path[..], *expected))
        .collect();
    let server = &portal.server;
    let mut limited = portal.anna(", section: COURSES, limitToSection: true").await;
    let mut full = portal.anna("").await;
    let mut staff = viewing(server).await;
    try_rows(&rows, 0, &mut TestBrowser::new(server), "/p/acme").await;
    try_rows(&rows, 1, &mut limited, "/p/acme").await;
    try_rows(&rows, 2, &mut full, "/p/acme").await;
    try_rows(&rows, 3, &mut staff, "/p/acme/view-as").await;
    // Neither the session nor the view opens another account's portal.
    try_rows(&rows[..4], 0, &mut full, "/p/other").await;
    for path in ["", "/courses", "/menu/x"] {
        assert_eq!(
            staff.open(&format!("/p/other/view-as{path}")).await.0,
            410,
            "{path}"
        );
        let nobody = TestBrowser::new(server)
            .open(&format!("/p/acme/view-as{path}"))
            .await;
        assert_eq!(nobody.0, 410, "{path}");
    }
    let revoke = json!({"contactId": server.acme.contact.to_string()});
    portal.write("revokePortalAccess", revoke, "contact { id }").await;
    for browser in [&mut limited, &mut full] {
        try_rows(&rows[..13], 0, browser, "/p/acme").await;
    }
    portal.stop().await;
}
