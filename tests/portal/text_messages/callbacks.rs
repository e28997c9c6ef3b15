//! The provider's reports about texts.

use serde_json::Value;

use super::{NUMBER, contact_with, newest, send_link, stopped, wait_for_status};
use crate::support::{Callback, PUBLIC_URL, TestServer, TestTwilio, provider_id, wait_until};

/// A text that was sent to a contact, and the path of its reports.
async fn sent_text(server: &TestServer, twilio: &TestTwilio, number: &str) -> (Value, String) {
    let contact = contact_with(server, Some(number)).await;
    send_link(server, &contact).await;
    wait_for_status(server, &contact, "SENT").await;
    let sent = twilio.received().into_iter().find(|text| text.to == number);
    let callback = sent.expect("a text").status_callback.expect("a callback");
    let path = callback
        .strip_prefix(PUBLIC_URL)
        .expect("the public URL")
        .to_owned();
    (contact, path)
}

fn report(path: &str, status: &str, code: Option<&str>) -> Callback {
    let id = provider_id(1);
    let mut fields = vec![("MessageSid", &*id), ("MessageStatus", status), ("To", NUMBER)];
    fields.extend(code.map(|code| ("ErrorCode", code)));
    Callback::new(path, &fields)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_shown_and_later_reports_change_nothing() {
    let twilio = TestTwilio::open().await;
    let server = TestTwilio::server(twilio.address).await;
    let (contact, path) = sent_text(&server, &twilio, NUMBER).await;
    for (status, code, expected) in [
        ("queued", None, "SENT"),
        ("sent", None, "SENT"),
        ("delivered", None, "DELIVERED"),
        ("delivered", None, "DELIVERED"),
        ("undelivered", Some("30005"), "DELIVERED"),
        ("sent", None, "DELIVERED"),
    ] {
        assert_eq!(report(&path, status, code).status(&server).await, 200, "{status}");
        assert_eq!(newest(&server, &contact).await["status"], expected, "{status}");
    }
    assert_eq!(stopped(&server, &contact).await["smsSuppression"], Value::Null);
    let events = "select count(*) from audit_events where kind like 'MESSAGE_%'";
    assert_eq!(server.test.number(events).await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_recorded_once_with_its_reason() {
    let twilio = TestTwilio::open().await;
    let server = TestTwilio::server(twilio.address).await;
    for (number, code, status, suppressed) in [
        ("+4915112345601", "30005", "BOUNCED", Some("BOUNCED")),
        ("+4915112345602", "30003", "FAILED", None),
        ("+4915112345603", "21610", "SUPPRESSED", Some("STOPPED")),
    ] {
        let (contact, path) = sent_text(&server, &twilio, number).await;
        for _ in 0..2 {
            assert_eq!(
                report(&path, "undelivered", Some(code)).status(&server).await,
                200
            );
        }
        let message = newest(&server, &contact).await;
        assert_eq!(message["status"], status, "{code}");
        assert!(message["lastError"].is_string());
        assert!(message["sentAt"].is_string(), "it was accepted");
        let stops = stopped(&server, &contact).await["smsSuppression"].clone();
        assert_eq!(stops.get("reason").and_then(Value::as_str), suppressed, "{code}");
        let of = format!(
            "select count(*) from audit_events e join contacts c on c.id = e.contact_id and c.phone = '{number}'
             where kind = 'MESSAGE_{status}'"
        );
        assert_eq!(server.test.number(&of).await, 1, "{code}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_records_a_sending_whose_answer_was_lost() {
    let twilio = TestTwilio::open().await;
    let server = TestTwilio::server(twilio.address).await;
    let (contact, path) = sent_text(&server, &twilio, NUMBER).await;
    server
        .test
        .run("update messages set status = 'DEFERRED', sent_at = null, due_at = due_at + interval '1 hour'")
        .await;
    assert_eq!(report(&path, "delivered", None).status(&server).await, 200);
    let message = newest(&server, &contact).await;
    assert_eq!(message["status"], "DELIVERED");
    assert!(message["sentAt"].is_string());
    assert_eq!(twilio.received().len(), 1, "it is not sent again");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_overtakes_the_answer_is_recorded_once() {
    let twilio = TestTwilio::open().await;
    let server = TestTwilio::server(twilio.address).await;
    let contact = contact_with(&server, Some(NUMBER)).await;
    twilio.hold(true);
    send_link(&server, &contact).await;
    wait_until("in flight", async || twilio.waiting() == 1).await;
    let message = newest(&server, &contact).await;
    let id = message["id"].as_str().expect("an id");
    let path = format!("/hooks/twilio/{}/status/{id}", server.acme.id);
    let reports = ["sent", "delivered", "sent", "delivered"].map(|status| report(&path, status, None));
    let answers = reports.iter().map(|report| report.status(&server));
    assert_eq!(futures_util::future::join_all(answers).await, [200; 4]);
    twilio.hold(false);
    // The outcomes of two texts are written in their order.
    let other = contact_with(&server, Some("+4915112345679")).await;
    send_link(&server, &other).await;
    wait_for_status(&server, &other, "SENT").await;
    assert_eq!(newest(&server, &contact).await["status"], "DELIVERED");
    let events =
        format!("select count(*) from audit_events where kind = 'MESSAGE_SENT' and subject = '{id}'");
    assert_eq!(server.test.number(&events).await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_the_provider_did_not_sign_changes_nothing() {
    let twilio = TestTwilio::open().await;
    let server = TestTwilio::server(twilio.address).await;
    let (contact, path) = sent_text(&server, &twilio, NUMBER).await;
    let callback = report(&path, "undelivered", Some("30005"));

    let unsigned = callback.request(&server).send().await.expect("an answer");
    assert_eq!(unsigned.status(), 403);
    assert_eq!(unsigned.headers().get("set-cookie"), None);
    let body = unsigned.text().await.expect("a text");
    assert!(!body.contains("151"), "{body}");
    for signature in ["", "!", "AAAA", "q1J0SbAdr1dA9RVTNMCFuyYPZOo="] {
        let request = callback.request(&server).header("x-twilio-signature", signature);
        assert_eq!(
            request.send().await.expect("an answer").status(),
            403,
            "{signature}"
        );
    }
    let other_token = Callback {
        token: "another token",
        ..callback.clone()
    };
    assert_eq!(other_token.status(&server).await, 403);
    // The signature covers the path and every field.
    let moved = callback.request(&server).header(
        "x-twilio-signature",
        report(&format!("{path}x"), "undelivered", None).signature(),
    );
    assert_eq!(moved.send().await.expect("an answer").status(), 403);
    let other_account = Callback::new(
        &path,
        &[
            ("MessageSid", &provider_id(1)),
            ("MessageStatus", "failed"),
            ("AccountSid", "AC9"),
        ],
    );
    assert_eq!(other_account.status(&server).await, 403);
    assert_eq!(newest(&server, &contact).await["status"], "SENT");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_message_and_an_invalid_report_are_told_apart_by_the_provider_alone() {
    let twilio = TestTwilio::open().await;
    let server = TestTwilio::server(twilio.address).await;
    let (_, path) = sent_text(&server, &twilio, NUMBER).await;
    let (account, message) = (
        server.acme.id.to_string(),
        path.rsplit('/').next().expect("an id"),
    );
    let other = server.other.id.to_string();
    for unknown in [
        path.replace(&account, &other),
        path.replace(message, &format!("{}0", &message[..message.len() - 1])),
        path.replace(message, "x"),
        path.replace(&account, "acme"),
    ] {
        if unknown != path {
            assert_eq!(
                report(&unknown, "delivered", None).status(&server).await,
                404,
                "{unknown}"
            );
        }
    }
    assert_eq!(report(&path, "exploded", None).status(&server).await, 400);
    let long = Callback::new(&path, &[("Body", &"x".repeat(70_000))]);
    assert_eq!(long.status(&server).await, 413);
    let read = server.http.get(format!("{}{path}", server.url)).send().await;
    assert_eq!(read.expect("an answer").status(), 404);
    let plain = TestServer::open().await;
    assert_eq!(
        report(&path, "delivered", None).status(&plain).await,
        404,
        "no provider"
    );
    plain.stop().await;
    server.stop().await;
}
