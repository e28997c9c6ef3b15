//! The program with NATS: wrong settings, a wrong password, and what `doctor` says.

use nix::sys::signal::Signal;

use super::program::TestFolder;
use crate::live_nats::sign_in::Certificates;
use crate::support::{TestNats, wait_until};

#[tokio::test(flavor = "multi_thread")]
async fn wrong_settings_are_refused_at_the_start() {
    let folder = TestFolder::new().await;
    let missing = folder.path("missing");
    let missing = missing.to_str().expect("a path");
    for (name, value) in [
        ("NATS_URL", "http://user:hunter2@nats.example"),
        ("NATS_CREDENTIALS_FILE", missing),
        ("NATS_CA_FILE", missing),
    ] {
        let settings = [("NATS_URL", "nats://user:hunter2@nats.example"), (name, value)];
        let said = folder.run(&["serve"], &settings).await;
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(said.err.contains(&format!("{name}: ")), "{said:?}");
        assert!(!said.err.contains("hunter2"), "{said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_logged_once_and_not_shown() {
    let folder = TestFolder::new().await;
    let log = folder.path("nats.log");
    let log_name = log.to_str().expect("a path");
    let nats = TestNats::start(&["--user", "portal", "--pass", "right", "-l", log_name]).await;
    let url = format!("nats://portal:hunter2@{}", nats.address);
    for verbose in ["info", "trace"] {
        let tried_before = attempts(&log);
        let settings = [("NATS_URL", &url[..]), ("RUST_LOG", verbose)];
        let serving = folder.serve("--default-signal=HUP", &settings).await;
        let health = reqwest::get(format!("http://{}/readyz", serving.listen)).await;
        assert_eq!(health.expect("an answer").status(), 200);
        wait_until("several attempts", async || attempts(&log) >= tried_before + 4).await;
        serving.signal(Signal::SIGTERM);
        let said = serving.wait().await;
        assert_eq!(said.code, Some(0), "{said:?}");
        let refusals = said.err.to_lowercase().matches("authorization violation").count();
        assert_eq!(refusals, 1, "{said:?}");
        assert!(
            !said.err.contains("hunter2") && !said.out.contains("hunter2"),
            "{said:?}"
        );
    }
}

/// Refused attempts to sign in, by the log of NATS.
fn attempts(log: &std::path::Path) -> usize {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    text.matches("authentication error").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_nats_is_logged_once() {
    let folder = TestFolder::new().await;
    let address = TestNats::free_address();
    let url = format!("nats://{address}");
    let serving = folder.serve("--default-signal=HUP", &[("NATS_URL", &url)]).await;
    // Refuses every attempt, and shows that there are several.
    let refusing = tokio::net::TcpListener::bind(address)
        .await
        .expect("the port is free");
    for _ in 0..4 {
        drop(refusing.accept().await.expect("an attempt"));
    }
    serving.signal(Signal::SIGTERM);
    let said = serving.wait().await;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(said.err.matches("unreachable, retrying").count(), 1, "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_sends_a_message_through_nats() {
    let folder = TestFolder::new().await;
    let said = folder.run(&["doctor"], &[]).await;
    assert!(
        said.out
            .contains("ok    bus: instances reach each other through PostgreSQL"),
        "{said:?}"
    );
    let mut nats = TestNats::start(&["--user", "portal", "--pass", "right"]).await;
    let of = |password: &str| format!("nats://portal:{password}@{}", nats.address);
    let (right, wrong) = (of("right"), of("hunter2"));
    let said = folder.run(&["doctor"], &[("NATS_URL", &right)]).await;
    assert!(said.out.contains("ok    bus: NATS delivers messages"), "{said:?}");
    let said = folder.run(&["doctor"], &[("NATS_URL", &wrong)]).await;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.out.contains("WRONG bus") && said.out.contains("authorization violation"),
        "{said:?}"
    );
    assert!(
        !said.out.contains("hunter2") && !said.err.contains("hunter2"),
        "{said:?}"
    );
    nats.kill();
    let said = folder.run(&["doctor"], &[("NATS_URL", &right)]).await;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.out.contains("WRONG bus") && said.out.contains("NATS_URL"),
        "{said:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_a_user_who_may_not_subscribe() {
    let folder = TestFolder::new().await;
    let config = folder.path("nats.conf");
    let users = "authorization { users = [{ user: portal, password: right, permissions: { publish: \"vestibule.>\", subscribe: \"other\" } }] }";
    std::fs::write(&config, users).expect("it is written");
    let nats = TestNats::start(&["-c", config.to_str().expect("a path")]).await;
    let url = format!("nats://portal:right@{}", nats.address);
    let said = folder.run(&["doctor"], &[("NATS_URL", &url)]).await;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.out
            .contains("May the user publish and subscribe to vestibule."),
        "{said:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_should_be_verified_is_never_in_the_clear() {
    let folder = TestFolder::new().await;
    let certificates = Certificates::new();
    let authority = certificates.authority();
    let plain = TestNats::start(&[]).await;
    let encrypted = certificates.start_nats().await;
    let another = Certificates::new();
    let another_authority = another.authority();
    for (nats, settings) in [
        (&plain, &[("NATS_CA_FILE", &authority[..])][..]),
        (&encrypted, &[("NATS_CA_FILE", &another_authority[..])]),
        (&encrypted, &[]),
    ] {
        let url = nats.url();
        let settings = [settings, &[("NATS_URL", &url[..])]].concat();
        let said = folder.run(&["doctor"], &settings).await;
        assert!(said.out.contains("WRONG bus"), "{said:?}");
    }
}
