//! The counts over time: what belongs to which day, week or month of the account's time zone.

use serde_json::{Value, json};
use vestibule::base::actor::Role;
use vestibule::sign_in::auth_context::Viewer;

use crate::support::TestApi;

const HISTORY: &str = "query ($from: Date!, $to: Date!, $interval: StatsInterval!) {
    portalStatsHistory(from: $from, to: $to, interval: $interval) { date invited joined active } }";
const ZONE: &str = "mutation ($zone: String!) { updatePortalSettings(input: {timezone: $zone}) {
    portal { timezone settings { timezone } } } }";

async fn history(api: &TestApi, caller: &Viewer, from: &str, to: &str, interval: &str) -> Vec<Value> {
    let range = json!({"from": from, "to": to, "interval": interval});
    let found = api.data(caller, HISTORY, range).await;
    let points = found["portalStatsHistory"].as_array().expect("points");
    let short = |point: &Value| json!([point["date"], point["invited"], point["joined"], point["active"]]);
    points.iter().map(short).collect()
}

/// A contact with these times, as SQL literals.
async fn contact(api: &TestApi, invited: &str, joined: &str, revoked: &str) {
    let time = |text: &str| {
        if text.is_empty() {
            "null".to_owned()
        } else {
            format!("timestamptz '{text}'")
        }
    };
    let (invited, joined, revoked) = (time(invited), time(joined), time(revoked));
    let insert = format!(
        "insert into contacts (account_id, id, invited_at, first_invited_at, joined_at, revoked_at, created_at, updated_at)
         values ('{}', gen_random_uuid(), {invited}, {invited}, {joined}, {revoked}, '2025-01-01Z', '2025-01-01Z')",
        api.test.account.id.0
    );
    api.test.test.run(&insert).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_day_has_its_counts_and_days_without_changes_have_a_point() {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    contact(&api, "2025-12-30 09:00Z", "2025-12-31 12:00Z", "").await;
    contact(
        &api,
        "2026-01-01 09:00Z",
        "2026-01-03 12:00Z",
        "2026-01-05 08:00Z",
    )
    .await;
    contact(&api, "2026-01-01 23:59:59Z", "", "").await;
    // Revoked before they joined: never active.
    contact(&api, "2026-01-03 00:00Z", "", "2026-01-04 12:00Z").await;
    assert_eq!(
        history(&api, &owner, "2026-01-01", "2026-01-05", "DAY").await,
        [
            json!(["2026-01-01", 2, 0, 1]),
            json!(["2026-01-02", 0, 0, 1]),
            json!(["2026-01-03", 1, 1, 2]),
            json!(["2026-01-04", 0, 0, 2]),
            json!(["2026-01-05", 0, 0, 1]),
        ]
    );
    // Before and after everything.
    assert_eq!(
        history(&api, &owner, "2024-05-01", "2024-05-01", "DAY").await,
        [json!(["2024-05-01", 0, 0, 0])]
    );
    assert_eq!(
        history(&api, &owner, "2030-05-01", "2030-05-01", "DAY").await,
        [json!(["2030-05-01", 0, 0, 1])]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn weeks_start_on_monday_and_months_on_the_first() {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    contact(
        &api,
        "2026-01-04 12:00Z",
        "2026-01-05 12:00Z",
        "2026-02-28 12:00Z",
    )
    .await;
    contact(&api, "2026-01-31 12:00Z", "2026-02-01 12:00Z", "").await;
    assert_eq!(
        history(&api, &owner, "2026-01-03", "2026-01-06", "WEEK").await,
        [json!(["2025-12-29", 1, 0, 0]), json!(["2026-01-05", 0, 1, 1])]
    );
    assert_eq!(
        history(&api, &owner, "2026-01-15", "2026-03-01", "MONTH").await,
        [
            json!(["2026-01-01", 2, 1, 1]),
            json!(["2026-02-01", 0, 1, 1]),
            json!(["2026-03-01", 0, 0, 1])
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_those_of_the_accounts_time_zone() {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    let zone = |name: &'static str| json!({"zone": name});
    contact(
        &api,
        "2026-03-28 23:30Z",
        "2026-03-29 21:59Z",
        "2026-03-29 22:00Z",
    )
    .await;
    let in_utc = history(&api, &owner, "2026-03-28", "2026-03-29", "DAY").await;
    assert_eq!(
        in_utc,
        [json!(["2026-03-28", 1, 0, 0]), json!(["2026-03-29", 0, 1, 0])]
    );
    let changed = api.data(&owner, ZONE, zone("Europe/Berlin")).await;
    let portal = json!({"timezone": "Europe/Berlin", "settings": {"timezone": "Europe/Berlin"}});
    assert_eq!(changed["updatePortalSettings"]["portal"], portal);
    // In Berlin 29 March has 23 hours: it ends at 22:00 UTC.
    let in_berlin = history(&api, &owner, "2026-03-28", "2026-03-30", "DAY").await;
    assert_eq!(
        in_berlin,
        [
            json!(["2026-03-28", 0, 0, 0]),
            json!(["2026-03-29", 1, 1, 1]),
            json!(["2026-03-30", 0, 0, 0])
        ]
    );
    for wrong in [
        "",
        "Berlin",
        "Europe/Nowhere",
        "europe/berlin",
        "right/Europe/Berlin",
        "Mars/Base+2",
    ] {
        let refused = api.error(&owner, ZONE, zone(wrong)).await;
        assert_eq!(
            refused,
            ("BAD_USER_INPUT".into(), Some("input.timezone".into())),
            "{wrong}"
        );
    }
    let kept = api.data(&owner, "{ portal { timezone } }", json!({})).await;
    assert_eq!(kept["portal"]["timezone"], "Europe/Berlin");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_range_names_its_argument() {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    for (from, to, interval, field) in [
        ("2026-01-02", "2026-01-01", "DAY", "from"),
        ("yesterday", "2026-01-01", "DAY", "from"),
        ("2026-01-01", "2026-02-30", "WEEK", "to"),
        ("2026-01-01", "2027-02-05", "DAY", "to"),
        ("1000-01-01", "9999-12-31", "MONTH", "to"),
    ] {
        let range = json!({"from": from, "to": to, "interval": interval});
        let refused = api.error(&owner, HISTORY, range).await;
        assert_eq!(
            refused,
            ("BAD_USER_INPUT".into(), Some(field.into())),
            "{from} {to}"
        );
    }
    assert_eq!(
        history(&api, &owner, "2026-01-01", "2027-02-04", "DAY")
            .await
            .len(),
        400
    );
    assert_eq!(
        history(&api, &owner, "9999-12-01", "9999-12-31", "MONTH")
            .await
            .len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_is_one_statement_and_holds_only_the_own_account() {
    let api = TestApi::open().await;
    let reader = api.member("reader@acme.example", Role::ReadOnly).await;
    contact(&api, "2026-01-01 09:00Z", "2026-01-01 12:00Z", "").await;
    let other = api.owner_of_other_account().await;
    let none = [json!(["2026-01-01", 0, 0, 0])];
    assert_eq!(
        history(&api, &other, "2026-01-01", "2026-01-01", "DAY").await,
        none
    );
    let statements = api.statements(async || {
        history(&api, &reader, "2026-01-01", "2026-03-31", "DAY").await;
    });
    assert_eq!(statements.await, 1);
}
