//! A renamed account: its former slugs stay its own, and everything with them goes on.

use futures_util::future::join_all;
use serde_json::{Value, json};
use vestibule::accounts::model::Account;
use vestibule::base::actor::Role;

use crate::support::{TestBrowser, TestServer};

const RENAME: &str = "mutation ($slug: String!) { updatePortalSettings(input: {slug: $slug}) { portal { slug url dashboardUrl formerSlugs } } }";

async fn rename(server: &TestServer, slug: &str) -> Value {
    let done = server
        .data(&server.acme.owner, RENAME, json!({"slug": slug}))
        .await;
    done["updatePortalSettings"]["portal"].clone()
}

async fn refused(server: &TestServer, credential: &str, slug: &str) -> (String, Option<String>) {
    server
        .error(Some(credential), RENAME, json!({"slug": slug}))
        .await
}

fn at_slug(code: &str) -> (String, Option<String>) {
    (code.to_owned(), Some("input.slug".to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slug_belongs_to_one_account_for_ever() {
    let server = TestServer::open().await;
    let portal = rename(&server, " New-Acme ").await;
    let url = &server.url;
    let expected = json!({"slug": "new-acme", "url": format!("{url}/p/new-acme"),
        "dashboardUrl": format!("{url}/dashboard/new-acme"), "formerSlugs": ["acme"]});
    assert_eq!(portal, expected);
    assert_eq!(
        rename(&server, "newest").await["formerSlugs"],
        json!(["acme", "new-acme"])
    );
    for slug in ["acme", "new-acme", "newest"] {
        assert_eq!(
            refused(&server, &server.other.owner, slug).await,
            at_slug("CONFLICT"),
            "{slug}"
        );
        let mut conn = server.test.db.conn().await.expect("a connection");
        let made = Account::create(&mut conn, slug, "Thief", &server.clock.moment()).await;
        let error = made.expect_err("it is taken");
        assert_eq!(error.field.as_deref(), Some("slug"), "{slug}: {error}");
    }
    let taken = "select count(*) from accounts where name = 'Thief' or slug like '%acme'";
    assert_eq!(server.test.number(taken).await, 0);
    // Its own former slug is free for the account itself.
    let back = rename(&server, "acme").await;
    assert_eq!(back["formerSlugs"], json!(["new-acme", "newest"]));
    let changed = "select distinct detail ->> 'changed' from audit_events where kind = 'SETTINGS_CHANGED'";
    assert_eq!(server.test.texts(changed).await, [Some("[\"slug\"]".to_owned())]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_slug_is_refused_with_its_field_and_a_key_cannot_rename() {
    let server = TestServer::open().await;
    for slug in [
        "",
        "a",
        "a--b",
        "-ab",
        "ab-",
        "a.b",
        "ä",
        "www",
        "dashboard",
        &"x".repeat(41),
    ] {
        assert_eq!(
            refused(&server, &server.acme.owner, slug).await,
            at_slug("BAD_USER_INPUT"),
            "{slug}"
        );
    }
    let keys = server.acme.scoped.iter().map(|(_, key)| key);
    for credential in keys.chain([
        &server.acme.staff,
        &server.acme.read_only,
        &server.acme.contact_session,
    ]) {
        assert_eq!(refused(&server, credential, "new").await.0, "FORBIDDEN");
    }
    assert_eq!(
        rename(&server, "acme").await["formerSlugs"],
        json!([]),
        "nothing has changed"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_changes_are_possible_within_a_year() {
    let server = TestServer::open().await;
    for number in 0..10 {
        rename(&server, ["one", "two"][number % 2]).await;
    }
    assert_eq!(
        refused(&server, &server.acme.owner, "three").await,
        at_slug("BAD_USER_INPUT")
    );
    server.test.run("update accounts set renamed_at = array(select at - interval '365 days' from unnest(renamed_at) at)").await;
    assert_eq!(rename(&server, "three").await["slug"], "three");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_accounts_at_once_one_gets_the_slug() {
    let server = TestServer::open().await;
    for round in 0..5 {
        let slug = format!("round-{round}");
        let owners = [&server.acme.owner, &server.other.owner];
        let answers = owners.map(|owner| server.request(Some(owner), RENAME, json!({"slug": slug})));
        let answers = join_all(answers).await;
        let got = answers.iter().filter(|answer| answer.get("errors").is_none());
        assert_eq!(got.count(), 1, "{answers:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_with_a_former_slug_redirect() {
    let server = TestServer::open().await;
    rename(&server, "first").await;
    rename(&server, "second").await;
    let url = &server.url;
    let browser = TestBrowser::new(&server);
    for (path, to) in [
        ("/p/acme", "/p/second"),
        ("/p/acme/", "/p/second"),
        (
            "/p/acme/login?section=COURSES&a=%20b",
            "/p/second/login?section=COURSES&a=%20b",
        ),
        ("/p/first/link/link_x?utm=1", "/p/second/link/link_x?utm=1"),
        (
            "/p/first/courses/course_x/lessons/lesson_x",
            "/p/second/courses/course_x/lessons/lesson_x",
        ),
        ("/p/acme/r/code", "/p/second/r/code"),
        ("/p/acme/nothing", "/p/second/nothing"),
        ("/p/acme/view-as/courses", "/p/second/view-as/courses"),
        ("/p/acme//view-as//x?y", "/p/second/view-as/x?y"),
        ("/dashboard/acme", "/dashboard/second"),
        (
            "/dashboard/first/contacts?status=ACTIVE",
            "/dashboard/second/contacts?status=ACTIVE",
        ),
        (
            "/dashboard/acme/contacts.csv?filter=%7B%7D",
            "/dashboard/second/contacts.csv?filter=%7B%7D",
        ),
    ] {
        let to = format!("{url}{to}");
        assert_eq!(browser.redirect_of(path).await, Some(to.clone()), "{path}");
        for method in [reqwest::Method::GET, reqwest::Method::HEAD] {
            let answer = server.http.request(method, format!("{url}{path}")).send().await;
            let answer = answer.expect("an answer");
            assert_eq!(answer.status(), 308, "{path}");
            assert_eq!(answer.headers()["cache-control"], "no-store", "{path}");
            assert_eq!(answer.headers()["location"], to.as_str(), "{path}");
        }
    }
    assert_eq!(TestBrowser::new(&server).open("/p/nobody").await.0, 404);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_was_sent_before_works_after_the_redirect() {
    let server = TestServer::open().await;
    let make = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { url } }";
    let contact = json!({"id": server.acme.contact.to_string()});
    let made = server.data(&server.acme.key, make, contact).await;
    let sent = made["generateMagicLink"]["url"]
        .as_str()
        .expect("a URL")
        .to_owned();
    let path = sent.strip_prefix(&server.url).expect("ours");
    rename(&server, "second").await;
    let mut anna = TestBrowser::new(&server);
    assert_eq!(anna.open(path).await.0, 308);
    let to = anna.location.clone().expect("a redirect");
    let to = to.strip_prefix(&server.url).expect("ours");
    assert_eq!(anna.redeem(to).await, 303);
    assert_eq!(anna.open("/p/second").await.0, 200);
    // A rename signs no one out.
    rename(&server, "third").await;
    assert_eq!(anna.open("/p/third").await.0, 200);
    assert!(
        anna.cookies.contains_key("vestibule_portal_third"),
        "{:?}",
        anna.cookies.keys()
    );
    assert_eq!(anna.submit("/p/third", "/p/third/sign-out", "").await, 303);
    assert!(
        anna.cookies.values().all(|value| !value.starts_with("cookie_")),
        "all of them are removed"
    );
    assert_eq!(anna.open("/p/third").await.0, 303);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_of_a_dashboard_goes_on() {
    let server = TestServer::open().await;
    server.member("ben@acme.example", Role::Admin).await;
    let asked = server
        .request_login_at("acme", "ben@acme.example", "DASHBOARD")
        .await;
    let token = server.mailed_staff_token(server.acme.id, &asked.id).await;
    let mut ben = TestBrowser::new(&server);
    assert!([200, 303].contains(&ben.redeem(&format!("/dashboard/link/{token}")).await));
    rename(&server, "second").await;
    // A page that is still open names the account by its former slug, a new one by the present one.
    assert_eq!(viewer(&server, &mut ben, "acme").await, "TeamMember");
    assert_eq!(ben.open("/dashboard/second").await.0, 200);
    for slug in ["acme", "second"] {
        assert_eq!(viewer(&server, &mut ben, slug).await, "TeamMember", "{slug}");
    }
    assert_eq!(ben.open("/dashboard").await.0, 303, "one dashboard is open");
    assert_eq!(ben.location.as_deref(), Some("/dashboard/second"));
    server.stop().await;
}

async fn viewer(server: &TestServer, browser: &mut TestBrowser<'_>, account: &str) -> String {
    let query = server.http.post(format!("{}/graphql", server.url));
    let query = query
        .header("vestibule-account", account)
        .header("x-vestibule-csrf", "1")
        .header("origin", &server.url)
        .json(&json!({"query": "{ viewer { __typename } }"}));
    let (_, answer) = browser.send(query).await;
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    answer["data"]["viewer"]["__typename"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_name_a_portal_understand_a_former_slug() {
    let server = TestServer::open().await;
    rename(&server, "second").await;
    let query = "{ publicPortal(portal: \"acme\") { slug } }";
    let found = server.request(None, query, json!({})).await;
    assert_eq!(found["data"]["publicPortal"]["slug"], "second");
    let host = format!(
        "{{ publicPortal(portal: \"{}/p/acme\") {{ slug }} }}",
        &server.url[7..]
    );
    let found = server.request(None, &host, json!({})).await;
    assert_eq!(found["data"]["publicPortal"]["slug"], "second");
    let asked = server.request_login("anna@acme.example").await;
    let token = server.mailed_token(1).await;
    assert!(!asked.id.is_empty());
    assert!(server.redeem(&token).await["session"].is_object());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_refuses_the_slug_of_another_account() {
    let server = TestServer::open().await;
    rename(&server, "second").await;
    let client = server.test.client().await;
    for statement in [
        "update accounts set slug = 'acme' where slug = 'other'",
        "insert into accounts (id, slug, name, created_at) values (gen_random_uuid(), 'acme', 'Thief', now())",
    ] {
        let refused = client.batch_execute(statement).await.expect_err("it is refused");
        assert_eq!(
            refused.code().map(|code| code.code().to_owned()).as_deref(),
            Some("23505"),
            "{statement}"
        );
    }
    server.stop().await;
}
