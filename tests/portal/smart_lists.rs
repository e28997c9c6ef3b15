//! Smart lists, and the conditions that they save.

use chrono::TimeDelta;
use serde_json::{Value, json};
use vestibule::base::actor::{Role, Scope};

use crate::contents::{Rooms, document, text};

const PEOPLE: [&str; 5] = ["anna", "ben", "cleo", "dora", "emil"];

/// Five contacts, each with something of their own.
async fn open() -> Rooms {
    let rooms = Rooms::open().await;
    let others = PEOPLE[1..].iter().map(|name| format!("{name}@example.com"));
    rooms.api.test.add_contacts(others).await;
    rooms
}

impl Rooms {
    async fn id_of(&self, name: &str) -> String {
        let query = "query ($email: EmailAddress!) { contact(email: $email) { id } }";
        let found = self
            .api
            .data(
                &self.owner,
                query,
                json!({"email": format!("{name}@example.com")}),
            )
            .await;
        text(&found["contact"]["id"])
    }

    /// The names of the contacts that meet the conditions.
    async fn matching(&self, filter: Value) -> Vec<String> {
        let query = "query ($filter: ContactFilter!) { contacts(first: 100, filter: $filter, orderBy: {field: EMAIL}) {
            totalCount nodes { email } } }";
        let found = self
            .api
            .data(&self.owner, query, json!({ "filter": filter }))
            .await;
        let names: Vec<String> = names(&found["contacts"]);
        assert_eq!(found["contacts"]["totalCount"], names.len(), "{filter}");
        names
    }

    /// The id of a new list.
    async fn list(&self, name: &str, filter: Value) -> String {
        let input = json!({"name": name, "filter": filter});
        let made = self.write("createSmartList", input, "smartList { id }").await;
        text(&made["smartList"]["id"])
    }
}

