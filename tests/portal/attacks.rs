//! Attacks and unlucky timing, with the required outcome.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::StreamExt;
use futures_util::future::join_all;
use serde_json::{Value, json};
use vestibule::accounts::model::section::PortalSection;
use vestibule::base::actor::Audience;
use vestibule::base::actor::Client;
use vestibule::base::address::EmailAddress;
use vestibule::base::audit::{EventKind, NewEvent, record};
use vestibule::base::ids::ContactId;
use vestibule::live::Topic;
use vestibule::sign_in::challenge::model::{Challenge, LoginRequest, RequestingDevice};

use crate::support::{TestAccount, TestApi, TestServer, mailed_link, wait_until};

const REDEEM: &str = "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) {
    session { accessToken refreshToken } refusal { reason retryAfter } } }";
const REFRESH: &str = "mutation ($token: String!) { refreshSession(input: {refreshToken: $token}) {
    session { accessToken refreshToken } refusal { reason } } }";
const GENERATE: &str = "mutation ($id: ID!, $replaces: ID) {
    generateMagicLink(input: {contactId: $id, replaces: $replaces, expiresInMinutes: 60}) { url magicLink { id } } }";
const LOGIN_EMAIL: &str = "mutation ($id: ID!) { sendLoginEmails(input: {contactIds: [$id]}) { count } }";

async fn redeem(server: &TestServer, token: &str) -> Value {
    let answer = server.request(None, REDEEM, json!({"token": token})).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    answer["data"]["signInWithMagicLink"].clone()
}

/// The link's token and id.
async fn generate(server: &TestServer, replaces: Option<&str>) -> (String, String) {
    let input = json!({"id": server.acme.contact.to_string(), "replaces": replaces});
    let created = server.data(&server.acme.key, GENERATE, input).await["generateMagicLink"].clone();
    let url = created["url"].as_str().expect("a URL");
    let token = url.rsplit('/').next().expect("a token").to_owned();
    (
        token,
        created["magicLink"]["id"].as_str().expect("an id").to_owned(),
    )
}

/// Waits for a login email to staff, and returns its token.
async fn login_email(server: &TestServer) -> String {
    let before = server.mailbox.sent().len();
    let input = json!({"id": server.acme.contact.to_string()});
    server.data(&server.acme.key, LOGIN_EMAIL, input).await;
    wait_until("the mail is sent", async || server.mailbox.sent().len() > before).await;
    mailed_link(&server.mailbox.sent()[before]).reveal()
}

/// A browser: it keeps cookies and submits forms.
pub struct TestBrowser<'a> {
    server: &'a TestServer,
    pub cookies: BTreeMap<String, String>,
    /// The redirect target of the last response.
    pub location: Option<String>,
}

impl<'a> TestBrowser<'a> {
    pub fn new(server: &'a TestServer) -> Self {
        Self {
            server,
            cookies: BTreeMap::new(),
            location: None,
        }
    }

