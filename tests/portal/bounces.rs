//! Reports that come back by email, piped into `vestibule bounces`, and the delivery state that staff see.

mod exit_codes;
mod state;

use std::process::Stdio;

use mailer::Email;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::support::{TestServer, wait_until};

const INVITE: &str = "mutation ($email: String!) {
    inviteContacts(input: {emails: [$email]}) { invitations { id contact { id } } skipped { reason } } }";
const CONTACT: &str = "query ($id: ID!) { contact(id: $id) {
    portalStatus suppression { reason detail until }
    lastMessage { kind status lastError sentAt nextAttemptAt }
    invitation { status lastMessage { kind status lastError } } } }";
const RESUME: &str = "mutation ($id: ID!) { resumeMail(input: {contactId: $id}) { contact { id } } }";

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/crates/mailer/src/report/fixtures/",
            $name,
            ".eml"
        ))
    };
}
use fixture;

/// The report of a fixture about this email.
fn report(fixture: &str, email: &Email) -> String {
    fixture
        .replace("01kb6z9d3vf5x8q2m4n7c0r1st@mail.example", &email.message_id)
        .replace("anna@example.com", &email.to.address)
}

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

/// Pipes the report into the program, as a mail server does.
async fn bounces(server: &TestServer, report: &str) -> Said {
    run(server, &["-"], report, &server.test.url).await
}

