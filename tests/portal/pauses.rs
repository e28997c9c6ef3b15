//! Email to an address is paused for a day after a report of its reader, and longer after a bounce.

use chrono::TimeDelta;
use serde_json::json;
use vestibule::messages::model::MessageKind;
use vestibule::messages::model::suppression;

use crate::emails::{ANNA, anna, challenge, queue_email, report_path, send_email};
use crate::not_me::{events, report};
use crate::support::{TestAccount, TestServer, mailed_link, wait_until};

const ASK: &str =
    "mutation { requestLoginEmail(input: {portal: \"acme\", email: \"anna@acme.example\"}) { challengeId } }";
const SUPPRESSION: &str =
    "query ($id: ID!) { contact(id: $id) { suppression { reason detail since until } } }";
const RESUME: &str =
    "mutation ($id: ID!) { resumeMail(input: {contactId: $id}) { contact { suppression { reason } } } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_report_signs_out_the_link_s_sessions_and_pauses_email_for_a_day() {
    let server = TestServer::open().await;
    server.request(None, ASK, json!({})).await;
    wait_until("the mail arrives", async || !server.mailbox.sent().is_empty()).await;
    let email = server.mailbox.sent()[0].clone();
    let redeem = "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) { session { accessToken } refusal { reason } } }";
    let token = json!({"token": mailed_link(&email).reveal()});
    let thief = server.request(None, redeem, token.clone()).await;
    let thief = thief["data"]["signInWithMagicLink"]["session"]["accessToken"]
        .as_str()
        .expect("a token")
        .to_owned();
    server.data(&thief, "{ me { id } }", json!({})).await;
    let said = report(&server, &report_path(&server, &email)).await;
    assert_eq!(said["sessionsEnded"], 1, "{said}");
    let refused = server.error(Some(&thief), "{ me { id } }", json!({})).await;
    assert_eq!(refused.0, "UNAUTHENTICATED");
    // Her own session, opened by another method, continues.
    server
        .data(&server.acme.contact_session, "{ me { id } }", json!({}))
        .await;
    // Even if a scanner redeemed it first, it can't be redeemed again.
    server.clock.advance(TimeDelta::seconds(11));
    let again = server.request(None, redeem, token).await;
    assert!(
        again["data"]["signInWithMagicLink"]["session"].is_null(),
        "{again}"
    );
    let id = json!({"id": server.acme.contact.to_string()});
    let send =
        "mutation ($id: ID!) { sendLoginEmails(input: {contactIds: [$id]}) { count skipped { reason } } }";
    let skipped = server.data(&server.acme.key, send, id.clone()).await;
    assert_eq!(skipped["sendLoginEmails"]["skipped"][0]["reason"], "SUPPRESSED");
    let data = server.data(&server.acme.read_key, SUPPRESSION, id.clone()).await;
    assert_eq!(
        data["contact"]["suppression"],
        json!({"reason": "NOT_ME", "detail": null, "since": "2026-01-05T10:00:00.000000Z", "until": "2026-01-06T10:00:00.000000Z"})
    );
    server
        .clock
        .advance(TimeDelta::hours(24) - TimeDelta::seconds(12));
    server.request(None, ASK, json!({})).await;
    // The pause has ended.
    server.clock.advance(TimeDelta::seconds(61));
    assert!(server.data(&server.acme.read_key, SUPPRESSION, id).await["contact"]["suppression"].is_null());
    server.request(None, ASK, json!({})).await;
    wait_until("mail goes again", async || server.mailbox.sent().len() > 1).await;
    assert_eq!(server.mailbox.sent().len(), 2, "and none while it rested");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_lift_a_pause_and_a_bounce() {
    let server = TestServer::open().await;
    let id = json!({"id": server.acme.contact.to_string()});
    let send =
        "mutation ($id: ID!) { sendLoginEmails(input: {contactIds: [$id]}) { count skipped { reason } } }";
    let account = server.acme.id;
    for (reason, until, shown) in [
        ("NOT_ME", "'2026-01-06T10:00:00Z'", "NOT_ME"),
        ("550 no such mailbox", "null", "BOUNCED"),
    ] {
        server
            .test
            .run(&format!(
                "insert into suppressions (account_id, email_key, reason, created_at, expires_at)
                 values ('{}', '{ANNA}', '{reason}', '2026-01-05T09:00:00Z', {until})",
                account.0
            ))
            .await;
        let data = server.data(&server.acme.read_key, SUPPRESSION, id.clone()).await;
        assert_eq!(data["contact"]["suppression"]["reason"], shown);
        let skipped = server.data(&server.acme.key, send, id.clone()).await;
        assert_eq!(skipped["sendLoginEmails"]["skipped"][0]["reason"], "SUPPRESSED");
        let lifted = server.data(&server.acme.key, RESUME, id.clone()).await;
        assert!(lifted["resumeMail"]["contact"]["suppression"].is_null());
        // Nothing to lift, nothing to log.
        server.data(&server.acme.key, RESUME, id.clone()).await;
        let sent = server.data(&server.acme.key, send, id.clone()).await;
        assert_eq!(sent["sendLoginEmails"]["count"], 1);
    }
    assert_eq!(events(&server, "MAIL_RESUMED").await, 2);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_stops_requested_emails_but_not_security_emails() {
    let server = TestServer::open().await;
    let to = anna(&server);
    let asked = challenge(&server, to).await;
    let email = send_email(&server, MessageKind::LoginCode, to, Some(asked.0)).await;
    report(&server, &report_path(&server, &email)).await;
    let asked = challenge(&server, to).await;
    queue_email(&server, MessageKind::LoginCode, to, Some(asked.0)).await;
    let suppressed = "select count(*) from messages where status = 'SUPPRESSED'";
    wait_until("it is not sent", async || {
        server.test.number(suppressed).await == 1
    })
    .await;
    send_email(&server, MessageKind::PasswordChanged, to, None).await;
    server
        .test
        .run("update suppressions set expires_at = null, reason = '550 no such mailbox'")
        .await;
    queue_email(&server, MessageKind::PasswordChanged, to, None).await;
    wait_until("not to a dead address", async || {
        server.test.number(suppressed).await == 2
    })
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bounce_outlasts_a_pause_whichever_came_first() {
    let test = TestAccount::open().await;
    let (account, moment) = (test.account.id, test.clock.moment());
    let lasting = "select count(*) from suppressions where expires_at is null and reason like '550%'";
    test.write(async |conn| {
        suppression::pause(conn, account, "first@example.com", &moment).await?;
        suppression::suppress(conn, account, "first@example.com", "550 no", &moment).await?;
        suppression::suppress(conn, account, "second@example.com", "550 no", &moment).await?;
        suppression::pause(conn, account, "second@example.com", &moment).await
    })
    .await;
    assert_eq!(test.test.number(lasting).await, 2);
}
