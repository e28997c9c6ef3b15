//! Phone numbers are stored in E.164, and what can't be read is refused with its field.

use serde_json::{Value, json};

use crate::support::{TestDatabase, TestServer};

const CREATE: &str =
    "mutation ($phone: PhoneNumber) { createContact(input: {phone: $phone}) { contact { id phone } } }";
const UPDATE: &str = "mutation ($id: ID!, $phone: PhoneNumber, $name: String) {
    updateContact(input: {contactId: $id, phone: $phone, firstName: $name}) { contact { phone firstName } } }";
const RENAME: &str = "mutation ($id: ID!, $name: String) {
    updateContact(input: {contactId: $id, firstName: $name}) { contact { phone firstName } } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_stored_in_e164_and_a_wrong_one_refused() {
    let server = TestServer::open().await;
    let key = &server.acme.key;
    let mut id = Value::Null;
    for (given, stored) in [
        ("+49 151 12345678", "+4915112345678"),
        ("+49 (0)151-123456‑79", "+4915112345679"),
        ("+1 202 555 0123", "+12025550123"),
        ("+44\u{a0}20\u{202f}7946\u{2009}0018", "+442079460018"),
    ] {
        let created = server.data(key, CREATE, json!({ "phone": given })).await;
        let contact = &created["createContact"]["contact"];
        assert_eq!(contact["phone"], stored, "{given}");
        id = contact["id"].clone();
    }
    for wrong in [
        "0151 12345678",
        "0049 151 12345678",
        "+49 1",
        "+1 123 456 7890",
        "+999 123456",
        "call me",
    ] {
        let field = Some("input.phone".to_owned());
        let expected = ("BAD_USER_INPUT".to_owned(), field);
        assert_eq!(
            server.error(Some(key), CREATE, json!({ "phone": wrong })).await,
            expected,
            "{wrong}"
        );
        let update = json!({"id": id, "phone": wrong});
        assert_eq!(server.error(Some(key), UPDATE, update).await, expected, "{wrong}");
        let refused = server.request(Some(key), CREATE, json!({ "phone": wrong })).await;
        let message = refused["errors"][0]["message"].as_str().expect("a message");
        assert!(
            message.contains("+4915112345678") && !message.contains(wrong),
            "{message}"
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_number_that_is_not_valid_stays_until_it_is_changed() {
    let server = TestServer::open().await;
    let key = &server.acme.key;
    let created = server.data(key, CREATE, json!({"phone": "+4915112345678"})).await;
    let id = &created["createContact"]["contact"]["id"];
    server
        .test
        .run("update contacts set phone = '0151 12345' where phone is not null")
        .await;
    let renamed = server.data(key, RENAME, json!({"id": id, "name": "Ben"})).await;
    let expected = json!({"phone": "0151 12345", "firstName": "Ben"});
    assert_eq!(renamed["updateContact"]["contact"], expected);
    server.stop().await;
}

const VERSION: &str = "20261205000002";

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_an_earlier_release_are_normalised_where_that_is_safe() {
    let database = TestDatabase::new().await;
    database
        .run(include_str!(
            "../../../migrations/2026-12-05-000002_phones/down.sql"
        ))
        .await;
    let forget = format!("delete from __diesel_schema_migrations where version = '{VERSION}'");
    database.run(&forget).await;
    let account = "00000000-0000-7000-8000-000000000001";
    database
        .run(&format!(
            "insert into accounts (id, slug, name, created_at) values ('{account}', 'acme', 'Acme', now())"
        ))
        .await;
    let numbers = [
        "+49 (0)151 / 123-456.78",
        "+4915112345678",
        "0151 12345678",
        "+49 call me",
        "+0 151",
        "+1 23",
    ];
    for (n, number) in numbers.iter().enumerate() {
        let insert = format!(
            "insert into contacts (account_id, id, phone, first_name, created_at, updated_at) \
             values ('{account}', gen_random_uuid(), '{number}', '{n}', now(), now())"
        );
        database.run(&insert).await;
    }
    assert_eq!(database.db.migrate().await.expect("it migrates"), [VERSION]);
    let phones = database
        .texts("select phone from contacts order by first_name")
        .await;
    let phones: Vec<&str> = phones.iter().flatten().map(String::as_str).collect();
    let kept = [
        "+4915112345678",
        "+4915112345678",
        "0151 12345678",
        "+49 call me",
        "+0 151",
        "+1 23",
    ];
    assert_eq!(phones, kept);
}
