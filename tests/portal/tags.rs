//! The tags of contacts.

use serde_json::json;
use vestibule::base::actor::Scope;

use crate::support::TestApi;

const TAGS: &str = "{ contactTags { tag count } }";

#[tokio::test(flavor = "multi_thread")]
async fn the_most_used_tags_come_first_and_at_most_two_hundred() {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    let other = api.owner_of_other_account().await;
    assert_eq!(api.data(&owner, TAGS, json!({})).await["contactTags"], json!([]));
    let create = "mutation ($email: EmailAddress!, $tags: [String!]) { createContact(input: {email: $email, tags: $tags}) {
        contact { id } } }";
    for (email, tags) in [
        ("a@example.com", json!(["vip", "new"])),
        ("b@example.com", json!(["VIP", "vip"])),
        ("c@example.com", json!([])),
        ("d@example.com", json!(["b", "vip"])),
    ] {
        api.data(&owner, create, json!({"email": email, "tags": tags}))
            .await;
    }
    let expected = json!([
        {"tag": "vip", "count": 3}, {"tag": "VIP", "count": 1}, {"tag": "b", "count": 1}, {"tag": "new", "count": 1}
    ]);
    assert_eq!(api.data(&owner, TAGS, json!({})).await["contactTags"], expected);
    assert_eq!(api.data(&other, TAGS, json!({})).await["contactTags"], json!([]));
    let many = "update contacts set tags = (select array_agg('tag' || n) from generate_series(1, 300) n) where email = 'c@example.com'";
    api.test.test.run(many).await;
    let reader = api.key(&[Scope::Read]).await;
    let found = api.data(&reader, TAGS, json!({})).await;
    let found = found["contactTags"].as_array().expect("tags");
    assert_eq!((found.len(), &found[0]["tag"]), (200, &json!("vip")));
    let statements = api.statements(async || {
        api.data(&reader, TAGS, json!({})).await;
    });
    assert_eq!(statements.await, 1);
}
