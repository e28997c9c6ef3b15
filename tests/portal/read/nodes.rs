use serde_json::{Value, json};
use vestibule::base::actor::{Role, Scope};
use vestibule::base::ids::BulkJobId;
use vestibule::sign_in::auth_context::Viewer;

use crate::support::TestApi;

const NODES: &str = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";

/// An id of each type.
async fn ids(api: &TestApi) -> Vec<String> {
    let job: BulkJobId = api.test.invite(["anna@example.com".to_owned()]).await;
    let worker = api.test.start_worker();
    api.test.wait_for_emails(1).await;
    worker.stop().await;
    let lists = "{ contacts { nodes { id } } invitations { nodes { id } } magicLinks { nodes { id } }
        messages { nodes { id } } recentActivity { nodes { id } } }";
    let found = api.data(&api.owner().await, lists, json!({})).await;
    let mut ids = vec![job.to_string()];
    for list in [
        "contacts",
        "invitations",
        "magicLinks",
        "messages",
        "recentActivity",
    ] {
        ids.push(found[list]["nodes"][0]["id"].as_str().expect("an id").to_owned());
    }
    ids
}

fn kinds(nodes: &Value) -> Vec<Option<&str>> {
    nodes
        .as_array()
        .expect("nodes")
        .iter()
        .map(|node| node["__typename"].as_str())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_type_is_found_by_id_in_the_requested_order() {
    let api = TestApi::open().await;
    let mut ids = ids(&api).await;
    let admin = api.member("admin@acme.example", Role::Admin).await;
    let key = api.key(&[Scope::Read]).await;
    ids.extend([
        admin.actor().to_string(),
        key.actor().to_string(),
        "nothing".to_owned(),
        "contact_x".to_owned(),
    ]);
    let kinds_of = async |caller: &Viewer| {
        let found = api.data(caller, NODES, json!({ "ids": ids })).await;
        kinds(&found["nodes"])
            .into_iter()
            .map(|kind| kind.unwrap_or("-").to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let common = "BulkJob Contact Invitation MagicLink Message PortalEvent";
    assert_eq!(kinds_of(&admin).await, format!("{common} TeamMember ApiKey - -"));
    assert_eq!(kinds_of(&key).await, format!("{common} - ApiKey - -"));
    assert_eq!(
        kinds_of(&api.owner_of_other_account().await).await,
        "- - - - - - - - - -"
    );
    for (place, id) in ids.iter().enumerate().take(6) {
        let one = api
            .data(
                &admin,
                "query($id: ID!) { node(id: $id) { id __typename } }",
                json!({ "id": id }),
            )
            .await;
        assert_eq!(one["node"]["id"], **id);
        assert_eq!(one["node"]["__typename"].as_str(), common.split(' ').nth(place));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_id_is_returned_twice() {
    let api = TestApi::open().await;
    let anna = api
        .test
        .add_contacts(["anna@example.com".to_owned()])
        .await
        .remove(0);
    let ids = json!({ "ids": [anna.id.to_string(), anna.id.to_string()] });
    let found = api.data(&api.owner().await, NODES, ids).await;
    assert_eq!(kinds(&found["nodes"]), [Some("Contact"), Some("Contact")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_ids_run_one_statement_per_type_and_one_more_is_refused() {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    let created = api
        .test
        .add_contacts((0..100).map(|n| format!("person{n}@example.com")))
        .await;
    let ids: Vec<String> = created.iter().map(|contact| contact.id.to_string()).collect();
    let asked = json!({ "ids": ids });
    let statements = api.statements(async || {
        let found = api.data(&owner, NODES, asked.clone()).await;
        assert!(kinds(&found["nodes"]).iter().all(|kind| *kind == Some("Contact")));
    });
    assert_eq!(statements.await, 1);
    let more = json!({ "ids": vec!["x"; 101] });
    let refused = api.error(&owner, NODES, more).await;
    assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), Some("ids".to_owned())));
}
