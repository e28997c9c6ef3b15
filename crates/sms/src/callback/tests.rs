use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::AuthToken;

#[derive(Deserialize)]
struct Vector {
    token: String,
    url: String,
    params: Vec<(String, String)>,
    signature: String,
}

/// Made by Twilio's own library.
fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("../fixtures/signatures.json")).expect("the fixture")
}

fn form(fields: &[(&str, &str)]) -> Form {
    Form(
        fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    )
}

#[test]
fn signatures_of_the_providers_library_are_accepted() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 5);
    for Vector {
        token,
        url,
        params,
        signature,
    } in vectors
    {
        let (token, form) = (AuthToken::new(token), Form(params));
        assert_eq!(verify(Some(&signature), &token, &url, &form), Ok(()), "{url}");
        let other_port = url.replacen(".example/", ".example:443/", 1);
        assert_eq!(
            verify(Some(&signature), &token, &other_port, &form),
            Ok(()),
            "{other_port}"
        );
    }
}

#[test]
fn anything_else_is_unsigned() {
    for Vector {
        token,
        url,
        params,
        signature,
    } in vectors()
    {
        let right = AuthToken::new(token);
        let form = Form(params.clone());
        let unsigned = Err(CallbackError::Unsigned);
        assert_eq!(verify(None, &right, &url, &form), unsigned);
        for bad in ["", "x", "AAAA", &signature[1..], &signature.to_lowercase()] {
            assert_eq!(verify(Some(bad), &right, &url, &form), unsigned, "{bad}");
        }
        assert_eq!(
            verify(Some(&signature), &AuthToken::new("other"), &url, &form),
            unsigned
        );
        assert_eq!(
            verify(Some(&signature), &right, &format!("{url}&"), &form),
            unsigned
        );
        let mut more = params.clone();
        more.push(("x".to_owned(), "y".to_owned()));
        assert_eq!(verify(Some(&signature), &right, &url, &Form(more)), unsigned);
        if !params.is_empty() {
            assert_eq!(
                verify(
                    Some(&signature),
                    &right,
                    &url,
                    &Form(params[..params.len() - 1].to_vec())
                ),
                unsigned
            );
        }
    }
}

#[test]
fn a_body_is_bounded() {
    assert_eq!(Form::parse(b"a=%C3%A4+b&c"), Ok(form(&[("a", "ä b"), ("c", "")])));
    assert_eq!(
        Form::parse(&vec![b'a'; MAX_FORM_BYTES + 1]),
        Err(CallbackError::TooLong)
    );
    assert_eq!(
        Form::parse("a=b&".repeat(201).as_bytes()),
        Err(CallbackError::TooLong)
    );
}

const ID: &str = "SM0123456789abcdef0123456789abcdef";

#[test]
fn a_report_says_what_became_of_a_message() {
    let report = |fields: &[(&str, &str)]| {
        let mut all = vec![("AccountSid", "AC01"), ("MessageSid", ID)];
        all.extend(fields);
        StatusUpdate::parse(&form(&all), "AC01")
    };
    let delivered = report(&[("MessageStatus", "delivered"), ("ErrorCode", "")]).expect("a report");
    assert_eq!(
        (delivered.id.as_str(), delivered.status, delivered.error),
        (ID, MessageStatus::Delivered, None)
    );
    let unknown = report(&[("MessageStatus", "undelivered"), ("ErrorCode", "30005")]).expect("a report");
    let reason = "30005: the number is unknown".to_owned();
    assert_eq!(unknown.error, Some(SendError::InvalidNumber { reason }));
    let stopped = report(&[("MessageStatus", "failed"), ("ErrorCode", "21610")]).expect("a report");
    assert!(matches!(stopped.error, Some(SendError::Unsubscribed { .. })));
    assert_eq!(report(&[("MessageStatus", "new")]), Err(CallbackError::Invalid));
    assert_eq!(report(&[]), Err(CallbackError::Invalid));
    let other = form(&[
        ("AccountSid", "AC02"),
        ("MessageSid", ID),
        ("MessageStatus", "sent"),
    ]);
    assert_eq!(
        StatusUpdate::parse(&other, "AC01"),
        Err(CallbackError::OtherAccount)
    );
    let bad_id = form(&[
        ("AccountSid", "AC01"),
        ("MessageSid", "1"),
        ("MessageStatus", "sent"),
    ]);
    assert_eq!(StatusUpdate::parse(&bad_id, "AC01"), Err(CallbackError::Invalid));
}

#[test]
fn an_old_or_repeated_report_is_no_news() {
    use MessageStatus::{Delivered, Failed, Queued, Read, Sent, Undelivered};
    for (next, previous, news) in [
        (Sent, Queued, true),
        (Delivered, Sent, true),
        (Delivered, Queued, true),
        (Read, Delivered, true),
        (Queued, Sent, false),
        (Sent, Delivered, false),
        (Delivered, Delivered, false),
        (Failed, Delivered, false),
        (Delivered, Undelivered, false),
    ] {
        assert_eq!(next.follows(previous), news, "{next:?} after {previous:?}");
    }
}

#[test]
fn a_reply_may_be_a_keyword() {
    let reply = |body: &str, opt_out: &str| {
        let fields = [
            ("AccountSid", "AC01"),
            ("MessageSid", ID),
            ("From", "+4915123456789"),
            ("To", "+14158675309"),
            ("Body", body),
            ("OptOutType", opt_out),
        ];
        InboundMessage::parse(&form(&fields), "AC01").expect("a reply")
    };
    let stop = reply("Stop", "");
    assert_eq!(
        (stop.from.as_str(), stop.keyword),
        ("+4915123456789", Some(Keyword::Stop))
    );
    assert_eq!(reply("no more", "STOP").keyword, Some(Keyword::Stop));
    assert_eq!(reply("When do you open?", "").keyword, None);
    assert!(!format!("{:?}", reply("secret", "")).contains("secret"));
    let missing = form(&[
        ("AccountSid", "AC01"),
        ("MessageSid", ID),
        ("From", "ACME"),
        ("To", "+14158675309"),
    ]);
    assert_eq!(
        InboundMessage::parse(&missing, "AC01"),
        Err(CallbackError::Invalid)
    );
}

proptest! {
    #[test]
    fn any_body_is_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..300), url in "\\PC{0,40}") {
        if let Ok(form) = Form::parse(&body) {
            drop(StatusUpdate::parse(&form, "AC01"));
            drop(InboundMessage::parse(&form, "AC01"));
            prop_assert_eq!(verify(Some("AAAA"), &AuthToken::new("t"), &url, &form), Err(CallbackError::Unsigned));
        }
    }
}
