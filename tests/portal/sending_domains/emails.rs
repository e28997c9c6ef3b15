//! What emails are sent from.

use chrono::TimeDelta;
use mailer::{Email, SendError};
use serde_json::json;

use super::Mailing;
use crate::support::wait_until;

const SEND: &str = "mutation ($id: ID!) { sendLoginEmails(input: {contactIds: [$id]}) { messages { id } } }";

impl Mailing {
    async fn queue_email(&self) {
        let contact = self.server.acme.contact.to_string();
        self.server
            .data(&self.server.acme.owner, SEND, json!({"id": contact}))
            .await;
    }

    async fn next_email(&self, count: usize) -> Email {
        wait_until("an email", async || self.server.mailbox.sent().len() == count).await;
        self.server.mailbox.sent().pop().expect("an email")
    }
}

fn sender(email: &Email) -> (&str, Option<&str>, bool) {
    (
        &email.from.address,
        email.envelope_from.as_deref(),
        email.dkim.is_some(),
    )
}

const OF_SERVER: (&str, Option<&str>, bool) = ("portal@mail.server.example", None, false);
const OF_ACCOUNT: (&str, Option<&str>, bool) =
    ("portal@acme.example", Some("bounces@bounces.acme.example"), true);

#[tokio::test(flavor = "multi_thread")]
async fn emails_come_from_the_domain_only_while_it_is_verified() {
    let mailing = Mailing::open().await;
    mailing.change("set", "acme.example").await;
    mailing.queue_email().await;
    assert_eq!(sender(&mailing.next_email(1).await), OF_SERVER, "pending");
    mailing.verified("acme.example").await;
    mailing.server.clock.advance(TimeDelta::minutes(2));
    mailing.queue_email().await;
    let email = mailing.next_email(2).await;
    assert_eq!(sender(&email), OF_ACCOUNT);
    assert_eq!(email.from.name.as_deref(), Some("acme"));
    assert!(
        email.message_id.ends_with("@acme.example"),
        "{}",
        email.message_id
    );
    mailing.dns.clear();
    assert_eq!(mailing.check("acme.example").await["status"], "FAILED");
    mailing.server.clock.advance(TimeDelta::minutes(2));
    mailing.queue_email().await;
    assert_eq!(sender(&mailing.next_email(3).await), OF_SERVER, "failed");
    mailing.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_that_is_retried_after_the_domain_was_removed_comes_from_the_server() {
    let mailing = Mailing::open().await;
    mailing.verified("acme.example").await;
    let reason = "451 later".to_owned();
    mailing.server.mailbox.fail_next(1, SendError::Retry { reason });
    mailing.queue_email().await;
    let deferred = "select count(*) from messages where status = 'DEFERRED'";
    wait_until("a failure", async || {
        mailing.server.test.number(deferred).await == 1
    })
    .await;
    mailing
        .run(&mailing.server.acme.owner, "remove", "acme.example")
        .await;
    mailing.server.clock.advance(TimeDelta::minutes(5));
    assert_eq!(sender(&mailing.next_email(1).await), OF_SERVER);
    mailing.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_is_sent_from_the_server_if_the_key_was_sealed_with_another_secret() {
    let mailing = Mailing::open().await;
    let verified = mailing.verified("acme.example").await;
    mailing
        .server
        .test
        .run("update sending_domains set sealed_key = '\\x00'")
        .await;
    mailing.queue_email().await;
    assert_eq!(sender(&mailing.next_email(1).await), OF_SERVER);
    let again = mailing.change("set", "acme.example").await;
    assert_eq!(again["status"], "PENDING", "it gets a new key");
    assert_ne!(again["records"][0]["value"], verified["records"][0]["value"]);
    mailing.server.stop().await;
}
