//! Merging contacts: what moves, what ends, and who is told.

mod credentials;
mod races;

use serde_json::{Value, json};
use vestibule::base::actor::Scope;
use vestibule::contacts::model::Contact;
use vestibule::contacts::model::portal_stats::PortalStats;

use crate::contents::{Rooms, text};

const MERGED: &str = "contact { id email phone name tags timezone locale portalStatus invitedAt joinedAt lastSeenAt revokedAt invitation { id status } } \
    moved { grants startedLessons completedLessons links messages events affiliateSales } deletedContactId";

/// Another contact, who is the same person as the first.
async fn duplicate(rooms: &Rooms) -> Contact {
    let mut made = rooms.api.test.add_contacts(["copy@example.com".to_owned()]).await;
    made.pop().expect("a contact")
}

async fn merge(rooms: &Rooms, duplicate: &Contact, more: Value) -> Value {
    let mut input = json!({"contactId": rooms.id(), "duplicateId": duplicate.id.to_string()});
    crate::contents::merge(&mut input, more);
    rooms.write("mergeContacts", input, MERGED).await
}

async fn run(rooms: &Rooms, statement: &str) {
    rooms.api.test.test.run(statement).await;
}

async fn number(rooms: &Rooms, query: &str) -> i64 {
    rooms.api.test.test.number(query).await
}

