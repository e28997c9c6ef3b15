use serde_json::json;

use super::*;

pub(super) fn connected() -> ProtocolMachine {
    ProtocolMachine::new(WebSocketSettings {
        max_streams: 2,
        max_message: 1_000,
        ..WebSocketSettings::default()
    })
}

pub(super) fn open() -> ProtocolMachine {
    let mut machine = connected();
    assert_eq!(
        describe(machine.handle(text(&json!({ "type": "connection_init" })))),
        ["authenticate {}"]
    );
    assert_eq!(
        describe(machine.handle(Input::Authenticated(Ok(())))),
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

pub(super) fn result(id: &str, result: ExecutionResult) -> Input {
    let id = id.to_owned();
    Input::Result { id, result }
}

pub(super) fn data(value: i32) -> ExecutionResult {
    ExecutionResult::from(async_graphql::Response::new(value))
}

/// Each output as one line.
pub(super) fn describe(outputs: Vec<Output>) -> Vec<String> {
    let line = |output| match output {
        Output::Send(text) => format!("send {text}"),
        Output::Ping => "ping".to_owned(),
        Output::Authenticate(payload) => format!("authenticate {}", Value::Object(payload)),
        Output::Start { id, request } => format!("start {id} {}", request.query),
        Output::Stop { id } => format!("stop {id}"),
        Output::Close { code, reason } => format!("close {code} {reason}"),
        Output::Disconnect => "abandon".to_owned(),
    };
    outputs.into_iter().map(line).collect()
}

#[test]
fn no_init_in_time_is_4408() {
    assert_eq!(
        describe(connected().handle(Input::InitTimeout)),
        ["close 4408 Connection initialisation timeout"]
    );
    assert!(open().handle(Input::InitTimeout).is_empty());
    let mut authenticating = connected();
    authenticating.handle(text(&json!({ "type": "connection_init" })));
    assert!(authenticating.handle(Input::InitTimeout).is_empty());
}

#[test]
fn subscribe_before_the_acknowledgement_is_4401() {
    assert_eq!(
        describe(connected().handle(subscribe("1"))),
        ["close 4401 Unauthorized"]
    );
    let mut authenticating = connected();
    authenticating.handle(text(&json!({ "type": "connection_init" })));
    assert_eq!(
        describe(authenticating.handle(subscribe("1"))),
        ["close 4401 Unauthorized"]
    );
}

#[test]
fn an_invalid_message_is_4400_with_a_short_reason() {
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
        let outputs = open().handle(text(&message));
        match &outputs[..] {
            [Output::Close { code: 4400, reason }] => assert!(reason.len() <= 123),
            _ => panic!("{message} {outputs:?}"),
        }
    }
    assert_eq!(
        describe(open().handle(Input::Text("{".to_owned()))),
        ["close 4400 Invalid message: Not a JSON object"]
    );
}

#[test]
fn a_binary_frame_is_4400_and_a_message_too_big_1009() {
    assert!(describe(open().handle(Input::Binary))[0].starts_with("close 4400"));
    assert!(describe(open().handle(Input::Text("x".repeat(1_001))))[0].starts_with("close 1009"));
}

#[test]
fn a_second_init_is_4429() {
    let again = || text(&json!({ "type": "connection_init" }));
    assert_eq!(
        describe(open().handle(again())),
        ["close 4429 Too many initialisation requests"]
    );
    let mut authenticating = connected();
    authenticating.handle(again());
    assert!(describe(authenticating.handle(again()))[0].starts_with("close 4429"));
}

#[test]
fn an_active_id_is_4409_and_an_ended_one_can_be_reused() {
    let mut machine = open();
    assert_eq!(describe(machine.handle(subscribe("1"))), ["start 1 { a }"]);
    assert_eq!(
        describe(machine.handle(Input::OperationEnded { id: "1".to_owned() })),
        [r#"send {"type":"complete","id":"1"}"#]
    );
    assert_eq!(describe(machine.handle(subscribe("1"))), ["start 1 { a }"]);
    assert_eq!(
        describe(machine.handle(subscribe("1"))),
        ["close 4409 Subscriber for 1 already exists"]
    );
    let long = "ü".repeat(128);
    let mut machine = open();
    machine.handle(subscribe(&long));
    assert!(describe(machine.handle(subscribe(&long)))[0].len() <= "close 4409 ".len() + 123);
}

#[test]
fn a_refused_credential_is_4403_and_a_failed_authentication_is_not() {
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
        let mut machine = connected();
        machine.handle(text(
            &json!({ "type": "connection_init", "payload": { "authorization": "Bearer x" } }),
        ));
        assert_eq!(
            describe(machine.handle(Input::Authenticated(Err(error)))),
            [close]
        );
    }
}

#[test]
fn an_operation_that_never_ran_is_an_error_and_has_no_complete() {
    let mut machine = open();
    machine.handle(subscribe("1"));
    let refused = ExecutionResult::refused(&Error::bad_input("a", "Wrong."));
    let outputs = describe(machine.handle(result("1", refused)));
    assert!(
        outputs[0].starts_with(r#"send {"type":"error","id":"1","payload":[{"message":"Wrong.""#),
        "{outputs:?}"
    );
    assert_eq!(outputs[1..], ["stop 1"]);
    assert!(
        machine
            .handle(Input::OperationEnded { id: "1".to_owned() })
            .is_empty()
    );
    assert_eq!(describe(machine.handle(subscribe("1"))), ["start 1 { a }"]);
}

#[test]
fn results_are_next_messages() {
    let mut machine = open();
    machine.handle(subscribe("1"));
    assert_eq!(
        describe(machine.handle(result("1", data(7)))),
        [r#"send {"type":"next","id":"1","payload":{"data":7}}"#]
    );
    let broken = describe(machine.handle(result("1", ExecutionResult::internal_failure("bug"))));
    assert!(
        broken[0].starts_with(r#"send {"type":"next","id":"1","payload":{"errors":["#),
        "{broken:?}"
    );
    assert!(broken[0].ends_with(r#""data":null}}"#), "{broken:?}");
}

#[test]
fn a_complete_from_the_client_is_not_echoed() {
    let mut machine = open();
    machine.handle(subscribe("1"));
    let complete = || text(&json!({ "type": "complete", "id": "1" }));
    assert_eq!(describe(machine.handle(complete())), ["stop 1"]);
    assert!(machine.handle(complete()).is_empty());
    assert!(machine.handle(result("1", data(1))).is_empty());
    assert!(
        machine
            .handle(Input::OperationEnded { id: "1".to_owned() })
            .is_empty()
    );
}

#[test]
fn a_ping_is_answered_with_its_payload_at_any_time() {
    for mut machine in [connected(), open()] {
        assert_eq!(
            describe(machine.handle(text(&json!({ "type": "ping" })))),
            [r#"send {"type":"pong"}"#]
        );
        assert_eq!(
            describe(machine.handle(text(&json!({ "type": "ping", "payload": { "a": 1 } })))),
            [r#"send {"type":"pong","payload":{"a":1}}"#]
        );
        assert!(machine.handle(text(&json!({ "type": "pong" }))).is_empty());
    }
}

#[test]
fn an_operation_over_the_limit_is_an_error_of_that_operation() {
    let mut machine = open();
    machine.handle(subscribe("1"));
    machine.handle(subscribe("2"));
    let outputs = describe(machine.handle(subscribe("3")));
    assert_eq!(outputs.len(), 1);
    assert!(
        outputs[0].contains(r#""type":"error","id":"3""#) && outputs[0].contains("RATE_LIMITED"),
        "{outputs:?}"
    );
    machine.handle(text(&json!({ "type": "complete", "id": "1" })));
    assert_eq!(describe(machine.handle(subscribe("3"))), ["start 3 { a }"]);
}
