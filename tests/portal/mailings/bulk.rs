//! Bulk jobs of messages: how many wait, and what pausing and cancelling stop.

use chrono::TimeDelta;
use mailer::SendError;
use serde_json::{Value, json};
use vestibule::base::ids::BulkJobId;
use vestibule::bulk_jobs::model::{BulkJobStatus, JobAction};

use crate::contents::{Rooms, text};
use crate::support::{TestAccount, wait_until};

pub const JOB: &str = "count messages { id } skipped { reason } skippedCounts { reason count } bulkJob { id kind total startsAt }";

/// An email to all contacts.
pub fn to_all(body: &str) -> Value {
    json!({"selection": {"filter": {}}, "channel": "EMAIL", "format": "MARKDOWN", "subject": "News", "body": body})
}

/// Adds contacts, besides Anna.
pub async fn add_people(rooms: &Rooms, count: usize) {
    let people = (0..count).map(|n| format!("person{n}@example.com"));
    rooms.api.test.add_contacts(people).await;
}

pub async fn start(rooms: &Rooms, input: Value) -> BulkJobId {
    let sent = rooms.write("sendMessage", input, JOB).await;
    text(&sent["bulkJob"]["id"]).parse().expect("the id of a job")
}

/// Waits for the end of a job, whose polls need the time to pass.
pub async fn finish(test: &TestAccount, job: BulkJobId) {
    wait_until("the job ends", async || {
        test.clock.advance(TimeDelta::seconds(1));
        test.find_job(job).await.status == BulkJobStatus::Succeeded
    })
    .await;
}

fn later() -> SendError {
    SendError::Retry {
        reason: "451 4.7.1 Try again later".to_owned(),
    }
}

async fn waiting(test: &TestAccount) -> i64 {
    let waiting = "select count(*) from messages where status in ('QUEUED', 'DEFERRED', 'SENDING')";
    test.test.number(waiting).await
}

