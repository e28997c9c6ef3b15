use serde_json::json;

use super::*;

pub(super) fn fresh() -> Machine {
    Machine::new(WebSocketSettings {
        max_streams: 2,
        max_message: 1_000,
        ..WebSocketSettings::default()
    })
}

pub(super) fn open() -> Machine {
    let mut machine = fresh();
    assert_eq!(
        told(machine.on(text(&json!({ "type": "connection_init" })))),
        ["authenticate {}"]
    );
    assert_eq!(
        told(machine.on(Input::Authenticated(Ok(())))),
        [r#"send {"type":"connection_ack"}"#]
    );
    machine
}

pub(super) fn text(message: &Value) -> Input {
    Input::Text(message.to_string())
}

pub(super) fn subscribe(id: &str) -> Input {
    text(&json!({ "id": id, "type": "subscribe", "payload": { "query": "{ a }" } }))
}

pub(super) fn item(id: &str, answer: Answer) -> Input {
    let id = id.to_owned();
    Input::Item { id, answer }
}

pub(super) fn data(value: i32) -> Answer {
    Answer::from(async_graphql::Response::new(value))
}

/// The outputs in one line each.
pub(super) fn told(outputs: Vec<Output>) -> Vec<String> {
    let line = |output| match output {
        Output::Send(text) => format!("send {text}"),
        Output::Ping => "ping".to_owned(),
        Output::Authenticate(payload) => format!("authenticate {}", Value::Object(payload)),
        Output::Start { id, request } => format!("start {id} {}", request.query),
        Output::Stop { id } => format!("stop {id}"),
        Output::Close { code, reason } => format!("close {code} {reason}"),
        Output::Abandon => "abandon".to_owned(),
    };
    outputs.into_iter().map(line).collect()
}

#[test]
fn no_init_in_time_is_4408() {
    assert_eq!(
        told(fresh().on(Input::InitDue)),
        ["close 4408 Connection initialisation timeout"]
    );
    assert!(open().on(Input::InitDue).is_empty());
    let mut authenticating = fresh();
    authenticating.on(text(&json!({ "type": "connection_init" })));
    assert!(authenticating.on(Input::InitDue).is_empty());
}

#[test]
fn subscribe_before_the_acknowledgement_is_4401() {
    assert_eq!(told(fresh().on(subscribe("1"))), ["close 4401 Unauthorized"]);
    let mut authenticating = fresh();
    authenticating.on(text(&json!({ "type": "connection_init" })));
    assert_eq!(
        told(authenticating.on(subscribe("1"))),
        ["close 4401 Unauthorized"]
    );
}

#[test]
fn what_is_no_message_is_4400_with_a_short_reason() {
    let payload = json!({ "query": "{ a }" });
    let long = "t".repeat(900);
    for message in [
        json!(1),
        json!([]),
        json!({}),
        json!({ "type": 1 }),
        json!({ "type": long }),
        json!({ "type": "next", "id": "1", "payload": {} }),
        json!({ "type": "start", "id": "1", "payload": payload }),
        json!({ "type": "stop", "id": "1" }),
        json!({ "type": "connection_terminate" }),
        json!({ "type": "connection_init", "payload": "x" }),
        json!({ "type": "ping", "payload": 1 }),
        json!({ "type": "pong", "payload": [] }),
        json!({ "type": "complete" }),
        json!({ "type": "subscribe", "payload": payload }),
        json!({ "type": "subscribe", "id": "", "payload": payload }),
        json!({ "type": "subscribe", "id": 1, "payload": payload }),
        json!({ "type": "subscribe", "id": "1" }),
        json!({ "type": "subscribe", "id": "1", "payload": {} }),
        json!({ "type": "subscribe", "id": "1", "payload": { "query": 1 } }),
        json!({ "type": "subscribe", "id": "1", "payload": { "query": "{ a }", "variables": [] } }),
        json!({ "type": "subscribe", "id": "1", "payload": { "query": "{ a }", "operationName": 1 } }),
    ] {
        let outputs = open().on(text(&message));
        match &outputs[..] {
            [Output::Close { code: 4400, reason }] => assert!(reason.len() <= 123),
            _ => panic!("{message} {outputs:?}"),
        }
    }
    assert_eq!(
        told(open().on(Input::Text("{".to_owned()))),
        ["close 4400 Invalid message: Not a JSON object"]
    );
}

#[test]
fn a_binary_frame_is_4400_and_a_message_too_big_1009() {
    assert!(told(open().on(Input::Binary))[0].starts_with("close 4400"));
    assert!(told(open().on(Input::Text("x".repeat(1_001))))[0].starts_with("close 1009"));
}

#[test]
fn a_second_init_is_4429() {
    let again = || text(&json!({ "type": "connection_init" }));
    assert_eq!(
        told(open().on(again())),
        ["close 4429 Too many initialisation requests"]
    );
    let mut authenticating = fresh();
    authenticating.on(again());
    assert!(told(authenticating.on(again()))[0].starts_with("close 4429"));
}

#[test]
fn a_live_id_is_4409_and_an_ended_one_is_free_again() {
    let mut machine = open();
    assert_eq!(told(machine.on(subscribe("1"))), ["start 1 { a }"]);
    assert_eq!(
        told(machine.on(Input::Ended { id: "1".to_owned() })),
        [r#"send {"type":"complete","id":"1"}"#]
    );
    assert_eq!(told(machine.on(subscribe("1"))), ["start 1 { a }"]);
    assert_eq!(
        told(machine.on(subscribe("1"))),
        ["close 4409 Subscriber for 1 already exists"]
    );
    let long = "ü".repeat(128);
    let mut machine = open();
    machine.on(subscribe(&long));
    assert!(told(machine.on(subscribe(&long)))[0].len() <= "close 4409 ".len() + 123);
}

#[test]
fn a_refused_credential_is_4403_and_an_unavailable_check_is_not() {
    for (error, close) in [
        (Error::unauthenticated(), "close 4403 Forbidden"),
        (Error::forbidden("no"), "close 4403 Forbidden"),
        (Error::unavailable("gone"), "close 1013 Try again later"),
        (Error::rate_limited("slow", 1), "close 1013 Try again later"),
        (
            Error::internal("bug"),
            "close 1011 Something went wrong on our side",
        ),
    ] {
        let mut machine = fresh();
        machine.on(text(
            &json!({ "type": "connection_init", "payload": { "authorization": "Bearer x" } }),
        ));
        assert_eq!(told(machine.on(Input::Authenticated(Err(error)))), [close]);
    }
}

#[test]
fn an_operation_that_never_ran_is_an_error_and_has_no_complete() {
    let mut machine = open();
    machine.on(subscribe("1"));
    let refused = Answer::refused(&Error::bad_input("a", "Wrong."));
    let outputs = told(machine.on(item("1", refused)));
    assert!(
        outputs[0].starts_with(r#"send {"type":"error","id":"1","payload":[{"message":"Wrong.""#),
        "{outputs:?}"
    );
    assert_eq!(outputs[1..], ["stop 1"]);
    assert!(machine.on(Input::Ended { id: "1".to_owned() }).is_empty());
    assert_eq!(told(machine.on(subscribe("1"))), ["start 1 { a }"]);
}

#[test]
fn answers_are_next_and_the_end_is_complete() {
    let mut machine = open();
    machine.on(subscribe("1"));
    assert_eq!(
        told(machine.on(item("1", data(7)))),
        [r#"send {"type":"next","id":"1","payload":{"data":7}}"#]
    );
    let broken = told(machine.on(item("1", Answer::broken("bug"))));
    assert!(
        broken[0].starts_with(r#"send {"type":"next","id":"1","payload":{"errors":["#),
        "{broken:?}"
    );
    assert!(broken[0].ends_with(r#""data":null}}"#), "{broken:?}");
}

#[test]
fn the_complete_of_a_client_is_not_echoed() {
    let mut machine = open();
    machine.on(subscribe("1"));
    let complete = || text(&json!({ "type": "complete", "id": "1" }));
    assert_eq!(told(machine.on(complete())), ["stop 1"]);
    assert!(machine.on(complete()).is_empty());
    assert!(machine.on(item("1", data(1))).is_empty());
    assert!(machine.on(Input::Ended { id: "1".to_owned() }).is_empty());
}

#[test]
fn a_ping_is_answered_with_its_payload_at_any_time() {
    for mut machine in [fresh(), open()] {
        assert_eq!(
            told(machine.on(text(&json!({ "type": "ping" })))),
            [r#"send {"type":"pong"}"#]
        );
        assert_eq!(
            told(machine.on(text(&json!({ "type": "ping", "payload": { "a": 1 } })))),
            [r#"send {"type":"pong","payload":{"a":1}}"#]
        );
        assert!(machine.on(text(&json!({ "type": "pong" }))).is_empty());
    }
}

#[test]
fn an_operation_too_many_is_an_error_of_its_own() {
    let mut machine = open();
    machine.on(subscribe("1"));
    machine.on(subscribe("2"));
    let outputs = told(machine.on(subscribe("3")));
    assert_eq!(outputs.len(), 1);
    assert!(
        outputs[0].contains(r#""type":"error","id":"3""#) && outputs[0].contains("RATE_LIMITED"),
        "{outputs:?}"
    );
    machine.on(text(&json!({ "type": "complete", "id": "1" })));
    assert_eq!(told(machine.on(subscribe("3"))), ["start 3 { a }"]);
}
