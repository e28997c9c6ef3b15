//! Mail to an address rests for a day at the word of its reader, and longer after a bounce.

use chrono::TimeDelta;
use serde_json::json;
use vestibule::messages::model::MessageKind;
use vestibule::messages::model::suppression;

use crate::letters::{ANNA, anna, challenge, mailed, promised, protest};
use crate::not_me::{events, report};
use crate::support::{House, Office, mailed_link, until};

const ASK: &str =
    "mutation { requestLoginEmail(input: {portal: \"acme\", email: \"anna@acme.example\"}) { challengeId } }";
const SUPPRESSION: &str =
    "query ($id: ID!) { contact(id: $id) { suppression { reason detail since until } } }";
const RESUME: &str =
    "mutation ($id: ID!) { resumeMail(input: {contactId: $id}) { contact { suppression { reason } } } }";

#[tokio::test(flavor = "multi_thread")]
async fn who_came_in_by_the_link_is_out_at_once_and_mail_rests_for_a_day() {
    let house = House::open().await;
    house.answer(None, ASK, json!({})).await;
    until("the mail arrives", async || !house.mailbox.sent().is_empty()).await;
    let email = house.mailbox.sent()[0].clone();
    let redeem = "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) { session { accessToken } refusal { reason } } }";
    let token = json!({"token": mailed_link(&email).reveal()});
    let thief = house.answer(None, redeem, token.clone()).await;
    let thief = thief["data"]["signInWithMagicLink"]["session"]["accessToken"]
        .as_str()
        .expect("a token")
        .to_owned();
    house.ask(&thief, "{ me { id } }", json!({})).await;
    let said = report(&house, &protest(&house, &email)).await;
    assert_eq!(said["sessionsEnded"], 1, "{said}");
    let refused = house.refused(Some(&thief), "{ me { id } }", json!({})).await;
    assert_eq!(refused.0, "UNAUTHENTICATED");
    // Her own session, made another way, goes on.
    house.ask(&house.acme.person, "{ me { id } }", json!({})).await;
    // A scanner may have pressed the first time: not even that redeems it again.
    house.clock.advance(TimeDelta::seconds(11));
    let again = house.answer(None, redeem, token).await;
    assert!(
        again["data"]["signInWithMagicLink"]["session"].is_null(),
        "{again}"
    );
    let id = json!({"id": house.acme.contact.to_string()});
    let send =
        "mutation ($id: ID!) { sendLoginEmails(input: {contactIds: [$id]}) { count skipped { reason } } }";
    let skipped = house.ask(&house.acme.key, send, id.clone()).await;
    assert_eq!(skipped["sendLoginEmails"]["skipped"][0]["reason"], "SUPPRESSED");
    let told = house.ask(&house.acme.read_key, SUPPRESSION, id.clone()).await;
    assert_eq!(
        told["contact"]["suppression"],
        json!({"reason": "NOT_ME", "detail": null, "since": "2026-01-05T10:00:00.000000Z", "until": "2026-01-06T10:00:00.000000Z"})
    );
    house.clock.advance(TimeDelta::hours(24) - TimeDelta::seconds(12));
    house.answer(None, ASK, json!({})).await;
    // The last second of the pause is over.
    house.clock.advance(TimeDelta::seconds(61));
    assert!(house.ask(&house.acme.read_key, SUPPRESSION, id).await["contact"]["suppression"].is_null());
    house.answer(None, ASK, json!({})).await;
    until("mail goes again", async || house.mailbox.sent().len() > 1).await;
    assert_eq!(house.mailbox.sent().len(), 2, "and none while it rested");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_lift_a_pause_and_a_bounce() {
    let house = House::open().await;
    let id = json!({"id": house.acme.contact.to_string()});
    let send =
        "mutation ($id: ID!) { sendLoginEmails(input: {contactIds: [$id]}) { count skipped { reason } } }";
    let account = house.acme.id;
    for (reason, until, shown) in [
        ("NOT_ME", "'2026-01-06T10:00:00Z'", "NOT_ME"),
        ("550 no such mailbox", "null", "BOUNCED"),
    ] {
        house
            .test
            .run(&format!(
                "insert into suppressions (account_id, email_key, reason, created_at, expires_at)
                 values ('{}', '{ANNA}', '{reason}', '2026-01-05T09:00:00Z', {until})",
                account.0
            ))
            .await;
        let told = house.ask(&house.acme.read_key, SUPPRESSION, id.clone()).await;
        assert_eq!(told["contact"]["suppression"]["reason"], shown);
        let skipped = house.ask(&house.acme.key, send, id.clone()).await;
        assert_eq!(skipped["sendLoginEmails"]["skipped"][0]["reason"], "SUPPRESSED");
        let lifted = house.ask(&house.acme.key, RESUME, id.clone()).await;
        assert!(lifted["resumeMail"]["contact"]["suppression"].is_null());
        // Nothing to lift, nothing to note.
        house.ask(&house.acme.key, RESUME, id.clone()).await;
        let sent = house.ask(&house.acme.key, send, id.clone()).await;
        assert_eq!(sent["sendLoginEmails"]["count"], 1);
    }
    assert_eq!(events(&house, "MAIL_RESUMED").await, 2);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_stops_what_strangers_ask_for_and_no_warning() {
    let house = House::open().await;
    let to = anna(&house);
    let asked = challenge(&house, to).await;
    let email = mailed(&house, MessageKind::LoginCode, to, Some(asked.0)).await;
    report(&house, &protest(&house, &email)).await;
    let asked = challenge(&house, to).await;
    promised(&house, MessageKind::LoginCode, to, Some(asked.0)).await;
    let suppressed = "select count(*) from messages where status = 'SUPPRESSED'";
    until("it is not sent", async || {
        house.test.number(suppressed).await == 1
    })
    .await;
    mailed(&house, MessageKind::PasswordChanged, to, None).await;
    house
        .test
        .run("update suppressions set expires_at = null, reason = '550 no such mailbox'")
        .await;
    promised(&house, MessageKind::PasswordChanged, to, None).await;
    until("not to a dead address", async || {
        house.test.number(suppressed).await == 2
    })
    .await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bounce_outlasts_a_pause_whichever_came_first() {
    let office = Office::open().await;
    let (account, moment) = (office.account.id, office.clock.moment());
    let lasting = "select count(*) from suppressions where expires_at is null and reason like '550%'";
    office
        .write(async |conn| {
            suppression::pause(conn, account, "first@example.com", &moment).await?;
            suppression::suppress(conn, account, "first@example.com", "550 no", &moment).await?;
            suppression::suppress(conn, account, "second@example.com", "550 no", &moment).await?;
            suppression::pause(conn, account, "second@example.com", &moment).await
        })
        .await;
    assert_eq!(office.test.number(lasting).await, 2);
}
