//! Uploads of contacts.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use vestibule::accounts::model::section::PortalSection;
use vestibule::base::actor::SignInMethod;
use vestibule::base::actor::{Client, Scope};
use vestibule::sign_in::sessions::model::{Holder, NewSession};

use crate::support::TestServer;

const IMPORT: &str =
    "mutation ($csv: Upload!, $invite: Boolean) { importContacts(input: {csv: $csv, invite: $invite}) {
    bulkJob { id kind total failed } unknownColumns } }";

async fn upload(server: &TestServer, credential: &str, file: Vec<u8>) -> Value {
    let operations = json!({"query": IMPORT, "variables": {"csv": null}});
    let form = reqwest::multipart::Form::new()
        .text("operations", operations.to_string())
        .text("map", r#"{"0": ["variables.csv"]}"#)
        .part("0", reqwest::multipart::Part::bytes(file).file_name("people.csv"));
    let request = server
        .http
        .post(format!("{}/graphql", server.url))
        .bearer_auth(credential);
    let answer = request
        .header("apollo-require-preflight", "1")
        .multipart(form)
        .send()
        .await;
    answer.expect("an answer").json().await.expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authorized_caller_imports_contacts_and_others_get_the_reason() {
    let server = TestServer::open().await;
    let file = b"Email;First_Name;shoe size\r\nnew@example.com;Zo\xc3\xab;38\r\nnope;;\r\n".to_vec();
    for credential in [
        &server.acme.read_key,
        &server.acme.read_only,
        &server.acme.contact_session,
    ] {
        assert_eq!(
            upload(&server, credential, file.clone()).await["errors"][0]["extensions"]["code"],
            "FORBIDDEN"
        );
    }
    let done = upload(&server, &server.acme.key, file).await;
    let payload = &done["data"]["importContacts"];
    assert_eq!(payload["unknownColumns"], json!(["shoe size"]), "{done}");
    crate::support::wait_until("the import ends", async || {
        server
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
        let refused = upload(&server, &server.acme.key, faulty.to_vec()).await;
        assert_eq!(
            refused["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{refused}"
        );
        assert_eq!(refused["errors"][0]["extensions"]["field"], "input.csv");
    }
    assert_eq!(
        server.test.number("select count(*) from bulk_jobs").await,
        1,
        "nothing half done"
    );
    server.stop().await;
}

/// The status of the response to a form with an unfinished file.
async fn status_of_unfinished_upload(server: &TestServer, credential: &str) -> String {
    let operations = json!({"query": IMPORT, "variables": {"csv": null}}).to_string();
    let map = r#"{"0": ["variables.csv"]}"#;
    let part =
        |name: &str, rest: &str| format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"{rest}\r\n");
    let body = [
        part("operations", &format!("\r\n\r\n{operations}")),
        part("map", &format!("\r\n\r\n{map}")),
        part("0", "; filename=\"people.csv\"\r\n\r\nemail"),
    ]
    .concat();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {credential}\r\nx-vestibule-csrf: 1\r\n\
         content-type: multipart/form-data; boundary=b\r\ncontent-length: 1000000\r\n\r\n"
    );
    let address = server.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream
        .write_all(format!("{head}{body}").as_bytes())
        .await
        .expect("it is taken");
    let mut status = [0; 12];
    let answered = stream.read_exact(&mut status);
    let answered = tokio::time::timeout(std::time::Duration::from_secs(20), answered).await;
    answered
        .expect("an answer while the file goes on")
        .expect("an answer");
    String::from_utf8_lossy(&status).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_without_the_scope_is_refused_before_its_file_is_read() {
    let server = TestServer::open().await;
    let client = Client::default();
    let opening = NewSession {
        section: Some(PortalSection::Courses),
        ..NewSession::new(
            server.acme.id,
            Holder::Contact(server.acme.contact),
            SignInMethod::Link,
            &client,
        )
    };
    let (_, limited) = server.signed_in(&opening, None).await;
    let acme = &server.acme;
    let keys = acme.scoped.iter().filter(|(scope, _)| *scope != Scope::Contacts);
    let keys = keys.map(|(_, key)| key);
    for credential in [&acme.read_key, &acme.read_only, &acme.contact_session, &limited]
        .into_iter()
        .chain(keys)
    {
        assert_eq!(
            status_of_unfinished_upload(&server, credential).await,
            "HTTP/1.1 403"
        );
    }
    server.stop().await;
}
