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

const CHECK: &str = "mutation ($csv: Upload!) { checkImport(input: {csv: $csv}) {
    rowCount invalidCount unknownColumns problems { line column message } } }";

async fn upload(server: &TestServer, credential: &str, file: Vec<u8>) -> Value {
    upload_to(server, credential, IMPORT, file).await
}

async fn upload_to(server: &TestServer, credential: &str, document: &str, file: Vec<u8>) -> Value {
    let operations = json!({"query": document, "variables": {"csv": null}});
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

#[tokio::test(flavor = "multi_thread")]
async fn a_check_reports_the_problems_of_a_file_and_changes_nothing() {
    let server = TestServer::open().await;
    let file = "email,phone,shoe size\nnew@example.com,,38\nnope,,\nb@example.com,12,\nc@example.com\n";
    for credential in [
        &server.acme.read_key,
        &server.acme.read_only,
        &server.acme.contact_session,
    ] {
        let refused = upload_to(&server, credential, CHECK, file.into()).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
    }
    let checked = upload_to(&server, &server.acme.key, CHECK, file.into()).await;
    let checked = &checked["data"]["checkImport"];
    assert_eq!(
        (&checked["rowCount"], &checked["invalidCount"]),
        (&json!(4), &json!(3))
    );
    assert_eq!(checked["unknownColumns"], json!(["shoe size"]));
    let problems = checked["problems"].as_array().expect("problems");
    let places: Vec<Value> = problems
        .iter()
        .map(|one| json!([one["line"], one["column"]]))
        .collect();
    assert_eq!(
        places,
        [json!([3, "email"]), json!([4, "phone"]), json!([5, null])]
    );
    assert_eq!(problems[2]["message"], "It has 1 cells where the header has 3.");
    let many = format!("email\n{}", "nope\n".repeat(150));
    let checked = upload_to(&server, &server.acme.key, CHECK, many.into()).await;
    let checked = &checked["data"]["checkImport"];
    assert_eq!(checked["invalidCount"], 150);
    assert_eq!(checked["problems"].as_array().map(Vec::len), Some(100));
    let refused = upload_to(&server, &server.acme.key, CHECK, b"name\nAnna\n".to_vec()).await;
    assert_eq!(refused["errors"][0]["extensions"]["field"], "input.csv");
    let written = "select (select count(*) from bulk_jobs) + (select count(*) from contacts where email like '%@example.com')";
    assert_eq!(server.test.number(written).await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_invites_to_a_section_with_a_note() {
    let server = TestServer::open().await;
    let import = |input: &str| {
        format!(
            "mutation ($csv: Upload!) {{ importContacts(input: {{csv: $csv, {input}}}) {{ bulkJob {{ id }} }} }}"
        )
    };
    let file = b"email\nnew@example.com\n".to_vec();
    for (input, field) in [
        ("section: COURSES", "input.section"),
        ("note: \"Hello\", invite: false", "input.note"),
        ("note: \"a\\u0000\", invite: true", "input.note"),
    ] {
        let refused = upload_to(&server, &server.acme.key, &import(input), file.clone()).await;
        let extensions = &refused["errors"][0]["extensions"];
        assert_eq!(
            (&extensions["code"], &extensions["field"]),
            (&json!("BAD_USER_INPUT"), &json!(field))
        );
    }
    let full = import("invite: true, section: COURSES, note: \"Welcome!\"");
    let done = upload_to(&server, &server.acme.key, &full, file).await;
    assert_eq!(done.get("errors"), None, "{done}");
    let invited = "select count(*) from invitations where section = 'COURSES' and note = 'Welcome!'";
    crate::support::wait_until("the contact is invited", async || {
        server.test.number(invited).await == 1
    })
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_grants_an_offer() {
    let server = TestServer::open().await;
    let owner = &server.acme.owner;
    let made = "mutation ($course: [ID!]) { createOffer(input: {title: \"An offer\", courseIds: $course, status: PUBLISHED}) { offer { id } } }";
    let course = "mutation { createCourse(input: {title: \"Baking\", status: PUBLISHED}) { course { id } } }";
    let course = server.data(owner, course, json!({})).await;
    let course = json!({"course": [course["createCourse"]["course"]["id"]]});
    let offer = server.data(owner, made, course).await["createOffer"]["offer"]["id"].clone();
    let import = |id: &Value, invite: bool| {
        format!(
            "mutation ($csv: Upload!) {{ importContacts(input: {{csv: $csv, invite: {invite}, grantOfferId: {id}}}) {{ bulkJob {{ id }} }} }}"
        )
    };
    let file = b"email\nanna@acme.example\nnew@example.com\nnope\nNEW@example.com\n".to_vec();
    let grants = "select count(*) from access_grants where source = 'IMPORT' and source_id is not null";
    let mut jobs = Vec::new();
    for (invite, count) in [(true, 2), (false, 4)] {
        let done = upload_to(&server, &server.acme.key, &import(&offer, invite), file.clone()).await;
        assert_eq!(done.get("errors"), None, "{done}");
        jobs.push(done["data"]["importContacts"]["bulkJob"]["id"].clone());
        crate::support::wait_until("the offer is granted", async || {
            server.test.number(grants).await == count
        })
        .await;
    }
    let query = "query ($id: ID!) { contact(id: $id) { courses { nodes { title } } grants { nodes { source sourceId grantedBy } } } }";
    let id = json!({"id": server.acme.contact.to_string()});
    let contact = server.data(owner, query, id.clone()).await["contact"].clone();
    assert_eq!(contact["courses"]["nodes"], json!([{"title": "Baking"}]));
    let grants = contact["grants"]["nodes"].as_array().cloned().unwrap_or_default();
    for job in &jobs {
        let found = grants.iter().find(|grant| grant["sourceId"] == *job);
        let grant = found.unwrap_or_else(|| panic!("{grants:?}"));
        assert_eq!(grant["source"], "IMPORT");
        assert!(
            grant["grantedBy"]
                .as_str()
                .is_some_and(|by| by.starts_with("key_"))
        );
    }
    let events = "select count(*) from audit_events where kind = 'OFFER_ACCESS_GRANTED'";
    assert_eq!(server.test.number(events).await, 4);
    let revoke = "mutation ($offer: ID!, $id: ID!) { revokeOffer(input: {offerId: $offer, selection: {contactIds: [$id]}}) { count } }";
    let both = json!({"offer": offer, "id": id["id"]});
    server.data(owner, revoke, both).await;
    let closed = server.data(owner, query, id).await;
    assert_eq!(
        closed["contact"]["grants"]["nodes"],
        json!([]),
        "whatever granted it"
    );
    let archive = "mutation ($offer: ID!) { archiveOffer(input: {offerId: $offer}) { offer { id } } }";
    server.data(owner, archive, json!({"offer": offer})).await;
    for (id, code) in [
        (json!("x"), "NOT_FOUND"),
        (json!("offer_01jgqeq000e008000000000000"), "NOT_FOUND"),
        (offer, "BAD_USER_INPUT"),
    ] {
        let refused = upload_to(&server, &server.acme.key, &import(&id, false), file.clone()).await;
        let extensions = &refused["errors"][0]["extensions"];
        assert_eq!(extensions["code"], code, "{refused}");
        assert_eq!(extensions["field"], "input.grantOfferId");
    }
    assert_eq!(server.test.number("select count(*) from bulk_jobs").await, 2);
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
