//! Marketing emails: how their recipients unsubscribe, and what is still sent to them.

use serde_json::{Value, json};
use vestibule::base::secrets::{PlainSecret, SecretKind};

use super::{email, send};
use crate::not_me::events;
use crate::support::{TestBrowser, TestServer, wait_until};

const OPTED_OUT: &str = "select count(*) from marketing_opt_outs";
const SET: &str = "mutation ($id: ID!, $subscribed: Boolean!) {
    updateSubscription(input: {contactId: $id, subscribed: $subscribed}) { contact { unsubscribedAt } } }";

fn marketing(server: &TestServer, body: &str) -> Value {
    let mut input = email(server, body);
    input["marketing"] = json!(true);
    input
}

/// The path to unsubscribe in the header of a marketing email that was sent.
async fn unsubscribe_path(server: &TestServer) -> String {
    let before = server.mailbox.sent().len();
    send(server, marketing(server, "Hello")).await;
    wait_until("it is sent", async || server.mailbox.sent().len() > before).await;
    let url = server.mailbox.sent()[before]
        .list_unsubscribe
        .clone()
        .expect("a header");
    url.strip_prefix(&server.url)
        .expect("a URL of the server")
        .to_owned()
}

async fn post(server: &TestServer, path: &str, headers: &[(&str, &str)], body: &str) -> u16 {
    let mut request = server.http.post(format!("{}{path}", server.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.body(body.to_owned()).send().await;
    answer.expect("an answer").status().as_u16()
}

async fn skipped(server: &TestServer, input: Value) -> Value {
    send(server, input).await["skippedCounts"].clone()
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

#[tokio::test(flavor = "multi_thread")]
async fn only_marketing_emails_say_how_to_unsubscribe_and_once() {
    let server = TestServer::open().await;
    send(&server, email(&server, "Plain")).await;
    wait_until("sent", async || server.mailbox.sent().len() == 1).await;
    let own = "Own: {{ unsubscribe_url }}";
    let hidden = "{% if contact.first_name == \"Nobody\" %}{{ unsubscribe_url }}{% endif %}";
    for body in ["Footer", own, hidden] {
        let before = server.mailbox.sent().len();
        send(&server, marketing(&server, body)).await;
        wait_until("sent", async || server.mailbox.sent().len() > before).await;
    }
    let sent = server.mailbox.sent();
    assert_eq!(sent[0].list_unsubscribe, None);
    assert!(!sent[0].html.contains("/unsubscribe/") && !sent[0].text.contains("/unsubscribe/"));
    for mail in &sent[1..] {
        let url = mail.list_unsubscribe.as_deref().expect("a header");
        assert_eq!(mail.text.matches(url).count(), 1, "{}", mail.text);
        assert!(mail.html.contains(url));
    }
    assert!(sent[1].text.contains("Unsubscribe: http") && sent[2].text.contains("Own: http"));
    let shown = server
        .data(
            &server.acme.read_key,
            "{ messages { nodes { html text } } }",
            json!({}),
        )
        .await;
    let shown = shown["messages"]["nodes"].to_string();
    assert!(
        shown.matches("/unsubscribe/••••••").count() >= 4 && !shown.contains("unsubscribe_"),
        "{shown}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_program_unsubscribes_by_one_post_without_cookies() {
    let server = TestServer::open().await;
    let path = unsubscribe_path(&server).await;
    let multipart =
        "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
    for (headers, body) in [
        (vec![FORM], ONE_CLICK),
        (
            vec![("content-type", "multipart/form-data; boundary=b")],
            multipart,
        ),
        (vec![FORM], ONE_CLICK),
    ] {
        assert_eq!(post(&server, &path, &headers, body).await, 200);
        assert_eq!(server.test.number(OPTED_OUT).await, 1);
    }
    assert_eq!(
        events(&server, "UNSUBSCRIBED").await,
        1,
        "a repeat changes nothing"
    );
    let unsubscribed = json!([{"reason": "UNSUBSCRIBED", "count": 1}]);
    assert_eq!(skipped(&server, marketing(&server, "Hello")).await, unsubscribed);
    assert_eq!(skipped(&server, email(&server, "Hello")).await, json!([]));
    let query = "query ($id: ID!) { contact(id: $id) { unsubscribedAt timeline { nodes { kind } } } }";
    let id = json!({"id": server.acme.contact.to_string()});
    let found = server.data(&server.acme.read_key, query, id).await;
    assert!(found["contact"]["unsubscribedAt"].is_string(), "{found}");
    assert!(found.to_string().contains("UNSUBSCRIBED"), "{found}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_the_button_or_a_mail_program_unsubscribes() {
    let server = TestServer::open().await;
    let path = unsubscribe_path(&server).await;
    let (status, page) = TestBrowser::new(&server).open(&path).await;
    assert!(
        status == 200 && page.contains("a***@acme.example") && !page.contains("anna@"),
        "{page}"
    );
    for (headers, body) in [
        (vec![FORM], ""),
        (vec![FORM], "form_token=x"),
        (vec![FORM, ("sec-fetch-site", "cross-site")], ONE_CLICK),
        (vec![FORM, ("sec-fetch-site", "same-origin")], ONE_CLICK),
        (vec![FORM, ("cookie", "a=b")], ONE_CLICK),
        (vec![FORM, ("origin", "https://evil.example")], ONE_CLICK),
    ] {
        assert_ne!(
            post(&server, &path, &headers, body).await,
            200,
            "{headers:?} {body}"
        );
    }
    let (account, other) = (server.acme.id, server.other.id);
    let moment = server.clock.moment();
    let unknown = PlainSecret::generate(SecretKind::Unsubscribe, account, &moment);
    let foreign = path.replace("/p/acme/", "/p/other/");
    let wrong = [
        "none".to_owned(),
        unknown.reveal(),
        format!("unsubscribe_{}_x", other.suffix()),
    ];
    let wrong = wrong.iter().map(|token| format!("/p/acme/unsubscribe/{token}"));
    for path in wrong.chain([foreign]) {
        assert_eq!(post(&server, &path, &[FORM], ONE_CLICK).await, 404, "{path}");
    }
    assert_eq!(server.test.number(OPTED_OUT).await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_unsubscribes_and_undoes_it() {
    let server = TestServer::open().await;
    let path = unsubscribe_path(&server).await;
    let mut browser = TestBrowser::new(&server);
    browser.open(&path).await;
    assert_eq!(browser.submit(&path, &path, "").await, 200);
    assert_eq!(server.test.number(OPTED_OUT).await, 1);
    let (_, page) = browser.submit_and_read(&path, &path, "&subscribe=1").await;
    assert!(page.contains("You are subscribed again"), "{page}");
    assert_eq!(server.test.number(OPTED_OUT).await, 0);
    assert_eq!(
        (
            events(&server, "UNSUBSCRIBED").await,
            events(&server, "RESUBSCRIBED").await
        ),
        (1, 1)
    );
    assert_eq!(skipped(&server, marketing(&server, "Hello")).await, json!([]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_unsubscribe_a_contact_and_what_waits_is_not_sent() {
    let server = TestServer::open().await;
    let later = super::later();
    server.mailbox.fail_next(1, later);
    send(&server, marketing(&server, "Hello")).await;
    let deferred = "select count(*) from messages where status = 'DEFERRED'";
    wait_until("deferred", async || server.test.number(deferred).await == 1).await;
    let set = |subscribed: bool| json!({"id": server.acme.contact.to_string(), "subscribed": subscribed});
    for _ in 0..2 {
        let done = server.data(&server.acme.key, SET, set(false)).await;
        assert!(
            done["updateSubscription"]["contact"]["unsubscribedAt"].is_string(),
            "{done}"
        );
    }
    server.clock.advance(chrono::TimeDelta::seconds(10));
    let cancelled = "select count(*) from messages where status = 'CANCELLED'";
    wait_until("cancelled", async || server.test.number(cancelled).await == 1).await;
    assert!(server.mailbox.sent().is_empty());
    let done = server.data(&server.acme.key, SET, set(true)).await;
    assert_eq!(
        done["updateSubscription"]["contact"]["unsubscribedAt"],
        Value::Null
    );
    assert_eq!(
        (
            events(&server, "UNSUBSCRIBED").await,
            events(&server, "RESUBSCRIBED").await
        ),
        (1, 1)
    );
    let (code, field) = server
        .error(
            Some(&server.acme.key),
            SET,
            json!({"id": "contact_x", "subscribed": false}),
        )
        .await;
    assert_eq!(
        (code.as_str(), field.as_deref()),
        ("NOT_FOUND", Some("input.contactId"))
    );
    server
        .test
        .run("update contacts set email = null, email_key = null")
        .await;
    let (code, field) = server.error(Some(&server.acme.key), SET, set(false)).await;
    assert_eq!(
        (code.as_str(), field.as_deref()),
        ("BAD_USER_INPUT", Some("input.contactId"))
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_outlives_a_change_of_address_a_merge_and_erasure() {
    let server = TestServer::open().await;
    let id = server.acme.contact.to_string();
    let set = json!({"id": id, "subscribed": false});
    server.data(&server.acme.key, SET, set).await;
    let move_to = "mutation ($id: ID!) { updateContact(input: {contactId: $id, email: \"new@acme.example\"}) { contact { unsubscribedAt } } }";
    let moved = server
        .data(&server.acme.owner, move_to, json!({ "id": id }))
        .await;
    assert!(
        moved["updateContact"]["contact"]["unsubscribedAt"].is_string(),
        "{moved}"
    );
    let create = "mutation ($email: EmailAddress!) { createContact(input: {email: $email}) { contact { id unsubscribedAt } } }";
    let other = server
        .data(&server.acme.owner, create, json!({"email": "other@acme.example"}))
        .await;
    let other = &other["createContact"]["contact"];
    assert_eq!(other["unsubscribedAt"], Value::Null);
    let merge = "mutation ($id: ID!, $other: ID!) { mergeContacts(input: {contactId: $other, duplicateId: $id}) { contact { unsubscribedAt } } }";
    let ids = json!({"id": id, "other": other["id"]});
    let merged = server.data(&server.acme.owner, merge, ids).await;
    assert!(
        merged["mergeContacts"]["contact"]["unsubscribedAt"].is_string(),
        "{merged}"
    );
    let erase = "mutation ($id: ID!) { eraseContact(input: {contactId: $id, confirmEmail: \"other@acme.example\"}) { erasedContactId } }";
    server
        .data(&server.acme.owner, erase, json!({"id": other["id"]}))
        .await;
    let readable = "select count(*) from marketing_opt_outs where email_key = 'other@acme.example'";
    assert_eq!(server.test.number(readable).await, 0);
    let again = server
        .data(&server.acme.owner, create, json!({"email": "Other@acme.example"}))
        .await;
    assert!(
        again["createContact"]["contact"]["unsubscribedAt"].is_string(),
        "{again}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_an_email_to_a_merged_contact_unsubscribes_who_is_left_until_they_are_erased() {
    let server = TestServer::open().await;
    let path = unsubscribe_path(&server).await;
    let create = "mutation { createContact(input: {email: \"other@acme.example\"}) { contact { id } } }";
    let other = server.data(&server.acme.owner, create, json!({})).await;
    let other = &other["createContact"]["contact"]["id"];
    let merge = "mutation ($id: ID!, $other: ID!) { mergeContacts(input: {contactId: $other, duplicateId: $id}) { contact { id } } }";
    let ids = json!({"id": server.acme.contact.to_string(), "other": other});
    server.data(&server.acme.owner, merge, ids).await;
    assert_eq!(post(&server, &path, &[FORM], ONE_CLICK).await, 200);
    let keys = "select email_key from marketing_opt_outs order by 1";
    let keys: Vec<String> = server.test.texts(keys).await.into_iter().flatten().collect();
    assert_eq!(keys, ["anna@acme.example", "other@acme.example"]);
    let written = "select count(*) from messages where kind = 'WRITTEN'";
    assert_eq!(server.test.number(written).await, 1);
    let erase = "mutation ($id: ID!) { eraseContact(input: {contactId: $id, confirmEmail: \"other@acme.example\"}) { erasedContactId } }";
    server.data(&server.acme.owner, erase, json!({"id": other})).await;
    assert_eq!(post(&server, &path, &[FORM], ONE_CLICK).await, 404);
    assert_eq!(
        (
            server.test.number(written).await,
            server.test.number(OPTED_OUT).await
        ),
        (0, 0)
    );
    server.stop().await;
}
