//! The export of one person's data, and their erasure.

mod erasing;

use serde_json::{Value, json};
use vestibule::base::actor::{Role, Scope};

use crate::contents::{Rooms, document, text};

const EXPORT: &str = "fileName content";

/// Anna with everything that a contact can have.
async fn rooms_with_history() -> Rooms {
    let rooms = Rooms::open().await;
    let contact = rooms.contact.id.0;
    let account = rooms.api.test.account.id.0;
    let details = json!({"contactId": rooms.id(), "firstName": "Annabella", "lastName": "Zimmermann", "phone": "+4915112345678", "tags": ["vip"]});
    rooms.write("updateContact", details, "contact { id }").await;
    let course = rooms.course("Baking").await;
    let module = rooms.module(&course, "A module").await;
    let lesson = rooms.lesson(&module, "Dough").await;
    rooms.assign(&[&course], &[], json!({})).await;
    let complete = document("completeLesson", "__typename");
    rooms
        .api
        .data(&rooms.person, &complete, json!({"input": {"lessonId": lesson}}))
        .await;
    rooms
        .write(
            "inviteContacts",
            json!({"contactIds": [rooms.id()], "note": "Hello"}),
            "count",
        )
        .await;
    let link = json!({"contactId": rooms.id(), "expiresInMinutes": 60});
    rooms.write("generateMagicLink", link, "url").await;
    let made = rooms
        .write(
            "setAffiliate",
            json!({"contactId": rooms.id()}),
            "affiliate { id code }",
        )
        .await;
    let sale = json!({"affiliateId": made["affiliate"]["id"], "externalId": "order-1", "amount": "10", "commission": "1",
        "currencyCode": "EUR", "soldAt": "2026-01-01T00:00:00Z"});
    rooms.write("recordAffiliateSale", sale, "sale { id }").await;
    rooms
        .write(
            "updateContact",
            json!({"contactId": rooms.id(), "email": "annabella@zimmermann.example"}),
            "contact { id }",
        )
        .await;
    rooms
        .write("sendLoginEmails", json!({"contactIds": [rooms.id()]}), "count")
        .await;
    let text = json!({"selection": {"contactIds": [rooms.id()]}, "channel": "EMAIL", "format": "MARKDOWN", "subject": "Hello",
        "body": "Dear Annabella"});
    rooms.write("sendMessage", text, "count").await;
    let list = json!({"name": "Friends of annabella zimmermann", "filter": {"search": "annabella@zimmermann.example"}});
    rooms.write("createSmartList", list, "smartList { id }").await;
    let everywhere = format!(
        "insert into sessions (account_id, id, audience, contact_id, method, created_at, expires_at, ip, user_agent, email_key) values \
            ('{account}', gen_random_uuid(), 'PORTAL', '{contact}', 'LINK', '2026-01-05Z', '2027-01-01Z', '203.0.113.9', 'Mozilla/5.0 Firefox/144.0', 'annabella@zimmermann.example'); \
         insert into challenges (account_id, id, audience, contact_id, email_key, section, device_secret_hash, matching_number, mailed, created_at, expires_at) values \
            ('{account}', gen_random_uuid(), 'PORTAL', '{contact}', 'annabella@zimmermann.example', 'HOME', decode(repeat('00', 32), 'hex'), '12', true, '2026-01-05Z', '2026-01-06Z'), \
            ('{account}', gen_random_uuid(), 'PORTAL', null, 'annabella@zimmermann.example', 'HOME', decode(repeat('00', 32), 'hex'), '12', false, '2026-01-05Z', '2026-01-06Z'); \
         insert into suppressions (account_id, email_key, reason, created_at) values ('{account}', 'annabella@zimmermann.example', 'COMPLAINED', '2026-01-05Z'), \
            ('{account}', 'anna@example.com', '550 5.1.1 <anna@example.com> unknown', '2026-01-05Z'); \
         insert into bulk_jobs (account_id, id, kind, status, plan, total_count, requested_by, due_at, created_at) values \
            ('{account}', '{contact}', 'INVITE', 'PAUSED', '{{\"section\": \"HOME\", \"filter\": {{\"search\": \"Annabella@Zimmermann.example\"}}}}', 3, 'system', '2100-01-01Z', '2026-01-01Z'); \
         insert into bulk_job_items (account_id, bulk_job_id, position, contact_id, email, payload, outcome, detail) values \
            ('{account}', '{contact}', 0, '{contact}', 'Annabella@Zimmermann.example', null, 'FAILED', 'Annabella Zimmermann failed'), \
            ('{account}', '{contact}', 1, null, null, '{{\"email\": \"Annabella <annabella@zimmermann.example>\"}}', null, null), \
            ('{account}', '{contact}', 2, null, null, '{{\"email\": \"annabella@zimmermann.example\", \"first_name\": \"Annabella\", \"phone\": \"+4915112345678\"}}', null, null), \
            ('{account}', '{contact}', 3, null, null, '{{\"email\": \"other@example.com\"}}', null, null)"
    );
    rooms.api.test.test.run(&everywhere).await;
    let key =
        "update messages set subject = 'Hello Annabella', last_error = '550 <annabella@zimmermann.example>'";
    rooms.api.test.test.run(key).await;
    rooms
}

