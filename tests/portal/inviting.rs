//! Inviting: once per contact even with concurrent requests, live counts, and errors of invalid input.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::passwords::{PASSWORD, set, sign_in};
use crate::support::{TestBrowser, TestServer, wait_until};

const INVITE: &str = "mutation ($emails: [String!], $ids: [ID!], $note: String, $dry: Boolean, $filter: ContactFilter) {
    inviteContacts(input: {emails: $emails, contactIds: $ids, note: $note, dryRun: $dry, filter: $filter}) {
        count invitations { id status sentCount contact { email } } skipped { email contactId reason } bulkJob { id total } } }";

fn reasons(payload: &Value) -> Vec<&str> {
    payload["skipped"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one["reason"].as_str())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_concurrent_invitations_of_one_address_send_one_email() {
    let server = TestServer::open().await;
    let spellings = [
        "new@example.com",
        "NEW@example.com",
        "New@Example.COM",
        " new@EXAMPLE.com ",
    ];
    let answers = join_all((0..50).map(|turn| {
        server.data(
            &server.acme.key,
            INVITE,
            json!({"emails": [spellings[turn % spellings.len()]]}),
        )
    }))
    .await;
    let invited: usize = answers
        .iter()
        .map(|a| a["inviteContacts"]["invitations"].as_array().map_or(0, Vec::len))
        .sum();
    assert_eq!(invited, 1);
    for answer in &answers {
        assert!(
            reasons(&answer["inviteContacts"])
                .iter()
                .all(|reason| *reason == "ALREADY_INVITED"),
            "{answer}"
        );
    }
    wait_until("the mail arrives", async || !server.mailbox.sent().is_empty()).await;
    assert_eq!(server.test.number("select count(*) from messages").await, 1);
    assert_eq!(
        server
            .test
            .number("select count(*) from contacts where email_key = 'new@example.com'")
            .await,
        1
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_no_id_that_does_not_exist_and_no_invisible_character() {
    let server = TestServer::open().await;
    let emails = json!(["new@example.com", "NEW@example.com", "moc.\u{202e}x"]);
    let dry = server
        .data(&server.acme.key, INVITE, json!({"emails": emails, "dry": true}))
        .await;
    assert_eq!(
        dry["inviteContacts"]["skipped"],
        json!([
            {"email": "NEW@example.com", "contactId": null, "reason": "DUPLICATE"},
            {"email": "moc.\\u{202e}x", "contactId": null, "reason": "INVALID_EMAIL"},
        ])
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_recipient_is_invited_or_skipped_with_a_reason() {
    let server = TestServer::open().await;
    let foreign = server.other.contact.to_string();
    let own = server.acme.contact.to_string();
    let wanted = json!({"emails": ["one@example.com", "ONE@example.com", "nope", "two@example.com"], "ids": [own, foreign, "contact_x"]});
    let dry = server
        .data(
            &server.acme.key,
            INVITE,
            json!({"emails": wanted["emails"], "ids": wanted["ids"], "dry": true}),
        )
        .await;
    assert_eq!(dry["inviteContacts"]["count"], 3);
    assert_eq!(
        server.test.number("select count(*) from invitations").await,
        0,
        "a dry run keeps nothing"
    );
    assert_eq!(server.test.number("select count(*) from contacts").await, 2);
    let done = server.data(&server.acme.key, INVITE, wanted).await;
    assert_eq!(done["inviteContacts"]["count"], 3);
    assert_eq!(reasons(&done["inviteContacts"]), reasons(&dry["inviteContacts"]));
    assert_eq!(
        reasons(&done["inviteContacts"]),
        ["NOT_FOUND", "NOT_FOUND", "DUPLICATE", "INVALID_EMAIL"]
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resend_keeps_the_id_and_an_expired_invitation_is_sent_again() {
    let server = TestServer::open().await;
    let first = server
        .data(&server.acme.key, INVITE, json!({"emails": ["new@example.com"]}))
        .await;
    let id = first["inviteContacts"]["invitations"][0]["id"].clone();
    wait_until("the first mail", async || server.mailbox.sent().len() == 1).await;
    let resend = "mutation ($id: ID!) { resendInvitation(input: {invitationId: $id}) { invitation { id sentCount } } }";
    let resent = server.data(&server.acme.key, resend, json!({"id": id})).await;
    assert_eq!(
        resent["resendInvitation"]["invitation"],
        json!({"id": id, "sentCount": 2})
    );
    wait_until("the second mail", async || server.mailbox.sent().len() == 2).await;
    let old = crate::support::mailed_link(&server.mailbox.sent()[0]).reveal();
    let redeem = "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) { refusal { reason } session { accessToken } } }";
    let refused = server.request(None, redeem, json!({"token": old})).await;
    assert_eq!(
        refused["data"]["signInWithMagicLink"]["refusal"]["reason"],
        "LINK_SUPERSEDED"
    );
    server.clock.advance(chrono::TimeDelta::days(8));
    let key = &server.acme.key;
    let again = server
        .data(key, INVITE, json!({"emails": ["new@example.com"]}))
        .await;
    assert_eq!(again["inviteContacts"]["invitations"][0]["id"], id);
    assert_eq!(again["inviteContacts"]["invitations"][0]["status"], "OPEN");
    wait_until("the third mail", async || server.mailbox.sent().len() == 3).await;
    let newest = crate::support::mailed_link(&server.mailbox.sent()[2]).reveal();
    let joined = server.request(None, redeem, json!({"token": newest})).await;
    assert!(
        !joined["data"]["signInWithMagicLink"]["session"].is_null(),
        "{joined}"
    );
    let stats = server
        .data(
            key,
            "{ portalStats { invited active invitedTotal activeLast30Days } }",
            json!({}),
        )
        .await;
    assert_eq!(
        stats["portalStats"],
        json!({"invited": 0, "active": 1, "invitedTotal": 1, "activeLast30Days": 1})
    );
    assert_eq!(
        reasons(
            &server
                .data(key, INVITE, json!({"emails": ["new@example.com"]}))
                .await["inviteContacts"]
        ),
        ["ALREADY_ACTIVE"]
    );
    assert_eq!(
        server.error(Some(key), resend, json!({"id": id})).await.0,
        "CONFLICT"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_invitation_is_not_counted_and_its_link_is_invalid() {
    let server = TestServer::open().await;
    let key = &server.acme.key;
    let created = server
        .data(key, INVITE, json!({"emails": ["new@example.com"]}))
        .await;
    wait_until("the mail", async || server.mailbox.sent().len() == 1).await;
    let cancel =
        "mutation ($id: ID!) { cancelInvitation(input: {invitationId: $id}) { invitation { status } } }";
    let id = created["inviteContacts"]["invitations"][0]["id"].clone();
    for _ in 0..2 {
        let cancelled = server.data(key, cancel, json!({"id": id})).await;
        assert_eq!(cancelled["cancelInvitation"]["invitation"]["status"], "CANCELLED");
    }
    let stats = server
        .data(key, "{ portalStats { invited invitedTotal } }", json!({}))
        .await;
    assert_eq!(stats["portalStats"], json!({"invited": 0, "invitedTotal": 1}));
    let token = crate::support::mailed_link(&server.mailbox.sent()[0]).reveal();
    let redeem =
        "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) { refusal { reason } } }";
    let refused = server.request(None, redeem, json!({"token": token})).await;
    assert_eq!(
        refused["data"]["signInWithMagicLink"]["refusal"]["reason"],
        "LINK_REVOKED"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_hundred_addresses_become_a_job() {
    let server = TestServer::open().await;
    let emails: Vec<String> = (0..101).map(|n| format!("person{n}@example.com")).collect();
    let started = server
        .data(&server.acme.key, INVITE, json!({"emails": emails}))
        .await;
    assert_eq!(started["inviteContacts"]["bulkJob"]["total"], 101);
    wait_until("all mails arrived", async || server.mailbox.sent().len() == 101).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twelve_thousand_pasted_addresses_become_a_job() {
    let server = TestServer::open().await;
    let key = &server.acme.key;
    let pasted = |count: usize| -> Vec<String> {
        let one = |n| format!("Person With A Name {n} <person.with.a.name.{n}@department.example.com>");
        (0..count).map(one).collect()
    };
    let started = server.data(key, INVITE, json!({"emails": pasted(12_000)})).await;
    let payload = &started["inviteContacts"];
    assert_eq!(
        (&payload["count"], &payload["bulkJob"]["total"]),
        (&json!(12_000), &json!(12_000))
    );
    assert_eq!(
        (&payload["invitations"], &payload["skipped"]),
        (&json!([]), &json!([]))
    );
    let cancel = "mutation ($id: ID!) { cancelBulkJob(input: {bulkJobId: $id}) { bulkJob { status } } }";
    server
        .data(key, cancel, json!({"id": payload["bulkJob"]["id"]}))
        .await;
    assert_eq!(
        server.test.number("select count(*) from bulk_job_items").await,
        12_000
    );
    let refused = server
        .error(Some(key), INVITE, json!({"emails": pasted(20_001)}))
        .await;
    assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), Some("input".to_owned())));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_input_names_its_field_and_changes_nothing() {
    let server = TestServer::open().await;
    let create = "mutation ($email: EmailAddress, $phone: PhoneNumber, $name: String, $tags: [String!]) {
        createContact(input: {email: $email, phone: $phone, firstName: $name, tags: $tags}) { contact { id } } }";
    let list = "query ($first: Int, $last: Int, $after: String, $filter: ContactFilter) {
        contacts(first: $first, last: $last, after: $after, filter: $filter) { nodes { id } } }";
    let email = "fine@example.com";
    for (query, variables, code, field) in [
        (INVITE, json!({}), "BAD_USER_INPUT", "input"),
        (
            INVITE,
            json!({"emails": [email], "filter": {}}),
            "BAD_USER_INPUT",
            "input.filter",
        ),
        (
            INVITE,
            json!({"emails": [email], "note": "a\u{0}b"}),
            "BAD_USER_INPUT",
            "input.note",
        ),
        (
            INVITE,
            json!({"emails": [email], "note": "x".repeat(1_001)}),
            "BAD_USER_INPUT",
            "input.note",
        ),
        (
            create,
            json!({"email": "no address"}),
            "BAD_USER_INPUT",
            "input.email",
        ),
        (
            create,
            json!({"email": email, "phone": "12"}),
            "BAD_USER_INPUT",
            "input.phone",
        ),
        (
            create,
            json!({"email": email, "name": "Anna\r\nBcc: x@example.com"}),
            "BAD_USER_INPUT",
            "input.firstName",
        ),
        (
            create,
            json!({"email": email, "name": "An\u{0}na"}),
            "BAD_USER_INPUT",
            "input.firstName",
        ),
        (
            create,
            json!({"email": email, "tags": ["a", "x".repeat(51)]}),
            "BAD_USER_INPUT",
            "input.tags.1",
        ),
        (create, json!({}), "BAD_USER_INPUT", "input.email"),
        (
            create,
            json!({"email": "ANNA@acme.example"}),
            "CONFLICT",
            "input.email",
        ),
        (list, json!({"first": -1}), "BAD_USER_INPUT", "first"),
        (list, json!({"first": 101}), "BAD_USER_INPUT", "first"),
        (list, json!({"first": 1, "last": 1}), "BAD_USER_INPUT", "last"),
        (list, json!({"after": "rubbish"}), "BAD_USER_INPUT", "after"),
        (
            list,
            json!({"filter": {"portalStatus": []}}),
            "BAD_USER_INPUT",
            "filter.portalStatus",
        ),
        (
            list,
            json!({"filter": {"search": "!!"}}),
            "BAD_USER_INPUT",
            "filter.search",
        ),
    ] {
        let refused = server
            .error(Some(&server.acme.key), query, variables.clone())
            .await;
        assert_eq!(refused, (code.to_owned(), Some(field.to_owned())), "{variables}");
    }
    assert_eq!(server.test.number("select count(*) from contacts").await, 2);
    assert_eq!(server.test.number("select count(*) from messages").await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_over_the_daily_budget_is_refused_as_a_whole_and_its_dry_run_says_so() {
    let server = TestServer::open().await;
    server
        .test
        .run("insert into message_days select id, '2026-01-05', 49999 from accounts where slug = 'acme'")
        .await;
    for dry in [true, false] {
        let over = json!({"emails": ["a@example.com", "b@example.com"], "dry": dry});
        let answer = server.request(Some(&server.acme.key), INVITE, over).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "RATE_LIMITED");
        assert_eq!(answer["errors"][0]["extensions"]["retryAfter"], 14 * 3_600);
    }
    assert_eq!(
        server.test.number("select count(*) from contacts").await,
        2,
        "nothing half done"
    );
    server
        .data(&server.acme.key, INVITE, json!({"emails": ["a@example.com"]}))
        .await;
    server.stop().await;
}

const NEW: &str = "new@example.com";

/// The token of an invitation that a mail scanner redeemed, and the access token of its session.
async fn invitation_redeemed_by_scanner(server: &TestServer) -> (String, String) {
    server
        .data(&server.acme.key, INVITE, json!({"emails": [NEW]}))
        .await;
    let token = server.mailed_token(1).await;
    let pressed = server.redeem(&token).await;
    let access = pressed["session"]["accessToken"].as_str().expect("a session");
    (token, access.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_redeemed_by_a_scanner_ends_when_the_contact_signs_in_otherwise() {
    for by_password in [false, true] {
        let server = TestServer::open().await;
        let (token, access) = invitation_redeemed_by_scanner(&server).await;
        assert_eq!(set(&server, &access, PASSWORD).await, "none");
        server.clock.advance(TimeDelta::seconds(11));
        let done = if by_password {
            sign_in(&server, NEW, PASSWORD).await
        } else {
            server
                .sign_in_with_right_code(&server.request_code(NEW).await)
                .await
        };
        assert!(!done["session"].is_null(), "{done}");
        let pressed = server.redeem(&token).await;
        assert_eq!(pressed["refusal"]["reason"], "LINK_REVOKED", "{pressed}");
        let path = format!("/p/acme/link/{token}");
        let (status, page) = TestBrowser::new(&server).open(&path).await;
        assert_eq!(status, 410);
        assert!(page.contains(&format!("action=\"{path}/fresh\"")), "{page}");
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_redeemed_only_by_a_scanner_can_be_redeemed_once_more() {
    let server = TestServer::open().await;
    let (token, _) = invitation_redeemed_by_scanner(&server).await;
    server.clock.advance(TimeDelta::seconds(11));
    assert!(!server.redeem(&token).await["session"].is_null());
    server.clock.advance(TimeDelta::seconds(11));
    assert_eq!(server.redeem(&token).await["refusal"]["reason"], "LINK_USED");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_with_a_name_sets_the_name_of_a_new_contact_only() {
    let server = TestServer::open().await;
    server
        .test
        .run("update contacts set last_name = 'Old' where email_key = 'anna@acme.example'")
        .await;
    let emails = json!([
        "\"Smith, Ben\" <ben@x.example>",
        "Zoë van Dyk <zoe@x.example>",
        "Other Name <anna@acme.example>",
        "Cleo",
        "Dora \u{202e}x <dora@x.example>",
        "BEN <Ben@X.example>",
    ]);
    let query = "mutation ($emails: [String!]) { inviteContacts(input: {emails: $emails}) {
        invitations { contact { email firstName lastName } } skipped { email reason } } }";
    let done = server
        .data(&server.acme.key, query, json!({"emails": emails}))
        .await;
    let payload = &done["inviteContacts"];
    let invited: Vec<Value> = payload["invitations"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["contact"].clone())
        .collect();
    assert_eq!(
        json!(invited),
        json!([
            {"email": "ben@x.example", "firstName": "Ben", "lastName": "Smith"},
            {"email": "zoe@x.example", "firstName": "Zoë van", "lastName": "Dyk"},
            {"email": "anna@acme.example", "firstName": "Anna", "lastName": "Old"},
        ])
    );
    assert_eq!(
        payload["skipped"],
        json!([
            {"email": "Cleo", "reason": "INVALID_EMAIL"},
            {"email": "Dora \\u{202e}x <dora@x.example>", "reason": "INVALID_EMAIL"},
            {"email": "BEN <Ben@X.example>", "reason": "DUPLICATE"},
        ])
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resend_to_a_suppressed_address_is_skipped_with_the_reason() {
    let server = TestServer::open().await;
    let key = &server.acme.key;
    let created = server
        .data(key, INVITE, json!({"emails": ["new@example.com"]}))
        .await;
    wait_until("the mail", async || server.mailbox.sent().len() == 1).await;
    let id = created["inviteContacts"]["invitations"][0]["id"].clone();
    let account = server.acme.id.0;
    server
        .test
        .run(&format!(
            "insert into suppressions values ('{account}', 'new@example.com', 'gone', '2026-01-01Z', null)"
        ))
        .await;
    let taken = "select sum(message_count)::bigint from message_days";
    let before = server.test.number(taken).await;
    let resend = "mutation ($id: ID!) { resendInvitation(input: {invitationId: $id}) {
        invitation { id sentCount } skipped { email reason } } }";
    let answer = server.data(key, resend, json!({"id": id})).await;
    assert_eq!(
        answer["resendInvitation"],
        json!({"invitation": {"id": id, "sentCount": 1}, "skipped": {"email": "new@example.com", "reason": "SUPPRESSED"}})
    );
    assert_eq!(server.test.number("select count(*) from messages").await, 1);
    assert_eq!(
        server.test.number("select count(*) from magic_links").await,
        1,
        "the link stays"
    );
    assert_eq!(server.test.number(taken).await, before, "no budget is taken");
    server.test.run("delete from suppressions").await;
    let answer = server.data(key, resend, json!({"id": id})).await;
    assert_eq!(
        answer["resendInvitation"],
        json!({"invitation": {"id": id, "sentCount": 2}, "skipped": null})
    );
    server.stop().await;
}
