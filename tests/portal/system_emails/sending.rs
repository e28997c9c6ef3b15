//! Own texts in the emails that arrive.

use serde_json::json;
use vestibule::base::db::Db;

use super::{Desk, input};
use crate::contents::document;
use crate::support::{TestServer, wait_until};

fn address(n: usize) -> String {
    format!("p{n}@example.com")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_text_arrives_until_it_is_reset() {
    let desk = Desk::open().await;
    let body =
        "**Welcome** {{ contact.email }}\n\n<script>alert(1)</script>\n\n[Look]({{ portal.courses_url }})";
    desk.set(json!({"subject": "Join {{ portal.name }}", "body": body}))
        .await;
    let worker = desk.api.test.start_worker();
    desk.invite(&[address(1)]).await;
    let email = desk.api.test.wait_for_emails(1).await.remove(0);
    assert_eq!(email.subject, "Join Acme");
    assert!(
        email.html.contains("<strong>Welcome</strong> p1@example.com"),
        "{}",
        email.html
    );
    assert!(
        !email.html.contains("<script") && email.html.contains("&lt;script&gt;"),
        "{}",
        email.html
    );
    assert!(
        email.text.starts_with("Welcome p1@example.com\n"),
        "{}",
        email.text
    );
    for part in [&email.html, &email.text] {
        assert!(part.contains("/link/link_") && !part.contains("Hello"), "{part}");
        assert!(part.contains("The invitation expires on"), "{part}");
        let words: Vec<_> = part.split_whitespace().collect();
        assert!(words.join(" ").contains("t need a password."), "{part}");
    }
    desk.reset("INVITATION", "ENGLISH").await;
    desk.invite(&[address(2)]).await;
    let emails = desk.api.test.wait_for_emails(2).await;
    assert_eq!(emails[1].subject, "Acme invited you to its portal");
    assert!(
        emails[1].text.starts_with("Hello,\n\nAcme invited you"),
        "{}",
        emails[1].text
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_of_the_recipient_decides() {
    let desk = Desk::open().await;
    for (locale, subject) in [("GERMAN", "Komm rein"), ("FRENCH", "Entrez"), ("SPANISH", "Pase")] {
        desk.set(json!({"locale": locale, "subject": subject})).await;
    }
    desk.api.test.add_contacts((1..=4).map(address)).await;
    let locales = "update contacts set locale = (array['de', 'fr-CA', 'es', 'en'])[substr(email, 2, 1)::int]";
    desk.api.test.test.run(locales).await;
    let worker = desk.api.test.start_worker();
    let invite = "mutation { inviteContacts(input: {filter: {}}) { bulkJob { id } } }";
    desk.api.data(&desk.owner, invite, json!({})).await;
    let emails = desk.api.test.wait_for_emails(4).await;
    let subject = |n| {
        let found = emails.iter().find(|email| email.to.address == address(n));
        found.map(|email| email.subject.clone()).unwrap_or_default()
    };
    let subjects = [1, 2, 3, 4].map(subject);
    assert_eq!(
        subjects,
        ["Komm rein", "Entrez", "Pase", "Acme invited you to its portal"]
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_cannot_be_rendered_any_more_holds_up_no_email() {
    let desk = Desk::open().await;
    desk.set(json!({})).await;
    let growing = "{{ portal.name }}".repeat(999);
    let worker = desk.api.test.start_worker();
    for (n, (subject, body, problem)) in [
        ("Hi", "{{ gone.field }}", "There is no field"),
        ("Hi", "{% if", "%}"),
        ("{% if recipient.name %}Hi{% endif %}", "Hello", ""),
        ("Hi", "{{ portal.login_url }}", "can't be used here"),
    ]
    .into_iter()
    .enumerate()
    {
        let change = format!(
            "update system_emails set subject = '{subject}', body = '{}'",
            body.replace('\'', "''")
        );
        desk.api.test.test.run(&change).await;
        desk.invite(&[address(n)]).await;
        let emails = desk.api.test.wait_for_emails(n + 1).await;
        assert_eq!(emails[n].subject, "Acme invited you to its portal", "{body}");
        let read = desk.read("INVITATION", "ENGLISH").await;
        let message = read["problems"][0]["message"].as_str().unwrap_or_default();
        assert!(message.contains(problem), "{read}");
    }
    let grown = desk.set(json!({ "body": growing })).await;
    assert_eq!(grown["systemEmail"]["custom"], true);
    desk.api
        .test
        .test
        .run(&format!("update accounts set name = '{}'", "&".repeat(120)))
        .await;
    desk.invite(&[address(9)]).await;
    let emails = desk.api.test.wait_for_emails(5).await;
    assert!(
        emails[4].text.contains("invited you to its portal"),
        "the result was too large"
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_are_run_per_batch_of_messages() {
    let mut desk = Desk::open().await;
    desk.set(json!({})).await;
    for batch in 0..5 {
        let emails: Vec<String> = (0..100).map(|n| format!("p{n}@{batch}.example")).collect();
        desk.invite(&emails).await;
    }
    desk.api.test.parts.db = Db::new(&desk.api.test.test.url, 5).expect("a pool");
    let worker = desk.api.test.start_worker();
    let emails = desk.api.test.wait_for_emails(500).await;
    let statements = desk.api.test.parts.db.statement_count();
    worker.stop().await;
    assert!(emails.iter().all(|email| email.subject == "Come in"));
    // The polls of the worker are among them.
    assert!(
        statements < 750,
        "{statements} statements: something is done for each message"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_stay_and_other_accounts_keep_their_texts() {
    let server = TestServer::open().await;
    let set = document("setSystemEmail", "systemEmail { custom }");
    for kind in ["LOGIN_CODE", "STAFF_LOGIN"] {
        let more = json!({"kind": kind, "subject": "Acme's code", "body": "Dear {{ recipient.name | default(\"friend\") }}"});
        server.data(&server.acme.owner, &set, input(more)).await;
    }
    let read = "{ systemEmails { custom } }";
    let foreign = server.data(&server.other.owner, read, json!({})).await;
    let foreign = foreign["systemEmails"].as_array().expect("a list").clone();
    assert!(foreign.iter().all(|email| email["custom"] == false));
    let contact = "select email from contacts where id = '";
    for (portal, tenant, own) in [("acme", &server.acme, true), ("other", &server.other, false)] {
        let address = server
            .test
            .texts(&format!("{contact}{}'", tenant.contact.0))
            .await;
        let address = address.into_iter().flatten().next().expect("an address");
        let before = server.mailbox.sent().len();
        let challenge = server.request_code_at(portal, &address, "PORTAL").await;
        wait_until("the email arrives", async || server.mailbox.sent().len() > before).await;
        let email = server.mailbox.sent()[before].clone();
        assert_eq!(email.subject == "Acme's code", own, "{}", email.subject);
        assert_eq!(email.text.starts_with("Dear "), own, "{}", email.text);
        let code = server.code(tenant.id, &challenge);
        let shown: String = email.text.split_whitespace().collect();
        assert!(
            shown.contains(&code) && !email.subject.contains(&code),
            "{}",
            email.text
        );
        assert!(email.text.contains("/not-me/"), "{}", email.text);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_see_a_sent_email_with_the_text() {
    let desk = Desk::open().await;
    desk.set(json!({})).await;
    let worker = desk.api.test.start_worker();
    desk.invite(&[address(1), address(2)]).await;
    desk.api.test.wait_for_emails(2).await;
    worker.stop().await;
    let query = "{ messages { nodes { subject text html } } }";
    let shown = desk.api.data(&desk.owner, query, json!({})).await;
    for message in shown["messages"]["nodes"].as_array().expect("a list") {
        assert_eq!(message["subject"], "Come in");
        let text = message["text"].as_str().expect("a text");
        assert!(text.starts_with("Welcome to Acme\n"), "{text}");
    }
}
