//! The pages as browsers get them: layouts, redirects and statuses.

use reqwest::header::CONTENT_TYPE;
use serde_json::json;
use vestibule::base::actor::Role;

use crate::support::{TestBrowser, TestServer};

const NAME: &str = "Northwind Training";
/// The accent colour in the page's style.
const COLOUR: &str = "--accent:#8a2be2";

async fn branded() -> TestServer {
    let server = TestServer::open().await;
    server
        .test
        .run("update accounts set name = 'Northwind Training', accent_color = '#8a2be2' where slug = 'acme'")
        .await;
    server
}

fn has_brand(page: &str) -> bool {
    page.contains(&format!("</span>{NAME}</a>"))
        && page.contains(COLOUR)
        && !page.contains("</span>Vestibule</a>")
}

/// A team member who signed in with an emailed link.
async fn staff(server: &TestServer) -> TestBrowser<'_> {
    server.member("ben@acme.example", Role::Staff).await;
    let asked = server
        .request_login_at("acme", "ben@acme.example", "DASHBOARD")
        .await;
    let token = server.mailed_staff_token(server.acme.id, &asked.id).await;
    let mut browser = TestBrowser::new(server);
    assert!([200, 303].contains(&browser.redeem(&format!("/dashboard/link/{token}")).await));
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_out_dashboard_shows_the_sign_in_form_of_its_account() {
    let server = branded().await;
    let mut browser = TestBrowser::new(&server);
    for path in ["", "/profile", "/outbox"] {
        assert_eq!(browser.open(&format!("/dashboard/acme{path}")).await.0, 303);
        assert_eq!(
            browser.location.as_deref(),
            Some("/dashboard/acme/login"),
            "{path}"
        );
    }
    let (status, page) = browser.open("/dashboard/acme/login").await;
    assert_eq!(status, 200);
    assert!(
        has_brand(&page) && page.contains("action=\"/dashboard/acme/login\""),
        "{page}"
    );
    assert!(
        !page.contains("vestibule account") && !page.contains("session has ended"),
        "{page}"
    );
    let (status, page) = browser.open("/dashboard/nowhere").await;
    assert!(status == 404 && page.contains("</span>Vestibule</a>"), "{page}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dashboard_with_an_ended_session_says_so_above_the_sign_in_form() {
    let server = branded().await;
    let mut ben = staff(&server).await;
    assert_eq!(ben.open("/dashboard/acme").await.0, 200);
    server.test.run("update sessions set ended_at = now()").await;
    assert_eq!(ben.open("/dashboard/acme").await.0, 303);
    let location = ben.location.clone().expect("a location");
    let (_, page) = ben.open(&location).await;
    assert!(
        has_brand(&page) && page.contains("Your session has ended"),
        "{page}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_pages_name_the_account_and_not_its_slug() {
    let server = branded().await;
    let mut browser = TestBrowser::new(&server);
    for (path, heading) in [
        ("/p/acme/login", "Sign in to Northwind Training"),
        ("/p/acme/login/password", "Sign in to Northwind Training"),
        (
            "/dashboard/acme/login",
            "Sign in to the Northwind Training dashboard",
        ),
        (
            "/dashboard/acme/login/password",
            "Sign in to the Northwind Training dashboard",
        ),
    ] {
        let (status, page) = browser.open(path).await;
        assert_eq!(status, 200, "{path}");
        assert!(page.contains(&format!("<h1>{heading}</h1>")), "{path}: {page}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_without_an_account_asks_for_one_or_lists_the_signed_in_ones() {
    let server = branded().await;
    let mut ben = staff(&server).await;
    let mut stranger = TestBrowser::new(&server);
    let (status, page) = stranger.open("/dashboard").await;
    assert!(
        status == 200 && page.contains("name=\"account\"") && !page.contains("vestibule account"),
        "{page}"
    );
    assert_eq!(
        stranger
            .submit("/dashboard", "/dashboard", "&account=nowhere")
            .await,
        400
    );
    for typed in ["acme", " ACME ", "http%3A%2F%2Flocalhost%2Fdashboard%2Facme%2F"] {
        let more = format!("&account={typed}");
        assert_eq!(
            stranger.submit("/dashboard", "/dashboard", &more).await,
            303,
            "{typed}"
        );
        assert_eq!(stranger.location.as_deref(), Some("/dashboard/acme"), "{typed}");
    }
    // An account with an invalid cookie is not listed.
    ben.cookies
        .insert("vestibule_dashboard_other".to_owned(), "x".to_owned());
    assert_eq!(ben.open("/dashboard").await.0, 303);
    assert_eq!(ben.location.as_deref(), Some("/dashboard/acme"));

    let asked = server
        .request_login_at("other", "owner@other.example", "DASHBOARD")
        .await;
    let token = server.mailed_staff_token(server.other.id, &asked.id).await;
    ben.redeem(&format!("/dashboard/link/{token}")).await;
    let (status, page) = ben.open("/dashboard").await;
    assert_eq!(status, 200);
    for part in [
        "href=\"/dashboard/acme\"",
        NAME,
        "href=\"/dashboard/other\"",
        "owner@other.example",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_inside_an_account_have_its_branding_and_others_the_servers() {
    let server = branded().await;
    let mut browser = TestBrowser::new(&server);
    for (path, home) in [
        ("/p/acme/nothing", "/p/acme"),
        ("/p/acme/login/nothing/here", "/p/acme"),
        ("/dashboard/acme/nothing", "/dashboard/acme"),
        ("/dashboard/acme/not-me/notme_x", "/dashboard/acme"),
    ] {
        let (status, page) = browser.open(path).await;
        assert_eq!(status, 404, "{path}");
        assert!(
            has_brand(&page) && page.contains(&format!("href=\"{home}\"")),
            "{path}: {page}"
        );
    }
    for path in ["/p/nowhere/login", "/dashboard/nowhere", "/nothing"] {
        let (status, page) = browser.open(path).await;
        assert_eq!(status, 404, "{path}");
        assert!(
            page.contains("</span>Vestibule</a>") && page.contains("href=\"/\""),
            "{path}: {page}"
        );
    }
    // A form with an invalid token, for each kind of page.
    for page in [
        "/p/acme/login",
        "/p/acme/forgot",
        "/dashboard/acme/login",
        "/dashboard/acme/forgot",
    ] {
        let post = server.http.post(format!("{}{page}", server.url));
        let (status, html) = browser
            .send(post.body("form_token=x&email=anna%40acme.example"))
            .await;
        assert_eq!(status, 403, "{page}");
        assert!(
            has_brand(&html) && html.contains(&format!("class=\"button\" href=\"{page}\"")),
            "{html}"
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_inside_an_account_has_its_branding_and_offers_a_retry() {
    let server = branded().await;
    let mut browser = TestBrowser::new(&server);
    for page in ["/p/acme/login", "/dashboard/acme/login"] {
        assert_eq!(browser.open(page).await.0, 200);
    }
    server.test.refuse_connections().await;
    for path in [
        "/p/acme",
        "/p/acme/login",
        "/dashboard/acme",
        "/dashboard/acme/login",
    ] {
        let request = || server.http.get(format!("{}{path}", server.url));
        let (status, page) = browser.send(request()).await;
        assert_eq!(status, 503, "{path}");
        assert!(
            has_brand(&page) && page.contains("href=\"\">Try again<"),
            "{path}: {page}"
        );
        let head = server
            .http
            .head(format!("{}{path}", server.url))
            .send()
            .await
            .expect("an answer");
        assert_eq!(head.status(), 503, "{path}");
        assert_eq!(head.headers()[CONTENT_TYPE], "text/html; charset=utf-8", "{path}");
        assert_eq!(head.text().await.expect("text"), "", "{path}");
    }
    for path in ["/p/acme/login", "/dashboard/acme/login"] {
        let post = server
            .http
            .post(format!("{}{path}", server.url))
            .body("email=anna%40acme.example");
        let (status, page) = browser.send(post).await;
        assert_eq!(status, 503, "{path}");
        assert!(
            has_brand(&page) && page.contains("href=\"\">Back to the form<"),
            "{path}: {page}"
        );
    }
    server.test.accept_connections().await;
    assert_eq!(browser.open("/p/acme/login").await.0, 200);
    server.stop().await;
}

/// The error page of a form links to a `GET` of the same URL.
#[tokio::test(flavor = "multi_thread")]
async fn every_url_that_accepts_a_form_redirects_a_reload_to_its_page() {
    let server = branded().await;
    let mut stranger = TestBrowser::new(&server);
    for path in ["login/code", "login/finish"] {
        assert_eq!(
            stranger.open(&format!("/dashboard/acme/{path}")).await.0,
            303,
            "{path}"
        );
        assert_eq!(
            stranger.location.as_deref(),
            Some("/dashboard/acme/login/wait"),
            "{path}"
        );
    }
    let mut ben = staff(&server).await;
    for (path, page) in [
        ("sign-out", ""),
        ("profile/password", "/profile"),
        ("profile/end", "/profile"),
        ("profile/end-all", "/profile"),
        ("step-up/mail", "/step-up"),
    ] {
        assert_eq!(
            ben.open(&format!("/dashboard/acme/{path}")).await.0,
            303,
            "{path}"
        );
        assert_eq!(ben.location, Some(format!("/dashboard/acme{page}")), "{path}");
    }
    assert_eq!(ben.open("/p/acme/link/link_x/fresh").await.0, 303);
    assert_eq!(ben.location.as_deref(), Some("/p/acme/link/link_x"));
    assert_eq!(ben.open("/p/acme/sign-out").await.0, 303);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_one_section_is_redirected_to_a_step_up_and_then_to_its_target() {
    let server = branded().await;
    let make = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id, section: COURSES, limitToSection: true}) { url } }";
    let id = json!({"id": server.acme.contact.to_string()});
    let created = server.data(&server.acme.key, make, id).await;
    let url = created["generateMagicLink"]["url"]
        .as_str()
        .expect("a URL")
        .to_owned();
    let path = url.strip_prefix(&server.url).expect("ours").to_owned();
    let mut anna = TestBrowser::new(&server);
    assert_eq!(anna.redeem(&path).await, 303);
    assert_eq!(anna.open("/p/acme/courses").await.0, 200);

    for (wanted, to) in [
        ("", "?to=HOME"),
        ("/communities", "?to=COMMUNITIES"),
        ("/profile", ""),
    ] {
        assert_eq!(anna.open(&format!("/p/acme{wanted}")).await.0, 303, "{wanted}");
        assert_eq!(anna.location, Some(format!("/p/acme/step-up{to}")), "{wanted}");
    }
    let step_up = "/p/acme/step-up?to=COMMUNITIES";
    let (status, page) = anna.open(step_up).await;
    assert_eq!(status, 200);
    for part in [
        "opens only your courses. To open your communities, confirm it\u{2019}s you.",
        "href=\"/p/acme/courses\">Back to your courses<",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let mail = "/p/acme/step-up/mail?to=COMMUNITIES";
    assert_eq!(anna.submit(step_up, mail, "").await, 303);
    assert_eq!(anna.location.as_deref(), Some(step_up));
    let challenge = server
        .test
        .texts("select id::text from challenges")
        .await
        .remove(0)
        .expect("an id");
    let challenge = vestibule::base::ids::ChallengeId(challenge.parse().expect("a UUID")).to_string();
    let wrong = server.wrong_code(server.acme.id, &challenge);
    assert_eq!(
        anna.submit(step_up, step_up, &format!("&code={wrong}")).await,
        400
    );
    let code = server.code(server.acme.id, &challenge);
    assert_eq!(anna.submit(step_up, step_up, &format!("&code={code}")).await, 303);
    assert_eq!(anna.location.as_deref(), Some("/p/acme/communities"));
    assert_eq!(anna.open("/p/acme/communities").await.0, 200);
    assert_eq!(anna.open(step_up).await.0, 303, "it is done");
    assert_eq!(anna.location.as_deref(), Some("/p/acme/communities"));
    server.stop().await;
}

/// The documents and operations of the playground's tabs.
fn playground_operations() -> Vec<(&'static str, &'static str)> {
    let script = include_str!("../../web/graphiql/examples.js");
    let documents = script.split('`').skip(1).step_by(2);
    let operations = documents.flat_map(|document| {
        let names = document.lines().filter_map(|line| {
            let rest = line
                .strip_prefix("query ")
                .or_else(|| line.strip_prefix("mutation "))?;
            rest.split(['(', ' ']).next()
        });
        names.map(move |name| (document, name))
    });
    operations.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_of_the_playground_succeeds() {
    let server = TestServer::open().await;
    let create = "mutation { createCourse(input: {title: \"Baking\"}) { course { id } } }";
    let created = server.data(&server.acme.owner, create, json!({})).await;
    let course = &created["createCourse"]["course"]["id"];
    let contact = server.acme.contact.to_string();
    let variables = json!({
        "first": 20, "email": "anna@example.com", "filter": { "refusedOnly": true },
        "invite": { "emails": ["anna@example.com"], "section": "HOME", "dryRun": true },
        "link": { "contactId": contact, "section": "COURSES" }, "token": "…",
        "course": { "title": "Baking", "status": "PUBLISHED" },
        "courses": { "contactId": contact, "add": [course] },
        "member": { "email": "bo@example.com", "role": "STAFF" },
        "key": { "name": "Shop", "scopes": ["READ", "INVITE"] },
    });
    let operations = playground_operations();
    assert!(operations.len() >= 9, "{operations:?}");
    for (query, name) in operations {
        let body = json!({ "query": query, "operationName": name, "variables": variables });
        let request = server
            .http
            .post(format!("{}/graphql", server.url))
            .bearer_auth(&server.acme.owner);
        let answer = request.json(&body).send().await.expect("an answer");
        let answer: serde_json::Value = answer.json().await.expect("JSON");
        assert_eq!(answer.get("errors"), None, "{name}: {answer}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_form_gives_a_new_browser_its_cookie() {
    let server = TestServer::open().await;
    let mut browser = TestBrowser::new(&server);
    let post = server.http.post(format!("{}/p/acme/login", server.url));
    let (status, _) = browser
        .send(post.body("form_token=x&email=anna%40acme.example"))
        .await;
    assert_eq!(status, 403);
    assert!(
        browser.cookies.contains_key("vestibule_browser"),
        "{:?}",
        browser.cookies
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pending_sign_in_is_valid_only_where_it_was_requested() {
    let server = TestServer::open().await;
    let mut browser = TestBrowser::new(&server);
    let login = "/p/acme/login";
    assert_eq!(
        browser.submit(login, login, "&email=anna%40acme.example").await,
        303
    );
    assert_eq!(browser.open("/p/acme/login/wait").await.0, 200);
    let sealed = browser.cookies["vestibule_asked_portal_acme"].clone();
    for (name, wait) in [
        ("vestibule_asked_dashboard_acme", "/dashboard/acme/login/wait"),
        ("vestibule_asked_portal_other", "/p/other/login/wait"),
    ] {
        browser.cookies.insert(name.to_owned(), sealed.clone());
        assert_eq!(browser.open(wait).await.0, 303, "{wait}");
    }
    server.stop().await;
}
