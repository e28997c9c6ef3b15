//! Viewing the portal as a contact: what it shows, that it records nothing, and how it ends.

mod table;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::portal_pages::{Portal, has, text};
use crate::support::{TestBrowser, TestServer};

const VIEW: &str = "mutation ($id: ID!) { viewPortalAs(input: {contactId: $id}) { url expiresAt } }";

async fn view_as(server: &TestServer, credential: &str) -> Value {
    let contact = json!({"id": server.acme.contact.to_string()});
    server.data(credential, VIEW, contact).await["viewPortalAs"].clone()
}

/// The path of a new link.
async fn link(server: &TestServer, credential: &str) -> String {
    let url = text(&view_as(server, credential).await["url"]);
    url.strip_prefix(&server.url).expect("ours").to_owned()
}

/// A browser in which the admin views the portal as Anna.
async fn viewing(server: &TestServer) -> TestBrowser<'_> {
    let path = link(server, &server.acme.admin).await;
    let mut browser = TestBrowser::new(server);
    assert_eq!(browser.redeem(&path).await, 303);
    assert_eq!(browser.location.as_deref(), Some("/p/acme/view-as"));
    browser
}

async fn kinds(server: &TestServer) -> Value {
    let query = "{ auditLog(last: 10) { nodes { kind actor { id } contact { firstName } } } }";
    let log = server.data(&server.acme.owner, query, json!({})).await;
    let nodes = log["auditLog"]["nodes"].as_array().cloned().unwrap_or_default();
    let views = nodes.into_iter().filter(|node| {
        let kind = node["kind"].as_str().unwrap_or_default();
        kind.starts_with("PORTAL_VIEW")
    });
    views.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_member_sees_the_portal_as_the_contact_and_nothing_is_recorded() {
    let portal = Portal::open().await;
    let server = &portal.server;
    let course = portal.course("Baking", json!({})).await;
    let lesson = portal.lessons(&course, &["Dough"]).await.remove(0);
    portal.grant(&[&course], &[]).await;
    server
        .test
        .run("update contacts set locale = 'de', timezone = 'Europe/Berlin' where first_name = 'Anna'")
        .await;
    let made = view_as(server, &server.acme.admin).await;
    assert_eq!(made["expiresAt"], "2026-01-05T10:01:00.000000Z");
    let path = text(&made["url"]);
    let path = path.strip_prefix(&server.url).expect("ours");
    let mut browser = TestBrowser::new(server);
    let page = browser.open(path).await;
    has(&page, &["View the portal as Anna", "for 15 minutes"]);
    assert_eq!(
        server
            .test
            .number("select count(opened_at) from portal_views")
            .await,
        0
    );
    server.clock.advance(TimeDelta::seconds(59));
    assert_eq!(browser.redeem(path).await, 303);
    let banner =
        "admin@acme.example is viewing this portal as Anna, read-only, until 5 January 2026, 10:15 UTC.";
    let home = browser.open("/p/acme/view-as").await;
    has(
        &home,
        &[
            "<html lang=\"de\">",
            "lang=\"en\"",
            "action=\"/p/acme/view-as/end\"",
            banner,
            "Baking",
        ],
    );
    assert!(
        !home.1.contains("sign-out") && !home.1.contains("/profile"),
        "{}",
        home.1
    );
    has(
        &browser.open(&format!("/p/acme/view-as/courses/{course}")).await,
        &[
            banner,
            &format!("href=\"/p/acme/view-as/courses/{course}/lessons/{lesson}\""),
        ],
    );
    let page = browser
        .open(&format!("/p/acme/view-as/courses/{course}/lessons/{lesson}"))
        .await;
    has(&page, &[banner, "Hello", "<button type=\"button\" disabled>"]);
    assert_eq!(
        page.1.matches("<form").count(),
        1,
        "only that of the banner: {}",
        page.1
    );
    for (what, query) in [
        ("progress", "select count(*) from lesson_progress"),
        (
            "a visit",
            "select count(*) from contacts where last_seen_at is not null or joined_at is not null",
        ),
        (
            "a session",
            "select count(*) from sessions where contact_id is not null and first_used_at is not null",
        ),
        (
            "a cookie's session",
            "select count(*) from sessions where cookie_hash is not null",
        ),
    ] {
        assert_eq!(server.test.number(query).await, 0, "{what}");
    }
    portal.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_works_once_and_for_a_minute() {
    let server = TestServer::open().await;
    let path = link(&server, &server.acme.owner).await;
    let mut first = TestBrowser::new(&server);
    assert_eq!(first.redeem(&path).await, 303);
    let page = TestBrowser::new(&server).open(&path).await;
    assert!(page.0 == 410 && page.1.contains("already used"), "{page:?}");
    let expiring = link(&server, &server.acme.owner).await;
    let mut late = TestBrowser::new(&server);
    let (_, html) = late.open(&expiring).await;
    let token = form_token(&html);
    server.clock.advance(TimeDelta::minutes(1));
    let page = late.open(&expiring).await;
    assert!(page.0 == 410 && page.1.contains("has expired"), "{page:?}");
    let (status, page) = post(&server, &mut late, &expiring, &token).await;
    assert!(status == 410 && page.contains("has expired"), "{page}");
    for unknown in ["viewas_x", &expiring[expiring.len() - 10..], "courses_x"] {
        let page = late.open(&format!("/p/acme/view-as/{unknown}")).await;
        assert!(page.0 == 404 && page.1.contains("doesn’t work"), "{page:?}");
    }
    let elsewhere = expiring.replace("/p/acme/", "/p/other/");
    assert_eq!(late.open(&elsewhere).await.0, 404, "another account's portal");
    server.stop().await;
}

fn form_token(html: &str) -> String {
    let (_, rest) = html.split_once("name=\"form_token\" value=\"").expect("a form");
    rest.split('"').next().unwrap_or_default().to_owned()
}

async fn post(server: &TestServer, browser: &mut TestBrowser<'_>, path: &str, token: &str) -> (u16, String) {
    let request = server.http.post(format!("{}{path}", server.url));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    browser.send(request.body(format!("form_token={token}"))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_browsers_at_once_get_one_view() {
    let server = TestServer::open().await;
    let path = link(&server, &server.acme.owner).await;
    let mut browsers: Vec<_> = (0..4).map(|_| TestBrowser::new(&server)).collect();
    let opening = browsers.iter_mut().map(|browser| browser.redeem(&path));
    let mut statuses = futures_util::future::join_all(opening).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 410, 410, 410]);
    let started = "select count(*) from audit_events where kind = 'PORTAL_VIEW_STARTED'";
    assert_eq!(server.test.number(started).await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_ends_with_its_time_its_button_and_the_rights_of_both() {
    let by_staff: [(&str, &str); 3] = [
        ("sign-out", "mutation { signOut { signedOut } }"),
        (
            "role",
            "mutation ($member: ID!) { updateTeamMember(input: {teamMemberId: $member, role: STAFF}) { teamMember { id } } }",
        ),
        (
            "removal",
            "mutation ($member: ID!) { removeTeamMember(input: {teamMemberId: $member}) { teamMember { id } } }",
        ),
    ];
    for (name, document) in by_staff {
        let server = TestServer::open().await;
        let mut browser = viewing(&server).await;
        let open = link(&server, &server.acme.admin).await;
        let members = "{ teamMembers { nodes { id role } } }";
        let members = server.data(&server.acme.owner, members, json!({})).await;
        let members = members["teamMembers"]["nodes"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let admin = members.iter().find(|member| member["role"] == "ADMIN");
        let caller = if name == "sign-out" {
            &server.acme.admin
        } else {
            &server.acme.owner
        };
        let id = &admin.expect("the admin")["id"];
        server.data(caller, document, json!({"member": id})).await;
        for path in ["/p/acme/view-as", "/p/acme/view-as/courses", &open] {
            let page = browser.open(path).await;
            assert!(
                page.0 == 410 && page.1.contains("signed out"),
                "{name}, {path}: {page:?}"
            );
        }
        server.stop().await;
    }
    let by_contact: [(&str, &str, &str); 2] = [
        (
            "revoked",
            "mutation ($id: ID!) { revokePortalAccess(input: {contactId: $id}) { contact { id } } }",
            "was revoked",
        ),
        (
            "deleted",
            "mutation ($id: ID!) { deleteContact(input: {contactId: $id}) { deletedContactId } }",
            "was deleted",
        ),
    ];
    for (name, document, words) in by_contact {
        let server = TestServer::open().await;
        let mut browser = viewing(&server).await;
        let id = json!({"id": server.acme.contact.to_string()});
        server.data(&server.acme.owner, document, id).await;
        let page = browser.open("/p/acme/view-as/courses").await;
        assert!(page.0 == 410 && page.1.contains(words), "{name}: {page:?}");
        server.stop().await;
    }
    let server = TestServer::open().await;
    let mut browser = viewing(&server).await;
    server.clock.advance(TimeDelta::minutes(15));
    let page = browser.open("/p/acme/view-as").await;
    assert!(
        page.0 == 410 && page.1.contains("This view has ended"),
        "{page:?}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn views_are_audited_and_a_new_one_ends_that_of_the_same_browser() {
    let server = TestServer::open().await;
    let mut browser = viewing(&server).await;
    let second = link(&server, &server.acme.owner).await;
    assert_eq!(browser.redeem(&second).await, 303);
    assert_eq!(
        browser.submit("/p/acme/view-as", "/p/acme/view-as/end", "").await,
        303
    );
    assert_eq!(browser.open("/p/acme/view-as").await.0, 410);
    let logged = kinds(&server).await;
    let shown = logged.as_array().into_iter().flatten().map(|node| {
        assert!(text(&node["actor"]["id"]).starts_with("member_"), "{node}");
        assert_eq!(node["contact"]["firstName"], "Anna", "{node}");
        text(&node["kind"])
    });
    let shown: Vec<String> = shown.collect();
    let mut sorted = shown.clone();
    sorted.sort();
    let twice = |kind: &str| [kind.to_owned(), kind.to_owned()];
    let expected = ["PORTAL_VIEW_CREATED", "PORTAL_VIEW_ENDED", "PORTAL_VIEW_STARTED"];
    assert_eq!(sorted, expected.map(twice).concat(), "{shown:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_of_a_view_is_no_session() {
    let portal = Portal::open().await;
    let server = &portal.server;
    let course = portal.course("Baking", json!({})).await;
    let lesson = portal.lessons(&course, &["Dough"]).await.remove(0);
    portal.grant(&[&course], &[]).await;
    let mut browser = viewing(server).await;
    let (name, view) = (browser.cookies.iter())
        .find(|(name, _)| name.starts_with("vestibule_view_"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .expect("the cookie");
    assert!(view.starts_with("view_"), "{name}");
    // Every other page leads to the sign-in page, also with the value as a session's.
    browser
        .cookies
        .insert("vestibule_portal_acme".to_owned(), view.clone());
    browser
        .cookies
        .insert("vestibule_dashboard_acme".to_owned(), view);
    for (path, login) in [
        ("/p/acme", "/p/acme/login"),
        ("/p/acme/profile", "/p/acme/login"),
        ("/dashboard/acme", "/dashboard/acme/login"),
    ] {
        assert_eq!(browser.open(path).await.0, 303, "{path}");
        assert_eq!(browser.location.as_deref(), Some(login), "{path}");
    }
    let query = server.http.post(format!("{}/graphql", server.url));
    let query = query
        .header("vestibule-account", "acme")
        .header("x-vestibule-csrf", "1")
        .header("origin", &server.url)
        .json(&json!({"query": "{ viewer { __typename } }"}));
    let (_, answer) = browser.send(query).await;
    assert!(
        !answer.contains("TeamMember") && !answer.contains("PortalUser"),
        "{answer}"
    );
    // There is no form but the one that ends the view.
    let (_, html) = browser.open("/p/acme/view-as").await;
    let token = form_token(&html);
    let path = format!("courses/{course}/lessons/{lesson}");
    for (path, status) in [
        (format!("/p/acme/view-as/{path}"), 404),
        (format!("/p/acme/{path}"), 303),
        ("/p/acme/view-as/sign-out".to_owned(), 403),
        ("/p/acme/view-as/profile/end-all".to_owned(), 404),
    ] {
        assert_eq!(
            post(server, &mut browser, &path, &token).await.0,
            status,
            "{path}"
        );
    }
    let progress = "select count(*) from lesson_progress";
    assert_eq!(server.test.number(progress).await, 0);
    portal.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_the_same_browser_stays_as_it_is() {
    let portal = Portal::open().await;
    let mut browser = portal.anna("").await;
    let path = link(&portal.server, &portal.server.acme.owner).await;
    assert_eq!(browser.redeem(&path).await, 303);
    let own = browser.open("/p/acme").await;
    has(&own, &["action=\"/p/acme/sign-out\""]);
    assert!(!own.1.contains("viewing"), "{}", own.1);
    assert_eq!(
        browser.submit("/p/acme/view-as", "/p/acme/view-as/end", "").await,
        303
    );
    assert_eq!(browser.open("/p/acme").await.0, 200);
    portal.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_whose_access_is_revoked_cannot_be_viewed() {
    let server = TestServer::open().await;
    let id = json!({"id": server.acme.contact.to_string()});
    server.test.run("update contacts set revoked_at = now()").await;
    let refused = server.error(Some(&server.acme.owner), VIEW, id).await;
    assert_eq!(
        refused,
        ("CONFLICT".to_owned(), Some("input.contactId".to_owned()))
    );
    let foreign = json!({"id": server.other.contact.to_string()});
    for id in [foreign, json!({"id": "contact_x"})] {
        let refused = server.error(Some(&server.acme.owner), VIEW, id).await;
        assert_eq!(
            refused,
            ("NOT_FOUND".to_owned(), Some("input.contactId".to_owned()))
        );
    }
    server.stop().await;
}
