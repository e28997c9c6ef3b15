//! Lessons and progress, as contacts go through a course.

use chrono::TimeDelta;
use serde_json::{Value, json};
use vestibule::accounts::model::section::PortalSection;
use vestibule::sign_in::auth_context::Viewer;

use super::Rooms;

async fn complete(rooms: &Rooms, lesson: &str) -> Value {
    let document = "mutation ($id: ID!) { completeLesson(input: {lessonId: $id}) {
        courseCompleted lesson { progress { startedAt completedAt } } } }";
    let data = rooms
        .api
        .data(&rooms.person, document, json!({"id": lesson}))
        .await;
    data["completeLesson"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_recorded_once_and_kept_when_access_ends() {
    let rooms = Rooms::open().await;
    let course = rooms.course("Baking").await;
    let (bread, cake) = (
        rooms.module(&course, "Bread").await,
        rooms.module(&course, "Cake").await,
    );
    let (dough, oven) = (
        rooms.lesson(&bread, "Dough").await,
        rooms.lesson(&bread, "Oven").await,
    );
    let cream = rooms.lesson(&cake, "Cream").await;
    rooms.assign(&[&course], &[], json!({})).await;
    let start =
        "mutation ($id: ID!) { startLesson(input: {lessonId: $id}) { lesson { progress { completedAt } } } }";
    for _ in 0..2 {
        let started = rooms.api.data(&rooms.person, start, json!({"id": dough})).await;
        assert_eq!(
            started["startLesson"]["lesson"]["progress"],
            json!({"completedAt": null})
        );
    }
    rooms.api.test.clock.advance(TimeDelta::hours(1));
    let done = complete(&rooms, &dough).await;
    assert_eq!(
        done["lesson"]["progress"],
        json!({"startedAt": "2026-01-05T10:00:00.000000Z", "completedAt": "2026-01-05T11:00:00.000000Z"})
    );
    rooms.api.test.clock.advance(TimeDelta::hours(1));
    assert_eq!(
        complete(&rooms, &dough).await["lesson"],
        done["lesson"],
        "the first time counts"
    );
    assert_eq!(complete(&rooms, &oven).await["courseCompleted"], false);
    assert_eq!(complete(&rooms, &cream).await["courseCompleted"], true);
    let of_course = ["COURSE_ASSIGNED", "COURSE_COMPLETED", "COURSE_STARTED"];
    assert_eq!(rooms.events("COURSE").await, of_course);
    assert_eq!(rooms.events("LESSON").await.len(), 3);
    assert_eq!(rooms.events("MODULE").await.len(), 2);
    rooms.assign(&[], &[&course], json!({})).await;
    let closed = rooms.api.error(&rooms.person, start, json!({"id": dough})).await;
    assert_eq!(
        closed,
        ("NOT_FOUND".to_owned(), Some("input.lessonId".to_owned()))
    );
    rooms.assign(&[&course], &[], json!({})).await;
    let query = "query ($id: ID!, $course: ID!, $other: ID!) { contact(id: $id) {
        courses { edges { progress { completedLessonCount completedAt } } }
        course(id: $course) { open progress { completedLessonCount completedAt } }
        other: course(id: $other) { open } unknown: course(id: \"course_x\") { open } } }";
    let other = rooms.course("Not assigned").await;
    let ids = json!({"id": rooms.id(), "course": course, "other": other});
    let found = &rooms.api.data(&rooms.owner, query, ids).await["contact"];
    let progress = json!({"completedLessonCount": 3, "completedAt": "2026-01-05T12:00:00.000000Z"});
    assert_eq!(found["courses"]["edges"][0]["progress"], progress);
    assert_eq!(found["course"], json!({"open": true, "progress": progress}));
    assert!(found["other"].is_null() && found["unknown"].is_null(), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_completions_complete_the_course_once() {
    let rooms = Rooms::open().await;
    let course = rooms.course("Baking").await;
    let module = rooms.module(&course, "Bread").await;
    let mut lessons = Vec::new();
    for title in ["Dough", "Oven", "Crust"] {
        lessons.push(rooms.lesson(&module, title).await);
    }
    rooms.assign(&[&course], &[], json!({})).await;
    let twice = lessons.iter().chain(&lessons);
    let results = futures_util::future::join_all(twice.map(|lesson| complete(&rooms, lesson))).await;
    let completed = results
        .iter()
        .filter(|one| one["courseCompleted"] == true)
        .count();
    assert_eq!(completed, 1);
    assert_eq!(
        rooms.events("COURSE_").await,
        ["COURSE_ASSIGNED", "COURSE_COMPLETED", "COURSE_STARTED"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_archived_courses_and_other_sections_are_closed() {
    let rooms = Rooms::open().await;
    let course = rooms.course("Baking").await;
    rooms.assign(&[&course], &[], json!({})).await;
    for (status, open) in [("DRAFT", false), ("ARCHIVED", false), ("PUBLISHED", true)] {
        let input = json!({"courseId": course, "status": status});
        rooms.write("updateCourse", input, "course { id }").await;
        assert_eq!(!rooms.open_courses().await.is_empty(), open, "{status}");
        let found = rooms
            .api
            .data(
                &rooms.person,
                "query ($id: ID!) { course(id: $id) { id } }",
                json!({"id": course}),
            )
            .await;
        assert_eq!(!found["course"].is_null(), open, "{status}");
    }
    let Viewer::Contact {
        account,
        contact,
        session,
        ..
    } = rooms.person
    else {
        panic!("a contact");
    };
    let limited = |section| Viewer::Contact {
        account,
        contact,
        session,
        section: Some(section),
    };
    let query = "query ($id: ID!) { course(id: $id) { id } }";
    let id = json!({"id": course});
    let inside = rooms
        .api
        .data(&limited(PortalSection::Courses), query, id.clone())
        .await;
    assert!(!inside["course"].is_null());
    let outside = rooms
        .api
        .error(&limited(PortalSection::Communities), query, id)
        .await;
    assert_eq!(outside.0, "FORBIDDEN");
    let list = "{ me { courses { totalCount } } }";
    let outside = rooms
        .api
        .error(&limited(PortalSection::Affiliates), list, json!({}))
        .await;
    assert_eq!(outside.0, "FORBIDDEN");
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_contacts_with_their_courses_cost_as_many_statements_as_one() {
    let rooms = Rooms::open().await;
    let course = rooms.course("Baking").await;
    let module = rooms.module(&course, "Bread").await;
    rooms.lesson(&module, "Dough").await;
    let offer = rooms.offer(json!({"courseIds": [course]})).await;
    let emails = (0..20).map(|n| format!("person{n}@example.com"));
    rooms.api.test.add_contacts(emails).await;
    let everyone = json!({"offerId": offer, "selection": {"filter": {}}});
    rooms.write("grantOffer", everyone, "count").await;
    let cost = async |first: usize, selected: &str| {
        let query = format!("{{ contacts(first: {first}) {{ nodes {{ {selected} }} }} }}");
        rooms
            .api
            .statements(async || {
                let data = rooms.api.data(&rooms.owner, &query, json!({})).await;
                let nodes = data["contacts"]["nodes"].as_array().map(Vec::len);
                assert_eq!(nodes, Some(first));
            })
            .await
    };
    let courses =
        "courses { edges { open progress { completedLessonCount } node { title lessonCount memberCount } } }";
    let grants_of_courses = "courses { edges { grants { status } } }";
    let communities = "communities { totalCount }";
    let grants = "grants { nodes { target { __typename } } }";
    for selected in [courses, grants_of_courses, communities, grants] {
        assert_eq!(cost(20, selected).await, cost(1, selected).await, "{selected}");
    }
    // Together: which look-ups of two lists become one statement is up to the executor.
    let all = [courses, grants_of_courses, communities, grants].join(" ");
    for first in [1, 20] {
        let statements = cost(first, &all).await;
        assert!(statements <= 12, "{first}: {statements}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lesson_that_is_deleted_while_it_is_completed_is_missing_or_done() {
    let rooms = Rooms::open().await;
    let course = rooms.course("Baking").await;
    let module = rooms.module(&course, "Bread").await;
    rooms.assign(&[&course], &[], json!({})).await;
    let document = "mutation ($id: ID!) { completeLesson(input: {lessonId: $id}) { courseCompleted } }";
    for _ in 0..10 {
        let lesson = rooms.lesson(&module, "Dough").await;
        let id = json!({"id": lesson});
        let (completed, deleted) = tokio::join!(
            rooms.api.request(&rooms.person, document, id),
            rooms.write("deleteLesson", json!({"lessonId": lesson}), "deletedLessonId"),
        );
        assert_eq!(deleted["deletedLessonId"], lesson);
        let code = completed["errors"][0]["extensions"]["code"].as_str();
        assert!(matches!(code, None | Some("NOT_FOUND")), "{completed}");
    }
}
