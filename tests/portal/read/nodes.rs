use serde_json::{Value, json};
use vestibule::base::actor::{Role, Scope};
use vestibule::base::ids::BulkJobId;
use vestibule::sign_in::auth_context::Viewer;

use crate::support::Desk;

const NODES: &str = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";

/// An id of each kind.
async fn ids(desk: &Desk) -> Vec<String> {
    let job: BulkJobId = desk.office.invite(["anna@example.com".to_owned()]).await;
    let worker = desk.office.start_worker();
    desk.office.until_mails(1).await;
    worker.stop().await;
    let lists = "{ contacts { nodes { id } } invitations { nodes { id } } magicLinks { nodes { id } }
        messages { nodes { id } } recentActivity { nodes { id } } }";
    let found = desk.data(&desk.owner().await, lists, json!({})).await;
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
async fn every_kind_is_found_by_its_id_in_the_order_asked_for() {
    let desk = Desk::open().await;
    let mut ids = ids(&desk).await;
    let admin = desk.member("admin@acme.example", Role::Admin).await;
    let key = desk.key(&[Scope::Read]).await;
    ids.extend([
        admin.actor().to_string(),
        key.actor().to_string(),
        "nothing".to_owned(),
        "contact_x".to_owned(),
    ]);
    let kinds_of = async |who: &Viewer| {
        let found = desk.data(who, NODES, json!({ "ids": ids })).await;
        kinds(&found["nodes"])
            .into_iter()
            .map(|kind| kind.unwrap_or("-").to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let common = "BulkJob Contact Invitation MagicLink Message PortalEvent";
    assert_eq!(kinds_of(&admin).await, format!("{common} TeamMember ApiKey - -"));
    assert_eq!(kinds_of(&key).await, format!("{common} - ApiKey - -"));
    assert_eq!(kinds_of(&desk.stranger().await).await, "- - - - - - - - - -");
    for (place, id) in ids.iter().enumerate().take(6) {
        let one = desk
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
async fn the_same_id_twice_is_answered_twice() {
    let desk = Desk::open().await;
    let anna = desk
        .office
        .add_contacts(["anna@example.com".to_owned()])
        .await
        .remove(0);
    let ids = json!({ "ids": [anna.id.to_string(), anna.id.to_string()] });
    let found = desk.data(&desk.owner().await, NODES, ids).await;
    assert_eq!(kinds(&found["nodes"]), [Some("Contact"), Some("Contact")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_ids_take_a_statement_a_kind_and_one_more_is_refused() {
    let desk = Desk::open().await;
    let owner = desk.owner().await;
    let made = desk
        .office
        .add_contacts((0..100).map(|n| format!("person{n}@example.com")))
        .await;
    let ids: Vec<String> = made.iter().map(|contact| contact.id.to_string()).collect();
    let asked = json!({ "ids": ids });
    let statements = desk.statements(async || {
        let found = desk.data(&owner, NODES, asked.clone()).await;
        assert!(kinds(&found["nodes"]).iter().all(|kind| *kind == Some("Contact")));
    });
    assert_eq!(statements.await, 1);
    let more = json!({ "ids": vec!["x"; 101] });
    let refused = desk.refusal(&owner, NODES, more).await;
    assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), Some("ids".to_owned())));
}
