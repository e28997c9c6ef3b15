use serde_json::json;
use vestibule::base::actor::{Role, Scope};
use vestibule::bulk_jobs::model::BulkJobKind;
use vestibule::sign_in::auth_context::Viewer;

use crate::support::TestApi;

/// Queries of the account's staff, with `$id` of an object of the account.
const OF_STAFF: [&str; 15] = [
    "query($id: ID!) { node(id: $id) { id } }",
    "query($id: ID!) { nodes(ids: [$id]) { id } }",
    "{ portal { id stats { invited } } }",
    "{ portalStats { invited active invitedTotal activeLast30Days version asOf } }",
    "{ invitedUsers { totalCount nodes { id } } }",
    "{ activeUsers { totalCount nodes { id } } }",
    "{ contacts { totalCount nodes { id invitation { id } magicLinks { totalCount } messages { totalCount } } } }",
    "query($id: ID!) { contact(id: $id) { id } }",
    r#"{ contact(email: "anna@example.com") { id } }"#,
    "{ invitations { totalCount nodes { id contact { id } } } }",
    "query($id: ID!) { magicLinks(contactId: $id) { totalCount nodes { id message { id } } } }",
    "query($id: ID!) { messages(contactId: $id) { totalCount nodes { id magicLink { id } invitation { id } } } }",
    "query($id: ID!) { bulkJob(id: $id) { id items { totalCount nodes { outcome } } } }",
    "{ bulkJobs { totalCount nodes { id items { totalCount } } } }",
    "{ recentActivity { totalCount nodes { id kind contact { id } } } }",
];

const OF_ANYONE: [&str; 3] = [
    "{ viewer { __typename } }",
    "{ me { id } }",
    r#"{ publicPortal(portal: "acme") { name slug url accentColor signInMethods } }"#,
];

