//! What the pages show, load and cost.

use chrono::TimeDelta;
use serde_json::json;

use super::{Portal, has, text};

impl Portal {
    pub(super) async fn policy(&self, browser: &super::TestBrowser<'_>, path: &str) -> String {
        let cookies: Vec<String> = (browser.cookies.iter())
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = self.server.http.get(format!("{}{path}", self.server.url));
        let answer = request
            .header("cookie", cookies.join("; "))
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        let policy = answer.headers()["content-security-policy"]
            .to_str()
            .expect("text");
        policy.to_owned()
    }

    async fn video(&self, module_of: &str, url: &str) -> String {
        let input = json!({"courseId": module_of, "title": "Videos"});
        let module = self.write("createCourseModule", input, "module { id }").await;
        let input = json!({"moduleId": module["module"]["id"], "title": "A video", "kind": "VIDEO", "url": url,
            "durationMinutes": 12});
        text(&self.write("createLesson", input, "lesson { id }").await["lesson"]["id"])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_courses_are_shown_page_by_page() {
    let portal = Portal::open().await;
    let mut courses = Vec::new();
    for number in 1..=21 {
        let (title, cover) = (
            format!("Course {number}"),
            format!("https://c{number}.example/1.jpg"),
        );
        courses.push(portal.course(&title, json!({"coverUrl": cover})).await);
    }
    let ids: Vec<&str> = courses.iter().map(String::as_str).collect();
    for part in ids.chunks(20) {
        portal.grant(part, &[]).await;
    }
    let mut anna = portal.anna("").await;
    let mut shown = Vec::new();
    for (page, next, previous) in [(1, true, false), (2, false, true)] {
        let (status, html) = anna.open(&format!("/p/acme/courses?page={page}")).await;
        assert_eq!(status, 200);
        assert_eq!(html.contains(&format!("?page={}", page + 1)), next, "{page}");
        assert_eq!(
            page > 1 && html.contains(&format!("?page={}", page - 1)),
            previous,
            "{page}"
        );
        shown.push(ids.iter().filter(|id| html.contains(**id)).count());
    }
    assert_eq!(shown, [20, 1]);
    // The nearest page there is.
    let (_, html) = anna.open("/p/acme/courses?page=99").await;
    assert!(html.contains("?page=1"), "{html}");
    let (_, html) = anna.open("/p/acme/courses?page=x").await;
    assert!(html.contains("?page=2"), "{html}");
    portal.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_of_a_page_names_exactly_the_hosts_that_it_shows() {
    let portal = Portal::open().await;
    let one = portal
        .course("One", json!({"coverUrl": "https://b.example/1.jpg"}))
        .await;
    let two = portal
        .course("Two", json!({"coverUrl": "https://a.example:8443/2.jpg"}))
        .await;
    let three = portal
        .course("Three", json!({"coverUrl": "https://*/3.jpg"}))
        .await;
    let lesson = portal.lessons(&one, &["Dough"]).await.remove(0);
    let video = portal
        .video(&one, "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=42s")
        .await;
    let other = portal.video(&one, "https://videos.example/bread.mp4").await;
    portal.grant(&[&one, &two, &three], &[]).await;
    let mut anna = portal.anna("").await;
    let policy = portal.policy(&anna, "/p/acme/courses").await;
    assert!(
        policy.contains("img-src 'self' https://a.example:8443 https://b.example; connect-src"),
        "{policy}"
    );
    let course = format!("/p/acme/courses/{one}");
    let policy = portal.policy(&anna, &course).await;
    assert!(
        policy.contains("img-src 'self' https://b.example; connect-src"),
        "{policy}"
    );
    for (lesson, frame) in [
        (&lesson, ""),
        (&video, "frame-src https://www.youtube-nocookie.com; "),
        (&other, ""),
    ] {
        let policy = portal.policy(&anna, &format!("{course}/lessons/{lesson}")).await;
        assert!(
            policy.contains(&format!("img-src 'self'; {frame}connect-src")),
            "{policy}"
        );
    }
    let shown = anna.open(&format!("{course}/lessons/{video}")).await;
    has(
        &shown,
        &[
            "12 min",
            "<iframe src=\"https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?start=42\" title=\"Video: A video\"",
        ],
    );
    let shown = anna.open(&format!("{course}/lessons/{other}")).await;
    has(
        &shown,
        &[
            "href=\"https://videos.example/bread.mp4\" target=\"_blank\" rel=\"noopener noreferrer\">Watch the video",
        ],
    );
    assert!(!shown.1.contains("<iframe"));
    let shown = anna.open("/p/acme/courses").await;
    assert!(
        !shown.1.contains("https://*/"),
        "no picture of a host that the policy can't name"
    );
    portal.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_community_shows_its_announcements_newest_first_in_pages() {
    let portal = Portal::open().await;
    let community = portal
        .community(
            "Bakers",
            json!({"description": "# Us\n\nWe *bake*.", "joinUrl": "https://meet.example/x?a=1&b=2"}),
        )
        .await;
    portal.grant(&[], &[&community]).await;
    for number in 1..=12 {
        portal.server.clock.advance(TimeDelta::seconds(1));
        let input = json!({"communityId": community, "title": format!("News {number}."), "body": "# Hello\n\n<b>x</b>"});
        portal
            .write("createAnnouncement", input, "announcement { id }")
            .await;
    }
    let mut anna = portal.anna("").await;
    has(&anna.open("/p/acme/communities").await, &["Bakers"]);
    let path = format!("/p/acme/communities/{community}");
    let page = anna.open(&path).await;
    has(
        &page,
        &[
            "<h1 dir=\"auto\">Bakers</h1>",
            "href=\"https://meet.example/x?a=1&#38;b=2\" target=\"_blank\" rel=\"noopener noreferrer\"",
            "<h2>Us</h2>",
            "News 12.",
            "5 January 2026, 10:00 UTC",
            "<h4>Hello</h4>",
            "&lt;b&gt;x",
            "News 11.",
            "News 3.",
        ],
    );
    assert!(!page.1.contains("News 2.") && !page.1.contains("Newest announcements"));
    let (_, older) = page
        .1
        .split_once(&format!("href=\"{path}?before="))
        .expect("older ones");
    let older = format!("{path}?before={}", older.split('"').next().unwrap_or_default());
    let page = anna.open(&older).await;
    has(
        &page,
        &[
            &format!("href=\"{path}\">Newest announcements"),
            "News 2.",
            "News 1.",
        ],
    );
    assert!(!page.1.contains("News 3.") && !page.1.contains("Older announcements"));
    has(&anna.open(&format!("{path}?before=x")).await, &["News 12."]);
    let home = anna.open("/p/acme").await;
    has(&home, &["What’s new", "Bakers", "News 12."]);
    portal.server.clock.advance(TimeDelta::days(31));
    let mut anna = portal.anna("").await;
    assert!(
        !anna.open("/p/acme").await.1.contains("What’s new"),
        "nothing is new any more"
    );
    portal.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_speak_the_contacts_language_and_tell_the_time_of_their_zone() {
    let portal = Portal::open().await;
    let community = portal.community("Bakers", json!({})).await;
    portal.grant(&[], &[&community]).await;
    portal
        .server
        .clock
        .advance(TimeDelta::hours(13) + TimeDelta::minutes(30));
    let input = json!({"communityId": community, "title": "News", "body": "Hello"});
    portal
        .write("createAnnouncement", input, "announcement { id }")
        .await;
    let path = format!("/p/acme/communities/{community}");
    for (locale, zone, hello, announced) in [
        ("de-AT", "Europe/Vienna", "Hallo, ", "6. Januar 2026, 00:30 CET"),
        ("es", "America/Bogota", "Hola, ", "5 de enero de 2026, 18:30"),
        ("fr", "UTC", "Bonjour ", "5 janvier 2026, 23:30 UTC"),
    ] {
        let input =
            json!({"contactId": portal.server.acme.contact.to_string(), "locale": locale, "timezone": zone});
        portal.write("updateContact", input, "contact { id }").await;
        let mut anna = portal.anna("").await;
        has(
            &anna.open("/p/acme").await,
            &[&format!("<html lang=\"{}\">", &locale[..2]), hello],
        );
        has(&anna.open(&path).await, &[announced]);
    }
    portal.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_affiliate_sees_their_link_and_figures() {
    let portal = Portal::open().await;
    let mut anna = portal.anna("").await;
    has(
        &anna.open("/p/acme/affiliates").await,
        &["You are not enrolled as an affiliate of acme."],
    );
    let contact = portal.server.acme.contact.to_string();
    let input = json!({"contactId": contact, "code": "anna"});
    portal.write("setAffiliate", input, "affiliate { id }").await;
    has(
        &anna.open("/p/acme/affiliates").await,
        &["readonly value=\"http", "/p/acme/r/anna\"", "No sales yet."],
    );
    for (id, amount, status) in [
        ("1", "100.00", "PAID"),
        ("2", "50.00", "PENDING"),
        ("3", "7.00", "PENDING"),
    ] {
        let input = json!({"code": "anna", "externalId": id, "amount": amount, "commission": "5.00",
            "currencyCode": "EUR", "soldAt": "2026-01-04T10:00:00Z", "status": status});
        portal.write("recordAffiliateSale", input, "__typename").await;
    }
    let page = anna.open("/p/acme/affiliates").await;
    has(
        &page,
        &[
            "Clicks</dt><dd>0",
            "Sales</dt><dd>3",
            "Pending commission",
            "10.00\u{a0}EUR",
            "Paid commission",
            "5.00\u{a0}EUR",
            "7.00\u{a0}EUR",
            "Pending",
        ],
    );
    let input = json!({"contactId": contact, "status": "PAUSED"});
    portal.write("setAffiliate", input, "affiliate { id }").await;
    has(&anna.open("/p/acme/affiliates").await, &["has paused your link"]);
    portal.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_titles_are_text() {
    let portal = Portal::open().await;
    let hostile = "<img src=x onerror=alert(1)>";
    let course = portal.course(hostile, json!({"description": hostile})).await;
    let lesson = portal.lessons(&course, &[hostile]).await.remove(0);
    let community = portal.community(hostile, json!({"description": hostile})).await;
    portal.grant(&[&course], &[&community]).await;
    let input = json!({"contactId": portal.server.acme.contact.to_string(), "firstName": hostile});
    portal.write("updateContact", input, "contact { id }").await;
    let input = json!({"communityId": community, "title": hostile, "body": hostile});
    portal
        .write("createAnnouncement", input, "announcement { id }")
        .await;
    let mut anna = portal.anna("").await;
    for path in [
        String::new(),
        "/courses".to_owned(),
        format!("/courses/{course}"),
        format!("/courses/{course}/lessons/{lesson}"),
        "/communities".to_owned(),
        format!("/communities/{community}"),
    ] {
        let page = anna.open(&format!("/p/acme{path}")).await;
        has(&page, &[]);
        assert!(
            !page.1.contains("<img") && page.1.contains("onerror"),
            "{path}: {}",
            page.1
        );
    }
    portal.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_course_elsewhere_is_a_link() {
    let portal = Portal::open().await;
    let course = portal
        .course("Abroad", json!({"externalUrl": "https://courses.example/a"}))
        .await;
    let empty = portal.course("Empty", json!({})).await;
    portal.grant(&[&course, &empty], &[]).await;
    let mut anna = portal.anna("").await;
    let listed = anna.open("/p/acme/courses").await;
    has(&listed, &["This course is on another site."]);
    has(&listed, &["Lessons will follow soon."]);
    let page = anna.open(&format!("/p/acme/courses/{course}")).await;
    has(
        &page,
        &["href=\"https://courses.example/a\" rel=\"noopener noreferrer\">Open the course"],
    );
    has(
        &anna.open(&format!("/p/acme/courses/{empty}")).await,
        &["Lessons will follow soon."],
    );
    portal.stop().await;
}
