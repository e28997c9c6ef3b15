//! Resending and cancelling many invitations.

use serde_json::{Value, json};
use vestibule::base::actor::Scope;
use vestibule::bulk_jobs::model::BulkJobStatus;
use vestibule::sign_in::auth_context::Viewer;

use super::filter::api_with_invitations;
use crate::support::TestApi;

const RESEND: &str = "mutation ($ids: [ID!], $filter: InvitationFilter, $dry: Boolean) {
    changed: resendInvitations(input: {invitationIds: $ids, filter: $filter, dryRun: $dry}) {
        count invitations { id status sentCount } skipped { invitationId email reason } bulkJob { id kind total } } }";
const CANCEL: &str = "mutation ($ids: [ID!], $filter: InvitationFilter, $dry: Boolean) {
    changed: cancelInvitations(input: {invitationIds: $ids, filter: $filter, dryRun: $dry}) {
        count invitations { id status sentCount } skipped { invitationId email reason } bulkJob { id kind total } } }";

/// The invitation of `<name>@example.com`.
async fn id_of(api: &TestApi, owner: &Viewer, name: &str) -> String {
    let query = "query ($email: EmailAddress) { contact(email: $email) { invitation { id } } }";
    let email = format!("{name}@example.com");
    let found = api.data(owner, query, json!({ "email": email })).await;
    let id = found["contact"]["invitation"]["id"].as_str();
    id.expect("an invitation").to_owned()
}

async fn invite(api: &TestApi, owner: &Viewer, emails: &[String]) {
    let invite = "mutation ($emails: [String!]) { inviteContacts(input: {emails: $emails}) { count } }";
    for some in emails.chunks(100) {
        api.data(owner, invite, json!({ "emails": some })).await;
    }
}

fn people(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("person{n}@example.com")).collect()
}

async fn number(api: &TestApi, query: &str) -> i64 {
    api.test.test.number(query).await
}

fn reasons(changed: &Value) -> Vec<[&str; 2]> {
    let skipped = changed["skipped"].as_array().expect("a list");
    skipped
        .iter()
        .map(|one| {
            [
                one["email"].as_str().unwrap_or("-"),
                one["reason"].as_str().unwrap_or("-"),
            ]
        })
        .collect()
}

