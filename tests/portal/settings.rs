//! The account's settings: bounds, atomic updates, and effects.

use serde_json::{Value, json};

use crate::support::TestServer;

const UPDATE: &str = "mutation ($input: UpdatePortalSettingsInput!) { updatePortalSettings(input: $input) { portal { settings {
    name replyTo accentColor invitationDays limitCopiedLinks passwordAllowed codeAllowed googleAllowed linkAllowed
    shortestPassword auditDays timezone language sections showEmptySections } } } }";
const METHODS: &str = "{ publicPortal(portal: \"acme\") { name signInMethods } }";

async fn update(server: &TestServer, input: Value) -> Value {
    let done = server
        .data(&server.acme.admin, UPDATE, json!({"input": input}))
        .await;
    done["updatePortalSettings"]["portal"]["settings"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_change_together_and_omitted_ones_stay() {
    let server = TestServer::open().await;
    let before = update(&server, json!({})).await;
    assert_eq!(
        before,
        json!({"name": "acme", "replyTo": null, "accentColor": "#3b5bdb", "invitationDays": 7, "limitCopiedLinks": false,
            "passwordAllowed": true, "codeAllowed": true, "googleAllowed": true, "linkAllowed": true,
            "shortestPassword": 15, "auditDays": null, "timezone": "UTC", "language": "ENGLISH",
            "sections": ["HOME", "COURSES", "COMMUNITIES", "AFFILIATES"], "showEmptySections": false})
    );
    let events = "select count(*) from audit_events where kind = 'SETTINGS_CHANGED'";
    assert_eq!(server.test.number(events).await, 0, "nothing has changed");
    let all = json!({"name": " Acme Academy ", "replyTo": "Help@Acme.Example", "accentColor": "#ABCDEF", "invitationDays": 30,
        "limitCopiedLinks": true, "passwordAllowed": false, "codeAllowed": false, "googleAllowed": false, "linkAllowed": true,
        "shortestPassword": 8, "auditDays": 30});
    let after = update(&server, all).await;
    assert_eq!(
        (&after["name"], &after["accentColor"]),
        (&json!("Acme Academy"), &json!("#abcdef"))
    );
    assert_eq!(
        (&after["auditDays"], &after["shortestPassword"]),
        (&json!(30), &json!(8))
    );
    let later = update(&server, json!({"invitationDays": 1, "replyTo": null})).await;
    let mut expected = after.clone();
    expected["invitationDays"] = json!(1);
    expected["replyTo"] = Value::Null;
    assert_eq!(later, expected);
    assert_eq!(
        update(&server, json!({"auditDays": null})).await["auditDays"],
        Value::Null
    );
    let changed = server
        .test
        .texts("select detail ->> 'changed' from audit_events where kind = 'SETTINGS_CHANGED' order by id")
        .await;
    assert_eq!(changed.len(), 3);
    assert!(
        changed.contains(&Some("[\"replyTo\", \"invitationDays\"]".to_owned())),
        "{changed:?}"
    );
    assert!(
        changed.contains(&Some("[\"auditDays\"]".to_owned())),
        "{changed:?}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_number_is_valid_at_its_bounds_and_not_beyond() {
    let server = TestServer::open().await;
    for (name, good, bad) in [
        ("invitationDays", [1, 30], [0, 31]),
        ("shortestPassword", [8, 15], [7, 16]),
        ("auditDays", [30, 3_650], [29, 3_651]),
    ] {
        for value in good {
            assert_eq!(update(&server, json!({name: value})).await[name], value);
        }
        for value in bad.into_iter().chain([-1, i32::MAX]) {
            let input = json!({"input": {name: value}});
            let refused = server.error(Some(&server.acme.owner), UPDATE, input).await;
            assert_eq!(
                refused,
                ("BAD_USER_INPUT".into(), Some(format!("input.{name}"))),
                "{value}"
            );
        }
    }
    for (name, value) in [
        ("name", json!("")),
        ("name", json!("x".repeat(121))),
        ("name", json!("a\r\nBcc: x")),
        ("replyTo", json!("nobody")),
        ("accentColor", json!("red")),
        ("accentColor", json!("#12345")),
        ("accentColor", json!("#12345g")),
        ("accentColor", json!("#123456; x")),
    ] {
        let refused = server
            .error(Some(&server.acme.owner), UPDATE, json!({"input": {name: value}}))
            .await;
        assert_eq!(
            refused,
            ("BAD_USER_INPUT".into(), Some(format!("input.{name}"))),
            "{value}"
        );
    }
    update(&server, json!({"name": "x".repeat(120)})).await;
    // One invalid value, and none is saved.
    let both = json!({"input": {"name": "Other", "invitationDays": 31}});
    server.error(Some(&server.acme.owner), UPDATE, both).await;
    assert_eq!(update(&server, json!({})).await["name"], "x".repeat(120));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sign_in_method_stays_enabled_and_the_public_portal_lists_it() {
    let server = TestServer::open().await;
    let methods = async || {
        let portal = server.request(None, METHODS, json!({})).await;
        portal["data"]["publicPortal"]["signInMethods"].clone()
    };
    // This server has no Google.
    assert_eq!(
        methods().await,
        json!(["LOGIN_EMAIL", "MAGIC_LINK", "PASSWORD", "CODE"])
    );
    update(&server, json!({"linkAllowed": false, "codeAllowed": false})).await;
    assert_eq!(methods().await, json!(["PASSWORD"]));
    let last = json!({"input": {"passwordAllowed": false, "name": "Other"}});
    let refused = server.error(Some(&server.acme.owner), UPDATE, last).await;
    assert_eq!(refused, ("BAD_USER_INPUT".into(), Some("input".into())));
    assert_eq!(update(&server, json!({})).await["name"], "acme");
    update(&server, json!({"passwordAllowed": false, "codeAllowed": true})).await;
    assert_eq!(methods().await, json!(["CODE"]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_changes_can_not_disable_every_sign_in_method() {
    let server = TestServer::open().await;
    update(&server, json!({"linkAllowed": false, "googleAllowed": false})).await;
    let password = json!({"input": {"passwordAllowed": false}});
    let code = json!({"input": {"codeAllowed": false}});
    let (a, b) = tokio::join!(
        server.request(Some(&server.acme.owner), UPDATE, password),
        server.request(Some(&server.acme.admin), UPDATE, code),
    );
    let failed = [&a, &b]
        .iter()
        .filter(|answer| answer.get("errors").is_some())
        .count();
    assert_eq!(failed, 1, "{a} {b}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_home_page_is_always_among_the_sections() {
    let server = TestServer::open().await;
    for (named, kept) in [
        (json!([]), json!(["HOME"])),
        (
            json!(["COMMUNITIES", "COURSES", "COURSES"]),
            json!(["HOME", "COURSES", "COMMUNITIES"]),
        ),
        (json!(["AFFILIATES", "HOME"]), json!(["HOME", "AFFILIATES"])),
    ] {
        let after = update(&server, json!({"sections": named, "showEmptySections": true})).await;
        assert_eq!(
            (&after["sections"], &after["showEmptySections"]),
            (&kept, &json!(true))
        );
    }
    let changed = server
        .test
        .texts("select detail ->> 'changed' from audit_events where kind = 'SETTINGS_CHANGED' order by id")
        .await;
    let count = |names: &str| {
        changed
            .iter()
            .flatten()
            .filter(|changed| *changed == names)
            .count()
    };
    assert_eq!(count("[\"sections\", \"showEmptySections\"]"), 1, "{changed:?}");
    assert_eq!(count("[\"sections\"]"), 2, "{changed:?}");
    server.stop().await;
}