async fn export(rooms: &Rooms) -> Value {
    let exported = rooms
        .write("exportContactData", json!({"contactId": rooms.id()}), EXPORT)
        .await;
    assert_eq!(exported["fileName"], format!("{}.json", rooms.id()));
    serde_json::from_str(&text(&exported["content"])).expect("a JSON document")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_has_everything_about_the_person_and_no_secret() {
    let rooms = rooms_with_history().await;
    let data = export(&rooms).await;
    assert_eq!(data["contact"]["email"], "annabella@zimmermann.example");
    assert_eq!(data["contact"]["phone"], "+4915112345678");
    assert_eq!(data["invitation"]["note"], "Hello");
    assert_eq!(data["suppression"]["reason"], "COMPLAINED");
    assert_eq!(data["password"], Value::Null);
    for (list, count) in [
        ("messages", 4),
        ("magicLinks", 3),
        ("sessions", 1),
        ("signInRequests", 1),
        ("passwordResets", 0),
        ("grants", 1),
        ("progress", 1),
        ("affiliateSales", 1),
        ("bulkJobs", 1),
    ] {
        assert_eq!(
            data[list].as_array().map(Vec::len),
            Some(count),
            "{list}: {data:#}"
        );
    }
    assert_eq!(data["sessions"][0]["network"], "203.0.113.x");
    assert_eq!(data["sessions"][0].get("ip"), None);
    assert!(
        text(&data["grants"][0]["courseId"]).starts_with("course_"),
        "{data:#}"
    );
    assert!(text(&data["progress"][0]["lessonId"]).starts_with("lesson_"));
    assert_eq!(data["affiliate"]["codes"], json!(["annabella-zimmermann"]));
    let kinds: Vec<String> = data["timeline"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|event| text(&event["kind"]))
        .collect();
    for kind in [
        "INVITED",
        "COURSE_ASSIGNED",
        "LESSON_COMPLETED",
        "ADDRESS_CHANGED",
    ] {
        assert!(kinds.iter().any(|one| one == kind), "{kinds:?}");
    }
    let all = data.to_string();
    for secret in ["secret_hash", "device_secret", "link_acme", "cookie"] {
        assert!(!all.contains(secret), "{secret}: {all}");
    }
    let recorded = "select count(*) from audit_events where kind = 'CONTACT_EXPORTED'";
    assert_eq!(rooms.api.test.test.number(recorded).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_read_in_parts_and_refused_beyond_the_limit() {
    let rooms = Rooms::open().await;
    let add = |count: usize| {
        format!(
            "insert into messages (account_id, id, contact_id, channel, kind, address, requested_by, status, priority, due_at, give_up_at, created_at) \
             select '{}', gen_random_uuid(), '{}', 'EMAIL', 'LOGIN_EMAIL', 'anna@example.com', 'system', 'SENT', 1, '2026-01-01Z', '2026-01-01Z', '2026-01-01Z' \
             from generate_series(1, {count})",
            rooms.api.test.account.id.0, rooms.contact.id.0
        )
    };
    rooms.api.test.test.run(&add(2_000)).await;
    let data = export(&rooms).await;
    let mut ids: Vec<String> = data["messages"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| text(&one["id"]))
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 2_000, "each once");
    rooms.api.test.test.run(&add(98_001)).await;
    let refused = rooms
        .refused("exportContactData", json!({"contactId": rooms.id()}))
        .await;
    assert_eq!(
        refused,
        ("BAD_USER_INPUT".to_owned(), "input.contactId".to_owned())
    );
    let recorded = "select count(*) from audit_events where kind = 'CONTACT_EXPORTED'";
    assert_eq!(
        rooms.api.test.test.number(recorded).await,
        1,
        "the refused one is not recorded"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_is_for_staff_or_a_key() {
    let rooms = Rooms::open().await;
    let staff = rooms.api.member("staff@acme.example", Role::Staff).await;
    let key = rooms.api.key(&[Scope::Admin, Scope::Contacts, Scope::Read]).await;
    for caller in [&staff, &key, &rooms.person] {
        for (mutation, input) in [
            ("exportContactData", json!({"contactId": rooms.id()})),
            (
                "eraseContact",
                json!({"contactId": rooms.id(), "confirmEmail": "anna@example.com"}),
            ),
        ] {
            let refused = rooms
                .api
                .error(
                    caller,
                    &document(mutation, "__typename"),
                    json!({ "input": input }),
                )
                .await;
            assert_eq!(refused.0, "FORBIDDEN", "{mutation}");
        }
    }
}