    pub async fn send(&mut self, request: reqwest::RequestBuilder) -> (u16, String) {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let answer = request
            .header("cookie", cookies.join("; "))
            .send()
            .await
            .expect("an answer");
        for cookie in answer.headers().get_all("set-cookie") {
            let (pair, _) = cookie
                .to_str()
                .expect("text")
                .split_once(';')
                .expect("attributes");
            let (name, value) = pair.split_once('=').expect("a pair");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let location = answer.headers().get("location");
        self.location = location.map(|value| value.to_str().expect("text").to_owned());
        (answer.status().as_u16(), answer.text().await.expect("text"))
    }

    pub async fn open(&mut self, path: &str) -> (u16, String) {
        self.send(self.server.http.get(format!("{}{path}", self.server.url)))
            .await
    }

    /// The redirect target of a page, with the cookies of this browser.
    pub async fn redirect_of(&self, path: &str) -> Option<String> {
        let cookies: Vec<String> = (self.cookies.iter())
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = self.server.http.get(format!("{}{path}", self.server.url));
        let answer = request.header("cookie", cookies.join("; ")).send().await;
        let answer = answer.expect("an answer");
        let location = answer.headers().get("location")?;
        location.to_str().ok().map(str::to_owned)
    }

    /// Opens the page and submits its form with this `action`.
    pub async fn submit(&mut self, page: &str, action: &str, more: &str) -> u16 {
        let (_, html) = self.open(page).await;
        let (_, form) = html
            .split_once(&format!("action=\"{action}\""))
            .expect("the form");
        let (_, token) = form
            .split_once("name=\"form_token\" value=\"")
            .expect("its token");
        let token = token.split('"').next().unwrap_or_default();
        let post = self.server.http.post(format!("{}{action}", self.server.url));
        let post = post.header("content-type", "application/x-www-form-urlencoded");
        self.send(post.body(format!("form_token={token}{more}"))).await.0
    }

    /// Redeems a link with its button.
    pub async fn redeem(&mut self, path: &str) -> u16 {
        self.submit(path, path, "").await
    }
}

/// A mail scanner redeems the link, and ten seconds pass.
async fn redeem_as_scanner(server: &TestServer, token: &str) {
    assert!(!redeem(server, token).await["session"].is_null());
    server.clock.advance(TimeDelta::seconds(11));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_redeemed_by_a_scanner_ends_with_its_address() {
    let server = TestServer::open().await;
    let token = login_email(&server).await;
    redeem_as_scanner(&server, &token).await;
    let change = "mutation ($id: ID!) { updateContact(input: {contactId: $id, email: \"new@acme.example\"}) { contact { id } } }";
    server
        .data(
            &server.acme.key,
            change,
            json!({"id": server.acme.contact.to_string()}),
        )
        .await;
    let pressed = redeem(&server, &token).await;
    assert!(pressed["session"].is_null(), "{pressed}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_redeemed_by_a_scanner_ends_when_it_is_revoked_replaced_or_superseded() {
    let server = TestServer::open().await;
    let (revoked, id) = generate(&server, None).await;
    redeem_as_scanner(&server, &revoked).await;
    let revoke =
        "mutation ($id: ID!) { revokeMagicLink(input: {magicLinkId: $id}) { magicLink { status } } }";
    server.data(&server.acme.key, revoke, json!({"id": id})).await;
    let pressed = redeem(&server, &revoked).await;
    assert_eq!(pressed["refusal"]["reason"], "LINK_REVOKED", "{pressed}");

    let (replaced, id) = generate(&server, None).await;
    redeem_as_scanner(&server, &replaced).await;
    generate(&server, Some(&id)).await;
    let pressed = redeem(&server, &replaced).await;
    assert_eq!(pressed["refusal"]["reason"], "LINK_SUPERSEDED", "{pressed}");

    let older = login_email(&server).await;
    redeem_as_scanner(&server, &older).await;
    let newer = login_email(&server).await;
    let pressed = redeem(&server, &older).await;
    assert_eq!(pressed["refusal"]["reason"], "LINK_SUPERSEDED", "{pressed}");
    assert!(!redeem(&server, &newer).await["session"].is_null());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_counts_as_use_of_the_session() {
    let server = TestServer::open().await;
    let (token, _) = generate(&server, None).await;
    let first = redeem(&server, &token).await;
    server.clock.advance(TimeDelta::minutes(9));
    // If another service verifies an app's tokens, only its refreshes are visible here.
    let refresh = first["session"]["refreshToken"].as_str().expect("a token");
    let next = server.request(None, REFRESH, json!({"token": refresh})).await;
    assert!(!next["data"]["refreshSession"]["session"].is_null(), "{next}");
    let pressed = redeem(&server, &token).await;
    assert_eq!(pressed["refusal"]["reason"], "LINK_USED", "{pressed}");
    let refresh = &next["data"]["refreshSession"]["session"]["refreshToken"];
    let next = server.request(None, REFRESH, json!({"token": refresh})).await;
    assert!(!next["data"]["refreshSession"]["session"].is_null(), "{next}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nul_in_one_address_fails_only_that_address() {
    let server = TestServer::open().await;
    let mut emails: Vec<String> = (0..120).map(|n| format!("p{n}@example.com")).collect();
    emails[7] = "a\0b@example.com".to_owned();
    let invite = "mutation ($emails: [String!], $ids: [ID!]) {
        inviteContacts(input: {emails: $emails, contactIds: $ids}) { bulkJob { id } } }";
    let started = server
        .data(
            &server.acme.key,
            invite,
            json!({"emails": emails, "ids": ["contact_\0"]}),
        )
        .await;
    let id = &started["inviteContacts"]["bulkJob"]["id"];
    let job = "query ($id: ID!) { bulkJob(id: $id) { status succeeded skipped failed } }";
    wait_until("the job ends", async || {
        server.data(&server.acme.key, job, json!({"id": id})).await["bulkJob"]["status"] == "SUCCEEDED"
    })
    .await;
    let done = server.data(&server.acme.key, job, json!({"id": id})).await;
    assert_eq!(
        done["bulkJob"],
        json!({"status": "SUCCEEDED", "succeeded": 119, "skipped": 2, "failed": 0})
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_accepts_as_many_addresses_as_a_run() {
    let server = TestServer::open().await;
    let emails: Vec<String> = (0..10_000).map(|n| format!("p{n}@example.com")).collect();
    let invite =
        "mutation ($emails: [String!]) { inviteContacts(input: {emails: $emails, dryRun: true}) { count } }";
    let data = server
        .data(&server.acme.key, invite, json!({"emails": emails}))
        .await;
    assert_eq!(data["inviteContacts"]["count"], 10_000);
    assert_eq!(
        server
            .test
            .number("select count(*) from contacts where email like 'p%@example.com'")
            .await,
        0
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_of_a_missing_account_is_refused_like_any_other() {
    let server = TestServer::open().await;
    let stranger = vestibule::base::ids::AccountId::new(&server.clock.moment());
    let secret = vestibule::base::secrets::PlainSecret::generate(
        vestibule::base::secrets::SecretKind::Cookie,
        stranger,
        &server.clock.moment(),
    );
    let answer: Value = server
        .http
        .post(format!("{}/graphql", server.url))
        .header("origin", &server.url)
        .header("x-vestibule-csrf", "1")
        .header("vestibule-account", "acme")
        .header("cookie", format!("vestibule_dashboard_acme={}", secret.reveal()))
        .json(&json!({"query": "{ viewer { __typename } }"}))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(
        answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED",
        "{answer}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_cursor_is_bad_input_and_nothing_worse() {
    use base64::Engine;
    let server = TestServer::open().await;
    let id = "01900000000070008000000000000001";
    let list = "query ($after: String, $field: ContactOrderField!) {
        contacts(after: $after, orderBy: {field: $field, direction: ASC}) { nodes { id } } }";
    for (field, name, key) in [
        ("EMAIL", "Email", "a\0"),
        ("NAME", "Name", "a\0"),
        ("NAME", "Name", "\u{10ffff}"),
        ("JOINED_AT", "JoinedAt", "tomorrow"),
        ("JOINED_AT", "JoinedAt", "+262142-12-31T23:59:59Z"),
        ("JOINED_AT", "JoinedAt", "-262143-01-01T00:00:00Z"),
        ("LAST_SEEN_AT", "LastSeenAt", "-10000-01-01T00:00:00Z"),
    ] {
        let cursor = json!([format!("contacts/{name}/ASC"), key, id]).to_string();
        let cursor = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(cursor);
        let answer = server
            .request(
                Some(&server.acme.key),
                list,
                json!({"after": cursor, "field": field}),
            )
            .await;
        let code = &answer["errors"][0]["extensions"]["code"];
        assert!(code.is_null() || code == "BAD_USER_INPUT", "{key:?}: {answer}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_ignores_case_in_every_script() {
    let server = TestServer::open().await;
    let create = "mutation ($email: EmailAddress!, $first: String, $last: String) {
        createContact(input: {email: $email, firstName: $first, lastName: $last}) { contact { id } } }";
    let mut wrong = Vec::new();
    let people = [
        ("a1@example.com", "ÄNNE", "Łukasz", "änne"),
        ("a2@example.com", "Zoë", "ŽIŽEK", "žižek"),
        ("a3@example.com", "Sean", "O’Brien", "brien"),
        ("a4@example.com", "Anna/Maria", "X", "maria"),
        ("a5@example.com", "Иван", "Петров", "пет"),
        ("a6@example.com", "Anne", "2nd 1e5", "1e5"),
        ("user.name+tag@sub-domain.example.com", "Q", "W", "tag domain"),
        ("a7@example.com", "Cafe\u{301}", "Y", "cafe\u{301}"),
        ("a8@example.com", "R&D", "Y", "d"),
        ("a9@example.com", "İbrahim", "Y", "ibrahim"),
        ("a10@example.com", "王小明", "李", "王小"),
        ("a11@example.com", "www.example.org/path", "Y", "path"),
        ("a12@example.com", "1.5", "Y", "5"),
    ];
    for (email, first, last, search) in people {
        server
            .data(
                &server.acme.key,
                create,
                json!({"email": email, "first": first, "last": last}),
            )
            .await;
        let find = "query ($s: String) { contacts(filter: {search: $s}) { nodes { email } } }";
        let found = server.data(&server.acme.key, find, json!({"s": search})).await;
        let hit = found["contacts"]["nodes"]
            .as_array()
            .is_some_and(|nodes| nodes.iter().any(|node| node["email"] == email));
        if !hit {
            wrong.push(search);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_aliases_and_concurrent_requests_send_one_email() {
    let server = TestServer::open().await;
    let aliases: String = (0..20)
        .map(|n| {
            let email: String = "anna@acme.example"
                .chars()
                .enumerate()
                .map(|(at, c)| {
                    if (n >> (at % 5)) & 1 == 1 {
                        c.to_ascii_uppercase()
                    } else {
                        c
                    }
                })
                .collect();
            format!(
                "a{n}: requestLoginEmail(input: {{portal: \"acme\", email: \"{email}\"}}) {{ challengeId }} "
            )
        })
        .collect();
    let all = format!("mutation {{ {aliases} }}");
    let answers = join_all((0..5).map(|_| server.request(None, &all, json!({})))).await;
    for answer in answers {
        assert_eq!(answer.get("errors"), None, "{answer}");
    }
    wait_until("a mail", async || !server.mailbox.sent().is_empty()).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(server.mailbox.sent().len(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_concurrent_sign_outs_than_connections_succeed() {
    let server = TestServer::open().await;
    let mut visitors = Vec::new();
    for _ in 0..24 {
        let (token, _) = generate(&server, None).await;
        let mut browser = TestBrowser::new(&server);
        assert_eq!(browser.redeem(&format!("/p/acme/link/{token}")).await, 303);
        visitors.push(browser);
    }
    let left = visitors
        .iter_mut()
        .map(|browser| browser.submit("/p/acme", "/p/acme/sign-out", ""));
    let left = join_all(left).await;
    assert!(left.iter().all(|status| *status == 303), "{left:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_that_can_not_be_finished_use_no_email_quota() {
    let server = TestServer::open().await;
    let ask = "mutation ($audience: Audience) {
        requestLoginEmail(input: {portal: \"acme\", email: \"anna@acme.example\", audience: $audience}) { challengeId } }";
    for _ in 0..5 {
        let answer = server.request(None, ask, json!({"audience": "DASHBOARD"})).await;
        assert_eq!(answer.get("errors"), None, "{answer}");
        server.clock.advance(TimeDelta::seconds(60));
    }
    server.request(None, ask, json!({"audience": "PORTAL"})).await;
    wait_until("the mail is sent", async || server.mailbox.sent().len() == 1).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_right_after_subscribing_is_received() {
    let test = TestAccount::open().await;
    let (live, account) = (test.parts.live.clone(), test.account.id);
    for round in 0..3 {
        test.clock.advance(TimeDelta::seconds(1));
        let mut events = Box::pin(live.activity(account));
        let moment = test.clock.moment();
        let event = NewEvent::for_contact(EventKind::ContactCreated, ContactId::new(&moment));
        test.write(async |conn| record(conn, account, &test.requester, &[event], &moment).await)
            .await;
        live.nudge(account, &[Topic::Activity]);
        let seen = tokio::time::timeout(Duration::from_secs(3), events.next()).await;
        assert!(seen.is_ok(), "round {round}");
        drop(events);
        // Until no subscription is left.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_contact_during_its_operations_breaks_nothing() {
    let server = TestServer::open().await;
    let create =
        "mutation ($email: EmailAddress!) { createContact(input: {email: $email}) { contact { id } } }";
    let delete = "mutation ($id: ID!) { deleteContact(input: {contactId: $id}) { deletedContactId } }";
    let change = "mutation ($id: ID!, $email: EmailAddress!) { updateContact(input: {contactId: $id, email: $email}) { contact { id } } }";
    let make =
        "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id, expiresInMinutes: 60}) { url } }";
    let invite = "mutation ($id: ID!) { inviteContacts(input: {contactIds: [$id]}) { count } }";
    let mut wrong = Vec::new();
    for round in 0..12 {
        let email = format!("round{round}@example.com");
        let created = server
            .data(&server.acme.key, create, json!({"email": email}))
            .await;
        let id = created["createContact"]["contact"]["id"].clone();
        let created = server.data(&server.acme.key, make, json!({"id": id})).await;
        let token = created["generateMagicLink"]["url"]
            .as_str()
            .and_then(|url| url.rsplit('/').next())
            .expect("a token")
            .to_owned();
        let first = redeem(&server, &token).await;
        let refresh = first["session"]["refreshToken"].clone();
        let created = server.data(&server.acme.key, make, json!({"id": id})).await;
        let token = created["generateMagicLink"]["url"]
            .as_str()
            .and_then(|url| url.rsplit('/').next())
            .expect("a token")
            .to_owned();
        let key = Some(&server.acme.key[..]);
        let new = format!("new{round}@example.com");
        let (id_, new_, token_) = (
            json!({"id": id}),
            json!({"id": id, "email": new}),
            json!({"token": token}),
        );
        let refresh_ = json!({"token": refresh});
        let work = vec![
            server.request(key, make, id_.clone()),
            server.request(key, LOGIN_EMAIL, id_.clone()),
            server.request(None, REDEEM, token_.clone()),
            server.request(None, REFRESH, refresh_.clone()),
            server.request(key, invite, id_.clone()),
            server.request(None, REFRESH, refresh_.clone()),
            server.request(key, change, new_.clone()),
            server.request(key, delete, id_.clone()),
            server.request(None, REFRESH, refresh_.clone()),
            server.request(None, REDEEM, token_.clone()),
            server.request(key, LOGIN_EMAIL, id_.clone()),
            server.request(key, delete, id_.clone()),
        ];
        for answer in join_all(work).await {
            let code = answer["errors"][0]["extensions"]["code"].clone();
            if !(code.is_null() || code == "NOT_FOUND") {
                wrong.push(answer.to_string());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let drift = "select count(*) from (select account_id, sum(invited) i, sum(active) a, sum(invited_total) t from account_counts group by 1) c
        full join (select account_id, count(*) filter (where status = 1) i, count(*) filter (where status = 2) a,
            count(*) filter (where first_invited_at is not null) t from contacts group by 1) r using (account_id)
        where (coalesce(c.i, 0), coalesce(c.a, 0), coalesce(c.t, 0)) <> (coalesce(r.i, 0), coalesce(r.a, 0), coalesce(r.t, 0))";
    assert_eq!(server.test.number(drift).await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn switching_accounts_needs_a_confirmation_and_a_repeat_works_only_in_the_same_browser() {
    let server = TestServer::open().await;
    let create = "mutation { createContact(input: {email: \"bea@acme.example\", firstName: \"Bea\"}) { contact { id } } }";
    let bea =
        server.data(&server.acme.key, create, json!({})).await["createContact"]["contact"]["id"].clone();
    let (anna, _) = generate(&server, None).await;
    let path = format!("/p/acme/link/{anna}");
    let mut browser = TestBrowser::new(&server);
    for _ in 0..3 {
        assert_eq!(browser.open(&path).await.0, 200);
    }
    let head = server
        .http
        .head(format!("{}{path}", server.url))
        .send()
        .await
        .expect("an answer");
    assert_eq!(head.status().as_u16(), 200);
    assert_eq!(
        server
            .test
            .number("select count(*) from magic_links where used_at is not null")
            .await,
        0
    );
    // Without the form token of the page, nothing is redeemed.
    let bare = server
        .http
        .post(format!("{}{path}", server.url))
        .header("content-type", "application/x-www-form-urlencoded");
    let (status, _) = browser.send(bare.body("form_token=x")).await;
    assert_ne!(status, 303);
    assert_eq!(
        server
            .test
            .number("select count(*) from magic_links where used_at is not null")
            .await,
        0
    );
    assert_eq!(browser.redeem(&path).await, 303);
    let cookie = browser.cookies["vestibule_portal_acme"].clone();
    // The same browser may repeat it, and gets the same session.
    assert_eq!(browser.redeem(&path).await, 303);
    assert_eq!(browser.cookies["vestibule_portal_acme"], cookie);
    assert_eq!(
        server
            .test
            .number("select count(*) from sessions where cookie_hash is not null")
            .await,
        1
    );
    // Another browser may not.
    let mut other = TestBrowser::new(&server);
    assert_eq!(other.open(&path).await.0, 410);
    // Bea's link in Anna's browser asks for a confirmation first, and is not redeemed.
    let created = server.data(&server.acme.key, GENERATE, json!({"id": bea})).await;
    let token = created["generateMagicLink"]["url"]
        .as_str()
        .and_then(|url| url.rsplit('/').next())
        .expect("a token")
        .to_owned();
    let path = format!("/p/acme/link/{token}");
    assert_eq!(browser.redeem(&path).await, 200);
    assert_eq!(
        server
            .test
            .number("select count(*) from magic_links where used_at is not null")
            .await,
        1
    );
    assert_eq!(browser.submit(&path, &path, "&switch=yes").await, 303);
    assert_ne!(browser.cookies["vestibule_portal_acme"], cookie);
    assert_eq!(
        server
            .test
            .number("select count(*) from sessions where cookie_hash is not null and ended_at is null")
            .await,
        1
    );
    // A link of acme is invalid at another portal.
    let (anna, _) = generate(&server, None).await;
    assert_eq!(browser.open(&format!("/p/other/link/{anna}")).await.0, 404);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_limited_to_a_section_opens_nothing_else() {
    let server = TestServer::open().await;
    let make = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id, section: COURSES, limitToSection: true}) { url } }";
    let token = async || {
        let created = server
            .data(
                &server.acme.key,
                make,
                json!({"id": server.acme.contact.to_string()}),
            )
            .await;
        created["generateMagicLink"]["url"]
            .as_str()
            .and_then(|url| url.rsplit('/').next())
            .expect("a token")
            .to_owned()
    };
    let mut browser = TestBrowser::new(&server);
    assert_eq!(
        browser.redeem(&format!("/p/acme/link/{}", token().await)).await,
        303
    );
    assert_eq!(browser.open("/p/acme/courses").await.0, 200);
    for path in ["communities", "affiliates", "", "profile"] {
        assert_eq!(browser.open(&format!("/p/acme/{path}")).await.0, 303, "{path}");
        let led = browser.location.clone().unwrap_or_default();
        assert!(led.starts_with("/p/acme/step-up"), "{path}: {led}");
    }
    let session = redeem(&server, &token().await).await;
    let mut access = session["session"]["accessToken"]
        .as_str()
        .expect("a token")
        .to_owned();
    let mut refresh = session["session"]["refreshToken"]
        .as_str()
        .expect("a token")
        .to_owned();
    for _ in 0..2 {
        let me = server.data(&access, "{ me { sections } }", json!({})).await;
        assert_eq!(me["me"]["sections"], json!(["COURSES"]));
        server.clock.advance(TimeDelta::minutes(5));
        let next =
            server.request(None, REFRESH, json!({"token": refresh})).await["data"]["refreshSession"]["session"]
                .clone();
        access = next["accessToken"].as_str().expect("a token").to_owned();
        refresh = next["refreshToken"].as_str().expect("a token").to_owned();
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_that_changes_status_while_it_is_listed_is_listed_once() {
    let server = TestServer::open().await;
    let invite = "mutation { inviteContacts(input: {emails: [\"a@example.com\", \"b@example.com\", \"c@example.com\"]}) { count } }";
    server.data(&server.acme.key, invite, json!({})).await;
    let client = server.test.client().await;
    let moving = tokio::spawn(async move {
        for step in 0.. {
            let to = if step % 2 == 0 { "now()" } else { "null" };
            let moved = format!("update contacts set joined_at = {to} where email like '%@example.com'");
            client.batch_execute(&moved).await.expect(&moved);
        }
    });
    let list = "{ contacts(orderBy: {field: EMAIL, direction: ASC}) { nodes { email } } }";
    let mut twice = 0;
    for _ in 0..400 {
        let found = server.data(&server.acme.key, list, json!({})).await;
        let emails: Vec<&str> = (found["contacts"]["nodes"].as_array().into_iter().flatten())
            .filter_map(|node| node["email"].as_str())
            .collect();
        twice += usize::from(emails.windows(2).any(|pair| pair[0] == pair[1]));
    }
    moving.abort();
    assert_eq!(twice, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_address_runs_as_many_statements_as_a_known_one() {
    let api = TestApi::open().await;
    let emails: Vec<String> = (0..8).map(|n| format!("known{n}@example.com")).collect();
    api.test.add_contacts(emails.iter().cloned()).await;
    let moment = api.test.clock.moment();
    let client = Client::default();
    let cost = async |email: &str| {
        let email = EmailAddress::parse(email).expect("an address");
        let request = LoginRequest {
            account: &api.test.account,
            audience: Audience::Portal,
            email: &email,
            section: PortalSection::Home,
            by_code: false,
            device: RequestingDevice::New,
            client: &client,
        };
        let before = api.services.db.statement_count();
        let mut conn = api.services.db.conn().await.expect("a connection");
        Challenge::request(&mut conn, &request, &moment)
            .await
            .expect("it is asked for");
        api.services.db.statement_count() - before
    };
    for known in &emails {
        let unknown = known.replace("known", "nobody");
        assert_eq!(cost(known).await, cost(&unknown).await, "within the limits");
        assert_eq!(cost(known).await, cost(&unknown).await, "beyond the limits");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn old_idempotency_keys_locked_by_another_sweep_are_skipped() {
    let server = TestServer::open().await;
    let create = async |name: &str| {
        let query = format!(
            "mutation {{ createContact(input: {{email: \"{name}@example.com\"}}) {{ contact {{ id }} }} }}"
        );
        let request = server
            .http
            .post(format!("{}/graphql", server.url))
            .bearer_auth(&server.acme.key);
        let request = request
            .header("idempotency-key", name)
            .json(&json!({"query": query}));
        let answer: Value = request
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON");
        assert_eq!(answer.get("errors"), None, "{answer}");
    };
    create("old").await;
    server.clock.advance(TimeDelta::hours(25));
    let other = server.test.client().await;
    other
        .batch_execute("begin; delete from idempotency_keys")
        .await
        .expect("it is held");
    let done = tokio::time::timeout(Duration::from_secs(5), create("new")).await;
    assert!(done.is_ok(), "it waits for another request");
    other.batch_execute("rollback").await.expect("it ends");
    create("newer").await;
    assert_eq!(
        server.test.number("select count(*) from idempotency_keys").await,
        2
    );
    server.stop().await;
}
