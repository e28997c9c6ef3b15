use mailer::SendError;
use mailer::report::Report;
use serde_json::json;
use vestibule::accounts::model::Account;
use vestibule::base::actor::Scope;
use vestibule::messages::model::report::{ReportEffect, Reported};
use vestibule::messages::model::{Message, MessageKind};

use super::{accepts, fixture, invited, report, shown};
use crate::emails::{anna, challenge, queue_email};
use crate::support::{TestAccount, TestServer, wait_until};

#[tokio::test(flavor = "multi_thread")]
async fn created_and_delivered_invitations_are_counted_apart() {
    let server = TestServer::open().await;
    let (_, bounced) = invited(&server, "gone@example.com").await;
    invited(&server, "there@example.com").await;
    let counts = "{ portalStats { invited invitedTotal } sent: messages(status: SENT) { totalCount }
        bounced: messages(status: BOUNCED) { totalCount } invitations { totalCount } }";
    accepts(&server, &report(fixture!("postfix"), &bounced), "it bounced").await;
    let data = server.data(&server.acme.read_key, counts, json!({})).await;
    assert_eq!(
        data,
        json!({
            "portalStats": {"invited": 2, "invitedTotal": 2},
            "sent": {"totalCount": 1},
            "bounced": {"totalCount": 1},
            "invitations": {"totalCount": 2},
        })
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_can_copy_a_link_for_a_contact_whose_address_bounced() {
    let server = TestServer::open().await;
    let (contact, email) = invited(&server, "gone@example.com").await;
    accepts(&server, &report(fixture!("postfix"), &email), "it bounced").await;
    let create = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { url } }";
    let made = server.data(&server.acme.key, create, contact).await;
    assert!(made["generateMagicLink"]["url"].is_string());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resend_to_an_address_that_bounced_by_report_is_skipped() {
    let server = TestServer::open().await;
    let (contact, email) = invited(&server, "gone@example.com").await;
    accepts(&server, &report(fixture!("postfix"), &email), "it bounced").await;
    let find = "query ($id: ID!) { contact(id: $id) { invitation { id } } }";
    let found = server.data(&server.acme.read_key, find, contact.clone()).await;
    let resend =
        "mutation ($id: ID!) { resendInvitation(input: {invitationId: $id}) { skipped { reason } } }";
    let id = json!({ "id": found["contact"]["invitation"]["id"] });
    let skipped = server.data(&server.acme.key, resend, id).await;
    assert_eq!(
        skipped["resendInvitation"]["skipped"]["reason"],
        json!("SUPPRESSED")
    );
    let state = shown(&server, &contact).await;
    assert_eq!(state["invitation"]["lastMessage"]["status"], "BOUNCED");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_without_read_sees_no_message_of_an_invitation() {
    let server = TestServer::open().await;
    let (contact, _) = invited(&server, "new@example.com").await;
    let find = "query ($id: ID!) { contact(id: $id) { invitation { id } } }";
    let found = server.data(&server.acme.read_key, find, contact).await;
    let (_, key) = server
        .acme
        .scoped
        .iter()
        .find(|(scope, _)| *scope == Scope::Invite)
        .expect("a key");
    let resend = "mutation ($id: ID!) { resendInvitation(input: {invitationId: $id}) {
        invitation { id lastMessage { status } } } }";
    let id = json!({ "id": found["contact"]["invitation"]["id"] });
    let answer = server.request(Some(key), resend, id.clone()).await;
    assert_eq!(
        answer["data"]["resendInvitation"]["invitation"],
        json!({"id": id["id"], "lastMessage": null})
    );
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deferred_message_shows_its_next_attempt_and_the_reply() {
    let server = TestServer::open().await;
    server.mailbox.fail_next(
        1,
        SendError::Retry {
            reason: "451 4.7.1 Try again later".to_owned(),
        },
    );
    let to = anna(&server);
    queue_email(&server, MessageKind::PasswordChanged, to, None).await;
    let deferred = "select count(*) from messages where status = 'DEFERRED'";
    wait_until("deferred", async || server.test.number(deferred).await == 1).await;
    let contact = json!({ "id": server.acme.contact.to_string() });
    assert_eq!(
        shown(&server, &contact).await["lastMessage"],
        json!({"kind": "PASSWORD_CHANGED", "status": "DEFERRED", "lastError": "451 4.7.1 Try again later",
            "sentAt": null, "nextAttemptAt": "2026-01-05T10:00:10.000000Z"})
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suppressed_message_says_why() {
    let server = TestServer::open().await;
    let to = anna(&server);
    let contact = json!({ "id": server.acme.contact.to_string() });
    let account = server.acme.id.0;
    for (count, (reason, shown_reason)) in [
        (
            "550 5.1.1 unknown",
            "Not sent: the address bounced before. 550 5.1.1 unknown",
        ),
        (
            "COMPLAINED",
            "Not sent: its owner reported an earlier email as spam.",
        ),
        (
            "NOT_ME",
            "Not sent: its owner reported an email they had not requested.",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        server
            .test
            .run(&format!(
                "delete from suppressions;
                 insert into suppressions values ('{account}', '{}', '{reason}', '2026-01-05T09:00:00Z', null)",
                to.address
            ))
            .await;
        let asked = challenge(&server, to).await;
        queue_email(&server, MessageKind::LoginCode, to, Some(asked.0)).await;
        let suppressed = "select count(*) from messages where status = 'SUPPRESSED'";
        wait_until("it is not sent", async || {
            server.test.number(suppressed).await == count as i64 + 1
        })
        .await;
        let message = shown(&server, &contact).await["lastMessage"].clone();
        assert_eq!(message["status"], "SUPPRESSED");
        assert_eq!(message["lastError"], shown_reason);
    }
    server.test.run("delete from suppressions").await;
    let message = shown(&server, &contact).await["lastMessage"].clone();
    assert_eq!(
        message["lastError"],
        "Not sent: email to this address was suppressed then."
    );
    server.stop().await;
}

/// The lookup by id alone asks the primary key once per account.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_finds_its_message_among_many_accounts_with_five_statements() {
    let test = TestAccount::open().await;
    test.invite(["one@example.com", "two@example.com", "three@example.com"].map(str::to_owned))
        .await;
    let worker = test.start_worker();
    let emails = test.wait_for_emails(3).await;
    worker.stop().await;
    let moment = test.clock.moment();
    test.write(async |conn| {
        for number in 0..20 {
            Account::create(conn, &format!("account-{number}"), "Other", &moment).await?;
        }
        Ok(())
    })
    .await;
    let mut conn = test.test.db.conn().await.expect("a connection");
    // The minimum, to exclude background statements.
    let mut fewest = u64::MAX;
    for email in &emails {
        let text = report(fixture!("postfix"), email);
        let parsed = Report::parse(text.as_bytes()).expect("a report");
        let before = test.test.db.statement_count();
        let id = parsed.message_id.as_deref().expect("an id");
        let message = Message::lock_reported(&mut conn, id).await.expect("a look");
        let message = message.expect("the message");
        let reported = Reported::of(&parsed, &message.address);
        let effect = message.apply_report(&mut conn, &reported, &moment).await;
        assert_eq!(effect.expect("it is applied"), ReportEffect::Bounced);
        fewest = fewest.min(test.test.db.statement_count() - before);
    }
    assert_eq!(fewest, 5);
}