/// The invitations of [`api_with_invitations`], a revoked contact's and one to a suppressed address.
async fn api_with_obstacles() -> (TestApi, Viewer, Vec<String>) {
    let (api, owner) = api_with_invitations().await;
    invite(
        &api,
        &owner,
        &[
            "revoked@example.com".to_owned(),
            "suppressed@example.com".to_owned(),
        ],
    )
    .await;
    let account = api.test.account.id.0;
    for change in [
        "update contacts set revoked_at = created_at where email_key = 'revoked@example.com'".to_owned(),
        format!(
            "insert into suppressions values ('{account}', 'suppressed@example.com', '550', '2026-01-01Z', null)"
        ),
    ] {
        api.test.test.run(&change).await;
    }
    let mut ids = Vec::new();
    for name in [
        "suppressed",
        "open",
        "accepted",
        "cancelled",
        "revoked",
        "expired",
    ] {
        ids.push(id_of(&api, &owner, name).await);
    }
    ids.extend([
        ids[1].clone(),
        "invitation_00000000000000000000000000".to_owned(),
        "no\u{202e}".to_owned(),
    ]);
    (api, owner, ids)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_invitation_is_resent_or_skipped_with_the_reason() {
    let (api, owner, ids) = api_with_obstacles().await;
    let (messages, taken) = (
        "select count(*) from messages",
        "select sum(message_count)::bigint from message_days",
    );
    let before = (number(&api, messages).await, number(&api, taken).await);
    let dry = api.data(&owner, RESEND, json!({"ids": ids, "dry": true})).await;
    assert_eq!(
        (&dry["changed"]["count"], &dry["changed"]["invitations"]),
        (&json!(3), &json!([]))
    );
    assert_eq!(
        (number(&api, messages).await, number(&api, taken).await),
        before,
        "a dry run writes nothing"
    );
    let done = api.data(&owner, RESEND, json!({ "ids": ids })).await;
    let changed = &done["changed"];
    let resent = |id: &String| json!({"id": id, "status": "OPEN", "sentCount": 2});
    assert_eq!(
        changed["invitations"],
        json!([resent(&ids[1]), resent(&ids[3]), resent(&ids[5])])
    );
    assert_eq!(
        (&changed["count"], &changed["bulkJob"]),
        (&json!(3), &Value::Null)
    );
    assert_eq!(changed["skipped"], dry["changed"]["skipped"]);
    assert_eq!(
        reasons(changed),
        [
            ["suppressed@example.com", "SUPPRESSED"],
            ["accepted@example.com", "ALREADY_ACTIVE"],
            ["revoked@example.com", "REVOKED"],
            ["-", "DUPLICATE"],
            ["-", "NOT_FOUND"],
            ["-", "NOT_FOUND"]
        ]
    );
    assert_eq!(changed["skipped"][0]["invitationId"], ids[0]);
    assert_eq!(changed["skipped"][5]["invitationId"], "no\\u{202e}");
    assert_eq!(
        (number(&api, messages).await, number(&api, taken).await),
        (before.0 + 3, before.1 + 3)
    );
    let events = "select count(*) from audit_events where kind = 'INVITATION_RESENT'";
    assert_eq!(number(&api, events).await, 3);
    let superseded = "select count(*) from magic_links where superseded_at is not null";
    assert_eq!(number(&api, superseded).await, 3, "the old links");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_invitation_is_cancelled_or_skipped_with_the_reason() {
    let (api, owner, ids) = api_with_obstacles().await;
    let dry = api.data(&owner, CANCEL, json!({"ids": ids, "dry": true})).await;
    assert_eq!(dry["changed"]["count"], 4);
    let events = "select count(*) from audit_events where kind = 'INVITATION_CANCELLED'";
    assert_eq!(number(&api, events).await, 0);
    let done = api.data(&owner, CANCEL, json!({ "ids": ids })).await;
    let changed = &done["changed"];
    let cancelled = |id: &String| json!({"id": id, "status": "CANCELLED", "sentCount": 1});
    let expected: Vec<Value> = [0, 1, 3, 5]
        .into_iter()
        .map(|at: usize| cancelled(&ids[at]))
        .collect();
    assert_eq!(changed["invitations"], json!(expected));
    assert_eq!(
        reasons(changed),
        [
            ["accepted@example.com", "ALREADY_ACTIVE"],
            ["revoked@example.com", "REVOKED"],
            ["-", "DUPLICATE"],
            ["-", "NOT_FOUND"],
            ["-", "NOT_FOUND"]
        ]
    );
    assert_eq!(number(&api, events).await, 3, "one was cancelled before");
    assert_eq!(
        number(
            &api,
            "select count(*) from magic_links where revoked_at is not null"
        )
        .await,
        3
    );
    assert_eq!(
        number(&api, "select count(*) from messages where status = 'CANCELLED'").await,
        3
    );
    assert_eq!(
        number(&api, "select count(*) from contacts where invited_at is not null").await,
        3
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_selects_the_invitations() {
    let (api, owner) = api_with_invitations().await;
    let filter = json!({"statuses": ["EXPIRED", "CANCELLED"], "search": "zoë"});
    let expected = [
        id_of(&api, &owner, "expired").await,
        id_of(&api, &owner, "cancelled").await,
    ];
    let done = api.data(&owner, RESEND, json!({ "filter": filter })).await;
    let found = done["changed"]["invitations"].as_array().expect("a list");
    let found: Vec<&str> = found.iter().filter_map(|one| one["id"].as_str()).collect();
    assert_eq!(found, expected);
    let none = api.data(&owner, CANCEL, json!({ "filter": filter })).await;
    assert_eq!(
        none["changed"],
        json!({"count": 0, "invitations": [], "skipped": [], "bulkJob": null})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_hundred_become_a_job_that_resends_each_once() {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    invite(&api, &owner, &people(600)).await;
    let ids: Vec<String> = api
        .test
        .test
        .texts("select id::text from invitations order by id")
        .await
        .into_iter()
        .flatten()
        .map(|id| vestibule::base::ids::InvitationId(id.parse().expect("an id")).to_string())
        .collect();
    let twice: Vec<&String> = ids.iter().chain(&ids[..3]).collect();
    let dry = api.data(&owner, RESEND, json!({"ids": twice, "dry": true})).await;
    assert_eq!(dry["changed"]["count"], 600);
    let started = api.data(&owner, RESEND, json!({ "ids": twice })).await;
    let changed = &started["changed"];
    assert_eq!(changed["bulkJob"]["kind"], "RESEND_INVITATIONS");
    assert_eq!(
        (&changed["count"], &changed["bulkJob"]["total"]),
        (&json!(603), &json!(603))
    );
    let job = changed["bulkJob"]["id"]
        .as_str()
        .expect("an id")
        .parse()
        .expect("an id");
    let worker = api.test.start_worker();
    let done = api.test.wait_for_job(job, BulkJobStatus::Succeeded).await;
    assert_eq!((done.succeeded_count, done.skipped_count), (600, 3));
    assert_eq!(
        number(&api, "select count(*) from invitations where sent_count = 2").await,
        600
    );
    let items = "query ($id: ID!) { bulkJob(id: $id) { items(first: 1, outcome: SKIPPED) { nodes { email reason contact { email } } } } }";
    let found = api.data(&owner, items, json!({"id": job.to_string()})).await;
    let skipped = &found["bulkJob"]["items"]["nodes"][0];
    assert_eq!(skipped["reason"], "DUPLICATE");
    assert!(
        skipped["email"].is_string() && skipped["email"] == skipped["contact"]["email"],
        "{skipped}"
    );
    // All matches of a filter, whose status changes while the job runs.
    let started = api
        .data(&owner, CANCEL, json!({"filter": {"statuses": ["OPEN"]}}))
        .await;
    assert_eq!(started["changed"]["bulkJob"]["kind"], "CANCEL_INVITATIONS");
    assert_eq!(started["changed"]["bulkJob"]["total"], 600);
    let job = started["changed"]["bulkJob"]["id"].as_str().expect("an id");
    let done = api
        .test
        .wait_for_job(job.parse().expect("an id"), BulkJobStatus::Succeeded)
        .await;
    assert_eq!((done.succeeded_count, done.skipped_count), (600, 0));
    assert_eq!(
        number(
            &api,
            "select count(*) from invitations where cancelled_at is null"
        )
        .await,
        0
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_number_takes_the_same_number_of_statements() {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    invite(&api, &owner, &people(80)).await;
    for mutation in [RESEND, CANCEL] {
        let mut counts = Vec::new();
        for search in ["person7", "person"] {
            let filter = json!({"filter": {"statuses": ["OPEN"], "search": search}});
            let statements = api.statements(async || {
                api.data(&owner, mutation, filter.clone()).await;
                let reopen = "update invitations set cancelled_at = null";
                api.test.test.run(reopen).await;
            });
            counts.push(statements.await);
        }
        // A read in the background can fall into the longer one.
        assert!(counts[1] <= counts[0] + 1, "{counts:?}: {mutation}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resend_over_the_daily_budget_is_refused_as_a_whole_and_its_dry_run_says_so() {
    let (api, owner) = api_with_invitations().await;
    invite(&api, &owner, &people(101)).await;
    api.test
        .test
        .run("update message_days set message_count = 49999")
        .await;
    let ids = [
        id_of(&api, &owner, "open").await,
        id_of(&api, &owner, "expired").await,
    ];
    for dry in [true, false] {
        let both = json!({"ids": ids, "dry": dry});
        assert_eq!(api.error(&owner, RESEND, both).await.0, "RATE_LIMITED", "{dry}");
    }
    let cancelled = api.data(&owner, CANCEL, json!({"ids": ids, "dry": true})).await;
    assert_eq!(cancelled["changed"]["count"], 2);
    assert_eq!(
        number(&api, "select count(*) from invitations where sent_count > 1").await,
        0
    );
    for dry in [true, false] {
        let one = api
            .data(&owner, RESEND, json!({"ids": [ids[0]], "dry": dry}))
            .await;
        assert_eq!(one["changed"]["count"], 1);
    }
    // A job waits for the budget.
    let many = json!({"filter": {"search": "person"}, "dry": true});
    assert_eq!(api.data(&owner, RESEND, many).await["changed"]["count"], 101);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_without_read_selects_by_id_or_status_and_sees_no_address() {
    let (api, owner) = api_with_invitations().await;
    let key = api.key(&[Scope::Invite]).await;
    for filter in [
        json!({"search": "zoë"}),
        json!({"expiresBefore": "2026-02-01T00:00:00Z"}),
    ] {
        let refused = api.error(&key, CANCEL, json!({ "filter": filter })).await;
        assert_eq!(refused, ("FORBIDDEN".to_owned(), Some("input.filter".to_owned())));
    }
    let id = id_of(&api, &owner, "accepted").await;
    for selection in [
        json!({"ids": [id]}),
        json!({"filter": {"statuses": ["ACCEPTED"]}}),
    ] {
        let answer = api.data(&key, RESEND, selection).await;
        let skipped = json!([{"invitationId": id, "email": null, "reason": "ALREADY_ACTIVE"}]);
        assert_eq!(answer["changed"]["skipped"], skipped);
    }
    let other = api.owner_of_other_account().await;
    let answer = api.data(&other, CANCEL, json!({"ids": [id]})).await;
    let skipped = json!([{"invitationId": id, "email": null, "reason": "NOT_FOUND"}]);
    assert_eq!(answer["changed"]["skipped"], skipped);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_input_names_its_field() {
    let (api, owner) = api_with_invitations().await;
    for (variables, field) in [
        (json!({}), "input"),
        (json!({"ids": []}), "input"),
        (json!({"ids": ["invitation_x"], "filter": {}}), "input.filter"),
        (json!({"filter": {"statuses": []}}), "input.filter.statuses"),
        (
            json!({"ids": vec!["invitation_x"; 20_001]}),
            "input.invitationIds",
        ),
    ] {
        for mutation in [RESEND, CANCEL] {
            let refused = api.error(&owner, mutation, variables.clone()).await;
            assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), Some(field.to_owned())));
        }
    }
}
