//! Signing up to the portal by oneself, and that an unknown address can't be told from a known one.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use vestibule::accounts::model::Account;
use vestibule::accounts::model::section::PortalSection;
use vestibule::base::actor::{Audience, Client};
use vestibule::base::address::EmailAddress;
use vestibule::sign_in::challenge::model::{LoginRequest, RequestingDevice};

use crate::not_me::{events, report};
use crate::support::{TestApi, TestBrowser, TestServer, TestSignIn, wait_until};

const SET: &str = "mutation ($input: UpdatePortalSettingsInput!) { updatePortalSettings(input: $input) { portal { settings { selfSignUp } } } }";
const NEW: &str = "New.Person@Example.com";

async fn set(server: &TestServer, input: Value) {
    server
        .data(&server.acme.admin, SET, json!({"input": input}))
        .await;
}

async fn open() -> TestServer {
    let server = TestServer::open().await;
    set(&server, json!({"selfSignUp": true})).await;
    server
}

async fn contacts(server: &TestServer) -> i64 {
    let query = "select count(*) from contacts where email_key = 'new.person@example.com'";
    server.test.number(query).await
}

async fn mailed(server: &TestServer, count: usize) {
    wait_until("the mail is sent", async || server.mailbox.sent().len() >= count).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mailed_code_makes_the_contact_and_signs_in() {
    let server = open().await;
    let id = server.request_code(NEW).await;
    mailed(&server, 1).await;
    let mail = server.mailbox.sent().remove(0);
    assert_eq!(mail.to.address, "New.Person@example.com");
    assert_eq!(mail.subject, "Your code to join acme");
    let code = server.code(server.acme.id, &id);
    assert!(
        mail.text.contains(&format!("{} {}", &code[..3], &code[3..])),
        "{}",
        mail.text
    );
    assert!(!mail.text.contains("/link/"), "{}", mail.text);
    assert_eq!(contacts(&server).await, 0, "not before the code");
    let wrong = server.wrong_code(server.acme.id, &id);
    assert_eq!(
        server.sign_in_with_code(&id, &wrong).await["refusal"]["reason"],
        "CODE_INVALID"
    );
    assert_eq!(contacts(&server).await, 0);

    let done = server.sign_in_with_right_code(&id).await;
    assert_eq!(done["viewer"]["__typename"], "PortalUser", "{done}");
    let joined =
        "select count(*) from contacts where email = 'New.Person@example.com' and joined_at is not null";
    assert_eq!(server.test.number(joined).await, 1);
    for kind in ["NEW_SIGN_UP", "CONTACT_CREATED", "JOINED"] {
        assert_eq!(events(&server, kind).await, 1, "{kind}");
    }
    let activity = "{ recentActivity(last: 10) { nodes { kind contact { email } } } }";
    let activity = server
        .data(&server.acme.owner, activity, json!({}))
        .await
        .to_string();
    assert!(activity.contains("\"NEW_SIGN_UP\""), "{activity}");
    let messages = "{ messages { nodes { kind address text } } }";
    let messages = server
        .data(&server.acme.owner, messages, json!({}))
        .await
        .to_string();
    assert!(
        messages.contains("\"SIGN_UP_CODE\"") && !messages.contains(&code[..3]),
        "{messages}"
    );
    // From then on it is an address like any other.
    server.clock.advance(TimeDelta::minutes(2));
    server.request_code("new.person@example.com").await;
    mailed(&server, 2).await;
    assert_eq!(server.mailbox.sent()[1].subject, "Your sign-in code for acme");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_offer_it_and_take_the_code() {
    let server = open().await;
    let mut browser = TestBrowser::new(&server);
    let (_, page) = browser.open("/p/acme/login").await;
    assert!(page.contains("New here?"), "{page}");
    let status = browser
        .submit(
            "/p/acme/login",
            "/p/acme/login",
            "&section=COURSES&email=New.Person%40Example.com",
        )
        .await;
    assert_eq!(status, 303);
    mailed(&server, 1).await;
    let id = server
        .test
        .texts("select id::text from challenges")
        .await
        .remove(0)
        .expect("an id");
    let id = vestibule::base::ids::ChallengeId(id.parse().expect("a UUID")).to_string();
    let code = format!("&code={}", server.code(server.acme.id, &id));
    let status = browser
        .submit("/p/acme/login/wait", "/p/acme/login/code", &code)
        .await;
    assert_eq!(
        (status, browser.location.as_deref()),
        (303, Some("/p/acme/courses"))
    );
    assert_eq!(browser.open("/p/acme").await.0, 200);
    for (path, setting) in [
        ("/p/other/login", true),
        ("/dashboard/acme/login", true),
        ("/p/acme/login", false),
    ] {
        set(&server, json!({"selfSignUp": setting})).await;
        let (_, page) = TestBrowser::new(&server).open(path).await;
        assert!(!page.contains("New here?"), "{path}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_off_by_default_and_needs_codes() {
    let server = TestServer::open().await;
    let offered = async || {
        let query = "{ publicPortal(portal: \"acme\") { selfSignUp } }";
        server.request(None, query, json!({})).await["data"]["publicPortal"]["selfSignUp"].clone()
    };
    assert_eq!(offered().await, false);
    let id = server.request_code(NEW).await;
    set(&server, json!({"selfSignUp": true})).await;
    assert_eq!(offered().await, true);
    let done = server.sign_in_with_right_code(&id).await;
    assert_eq!(
        done["refusal"]["reason"], "CODE_INVALID",
        "it was requested before"
    );
    set(&server, json!({"codeAllowed": false})).await;
    assert_eq!(offered().await, false);
    server.clock.advance(TimeDelta::minutes(2));
    let asked = server.request_login(NEW).await;
    assert_eq!(
        server.sign_in_with_right_code(&asked.id).await["refusal"]["reason"],
        "CODE_INVALID"
    );
    // Never for the dashboard.
    set(&server, json!({"codeAllowed": true})).await;
    let staff = server.request_code_at("acme", NEW, "DASHBOARD").await;
    assert_eq!(
        server.sign_in_with_right_code(&staff).await["refusal"]["reason"],
        "CODE_INVALID"
    );
    assert_eq!(contacts(&server).await, 0);
    let addressed = "select count(*) from messages where address <> ''";
    assert_eq!(server.test.number(addressed).await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn switched_off_between_mail_and_code_it_is_refused() {
    let server = open().await;
    let id = server.request_code(NEW).await;
    mailed(&server, 1).await;
    set(&server, json!({"selfSignUp": false})).await;
    assert_eq!(
        server.sign_in_with_right_code(&id).await["refusal"]["reason"],
        "METHOD_DISABLED"
    );
    assert_eq!(contacts(&server).await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_became_a_contact_meanwhile_signs_in_as_that_contact() {
    let server = open().await;
    let id = server.request_code(NEW).await;
    let create = "mutation { createContact(input: {email: \"new.person@example.com\", firstName: \"Nora\"}) { contact { id } } }";
    server.data(&server.acme.owner, create, json!({})).await;
    let done = server.sign_in_with_right_code(&id).await;
    assert_eq!(done["viewer"]["__typename"], "PortalUser", "{done}");
    assert_eq!(contacts(&server).await, 1);
    assert_eq!(events(&server, "NEW_SIGN_UP").await, 0);
    let joined = "select count(*) from contacts where first_name = 'Nora' and joined_at is not null";
    assert_eq!(server.test.number(joined).await, 1);

    let other = "other.person@example.com";
    let id = server.request_code(other).await;
    let create =
        format!("mutation {{ createContact(input: {{email: \"{other}\"}}) {{ contact {{ id }} }} }}");
    server.data(&server.acme.owner, &create, json!({})).await;
    server
        .test
        .run("update contacts set revoked_at = now() where email_key like 'other%'")
        .await;
    assert_eq!(
        server.sign_in_with_right_code(&id).await["refusal"]["reason"],
        "ACCESS_REVOKED"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_make_one_contact() {
    let server = open().await;
    for round in 0..3 {
        server.clock.advance(TimeDelta::hours(2));
        let address = format!("twin{round}@example.com");
        let id = server.request_code(&address).await;
        let answers = join_all((0..4).map(|_| server.sign_in_with_right_code(&id))).await;
        let opened = answers.iter().filter(|answer| answer["session"].is_object());
        assert_eq!(opened.count(), 1, "{answers:?}");
        let made = format!("select count(*) from contacts where email_key = '{address}'");
        assert_eq!(server.test.number(&made).await, 1);
    }
    assert_eq!(events(&server, "NEW_SIGN_UP").await, 3);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_counts_in_the_budget_of_the_day_and_a_login_does_not() {
    let server =
        TestServer::open_with(&[("VESTIBULE_DAILY_MESSAGES", "1")], |_| mailer::Mailer::memory()).await;
    set(&server, json!({"selfSignUp": true})).await;
    let taken = "select coalesce(sum(message_count), 0)::bigint from message_days";
    server.request_code("anna@acme.example").await;
    assert_eq!(server.test.number(taken).await, 0);
    server.request_code(NEW).await;
    server.request_code(NEW).await;
    assert_eq!(server.test.number(taken).await, 1, "the second one sent nothing");
    let beyond = server.request_code("beyond@example.com").await;
    assert_eq!(
        server.sign_in_with_right_code(&beyond).await["refusal"]["reason"],
        "CODE_INVALID"
    );
    server.clock.advance(TimeDelta::minutes(2));
    let anna = server.request_code("anna@acme.example").await;
    assert!(server.sign_in_with_right_code(&anna).await["session"].is_object());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_for_a_contact_never_stop_staff_from_sending_to_them() {
    let server = open().await;
    let generate =
        "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id, sendBy: EMAIL}) { url } }";
    let id = json!({"id": server.acme.contact.to_string()});
    for _ in 0..10 {
        let sent = async { server.request(Some(&server.acme.key), generate, id.clone()).await };
        let requests = join_all((0..4).map(|_| server.request_code("anna@acme.example")));
        let (sent, _) = futures_util::future::join(sent, requests).await;
        assert_eq!(sent.get("errors"), None, "{sent}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reported_email_ends_the_sign_up_and_pauses_email() {
    let server = open().await;
    let id = server.request_code(NEW).await;
    mailed(&server, 1).await;
    let mail = server.mailbox.sent().remove(0);
    let (_, path) = mail
        .text
        .split_once(&format!("{}/p/acme/not-me/", server.url))
        .expect("a link");
    let path = format!(
        "/p/acme/not-me/{}",
        path.split_whitespace().next().unwrap_or_default()
    );
    let (status, page) = TestBrowser::new(&server).open(&path).await;
    assert!(status == 200 && page.contains("N***@example.com"), "{page}");
    let done = report(&server, &path).await;
    assert_eq!(
        (&done["sessionsEnded"], &done["refusal"]),
        (&json!(0), &Value::Null),
        "{done}"
    );
    assert!(done["mailPausedUntil"].is_string(), "{done}");
    assert_eq!(
        server.sign_in_with_right_code(&id).await["refusal"]["reason"],
        "CODE_EXPIRED"
    );
    server.clock.advance(TimeDelta::minutes(2));
    let paused = server.request_code(NEW).await;
    assert_eq!(
        server.sign_in_with_right_code(&paused).await["refusal"]["reason"],
        "CODE_INVALID"
    );
    assert_eq!(contacts(&server).await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_after_the_sign_up_ends_its_session() {
    let server = open().await;
    let id = server.request_code(NEW).await;
    mailed(&server, 1).await;
    let mail = server.mailbox.sent().remove(0);
    let (_, token) = mail.text.split_once("/not-me/").expect("a link");
    let token = token.split_whitespace().next().unwrap_or_default().to_owned();
    assert!(server.sign_in_with_right_code(&id).await["session"].is_object());
    assert_eq!(report(&server, &token).await["sessionsEnded"], 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_runs_the_same_statements() {
    let api = TestApi::open().await;
    let kinds = ["known", "revoked", "suppressed", "unknown"];
    let addresses =
        |kind: &str| -> Vec<String> { (0..5).map(|n| format!("{kind}{n}@example.com")).collect() };
    for kind in &kinds[..3] {
        api.test.add_contacts(addresses(kind)).await;
    }
    let account = api.test.account.id.0;
    api.test.test.run(&format!(
        "update contacts set revoked_at = now() where email_key like 'revoked%';
         insert into suppressions (account_id, email_key, reason, created_at)
             select '{account}', 'suppressed' || n || '@example.com', 'BOUNCE', now() from generate_series(0, 4) n;
         update accounts set self_sign_up = true"
    )).await;
    let account = api
        .test
        .write(async |conn| Ok(Account::by_slug(conn, "acme").await?.expect("acme")))
        .await;
    let sign_in = TestSignIn::new(&api.services);
    let client = Client::default();
    let mut costs = Vec::new();
    for kind in kinds {
        let mut fewest = [u64::MAX; 2];
        for email in addresses(kind) {
            let email = EmailAddress::parse(&email).expect("an address");
            let ask = async |device: RequestingDevice<'_>| {
                let request = LoginRequest {
                    account: &account,
                    audience: Audience::Portal,
                    email: &email,
                    section: PortalSection::Home,
                    by_code: true,
                    device,
                    client: &client,
                    daily_messages: 50_000,
                };
                let before = sign_in.db.statement_count();
                let asked = sign_in.request(&request).await.expect("it is asked for");
                (asked, sign_in.db.statement_count() - before)
            };
            let (asked, first) = ask(RequestingDevice::New).await;
            let (_, again) = ask(RequestingDevice::Browser(&asked.device_secret)).await;
            fewest = [fewest[0].min(first), fewest[1].min(again)];
        }
        costs.push(fewest);
    }
    assert!(costs.iter().all(|cost| *cost == costs[0]), "{kinds:?}: {costs:?}");
}
