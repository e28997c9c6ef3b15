//! The filter of messages.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use vestibule::base::clock::Clock;
use vestibule::base::ids::MessageId;
use vestibule::sign_in::auth_context::Viewer;

use crate::support::TestApi;

const LIST: &str =
    "query ($filter: MessageFilter, $contact: ID, $status: MessageStatus, $first: Int, $after: String) {
    messages(filter: $filter, contactId: $contact, status: $status, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } nodes { address } } }";

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_600_000 + second, 0).expect("a time")
}

/// Messages a second apart, and the ids of their two contacts.
async fn api_with_messages() -> (TestApi, Viewer, [String; 2]) {
    let api = TestApi::open().await;
    let emails = ["anna@example.com", "ben_x@example.com"].map(str::to_owned);
    let contacts = api.test.add_contacts(emails).await;
    let [anna, ben] = [&contacts[0], &contacts[1]];
    let rows = [
        (
            anna,
            "Anna@example.com",
            "INVITATION",
            "SENT",
            "'Acme invited you'",
        ),
        (
            anna,
            "anna@example.com",
            "LOGIN_EMAIL",
            "BOUNCED",
            "'Sign in to Anna''s'",
        ),
        (
            ben,
            "ben_x@example.com",
            "INVITATION",
            "BOUNCED",
            "'ACME invited you'",
        ),
        (ben, "benxx@example.com", "NEW_DEVICE", "FAILED", "null"),
    ];
    for ((contact, address, kind, status, subject), second) in rows.into_iter().zip(0..) {
        let (account, created_at) = (api.test.account.id.0, at(second));
        let id = MessageId::new(&Clock::manual(created_at).moment());
        let insert = format!(
            "insert into messages (account_id, id, contact_id, channel, kind, address, subject, requested_by, status, priority, \
                 due_at, give_up_at, created_at) \
             values ('{account}', '{}', '{}', 'EMAIL', '{kind}', '{address}', {subject}, 'system', '{status}', 1, \
                 '{created_at}', '{created_at}', '{created_at}')",
            id.0, contact.id.0
        );
        api.test.test.run(&insert).await;
    }
    let ids = [anna, ben].map(|contact| contact.id.to_string());
    let owner = api.owner().await;
    (api, owner, ids)
}

