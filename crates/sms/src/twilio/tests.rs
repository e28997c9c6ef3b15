use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::message::tests::message;
use crate::{SmsSender, SmsSettings};

const ID: &str = "SM0123456789abcdef0123456789abcdef";

/// Answers one request, and gives it back.
async fn serve(listener: TcpListener, answer: String) -> String {
    let (mut stream, _) = listener.accept().await.expect("a connection");
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).await.expect("a request");
        request.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&request);
        let length: Option<usize> = text.lines().find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length: ")?
                .parse()
                .ok()
        });
        let body = text.split_once("\r\n\r\n").map(|(_, body)| body.len());
        if read == 0 || body.is_some_and(|body| body >= length.unwrap_or(0)) {
            break;
        }
    }
    stream.write_all(answer.as_bytes()).await.expect("written");
    String::from_utf8(request).expect("text")
}

fn answer(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

async fn sender(timeout: Duration) -> (SmsSender, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let settings = SmsSettings {
        provider: Some(
            format!("http://AC01:secret@127.0.0.1:{port}")
                .parse()
                .expect("a URL"),
        ),
        timeout,
        ..SmsSettings::new("/nonexistent")
    };
    (SmsSender::new(&settings).expect("a sender"), listener)
}

/// Sends a message, and gives the outcome and the request.
async fn send(message: &TextMessage, answer: String) -> (Result<Sent, SendError>, String) {
    let (sms, listener) = sender(Duration::from_secs(20)).await;
    tokio::join!(sms.send(message), serve(listener, answer))
}

#[tokio::test]
async fn a_message_is_a_form_with_credentials() {
    let mut message = message();
    message.body = "Grüße & 5 + 5 = 10 €\n👋".to_owned();
    message.status_callback = Some("https://portal.example/sms/status/1?a=b".parse().expect("a URL"));
    let created = answer(
        "201 Created",
        &format!("{{\"sid\": \"{ID}\", \"num_segments\": \"2\", \"status\": \"queued\"}}"),
    );
    let (sent, request) = send(&message, created).await;
    assert_eq!(
        sent,
        Ok(Sent {
            provider_id: Some(ID.to_owned()),
            segments: 2
        })
    );
    let (head, body) = request.split_once("\r\n\r\n").expect("a body");
    assert!(
        head.starts_with("POST /2010-04-01/Accounts/AC01/Messages.json HTTP/1.1\r\n"),
        "{head}"
    );
    let credentials = BASE64_STANDARD.encode("AC01:secret");
    assert!(
        head.contains(&format!("authorization: Basic {credentials}")),
        "{head}"
    );
    assert!(
        head.contains("content-type: application/x-www-form-urlencoded"),
        "{head}"
    );
    let form: Vec<(String, String)> = ::url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    let expected = [
        ("To", message.to.as_str()),
        ("From", message.from.as_str()),
        ("Body", message.body.as_str()),
        ("StatusCallback", "https://portal.example/sms/status/1?a=b"),
    ];
    assert_eq!(
        form,
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
}

#[tokio::test]
async fn a_messaging_service_chooses_the_number() {
    let service = format!("MG{}", "0".repeat(32));
    let message = TextMessage {
        from: Sender::Service(service.clone()),
        ..message()
    };
    let (sent, request) = send(&message, answer("201 Created", "{}")).await;
    assert_eq!(sent.map(|sent| sent.provider_id), Ok(None));
    assert!(
        request.contains(&format!("MessagingServiceSid={service}")) && !request.contains("From="),
        "{request}"
    );
}

#[tokio::test]
async fn a_refusal_is_classified_and_redacted() {
    let body = r#"{"code": 21211, "message": "Invalid 'To' Phone Number: +4915123456789", "more_info": "https://x", "status": 400}"#;
    let (sent, _) = send(&message(), answer("400 Bad Request", body)).await;
    let reason = "21211: Invalid 'To' Phone Number: ***89".to_owned();
    assert_eq!(sent, Err(SendError::InvalidNumber { reason }));
    let body = r#"{"code": 21610, "message": "Attempt to send to unsubscribed recipient", "status": 400}"#;
    let (sent, _) = send(&message(), answer("400 Bad Request", body)).await;
    assert!(matches!(sent, Err(SendError::Unsubscribed { .. })), "{sent:?}");
    let (sent, _) = send(
        &message(),
        answer(
            "401 Unauthorized",
            r#"{"code": 20003, "message": "Authenticate"}"#,
        ),
    )
    .await;
    assert!(matches!(sent, Err(SendError::Unreachable { .. })), "{sent:?}");
}

#[tokio::test]
async fn a_provider_in_trouble_is_asked_again() {
    let slow =
        "HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let (sent, _) = send(&message(), slow.to_owned()).await;
    let reason = "429: the provider gives no reason".to_owned();
    let after = Some(Duration::from_secs(7));
    assert_eq!(sent, Err(SendError::Retry { reason, after }));
    for body in ["<html>Bad gateway</html>", &"x".repeat(100_000)] {
        let (sent, _) = send(&message(), answer("502 Bad Gateway", body)).await;
        assert!(matches!(sent, Err(SendError::Retry { .. })), "{sent:?}");
    }
    let (sent, _) = send(&message(), "nonsense\r\n\r\n".to_owned()).await;
    assert!(matches!(sent, Err(SendError::Retry { .. })), "{sent:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let moved = "HTTP/1.1 307 Moved\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let (sent, _) = send(&message(), moved.to_owned()).await;
    assert!(matches!(sent, Err(SendError::Unsendable { .. })), "{sent:?}");
}

#[tokio::test]
async fn a_silent_provider_is_given_up_and_an_absent_one_is_unreachable() {
    let (sms, listener) = sender(Duration::from_millis(200)).await;
    let sent = sms.send(&message()).await;
    let Err(SendError::Retry { reason, .. }) = sent else {
        panic!("{sent:?}")
    };
    assert_eq!(
        reason,
        "the connection to the SMS provider broke: no answer in time"
    );
    drop(listener);
    let sent = sms.send(&message()).await;
    assert!(matches!(sent, Err(SendError::Unreachable { .. })), "{sent:?}");
    assert!(!format!("{sms:?}").contains("secret"));
}

#[tokio::test]
async fn the_check_asks_for_the_account() {
    let (sms, listener) = sender(Duration::from_secs(20)).await;
    let (checked, request) = tokio::join!(sms.check(), serve(listener, answer("200 OK", "{}")));
    assert_eq!(checked, Ok(()));
    assert!(
        request.starts_with("GET /2010-04-01/Accounts/AC01.json "),
        "{request}"
    );
}