fn names(connection: &Value) -> Vec<String> {
    let nodes = connection["nodes"].as_array().cloned().unwrap_or_default();
    let name = |node: &Value| {
        text(&node["email"])
            .split('@')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    nodes.iter().map(name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_condition_selects_exactly_the_contacts_that_meet_it() {
    let rooms = open().await;
    let [course, other] = [rooms.course("Baking").await, rooms.course("Brewing").await];
    let module = rooms.module(&course, "Bread").await;
    let [first, second] = [
        rooms.lesson(&module, "Flour").await,
        rooms.lesson(&module, "Water").await,
    ];
    let community = rooms.community("Bakers").await;
    let offer = rooms
        .offer(json!({"courseIds": [course], "communityIds": [community]}))
        .await;
    rooms.grant_offer(&offer, json!({})).await;
    let ben = rooms.id_of("ben").await;
    let ended = json!({"contactId": ben, "add": [course], "endsAt": "2026-01-06T00:00:00Z"});
    rooms.write("assignCourses", ended, "count").await;
    let later =
        json!({"contactId": rooms.id_of("cleo").await, "add": [other], "startsAt": "2026-03-01T00:00:00Z"});
    rooms.write("assignCourses", later, "count").await;
    rooms
        .write("setAffiliate", json!({"contactId": ben}), "affiliate { code }")
        .await;
    let learn = async |mutation: &str, lesson: &str| {
        let input = json!({"input": {"lessonId": lesson}});
        let document = document(mutation, "__typename");
        rooms.api.data(&rooms.person, &document, input).await;
    };
    learn("completeLesson", &first).await;
    rooms.api.test.clock.advance(TimeDelta::days(10));
    let set = "update contacts set tags = '{vip,new}' where email_key like 'anna%'; \
        update contacts set tags = '{vip}' where email_key like 'ben%'; \
        update contacts set invited_at = '2026-01-08Z', first_invited_at = '2026-01-08Z', joined_at = '2026-01-12Z', \
            last_seen_at = '2026-01-13Z' where email_key like 'cleo%'; \
        update contacts set invited_at = '2026-01-14Z', first_invited_at = '2026-01-14Z', joined_at = '2026-01-14Z', \
            last_seen_at = '2026-01-14Z' where email_key like 'dora%'; \
        update contacts set created_at = '2026-01-14Z' where email_key like 'emil%'";
    rooms.api.test.test.run(set).await;
    for (filter, expected) in [
        (json!({}), "anna ben cleo dora emil"),
        (json!({"tags": ["vip", "other"]}), "anna ben"),
        (json!({"allTags": ["vip", "new"]}), "anna"),
        (json!({"noTags": ["new"]}), "ben cleo dora emil"),
        (json!({"createdWithinDays": 2}), "emil"),
        (json!({"createdForDays": 2, "tags": ["vip"]}), "anna ben"),
        (json!({"createdWithinDays": 2, "tags": ["vip"]}), ""),
        (json!({"invitedWithinDays": 3}), "dora"),
        (json!({"joinedForDays": 2}), "cleo"),
        (json!({"seenWithinDays": 2}), "dora"),
        (json!({"invitedAfter": "2026-01-10T00:00:00Z"}), "dora"),
        (json!({"invitedForDays": 3}), "cleo"),
        (
            json!({"invitedForDays": 3, "invitedBefore": "2026-01-07T00:00:00Z"}),
            "",
        ),
        (json!({"joinedBefore": "2026-01-13T00:00:00Z"}), "cleo"),
        (json!({"joinedWithinDays": 2}), "dora"),
        (json!({"lastSeenAfter": "2026-01-13T12:00:00Z"}), "dora"),
        (json!({"notSeenForDays": 2}), "cleo"),
        (json!({"offerIds": [offer]}), "anna"),
        (json!({"withoutOfferIds": [offer]}), "ben cleo dora emil"),
        (json!({"courseIds": [course]}), "anna"),
        (json!({"courseIds": [course, other]}), "anna cleo"),
        (json!({"withoutCourseIds": [course, other]}), "ben dora emil"),
        (json!({"communityIds": [community]}), "anna"),
        (
            json!({"withoutCommunityIds": [community], "tags": ["vip"]}),
            "ben",
        ),
        (
            json!({"courseProgress": {"courseId": course, "progress": "STARTED"}}),
            "anna",
        ),
        (
            json!({"courseProgress": {"courseId": course, "progress": "COMPLETED"}}),
            "",
        ),
        (
            json!({"courseProgress": {"courseId": course, "progress": "NOT_STARTED"}, "affiliate": true}),
            "ben",
        ),
        (
            json!({"affiliate": false, "portalStatus": ["NOT_INVITED"]}),
            "anna emil",
        ),
    ] {
        assert_eq!(
            rooms.matching(filter.clone()).await.join(" "),
            expected,
            "{filter}"
        );
    }
    let person = rooms.api.contact(&rooms.contact);
    let complete = document("completeLesson", "__typename");
    rooms
        .api
        .data(&person, &complete, json!({"input": {"lessonId": second}}))
        .await;
    let done = json!({"courseProgress": {"courseId": course, "progress": "COMPLETED"}});
    assert_eq!(rooms.matching(done).await, ["anna"]);
    let revoke = json!({"offerId": offer, "selection": {"contactIds": [rooms.id()]}});
    rooms.write("revokeOffer", revoke, "count").await;
    assert!(rooms.matching(json!({"offerIds": [offer]})).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn those_without_something_are_read_in_pages_in_every_order_and_counted_by_one_statement() {
    let rooms = Rooms::open().await;
    let course = rooms.course("Baking").await;
    rooms.assign(&[&course], &[], json!({})).await;
    let others = (0..5).map(|n| format!("other{n}@example.com"));
    rooms.api.test.add_contacts(others.collect::<Vec<_>>()).await;
    let query = "query ($filter: ContactFilter!, $order: ContactOrderField!, $after: String) {
        contacts(first: 2, after: $after, filter: $filter, orderBy: {field: $order, direction: ASC}) {
            nodes { email } pageInfo { hasNextPage endCursor } } }";
    let filter = json!({"withoutCourseIds": [course], "portalStatus": ["NOT_INVITED", "ACTIVE"]});
    for order in [
        "CREATED_AT",
        "INVITED_AT",
        "JOINED_AT",
        "LAST_SEEN_AT",
        "EMAIL",
        "NAME",
    ] {
        let (mut found, mut after) = (Vec::new(), Value::Null);
        loop {
            let variables = json!({"filter": filter, "order": order, "after": after});
            let page = rooms.api.data(&rooms.owner, query, variables).await["contacts"].clone();
            found.extend(names(&page));
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        assert_eq!(found.join(" "), "other0 other1 other2 other3 other4", "{order}");
    }
    let count = "query ($filter: ContactFilter!) { contacts(first: 0, filter: $filter) { totalCount } }";
    let statements = rooms.api.statements(async || {
        let counted = rooms
            .api
            .data(&rooms.owner, count, json!({ "filter": filter }))
            .await;
        assert_eq!(counted["contacts"]["totalCount"], 5);
    });
    assert_eq!(statements.await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_evaluated_when_it_is_used_and_used_where_a_filter_is() {
    let rooms = open().await;
    let list = rooms
        .list(" Regulars ", json!({"joinedWithinDays": 7, "search": ""}))
        .await;
    let query =
        "query ($id: ID!) { smartList(id: $id) { name problem count filter { joinedWithinDays search tags }
        contacts(orderBy: {field: EMAIL}) { totalCount nodes { email } } } }";
    let read = async || rooms.api.data(&rooms.owner, query, json!({"id": list})).await["smartList"].clone();
    let empty = read().await;
    assert_eq!((&empty["name"], &empty["count"]), (&json!("Regulars"), &json!(0)));
    assert_eq!(
        empty["filter"],
        json!({"joinedWithinDays": 7, "search": "", "tags": null})
    );
    let join = "update contacts set joined_at = '2026-01-05Z', invited_at = '2026-01-05Z', first_invited_at = '2026-01-05Z' \
        where email_key < 'c'";
    rooms.api.test.test.run(join).await;
    let full = read().await;
    assert_eq!(
        (&full["count"], names(&full["contacts"])),
        (&json!(2), vec!["anna".to_owned(), "ben".to_owned()])
    );
    let tag = json!({"smartListId": list, "add": ["regular"]});
    let done = rooms
        .write("updateContactTags", tag, "count bulkJob { id }")
        .await;
    assert_eq!(done, json!({"count": 2, "bulkJob": null}));
    let offer = rooms
        .offer(json!({"courseIds": [rooms.course("Baking").await]}))
        .await;
    let grant = json!({"offerId": offer, "selection": {"smartListId": list}});
    assert_eq!(rooms.write("grantOffer", grant, "count").await["count"], 2);
    for (mutation, more) in [
        ("inviteContacts", json!({"dryRun": true})),
        ("sendLoginEmails", json!({"dryRun": true})),
        ("revokePortalAccessForMany", json!({"dryRun": true})),
        ("restorePortalAccessForMany", json!({"dryRun": true})),
    ] {
        let mut input = more;
        input["smartListId"] = json!(list);
        let done = rooms.write(mutation, input, "__typename").await;
        assert!(done.is_object(), "{mutation}: {done}");
    }
    rooms.api.test.clock.advance(TimeDelta::days(8));
    assert_eq!(read().await["count"], 0, "they joined too long ago by now");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_cannot_be_used_says_why_and_changes_nothing() {
    let rooms = open().await;
    let course = rooms.course("Baking").await;
    let list = rooms
        .list("Bakers", json!({"courseIds": [course], "withoutOfferIds": null}))
        .await;
    let wrong = |filter: Value| json!({"name": "Another", "filter": filter});
    let missing = course.replace("course_0", "course_1");
    for (input, expected) in [
        (
            wrong(json!({"courseIds": [missing]})),
            ("NOT_FOUND", "input.filter.courseIds.0"),
        ),
        (
            wrong(json!({"withoutCommunityIds": ["x"]})),
            ("BAD_USER_INPUT", "input.filter.withoutCommunityIds.0"),
        ),
        (
            wrong(json!({"courseProgress": {"courseId": missing, "progress": "STARTED"}})),
            ("NOT_FOUND", "input.filter.courseProgress.courseId"),
        ),
        (
            wrong(json!({"createdWithinDays": -1})),
            ("BAD_USER_INPUT", "input.filter.createdWithinDays"),
        ),
        (
            json!({"name": "bAKERS", "filter": {}}),
            ("CONFLICT", "input.name"),
        ),
        (
            json!({"name": " ", "filter": {}}),
            ("BAD_USER_INPUT", "input.name"),
        ),
    ] {
        let (code, field) = rooms.refused("createSmartList", input.clone()).await;
        assert_eq!((&code[..], &field[..]), expected, "{input}");
    }
    rooms
        .write("archiveCourse", json!({"courseId": course}), "course { status }")
        .await;
    let query = "query ($id: ID!) { smartList(id: $id) { problem count contacts { totalCount } } }";
    let read = async || rooms.api.data(&rooms.owner, query, json!({"id": list})).await["smartList"].clone();
    let lost = read().await;
    assert!(
        text(&lost["problem"]).starts_with("This course is archived"),
        "{lost}"
    );
    assert_eq!((&lost["count"], &lost["contacts"]), (&Value::Null, &Value::Null));
    let both = json!({"smartListId": list, "filter": {}, "add": ["x"]});
    for (input, code) in [
        (json!({"smartListId": list, "add": ["x"]}), "BAD_USER_INPUT"),
        (both, "BAD_USER_INPUT"),
        (
            json!({"smartListId": list, "contactIds": [rooms.id()], "add": ["x"]}),
            "BAD_USER_INPUT",
        ),
        (
            json!({"smartListId": "smartlist_00000000000000000000000000", "add": ["x"]}),
            "NOT_FOUND",
        ),
    ] {
        let refused = rooms.refused("updateContactTags", input.clone()).await;
        assert_eq!(
            refused,
            (code.to_owned(), "input.smartListId".to_owned()),
            "{input}"
        );
    }
    let renamed = json!({"smartListId": list, "name": "Former bakers"});
    let renamed = rooms
        .write("updateSmartList", renamed, "smartList { name }")
        .await;
    assert_eq!(
        renamed["smartList"]["name"], "Former bakers",
        "a name can be changed all the same"
    );
    let mended = json!({"smartListId": list, "filter": {"tags": ["baker"]}});
    rooms.write("updateSmartList", mended, "smartList { id }").await;
    assert_eq!(read().await["count"], 0);
    rooms
        .write(
            "deleteSmartList",
            json!({"smartListId": list}),
            "deletedSmartListId",
        )
        .await;
    assert_eq!(read().await, Value::Null);
    assert_eq!(
        rooms
            .refused("deleteSmartList", json!({"smartListId": list}))
            .await
            .0,
        "NOT_FOUND"
    );
    let kinds = rooms
        .api
        .test
        .test
        .texts("select kind from audit_events where kind like 'SMART%' order by kind")
        .await;
    let kinds: Vec<String> = kinds.into_iter().flatten().collect();
    let expected = [
        "SMART_LIST_CREATED",
        "SMART_LIST_DELETED",
        "SMART_LIST_UPDATED",
        "SMART_LIST_UPDATED",
    ];
    assert_eq!(kinds, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_without_read_learns_nothing_by_a_list() {
    let rooms = open().await;
    let list = rooms.list("All", json!({})).await;
    let key = rooms.api.key(&[Scope::Contacts]).await;
    let tag = document("updateContactTags", "count");
    let input = json!({"input": {"smartListId": list, "add": ["x"]}});
    let refused = rooms.api.error(&key, &tag, input).await;
    assert_eq!(
        refused,
        ("FORBIDDEN".to_owned(), Some("input.smartListId".to_owned()))
    );
    let create = document("createSmartList", "smartList { count }");
    let input = json!({"input": {"name": "Mine", "filter": {"tags": ["x"]}}});
    assert_eq!(rooms.api.error(&key, &create, input).await.0, "FORBIDDEN");
    let reader = rooms.api.member("reader@example.com", Role::ReadOnly).await;
    let read = rooms
        .api
        .data(
            &reader,
            "{ smartLists { totalCount nodes { count } } }",
            json!({}),
        )
        .await;
    assert_eq!(
        read["smartLists"],
        json!({"totalCount": 1, "nodes": [{"count": 5}]})
    );
}
