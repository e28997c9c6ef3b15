//! Going through a course.

use serde_json::json;

use super::{Portal, has};

const STARTED: &str = "select count(*) from lesson_progress";
const COMPLETED: &str = "select count(*) from lesson_progress where completed_at is not null";

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_goes_through_a_course_lesson_by_lesson() {
    let portal = Portal::open().await;
    let course = portal
        .course("Baking", json!({"description": "All about *bread*."}))
        .await;
    let lessons = portal.lessons(&course, &["Dough", "Oven"]).await;
    portal.grant(&[&course], &[]).await;
    let mut anna = portal.anna("").await;
    let page = format!("/p/acme/courses/{course}");
    let [dough, oven] = [0, 1].map(|at: usize| format!("{page}/lessons/{}", lessons[at]));

    let shown = anna.open("/p/acme/courses").await;
    has(
        &shown,
        &[&format!("href=\"{page}\""), "Baking", "0 of 2 lessons completed"],
    );
    let shown = anna.open(&page).await;
    has(
        &shown,
        &[
            "<h1 dir=\"auto\">Baking</h1>",
            &format!("href=\"{dough}\">Start the course"),
            "<em>bread</em>",
            "Dough",
            "Oven",
        ],
    );
    let shown = anna.open(&dough).await;
    has(
        &shown,
        &[
            "<h1 dir=\"auto\">Dough</h1>",
            "Lesson 1 of 2",
            "<h2>Hello</h2>",
            "Mark as completed",
            &format!("href=\"{oven}\" rel=\"next\""),
        ],
    );
    has(
        &anna.open("/p/acme").await,
        &["Continue where you were", "Dough", &format!("href=\"{dough}\"")],
    );

    assert_eq!(anna.submit(&dough, &dough, "").await, 303);
    assert_eq!(anna.location.as_deref(), Some(&oven[..]), "on to the next one");
    has(
        &anna.open(&dough).await,
        &["You completed this lesson on 5 January 2026.", "Next lesson"],
    );
    has(
        &anna.open(&oven).await,
        &[&format!("href=\"{dough}\" rel=\"prev\"")],
    );
    assert_eq!(anna.submit(&oven, &oven, "").await, 303);
    assert_eq!(
        anna.location.as_deref(),
        Some(&page[..]),
        "the course is completed"
    );
    has(
        &anna.open(&page).await,
        &[
            "2 of 2 lessons completed",
            "You completed this course on 5 January 2026.",
        ],
    );
    has(&anna.open("/p/acme/courses").await, &["badge good\">Completed"]);
    assert!(!anna.open("/p/acme").await.1.contains("Continue where you were"));
    let kinds = "select kind from audit_events where contact_id is not null and (kind like 'LESSON%' or kind like 'COURSE%') order by kind";
    let kinds: Vec<_> = portal
        .server
        .test
        .texts(kinds)
        .await
        .into_iter()
        .flatten()
        .collect();
    assert_eq!(
        kinds,
        [
            "COURSE_ASSIGNED",
            "COURSE_COMPLETED",
            "COURSE_STARTED",
            "LESSON_COMPLETED",
            "LESSON_COMPLETED"
        ]
    );
    portal.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_opening_a_lesson_starts_it() {
    let portal = Portal::open().await;
    let course = portal.course("Baking", json!({})).await;
    let lessons = portal.lessons(&course, &["Dough"]).await;
    portal.grant(&[&course], &[]).await;
    let mut anna = portal.anna("").await;
    let page = format!("/p/acme/courses/{course}/lessons/{}", lessons[0]);
    let url = format!("{}{page}", portal.server.url);
    let http = &portal.server.http;
    assert_eq!(anna.send(http.head(&url)).await.0, 200);
    for purpose in ["prefetch", "prefetch;prerender", "prefetch;anonymous-client-ip"] {
        assert_eq!(
            anna.send(http.get(&url).header("sec-purpose", purpose)).await.0,
            200
        );
    }
    assert_eq!(portal.server.test.number(STARTED).await, 0);
    for _ in 0..2 {
        assert_eq!(anna.open(&page).await.0, 200);
        assert_eq!(portal.server.test.number(STARTED).await, 1);
    }
    portal.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lesson_that_is_submitted_at_once_from_two_windows_is_completed_once() {
    let portal = Portal::open().await;
    let course = portal.course("Baking", json!({})).await;
    let lessons = portal.lessons(&course, &["Dough"]).await;
    portal.grant(&[&course], &[]).await;
    let mut anna = portal.anna("").await;
    let page = format!("/p/acme/courses/{course}/lessons/{}", lessons[0]);
    anna.open(&page).await;
    let mut other = super::TestBrowser::new(&portal.server);
    other.cookies = anna.cookies.clone();
    let (one, two) = tokio::join!(anna.submit(&page, &page, ""), other.submit(&page, &page, ""));
    assert_eq!((one, two), (303, 303));
    let events = "select count(*) from audit_events where kind in ('LESSON_COMPLETED', 'COURSE_COMPLETED')";
    assert_eq!(portal.server.test.number(events).await, 2);
    portal.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_course_that_is_closed_while_it_is_read_records_nothing_and_says_so() {
    let portal = Portal::open().await;
    let course = portal.course("Baking", json!({})).await;
    let lessons = portal.lessons(&course, &["Dough", "Oven"]).await;
    portal.grant(&[&course], &[]).await;
    let mut anna = portal.anna("").await;
    let page = format!("/p/acme/courses/{course}/lessons/{}", lessons[0]);
    let (_, html) = anna.open(&page).await;
    let (_, form) = html.split_once(&format!("action=\"{page}\"")).expect("the form");
    let (_, token) = form
        .split_once("name=\"form_token\" value=\"")
        .expect("its token");
    let token = token.split('"').next().unwrap_or_default().to_owned();
    let post = |body: String| {
        let request = portal.server.http.post(format!("{}{page}", portal.server.url));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.body(body)
    };
    let archived = json!({"courseId": course});
    for close in ["archived", "taken away"] {
        match close {
            "archived" => drop(
                portal
                    .write("archiveCourse", archived.clone(), "course { id }")
                    .await,
            ),
            _ => {
                let again = json!({"courseId": course, "status": "PUBLISHED"});
                portal.write("updateCourse", again, "course { id }").await;
                portal.take_away(&course).await;
            }
        }
        let (status, said) = anna.send(post(format!("form_token={token}"))).await;
        assert_eq!(status, 409, "{close}: {said}");
        assert!(
            said.contains("This course is closed") && said.contains("nothing was recorded"),
            "{said}"
        );
        assert!(
            said.contains("href=\"/p/acme/courses\">See your courses<"),
            "{said}"
        );
    }
    assert_eq!(portal.server.test.number(COMPLETED).await, 0);
    // And without the token of this page nothing is said at all.
    let (status, said) = anna.send(post("form_token=x".to_owned())).await;
    assert!(status == 403 && !said.contains("This course is closed"), "{said}");
    portal.stop().await;
}
