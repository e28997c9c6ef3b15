//! Erasing a contact: what is gone, and what stays without the person.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::rooms_with_history;
use vestibule::sign_in::auth_context::Viewer;

use crate::contents::{Rooms, document, text};

/// Every text and JSON column of every table whose rows contain one of these, in any letter case.
async fn columns_with(rooms: &Rooms, words: &[&str]) -> Vec<String> {
    let columns = "select table_name || ' ' || column_name from information_schema.columns c join information_schema.tables t \
        using (table_schema, table_name) where table_schema = 'public' and table_type = 'BASE TABLE' \
        and data_type in ('text', 'jsonb', 'json', 'character varying', 'ARRAY', 'tsvector') order by 1";
    let columns = rooms.api.test.test.texts(columns).await;
    assert!(columns.len() > 100, "{columns:?}");
    let mut found = Vec::new();
    for column in columns.into_iter().flatten() {
        let (table, name) = column.split_once(' ').expect("two words");
        for word in words {
            let query =
                format!("select count(*) from {table} where strpos(lower({name}::text), '{word}') > 0");
            if rooms.api.test.test.number(&query).await > 0 {
                found.push(format!("{column}: {word}"));
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_leaves_the_person_in_no_column_of_any_table() {
    let rooms = rooms_with_history().await;
    let words = [
        "anna@example.com",
        "annabella",
        "zimmermann",
        "4915112345678",
        "203.0.113",
        "firefox",
    ];
    let before = columns_with(&rooms, &words).await;
    for table in [
        "audit_events detail",
        "bulk_job_items payload",
        "bulk_jobs plan",
        "suppressions email_key",
        "affiliates code",
        "messages subject",
        "mailings body",
        "smart_lists name",
        "smart_lists conditions",
    ] {
        assert!(
            before.iter().any(|column| column.starts_with(table)),
            "{table}: {before:?}"
        );
    }
    let events = "select string_agg(id::text || at || kind || outcome, ' ' order by id) from audit_events";
    let logged = rooms.api.test.test.texts(events).await.remove(0).expect("events");
    rooms.api.test.clock.advance(TimeDelta::seconds(1));
    let input = json!({"contactId": rooms.id(), "confirmEmail": "Annabella@ZIMMERMANN.example"});
    let erased = rooms.write("eraseContact", input, "erasedContactId").await;
    assert_eq!(erased["erasedContactId"], rooms.id());
    assert_eq!(columns_with(&rooms, &words).await, Vec::<String>::new());
    let left = rooms.api.test.test.texts(events).await.remove(0).expect("events");
    assert!(left.starts_with(&logged), "kinds and times stay");
    let others = "select count(*) from bulk_job_items where payload ->> 'email' = 'other@example.com'";
    assert_eq!(rooms.api.test.test.number(others).await, 1);
    let recorded = "select count(*) from audit_events where kind = 'CONTACT_ERASED' and detail is null";
    assert_eq!(rooms.api.test.test.number(recorded).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn sales_keep_their_sums_without_the_person() {
    let rooms = rooms_with_history().await;
    let input = json!({"contactId": rooms.id(), "confirmEmail": "annabella@zimmermann.example"});
    rooms.write("eraseContact", input, "erasedContactId").await;
    let query = "{ affiliates { nodes { code status contact { id } commission { amount currencyCode } sales { totalCount } } } }";
    let found = rooms.api.data(&rooms.owner, query, json!({})).await;
    let left = &found["affiliates"]["nodes"][0];
    assert!(text(&left["code"]).starts_with("erased-"), "{left}");
    assert_eq!(
        (&left["status"], &left["contact"]),
        (&json!("PAUSED"), &Value::Null)
    );
    assert_eq!(
        left["commission"],
        json!([{"amount": "1.00", "currencyCode": "EUR"}])
    );
    assert_eq!(left["sales"]["totalCount"], 1);
    let codes = "select count(*) from affiliate_codes";
    assert_eq!(rooms.api.test.test.number(codes).await, 1, "the old links end");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_address_that_complained_gets_no_email_when_it_is_added_again() {
    let rooms = rooms_with_history().await;
    let input = json!({"contactId": rooms.id(), "confirmEmail": "annabella@zimmermann.example"});
    rooms.write("eraseContact", input, "erasedContactId").await;
    assert_eq!(
        rooms
            .api
            .test
            .test
            .number("select count(*) from suppressions")
            .await,
        0
    );
    let other = rooms.api.owner_of_other_account().await;
    let create = document("createContact", "contact { id suppression { reason } }");
    let input = json!({"input": {"email": "annabella@zimmermann.example"}});
    let elsewhere = rooms.api.data(&other, &create, input.clone()).await;
    assert_eq!(
        elsewhere["createContact"]["contact"]["suppression"],
        Value::Null,
        "of another account"
    );
    let again = rooms.api.data(&rooms.owner, &create, input).await;
    assert_eq!(
        again["createContact"]["contact"]["suppression"]["reason"],
        "COMPLAINED"
    );
    let other = rooms
        .api
        .test
        .add_contacts(["somebody@example.com".to_owned()])
        .await;
    let change = json!({"contactId": other[0].id.to_string(), "email": "anna@example.com"});
    let changed = rooms
        .write("updateContact", change, "contact { suppression { reason } }")
        .await;
    assert_eq!(changed["contact"]["suppression"]["reason"], "BOUNCED");
    assert_eq!(
        rooms
            .api
            .test
            .test
            .number("select count(*) from erased_suppressions")
            .await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_address_that_complained_gets_no_code_to_sign_up() {
    let rooms = rooms_with_history().await;
    let on = json!({"selfSignUp": true});
    rooms.write("updatePortalSettings", on, "portal { name }").await;
    let input = json!({"contactId": rooms.id(), "confirmEmail": "annabella@zimmermann.example"});
    rooms.write("eraseContact", input, "erasedContactId").await;
    let request = "mutation ($email: EmailAddress!) { requestLoginCode(input: {portal: \"acme\", email: $email}) { challengeId } }";
    let codes = "select count(*) from messages where kind = 'SIGN_UP_CODE' and address <> ''";
    for (email, expected) in [("Annabella@zimmermann.example", 0), ("somebody@example.com", 1)] {
        let answer = rooms
            .api
            .request(&Viewer::Anonymous, request, json!({ "email": email }))
            .await;
        assert!(
            answer["data"]["requestLoginCode"]["challengeId"].is_string(),
            "{answer}"
        );
        assert_eq!(rooms.api.test.test.number(codes).await, expected, "{email}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_needs_the_address_of_the_contact() {
    let rooms = Rooms::open().await;
    for email in [json!("other@example.com"), json!("anna"), Value::Null] {
        let input = json!({"contactId": rooms.id(), "confirmEmail": email});
        let refused = rooms.refused("eraseContact", input).await;
        assert_eq!(
            refused,
            ("BAD_USER_INPUT".to_owned(), "input.confirmEmail".to_owned()),
            "{email}"
        );
    }
    rooms
        .api
        .test
        .test
        .run("update contacts set email = null, email_key = null, phone = '+4915112345678'")
        .await;
    let input = json!({"contactId": rooms.id(), "confirmEmail": "anna@example.com"});
    assert_eq!(rooms.refused("eraseContact", input).await.1, "input.confirmEmail");
    rooms
        .write(
            "eraseContact",
            json!({"contactId": rooms.id()}),
            "erasedContactId",
        )
        .await;
    let again = rooms
        .refused("eraseContact", json!({"contactId": rooms.id()}))
        .await;
    assert_eq!(again, ("NOT_FOUND".to_owned(), "input.contactId".to_owned()));
    let export = rooms
        .refused("exportContactData", json!({"contactId": rooms.id()}))
        .await;
    assert_eq!(export, ("NOT_FOUND".to_owned(), "input.contactId".to_owned()));
}
