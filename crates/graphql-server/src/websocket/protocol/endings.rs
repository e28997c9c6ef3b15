use std::time::Duration;

use proptest::prelude::*;

use super::tests::{connected, data, describe, open, result, subscribe, text};
use super::*;

#[test]
fn an_unresponsive_peer_is_disconnected_and_a_responsive_one_is_not() {
    let mut machine = open();
    for _ in 0..2 {
        assert_eq!(describe(machine.handle(Input::Tick)), ["ping"]);
    }
    assert_eq!(describe(machine.handle(Input::Tick)), ["abandon"]);
    assert!(machine.handle(Input::Tick).is_empty());
    let mut machine = open();
    for _ in 0..100 {
        assert_eq!(describe(machine.handle(Input::Tick)), ["ping"]);
        assert!(machine.handle(Input::Alive).is_empty());
    }
    // The last frame may arrive just after a tick, and the peer is disconnected at the tick after the last ping.
    let settings = WebSocketSettings::default();
    assert_eq!(
        settings.ping_interval * (settings.max_unanswered_pings + 1),
        Duration::from_secs(60)
    );
}

#[test]
fn the_end_of_the_authentication_closes_without_an_error_first() {
    let mut machine = open();
    machine.handle(subscribe("1"));
    assert_eq!(
        describe(machine.handle(Input::AuthenticationEnded)),
        ["close 4403 SUBSCRIPTION_EXPIRED"]
    );
    assert!(machine.handle(result("1", data(1))).is_empty());
    assert!(machine.handle(subscribe("2")).is_empty());
}

#[test]
fn a_shutdown_closes_with_going_away() {
    for mut machine in [connected(), open()] {
        assert_eq!(
            describe(machine.handle(Input::Stopping)),
            ["close 1012 The server is restarting"]
        );
        assert!(machine.handle(Input::Stopping).is_empty());
    }
}

fn anything() -> impl Strategy<Value = Input> {
    let id = prop_oneof![Just("1".to_owned()), Just("2".to_owned()), Just("3".to_owned())];
    const KINDS: [&str; 6] = ["connection_init", "ping", "pong", "subscribe", "complete", "next"];
    let message = (prop::sample::select(&KINDS[..]), id.clone());
    let message = message.prop_map(|(kind, id)| {
        text(&serde_json::json!({ "type": kind, "id": id, "payload": { "query": "{ a }" } }))
    });
    prop_oneof![
        12 => message,
        1 => any::<String>().prop_map(Input::Text),
        4 => Just(()).prop_map(|()| Input::Authenticated(Ok(()))),
        1 => Just(()).prop_map(|()| Input::Authenticated(Err(Error::unauthenticated()))),
        4 => (id.clone(), any::<bool>()).prop_map(|(id, ran)| match ran {
            true => result(&id, data(1)),
            false => result(&id, ExecutionResult::refused(&Error::unauthenticated())),
        }),
        2 => id.prop_map(|id| Input::OperationEnded { id }),
        1 => Just(()).prop_map(|()| Input::Tick),
        1 => Just(()).prop_map(|()| Input::Alive),
    ]
}

/// Tracks the running ids as the loop does.
fn track(running: &mut HashSet<String>, outputs: &[Output]) {
    for output in outputs {
        match output {
            Output::Start { id, .. } => assert!(running.insert(id.clone()), "{id} runs already"),
            Output::Stop { id } => assert!(running.remove(id), "{id} does not run"),
            Output::Close { reason, .. } => assert!(reason.len() <= 123),
            _ => {}
        }
    }
}

proptest! {
    #[test]
    fn the_set_of_running_operations_is_always_consistent(inputs in prop::collection::vec(anything(), 0..60)) {
        let mut machine = connected();
        let (mut running, mut closed) = (HashSet::new(), false);
        for input in inputs {
            // The loop reports an end only while the operation runs, and authenticates once.
            if let Input::OperationEnded { id } = &input && !running.remove(id) {
                continue;
            }
            if matches!(input, Input::Authenticated(_)) && machine.phase != Phase::Authenticating {
                continue;
            }
            let outputs = machine.handle(input);
            assert!(!closed || outputs.is_empty());
            track(&mut running, &outputs);
            closed = closed || outputs.iter().any(|output| matches!(output, Output::Close { .. } | Output::Disconnect));
            assert!(running.len() <= machine.settings.max_streams);
        }
    }
}
