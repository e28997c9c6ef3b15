//! Merging contacts: what moves, what ends, and who is told.

mod credentials;
mod items;
mod races;

use serde_json::{Value, json};
use vestibule::base::actor::Scope;
use vestibule::contacts::model::Contact;
use vestibule::contacts::model::portal_stats::PortalStats;

use crate::contents::Rooms;

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
async fn both_addresses_are_told_with_the_other_one_masked() {
    let rooms = Rooms::open().await;
    // Masked, their addresses are the same.
    let copy = rooms.api.test.add_contacts(["ada@example.com".to_owned()]).await;
    let copy = copy.into_iter().next().expect("a contact");
    run(
        &rooms,
        "update contacts set first_name = 'Joan', last_name = 'Roe'",
    )
    .await;
    merge(&rooms, &copy, json!({})).await;
    let worker = rooms.api.test.start_worker();
    let sent = rooms.api.test.wait_for_emails(2).await;
    worker.stop().await;
    for (address, effect, name) in [
        (
            "anna@example.com",
            "You go on signing in with this address",
            Some("Joan Roe"),
        ),
        ("ada@example.com", "This address no longer signs in", None),
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
        assert_eq!(mail.to.name.as_deref(), name);
        assert_eq!(mail.text.contains("Joan"), name.is_some(), "{}", mail.text);
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
