//! The program: how it starts, reports errors, and stops.

use std::net::TcpListener;

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::backups::client::{Client, kept_mails};
use super::program::{CommandOutput, LONG, TestFolder, free_address};
use crate::support::{TestTwilio, wait_until};

#[tokio::test(flavor = "multi_thread")]
async fn a_hangup_signal_stops_the_server_gracefully() {
    let folder = TestFolder::new().await;
    let serving = folder.serve("--default-signal=HUP", &[]).await;
    serving.signal(Signal::SIGHUP);
    let said = serving.wait().await;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("stopping"), "{said:?}");
    assert!(said.err.contains("no metrics"), "it says so once: {said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn under_nohup_a_hangup_signal_is_ignored() {
    let folder = TestFolder::new().await;
    let serving = folder.serve("--ignore-signal=HUP", &[]).await;
    serving.signal(Signal::SIGHUP);
    let health = reqwest::get(format!("http://{}/healthz", serving.listen)).await;
    assert_eq!(health.expect("an answer").status(), 200);
    serving.signal(Signal::SIGTERM);
    assert_eq!(serving.wait().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_start_reports_the_reason() {
    let folder = TestFolder::new().await;
    let address = free_address();
    let url = format!("postgres://root:hunter2@{address}/portal");
    let said = folder.run(&["serve"], &[("DATABASE_URL", &url)]).await;
    said.fails_with(&[&format!("{address}/portal"), "Connection refused"]);

    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = (taken.local_addr().expect("an address").to_string(), taken);
    let said = folder.run(&["serve", "--listen", &taken.0], &[]).await;
    said.fails_with(&["VESTIBULE_LISTEN", &taken.0, "Address already in use"]);
    let metrics = [("VESTIBULE_METRICS_LISTEN", &taken.0[..])];
    let said = folder
        .run(&["serve", "--listen", &free_address()], &metrics)
        .await;
    said.fails_with(&["VESTIBULE_METRICS_LISTEN", &taken.0, "Address already in use"]);

    let other = [("VESTIBULE_SECRET", "another secret of the tests, long enough too")];
    let said = folder.run(&["serve", "--listen", &free_address()], &other).await;
    let kid = folder.test.texts("select kid from signing_keys").await.remove(0);
    said.fails_with(&["sealed with another VESTIBULE_SECRET", &kid.expect("a key")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn misspelt_settings_are_warned_about_in_every_place() {
    let folder = TestFolder::new().await;
    std::fs::write(folder.folder.path().join(".env"), "VESTIBULE_PORTAL_URI=x\n").expect("it is written");
    let said = folder.run(&["migrate"], &[("VESTIBULE_PUBLIC_ULR", "x")]).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    for (wrong, right) in [
        ("VESTIBULE_PORTAL_URI", "VESTIBULE_PORTAL_URL"),
        ("VESTIBULE_PUBLIC_ULR", "VESTIBULE_PUBLIC_URL"),
    ] {
        let warning = format!("{wrong} is not a setting. Did you mean {right}?");
        assert!(
            said.err.contains("WARN") && said.err.contains(&warning),
            "{said:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undeclared_proxy_fails_the_doctor_and_is_warned_about_at_the_start() {
    let folder = TestFolder::new().await;
    let public = ("VESTIBULE_PUBLIC_URL", "https://app.example");
    let said = folder.run(&["doctor"], &[public]).await;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.out.contains("WRONG proxies") && said.out.contains("VESTIBULE_TRUSTED_PROXIES"),
        "{said:?}"
    );
    let declared = ("VESTIBULE_TRUSTED_PROXIES", "127.0.0.1");
    let said = folder.run(&["doctor"], &[public, declared]).await;
    assert!(said.out.contains("ok    proxies"), "{said:?}");
    let serving = folder.serve("--default-signal=HUP", &[public]).await;
    let http = reqwest::Client::new();
    for _ in 0..3 {
        let asked = http.get(format!("http://{}/healthz", serving.listen));
        let asked = asked.header("x-forwarded-for", "198.51.100.1").send().await;
        assert_eq!(asked.expect("an answer").status(), 200);
    }
    serving.signal(Signal::SIGTERM);
    let said = serving.wait().await;
    assert_eq!(
        said.err.matches("Put the proxy's address into").count(),
        1,
        "{said:?}"
    );
    assert_eq!(
        said.err.matches("X-Forwarded-For comes from").count(),
        1,
        "{said:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_asks_the_sms_provider_about_the_account() {
    let folder = TestFolder::new().await;
    let said = folder.run(&["doctor"], &[]).await;
    assert!(said.out.contains("ok    sms: kept as files"), "{said:?}");
    let twilio = TestTwilio::open().await;
    let settings = TestTwilio::settings(twilio.address);
    let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
    let said = folder.run(&["doctor"], &settings).await;
    assert!(said.out.contains("ok    sms: Twilio answers"), "{said:?}");
    drop(twilio);
    let said = folder.run(&["doctor"], &settings).await;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.out.contains("WRONG sms") && said.out.contains("TWILIO_"),
        "{said:?}"
    );
    let (_, token) = settings[1];
    assert!(!said.out.contains(token) && !said.err.contains(token), "{said:?}");
    let said = folder.run(&["doctor"], &settings[..1]).await;
    assert_eq!(said.code, Some(2), "{said:?}");
    for missing in ["TWILIO_AUTH_TOKEN: required", "TWILIO_FROM: required"] {
        assert!(said.err.contains(missing), "{said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_creates_no_database_and_no_secret() {
    let folder = TestFolder::new().await;
    let said = folder.run(&["doctor"], &[("DATABASE_URL", "")]).await;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.out.contains("WRONG database: there is none in data"),
        "{said:?}"
    );
    let said = folder.run(&["doctor"], &[("VESTIBULE_SECRET", "")]).await;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.out.contains("WRONG keys: there is no secret in data"),
        "{said:?}"
    );
    assert!(!folder.folder.path().join("data/secret").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_output_pipe_does_not_fail_a_command() {
    let folder = TestFolder::new().await;
    for arguments in [&["doctor"], &["schema"]] {
        let mut command = folder.command_with("--default-signal=HUP", arguments, &[]);
        let mut child = command.spawn().expect("it starts");
        drop(child.stdout.take());
        let ended = timeout(LONG, child.wait_with_output()).await;
        let said = CommandOutput::of(ended.expect("it ends").expect("it started"));
        assert_eq!(said.code, Some(0), "{said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_own_host_label_is_not_a_slug() {
    let folder = TestFolder::new().await;
    let hosts = [
        ("VESTIBULE_PUBLIC_URL", "https://hello.x.com"),
        ("VESTIBULE_PORTAL_URL", "https://{slug}.x.com"),
    ];
    let create = |slug| {
        [
            "account",
            "create",
            "--slug",
            slug,
            "--name",
            "Any",
            "--owner",
            "owner@x.com",
        ]
    };
    folder
        .run(&create("hello"), &hosts)
        .await
        .fails_with(&["--slug", "reserved"]);
    folder
        .run(&create("login"), &[])
        .await
        .fails_with(&["--slug", "reserved"]);
    assert_eq!(folder.run(&create("hello"), &[]).await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_is_down_is_reported_once() {
    let folder = TestFolder::new().await;
    let created = folder.run(&["demo"], &[]).await;
    assert_eq!(created.code, Some(0), "{created:?}");
    let smtp = format!("smtp://{}", free_address());
    let serving = folder.serve("--default-signal=HUP", &[("SMTP_URL", &smtp)]).await;
    let http = reqwest::Client::new();
    for name in ["ada", "grace", "alan"] {
        let query = format!(
            "mutation {{ requestLoginEmail(input: {{portal: \"demo\", email: \"{name}@people.example\"}}) {{ challengeId }} }}"
        );
        let request = http.post(format!("http://{}/graphql", serving.listen));
        let answer = request.json(&serde_json::json!({ "query": query })).send().await;
        assert_eq!(answer.expect("an answer").status(), 200);
    }
    let deferred = "select count(*) from messages where status = 'DEFERRED'";
    wait_until("it was tried", async || folder.test.number(deferred).await > 0).await;
    serving.signal(Signal::SIGTERM);
    let said = serving.wait().await;
    assert_eq!(said.err.matches("sending is paused").count(), 1, "{said:?}");
    assert!(
        said.err.contains("the mail server could not be reached"),
        "{said:?}"
    );
    assert!(!said.err.contains("ada@people.example"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_workflow_of_the_demo_welcomes_who_gets_an_offer() {
    let folder = TestFolder::new().await;
    let created = folder.run(&["demo"], &[]).await;
    let printed: Value = serde_json::from_str(&created.out).expect("JSON");
    let serving = folder.serve("--default-signal=HUP", &[]).await;
    let client = Client {
        http: reqwest::Client::new(),
        url: format!("http://{}", serving.listen),
        api_key: printed["apiKey"].as_str().expect("a key").to_owned(),
    };
    let offers = "{ offers(first: 1) { nodes { id } } }";
    let offer = client.query(offers, json!({})).await["offers"]["nodes"][0]["id"].clone();
    let create = "mutation { createContact(input: {email: \"zoe@people.example\"}) { contact { id } } }";
    let contact = client.query(create, json!({})).await["createContact"]["contact"]["id"].clone();
    let grant = "mutation ($offer: ID!, $contact: ID!) {
        grantOffer(input: {offerId: $offer, selection: {contactIds: [$contact]}}) { count } }";
    client
        .query(grant, json!({"offer": offer, "contact": contact}))
        .await;
    wait_until("the welcome is kept", async || {
        let mails = kept_mails(&folder.path("data/mail"));
        mails
            .iter()
            .any(|mail| mail.contains("zoe@people.example") && mail.contains("/link/"))
    })
    .await;
    serving.signal(Signal::SIGTERM);
    serving.wait().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_for_an_existing_server_create_nothing_in_a_wrong_data_directory() {
    let folder = TestFolder::new().await;
    let report = "report.eml";
    std::fs::write(
        folder.path(report),
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nAction: failed\nStatus: 5.1.1\n--b--\n",
    )
    .expect("it is written");
    let commands: [(&[&str], i32); 3] = [
        (
            &[
                "account",
                "sign-in",
                "--slug",
                "acme",
                "--email",
                "owner@acme.example",
            ],
            1,
        ),
        (&["keys", "rotate"], 1),
        (&["bounces", report], 75),
    ];
    for (command, code) in commands {
        let words = [command, &["--data-dir", "wrong"]].concat();
        let said = folder.run(&words, &[("DATABASE_URL", "")]).await;
        assert_eq!(said.code, Some(code), "{said:?}");
        assert!(said.err.contains("There is no database in wrong"), "{said:?}");
        assert!(!folder.path("wrong").exists(), "{command:?}");
    }
}