async fn code(api: &TestApi, caller: &Viewer, document: &str, id: &str) -> String {
    let answer = api.request(caller, document, json!({ "id": id })).await;
    match answer.get("errors") {
        None => "OK".to_owned(),
        Some(errors) => {
            assert_eq!(errors.as_array().map(Vec::len), Some(1), "{answer}");
            errors[0]["extensions"]["code"]
                .as_str()
                .unwrap_or("none")
                .to_owned()
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_query_returns_data_to_authorized_callers() {
    let api = TestApi::open().await;
    let anna = api
        .test
        .add_contacts(["anna@example.com".to_owned()])
        .await
        .remove(0);
    let caller = [
        (Viewer::Anonymous, "UNAUTHENTICATED"),
        (api.owner().await, "OK"),
        (api.member("look@acme.example", Role::ReadOnly).await, "OK"),
        (api.key(&[Scope::Read]).await, "OK"),
        (
            api.key(&[Scope::Invite, Scope::Links, Scope::Contacts, Scope::Admin])
                .await,
            "FORBIDDEN",
        ),
        (api.owner_of_other_account().await, "OK"),
        (api.contact(&anna), "FORBIDDEN"),
    ];
    for (caller, expected) in &caller {
        for document in OF_STAFF {
            assert_eq!(
                code(&api, caller, document, &anna.id.to_string()).await,
                *expected,
                "{caller:?} {document}"
            );
        }
        for document in OF_ANYONE {
            assert_eq!(
                code(&api, caller, document, "").await,
                "OK",
                "{caller:?} {document}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_does_not_affect_nullable_siblings() {
    let api = TestApi::open().await;
    let document = r#"{ contact(id: "x") { id } node(id: "x") { id } bulkJob(id: "x") { id } me { id }
        publicPortal(portal: "acme") { name } }"#;
    let answer = api.request(&Viewer::Anonymous, document, json!({})).await;
    let expected = json!({ "contact": null, "node": null, "bulkJob": null, "me": null, "publicPortal": { "name": "Acme" } });
    assert_eq!(answer["data"], expected);
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(3), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_an_account_is_visible_to_another() {
    let api = TestApi::open().await;
    let anna = api
        .test
        .add_contacts(["anna@example.com".to_owned()])
        .await
        .remove(0);
    let job = api.test.invite(["anna@example.com".to_owned()]).await;
    let worker = api.test.start_worker();
    api.test.wait_for_emails(1).await;
    worker.stop().await;
    let (owner, stranger) = (api.owner().await, api.owner_of_other_account().await);
    let lists = "{ contacts { totalCount } invitedUsers { totalCount } invitations { totalCount } \
                 magicLinks { totalCount } messages { totalCount } bulkJobs { totalCount } \
                 recentActivity { totalCount } portalStats { invitedTotal } }";
    let ours = api.data(&owner, lists, json!({})).await;
    let theirs = api.data(&stranger, lists, json!({})).await;
    for list in ours.as_object().expect("an object").keys() {
        assert_ne!(ours[list].to_string(), r#"{"totalCount":0}"#, "{list}");
    }
    assert_eq!(theirs["portalStats"]["invitedTotal"], 0);
    for list in [
        "contacts",
        "invitedUsers",
        "invitations",
        "magicLinks",
        "messages",
        "bulkJobs",
        "recentActivity",
    ] {
        assert_eq!(theirs[list]["totalCount"], 0, "{list}");
    }
    let by_id = "query($contact: ID!, $job: ID!) { contact(id: $contact) { id } bulkJob(id: $job) { id } \
                 magicLinks(contactId: $contact) { totalCount } messages(contactId: $contact) { totalCount } }";
    let ids = json!({ "contact": anna.id.to_string(), "job": job.to_string() });
    let theirs = api.data(&stranger, by_id, ids.clone()).await;
    let nothing = json!({ "totalCount": 0 });
    assert_eq!(
        theirs,
        json!({ "contact": null, "bulkJob": null, "magicLinks": nothing, "messages": nothing })
    );
    let ours = api.data(&owner, by_id, ids).await;
    assert_eq!(ours["messages"]["totalCount"], 1);
    assert_eq!(api.test.find_job(job).await.kind, BulkJobKind::Invite);
}

#[tokio::test(flavor = "multi_thread")]
async fn viewer_and_me_return_the_holder_of_the_credential() {
    let api = TestApi::open().await;
    let anna = api
        .test
        .add_contacts(["anna@example.com".to_owned()])
        .await
        .remove(0);
    let document =
        "{ viewer { __typename ... on TeamMember { email role } ... on ApiKey { name scopes expiresAt }
        ... on PortalUser { id email sections } } me { email } }";
    let limited = Viewer::Contact {
        account: anna.account_id,
        contact: anna.id,
        session: vestibule::base::ids::SessionId::new(&api.test.clock.moment()),
        section: Some(vestibule::accounts::model::section::PortalSection::Courses),
    };
    let id = anna.id.to_string();
    let user = |sections: &[&str]| {
        json!({
            "viewer": { "__typename": "PortalUser", "id": id, "email": "anna@example.com", "sections": sections },
            "me": { "email": "anna@example.com" }
        })
    };
    let cases = [
        (Viewer::Anonymous, json!({ "viewer": null, "me": null })),
        (
            api.owner().await,
            json!({ "viewer": { "__typename": "TeamMember", "email": "owner@acme.example", "role": "OWNER" }, "me": null }),
        ),
        (
            api.key(&[Scope::Read]).await,
            json!({
                "viewer": { "__typename": "ApiKey", "name": "a server", "scopes": ["READ"], "expiresAt": null },
                "me": null
            }),
        ),
        (
            api.contact(&anna),
            user(&["HOME", "COURSES", "COMMUNITIES", "AFFILIATES"]),
        ),
        (limited, user(&["COURSES"])),
    ];
    for (caller, expected) in cases {
        assert_eq!(api.data(&caller, document, json!({})).await, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_is_found_by_its_slug_or_host() {
    let api = TestApi::open().await;
    let document = "query($portal: String!) { publicPortal(portal: $portal) { slug url } }";
    for name in [
        "acme",
        " ACME ",
        "localhost:8000/p/acme",
        "localhost:8000/p/acme/login",
    ] {
        let found = api
            .data(&Viewer::Anonymous, document, json!({ "portal": name }))
            .await;
        let expected = json!({ "slug": "acme", "url": "http://localhost:8000/p/acme" });
        assert_eq!(found["publicPortal"], expected, "{name}");
    }
    for name in [
        "",
        "nobody",
        "acme.example",
        "localhost:8000",
        "a\0b",
        "acme'; drop table accounts;--",
    ] {
        let found = api
            .data(&Viewer::Anonymous, document, json!({ "portal": name }))
            .await;
        assert_eq!(found["publicPortal"], json!(null), "{name:?}");
    }
}

/// As deep as the playground's introspection.
const INTROSPECTION: &str = "{ __schema { types { fields { args { type { ...T } } } } } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
        ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { name } } } } } } } } } }";

#[tokio::test(flavor = "multi_thread")]
async fn the_playground_can_read_the_schema() {
    let api = TestApi::open().await;
    api.data(&Viewer::Anonymous, INTROSPECTION, json!({})).await;
}
