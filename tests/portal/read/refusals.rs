use serde_json::json;

use crate::support::TestApi;

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_page_names_its_argument() {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    api.test.add_contacts(["anna@example.com".to_owned()]).await;
    let document = "{ contacts(orderBy: { field: EMAIL }) { pageInfo { endCursor } } }";
    let found = api.data(&owner, document, json!({})).await;
    let cursor = found["contacts"]["pageInfo"]["endCursor"]
        .as_str()
        .expect("a cursor")
        .to_owned();
    let lists = [
        "invitedUsers",
        "activeUsers",
        "contacts",
        "invitations",
        "magicLinks",
        "messages",
        "bulkJobs",
        "recentActivity",
    ];
    for list in lists {
        for (args, field) in [
            ("first: -1".to_owned(), "first"),
            ("first: 101".to_owned(), "first"),
            ("last: -1".to_owned(), "last"),
            ("last: 101".to_owned(), "last"),
            ("first: 1, last: 1".to_owned(), "last"),
            ("after: \"rubbish\"".to_owned(), "after"),
            ("last: 3, before: \"\"".to_owned(), "before"),
            (format!("after: \"{cursor}\""), "after"),
        ] {
            let refused = api
                .error(
                    &owner,
                    &format!("{{ {list}({args}) {{ nodes {{ id }} }} }}"),
                    json!({}),
                )
                .await;
            assert_eq!(
                refused,
                ("BAD_USER_INPUT".to_owned(), Some(field.to_owned())),
                "{list}({args})"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_value_names_its_field() {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    let long = "a".repeat(201);
    let cases = [
        ("contact".to_owned(), "id"),
        (
            r#"contact(id: "x", email: "anna@example.com")"#.to_owned(),
            "email",
        ),
        (r#"contact(email: "anna at example")"#.to_owned(), "email"),
        (
            format!("contacts(filter: {{ search: \"{long}\" }})"),
            "filter.search",
        ),
        (
            r#"contacts(filter: { search: "\u0000a" })"#.to_owned(),
            "filter.search",
        ),
        (
            r#"contacts(filter: { search: "?!" })"#.to_owned(),
            "filter.search",
        ),
        (
            r#"contacts(filter: { tags: ["vip", ""] })"#.to_owned(),
            "filter.tags.1",
        ),
        ("contacts(filter: { tags: [] })".to_owned(), "filter.tags"),
        (
            "contacts(filter: { portalStatus: [] })".to_owned(),
            "filter.portalStatus",
        ),
        (
            r#"contacts(filter: { createdAfter: "yesterday" })"#.to_owned(),
            "filter.createdAfter",
        ),
        (
            r#"contacts(filter: { joinedAfter: "2026-02-30T00:00:00Z" })"#.to_owned(),
            "filter.joinedAfter",
        ),
        (format!("invitedUsers(search: \"{long}\")"), "search"),
        (r#"magicLinks(contactId: "x")"#.to_owned(), "contactId"),
        (
            r#"messages(contactId: "job_01h2xcejqtf2nbrexx3vqjhp41")"#.to_owned(),
            "contactId",
        ),
    ];
    for (field, named) in cases {
        let document = format!("{{ {field} {{ __typename }} }}");
        let refused = api.error(&owner, &document, json!({})).await;
        assert_eq!(
            refused,
            ("BAD_USER_INPUT".to_owned(), Some(named.to_owned())),
            "{field}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_id_finds_nothing_without_an_error() {
    let api = TestApi::open().await;
    let owner = api.owner().await;
    for id in [
        "",
        "x",
        "contact_",
        "contact_01h2xcejqtf2nbrexx3vqjhp41",
        "job_01h2xcejqtf2nbrexx3vqjhp41",
        "a\0b",
    ] {
        let document =
            "query($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } contact(id: $id) { id }
            bulkJob(id: $id) { id } }";
        let found = api.data(&owner, document, json!({ "id": id })).await;
        assert_eq!(
            found,
            json!({ "node": null, "nodes": [null], "contact": null, "bulkJob": null }),
            "{id:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_is_found_by_its_address_in_any_letter_case() {
    let api = TestApi::open().await;
    let anna = api
        .test
        .add_contacts(["anna@example.com".to_owned()])
        .await
        .remove(0);
    let document = r#"{ contact(email: " Anna@EXAMPLE.com ") { id email portalStatus tags } }"#;
    let found = api.data(&api.owner().await, document, json!({})).await;
    let expected = json!({
        "id": anna.id.to_string(), "email": "anna@example.com", "portalStatus": "NOT_INVITED", "tags": []
    });
    assert_eq!(found["contact"], expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_time_does_not_null_another_mutation() {
    let api = TestApi::open().await;
    let document = r#"mutation {
        wrong: inviteContacts(input: { filter: { createdAfter: "yesterday" }, dryRun: true }) { count }
        right: generateCustomMenuLink(input: { section: COURSES }) { url } }"#;
    let answer = api.request(&api.owner().await, document, json!({})).await;
    assert_eq!(
        answer["errors"][0]["extensions"]["field"],
        "input.filter.createdAfter"
    );
    let url = "http://localhost:8000/p/acme/courses";
    assert_eq!(answer["data"], json!({ "wrong": null, "right": { "url": url } }));
}
