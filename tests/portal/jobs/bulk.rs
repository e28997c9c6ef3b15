use chrono::TimeDelta;
use serde_json::json;
use vestibule::accounts::model::Account;
use vestibule::base::ids::BulkJobId;
use vestibule::bulk_jobs::model::{BulkJob, BulkJobKind, BulkJobStatus, JobAction, NewJob, Plan};
use vestibule::contacts::model::PortalStatus;
use vestibule::contacts::model::list::Filter;

use crate::support::{TestAccount, wait_until};

fn people(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|n| format!("person{n}@example.com"))
}

impl TestAccount {
    /// The reasons of the job's items with their counts, in the order of the reasons.
    async fn reasons(&self, job: BulkJobId) -> Vec<String> {
        let query = format!(
            "select outcome || ' ' || coalesce(reason, '-') || ' ' || count(*) from bulk_job_items \
             where bulk_job_id = '{}' and outcome is not null group by outcome, reason order by 1",
            job.0
        );
        self.test.texts(&query).await.into_iter().flatten().collect()
    }

    async fn invited(&self) -> i64 {
        self.test.number("select count(*) from invitations").await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_recipient_has_an_outcome() {
    let test = TestAccount::open().await;
    let known = test.add_contacts(["known@example.com".to_owned()]).await;
    test.add_contacts(["gone@example.com".to_owned()]).await;
    test.test
        .run("update contacts set revoked_at = created_at where email_key = 'gone@example.com'")
        .await;
    let job = test
        .job(
            BulkJobKind::Invite,
            vec![
                json!({"email": "New@Example.com"}),
                json!({"email": "new@example.COM"}),
                json!({"email": "no address"}),
                json!({"id": known[0].id.to_string()}),
                json!({"email": "gone@example.com"}),
                json!({"id": "contact_00000000000000000000000000"}),
                json!({"id": "nothing"}),
                json!({"name": "nobody"}),
            ],
        )
        .await;
    let worker = test.start_worker();
    let done = test.wait_for_job(job, BulkJobStatus::Succeeded).await;
    test.wait_for_emails(2).await;
    worker.stop().await;
    assert_eq!(
        (done.succeeded_count, done.skipped_count, done.failed_count),
        (2, 5, 1)
    );
    assert_eq!(
        test.reasons(job).await,
        [
            "DONE - 2",
            "FAILED NOT_FOUND 1",
            "SKIPPED DUPLICATE 1",
            "SKIPPED INVALID_EMAIL 1",
            "SKIPPED NOT_FOUND 2",
            "SKIPPED REVOKED 1"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_contact_that_is_not_invited_is_processed_once() {
    let test = TestAccount::open().await;
    test.add_contacts(people(1_100)).await;
    let filter = Filter::status(PortalStatus::NotInvited, None);
    let job = test.job_for_filter(BulkJobKind::Invite, filter.clone()).await;
    let worker = test.start_worker();
    let done = test.wait_for_job(job, BulkJobStatus::Succeeded).await;
    assert_eq!((done.total_count, done.succeeded_count), (1_100, 1_100));
    let again = test.job_for_filter(BulkJobKind::Invite, filter).await;
    let done = test.wait_for_job(again, BulkJobStatus::Succeeded).await;
    assert_eq!((done.total_count, done.done_count), (0, 0));
    test.wait_for_emails(1_100).await;
    worker.stop().await;
    assert_eq!(test.mailbox.sent().len(), 1_100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_gets_at_most_one_login_email_of_a_job() {
    let test = TestAccount::open().await;
    let contacts = test.add_contacts(people(600)).await;
    let twice = contacts.iter().chain(&contacts);
    let payloads = twice.map(|one| json!({"id": one.id.to_string()})).collect();
    let job = test.job(BulkJobKind::LoginEmail, payloads).await;
    let worker = test.start_worker();
    test.wait_for_job(job, BulkJobStatus::Succeeded).await;
    test.wait_for_emails(600).await;
    worker.stop().await;
    assert_eq!(test.reasons(job).await, ["DONE - 600", "SKIPPED DUPLICATE 600"]);
    assert_eq!(test.mailbox.sent().len(), 600);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_job_stops_until_it_is_resumed() {
    let test = TestAccount::open().await;
    let job = test.invite(people(20)).await;
    test.apply_action(job, JobAction::Pause)
        .await
        .expect("it can be paused");
    let worker = test.start_worker();
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    assert_eq!(test.invited().await, 0);
    test.apply_action(job, JobAction::Resume)
        .await
        .expect("it can be resumed");
    test.wait_for_emails(20).await;
    test.wait_for_job(job, BulkJobStatus::Succeeded).await;
    assert!(
        test.apply_action(job, JobAction::Cancel).await.is_none(),
        "it has ended"
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_job_ends_between_chunks() {
    let test = TestAccount::open().await;
    let job = test.invite(people(5_000)).await;
    let worker = test.start_worker();
    wait_until("begun", async || test.find_job(job).await.done_count > 0).await;
    test.apply_action(job, JobAction::Cancel)
        .await
        .expect("it can be cancelled");
    let done = test.find_job(job).await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    worker.stop().await;
    assert_eq!(test.find_job(job).await.status, BulkJobStatus::Cancelled);
    assert_eq!(
        test.invited().await,
        i64::from(done.done_count),
        "nothing after it"
    );
    assert_eq!(done.done_count % 500, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exhausted_daily_budget_pauses_the_job_until_the_next_day() {
    let mut test = TestAccount::open().await;
    test.parts.daily_messages = 300;
    let job = test.invite(people(500)).await;
    let worker = test.start_worker();
    test.wait_for_emails(300).await;
    wait_until("it waits", async || test.find_job(job).await.last_error.is_some()).await;
    let waiting = test.find_job(job).await;
    assert_eq!(
        (waiting.status, waiting.done_count),
        (BulkJobStatus::Running, 300)
    );
    test.clock.advance(TimeDelta::hours(13));
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    assert_eq!(test.messages("SENT").await, 300, "not before midnight");
    test.clock.advance(TimeDelta::hours(1));
    test.wait_for_emails(500).await;
    let done = test.wait_for_job(job, BulkJobStatus::Succeeded).await;
    worker.stop().await;
    assert_eq!((done.succeeded_count, done.last_error), (500, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_chunk_is_rolled_back_and_does_not_block_other_jobs() {
    let test = TestAccount::open().await;
    test
        .test
        .run(
            "create function refuse() returns trigger language plpgsql as $$ begin \
             if exists (select from contacts where id = new.contact_id and email_key = 'person700@example.com') \
             then raise exception 'poison'; end if; return new; end $$; \
             create trigger refuse before insert on invitations for each row execute function refuse()",
        )
        .await;
    let job = test.invite(people(1_200)).await;
    let other = test
        .invite((0..700).map(|n| format!("other{n}@example.com")))
        .await;
    let worker = test.start_worker();
    test.wait_for_job(other, BulkJobStatus::Succeeded).await;
    wait_until("given up", async || {
        test.clock.advance(TimeDelta::seconds(60));
        test.find_job(job).await.status == BulkJobStatus::Failed
    })
    .await;
    test.wait_for_emails(1_200).await;
    worker.stop().await;
    let failed = test.find_job(job).await;
    assert_eq!((failed.done_count, failed.succeeded_count), (500, 500));
    let reason = failed.last_error.expect("a reason");
    assert!(!reason.contains("poison"), "{reason}");
    assert_eq!(test.invited().await, 1_200);
    let kept = "select count(*) from contacts where email_key like 'person%'";
    assert_eq!(test.test.number(kept).await, 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_many_accounts_run_concurrently() {
    let test = TestAccount::open().await;
    let moment = test.clock.moment();
    let long = test.invite(people(3_000)).await;
    let short = test
        .write(async |conn| {
            let account = Account::create(conn, "beta", "Beta", &moment).await?;
            let plan = Plan {
                section: "COURSES".to_owned(),
                ..Plan::default()
            };
            let new = NewJob {
                kind: BulkJobKind::Invite,
                plan: &plan,
                total: 1,
                items: vec![json!({"email": "person1@example.com"})],
            };
            BulkJob::create(conn, account.id, new, &test.requester, &moment).await
        })
        .await;
    // The clock must advance, so that the longest waiting job is defined.
    let clock = test.clock.clone();
    let ticking = tokio::spawn(async move {
        loop {
            clock.advance(TimeDelta::milliseconds(1));
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    });
    let worker = test.start_worker();
    let finished = format!(
        "select finished_at::text from bulk_jobs where id = '{}'",
        short.id.0
    );
    wait_until("the short one is done", async || {
        test.test.texts(&finished).await != [None]
    })
    .await;
    assert!(
        !test.find_job(long).await.status.ended(),
        "it did not wait for the long one"
    );
    test.wait_for_emails(3_001).await;
    worker.stop().await;
    ticking.abort();
}