async fn run(server: &TestServer, arguments: &[&str], input: &str, database_url: &str) -> Said {
    let mut child = Command::new(env!("CARGO_BIN_EXE_vestibule"))
        .arg("bounces")
        .args(arguments)
        .current_dir(server.folder())
        .env_clear()
        .env("DATABASE_URL", database_url)
        .env("VESTIBULE_DATA_DIR", server.folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("its input");
    let written = async {
        let _refused = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
    };
    let (output, ()) = tokio::join!(child.wait_with_output(), written);
    let output = output.expect("it ends");
    Said {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The report must change something, or be ignored, with exit code 0.
async fn accepts(server: &TestServer, report: &str, expected: &str) {
    let said = bounces(server, report).await;
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.contains(expected), "{}", said.out);
    assert!(
        !said.out.contains('@') && !said.err.contains('@'),
        "no address is shown"
    );
}

/// Invites the address; the id of the contact, and the email that was sent.
async fn invited(server: &TestServer, email: &str) -> (Value, Email) {
    let data = server
        .data(&server.acme.key, INVITE, json!({ "email": email }))
        .await;
    let contact = json!({"id": data["inviteContacts"]["invitations"][0]["contact"]["id"]});
    wait_until("it is sent", async || {
        shown(server, &contact).await["lastMessage"]["status"] == "SENT"
    })
    .await;
    let sent = server.mailbox.sent();
    let mail = sent.into_iter().find(|mail| mail.to.address == email);
    (contact, mail.expect("the email"))
}

async fn shown(server: &TestServer, contact: &Value) -> Value {
    let data = server.data(&server.acme.read_key, CONTACT, contact.clone()).await;
    data["contact"].clone()
}

async fn events(server: &TestServer, kind: &str) -> i64 {
    let query = format!("select count(*) from audit_events where kind = '{kind}' and actor = 'system'");
    server.test.number(&query).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bounced_invitation_is_not_shown_as_sent() {
    let server = TestServer::open().await;
    let (contact, email) = invited(&server, "new@example.com").await;
    let mut activity = Box::pin(server.app().services.live.activity(server.acme.id));
    let before = shown(&server, &contact).await;
    assert_eq!(before["lastMessage"]["status"], "SENT");
    accepts(&server, &report(fixture!("postfix"), &email), "it bounced").await;
    // The running server notices the change of the other process.
    let seen = futures_util::StreamExt::next(&mut activity).await;
    assert!(seen.is_some());
    let reason =
        "550 5.1.1 <n***@example.com>: Recipient address rejected: User unknown in virtual mailbox table";
    let after = shown(&server, &contact).await;
    assert_eq!(
        after["lastMessage"],
        json!({"kind": "INVITATION", "status": "BOUNCED", "lastError": reason,
            "sentAt": before["lastMessage"]["sentAt"], "nextAttemptAt": null})
    );
    assert_eq!(
        after["invitation"],
        json!({"status": "OPEN", "lastMessage": {"kind": "INVITATION", "status": "BOUNCED", "lastError": reason}})
    );
    assert_eq!(
        after["suppression"],
        json!({"reason": "BOUNCED", "detail": reason, "until": null})
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_of_other_servers_bounce_too() {
    let server = TestServer::open().await;
    for (address, fixture) in [
        ("exim@example.com", fixture!("exim")),
        ("gmail@example.com", fixture!("gmail")),
    ] {
        let (contact, email) = invited(&server, address).await;
        accepts(&server, &report(fixture, &email), "it bounced").await;
        let after = shown(&server, &contact).await;
        assert_eq!(after["suppression"]["reason"], "BOUNCED", "{address}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_mailbox_fails_the_message_and_suppresses_nothing() {
    let server = TestServer::open().await;
    let (contact, email) = invited(&server, "new@example.com").await;
    accepts(
        &server,
        &report(fixture!("full_mailbox"), &email),
        "not delivered",
    )
    .await;
    let after = shown(&server, &contact).await;
    assert_eq!(after["lastMessage"]["status"], "FAILED");
    assert_eq!(
        after["lastMessage"]["lastError"],
        "552 5.2.2 <n***@example.com>: mailbox full"
    );
    assert!(after["suppression"].is_null());
    // A later report may still show that the address is gone.
    accepts(&server, &report(fixture!("postfix"), &email), "it bounced").await;
    assert_eq!(shown(&server, &contact).await["lastMessage"]["status"], "BOUNCED");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delayed_message_stays_sent_and_says_why() {
    let server = TestServer::open().await;
    let (contact, email) = invited(&server, "new@example.com").await;
    let delayed = report(fixture!("postfix_delayed"), &email);
    accepts(&server, &delayed, "delayed").await;
    accepts(&server, &delayed, "nothing changed").await;
    let message = shown(&server, &contact).await["lastMessage"].clone();
    assert_eq!(message["status"], "SENT");
    let reason = "Delivery is delayed: 4.4.1 connect to mx1.example.com[192.0.2.25]:25: Connection timed out";
    assert_eq!(message["lastError"], reason);
    assert_eq!(events(&server, "MESSAGE_DELAYED").await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_suppresses_the_address_until_staff_resume_email() {
    let server = TestServer::open().await;
    let (contact, email) = invited(&server, "new@example.com").await;
    let complaint = report(fixture!("complaint"), &email);
    accepts(&server, &complaint, "reported it as spam").await;
    let after = shown(&server, &contact).await;
    assert_eq!(after["lastMessage"]["status"], "SENT");
    assert_eq!(
        after["lastMessage"]["lastError"],
        "The recipient reported this email as spam."
    );
    assert_eq!(
        after["suppression"],
        json!({"reason": "COMPLAINED", "detail": null, "until": null})
    );
    server.data(&server.acme.key, RESUME, contact.clone()).await;
    assert!(shown(&server, &contact).await["suppression"].is_null());
    // The same report again does not undo the decision of staff.
    accepts(&server, &complaint, "nothing changed").await;
    assert!(shown(&server, &contact).await["suppression"].is_null());
    assert_eq!(events(&server, "MESSAGE_COMPLAINED").await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_report_changes_nothing() {
    let server = TestServer::open().await;
    let (contact, email) = invited(&server, "new@example.com").await;
    let bounce = report(fixture!("postfix"), &email);
    accepts(&server, &bounce, "it bounced").await;
    server.data(&server.acme.key, RESUME, contact.clone()).await;
    for other in [bounce, report(fixture!("full_mailbox"), &email)] {
        accepts(&server, &other, "nothing changed").await;
    }
    let after = shown(&server, &contact).await;
    assert_eq!(after["lastMessage"]["status"], "BOUNCED");
    assert!(after["suppression"].is_null(), "staff lifted it");
    assert_eq!(events(&server, "MESSAGE_BOUNCED").await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_names_no_message_of_ours_changes_nothing() {
    let server = TestServer::open().await;
    let (contact, email) = invited(&server, "new@example.com").await;
    let bounce = report(fixture!("postfix"), &email);
    let without_id = bounce.replace(&email.message_id, "someone-else@example.com");
    let other_people = bounce.replace(
            "Final-Recipient: rfc822; new@example.com\nOriginal-Recipient: rfc822;new@example.com\nAction: failed\n",
            "Final-Recipient: rfc822; ben@example.com\nAction: failed\nStatus: 5.1.1\n\nFinal-Recipient: rfc822; carol@example.com\nAction: failed\n",
        );
    accepts(&server, &without_id, "no message of this server").await;
    accepts(&server, &other_people, "nothing changed").await;
    assert_eq!(shown(&server, &contact).await["lastMessage"]["status"], "SENT");
    let id = &contact["id"];
    let delete = format!("mutation {{ deleteContact(input: {{contactId: {id}}}) {{ deletedContactId }} }}");
    server.data(&server.acme.key, &delete, json!({})).await;
    accepts(&server, &bounce, "no message of this server").await;
    assert_eq!(server.test.number("select count(*) from suppressions").await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warning_to_the_old_address_suppresses_only_the_old_address() {
    let server = TestServer::open().await;
    let contact = json!({"id": server.acme.contact.to_string()});
    let change = "mutation ($id: ID!) { updateContact(input: {contactId: $id, email: \"anna@example.net\"}) { contact { id } } }";
    server.data(&server.acme.key, change, contact.clone()).await;
    let sent = "select count(*) from messages where status = 'SENT' and kind = 'ADDRESS_CHANGED'";
    wait_until("the warning", async || server.test.number(sent).await == 1).await;
    let warning = server.mailbox.sent()[0].clone();
    assert_eq!(warning.to.address, "anna@acme.example");
    accepts(&server, &report(fixture!("postfix"), &warning), "it bounced").await;
    let suppressed = server
        .test
        .texts("select email_key::text from suppressions")
        .await;
    assert_eq!(suppressed, [Some("anna@acme.example".to_owned())]);
    let after = shown(&server, &contact).await;
    assert_eq!(after["lastMessage"]["status"], "BOUNCED");
    assert!(after["suppression"].is_null());
    server.stop().await;
}
