//! Text messages: a magic link that is sent by SMS, what the provider answers and reports, and what recipients reply.

mod callbacks;
mod crashes;
mod outbox;
mod outcomes;
mod phones;
mod replies;

use chrono::DateTime;
use serde_json::{Value, json};

use crate::support::{TestServer, TestTwilio, wait_until};

const CREATE: &str = "mutation ($email: EmailAddress, $phone: PhoneNumber) {
    createContact(input: {email: $email, phone: $phone, firstName: \"Anna\"}) { contact { id phone } } }";
const SEND: &str = "mutation ($id: ID!, $minutes: Int, $section: PortalSection) {
    generateMagicLink(input: {contactId: $id, sendBy: SMS, expiresInMinutes: $minutes, section: $section}) {
        url confirmation skipped { contactId reason } magicLink { id limitToSection expiresAt } } }";
const MESSAGES: &str = "query ($id: ID) { messages(contactId: $id) { nodes {
    id channel kind status address subject html text attempts nextAttemptAt sentAt lastError magicLink { id expiresAt } } } }";
const STOPPED: &str =
    "query ($id: ID!) { contact(id: $id) { suppression { reason } smsSuppression { reason detail until } } }";

const NUMBER: &str = "+4915112345678";

/// A contact of acme with this number.
async fn contact_with(server: &TestServer, phone: Option<&str>) -> Value {
    let name: String = phone
        .unwrap_or("nobody")
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let email = format!("{name}@example.com");
    let variables = json!({"email": email, "phone": phone});
    server.data(&server.acme.key, CREATE, variables).await["createContact"]["contact"]["id"].clone()
}

async fn send_link(server: &TestServer, contact: &Value) -> Value {
    let sent = server
        .data(&server.acme.key, SEND, json!({ "id": contact }))
        .await;
    sent["generateMagicLink"].clone()
}

/// The newest message to the contact.
async fn newest(server: &TestServer, contact: &Value) -> Value {
    let found = server
        .data(&server.acme.read_key, MESSAGES, json!({ "id": contact }))
        .await;
    found["messages"]["nodes"][0].clone()
}

async fn wait_for_status(server: &TestServer, contact: &Value, status: &str) -> Value {
    wait_until(status, async || newest(server, contact).await["status"] == status).await;
    newest(server, contact).await
}

/// What stops messages to the contact.
async fn stopped(server: &TestServer, contact: &Value) -> Value {
    let found = server
        .data(&server.acme.read_key, STOPPED, json!({ "id": contact }))
        .await;
    found["contact"].clone()
}

