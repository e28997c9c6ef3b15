use std::collections::HashSet;
use std::time::Duration;

use chrono::TimeDelta;
use mailer::{AutoSubmitted, Email, MailSettings, Mailer, SendError};
use vestibule::base::actor::Client;
use vestibule::base::secrets::SecretHash;
use vestibule::bulk_jobs::model::{BulkJobKind, BulkJobStatus};
use vestibule::contacts::model::list::Filter;
use vestibule::magic_links::model::redeem::{LinkRefusal, RedeemRequest, Redeemed, RefusedLink, redeem};

use serde_json::json;

use crate::support::{TestAccount, mailed_link, wait_until};

fn people(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|n| format!("person{n}@example.com"))
}

fn later() -> SendError {
    SendError::Retry {
        reason: "451 4.7.1 Try again later".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_invites_250_addresses_with_one_email_each() {
    let test = TestAccount::open().await;
    let job = test.invite(people(250)).await;
    let worker = test.start_worker();
    let mails = test.wait_for_emails(250).await;
    let done = test.wait_for_job(job, BulkJobStatus::Succeeded).await;
    worker.stop().await;
    assert_eq!(
        (done.total_count, done.done_count, done.succeeded_count),
        (250, 250, 250)
    );
    let addresses: HashSet<_> = mails.iter().map(|mail| mail.to.address.clone()).collect();
    assert_eq!((mails.len(), addresses.len()), (250, 250));
    let mail = &mails[0];
    assert_eq!(mail.from.address, "portal@vestibule.example");
    assert_eq!(mail.from.name.as_deref(), Some("Acme"));
    assert!(
        mail.message_id.ends_with("@vestibule.example"),
        "{}",
        mail.message_id
    );
    assert_eq!(
        (mail.date, mail.auto_submitted),
        (test.clock.now(), AutoSubmitted::Generated)
    );
    let actors = "select distinct actor from audit_events where kind = 'INVITED'";
    let staff = Some(test.requester.actor.to_string());
    assert_eq!(test.test.texts(actors).await, [staff]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_send_each_email_once() {
    let test = TestAccount::open().await;
    let job = test.invite(people(700)).await;
    let workers = [test.start_worker(), test.start_worker()];
    test.wait_for_emails(700).await;
    test.wait_for_job(job, BulkJobStatus::Succeeded).await;
    for worker in workers {
        worker.stop().await;
    }
    let mails = test.mailbox.sent();
    let ids: HashSet<_> = mails.iter().map(|mail| mail.message_id.clone()).collect();
    assert_eq!((mails.len(), ids.len()), (700, 700));
}

/// Redeems the link of the email, each time in another browser.
async fn redeem_email(test: &TestAccount, mail: &Email) -> Redeemed {
    let (secret, moment) = (mailed_link(mail), test.clock.moment());
    let browser = Some(SecretHash::of(&[mail.text.as_bytes()]));
    let client = Client::default();
    test.write(async |conn| {
        let request = RedeemRequest {
            browser,
            client: &client,
        };
        redeem(conn, &secret, &request, &moment).await
    })
    .await
}

/// Kills a worker after the mail server's 250 and before the message is marked as sent.
async fn kill_before_marking(test: &TestAccount) {
    let mut other = test.test.client().await;
    let block = other.transaction().await.expect("a transaction");
    let lock = "lock table audit_events in share mode";
    block.batch_execute(lock).await.expect("nothing can be noted");
    let killed = test.start_worker();
    wait_until("sent", async || test.mailbox.sent().len() == 1).await;
    drop(killed);
    // Statements that had reached the database before the kill must not take effect either.
    let cut = "select pg_terminate_backend(pid) from pg_stat_activity \
               where datname = current_database() and wait_event_type = 'Lock'";
    block.batch_execute(cut).await.expect("its statement is gone");
    block.rollback().await.expect("it can be noted again");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_messages_of_a_worker_that_died_are_sent_again_at_once_with_the_same_message_id() {
    let test = TestAccount::open().await;
    queue_invitation(&test).await;
    kill_before_marking(&test).await;
    assert_eq!(test.messages("SENDING").await, 1);
    let worker = test.start_worker();
    // Without moving the clock: the lease still runs.
    wait_until("noted", async || test.messages("SENT").await == 1).await;
    worker.stop().await;
    let mails = test.mailbox.sent();
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].message_id, mails[1].message_id);
    assert_ne!(mailed_link(&mails[0]), mailed_link(&mails[1]));
    assert!(matches!(
        redeem_email(&test, &mails[1]).await,
        Redeemed::Session { joined: true, .. }
    ));
    let refused = redeem_email(&test, &mails[0]).await;
    assert!(
        matches!(
            refused,
            Redeemed::Refused(RefusedLink {
                refusal: LinkRefusal::Used { .. },
                ..
            })
        ),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_whose_link_was_used_before_it_was_marked_counts_as_sent() {
    let test = TestAccount::open().await;
    queue_invitation(&test).await;
    kill_before_marking(&test).await;
    let mail = test.mailbox.sent().remove(0);
    assert!(matches!(
        redeem_email(&test, &mail).await,
        Redeemed::Session { .. }
    ));
    let worker = test.start_worker();
    wait_until("noted", async || test.messages("SENT").await == 1).await;
    worker.stop().await;
    assert_eq!(test.mailbox.sent().len(), 1, "it is not sent again");
}

/// An invitation whose message is due.
async fn queue_invitation(test: &TestAccount) {
    test.invite(people(1)).await;
    test.mailbox.fail_next(1, later());
    let worker = test.start_worker();
    wait_until("deferred", async || test.messages("DEFERRED").await == 1).await;
    worker.stop().await;
    test.clock.advance(TimeDelta::seconds(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn retries_back_off_and_a_message_fails_after_a_day() {
    let test = TestAccount::open().await;
    test.invite(people(1)).await;
    test.mailbox.fail_next(1, later());
    let worker = test.start_worker();
    wait_until("deferred", async || test.messages("DEFERRED").await == 1).await;
    test.clock.advance(TimeDelta::seconds(9));
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert!(test.mailbox.sent().is_empty(), "not before its time");
    test.clock.advance(TimeDelta::seconds(1));
    test.wait_for_emails(1).await;

    test.mailbox.fail_next(1_000, later());
    test.job_for_filter(BulkJobKind::LoginEmail, Filter::default())
        .await;
    // The clock moves on only once the first try was noted: else the day could pass before any try.
    wait_until("deferred", async || test.messages("DEFERRED").await == 1).await;
    wait_until("failed", async || {
        test.clock.advance(TimeDelta::minutes(30));
        test.messages("FAILED").await == 1
    })
    .await;
    worker.stop().await;
    let errors = test
        .test
        .texts("select last_error from messages where status = 'FAILED'")
        .await;
    assert_eq!(errors, [Some("451 4.7.1 Try again later".to_owned())]);
    let data = "select count(*) from audit_events where kind = 'MESSAGE_FAILED'";
    assert_eq!(test.test.number(data).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_bounced_is_skipped_the_next_time() {
    let test = TestAccount::open().await;
    test.invite(people(1)).await;
    let refused = SendError::Rejected {
        reason: "550 5.1.1 unknown".to_owned(),
    };
    test.mailbox.fail_next(1, refused);
    let worker = test.start_worker();
    wait_until("bounced", async || test.messages("BOUNCED").await == 1).await;
    let job = test
        .job_for_filter(BulkJobKind::LoginEmail, Filter::default())
        .await;
    let done = test.wait_for_job(job, BulkJobStatus::Succeeded).await;
    worker.stop().await;
    assert_eq!((done.done_count, done.skipped_count), (1, 1));
    let reasons = format!(
        "select reason from bulk_job_items where bulk_job_id = '{}'",
        job.0
    );
    assert_eq!(test.test.texts(&reasons).await, [Some("SUPPRESSED".to_owned())]);
    assert!(test.mailbox.sent().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_message_of_a_superseded_link_is_never_sent() {
    let test = TestAccount::open().await;
    let contacts = test.add_contacts(people(1)).await;
    let ids = || {
        contacts
            .iter()
            .map(|one| json!({"id": one.id.to_string()}))
            .collect()
    };
    // Nothing is sent until both were requested.
    test.mailbox.fail_next(1, later());
    let worker = test.start_worker();
    let first = test.job(BulkJobKind::LoginEmail, ids()).await;
    test.wait_for_job(first, BulkJobStatus::Succeeded).await;
    wait_until("deferred", async || test.messages("DEFERRED").await == 1).await;
    let second = test.job(BulkJobKind::LoginEmail, ids()).await;
    test.wait_for_job(second, BulkJobStatus::Succeeded).await;
    test.wait_for_emails(1).await;
    test.clock.advance(TimeDelta::seconds(10));
    wait_until("cancelled", async || test.messages("CANCELLED").await == 1).await;
    worker.stop().await;
    assert_eq!(test.mailbox.sent().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lifetime_of_a_link_starts_when_its_email_is_sent() {
    let test = TestAccount::open().await;
    test.add_contacts(people(1)).await;
    test.mailbox.fail_next(1, later());
    let worker = test.start_worker();
    test.job_for_filter(BulkJobKind::LoginEmail, Filter::default())
        .await;
    wait_until("deferred", async || test.messages("DEFERRED").await == 1).await;
    test.clock.advance(TimeDelta::hours(20));
    let mail = test.wait_for_emails(1).await.remove(0);
    worker.stop().await;
    test.clock.advance(TimeDelta::hours(23));
    assert!(matches!(
        redeem_email(&test, &mail).await,
        Redeemed::Session { .. }
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_releases_messages_that_were_not_started() {
    let test = TestAccount::open().await;
    let job = test.invite(people(500)).await;
    let worker = test.start_worker();
    wait_until("some mails", async || test.mailbox.sent().len() > 20).await;
    worker.stop().await;
    let sent = test.messages("SENT").await;
    assert_eq!(sent, test.mailbox.sent().len() as i64, "each is noted");
    assert_eq!(test.messages("SENDING").await, 0);
    assert_eq!(sent + test.messages("QUEUED").await, 500);
    let tries = "select max(attempt_count)::bigint from messages where status = 'QUEUED'";
    if sent < 500 {
        assert_eq!(test.test.number(tries).await, 0);
    }
    let worker = test.start_worker();
    test.wait_for_emails(500).await;
    worker.stop().await;
    assert_eq!(test.mailbox.sent().len(), 500);
    assert_eq!(test.find_job(job).await.status, BulkJobStatus::Succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unresponsive_mail_server_does_not_delay_a_shutdown() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let mut test = TestAccount::open().await;
    let mut settings = MailSettings::new(std::env::temp_dir());
    settings.smtp_url = Some(format!("smtp://127.0.0.1:{port}").parse().expect("an address"));
    // It must not give up on the server before the worker stops.
    settings.timeout = Duration::from_secs(120);
    test.parts.mailer = Mailer::new(&settings).expect("a mailer");
    test.invite(people(100)).await;
    let worker = test.start_worker();
    wait_until("sending", async || test.messages("SENDING").await > 0).await;
    let began = std::time::Instant::now();
    worker.stop().await;
    assert!(began.elapsed() < Duration::from_secs(14));
    // Those that were being sent may have arrived: their leases go on.
    let in_flight = test.messages("SENDING").await;
    assert!(in_flight <= 2, "{in_flight}");
    assert_eq!(test.messages("QUEUED").await + in_flight, 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_login_email_is_not_sent_after_links_were_switched_off() {
    let test = TestAccount::open().await;
    let contact = test.add_contacts(people(1)).await.remove(0);
    test.mailbox.fail_next(1, later());
    let worker = test.start_worker();
    let payload = json!({"id": contact.id.to_string()});
    let job = test.job(BulkJobKind::LoginEmail, vec![payload]).await;
    test.wait_for_job(job, BulkJobStatus::Succeeded).await;
    wait_until("deferred", async || test.messages("DEFERRED").await == 1).await;
    test.test.run("update accounts set link_allowed = false").await;
    test.clock.advance(TimeDelta::seconds(10));
    wait_until("cancelled", async || test.messages("CANCELLED").await == 1).await;
    assert!(test.mailbox.sent().is_empty());
    worker.stop().await;
}
