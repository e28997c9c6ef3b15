//! What isn't open looks like what doesn't exist.

use serde_json::json;
use vestibule::base::ids::{CommunityId, CourseId, LessonId};

use super::{Portal, text};

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_not_open_is_the_same_page_that_is_not_found() {
    let portal = Portal::open().await;
    let server = &portal.server;
    let open = portal.course("Open", json!({})).await;
    let draft = portal.course("Draft", json!({"status": "DRAFT"})).await;
    let archived = portal.course("Archived", json!({})).await;
    let ungranted = portal.course("Ungranted", json!({})).await;
    let later = portal.course("Later", json!({})).await;
    let lesson_of = |course: &str| {
        let course = course.to_owned();
        let portal = &portal;
        async move { portal.lessons(&course, &["Dough"]).await.remove(0) }
    };
    let (in_open, in_ungranted) = (lesson_of(&open).await, lesson_of(&ungranted).await);
    portal.grant(&[&open, &draft, &archived], &[]).await;
    portal
        .write("archiveCourse", json!({"courseId": archived}), "course { id }")
        .await;
    let input = json!({"title": "Soon", "courseIds": [later], "startsAt": "2026-02-01T00:00:00Z", "listsBeforeStart": true,
        "status": "PUBLISHED"});
    let offer = portal.write("createOffer", input, "offer { id }").await;
    let input = json!({"offerId": offer["offer"]["id"], "selection": {"contactIds": [server.acme.contact.to_string()]}});
    portal.write("grantOffer", input, "count").await;
    let made = "mutation { createCourse(input: {title: \"Foreign\", status: PUBLISHED}) { course { id } }
        createCommunity(input: {name: \"Foreign\", status: PUBLISHED}) { community { id } } }";
    let foreign = server.data(&server.other.owner, made, json!({})).await;
    let moment = server.clock.moment();
    let mut anna = portal.anna("").await;

    let courses = anna.open("/p/acme/courses").await;
    super::has(&courses, &["Open", "Later", "Opens on 1 February 2026"]);
    for hidden in ["Draft", "Archived", "Ungranted", "Foreign", &later] {
        assert!(!courses.1.contains(hidden), "{hidden}: {}", courses.1);
    }
    let (status, expected) = anna.open("/p/acme/nothing").await;
    assert_eq!(status, 404);
    let closed = [
        draft,
        archived,
        ungranted.clone(),
        later,
        text(&foreign["createCourse"]["course"]["id"]),
        CourseId::new(&moment).to_string(),
        "course_x".to_owned(),
        in_open.clone(),
    ];
    let mut paths: Vec<String> = closed.iter().map(|id| format!("courses/{id}")).collect();
    paths.extend([
        format!("courses/{ungranted}/lessons/{in_ungranted}"),
        format!("courses/{open}/lessons/{in_ungranted}"),
        format!("courses/{open}/lessons/{}", LessonId::new(&moment)),
        format!("courses/{open}/lessons/x"),
        format!(
            "communities/{}",
            text(&foreign["createCommunity"]["community"]["id"])
        ),
        format!("communities/{}", CommunityId::new(&moment)),
    ]);
    for path in paths {
        let (status, page) = anna.open(&format!("/p/acme/{path}")).await;
        assert_eq!((status, &page), (404, &expected), "{path}");
    }
    assert_eq!(
        anna.open(&format!("/p/acme/courses/{open}/lessons/{in_open}"))
            .await
            .0,
        200
    );
    let started = "select count(*) from lesson_progress";
    assert_eq!(server.test.number(started).await, 1);
    portal.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_needs_a_session_leads_to_the_sign_in_page_of_its_section() {
    let portal = Portal::open().await;
    let course = portal.course("Open", json!({})).await;
    let mut visitor = super::TestBrowser::new(&portal.server);
    for (path, login) in [
        (String::new(), "/p/acme/login"),
        (format!("/courses/{course}"), "/p/acme/login?section=COURSES"),
        (
            format!("/courses/{course}/lessons/x"),
            "/p/acme/login?section=COURSES",
        ),
        ("/communities/x".to_owned(), "/p/acme/login?section=COMMUNITIES"),
        ("/affiliates".to_owned(), "/p/acme/login?section=AFFILIATES"),
    ] {
        assert_eq!(visitor.open(&format!("/p/acme{path}")).await.0, 303, "{path}");
        assert_eq!(visitor.location.as_deref(), Some(login), "{path}");
    }
    portal.stop().await;
}
