//! Which sections there are, and where links to the others lead.

use serde_json::json;

use super::{Portal, has};

fn in_menu(page: &str) -> Vec<&str> {
    let (_, menu) = page.split_once("<nav class=\"sections\"").expect("a menu");
    let (menu, _) = menu.split_once("</nav>").expect("its end");
    let links = menu.split("<a ").skip(1);
    links.filter_map(|link| link.split(['>', '<']).nth(1)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_menu_has_the_sections_that_are_on_and_have_something() {
    let portal = Portal::open().await;
    let mut anna = portal.anna("").await;
    let home = anna.open("/p/acme").await;
    has(&home, &["Hello, ", "It’s quiet here"]);
    assert_eq!(in_menu(&home.1), ["Home"]);
    // An empty one can be opened, and is then in the menu.
    let courses = anna.open("/p/acme/courses").await;
    has(&courses, &["acme has no courses for you yet"]);
    assert_eq!(in_menu(&courses.1), ["Home", "Courses"]);

    let course = portal.course("Baking", json!({})).await;
    portal.grant(&[&course], &[]).await;
    let home = anna.open("/p/acme").await;
    assert_eq!(in_menu(&home.1), ["Home", "Courses"]);
    has(&home, &["What’s new", "New course", "Baking", "5 January 2026"]);
    assert!(!home.1.contains("It’s quiet here"));
    portal.set(json!({"showEmptySections": true})).await;
    let home = anna.open("/p/acme").await;
    assert_eq!(in_menu(&home.1), ["Home", "Courses", "Communities", "Affiliates"]);
    portal.set(json!({"sections": ["COMMUNITIES"]})).await;
    let home = anna.open("/p/acme").await;
    assert_eq!(in_menu(&home.1), ["Home", "Communities"]);
    assert!(
        !home.1.contains("Baking"),
        "a section that is off is not on the home page either"
    );
    portal.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_a_section_that_is_off_opens_the_home_page_which_says_so() {
    let portal = Portal::open().await;
    let course = portal.course("Baking", json!({})).await;
    let lesson = portal.lessons(&course, &["Dough"]).await.remove(0);
    portal.grant(&[&course], &[]).await;
    let mut limited = portal.anna(", section: COURSES, limitToSection: true").await;
    portal.set(json!({"sections": []})).await;
    let mut anna = portal.anna(", section: COURSES").await;
    for path in [
        "courses".to_owned(),
        format!("courses/{course}"),
        format!("courses/{course}/lessons/{lesson}"),
    ] {
        assert_eq!(anna.open(&format!("/p/acme/{path}")).await.0, 303);
        assert_eq!(anna.location.as_deref(), Some("/p/acme?off=COURSES"));
    }
    has(
        &anna.open("/p/acme?off=COURSES").await,
        &["“Courses” is switched off at acme."],
    );
    for other in ["HOME", "x", "%3Cscript%3E"] {
        let (status, page) = anna.open(&format!("/p/acme?off={other}")).await;
        assert!(
            status == 200 && !page.contains("switched off") && !page.contains("<script>"),
            "{page}"
        );
    }
    // A session that opens only this section stays where it is.
    let page = limited.open("/p/acme/courses").await;
    has(
        &page,
        &[
            "“Courses” is switched off at acme.",
            "href=\"/p/acme/step-up?to=HOME\"",
        ],
    );
    portal.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limited_session_opens_its_section_and_asks_for_a_step_up_elsewhere() {
    let portal = Portal::open().await;
    let course = portal.course("Baking", json!({})).await;
    let lesson = portal.lessons(&course, &["Dough"]).await.remove(0);
    let community = portal.community("Bakers", json!({})).await;
    portal.grant(&[&course], &[&community]).await;
    let mut anna = portal.anna(", section: COURSES, limitToSection: true").await;
    let page = anna
        .open(&format!("/p/acme/courses/{course}/lessons/{lesson}"))
        .await;
    has(&page, &["Dough", "Your sign-in link opens only this section."]);
    assert_eq!(in_menu(&page.1), ["Courses"]);
    for (path, to) in [
        ("", "HOME"),
        (&format!("/communities/{community}")[..], "COMMUNITIES"),
        ("/affiliates", "AFFILIATES"),
    ] {
        assert_eq!(anna.open(&format!("/p/acme{path}")).await.0, 303, "{path}");
        assert_eq!(anna.location, Some(format!("/p/acme/step-up?to={to}")));
    }
    portal.stop().await;
}