fn at(time: &Value) -> DateTime<chrono::Utc> {
    let text = time.as_str().expect("a time");
    text.parse().expect("RFC 3339")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_sent_as_one_segment_and_signs_in_once() {
    let twilio = TestTwilio::open().await;
    let server = TestTwilio::server(twilio.address).await;
    let contact = contact_with(&server, Some("+49 151 12345678")).await;
    let sent = send_link(&server, &contact).await;
    assert_eq!(sent["skipped"], Value::Null);
    let said = sent["confirmation"].as_str().expect("a sentence");
    assert!(
        said.contains("within 10 minutes") && said.contains("as a text message"),
        "{said}"
    );
    let message = wait_for_status(&server, &contact, "SENT").await;
    assert_eq!(message["channel"], "SMS");
    assert_eq!(message["address"], NUMBER);
    assert_eq!(
        (&message["subject"], &message["html"]),
        (&Value::Null, &Value::Null)
    );

    let [text] = <[_; 1]>::try_from(twilio.received()).expect("one text");
    assert_eq!((text.to.as_str(), text.from.as_str()), (NUMBER, "+15005550006"));
    let (words, url) = text.body.split_once("https://").expect("a link");
    assert_eq!(
        words,
        "acme: sign in with this link. It works once, within 10 minutes: "
    );
    assert!(sms::segments(words).encoding == sms::Encoding::Gsm7 && words.len() <= 160);
    let masked = message["text"].as_str().expect("a text");
    assert_eq!(
        masked,
        format!("{words}https://portal.example/p/acme/link/••••••")
    );

    // The report is about signing in by email.
    let report = "query ($id: ID!) { contact(id: $id) { accessReport { steps { reason } } } }";
    let report = server
        .data(&server.acme.read_key, report, json!({ "id": contact }))
        .await;
    assert!(!report.to_string().contains("MESSAGE_"), "{report}");

    // Each message carries a secret of its own: not the one that the mutation shows.
    let secret = url.rsplit('/').next().expect("a token");
    assert!(!sent["url"].as_str().expect("a URL").ends_with(secret));
    let redeem = "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) {
        session { accessToken } refusal { reason } } }";
    let redeemed = server.request(None, redeem, json!({ "token": secret })).await;
    let session = &redeemed["data"]["signInWithMagicLink"]["session"];
    assert!(session["accessToken"].is_string(), "{redeemed}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_lives_from_the_sending_on_and_opens_its_section_only_by_default() {
    let twilio = TestTwilio::open().await;
    let server = TestTwilio::server(twilio.address).await;
    let contact = contact_with(&server, Some(NUMBER)).await;
    for (sent_before, limited) in [true, false].into_iter().enumerate() {
        let set = format!("update accounts set limit_copied_links = {limited}");
        server.test.run(&set).await;
        let variables = json!({"id": contact, "section": "COURSES"});
        let sent = server.data(&server.acme.key, SEND, variables).await;
        assert_eq!(sent["generateMagicLink"]["magicLink"]["limitToSection"], limited);
        // A newer link cancels the text of an older one that waits.
        wait_until("sent", async || twilio.received().len() == sent_before + 1).await;
    }
    twilio.hold(true);
    server.clock.advance(chrono::TimeDelta::seconds(1));
    let variables = json!({"id": contact, "minutes": 5});
    server.data(&server.acme.key, SEND, variables).await;
    wait_until("in flight", async || twilio.waiting() == 1).await;
    let now = server.clock.moment().now;
    let link = newest(&server, &contact).await["magicLink"].clone();
    assert_eq!(at(&link["expiresAt"]), now + chrono::TimeDelta::minutes(5));
    twilio.hold(false);
    wait_for_status(&server, &contact, "SENT").await;

    for minutes in [4, 11, 10_080] {
        let refused = server
            .error(
                Some(&server.acme.key),
                SEND,
                json!({"id": contact, "minutes": minutes}),
            )
            .await;
        let field = Some("input.expiresInMinutes".to_owned());
        assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), field), "{minutes}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gets_no_text_is_named_with_the_reason_and_gets_a_link_all_the_same() {
    let twilio = TestTwilio::open().await;
    let server = TestTwilio::server(twilio.address).await;
    let without = contact_with(&server, None).await;
    let invalid = contact_with(&server, Some("+4915112345670")).await;
    let stopped = contact_with(&server, Some(NUMBER)).await;
    server
        .test
        .run("update contacts set phone = '0151 12345' where phone = '+4915112345670'")
        .await;
    server
        .test
        .run(&format!(
            "insert into suppressions (account_id, email_key, reason, created_at) \
             select id, '{NUMBER}', 'STOPPED', now() from accounts where slug = 'acme'"
        ))
        .await;
    for (contact, reason) in [
        (&without, "NO_PHONE"),
        (&invalid, "INVALID_PHONE"),
        (&stopped, "SUPPRESSED"),
    ] {
        let sent = send_link(&server, contact).await;
        assert_eq!(sent["skipped"], json!({"contactId": contact, "reason": reason}));
        assert!(sent["url"].is_string());
        let said = sent["confirmation"].as_str().expect("a sentence");
        assert!(said.contains("It was not sent as a text message"), "{said}");
    }
    assert_eq!(server.test.number("select count(*) from messages").await, 0);
    // Nothing that was skipped counts in the day's budget.
    assert_eq!(server.test.number("select count(*) from message_days").await, 0);
    let sent = send_link(&server, &contact_with(&server, Some("+4915112345671")).await).await;
    assert_eq!(sent["skipped"], Value::Null);
    assert_eq!(
        server
            .test
            .number("select sum(message_count)::bigint from message_days")
            .await,
        1
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_sends_one_text() {
    let twilio = TestTwilio::open().await;
    let server = TestTwilio::server(twilio.address).await;
    let contact = contact_with(&server, Some(NUMBER)).await;
    let body = json!({"query": SEND, "variables": {"id": contact}});
    let mut answers = Vec::new();
    for _ in 0..2 {
        let request = server.http.post(format!("{}/graphql", server.url)).json(&body);
        let request = request
            .bearer_auth(&server.acme.key)
            .header("idempotency-key", "k");
        let answer: Value = request
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON");
        answers.push(answer);
    }
    assert_eq!(answers[0], answers[1]);
    wait_for_status(&server, &contact, "SENT").await;
    assert_eq!(twilio.received().len(), 1);
    assert_eq!(server.test.number("select count(*) from magic_links").await, 1);
    server.stop().await;
}
