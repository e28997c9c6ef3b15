//! Changing many contacts at once: tags and access, at once or as a job.

use serde_json::{Value, json};
use vestibule::base::actor::Scope;
use vestibule::bulk_jobs::model::BulkJobStatus;
use vestibule::sign_in::auth_context::Viewer;

use crate::support::{TestApi, TestServer, wait_until};

const TAGS: &str = "mutation ($input: UpdateContactTagsInput!) { updateContactTags(input: $input) {
    count bulkJob { id kind total } skipped { contactId email reason } } }";
const REVOKE: &str =
    "mutation ($input: RevokePortalAccessForManyInput!) { revokePortalAccessForMany(input: $input) {
    count bulkJob { id kind total } skipped { contactId email reason } } }";
const RESTORE: &str =
    "mutation ($input: RestorePortalAccessForManyInput!) { restorePortalAccessForMany(input: $input) {
    count bulkJob { id kind total } skipped { contactId email reason } } }";

async fn run(api: &TestApi, caller: &Viewer, document: &str, input: Value) -> Value {
    let mut data = api.data(caller, document, json!({"input": input})).await;
    let payload = data.as_object_mut().and_then(|data| data.values_mut().next());
    payload.expect("a payload").take()
}

async fn people(api: &TestApi, count: usize) -> Vec<String> {
    let emails = (0..count).map(|n| format!("person{n:03}@example.com"));
    let contacts = api.test.add_contacts(emails).await;
    contacts.iter().map(|contact| contact.id.to_string()).collect()
}

