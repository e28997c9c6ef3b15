//! The sign-in emails to contacts and team members, as they arrive.

use chrono::TimeDelta;
use mailer::{AutoSubmitted, Email, MailSettings, Mailer};
use serde_json::json;
use uuid::Uuid;
use vestibule::base::actor::{Actor, Client, Role, SignInMethod};
use vestibule::base::audit::{EventKind, NewEvent, record};
use vestibule::base::ids::ChallengeId;
use vestibule::messages::model::{Message, MessageKind, NewMessage};
use vestibule::sign_in::sessions::model::{Holder, NewSession, Session};

use crate::support::{TestBrowser, TestServer, wait_until};

pub const ANNA: &str = "anna@acme.example";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";

/// A recipient.
#[derive(Clone, Copy)]
pub struct Recipient<'a> {
    pub holder: Holder,
    pub address: &'a str,
}

pub fn anna(server: &TestServer) -> Recipient<'static> {
    Recipient {
        holder: Holder::Contact(server.acme.contact),
        address: ANNA,
    }
}

/// Queues an email and waits for it.
pub async fn send_email(
    server: &TestServer,
    kind: MessageKind,
    to: Recipient<'_>,
    about: Option<Uuid>,
) -> Email {
    let before = server.mailbox.sent().len();
    queue_email(server, kind, to, about).await;
    wait_until("the mail arrives", async || server.mailbox.sent().len() > before).await;
    server.mailbox.sent()[before].clone()
}

pub async fn queue_email(server: &TestServer, kind: MessageKind, to: Recipient<'_>, about: Option<Uuid>) {
    let mut conn = server.test.db.conn().await.expect("a connection");
    let message = NewMessage {
        about,
        ..NewMessage::new(kind, to.address, Some(to.holder))
    };
    let moment = server.clock.moment();
    Message::queue(&mut conn, server.acme.id, &message, Actor::Anonymous, &moment)
        .await
        .expect("it is promised");
}

/// A requested sign-in.
pub async fn challenge(server: &TestServer, to: Recipient<'_>) -> ChallengeId {
    let (id, now) = (ChallengeId::new(&server.clock.moment()), server.clock.now());
    let (column, audience) = match to.holder {
        Holder::Contact(_) => ("contact_id", "PORTAL"),
        Holder::Member(_) => ("team_member_id", "DASHBOARD"),
    };
    let (until, key) = (now + TimeDelta::minutes(10), to.address);
    server
        .test
        .run(&format!(
            "insert into challenges (account_id, id, audience, {column}, email_key, section, device_secret_hash, \
                 matching_number, mailed, created_at, expires_at) \
             values ('{}', '{}', '{audience}', '{}', '{key}', 'HOME', decode(repeat('00', 32), 'hex'), '42', true, '{now}', '{until}')",
            server.acme.id.0,
            id.0,
            to.holder.id()
        ))
        .await;
    id
}

/// A requested password reset.
pub async fn reset(server: &TestServer, to: Recipient<'_>) -> Uuid {
    let (id, now) = (server.clock.moment().uuid(), server.clock.now());
    let (until, key) = (now + TimeDelta::minutes(30), to.address);
    server
        .test
        .run(&format!(
            "insert into password_resets (account_id, id, audience, contact_id, email_key, secret_hash, mailed, \
                 created_at, expires_at) \
             values ('{}', '{id}', 'PORTAL', '{}', '{key}', '\\x00', true, '{now}', '{until}')",
            server.acme.id.0,
            to.holder.id()
        ))
        .await;
    id
}

/// A session opened in Firefox from 203.0.113.77.
pub async fn open_session(server: &TestServer, to: Recipient<'_>, method: SignInMethod) -> Session {
    let client = Client {
        ip: Some("203.0.113.77".to_owned()),
        user_agent: Some(FIREFOX.to_owned()),
        ..Client::default()
    };
    let opening = NewSession::new(server.acme.id, to.holder, method, &client);
    let mut conn = server.test.db.conn().await.expect("a connection");
    let session = Session::open(&mut conn, &opening, &server.clock.moment()).await;
    session.expect("a session")
}