/// A job whose emails to Anna and to two others were deferred.
async fn deferred(rooms: &Rooms) -> BulkJobId {
    let test = &rooms.api.test;
    add_people(rooms, 2).await;
    test.mailbox.fail_next(3, later());
    let job = start(rooms, to_all("Hello")).await;
    wait_until("deferred", async || test.messages("DEFERRED").await == 3).await;
    job
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_never_has_more_than_500_messages_waiting_and_ends_when_none_is() {
    let rooms = Rooms::open().await;
    let test = &rooms.api.test;
    add_people(&rooms, 699).await;
    test.mailbox.fail_next(700, later());
    let job = start(&rooms, to_all("Hello")).await;
    let worker = test.start_worker();
    wait_until("500 are deferred", async || test.messages("DEFERRED").await == 500).await;
    for _ in 0..5 {
        test.clock.advance(TimeDelta::seconds(1));
        assert_eq!((waiting(test).await, test.find_job(job).await.done_count), (500, 500));
    }
    wait_until("200 are left", async || {
        test.clock.advance(TimeDelta::seconds(10));
        assert!(waiting(test).await <= 500);
        test.find_job(job).await.done_count == 700
    })
    .await;
    finish(test, job).await;
    worker.stop().await;
    assert_eq!((waiting(test).await, test.mailbox.sent().len()), (0, 700));
}

#[tokio::test(flavor = "multi_thread")]
async fn pausing_holds_back_what_waits_until_it_is_resumed() {
    let rooms = Rooms::open().await;
    let test = &rooms.api.test;
    let worker = test.start_worker();
    let job = deferred(&rooms).await;
    test.apply_action(job, JobAction::Pause).await.expect("it pauses");
    // Longer than messages are tried: no time is lost by the pause.
    test.clock.advance(TimeDelta::days(3));
    let other = json!({"selection": {"contactIds": [rooms.id()]}, "channel": "EMAIL", "format": "MARKDOWN", "subject": "Other", "body": "Hello"});
    rooms.write("sendMessage", other, "count").await;
    wait_until("the other is sent", async || test.mailbox.sent().len() == 1).await;
    assert_eq!((test.mailbox.sent()[0].subject.as_str(), waiting(test).await), ("Other", 3));
    test.apply_action(job, JobAction::Resume).await.expect("it resumes");
    finish(test, job).await;
    worker.stop().await;
    assert_eq!(test.mailbox.sent().len(), 4);
    let twice = "select count(*) from messages where attempt_count <> 2 and bulk_job_id is not null";
    assert_eq!(test.test.number(twice).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_cancels_what_waits_even_of_a_paused_job() {
    for pause in [false, true] {
        let rooms = Rooms::open().await;
        let test = &rooms.api.test;
        let worker = test.start_worker();
        let job = deferred(&rooms).await;
        if pause {
            test.apply_action(job, JobAction::Pause).await.expect("it pauses");
        }
        test.apply_action(job, JobAction::Cancel).await.expect("it is cancelled");
        assert_eq!((test.messages("CANCELLED").await, waiting(test).await), (3, 0));
        worker.stop().await;
        assert!(test.mailbox.sent().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_was_claimed_when_its_job_was_stopped_is_not_sent() {
    for (action, status, priority) in [(JobAction::Pause, "QUEUED", 3), (JobAction::Cancel, "CANCELLED", 2)] {
        let rooms = Rooms::open().await;
        let test = &rooms.api.test;
        let worker = test.start_worker();
        let job = deferred(&rooms).await;
        worker.stop().await;
        // As if another worker had claimed them, and died before it prepared them.
        let claimed = "update messages set status = 'SENDING', lease_owner = gen_random_uuid(), due_at = now() + interval '1 year'";
        test.test.run(claimed).await;
        test.apply_action(job, action).await.expect("it stops");
        assert_eq!(test.messages("SENDING").await, 3);
        let worker = test.start_worker();
        wait_until("they are stopped", async || test.messages(status).await == 3).await;
        let found = format!("select count(*) from messages where priority = {priority} and lease_owner is null");
        assert_eq!(test.test.number(&found).await, 3, "{status}");
        worker.stop().await;
        assert!(test.mailbox.sent().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pausing_and_resuming_beside_two_workers_loses_and_repeats_nothing() {
    let rooms = Rooms::open().await;
    let test = &rooms.api.test;
    add_people(&rooms, 1_199).await;
    let job = start(&rooms, to_all("Hello")).await;
    let workers = [test.start_worker(), test.start_worker()];
    let mut paused = 0;
    while !test.find_job(job).await.status.ended() {
        if test.apply_action(job, JobAction::Pause).await.is_some() {
            paused += 1;
            test.apply_action(job, JobAction::Resume).await.expect("it resumes");
        }
        test.clock.advance(TimeDelta::seconds(1));
        tokio::task::yield_now().await;
    }
    for worker in workers {
        worker.stop().await;
    }
    assert!(paused > 1, "{paused}");
    let sent = test.mailbox.sent();
    let mut addresses: Vec<&str> = sent.iter().map(|email| email.to.address.as_str()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    assert_eq!((sent.len(), addresses.len()), (1_200, 1_200));
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_are_run_per_batch_of_written_messages() {
    let rooms = Rooms::open().await;
    let test = &rooms.api.test;
    let people = (0..199).map(|n| format!("person{n}@{}.example", n % 5));
    test.add_contacts(people).await;
    let mut input = to_all("[Open]({{ portal.login_url }}) {{ affiliate.code | default(\"\") }}");
    input["marketing"] = json!(true);
    let job = start(&rooms, input).await;
    let worker = test.start_worker();
    wait_until("all are queued", async || test.find_job(job).await.done_count == 200).await;
    test.wait_for_emails(200).await;
    worker.stop().await;
    let mut parts = test.parts.clone();
    parts.db = vestibule::base::db::Db::new(&test.test.url, 5).expect("a pool");
    // The same messages once more, by a worker whose statements are counted.
    test.test.run("update messages set status = 'QUEUED', sent_at = null; delete from magic_link_secrets").await;
    let db = parts.db.clone();
    let worker = crate::support::TestWorker::start(parts);
    wait_until("all are sent again", async || test.mailbox.sent().len() == 400).await;
    let statements = db.statement_count();
    worker.stop().await;
    assert!(statements < 400, "{statements} statements: something is done for each message");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_of_a_filter_counts_what_the_job_does() {
    let rooms = Rooms::open().await;
    let test = &rooms.api.test;
    add_people(&rooms, 9).await;
    let account = test.account.id.0;
    let changes = format!(
        "update contacts set revoked_at = created_at where email_key = 'person0@example.com'; \
         update contacts set email = null, email_key = null where email_key = 'person1@example.com'; \
         insert into suppressions (account_id, email_key, reason, created_at) values \
            ('{account}', 'person2@example.com', '550', '2026-01-01Z'), ('{account}', 'person3@example.com', '550', '2026-01-01Z'); \
         insert into marketing_opt_outs (account_id, email_key, created_at) values \
            ('{account}', 'person3@example.com', '2026-01-01Z'), ('{account}', 'person4@example.com', '2026-01-01Z'), \
            ('{account}', 'person0@example.com', '2026-01-01Z'); \
         update contacts set phone = '+4915112345678' where email_key = 'person5@example.com'; \
         update contacts set phone = '0151' where email_key = 'person6@example.com'"
    );
    test.test.run(&changes).await;
    let dry = |mut input: Value| {
        input["dryRun"] = json!(true);
        input
    };
    let counts = |reasons: &[(&str, i64)]| {
        let one = |(reason, count): &(&str, i64)| json!({"reason": reason, "count": count});
        Value::Array(reasons.iter().map(one).collect())
    };
    let mut marketing = to_all("Hello");
    marketing["marketing"] = json!(true);
    let seen = rooms.write("sendMessage", dry(marketing.clone()), JOB).await;
    assert_eq!((&seen["count"], &seen["bulkJob"]), (&json!(5), &Value::Null));
    let expected = [("NO_EMAIL", 1), ("REVOKED", 1), ("SUPPRESSED", 2), ("UNSUBSCRIBED", 1)];
    assert_eq!(seen["skippedCounts"], counts(&expected));
    let seen = rooms.write("sendMessage", dry(to_all("Hello")), JOB).await;
    assert_eq!((&seen["count"], &seen["skippedCounts"]), (&json!(6), &counts(&expected[..3])));
    let text = json!({"selection": {"filter": {}}, "channel": "SMS", "format": "TEXT", "body": "Hello", "dryRun": true});
    let seen = rooms.write("sendMessage", text, JOB).await;
    assert_eq!(seen["skippedCounts"], counts(&[("INVALID_PHONE", 1), ("NO_PHONE", 7), ("REVOKED", 1)]));
    assert_eq!(seen["count"], 1);
    let job = start(&rooms, marketing).await;
    let worker = test.start_worker();
    finish(test, job).await;
    worker.stop().await;
    let done = test.find_job(job).await;
    assert_eq!((done.succeeded_count, done.skipped_count), (5, 5));
    let reasons = "select reason || ' ' || count(*) from bulk_job_items where reason is not null group by reason order by 1";
    let reasons: Vec<String> = test.test.texts(reasons).await.into_iter().flatten().collect();
    assert_eq!(reasons, ["NO_EMAIL 1", "REVOKED 1", "SUPPRESSED 2", "UNSUBSCRIBED 1"]);
}