/// The tags of all contacts, by address.
async fn all_tags(api: &TestApi) -> Vec<String> {
    let tags = "select tags::text from contacts order by email_key";
    api.test.test.texts(tags).await.into_iter().flatten().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_are_added_and_removed_and_each_skipped_contact_has_a_reason() {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    let ids = people(&api, 4).await;
    let prepare = "update contacts set tags = '{old,vip}' where email_key = 'person001@example.com';
        update contacts set tags = array(select 't' || n from generate_series(1, 50) n) where email_key = 'person003@example.com'";
    api.test.test.run(prepare).await;
    let missing = "contact_00000000000000000000000000";
    let named = [&ids[0][..], &ids[1], &ids[3], missing, &ids[0], "nothing"];
    let input = json!({"contactIds": named, "add": [" vip ", "new"], "remove": ["old"]});
    let mut dry = input.clone();
    dry["dryRun"] = json!(true);
    let expected = json!({"count": 2, "bulkJob": null, "skipped": [
        {"contactId": ids[3], "email": "person003@example.com", "reason": "TOO_MANY_TAGS"},
        {"contactId": null, "email": null, "reason": "NOT_FOUND"},
        {"contactId": ids[0], "email": null, "reason": "DUPLICATE"},
        {"contactId": null, "email": null, "reason": "NOT_FOUND"},
    ]});
    let before = all_tags(&api).await;
    assert_eq!(run(&api, &owner, TAGS, dry).await, expected);
    assert_eq!(all_tags(&api).await, before, "a dry run changes nothing");
    assert_eq!(run(&api, &owner, TAGS, input.clone()).await, expected);
    let after = all_tags(&api).await;
    assert_eq!(after[..3], ["{vip,new}", "{vip,new}", "{}"]);
    assert_eq!(after[3], before[3]);
    assert_eq!(
        run(&api, &owner, TAGS, input).await["count"],
        2,
        "they have the tags already"
    );
    let events = "select count(*) from audit_events where kind = 'CONTACT_UPDATED'";
    assert_eq!(api.test.test.number(events).await, 2, "a repeat changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn access_is_revoked_and_restored_for_a_small_filter_at_once() {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    let ids = people(&api, 3).await;
    let first = json!({"contactIds": [ids[0]], "reason": "the bill is open"});
    assert_eq!(run(&api, &owner, REVOKE, first).await["count"], 1);
    let all = json!({"filter": {"search": "person"}});
    let already =
        json!([{"contactId": ids[0], "email": "person000@example.com", "reason": "ALREADY_REVOKED"}]);
    let expected = json!({"count": 2, "bulkJob": null, "skipped": already});
    let dry = json!({"filter": {"search": "person"}, "dryRun": true});
    assert_eq!(run(&api, &owner, REVOKE, dry).await, expected);
    assert_eq!(run(&api, &owner, REVOKE, all.clone()).await, expected);
    let revoked = "select count(*) from contacts where revoked_at is not null";
    assert_eq!(api.test.test.number(revoked).await, 3);
    let one = json!({"contactIds": [ids[1]]});
    assert_eq!(run(&api, &owner, RESTORE, one).await["count"], 1);
    let restored = run(&api, &owner, RESTORE, all).await;
    assert_eq!(
        (&restored["count"], &restored["skipped"][0]["reason"]),
        (&json!(2), &json!("NOT_REVOKED"))
    );
    assert_eq!(api.test.test.number(revoked).await, 0);
    let reasons = "select concat_ws(' ', kind, count(*), detail ->> 'reason') from audit_events \
        where kind like 'ACCESS%' group by kind, detail order by 1";
    let reasons: Vec<String> = api.test.test.texts(reasons).await.into_iter().flatten().collect();
    assert_eq!(
        reasons,
        [
            "ACCESS_RESTORED 3",
            "ACCESS_REVOKED 1 the bill is open",
            "ACCESS_REVOKED 2"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_hundred_become_a_job_with_an_outcome_for_each() {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    let ids = people(&api, 101).await;
    let worker = api.test.start_worker();
    let wait = async |payload: &Value| {
        let id = payload["bulkJob"]["id"]
            .as_str()
            .expect("a job")
            .parse()
            .expect("an id");
        api.test.wait_for_job(id, BulkJobStatus::Succeeded).await
    };
    let named: Vec<&String> = ids.iter().chain([&ids[0]]).collect();
    let tagged = run(&api, &owner, TAGS, json!({"contactIds": named, "add": ["vip"]})).await;
    assert_eq!(
        (&tagged["count"], &tagged["bulkJob"]["kind"]),
        (&json!(102), &json!("TAG"))
    );
    let done = wait(&tagged).await;
    assert_eq!(
        (done.succeeded_count, done.skipped_count, done.failed_count),
        (101, 1, 0)
    );
    assert_eq!(all_tags(&api).await, vec!["{vip}"; 101]);
    run(&api, &owner, REVOKE, json!({"contactIds": [ids[5]]})).await;
    let filter = json!({"filter": {"tags": ["vip"]}, "reason": "the course is over"});
    let revoked = run(&api, &owner, REVOKE, filter).await;
    assert_eq!(
        (&revoked["count"], &revoked["bulkJob"]["kind"]),
        (&json!(101), &json!("ACCESS"))
    );
    let done = wait(&revoked).await;
    assert_eq!((done.succeeded_count, done.skipped_count), (100, 1));
    let reasons = "select count(*) from audit_events where detail ->> 'reason' = 'the course is over'";
    assert_eq!(api.test.test.number(reasons).await, 100);
    let restored = run(
        &api,
        &owner,
        RESTORE,
        json!({"filter": {"portalStatus": ["REVOKED"]}}),
    )
    .await;
    assert_eq!(wait(&restored).await.succeeded_count, 101);
    worker.stop().await;
    let revoked = "select count(*) from contacts where revoked_at is not null";
    assert_eq!(api.test.test.number(revoked).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_number_of_contacts_takes_the_same_number_of_statements() {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    let ids = people(&api, 100).await;
    let invite = "mutation ($ids: [ID!]) { inviteContacts(input: {contactIds: $ids}) { count } }";
    api.data(&owner, invite, json!({ "ids": ids })).await;
    let sessions = "insert into sessions (account_id, id, audience, contact_id, method, created_at, expires_at)
        select account_id, gen_random_uuid(), 'PORTAL', id, 'LINK', '2026-01-05Z', '2027-01-05Z' from contacts";
    api.test.test.run(sessions).await;
    let ended = "select count(*) from sessions s join magic_links l using (account_id, contact_id)
        join messages m using (account_id, contact_id)
        where s.ended_at is not null and l.revoked_at is not null and m.status = 'CANCELLED'";
    let begin_again = "update sessions set ended_at = null; update magic_links set revoked_at = null;
        update messages set status = 'QUEUED'; delete from revocations";
    for document in [REVOKE, RESTORE] {
        // The minimum of several runs, to exclude background statements.
        let mut fewest = [u64::MAX; 2];
        for (index, count) in [1, 100].into_iter().enumerate().cycle().take(8) {
            api.test.test.run(begin_again).await;
            let revoked = if document == REVOKE { "null" } else { "created_at" };
            let access = format!("update contacts set revoked_at = {revoked}");
            api.test.test.run(&access).await;
            let before = api.services.db.statement_count();
            let changed = run(&api, &owner, document, json!({"contactIds": ids[..count]})).await;
            fewest[index] = fewest[index].min(api.services.db.statement_count() - before);
            assert_eq!(changed["count"], count);
            let expected = if document == REVOKE { count as i64 } else { 0 };
            assert_eq!(api.test.test.number(ended).await, expected);
        }
        assert_eq!(fewest[0], fewest[1], "{document}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_input_names_its_field_and_a_key_without_read_learns_nothing() {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    let ids = people(&api, 2).await;
    let long = "x".repeat(51);
    for (document, input, field) in [
        (TAGS, json!({"contactIds": [ids[0]]}), "input.add"),
        (
            TAGS,
            json!({"contactIds": [ids[0]], "add": ["a", long]}),
            "input.add.1",
        ),
        (
            TAGS,
            json!({"contactIds": [ids[0]], "add": ["a"], "remove": ["b", "a"]}),
            "input.remove.1",
        ),
        (
            TAGS,
            json!({"contactIds": [ids[0]], "remove": vec!["a"; 51]}),
            "input.remove",
        ),
        (TAGS, json!({"add": ["a"]}), "input"),
        (
            TAGS,
            json!({"contactIds": [ids[0]], "filter": {}, "add": ["a"]}),
            "input.filter",
        ),
        (
            REVOKE,
            json!({"contactIds": [ids[0]], "reason": "a\nb"}),
            "input.reason",
        ),
        (
            RESTORE,
            json!({"filter": {"search": "?!"}}),
            "input.filter.search",
        ),
    ] {
        let refused = api.error(&owner, document, json!({"input": input})).await;
        assert_eq!(refused, ("BAD_USER_INPUT".into(), Some(field.into())), "{input}");
    }
    let key = api.key(&[Scope::Contacts]).await;
    let by_search = json!({"input": {"filter": {"search": "person"}, "add": ["a"]}});
    let refused = api.error(&key, TAGS, by_search).await;
    assert_eq!(refused, ("FORBIDDEN".into(), Some("input.filter".into())));
    run(&api, &owner, REVOKE, json!({"contactIds": [ids[0]]})).await;
    let skipped = run(
        &api,
        &key,
        REVOKE,
        json!({"filter": {"portalStatus": ["REVOKED"]}}),
    )
    .await;
    let reason = json!([{"contactId": ids[0], "email": null, "reason": "ALREADY_REVOKED"}]);
    assert_eq!(skipped["skipped"], reason);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_revokes_access_ends_sessions_immediately() {
    let server = TestServer::open().await;
    let acme = &server.acme;
    let many = format!(
        "insert into contacts (account_id, id, created_at, updated_at)
         select '{}', gen_random_uuid(), '2026-01-01Z', '2026-01-01Z' from generate_series(1, 150)",
        acme.id.0
    );
    server.test.run(&many).await;
    server
        .data(&acme.contact_session, "{ me { id } }", json!({}))
        .await;
    let all = json!({"input": {"filter": {}}});
    let started = server.data(&acme.owner, REVOKE, all).await;
    assert_eq!(started["revokePortalAccessForMany"]["count"], 151);
    let revoked = "select count(*) from contacts where revoked_at is not null";
    wait_until("all are revoked", async || {
        server.test.number(revoked).await == 151
    })
    .await;
    wait_until("the session has ended", async || {
        let answer = server
            .request(Some(&acme.contact_session), "{ me { id } }", json!({}))
            .await;
        answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    })
    .await;
    let other = "select count(*) from contacts where email = 'anna@other.example' and revoked_at is null";
    assert_eq!(server.test.number(other).await, 1);
    server.stop().await;
}
