//! A worker that dies between the provider's answer and its record.

use std::collections::HashSet;

use crate::support::{TestAccount, wait_until};

const NUMBER: &str = "+4915112345678";

/// A text message with a link that is due.
async fn queue_text(test: &TestAccount) {
    let contact = test.add_contacts(["anna@example.com".to_owned()]).await.remove(0);
    let now = test.clock.moment().now.to_rfc3339();
    let (account, contact) = (test.account.id.0, contact.id.0);
    test.test
        .run(&format!(
            "update contacts set phone = '{NUMBER}';
             insert into magic_links (account_id, id, contact_id, purpose, origin, section, limit_to_section, staff_seen, created_by,
                 created_at, lifetime_seconds, expires_at)
             values ('{account}', gen_random_uuid(), '{contact}', 'GENERATED', 'STAFF', 'HOME', false, true, 'system', '{now}', 600,
                 timestamptz '{now}' + interval '10 minutes');
             insert into messages (account_id, id, contact_id, channel, kind, address, magic_link_id, requested_by, status, priority,
                 due_at, give_up_at, created_at)
             select '{account}', gen_random_uuid(), '{contact}', 'SMS', 'MAGIC_LINK', '{NUMBER}', id, 'system', 'QUEUED', 1, '{now}',
                 timestamptz '{now}' + interval '1 day', '{now}' from magic_links"
        ))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_was_sent_and_not_recorded_is_sent_again_with_another_secret_of_the_same_link() {
    let test = TestAccount::open().await;
    let phone = test.parts.sms.sender.phone().expect("a phone in memory").clone();
    queue_text(&test).await;
    let mut other = test.test.client().await;
    let block = other.transaction().await.expect("a transaction");
    let lock = "lock table audit_events in share mode";
    block.batch_execute(lock).await.expect("nothing can be noted");
    let killed = test.start_worker();
    wait_until("sent", async || phone.received().len() == 1).await;
    drop(killed);
    let cut = "select pg_terminate_backend(pid) from pg_stat_activity \
               where datname = current_database() and wait_event_type = 'Lock'";
    block.batch_execute(cut).await.expect("its statement is gone");
    block.rollback().await.expect("it can be noted again");
    assert_eq!(test.messages("SENDING").await, 1);

    let worker = test.start_worker();
    wait_until("noted", async || test.messages("SENT").await == 1).await;
    worker.stop().await;
    let texts = phone.received();
    let bodies: HashSet<&str> = texts.iter().map(|text| text.body.as_str()).collect();
    assert_eq!((texts.len(), bodies.len()), (2, 2));
    assert_eq!(test.test.number("select count(*) from magic_links").await, 1);
    assert_eq!(
        test.test.number("select count(*) from magic_link_secrets").await,
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_not_sent_to_a_number_that_the_contact_no_longer_has() {
    let test = TestAccount::open().await;
    let phone = test.parts.sms.sender.phone().expect("a phone in memory").clone();
    queue_text(&test).await;
    test.test
        .run("update contacts set phone = '+4915112345679'")
        .await;
    let worker = test.start_worker();
    wait_until("cancelled", async || test.messages("CANCELLED").await == 1).await;
    worker.stop().await;
    assert!(phone.received().is_empty());
    assert_eq!(
        test.test.number("select count(*) from magic_link_secrets").await,
        0
    );
}
