//! A file of contacts, uploaded.

use serde_json::{Value, json};

use crate::support::House;

const IMPORT: &str =
    "mutation ($csv: Upload!, $invite: Boolean) { importContacts(input: {csv: $csv, invite: $invite}) {
    bulkJob { id kind total failed } unknownColumns } }";

async fn upload(house: &House, credential: &str, file: Vec<u8>) -> Value {
    let operations = json!({"query": IMPORT, "variables": {"csv": null}});
    let form = reqwest::multipart::Form::new()
        .text("operations", operations.to_string())
        .text("map", r#"{"0": ["variables.csv"]}"#)
        .part("0", reqwest::multipart::Part::bytes(file).file_name("people.csv"));
    let request = house
        .http
        .post(format!("{}/graphql", house.url))
        .bearer_auth(credential);
    let answer = request
        .header("apollo-require-preflight", "1")
        .multipart(form)
        .send()
        .await;
    answer.expect("an answer").json().await.expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_contacts_is_imported_by_who_may_and_refused_with_the_reason() {
    let house = House::open().await;
    let file = b"Email;First_Name;shoe size\r\nnew@example.com;Zo\xc3\xab;38\r\nnope;;\r\n".to_vec();
    for credential in [&house.acme.read_key, &house.acme.read_only, &house.acme.person] {
        assert_eq!(
            upload(&house, credential, file.clone()).await["errors"][0]["extensions"]["code"],
            "FORBIDDEN"
        );
    }
    let done = upload(&house, &house.acme.key, file).await;
    let payload = &done["data"]["importContacts"];
    assert_eq!(payload["unknownColumns"], json!(["shoe size"]), "{done}");
    crate::support::until("the import ends", async || {
        house
            .test
            .number("select count(*) from contacts where first_name = 'Zoë'")
            .await
            == 1
    })
    .await;
    for faulty in [
        &b"PK\x03\x04zip"[..],
        b"name\nAnna\n",
        b"email\n\xff\xfe@example.com\n",
        b"",
    ] {
        let refused = upload(&house, &house.acme.key, faulty.to_vec()).await;
        assert_eq!(
            refused["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{refused}"
        );
        assert_eq!(refused["errors"][0]["extensions"]["field"], "input.csv");
    }
    assert_eq!(
        house.test.number("select count(*) from bulk_jobs").await,
        1,
        "nothing half done"
    );
    house.stop().await;
}
