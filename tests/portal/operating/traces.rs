//! Traces, and the log as JSON, of a server in a process of its own: what is sent, what is never sent, and that a server of traces
//! that is down or slow delays nothing.

mod receiver;
mod visit;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use self::receiver::TraceReceiver;
use self::visit::{INVITE_FILTER, PASSWORD, STATS, TEMPLATE, Traced, text, use_everything};
use super::program::free_address;
use crate::support::{TestTwilio, wait_until};

#[tokio::test(flavor = "multi_thread")]
async fn traces_show_operations_and_statements_and_nothing_of_people() {
    let (receiver, twilio) = (TraceReceiver::open().await, TestTwilio::open().await);
    let provider = TestTwilio::settings(twilio.address);
    let endpoint = receiver.url();
    let mut settings = vec![
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=for%20the%20receiver"),
        ("OTEL_SERVICE_NAME", "vestibule-test"),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
    ];
    settings.extend(provider.iter().map(|(name, value)| (*name, value.as_str())));
    let traced = Traced::start(&settings).await;
    let secrets = use_everything(&traced, &twilio).await;
    for path in ["healthz", "readyz"] {
        let request = traced.client.http.get(format!("{}/{path}", traced.client.url));
        assert_eq!(request.send().await.expect("an answer").status(), 200, "{path}");
    }
    traced.post(json!({"query": STATS}), None).await;
    traced.client.query(INVITE_FILTER, json!({})).await;
    wait_until("the job is traced", async || receiver.received("bulk job chunk")).await;
    traced.stop().await;
    for expected in [
        "vestibule-test",
        "mutation CreateContact",
        "mutation InviteAll",
        "mutation Redeem",
        "query anonymous",
        "POST /graphql",
        "graphql.operation.name",
        "INSERT contacts",
        "db.query.summary",
        "postgresql",
        "messages batch",
        "send email",
        "send text message",
    ] {
        assert!(receiver.received(expected), "{expected}");
    }
    assert_eq!(receiver.header("x-key").as_deref(), Some("for the receiver"));
    let left_out = [
        "/healthz",
        "/readyz",
        PASSWORD,
        "anna@customers",
        "bert@guests",
        "owner@acme",
        "Annabella",
        "Berthold",
        "15112345678",
        "Spring greetings",
        "Bonjour",
        "Wisteria",
        "127.0.0.1",
        "the-token-of-the-tests",
        "/link/link_",
        " WHERE ",
        " where ",
        "VALUES",
        "portalStats",
        "generateMagicLink",
    ];
    for hidden in left_out.into_iter().map(str::to_owned).chain(secrets) {
        assert!(!receiver.received(&hidden), "{hidden}");
    }
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Whether requests that come through this machine continue the trace of their header, with this setting.
async fn continues_traces(settings: &[(&str, &str)]) -> bool {
    let receiver = TraceReceiver::open().await;
    let endpoint = receiver.url();
    let own = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0"),
    ];
    let traced = Traced::start(&[&own[..], settings].concat()).await;
    traced.post(json!({"query": STATS}), Some(PARENT)).await;
    traced
        .post(json!({"query": "query Second { portalStats { invited } }"}), None)
        .await;
    traced.stop().await;
    assert!(!receiver.received("query Second"), "only parents are sampled");
    let trace: Vec<u8> = (0..TRACE.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&TRACE[at..at + 2], 16).expect("hex"))
        .collect();
    receiver.received_bytes(&trace)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_can_not_force_a_trace_and_a_trusted_proxy_can() {
    let trusted = ("VESTIBULE_TRUSTED_PROXIES", "127.0.0.1");
    let setting = ("VESTIBULE_TRUST_TRACEPARENT", "true");
    assert!(!continues_traces(&[trusted]).await, "by default");
    assert!(!continues_traces(&[setting]).await, "not a proxy");
    assert!(continues_traces(&[trusted, setting]).await, "a proxy");
}

/// Sends a request and stops the server, while its traces can't be sent. Returns the log.
async fn without_delay(endpoint: &str) -> String {
    let settings = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
    ];
    let traced = Traced::start(&settings).await;
    for _ in 0..20 {
        let answered =
            tokio::time::timeout(Duration::from_secs(5), traced.post(json!({"query": STATS}), None));
        assert_eq!(answered.await.expect("an answer").get("errors"), None);
    }
    let stopping_at = Instant::now();
    let log = traced.stop().await;
    let took = stopping_at.elapsed();
    assert!(took < Duration::from_secs(9), "it stopped after {took:?}");
    log
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_traces_that_is_down_or_hangs_delays_neither_requests_nor_the_stop() {
    let closed = format!("http://{}", free_address());
    let log = without_delay(&closed).await;
    assert!(log.contains("traces can't be sent"), "{log}");
    assert!(!log.contains(&closed[7..]), "{log}");
    let hanging = TraceReceiver::open().await;
    hanging.hold();
    let log = without_delay(&hanging.url()).await;
    assert!(log.contains("the last traces could not be sent"), "{log}");
}

/// Every event fails to be recorded, and the error quotes a value.
const FAILS: &str =
    "create function fail() returns trigger language plpgsql as $$ begin raise exception 'hunter2'; end $$;
    create trigger fail before insert on audit_events for each row execute function fail()";

#[tokio::test(flavor = "multi_thread")]
async fn an_internal_error_names_its_trace_for_the_caller_and_in_the_log() {
    let receiver = TraceReceiver::open().await;
    let endpoint = receiver.url();
    let settings = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("VESTIBULE_LOG_FORMAT", "json"),
    ];
    let traced = Traced::start(&settings).await;
    traced.folder.test.run(FAILS).await;
    let failed = traced.post(json!({"query": TEMPLATE}), None).await;
    let extensions = &failed["errors"][0]["extensions"];
    assert_eq!(extensions["code"], "INTERNAL", "{failed}");
    let trace = text(&extensions["traceId"]);
    assert_eq!(trace.len(), 32, "{trace}");
    let log = traced.stop().await;
    let lines: Vec<Value> = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    assert_eq!(lines.len(), log.lines().count(), "every line is JSON: {log}");
    let of_trace = |message: &str| {
        let mut lines = lines.iter();
        lines.find(|line| line["message"] == message && line["trace_id"] == trace.as_str())
    };
    let error = of_trace("internal error").expect("the error");
    let access = of_trace("request").expect("its request");
    assert_eq!(error["level"], "ERROR");
    assert!(
        failed["errors"][0]["message"]
            .as_str()
            .is_some_and(|message| message.contains(&text(&error["id"])))
    );
    assert_eq!(error["request_id"], access["request_id"]);
    assert!(access["request_id"].is_string() && access["timestamp"].is_string());
    assert!(receiver.received("P0001"), "the code of PostgreSQL");
    assert!(!receiver.received("hunter2"), "its message");
}
