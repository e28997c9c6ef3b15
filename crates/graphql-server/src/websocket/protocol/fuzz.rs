//! The fuzz target of the state machine: its invariants hold for any sequence of events.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

fn texts() -> impl Strategy<Value = String> {
    let id = prop_oneof![Just("1"), Just("2"), Just("3"), Just("")];
    let kind = prop_oneof![
        Just("connection_init"),
        Just("subscribe"),
        Just("complete"),
        Just("ping"),
        Just("pong"),
        Just("next"),
        Just("start"),
    ];
    let payload = prop_oneof![
        Just(""),
        Just(",\"payload\":null"),
        Just(",\"payload\":{}"),
        Just(",\"payload\":{\"query\":\"{ a }\"}"),
        Just(",\"payload\":{\"query\":7}"),
        Just(",\"payload\":[]"),
    ];
    prop_oneof![
        8 => (kind, id, payload).prop_map(|(kind, id, payload)| format!("{{\"type\":\"{kind}\",\"id\":\"{id}\"{payload}}}")),
        1 => ".{0,40}",
        1 => Just("x".repeat(2_000)),
    ]
}

fn inputs() -> impl Strategy<Value = Input> {
    let id = || prop_oneof![Just("1"), Just("2"), Just("3")].prop_map(str::to_owned);
    prop_oneof![
        10 => texts().prop_map(Input::Text),
        1 => Just(()).prop_map(|()| Input::Binary),
        1 => Just(()).prop_map(|()| Input::Alive),
        1 => Just(()).prop_map(|()| Input::InitTimeout),
        2 => Just(()).prop_map(|()| Input::Tick),
        3 => Just(()).prop_map(|()| Input::Authenticated(Ok(()))),
        1 => Just(()).prop_map(|()| Input::Authenticated(Err(Error::unauthenticated()))),
        4 => id().prop_map(|id| Input::Result { id, result: ExecutionResult::from(async_graphql::Response::new(1)) }),
        1 => id().prop_map(|id| Input::Result { id, result: ExecutionResult::refused(&Error::unauthenticated()) }),
        3 => id().prop_map(|id| Input::OperationEnded { id }),
        1 => Just(()).prop_map(|()| Input::AuthenticationEnded),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn the_invariants_hold(inputs in proptest::collection::vec(inputs(), 0..40)) {
        let settings = WebSocketSettings { max_streams: 2, max_message: 1_000, ..WebSocketSettings::default() };
        let mut machine = ProtocolMachine::new(settings);
        let (mut running, mut acknowledged, mut closed) = (HashSet::new(), false, false);
        for input in inputs {
            // The loop authenticates only when it was told to.
            if matches!(input, Input::Authenticated(_)) && machine.phase != Phase::Authenticating {
                continue;
            }
            acknowledged = acknowledged || matches!(input, Input::Authenticated(Ok(())));
            let outputs = machine.handle(input);
            prop_assert!(!closed || outputs.is_empty(), "nothing after the close");
            for output in outputs {
                match output {
                    Output::Start { id, .. } => {
                        prop_assert!(acknowledged, "nothing starts before the acknowledgement");
                        prop_assert!(running.insert(id), "an id runs once at a time");
                        prop_assert!(running.len() <= 2);
                    }
                    Output::Stop { id } => {
                        running.remove(&id);
                    }
                    Output::Close { code, reason } => {
                        prop_assert!(reason.len() <= 123);
                        prop_assert!([1009, 1011, 1012, 1013].contains(&code) || (4400..4500).contains(&code));
                        closed = true;
                    }
                    Output::Disconnect => closed = true,
                    Output::Send(text) => {
                        let message: Value = serde_json::from_str(&text).expect("JSON");
                        let id = message["id"].as_str().map(str::to_owned);
                        match message["type"].as_str() {
                            Some("next") => prop_assert!(id.is_some_and(|id| running.contains(&id))),
                            Some("complete") => prop_assert!(id.is_some_and(|id| running.remove(&id))),
                            Some("error") => {}
                            Some("connection_ack" | "pong") => {}
                            other => prop_assert!(false, "{:?} is not a message of the server", other),
                        }
                    }
                    Output::Ping | Output::Authenticate(_) => {}
                }
            }
        }
    }
}
