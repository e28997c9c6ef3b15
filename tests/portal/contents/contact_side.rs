//! What a contact sees of the portal: sections, offers, and the lesson to continue with; and the list of all grants.

use chrono::TimeDelta;
use serde_json::{Value, json};
use vestibule::accounts::model::section::PortalSection;
use vestibule::sign_in::auth_context::Viewer;

use super::{Rooms, text};

impl Rooms {
    /// The sections that are not shown, with the reason of each.
    async fn hidden(&self, viewer: &Viewer) -> Value {
        let query = "{ me { sectionAccess { section visible reason } } }";
        let data = self.api.data(viewer, query, json!({})).await;
        let sections = data["me"]["sectionAccess"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        assert_eq!(sections.len(), 4);
        for section in &sections {
            assert_eq!(
                section["visible"] == true,
                section["reason"].is_null(),
                "{section}"
            );
        }
        let hidden = sections.iter().filter(|section| section["visible"] == false);
        let hidden = hidden.map(|section| (text(&section["section"]), section["reason"].clone()));
        Value::Object(hidden.collect())
    }

    fn limited_to(&self, section: PortalSection) -> Viewer {
        let Viewer::Contact {
            account,
            contact,
            session,
            ..
        } = self.person
        else {
            panic!("a contact");
        };
        Viewer::Contact {
            account,
            contact,
            session,
            section: Some(section),
        }
    }

    async fn set(&self, input: Value) {
        self.write("updatePortalSettings", input, "portal { id }").await;
    }

    /// The title of the lesson to continue with.
    async fn next(&self) -> Value {
        let query = "{ me { continueWith { title } } }";
        let data = self.api.data(&self.person, query, json!({})).await;
        data["me"]["continueWith"]["title"].clone()
    }

    async fn touch(&self, lesson: &str, mutation: &str) {
        self.api.test.clock.advance(TimeDelta::minutes(1));
        let document =
            format!("mutation ($id: ID!) {{ {mutation}(input: {{lessonId: $id}}) {{ lesson {{ id }} }} }}");
        self.api
            .data(&self.person, &document, json!({"id": lesson}))
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_section_shows_where_it_is_on_and_has_something_for_the_contact() {
    let rooms = Rooms::open().await;
    let empty = json!({"COURSES": "EMPTY", "COMMUNITIES": "EMPTY", "AFFILIATES": "EMPTY"});
    assert_eq!(rooms.hidden(&rooms.person).await, empty);
    let course = rooms.course("Baking").await;
    rooms.assign(&[&course], &[], json!({})).await;
    let without_courses = json!({"COMMUNITIES": "EMPTY", "AFFILIATES": "EMPTY"});
    assert_eq!(rooms.hidden(&rooms.person).await, without_courses);
    // A draft is nothing.
    rooms
        .write(
            "updateCourse",
            json!({"courseId": course, "status": "DRAFT"}),
            "course { id }",
        )
        .await;
    assert_eq!(rooms.hidden(&rooms.person).await, empty);
    rooms.set(json!({"showEmptySections": true})).await;
    assert_eq!(rooms.hidden(&rooms.person).await, json!({}));
    rooms.set(json!({"sections": ["AFFILIATES"]})).await;
    assert_eq!(
        rooms.hidden(&rooms.person).await,
        json!({"COURSES": "SWITCHED_OFF", "COMMUNITIES": "SWITCHED_OFF"})
    );
    assert_eq!(
        rooms.hidden(&rooms.limited_to(PortalSection::Courses)).await,
        json!({"HOME": "SESSION_LIMITED", "COURSES": "SWITCHED_OFF", "COMMUNITIES": "SWITCHED_OFF",
            "AFFILIATES": "SESSION_LIMITED"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_offer_will_open_shows_its_section_only_if_the_offer_lists_it() {
    let rooms = Rooms::open().await;
    let community = rooms.community("Bakers").await;
    let offer =
        json!({"communityIds": [community], "startsAt": "2026-01-10T00:00:00Z", "listsBeforeStart": false});
    let offer = rooms.offer(offer).await;
    rooms.grant_offer(&offer, json!({})).await;
    let mine = "{ me { offers { totalCount edges { open opensAt endsAt grants { id } node { title communities { name } } } } } }";
    let hidden = rooms.api.data(&rooms.person, mine, json!({})).await;
    assert_eq!(hidden["me"]["offers"]["totalCount"], 0);
    assert_eq!(rooms.hidden(&rooms.person).await["COMMUNITIES"], "EMPTY");

    let listed = json!({"offerId": offer, "listsBeforeStart": true, "durationDays": 30});
    rooms.write("updateOffer", listed, "offer { id }").await;
    assert_eq!(rooms.hidden(&rooms.person).await["COMMUNITIES"], Value::Null);
    let shown = rooms.api.request(&rooms.person, mine, json!({})).await;
    let edge = &shown["data"]["me"]["offers"]["edges"][0];
    assert_eq!(
        edge,
        &json!({"open": false, "opensAt": "2026-01-10T00:00:00.000000Z", "endsAt": null, "grants": null,
            "node": {"title": "An offer", "communities": [{"name": "Bakers"}]}})
    );
    assert_eq!(
        shown["errors"][0]["extensions"]["code"], "FORBIDDEN",
        "grants are for staff"
    );

    rooms.api.test.clock.advance(TimeDelta::days(5));
    rooms
        .write("archiveOffer", json!({"offerId": offer}), "offer { id }")
        .await;
    let of_contact = "query ($id: ID!) { contact(id: $id) { offers { edges { open grants { status } node { status } } } } }";
    let seen = rooms
        .api
        .data(&rooms.owner, of_contact, json!({"id": rooms.id()}))
        .await;
    assert_eq!(
        seen["contact"]["offers"]["edges"],
        json!([{"open": true, "grants": [{"status": "ACTIVE"}], "node": {"status": "ARCHIVED"}}])
    );
    // What the offer holds and the portal doesn't show stays unnamed to the contact.
    let draft = json!({"communityId": community, "status": "DRAFT"});
    rooms.write("updateCommunity", draft, "community { id }").await;
    let query = "{ me { offers { nodes { communities { name } } } } }";
    let seen = rooms.api.data(&rooms.person, query, json!({})).await;
    assert_eq!(seen["me"]["offers"]["nodes"], json!([{"communities": []}]));
    let limited = rooms.limited_to(PortalSection::Communities);
    assert_eq!(rooms.api.error(&limited, query, json!({})).await.0, "FORBIDDEN");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_continues_where_they_were() {
    let rooms = Rooms::open().await;
    let (baking, brewing) = (rooms.course("Baking").await, rooms.course("Brewing").await);
    let bread = rooms.module(&baking, "Bread").await;
    let cake = rooms.module(&baking, "Cake").await;
    let dough = rooms.lesson(&bread, "Dough").await;
    let oven = rooms.lesson(&bread, "Oven").await;
    let cream = rooms.lesson(&cake, "Cream").await;
    let beer = rooms.module(&brewing, "Beer").await;
    let malt = rooms.lesson(&beer, "Malt").await;
    rooms.assign(&[&baking, &brewing], &[], json!({})).await;
    assert_eq!(rooms.next().await, Value::Null, "nothing was opened yet");

    rooms.touch(&dough, "startLesson").await;
    assert_eq!(rooms.next().await, "Dough", "it is not completed");
    rooms.touch(&dough, "completeLesson").await;
    assert_eq!(rooms.next().await, "Oven");
    rooms.touch(&malt, "startLesson").await;
    assert_eq!(rooms.next().await, "Malt", "the course that was opened last");
    rooms.touch(&oven, "completeLesson").await;
    assert_eq!(rooms.next().await, "Cream", "in the next module");
    rooms.touch(&malt, "completeLesson").await;
    assert_eq!(
        rooms.next().await,
        "Cream",
        "that course is done, and the other one is not"
    );
    rooms.touch(&cream, "startLesson").await;
    assert_eq!(rooms.next().await, "Cream");

    // A course that is closed is left out.
    rooms
        .write("archiveCourse", json!({"courseId": baking}), "course { id }")
        .await;
    assert_eq!(rooms.next().await, Value::Null);
    let more = rooms.lesson(&beer, "Hops").await;
    assert_eq!(rooms.next().await, "Hops");
    rooms.assign(&[], &[&brewing], json!({})).await;
    assert_eq!(rooms.next().await, Value::Null);
    let query = "{ me { continueWith { id } } }";
    let outside = rooms.limited_to(PortalSection::Communities);
    assert_eq!(rooms.api.error(&outside, query, json!({})).await.0, "FORBIDDEN");
    assert!(!more.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_are_listed_by_contact_target_and_status() {
    let rooms = Rooms::open().await;
    let (baking, brewing) = (rooms.course("Baking").await, rooms.course("Brewing").await);
    let later = rooms
        .offer(json!({"courseIds": [baking], "startsAt": "2026-02-01T00:00:00Z"}))
        .await;
    let other = rooms.api.test.add_contacts(["ben@example.com".to_owned()]).await;
    // The order of what happens within a millisecond is not known.
    let pass = || rooms.api.test.clock.advance(TimeDelta::minutes(1));
    rooms.grant_offer(&later, json!({})).await;
    pass();
    rooms
        .assign(&[&baking], &[], json!({"endsAt": "2026-01-06T00:00:00Z"}))
        .await;
    pass();
    rooms.assign(&[&brewing], &[], json!({})).await;
    rooms.assign(&[], &[&brewing], json!({})).await;
    pass();
    let input = json!({"contactId": other[0].id.to_string(), "add": [brewing]});
    rooms.write("assignCourses", input, "count").await;
    rooms.api.test.clock.advance(TimeDelta::days(2));
    let list = async |arguments: &str| {
        let query = format!("{{ grants(first: 100{arguments}) {{ totalCount nodes {{ status }} }} }}");
        let data = rooms.api.data(&rooms.owner, &query, json!({})).await;
        let nodes = data["grants"]["nodes"].as_array().cloned().unwrap_or_default();
        assert_eq!(data["grants"]["totalCount"], nodes.len());
        nodes.iter().map(|node| text(&node["status"])).collect::<Vec<_>>()
    };
    assert_eq!(
        list("").await,
        ["ACTIVE", "ENDED", "SCHEDULED"],
        "the newest first"
    );
    let contact = format!(", contactId: \"{}\"", rooms.id());
    assert_eq!(list(&contact).await, ["ENDED", "SCHEDULED"]);
    let all = format!("{contact}, statuses: [REVOKED, ENDED, ACTIVE, SCHEDULED]");
    assert_eq!(list(&all).await, ["REVOKED", "ENDED", "SCHEDULED"]);
    for status in ["ACTIVE", "ENDED", "SCHEDULED", "REVOKED"] {
        assert_eq!(list(&format!(", statuses: [{status}]")).await, [status]);
    }
    assert_eq!(list(", statuses: []").await, [""; 0]);
    assert_eq!(list(&format!(", targetId: \"{brewing}\"")).await, ["ACTIVE"]);
    assert_eq!(list(&format!(", targetId: \"{later}\"")).await, ["SCHEDULED"]);
    assert_eq!(
        list(&format!("{contact}, targetId: \"{brewing}\"")).await,
        [""; 0]
    );
    for (field, id) in [("contactId", &baking), ("targetId", &rooms.id())] {
        let query = format!("{{ grants({field}: \"{id}\") {{ totalCount }} }}");
        let refused = rooms.api.error(&rooms.owner, &query, json!({})).await;
        assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), Some(field.to_owned())));
    }
    let foreign = rooms.api.owner_of_other_account().await;
    let query = format!("{{ grants({}) {{ totalCount }} }}", &contact[2..]);
    let seen = rooms.api.data(&foreign, &query, json!({})).await;
    assert_eq!(seen["grants"]["totalCount"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_portals_fields_cost_a_known_number_of_statements() {
    let rooms = Rooms::open().await;
    let course = rooms.course("Baking").await;
    let offer = rooms.offer(json!({"courseIds": [course]})).await;
    rooms.grant_offer(&offer, json!({})).await;
    for (query, expected) in [
        ("{ me { sectionAccess { visible } } }", 2),
        ("{ me { continueWith { title progress { completedAt } } } }", 2),
        (
            "{ me { offers { totalCount edges { open node { title } } } } }",
            2,
        ),
    ] {
        let statements = rooms.api.statements(async || {
            rooms.api.data(&rooms.person, query, json!({})).await;
        });
        assert_eq!(statements.await, expected, "{query}");
    }
    let grants = "{ grants(first: 20) { nodes { status contact { email } target { __typename } } } }";
    let statements = rooms.api.statements(async || {
        rooms.api.data(&rooms.owner, grants, json!({})).await;
    });
    assert_eq!(statements.await, 3, "the list, the offers, the contacts");
}
