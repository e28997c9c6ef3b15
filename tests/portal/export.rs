//! The export of contacts as a CSV file.

use serde_json::json;
use vestibule::base::actor::{Role, Scope};
use vestibule::team::model::staff_link::StaffLink;

use crate::support::{TestBrowser, TestServer};

const PATH: &str = "/dashboard/acme/contacts.csv";
const HEADER: &str =
    "email,first_name,last_name,phone,tags,timezone,locale,status,invited_at,joined_at,last_seen_at\r\n";

/// The status, the content type and the body.
async fn export(server: &TestServer, credential: &str, path: &str, filter: &str) -> (u16, String, String) {
    let mut url = url::Url::parse(&format!("{}{path}", server.url)).expect("a URL");
    if !filter.is_empty() {
        url.query_pairs_mut().append_pair("filter", filter);
    }
    let request = server.http.get(url).bearer_auth(credential);
    let response = request.send().await.expect("an answer");
    let content_type = response.headers()["content-type"]
        .to_str()
        .expect("text")
        .to_owned();
    (
        response.status().as_u16(),
        content_type,
        response.text().await.expect("text"),
    )
}

async fn add(server: &TestServer, rows: &str) {
    let insert = format!(
        "insert into contacts (account_id, id, email, email_key, first_name, last_name, phone, tags, timezone, locale,
             first_invited_at, invited_at, joined_at, last_seen_at, revoked_at, created_at, updated_at)
         select '{}', gen_random_uuid(), email, lower(email), first_name, last_name, phone, tags::text[], timezone, locale,
             invited_at, invited_at, joined_at, joined_at, null, '2026-01-01Z', '2026-01-01Z'
         from (values {rows}) as v (email, first_name, last_name, phone, tags, timezone, locale, invited_at, joined_at)",
        server.acme.id.0
    );
    server.test.run(&insert).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_contact_is_a_row_and_no_cell_is_a_formula() {
    let server = TestServer::open().await;
    add(
        &server,
        "('=a@example.com', '=cmd|''/c calc''!A1', 'O\"Neil, Jr.;=1', '+12025550123', '{-vip,new,=1}', 'Europe/Berlin', 'de-DE',
            timestamptz '2026-01-02 10:00:00.5Z', timestamptz '2026-01-03 10:00Z')",
    )
    .await;
    let (status, content_type, csv) = export(&server, &server.acme.read_key, PATH, "").await;
    assert_eq!((status, &content_type[..]), (200, "text/csv; charset=utf-8"));
    let anna = "anna@acme.example,Anna,,,,,,NOT_INVITED,,,\r\n";
    let formula = "'=a@example.com,'=cmd|'/c calc'!A1,\"O\"\"Neil, Jr.;'=1\",+12025550123,'-vip;new;'=1,Europe/Berlin,de-DE,\
        ACTIVE,2026-01-02T10:00:00Z,2026-01-03T10:00:00Z,2026-01-03T10:00:00Z\r\n";
    assert!(
        csv.starts_with(HEADER) && csv.contains(anna) && csv.contains(formula),
        "{csv}"
    );
    assert_eq!(csv.lines().count(), 3, "no contact of another account");
    let event = server
        .test
        .texts("select actor || ' ' || (detail ->> 'conditions') from audit_events where kind = 'CONTACTS_EXPORTED'")
        .await;
    let event = event[0].clone().expect("an event");
    assert!(event.starts_with("key_") && event.ends_with(" []"), "{event}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_export_has_each_match_once_and_holds_no_connection_while_nobody_reads() {
    let server = TestServer::open().await;
    let many = format!(
        "insert into contacts (account_id, id, email, email_key, tags, created_at, updated_at)
         select '{}', gen_random_uuid(), 'p' || n || '@example.com', 'p' || n || '@example.com',
             case when n % 2 = 0 then array['even'] else '{{}}' end, '2026-01-01Z', '2026-01-01Z'
         from generate_series(1, 5001) n",
        server.acme.id.0
    );
    server.test.run(&many).await;
    let filter = r#"{"tags": ["even"], "portalStatus": ["NOT_INVITED", "ACTIVE"]}"#;
    let (status, _, csv) = export(&server, &server.acme.owner, PATH, filter).await;
    let mut lines: Vec<&str> = csv.lines().skip(1).collect();
    lines.sort_unstable();
    lines.dedup();
    assert_eq!((status, lines.len()), (200, 2_500));
    assert!(lines.iter().all(|line| line.contains(",even,")));
    let request = server
        .http
        .get(format!("{}{PATH}", server.url))
        .bearer_auth(&server.acme.owner);
    let unread = request.send().await.expect("an answer");
    let disposition = unread.headers()["content-disposition"].to_str().expect("text");
    assert_eq!(disposition, "attachment; filename=\"acme-contacts.csv\"");
    let open =
        "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in%'";
    assert_eq!(server.test.number(open).await, 0);
    drop(unread);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn others_are_refused_and_a_wrong_filter_is_named() {
    let server = TestServer::open().await;
    let acme = &server.acme;
    for (scope, key) in &acme.scoped {
        let expected = if *scope == Scope::Read { 200 } else { 403 };
        assert_eq!(
            export(&server, key, PATH, "").await.0,
            expected,
            "{}",
            scope.as_str()
        );
    }
    for (credential, expected) in [
        (&acme.read_only, 200),
        (&acme.contact_session, 403),
        (&server.other.owner, 404),
        (&"nonsense".to_owned(), 401),
    ] {
        let (status, _, body) = export(&server, credential, PATH, "").await;
        assert_eq!(status, expected, "{body}");
        assert!(status == 200 || !body.contains('@'), "{body}");
    }
    assert_eq!(
        export(&server, &acme.owner, "/dashboard/nobody/contacts.csv", "")
            .await
            .0,
        404
    );
    for (filter, field) in [
        ("[]", "filter: "),
        (r#"{"tags": "vip"}"#, "filter.tags: "),
        (r#"{"search": "?!"}"#, "filter.search: "),
        (r#"{"status": []}"#, "filter.status: "),
        (r#"{"joinedAfter": "yesterday"}"#, "filter.joinedAfter: "),
    ] {
        let (status, content_type, body) = export(&server, &acme.owner, PATH, filter).await;
        assert_eq!((status, &content_type[..]), (400, "text/plain; charset=utf-8"));
        assert!(body.starts_with(field), "{body}");
    }
    let events = "select count(*) from audit_events where kind = 'CONTACTS_EXPORTED'";
    assert_eq!(server.test.number(events).await, 2, "refused exports are none");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_are_selected_by_id_and_a_missing_one_is_named() {
    let server = TestServer::open().await;
    let invite = "mutation { inviteContacts(input: {emails: [\"ben@example.com\"]}) { invitations { contact { id } } } }";
    let id = |data: serde_json::Value| {
        let contact = &data["inviteContacts"]["invitations"][0]["contact"];
        contact["id"].as_str().expect("an id").to_owned()
    };
    let ben = id(server.data(&server.acme.key, invite, json!({})).await);
    let foreign = id(server.data(&server.other.key, invite, json!({})).await);
    let anna = server.acme.contact.to_string();
    let get = async |query: String| {
        let request = server.http.get(format!("{}{PATH}?{query}", server.url));
        let response = request.bearer_auth(&server.acme.read_key).send().await;
        let response = response.expect("an answer");
        (response.status().as_u16(), response.text().await.expect("text"))
    };
    let (status, csv) = get(format!("ids={ben},{anna},%20{ben}")).await;
    assert_eq!(status, 200);
    let mut emails: Vec<&str> = csv
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').next())
        .collect();
    emails.sort_unstable();
    assert_eq!(emails, ["anna@acme.example", "ben@example.com"], "{csv}");
    let (status, csv) = get(format!("ids={ben}")).await;
    assert_eq!((status, csv.lines().count()), (200, 2));
    let missing = "contact_01kcw0h0000000000000000000";
    for (ids, problem) in [
        (
            format!("{anna},{missing},{foreign}"),
            format!("There are no such contacts: {missing}, {foreign}."),
        ),
        (
            format!("{anna},,nonsense"),
            "There are no such contacts: , nonsense.".to_owned(),
        ),
        (String::new(), "Name at least one contact.".to_owned()),
        (
            vec![anna.clone(); 501].join(","),
            "Name at most 500 contacts.".to_owned(),
        ),
        (
            format!("{anna}&filter=%7B%7D"),
            "Give this or `filter`.".to_owned(),
        ),
    ] {
        assert_eq!(
            get(format!("ids={ids}")).await,
            (400, format!("ids: {problem}\n"))
        );
    }
    assert_eq!(
        get(format!("ids={}", vec![anna.clone(); 500].join(","))).await.0,
        200
    );
    let events = "select count(*) from audit_events where kind = 'CONTACTS_EXPORTED' and detail ->> 'conditions' = '[\"ids\"]'";
    assert_eq!(server.test.number(events).await, 3);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_exports_with_the_dashboards_cookie() {
    let server = TestServer::open().await;
    let mut stranger = TestBrowser::new(&server);
    assert_eq!(stranger.open(PATH).await.0, 303);
    assert_eq!(stranger.location.as_deref(), Some("/dashboard/acme/login"));
    let member = server.member("reader2@acme.example", Role::ReadOnly).await;
    let moment = server.clock.moment();
    let mut conn = server.test.db.conn().await.expect("a connection");
    let link = StaffLink::issue(&mut conn, server.acme.id, member.id, &moment).await;
    drop(conn);
    let mut browser = TestBrowser::new(&server);
    let link = link.expect("a link").reveal();
    assert_eq!(browser.redeem(&format!("/dashboard/link/{link}")).await, 303);
    let search = "%7B%22search%22%3A%22anna%22%7D";
    let (status, csv) = browser.open(&format!("{PATH}?filter={search}")).await;
    assert_eq!((status, csv.lines().count()), (200, 2), "{csv}");
    assert_eq!(browser.open("/dashboard/other/contacts.csv").await.0, 303);
    for (site, expected) in [
        ("same-origin", 200),
        ("none", 200),
        ("same-site", 403),
        ("cross-site", 403),
    ] {
        // A HEAD request is no export, but is refused like one.
        let head = server.http.head(format!("{}{PATH}", server.url));
        let (status, rows) = browser.send(head.header("sec-fetch-site", site)).await;
        assert_eq!((status, &rows[..]), (expected, ""), "{site}");
    }
    let get = server.http.get(format!("{}{PATH}", server.url));
    let refused = browser.send(get.header("sec-fetch-site", "cross-site")).await;
    assert_eq!(
        refused,
        (403, "Download the file from the dashboard.\n".to_owned())
    );
    let log = "{ auditLog(filter: {kinds: [CONTACTS_EXPORTED]}) { nodes { actor { id } details } } }";
    let log = server.data(&server.acme.owner, log, json!({})).await;
    let expected = json!([{"actor": {"id": member.id.to_string()}, "details": ["conditions: search"]}]);
    assert_eq!(log["auditLog"]["nodes"], expected);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_runs_ends_with_its_key_and_with_its_session() {
    let server = TestServer::open().await;
    // More than the sockets of both sides hold.
    let many = format!(
        "insert into contacts (account_id, id, email, email_key, first_name, created_at, updated_at)
         select '{}', gen_random_uuid(), 'p' || n || '@example.com', 'p' || n || '@example.com', repeat('x', 3000),
             '2026-01-01Z', '2026-01-01Z'
         from generate_series(1, 10000) n",
        server.acme.id.0
    );
    server.test.run(&many).await;
    let download = async |credential: &str| {
        let request = server
            .http
            .get(format!("{}{PATH}", server.url))
            .bearer_auth(credential);
        request.send().await.expect("an answer")
    };
    let [whole, by_key, by_session] = [
        download(&server.acme.owner).await,
        download(&server.acme.read_key).await,
        download(&server.acme.read_only).await,
    ];
    assert!(whole.text().await.is_ok_and(|csv| csv.lines().count() == 10_002));
    let keys = "{ apiKeys { nodes { id } } }";
    let keys = server.data(&server.acme.owner, keys, json!({})).await;
    for key in keys["apiKeys"]["nodes"].as_array().expect("keys") {
        let revoke = "mutation ($id: ID!) { revokeApiKey(input: {apiKeyId: $id}) { apiKey { id } } }";
        server
            .data(&server.acme.owner, revoke, json!({ "id": key["id"] }))
            .await;
    }
    let sign_out = "mutation { signOut { signedOut } }";
    server.data(&server.acme.read_only, sign_out, json!({})).await;
    for cut_off in [by_key, by_session] {
        assert_eq!(cut_off.status().as_u16(), 200);
        assert!(cut_off.text().await.is_err(), "the file is not complete");
    }
    server.stop().await;
}