fn addresses(list: &Value) -> Vec<&str> {
    let nodes = list["nodes"].as_array().expect("nodes");
    nodes.iter().filter_map(|node| node["address"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_condition_narrows_the_list_and_all_combine() {
    let (api, owner, [anna, ben]) = api_with_messages().await;
    let (first, second) = ("Anna@example.com", "anna@example.com");
    let (third, fourth) = ("ben_x@example.com", "benxx@example.com");
    for (variables, expected) in [
        (json!({}), vec![fourth, third, second, first]),
        (
            json!({"filter": {"search": " "}}),
            vec![fourth, third, second, first],
        ),
        (
            json!({"filter": {"statuses": ["BOUNCED", "FAILED"]}}),
            vec![fourth, third, second],
        ),
        (
            json!({"filter": {"kinds": ["INVITATION", "NEW_DEVICE"]}}),
            vec![fourth, third, first],
        ),
        (json!({"filter": {"channel": "SMS"}}), vec![]),
        (json!({"filter": {"contactId": ben}}), vec![fourth, third]),
        (json!({"filter": {"contactId": ben}, "contact": anna}), vec![]),
        (
            json!({"filter": {"statuses": ["SENT", "BOUNCED"]}, "contact": anna}),
            vec![second, first],
        ),
        (
            json!({"filter": {"kinds": ["INVITATION"]}, "status": "BOUNCED"}),
            vec![third],
        ),
        (
            json!({"filter": {"statuses": ["SENT", "BOUNCED"]}, "status": "SENT"}),
            vec![first],
        ),
        (
            json!({"filter": {"statuses": ["SENT"]}, "status": "BOUNCED"}),
            vec![],
        ),
        (json!({"filter": {"search": "ANNA@"}}), vec![second, first]),
        (json!({"filter": {"search": "acme Invited"}}), vec![third, first]),
        (
            json!({"filter": {"search": "invited", "statuses": ["SENT"]}}),
            vec![first],
        ),
        (
            json!({"filter": {"search": "invited", "contactId": ben}}),
            vec![third],
        ),
        // By its address and by its subject: once.
        (json!({"filter": {"search": "anna"}}), vec![second, first]),
        (json!({"filter": {"search": "Anna's"}}), vec![second]),
        (
            json!({"filter": {"statuses": ["SENT", "SENT"]}, "status": "BOUNCED"}),
            vec![],
        ),
        (json!({"filter": {"search": "ben"}}), vec![fourth, third]),
        (json!({"filter": {"search": "ben_"}}), vec![third]),
        (json!({"filter": {"search": "example"}}), vec![]),
        (
            json!({"filter": {"createdAfter": at(1), "createdBefore": at(3)}}),
            vec![third],
        ),
        (
            json!({"filter": {"createdAfter": at(1) - TimeDelta::microseconds(1)}}),
            vec![fourth, third, second],
        ),
        (
            json!({"filter": {"createdBefore": at(1) + TimeDelta::microseconds(1)}}),
            vec![second, first],
        ),
        (
            json!({"filter": {"search": "a", "statuses": ["BOUNCED"], "createdAfter": at(0)}}),
            vec![third, second],
        ),
    ] {
        let found = api.data(&owner, LIST, variables.clone()).await;
        assert_eq!(addresses(&found["messages"]), expected, "{variables}");
        assert_eq!(found["messages"]["totalCount"], expected.len(), "{variables}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_filtered_list_follow_each_other() {
    let (api, owner, _) = api_with_messages().await;
    let mut page = json!({"first": 2, "filter": {"statuses": ["BOUNCED", "FAILED"], "search": ""}});
    let found = api.data(&owner, LIST, page.clone()).await;
    assert_eq!(found["messages"]["pageInfo"]["hasNextPage"], true);
    page["after"] = found["messages"]["pageInfo"]["endCursor"].clone();
    let found = api.data(&owner, LIST, page.clone()).await;
    assert_eq!(addresses(&found["messages"]), ["anna@example.com"]);
    let mut page = json!({"first": 1, "filter": {"search": "invited"}});
    for expected in ["ben_x@example.com", "Anna@example.com"] {
        let found = api.data(&owner, LIST, page.clone()).await;
        assert_eq!(addresses(&found["messages"]), [expected]);
        page["after"] = found["messages"]["pageInfo"]["endCursor"].clone();
    }
    let last = "{ messages(last: 1, filter: {search: \"invited\"}) { nodes { address createdBy } } }";
    let found = api.data(&owner, last, json!({})).await;
    assert_eq!(
        found["messages"]["nodes"],
        json!([{"address": "Anna@example.com", "createdBy": "system"}])
    );
    let statements = api.statements(async || {
        let page = json!({"filter": {"search": "anna", "kinds": ["INVITATION"]}});
        api.data(
            &owner,
            "query ($filter: MessageFilter) { messages(filter: $filter) { nodes { id } } }",
            page,
        )
        .await;
    });
    // By address, by subject.
    assert_eq!(statements.await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_condition_names_its_field() {
    let (api, owner, _) = api_with_messages().await;
    for (filter, field) in [
        (json!({"statuses": []}), "filter.statuses"),
        (json!({"kinds": []}), "filter.kinds"),
        (json!({"contactId": "message_x"}), "filter.contactId"),
        (json!({"search": "!"}), "filter.search"),
        (json!({"createdAfter": "yesterday"}), "filter.createdAfter"),
        (
            json!({"createdBefore": "2026-13-01T00:00:00Z"}),
            "filter.createdBefore",
        ),
    ] {
        let refused = api.error(&owner, LIST, json!({ "filter": filter })).await;
        assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), Some(field.to_owned())));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_finds_none_of_the_messages() {
    let (api, _, [anna, _]) = api_with_messages().await;
    let other = api.owner_of_other_account().await;
    for filter in [
        json!({"contactId": anna}),
        json!({"search": "anna"}),
        json!({"kinds": ["INVITATION"]}),
    ] {
        let found = api.data(&other, LIST, json!({ "filter": filter })).await;
        assert_eq!(found["messages"]["totalCount"], 0);
    }
}
