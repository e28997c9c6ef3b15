//! No account's mail waits for another's, and nothing is sent whose outcome can't be recorded.

use std::collections::HashSet;

use chrono::TimeDelta;
use mailer::SendError;
use serde_json::json;
use vestibule::accounts::model::Account;
use vestibule::bulk_jobs::model::BulkJobStatus;

use crate::support::{TestAccount, TestServer, wait_until};

const TARPIT: &str = "tarpit.example";

fn people(domain: &str, count: usize) -> Vec<String> {
    (0..count).map(|n| format!("person{n}@{domain}")).collect()
}

fn arrived(test: &TestAccount, domain: &str) -> usize {
    let end = format!("@{domain}");
    let mails = test.mailbox.sent();
    mails
        .iter()
        .filter(|mail| mail.to.address.ends_with(&end))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_that_does_not_answer_holds_up_only_its_own_messages() {
    let test = TestAccount::open().await;
    test.mailbox.hold(&[TARPIT]);
    let recipients = [people(TARPIT, 100), people("ok.example", 100)].concat();
    test.invite(recipients).await;
    let worker = test.start_worker();
    wait_until("the others", async || test.messages("SENT").await == 100).await;
    assert_eq!(arrived(&test, TARPIT), 0);
    let waiting = test.messages("SENDING").await;
    assert!(
        waiting <= 4,
        "{waiting} messages are held for a server that does not answer"
    );
    test.mailbox.hold(&[]);
    test.wait_for_emails(200).await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_does_not_wait_for_the_bulk_mail_of_another() {
    let mut test = TestAccount::open().await;
    // What the first account sends stays in flight, so its places are taken.
    let domains: Vec<String> = (0..40).map(|n| format!("slow{n}.example")).collect();
    test.mailbox
        .hold(&domains.iter().map(String::as_str).collect::<Vec<_>>());
    test.invite(domains.iter().flat_map(|domain| people(domain, 5)))
        .await;
    let worker = test.start_worker();
    wait_until("in flight", async || test.messages("SENDING").await >= 4).await;
    let moment = test.clock.moment();
    let other = test
        .write(async |conn| Account::create(conn, "other", "Other", &moment).await)
        .await;
    test.account = other;
    let job = test.invite(people("ok.example", 20)).await;
    test.wait_for_job(job, BulkJobStatus::Succeeded).await;
    wait_until("the other's", async || arrived(&test, "ok.example") == 20).await;
    test.mailbox.hold(&[]);
    test.wait_for_emails(220).await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_email_does_not_wait_for_the_bulk_mail_of_its_account() {
    let server = TestServer::open().await;
    server.mailbox.hold(&[TARPIT]);
    let invite =
        "mutation ($emails: [EmailAddress!]!) { inviteContacts(input: { emails: $emails }) { count } }";
    let emails = json!({ "emails": people(TARPIT, 90) });
    server.data(&server.acme.key, invite, emails).await;
    let sending = "select count(*) from messages where status = 'SENDING'";
    wait_until("in flight", async || server.test.number(sending).await >= 2).await;
    server.request_login("anna@acme.example").await;
    wait_until("the login email", async || !server.mailbox.sent().is_empty()).await;
    assert_eq!(server.mailbox.sent()[0].to.address, "anna@acme.example");
    server.mailbox.hold(&[]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_outcomes_can_not_be_recorded_nothing_is_sent() {
    let test = TestAccount::open().await;
    // A sequence goes on when its transaction is rolled back, so it counts the failures.
    let refuse = "create sequence failures;
        create function refuse() returns trigger language plpgsql as $$
        begin perform nextval('failures'); raise exception 'refused'; end $$;
        create trigger refuse before insert on audit_events for each row when (new.kind in ('MESSAGE_SENT', 'MESSAGE_FAILED'))
        execute function refuse()";
    test.test.run(refuse).await;
    let failures = || test.test.number("select last_value from failures");
    test.invite(people("a.example", 1)).await;
    let worker = test.start_worker();
    wait_until("marking fails", async || failures().await >= 2).await;
    let job = test.invite(people("b.example", 50)).await;
    test.wait_for_job(job, BulkJobStatus::Succeeded).await;
    let before = failures().await;
    wait_until("it still fails", async || failures().await >= before + 2).await;
    assert_eq!(test.mailbox.sent().len(), 1, "nothing was started meanwhile");
    test.test.run("drop trigger refuse on audit_events").await;
    test.wait_for_emails(51).await;
    worker.stop().await;
    let ids: HashSet<_> = test
        .mailbox
        .sent()
        .into_iter()
        .map(|mail| mail.message_id)
        .collect();
    assert_eq!(
        (test.mailbox.sent().len(), ids.len()),
        (51, 51),
        "each was sent once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_outcome_that_can_not_be_recorded_holds_up_no_other_message() {
    let test = TestAccount::open().await;
    test.invite(people("a.example", 1)).await;
    let refuse = "create function refuse() returns trigger language plpgsql as $$
        begin if new.contact_id = (select id from contacts where email = 'person0@a.example') then
            raise exception 'refused'; end if; return new; end $$;
        create trigger refuse before insert on audit_events for each row when (new.kind = 'MESSAGE_SENT')
        execute function refuse()";
    test.test.run(refuse).await;
    let job = test.invite(people("b.example", 20)).await;
    let worker = test.start_worker();
    test.wait_for_job(job, BulkJobStatus::Succeeded).await;
    wait_until("the others are recorded", async || {
        test.messages("SENT").await == 20
    })
    .await;
    worker.stop().await;
    let failed = "select address || ' ' || last_error from messages where status = 'FAILED'";
    let expected = "person0@a.example The outcome of sending it could not be recorded.";
    assert_eq!(test.test.texts(failed).await, [Some(expected.to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_can_not_be_reached_costs_no_attempt() {
    let test = TestAccount::open().await;
    let down = SendError::Unreachable {
        reason: "the mail server could not be reached".to_owned(),
    };
    test.mailbox.fail_next(1, down);
    test.invite(people("a.example", 1)).await;
    let worker = test.start_worker();
    wait_until("returned", async || test.messages("DEFERRED").await == 1).await;
    let state = "select attempt_count || ' ' || last_error from messages";
    let expected = "0 the mail server could not be reached";
    assert_eq!(test.test.texts(state).await, [Some(expected.to_owned())]);
    test.clock.advance(TimeDelta::seconds(5));
    test.wait_for_emails(1).await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_waited_for_more_than_a_day_fails_and_is_not_sent() {
    let test = TestAccount::open().await;
    let later = SendError::Retry {
        reason: "451 4.7.1 Try again later".to_owned(),
    };
    test.mailbox.fail_next(1, later);
    test.invite(people("a.example", 1)).await;
    let worker = test.start_worker();
    wait_until("deferred", async || test.messages("DEFERRED").await == 1).await;
    worker.stop().await;
    test.clock.advance(TimeDelta::hours(25));
    let worker = test.start_worker();
    wait_until("failed", async || test.messages("FAILED").await == 1).await;
    worker.stop().await;
    assert!(test.mailbox.sent().is_empty());
    let reason = "select last_error from messages";
    assert_eq!(
        test.test.texts(reason).await,
        [Some("451 4.7.1 Try again later".to_owned())]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_email_is_found_behind_many_domains_that_do_not_answer() {
    let server = TestServer::open().await;
    let domains: Vec<String> = (0..70).map(|n| format!("slow{n}.example")).collect();
    server
        .mailbox
        .hold(&domains.iter().map(String::as_str).collect::<Vec<_>>());
    let emails: Vec<String> = domains.iter().map(|domain| format!("p@{domain}")).collect();
    let invite =
        "mutation ($emails: [EmailAddress!]!) { inviteContacts(input: { emails: $emails }) { count } }";
    server
        .data(&server.acme.key, invite, json!({ "emails": emails }))
        .await;
    for email in &emails {
        server.request_login(email).await;
    }
    server
        .request_login_at("other", "anna@other.example", "PORTAL")
        .await;
    wait_until("the login email", async || {
        arrived_at(&server, "anna@other.example")
    })
    .await;
    server.mailbox.hold(&[]);
    server.stop().await;
}

fn arrived_at(server: &TestServer, address: &str) -> bool {
    let mails = server.mailbox.sent();
    mails.iter().any(|mail| mail.to.address == address)
}

#[tokio::test(flavor = "multi_thread")]
async fn due_mail_is_found_behind_thousands_of_domains_that_are_not_due() {
    let test = TestAccount::open().await;
    test.defer(2_500, "2026-01-05T11:00:00Z").await;
    test.mailbox.hold(&["ok.example"]);
    let job = test.invite(people("ok.example", 400)).await;
    let worker = test.start_worker();
    // So many are due that they are found by a walk.
    test.wait_for_job(job, BulkJobStatus::Succeeded).await;
    test.mailbox.hold(&[]);
    test.wait_for_emails(400).await;
    assert_eq!(test.messages("DEFERRED").await, 3 * 2_500);
    worker.stop().await;
}