async fn counts_equal_the_rows(rooms: &Rooms) {
    let mut conn = rooms.api.test.test.db.conn().await.expect("a connection");
    let drifted = PortalStats::drifted(&mut conn).await.expect("a comparison");
    assert_eq!(drifted, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_earliest_times_and_both_kinds_of_details_count() {
    let rooms = Rooms::open().await;
    let copy = duplicate(&rooms).await;
    let (kept, copy_id) = (rooms.contact.id.0, copy.id.0);
    run(&rooms, &format!("update contacts set first_name = 'Anna', tags = '{{vip,old}}', joined_at = '2026-01-03Z', last_seen_at = '2026-01-03Z', \
        invited_at = '2026-01-02Z', first_invited_at = '2026-01-02Z' where id = '{kept}'")).await;
    run(&rooms, &format!("update contacts set first_name = 'Anne', last_name = 'Smith', phone = '+4915112345678', timezone = 'Europe/Berlin', \
        locale = 'de', tags = '{{new,vip}}', invited_at = '2026-01-01Z', first_invited_at = '2025-12-01Z', joined_at = '2026-01-02Z', \
        last_seen_at = '2026-01-04Z' where id = '{copy_id}'")).await;
    let merged = merge(&rooms, &copy, json!({})).await;
    let expected = json!({"id": rooms.id(), "email": "anna@example.com", "phone": "+4915112345678", "name": "Anna Smith",
        "tags": ["vip", "old", "new"], "timezone": "Europe/Berlin", "locale": "de", "portalStatus": "ACTIVE",
        "invitedAt": "2026-01-01T00:00:00.000000Z", "joinedAt": "2026-01-02T00:00:00.000000Z",
        "lastSeenAt": "2026-01-04T00:00:00.000000Z", "revokedAt": null, "invitation": null});
    assert_eq!(merged["contact"], expected);
    assert_eq!(merged["deletedContactId"], copy.id.to_string());
    let first = "select count(*) from contacts where first_invited_at = '2025-12-01Z'";
    assert_eq!(number(&rooms, first).await, 1);
    assert_eq!(number(&rooms, "select count(*) from contacts").await, 1);
    counts_equal_the_rows(&rooms).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn revoked_wins_and_ends_the_links_of_both() {
    for revoked_is_kept in [true, false] {
        let rooms = Rooms::open().await;
        let copy = duplicate(&rooms).await;
        for contact in [rooms.id(), copy.id.to_string()] {
            let input = json!({"contactId": contact, "expiresInMinutes": 60});
            rooms.write("generateMagicLink", input, "url").await;
        }
        let revoked = if revoked_is_kept {
            rooms.contact.id
        } else {
            copy.id
        };
        run(
            &rooms,
            &format!(
                "update contacts set joined_at = '2026-01-01Z', revoked_at = '2026-01-02Z' where id = '{}'",
                revoked.0
            ),
        )
        .await;
        let merged = merge(&rooms, &copy, json!({})).await;
        assert_eq!(merged["contact"]["portalStatus"], "REVOKED");
        assert_eq!(merged["contact"]["revokedAt"], "2026-01-02T00:00:00.000000Z");
        let open = "select count(*) from magic_links where revoked_at is null";
        assert_eq!(number(&rooms, open).await, 0, "{revoked_is_kept}");
        let recorded = rooms.events("ACCESS_REVOKED").await.len();
        assert_eq!(recorded, usize::from(!revoked_is_kept));
        counts_equal_the_rows(&rooms).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_and_progress_move_and_a_grant_that_both_have_lasts_longer() {
    let rooms = Rooms::open().await;
    let copy = duplicate(&rooms).await;
    let (both, one) = (rooms.course("Both").await, rooms.course("One").await);
    let module = rooms.module(&both, "A module").await;
    let lessons = [rooms.lesson(&module, "1").await, rooms.lesson(&module, "2").await];
    rooms
        .assign(&[&both], &[], json!({"endsAt": "2026-02-01T00:00:00Z"}))
        .await;
    let person = rooms.api.contact(&copy);
    let input =
        json!({"contactId": copy.id.to_string(), "add": [both, one], "endsAt": "2026-03-01T00:00:00Z"});
    rooms.write("assignCourses", input, "count").await;
    for (viewer, lesson, field) in [
        (&rooms.person, &lessons[0], "completeLesson"),
        (&person, &lessons[0], "startLesson"),
        (&person, &lessons[1], "completeLesson"),
    ] {
        let document = crate::contents::document(field, "__typename");
        let input = json!({"input": {"lessonId": lesson}});
        rooms.api.data(viewer, &document, input).await;
    }
    run(
        &rooms,
        "update lesson_progress set started_at = '2026-01-01Z' where completed_at is null",
    )
    .await;
    let merged = merge(&rooms, &copy, json!({})).await;
    let moved = json!({"grants": 2, "startedLessons": 2, "completedLessons": 1, "links": 0, "messages": 0, "events": 4, "affiliateSales": 0});
    assert_eq!(merged["moved"], moved);
    assert_eq!(rooms.open_courses().await, ["Both", "One"]);
    let grants = "select count(*) from access_grants where ends_at = '2026-03-01Z' and revoked_at is null";
    assert_eq!(number(&rooms, grants).await, 2);
    assert_eq!(number(&rooms, "select count(*) from access_grants").await, 2);
    let earliest =
        "select count(*) from lesson_progress where started_at = '2026-01-01Z' and completed_at is not null";
    assert_eq!(number(&rooms, earliest).await, 1);
    assert_eq!(
        number(&rooms, "select count(completed_at) from lesson_progress").await,
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_has_ended_does_not_widen_one_that_starts_later() {
    let rooms = Rooms::open().await;
    let copy = duplicate(&rooms).await;
    let course = rooms.course("Later").await;
    rooms
        .assign(&[&course], &[], json!({"endsAt": "2026-02-01T00:00:00Z"}))
        .await;
    let input =
        json!({"contactId": copy.id.to_string(), "add": [course], "startsAt": "2026-06-01T00:00:00Z"});
    rooms.write("assignCourses", input, "count").await;
    run(&rooms, "update access_grants set starts_at = '2025-01-01Z', ends_at = '2025-02-01Z' where ends_at is not null").await;
    merge(&rooms, &copy, json!({})).await;
    assert!(rooms.open_courses().await.is_empty());
    let kept = "select count(*) from access_grants where starts_at = '2026-06-01Z' and ends_at is null";
    assert_eq!(number(&rooms, kept).await, 1);
}

async fn enroll(rooms: &Rooms, contact: &str, code: &str) -> String {
    let input = json!({"contactId": contact, "code": code});
    let made = rooms.write("setAffiliate", input, "affiliate { id }").await;
    let id = text(&made["affiliate"]["id"]);
    let sale = json!({"affiliateId": id, "externalId": code, "amount": "10", "commission": "1", "currencyCode": "EUR",
        "soldAt": "2026-01-01T00:00:00Z"});
    rooms.write("recordAffiliateSale", sale, "sale { id }").await;
    run(rooms, &format!("insert into affiliate_clicks select account_id, id, '2026-01-01', 0, 3 from affiliates where code = '{code}'")).await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn one_affiliate_moves_and_of_two_one_gets_the_sales_clicks_and_codes() {
    for both in [false, true] {
        let rooms = Rooms::open().await;
        let copy = duplicate(&rooms).await;
        let moved = enroll(&rooms, &copy.id.to_string(), "copy").await;
        let kept = if both {
            enroll(&rooms, &rooms.id(), "anna").await
        } else {
            moved
        };
        let merged = merge(&rooms, &copy, json!({})).await;
        assert_eq!(merged["moved"]["affiliateSales"], 1);
        let query =
            "query ($id: ID!) { contact(id: $id) { affiliate { id clickCount sales { totalCount } } } }";
        let found = rooms
            .api
            .data(&rooms.owner, query, json!({"id": rooms.id()}))
            .await;
        let count = if both { 2 } else { 1 };
        let expected = json!({"id": kept, "clickCount": 3 * count, "sales": {"totalCount": count}});
        assert_eq!(found["contact"]["affiliate"], expected);
        // A sale with the old code is the other's.
        let sale = json!({"code": "copy", "externalId": "next", "amount": "10", "commission": "1", "currencyCode": "EUR",
            "soldAt": "2026-01-01T00:00:00Z"});
        let made = rooms
            .write("recordAffiliateSale", sale, "sale { affiliate { id } }")
            .await;
        assert_eq!(made["sale"]["affiliate"]["id"], kept);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_open_or_accepted_invitation_stays_and_a_joined_person_has_none_open() {
    let rooms = Rooms::open().await;
    let copy = duplicate(&rooms).await;
    let ids = json!({"contactIds": [rooms.id(), copy.id.to_string()]});
    let invited = rooms
        .write("inviteContacts", ids, "invitations { id contact { id } }")
        .await;
    let of = |id: String| {
        let all = invited["invitations"].as_array().expect("a list").iter();
        let found = all.clone().find(|one| one["contact"]["id"] == json!(id));
        text(&found.expect("an invitation")["id"])
    };
    let (cancelled, open) = (of(rooms.id()), of(copy.id.to_string()));
    rooms
        .write(
            "cancelInvitation",
            json!({"invitationId": cancelled}),
            "__typename",
        )
        .await;
    let merged = merge(&rooms, &copy, json!({})).await;
    assert_eq!(
        merged["contact"]["invitation"],
        json!({"id": open, "status": "OPEN"})
    );
    assert_eq!(merged["contact"]["portalStatus"], "INVITED");
    let dangling = "select count(*) from magic_links l left join invitations i on i.id = l.invitation_id where i.id is null";
    assert_eq!(number(&rooms, dangling).await, 0);
    let other = rooms
        .api
        .test
        .add_contacts(["joined@example.com".to_owned()])
        .await;
    run(
        &rooms,
        &format!(
            "update contacts set joined_at = '2026-01-02Z' where id = '{}'",
            other[0].id.0
        ),
    )
    .await;
    let input = json!({"contactId": other[0].id.to_string(), "duplicateId": rooms.id()});
    let merged = rooms.write("mergeContacts", input, MERGED).await;
    assert_eq!(
        merged["contact"]["invitation"],
        json!({"id": open, "status": "ACCEPTED"})
    );
    let live = "select count(*) from magic_links where purpose = 'INVITATION' and revoked_at is null and superseded_at is null";
    assert_eq!(
        number(&rooms, live).await,
        0,
        "whoever has joined needs no invitation"
    );
    counts_equal_the_rows(&rooms).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn history_moves_and_queued_messages_to_the_address_that_is_gone_are_cancelled() {
    let rooms = Rooms::open().await;
    let copy = duplicate(&rooms).await;
    let ids = json!({"contactIds": [rooms.id(), copy.id.to_string()]});
    rooms.write("sendLoginEmails", ids, "messages { id }").await;
    run(&rooms, &format!("insert into bulk_jobs (account_id, id, kind, status, plan, total_count, requested_by, due_at, created_at) \
        values ('{account}', '{job}', 'INVITE', 'PAUSED', '{{\"section\": \"HOME\"}}', 2, 'system', '2100-01-01Z', '2026-01-01Z'); \
        insert into bulk_job_items (account_id, bulk_job_id, position, contact_id, payload, outcome) values \
        ('{account}', '{job}', 0, '{copy}', null, 'DONE'), ('{account}', '{job}', 1, null, '{{\"id\": \"{copy_text}\"}}', null)",
        account = rooms.api.test.account.id.0, job = rooms.contact.id.0, copy = copy.id.0, copy_text = copy.id)).await;
    merge(&rooms, &copy, json!({})).await;
    let query = "query ($id: ID!) { contact(id: $id) { messages { nodes { address status kind } } timeline { nodes { kind by subjectId } } } }";
    let found = rooms
        .api
        .data(&rooms.owner, query, json!({"id": rooms.id()}))
        .await;
    let mut messages = found["contact"]["messages"]["nodes"]
        .as_array()
        .cloned()
        .expect("a list");
    messages.sort_by_key(|one| (text(&one["kind"]), text(&one["address"])));
    let expected = json!([
        {"address": "anna@example.com", "status": "QUEUED", "kind": "CONTACTS_MERGED"},
        {"address": "copy@example.com", "status": "QUEUED", "kind": "CONTACTS_MERGED"},
        {"address": "anna@example.com", "status": "QUEUED", "kind": "LOGIN_EMAIL"},
        {"address": "copy@example.com", "status": "CANCELLED", "kind": "LOGIN_EMAIL"},
    ]);
    assert_eq!(json!(messages), expected);
    let timeline = &found["contact"]["timeline"]["nodes"];
    assert_eq!(timeline[0]["kind"], "CONTACT_MERGED");
    assert_eq!(timeline[0]["subjectId"], copy.id.to_string());
    assert_eq!(rooms.events("LOGIN_EMAIL_QUEUED").await.len(), 2);
    let id = format!(
        "select count(*) from bulk_job_items where contact_id = '{}' or payload ->> 'id' = '{}'",
        rooms.contact.id.0,
        rooms.id()
    );
    assert_eq!(number(&rooms, &id).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_addresses_are_told_with_the_other_one_masked() {
    let rooms = Rooms::open().await;
    let copy = duplicate(&rooms).await;
    merge(&rooms, &copy, json!({})).await;
    let worker = rooms.api.test.start_worker();
    let sent = rooms.api.test.wait_for_emails(2).await;
    worker.stop().await;
    for (address, effect) in [
        ("anna@example.com", "You go on signing in with this address"),
        ("copy@example.com", "This address no longer signs in"),
    ] {
        let mail = sent
            .iter()
            .find(|mail| mail.to.address == address)
            .expect(address);
        assert_eq!(mail.subject, "Your accounts in Acme were joined");
        assert!(
            mail.text.contains(effect) && mail.text.contains("a***@example.com"),
            "{}",
            mail.text
        );
        assert!(!mail.text.contains("anna@example.com"), "{}", mail.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_without_an_address_gets_the_duplicates() {
    let rooms = Rooms::open().await;
    let copy = duplicate(&rooms).await;
    run(&rooms, &format!("update contacts set email = null, email_key = null, email_proved_at = '2026-01-01Z', phone = '+4915112345678' where id = '{}'", rooms.contact.id.0)).await;
    run(
        &rooms,
        &format!(
            "update contacts set email_proved_at = '2026-01-01Z' where id = '{}'",
            copy.id.0
        ),
    )
    .await;
    let merged = merge(&rooms, &copy, json!({})).await;
    assert_eq!(merged["contact"]["email"], "copy@example.com");
    let told =
        "select count(*) from messages where kind = 'CONTACTS_MERGED' and address = 'copy@example.com'";
    assert_eq!(number(&rooms, told).await, 1);
    assert_eq!(rooms.events("ADDRESS_CHANGED").await.len(), 1);
    let proved = "select count(*) from contacts where email_proved_at is not null";
    assert_eq!(
        number(&rooms, proved).await,
        0,
        "nobody has proved the address for this contact"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_would_happen_and_changes_nothing() {
    let rooms = Rooms::open().await;
    let copy = duplicate(&rooms).await;
    let course = rooms.course("A course").await;
    let input = json!({"contactId": copy.id.to_string(), "add": [course]});
    rooms.write("assignCourses", input, "count").await;
    run(
        &rooms,
        &format!(
            "update contacts set last_name = 'Smith' where id = '{}'",
            copy.id.0
        ),
    )
    .await;
    let all = "select md5(string_agg(r, '' order by r)) from (select c::text as r from contacts c union all select e::text from audit_events e \
        union all select m::text from messages m union all select g::text from access_grants g) rows";
    let before = rooms.api.test.test.texts(all).await;
    let preview = merge(&rooms, &copy, json!({"dryRun": true})).await;
    assert_eq!(preview["contact"]["name"], "Smith");
    assert_eq!(preview["moved"]["grants"], 1);
    assert_eq!(rooms.api.test.test.texts(all).await, before);
    let merged = merge(&rooms, &copy, json!({})).await;
    assert_eq!(merged["moved"], preview["moved"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_input_names_its_field() {
    let rooms = Rooms::open().await;
    let copy = duplicate(&rooms).await;
    let (kept, gone) = (rooms.id(), copy.id.to_string());
    let other = rooms.api.owner_of_other_account().await;
    let input = json!({"input": {"contactId": kept, "duplicateId": gone}});
    let document = crate::contents::document("mergeContacts", "deletedContactId");
    let foreign = rooms.api.error(&other, &document, input).await;
    assert_eq!(
        foreign,
        ("NOT_FOUND".to_owned(), Some("input.contactId".to_owned()))
    );
    for (contact, duplicate, code, field) in [
        (&kept, &kept, "BAD_USER_INPUT", "input.duplicateId"),
        (&kept, &"contact_1".to_owned(), "NOT_FOUND", "input.duplicateId"),
        (&"nobody".to_owned(), &gone, "NOT_FOUND", "input.contactId"),
    ] {
        let input = json!({"contactId": contact, "duplicateId": duplicate});
        let refused = rooms.refused("mergeContacts", input).await;
        assert_eq!(
            refused,
            (code.to_owned(), field.to_owned()),
            "{contact} {duplicate}"
        );
    }
    run(
        &rooms,
        "update contacts set tags = array(select id::text || i from generate_series(1, 26) i)",
    )
    .await;
    let input = json!({"contactId": kept, "duplicateId": gone});
    let refused = rooms.refused("mergeContacts", input.clone()).await;
    assert_eq!(
        refused,
        ("BAD_USER_INPUT".to_owned(), "input.duplicateId".to_owned())
    );
    rooms
        .write("deleteContact", json!({"contactId": gone}), "__typename")
        .await;
    let refused = rooms.refused("mergeContacts", input).await;
    assert_eq!(refused, ("NOT_FOUND".to_owned(), "input.duplicateId".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_without_read_sees_the_ids_alone() {
    let rooms = Rooms::open().await;
    let copy = duplicate(&rooms).await;
    let key = rooms.api.key(&[Scope::Contacts]).await;
    let input = json!({"input": {"contactId": rooms.id(), "duplicateId": copy.id.to_string()}});
    for selected in ["moved { grants }", "contact { tags }"] {
        let document = crate::contents::document("mergeContacts", selected);
        let refused = rooms.api.error(&key, &document, input.clone()).await;
        assert_eq!(refused.0, "FORBIDDEN", "{selected}");
        assert_eq!(number(&rooms, "select count(*) from contacts").await, 2);
    }
    let document = crate::contents::document("mergeContacts", "contact { id portalStatus } deletedContactId");
    let done = rooms.api.data(&key, &document, input).await;
    assert_eq!(done["mergeContacts"]["contact"]["id"], rooms.id());
}