/// The path of "This wasn't me" in an email.
pub fn report_path(server: &TestServer, email: &Email) -> String {
    let line = email.text.lines().find(|line| line.contains("/not-me/"));
    let url = line.unwrap_or_else(|| panic!("no way to protest: {}", email.text));
    let path = url.strip_prefix(&server.url).expect("an address of this server");
    assert!(email.html.contains(&format!("href=\"{url}\"")), "{}", email.html);
    path.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_in_the_body_and_never_in_the_subject() {
    let server = TestServer::open().await;
    let to = anna(&server);
    let asked = challenge(&server, to).await;
    for kind in [MessageKind::LoginCode, MessageKind::RequestedLogin] {
        let email = send_email(&server, kind, to, Some(asked.0)).await;
        let code = email.text.lines().find_map(|line| {
            let digits: String = line.trim().split(' ').collect();
            let six = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
            six.then_some(digits)
        });
        let code = code.unwrap_or_else(|| panic!("no code: {}", email.text));
        let shown = format!("{} {}", &code[..3], &code[3..]);
        assert!(email.html.contains(&shown));
        assert!(
            !email.subject.contains(|c: char| c.is_ascii_digit()),
            "{}",
            email.subject
        );
        assert_eq!(email.auto_submitted, AutoSubmitted::Replied);
        assert!(report_path(&server, &email).starts_with("/p/acme/not-me/notme_"));
        assert_eq!(
            email.text.contains("/link/link_"),
            kind == MessageKind::RequestedLogin
        );
        // Neither part contains the matching number of the requesting device. The second half of a code may begin with it.
        assert!(!email.text.replace(&shown, "").contains(" 42") && !email.html.contains(">42<"));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_links_to_the_page_of_its_audience() {
    let server = TestServer::open().await;
    let to = anna(&server);
    let requested = reset(&server, to).await;
    let email = send_email(&server, MessageKind::PasswordReset, to, Some(requested)).await;
    assert_eq!(email.subject, "Reset your password for acme");
    assert!(
        email
            .text
            .contains(&format!("{}/p/acme/reset/reset_", server.url)),
        "{}",
        email.text
    );
    assert!(email.text.contains("30 minutes") && email.html.contains("your password stays the same"));
    assert_eq!(email.auto_submitted, AutoSubmitted::Replied);
    report_path(&server, &email);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn security_emails_say_when_how_and_from_where() {
    let server = TestServer::open().await;
    let to = anna(&server);
    let session = open_session(&server, to, SignInMethod::Google).await;
    let email = send_email(&server, MessageKind::NewDevice, to, Some(session.id.0)).await;
    for line in [
        "When: Monday, 5 January 2026, 10:00 UTC",
        "How: with Google",
        "Device: Firefox on Linux",
        "Network: 203.0.113.x",
    ] {
        assert!(
            email.text.contains(&format!("    {line}\n")),
            "{line}: {}",
            email.text
        );
    }
    assert!(!email.text.contains("203.0.113.77"));
    assert_eq!(email.auto_submitted, AutoSubmitted::Generated);
    report_path(&server, &email);
    let requester = vestibule::base::actor::Requester {
        actor: Actor::Contact(server.acme.contact),
        client: Client {
            ip: Some("2001:db8:1:2::3".to_owned()),
            user_agent: Some("curl/8.14.1".to_owned()),
            ..Client::default()
        },
    };
    let event = NewEvent::for_contact(EventKind::PasswordChanged, server.acme.contact);
    let mut conn = server.test.db.conn().await.expect("a connection");
    record(
        &mut *conn,
        server.acme.id,
        &requester,
        &[event],
        &server.clock.moment(),
    )
    .await
    .expect("it is noted");
    let email = send_email(&server, MessageKind::PasswordChanged, to, None).await;
    for line in ["Device: a program (curl)", "Network: 2001:db8:1::/48"] {
        assert!(
            email.text.contains(&format!("    {line}\n")),
            "{line}: {}",
            email.text
        );
    }
    assert_eq!(email.auto_submitted, AutoSubmitted::Generated);
    report_path(&server, &email);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn emails_to_staff_link_to_the_dashboard() {
    let server = TestServer::open().await;
    let member = server.member("ben@acme.example", Role::Staff).await;
    let to = Recipient {
        holder: Holder::Member(member.id),
        address: &member.email,
    };
    let asked = challenge(&server, to).await;
    let email = send_email(&server, MessageKind::StaffLogin, to, Some(asked.0)).await;
    assert_eq!(email.subject, "Sign in to the acme dashboard");
    assert!(
        email
            .text
            .contains(&format!("{}/dashboard/link/staff_", server.url)),
        "{}",
        email.text
    );
    assert!(report_path(&server, &email).starts_with("/dashboard/acme/not-me/notme_"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn emails_to_staff_contain_what_the_settings_allow() {
    let server = TestServer::open().await;
    let member = server.member("ben@acme.example", Role::Staff).await;
    let to = Recipient {
        holder: Holder::Member(member.id),
        address: &member.email,
    };
    let with = async |settings: &str| {
        server.test.run(&format!("update accounts set {settings}")).await;
        let asked = challenge(&server, to).await;
        send_email(&server, MessageKind::StaffLogin, to, Some(asked.0)).await
    };
    let linked = with("code_allowed = false").await;
    assert!(linked.text.contains("/dashboard/link/staff_") && !linked.text.contains("enter this code"));
    let coded = with("code_allowed = true, link_allowed = false").await;
    assert!(!coded.text.contains("/dashboard/link/") && coded.text.contains("The code works once"));
    // The emails sent before.
    let path = linked
        .text
        .split_whitespace()
        .find(|word| word.contains("/dashboard/link/staff_"));
    let path = path
        .and_then(|url| url.strip_prefix(&server.url))
        .expect("a link");
    let mut browser = TestBrowser::new(&server);
    assert_eq!(browser.redeem(path).await, 410);
    server.test.run("update accounts set link_allowed = true").await;
    assert_eq!(browser.redeem(path).await, 303);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_of_a_local_server_reads_codes_and_links_in_the_outbox() {
    let server = TestServer::open_with(&[], |folder| {
        let settings = MailSettings::new(folder.join("mail"));
        Mailer::new(&settings).expect("a folder")
    })
    .await;
    let member = server.member("ben@acme.example", Role::Owner).await;
    let to = Recipient {
        holder: Holder::Member(member.id),
        address: &member.email,
    };
    let asked = challenge(&server, to).await;
    queue_email(&server, MessageKind::StaffLogin, to, Some(asked.0)).await;
    wait_until("it is kept", async || {
        server
            .test
            .number("select count(*) from messages where status = 'KEPT'")
            .await
            == 1
    })
    .await;
    let mut conn = server.test.db.conn().await.expect("a connection");
    let moment = server.clock.moment();
    let link =
        vestibule::team::model::staff_link::StaffLink::issue(&mut conn, server.acme.id, member.id, &moment);
    let link = link.await.expect("a link").reveal();
    drop(conn);
    let mut owner = TestBrowser::new(&server);
    assert_eq!(owner.redeem(&format!("/dashboard/link/{link}")).await, 303);
    let (_, dashboard) = owner.open("/dashboard/acme").await;
    assert!(
        dashboard.replace("&#34;", "\"").contains("\"keepsMail\":true"),
        "{dashboard}"
    );
    let (status, list) = owner.open("/dashboard/acme/outbox").await;
    assert_eq!(status, 200);
    assert!(list.contains("Sign in to the acme dashboard"), "{list}");
    let mail = list
        .split("href=\"")
        .find(|part| part.starts_with("/dashboard/acme/outbox/"));
    let path = mail.and_then(|part| part.split('"').next()).expect("a mail");
    let (status, page) = owner.open(path).await;
    assert_eq!(status, 200);
    assert!(
        page.contains("/dashboard/link/staff_") && page.contains("/not-me/notme_"),
        "{page}"
    );
    assert!(page.contains("Or enter this code"), "{page}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_in_the_outbox_is_stored_and_not_reported_as_sent() {
    let server = TestServer::open_with(&[], |folder| {
        Mailer::new(&MailSettings::new(folder.join("mail"))).expect("a folder")
    })
    .await;
    let key = &server.acme.key;
    let invite =
        "mutation ($ids: [ID!]) { inviteContacts(input: {contactIds: $ids}) { count invitations { id } } }";
    let contact = server.acme.contact.to_string();
    let invited = server.data(key, invite, json!({"ids": [contact]})).await;
    let kept = "{ messages(status: KEPT) { totalCount nodes { status sentAt } } }";
    wait_until("it is kept", async || {
        server.data(key, kept, json!({})).await["messages"]["totalCount"] == 1
    })
    .await;
    let messages = server.data(key, kept, json!({})).await;
    assert!(
        !messages["messages"]["nodes"][0]["sentAt"].is_null(),
        "{messages}"
    );
    let events = "query ($id: ID!) { messages(status: SENT) { totalCount }
        contact(id: $id) { timeline { nodes { kind } } } recentActivity { nodes { kind } } }";
    let seen = server.data(key, events, json!({"id": contact})).await;
    assert_eq!(seen["messages"]["totalCount"], 0);
    for list in [&seen["contact"]["timeline"], &seen["recentActivity"]] {
        let kinds = list["nodes"].as_array().expect("a list");
        assert!(kinds.contains(&json!({"kind": "MESSAGE_KEPT"})), "{seen}");
    }
    // It is final like a sent one: cancelling changes only the invitation.
    let id = &invited["inviteContacts"]["invitations"][0]["id"];
    let cancel =
        "mutation ($id: ID!) { cancelInvitation(input: {invitationId: $id}) { invitation { status } } }";
    server.data(key, cancel, json!({"id": id})).await;
    assert_eq!(
        server.data(key, kept, json!({})).await["messages"]["totalCount"],
        1
    );
    server.stop().await;
}
