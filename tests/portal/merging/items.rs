//! What moves with a merge: grants, progress, the affiliate, the invitation, messages and history.

use chrono::TimeDelta;
use serde_json::json;

use super::{MERGED, counts_equal_the_rows, duplicate, merge, number, run};
use crate::contents::{Rooms, text};

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
        ('{account}', '{job}', 0, '{copy}', null, 'DONE'), ('{account}', '{job}', 1, null, '{{\"id\": \"{copy_text}\"}}', null), \
        ('{account}', '{job}', 2, null, '{{\"email\": \" Copy@Example.com\"}}', null), \
        ('{account}', '{job}', 3, null, '{{\"email\": \"copy@example.com\", \"first_name\": \"A row of an import\"}}', null)",
        account = rooms.api.test.account.id.0, job = rooms.contact.id.0, copy = copy.id.0, copy_text = copy.id)).await;
    rooms.api.test.clock.advance(TimeDelta::seconds(1));
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
    assert_eq!(number(&rooms, &id).await, 3);
}
