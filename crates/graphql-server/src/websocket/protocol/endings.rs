use std::time::Duration;

use proptest::prelude::*;

use super::tests::{data, fresh, item, open, subscribe, text, told};
use super::*;

#[test]
fn a_silent_peer_is_left_and_a_living_one_is_not() {
    let mut machine = open();
    for _ in 0..2 {
        assert_eq!(told(machine.on(Input::Tick)), ["ping"]);
    }
    assert_eq!(told(machine.on(Input::Tick)), ["abandon"]);
    assert!(machine.on(Input::Tick).is_empty());
    let mut machine = open();
    for _ in 0..100 {
        assert_eq!(told(machine.on(Input::Tick)), ["ping"]);
        assert!(machine.on(Input::Heard).is_empty());
    }
    // The last sign of life may come just after a tick, and the peer is left with the tick after the last ping.
    let settings = WebSocketSettings::default();
    assert_eq!(
        settings.ping_interval * (settings.silent_pings + 1),
        Duration::from_secs(60)
    );
}

#[test]
fn the_end_of_the_authentication_closes_without_an_error_first() {
    let mut machine = open();
    machine.on(subscribe("1"));
    assert_eq!(
        told(machine.on(Input::AuthenticationEnded)),
        ["close 4403 SUBSCRIPTION_EXPIRED"]
    );
    assert!(machine.on(item("1", data(1))).is_empty());
    assert!(machine.on(subscribe("2")).is_empty());
}

#[test]
fn a_stop_says_going_away() {
    for mut machine in [fresh(), open()] {
        assert_eq!(
            told(machine.on(Input::Stopping)),
            ["close 1001 The server is going away"]
        );
        assert!(machine.on(Input::Stopping).is_empty());
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
            true => item(&id, data(1)),
            false => item(&id, Answer::refused(&Error::unauthenticated())),
        }),
        2 => id.prop_map(|id| Input::Ended { id }),
        1 => Just(()).prop_map(|()| Input::Tick),
        1 => Just(()).prop_map(|()| Input::Heard),
    ]
}

/// The ids that run, as the loop would see it.
fn follow(running: &mut HashSet<String>, outputs: &[Output]) {
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
    fn whatever_happens_the_machine_keeps_its_books(inputs in prop::collection::vec(anything(), 0..60)) {
        let mut machine = fresh();
        let (mut running, mut over) = (HashSet::new(), false);
        for input in inputs {
            // The loop knows of an end only while the operation runs, and authenticates once.
            if let Input::Ended { id } = &input && !running.remove(id) {
                continue;
            }
            if matches!(input, Input::Authenticated(_)) && machine.phase != Phase::Authenticating {
                continue;
            }
            let outputs = machine.on(input);
            assert!(!over || outputs.is_empty());
            follow(&mut running, &outputs);
            over = over || outputs.iter().any(|output| matches!(output, Output::Close { .. } | Output::Abandon));
            assert!(running.len() <= machine.settings.max_streams);
        }
    }
}
