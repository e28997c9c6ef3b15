//! The filter of invitations.

use serde_json::{Value, json};
use vestibule::sign_in::auth_context::Viewer;

use crate::support::TestApi;

const LIST: &str =
    "query ($filter: InvitationFilter, $status: InvitationStatus, $first: Int, $after: String) {
    invitations(filter: $filter, status: $status, first: $first, after: $after) {
        totalCount pageInfo { endCursor } nodes { contact { email } } } }";

/// Invitations of each status, by the names in their addresses, which expire on different days of January.
pub async fn api_with_invitations() -> (TestApi, Viewer) {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    let invite = "mutation ($emails: [String!]) { inviteContacts(input: {emails: $emails}) { count } }";
    let emails =
        ["open", "accepted", "expired", "cancelled"].map(|name| format!("Zoë Lang <{name}@example.com>"));
    for email in emails {
        api.data(&owner, invite, json!({ "emails": [email] })).await;
        api.test.clock.advance(chrono::TimeDelta::milliseconds(1));
    }
    let change = |name: &str, change: &str| {
        format!(
            "update invitations set {change} where contact_id = (select id from contacts where email_key = '{name}@example.com')"
        )
    };
    for (name, how) in [
        ("accepted", "accepted_at = created_at, expires_at = '2026-01-20Z'"),
        ("expired", "expires_at = '2026-01-04Z'"),
        (
            "cancelled",
            "cancelled_at = created_at, expires_at = '2026-01-21Z'",
        ),
    ] {
        api.test.test.run(&change(name, how)).await;
    }
    (api, owner)
}

/// The names in the addresses.
fn names(found: &Value) -> Vec<&str> {
    let nodes = found["invitations"]["nodes"].as_array().expect("nodes");
    let emails = nodes.iter().filter_map(|node| node["contact"]["email"].as_str());
    emails.filter_map(|email| email.split('@').next()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_condition_narrows_the_list_and_all_combine() {
    let (api, owner) = api_with_invitations().await;
    for (variables, expected) in [
        (json!({}), vec!["cancelled", "expired", "accepted", "open"]),
        (json!({"filter": {"statuses": ["OPEN"]}}), vec!["open"]),
        (json!({"filter": {"statuses": ["ACCEPTED"]}}), vec!["accepted"]),
        (
            json!({"filter": {"statuses": ["EXPIRED", "CANCELLED"]}}),
            vec!["cancelled", "expired"],
        ),
        (
            json!({"filter": {"statuses": ["EXPIRED", "OPEN"]}, "status": "OPEN"}),
            vec!["open"],
        ),
        (
            json!({"filter": {"statuses": ["EXPIRED"]}, "status": "OPEN"}),
            vec![],
        ),
        (json!({"status": "EXPIRED"}), vec!["expired"]),
        (
            json!({"filter": {"expiresBefore": "2026-01-12T10:00:00.000Z"}}),
            vec!["expired"],
        ),
        (
            json!({"filter": {"expiresBefore": "2026-01-13T00:00:00Z"}}),
            vec!["expired", "open"],
        ),
        (json!({"filter": {"search": "lang acc"}}), vec!["accepted"]),
        (
            json!({"filter": {"search": "ZOË", "statuses": ["OPEN", "ACCEPTED"]}}),
            vec!["accepted", "open"],
        ),
        (json!({"filter": {"search": "nobody"}}), vec![]),
    ] {
        let found = api.data(&owner, LIST, variables.clone()).await;
        assert_eq!(names(&found), expected, "{variables}");
        assert_eq!(found["invitations"]["totalCount"], expected.len(), "{variables}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_filtered_list_follow_each_other() {
    let (api, owner) = api_with_invitations().await;
    let mut page = json!({"first": 1, "filter": {"statuses": ["EXPIRED", "CANCELLED"], "search": "zoë"}});
    let found = api.data(&owner, LIST, page.clone()).await;
    page["after"] = found["invitations"]["pageInfo"]["endCursor"].clone();
    let found = api.data(&owner, LIST, page).await;
    assert_eq!(names(&found), ["expired"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_condition_names_its_field() {
    let (api, owner) = api_with_invitations().await;
    for (filter, field) in [
        (json!({"statuses": []}), "filter.statuses"),
        (json!({"expiresBefore": "soon"}), "filter.expiresBefore"),
        (json!({"search": "..."}), "filter.search"),
    ] {
        let refused = api.error(&owner, LIST, json!({ "filter": filter })).await;
        assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), Some(field.to_owned())));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_finds_none_of_the_invitations() {
    let (api, _) = api_with_invitations().await;
    let other = api.owner_of_other_account().await;
    for filter in [json!({"search": "zoë"}), json!({"statuses": ["OPEN"]})] {
        let found = api.data(&other, LIST, json!({ "filter": filter })).await;
        assert_eq!(found["invitations"]["totalCount"], 0);
    }
}
