//! Changes of all that match a filter, while another transaction changes what matches.

use diesel_async::SimpleAsyncConnection;
use futures_util::future::join;
use serde_json::{Value, json};
use vestibule::bulk_jobs::model::{BulkJob, BulkJobStatus};
use vestibule::sign_in::auth_context::Viewer;

use crate::support::{TestApi, wait_until};

const REVOKE: &str = "mutation ($filter: ContactFilter) {
    changed: revokePortalAccessForMany(input: {filter: $filter}) { count skipped { reason } bulkJob { id } } }";
const RESTORE: &str = "mutation ($filter: ContactFilter) {
    changed: restorePortalAccessForMany(input: {filter: $filter}) { count skipped { reason } bulkJob { id } } }";
const TAG: &str = "mutation ($filter: ContactFilter) {
    changed: updateContactTags(input: {filter: $filter, add: [\"new\"]}) { count skipped { reason } bulkJob { id } } }";
const RESEND: &str = "mutation ($filter: InvitationFilter) {
    changed: resendInvitations(input: {filter: $filter}) { count skipped { reason } bulkJob { id } } }";
const CANCEL: &str = "mutation ($filter: InvitationFilter) {
    changed: cancelInvitations(input: {filter: $filter}) { count skipped { reason } bulkJob { id } } }";

/// Begins the change, and commits it as soon as the work waits for a row that the change locked.
async fn during<T>(api: &TestApi, change: &str, work: impl Future<Output = T>) -> T {
    let mut conn = api.test.test.db.conn().await.expect("a connection");
    conn.batch_execute(&format!("begin; {change}"))
        .await
        .expect("it begins");
    let commit = async {
        let waits = "select count(*) from pg_stat_activity \
            where datname = current_database() and wait_event_type = 'Lock'";
        wait_until("the work waits for the row", async || {
            api.test.test.number(waits).await == 1
        })
        .await;
        conn.batch_execute("commit").await.expect("it commits");
    };
    join(work, commit).await.0
}

/// Changes the invitation of person 0, as every transaction does: with the row of the contact locked first.
fn change_invitation(change: &str) -> String {
    let anyone = "from contacts where email_key = 'person0@example.com'";
    format!(
        "select id {anyone} for no key update; \
         update invitations set {change} where contact_id = (select id {anyone})"
    )
}

async fn invited(count: usize) -> (TestApi, Viewer) {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    let emails: Vec<String> = (0..count).map(|n| format!("person{n}@example.com")).collect();
    let invite = "mutation ($emails: [String!]) { inviteContacts(input: {emails: $emails}) { count } }";
    for some in emails.chunks(100) {
        api.data(&owner, invite, json!({ "emails": some })).await;
    }
    (api, owner)
}

async fn change(api: &TestApi, owner: &Viewer, document: &str, filter: &Value) -> Value {
    let mut data = api.data(owner, document, json!({ "filter": filter })).await;
    data["changed"].take()
}

/// The job that the change became, once it has succeeded.
async fn succeeded(api: &TestApi, changed: &Value) -> BulkJob {
    let id = changed["bulkJob"]["id"].as_str().expect("a job");
    let id = id.parse().expect("an id");
    api.test.wait_for_job(id, BulkJobStatus::Succeeded).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_that_stops_matching_is_left_out() {
    let (api, owner) = invited(2).await;
    let vip = json!({"tags": ["vip"]});
    let joins = "joined_at = created_at";
    for (document, filter, before, change_of_one, changed) in [
        (
            REVOKE,
            json!({"portalStatus": ["INVITED"]}),
            "joined_at = null",
            joins,
            "revoked_at is not null",
        ),
        (
            RESTORE,
            vip.clone(),
            "tags = '{vip}', revoked_at = created_at",
            "tags = '{}'",
            "revoked_at is null",
        ),
        (TAG, vip, "tags = '{vip}'", "tags = '{}'", "tags @> '{new}'"),
    ] {
        api.test.test.run(&format!("update contacts set {before}")).await;
        let one = format!("update contacts set {change_of_one} where email_key = 'person0@example.com'");
        let done = during(&api, &one, change(&api, &owner, document, &filter)).await;
        assert_eq!(
            done,
            json!({"count": 1, "skipped": [], "bulkJob": null}),
            "{document}"
        );
        let others = format!("select email_key from contacts where {changed}");
        let expected = [Some("person1@example.com".to_owned())];
        assert_eq!(api.test.test.texts(&others).await, expected, "{document}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_stops_matching_is_left_out() {
    for (document, status, before, change_of_one, kept) in [
        (
            RESEND,
            "OPEN",
            "sent_count = 1",
            "cancelled_at = created_at",
            "cancelled_at is not null and sent_count = 1",
        ),
        (
            RESEND,
            "OPEN",
            "sent_count = 1",
            "accepted_at = created_at",
            "accepted_at is not null and sent_count = 1",
        ),
        (
            CANCEL,
            "EXPIRED",
            "expires_at = '2026-01-04Z'",
            "expires_at = '2026-02-01Z'",
            "cancelled_at is null",
        ),
    ] {
        let (api, owner) = invited(2).await;
        api.test
            .test
            .run(&format!("update invitations set {before}"))
            .await;
        let filter = json!({"statuses": [status]});
        let work = change(&api, &owner, document, &filter);
        let done = during(&api, &change_invitation(change_of_one), work).await;
        assert_eq!(
            done,
            json!({"count": 1, "skipped": [], "bulkJob": null}),
            "{change_of_one}"
        );
        let unchanged = format!("select count(*) from invitations where {kept}");
        assert_eq!(api.test.test.number(&unchanged).await, 1, "{change_of_one}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_goes_on_after_a_chunk_whose_contacts_have_all_stopped_matching() {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    let emails = (0..501).map(|n| format!("person{n}@example.com"));
    api.test.add_contacts(emails).await;
    api.test.test.run("update contacts set tags = '{vip}'").await;
    let queued = change(&api, &owner, REVOKE, &json!({"tags": ["vip"]})).await;
    let first = "update contacts set tags = '{}' where id in (select id from contacts order by id limit 500)";
    let mut worker = None;
    let job = during(&api, first, async {
        worker = Some(api.test.start_worker());
        succeeded(&api, &queued).await
    })
    .await;
    assert_eq!(
        (job.succeeded_count, job.skipped_count, job.total_count),
        (1, 0, 1)
    );
    let revoked = "select tags::text from contacts where revoked_at is not null";
    assert_eq!(api.test.test.texts(revoked).await, [Some("{vip}".to_owned())]);
    worker.expect("a worker").stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_leaves_out_an_invitation_that_stops_matching() {
    let (api, owner) = invited(101).await;
    let worker = api.test.start_worker();
    api.test.wait_for_emails(101).await;
    let job = during(&api, &change_invitation("cancelled_at = created_at"), async {
        let queued = change(&api, &owner, RESEND, &json!({"statuses": ["OPEN"]})).await;
        succeeded(&api, &queued).await
    })
    .await;
    assert_eq!((job.succeeded_count, job.skipped_count), (100, 0));
    let kept = "select count(*) from invitations where cancelled_at is not null and sent_count = 1";
    assert_eq!(api.test.test.number(kept).await, 1);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_email_goes_only_to_a_contact_that_still_matches() {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    let emails = (0..2).map(|n| format!("person{n}@example.com"));
    api.test.add_contacts(emails).await;
    api.test.test.run("update contacts set tags = '{vip}'").await;
    let send = "mutation ($filter: ContactFilter) {
        changed: sendLoginEmails(input: {filter: $filter}) { bulkJob { id } } }";
    let worker = api.test.start_worker();
    let one = "update contacts set tags = '{}' where email_key = 'person0@example.com'";
    let job = during(&api, one, async {
        let queued = change(&api, &owner, send, &json!({"tags": ["vip"]})).await;
        succeeded(&api, &queued).await
    })
    .await;
    assert_eq!((job.succeeded_count, job.skipped_count), (1, 0));
    let sent = api.test.test.texts("select address from messages").await;
    assert_eq!(sent, [Some("person1@example.com".to_owned())]);
    worker.stop().await;
}
