//! Writing courses and communities.

use serde_json::{Value, json};

use super::{Rooms, text};

const OUTLINE: &str =
    "query ($id: ID!) { course(id: $id) { modules { id position title lessons { id position title } } } }";

async fn outline(rooms: &Rooms, course: &str) -> Value {
    let data = rooms.api.data(&rooms.owner, OUTLINE, json!({"id": course})).await;
    data["course"]["modules"].clone()
}

/// The titles with their positions, such as `0 Bread: 0 Dough, 1 Oven`.
fn shape(modules: &Value) -> Vec<String> {
    let line = |one: &Value| format!("{} {}", one["position"], text(&one["title"]));
    let modules = modules.as_array().expect("modules");
    modules
        .iter()
        .map(|module| {
            let lessons = module["lessons"].as_array().expect("lessons");
            let lessons: Vec<String> = lessons.iter().map(line).collect();
            format!("{}: {}", line(module), lessons.join(", "))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn modules_and_lessons_keep_their_order() {
    let rooms = Rooms::open().await;
    let course = rooms.course("Baking").await;
    let (bread, cake) = (
        rooms.module(&course, "Bread").await,
        rooms.module(&course, "Cake").await,
    );
    let (dough, oven) = (
        rooms.lesson(&bread, "Dough").await,
        rooms.lesson(&bread, "Oven").await,
    );
    let cream = rooms.lesson(&cake, "Cream").await;
    let order = json!({"courseId": course, "modules": [
        {"id": cake, "lessonIds": [oven, cream]},
        {"id": bread, "lessonIds": [dough]},
    ]});
    rooms.write("reorderCourse", order, "course { id }").await;
    let moved = ["0 Cake: 0 Oven, 1 Cream", "1 Bread: 0 Dough"];
    assert_eq!(shape(&outline(&rooms, &course).await), moved);
    for (modules, code) in [
        (json!([{"id": cake, "lessonIds": [oven, cream]}]), "CONFLICT"),
        (
            json!([{"id": cake, "lessonIds": [oven]}, {"id": bread, "lessonIds": [dough]}]),
            "CONFLICT",
        ),
        (
            json!([{"id": cake, "lessonIds": [oven, oven, cream]}, {"id": bread, "lessonIds": [dough]}]),
            "BAD_USER_INPUT",
        ),
        (json!([{"id": "x", "lessonIds": []}]), "NOT_FOUND"),
    ] {
        let input = json!({"courseId": course, "modules": modules});
        assert_eq!(
            rooms.refused("reorderCourse", input.clone()).await.0,
            code,
            "{input}"
        );
    }
    assert_eq!(shape(&outline(&rooms, &course).await), moved);
    rooms
        .write("deleteLesson", json!({"lessonId": oven}), "deletedLessonId")
        .await;
    assert_eq!(
        shape(&outline(&rooms, &course).await),
        ["0 Cake: 0 Cream", "1 Bread: 0 Dough"]
    );
    rooms
        .write("deleteCourseModule", json!({"moduleId": cake}), "deletedModuleId")
        .await;
    assert_eq!(shape(&outline(&rooms, &course).await), ["0 Bread: 0 Dough"]);
    let last = rooms.lesson(&bread, "Crust").await;
    assert!(!last.is_empty());
    assert_eq!(
        shape(&outline(&rooms, &course).await),
        ["0 Bread: 0 Dough, 1 Crust"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_names_its_field() {
    let rooms = Rooms::open().await;
    let course = rooms.course("Baking").await;
    let module = rooms.module(&course, "Bread").await;
    let lesson = rooms.lesson(&module, "Dough").await;
    let community = rooms.community("Bakers").await;
    let script = "javascript:alert(1)";
    for (mutation, input, field) in [
        ("createCourse", json!({"title": ""}), "input.title"),
        ("createCourse", json!({"title": "x".repeat(201)}), "input.title"),
        ("createCourse", json!({"title": "a\nb"}), "input.title"),
        (
            "createCourse",
            json!({"title": "a", "coverUrl": script}),
            "input.coverUrl",
        ),
        (
            "createCourse",
            json!({"title": "a", "externalUrl": "http://a.example"}),
            "input.externalUrl",
        ),
        (
            "updateCourse",
            json!({"courseId": course, "externalUrl": "https://a.example"}),
            "input.externalUrl",
        ),
        (
            "updateCourse",
            json!({"courseId": course, "description": "x".repeat(10_001)}),
            "input.description",
        ),
        (
            "updateLesson",
            json!({"lessonId": lesson, "kind": "VIDEO"}),
            "input.url",
        ),
        (
            "updateLesson",
            json!({"lessonId": lesson, "url": "https://a.example"}),
            "input.url",
        ),
        (
            "updateLesson",
            json!({"lessonId": lesson, "durationMinutes": 0}),
            "input.durationMinutes",
        ),
        (
            "createLesson",
            json!({"moduleId": module, "title": "a", "kind": "LINK", "url": script}),
            "input.url",
        ),
        (
            "updateCommunity",
            json!({"communityId": community, "joinUrl": script}),
            "input.joinUrl",
        ),
        (
            "createAnnouncement",
            json!({"communityId": community, "title": "a", "body": " "}),
            "input.body",
        ),
    ] {
        let refused = rooms.refused(mutation, input.clone()).await;
        assert_eq!(
            refused,
            ("BAD_USER_INPUT".to_owned(), field.to_owned()),
            "{mutation}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_course_elsewhere_has_no_modules() {
    let rooms = Rooms::open().await;
    let input =
        json!({"title": "Elsewhere", "externalUrl": "https://school.example/", "status": "PUBLISHED"});
    let made = rooms.write("createCourse", input, "course { id }").await;
    let course = text(&made["course"]["id"]);
    let module = json!({"courseId": course, "title": "Bread"});
    assert_eq!(
        rooms.refused("createCourseModule", module.clone()).await.1,
        "input.courseId"
    );
    let here = json!({"courseId": course, "externalUrl": null});
    rooms.write("updateCourse", here, "course { id }").await;
    rooms.write("createCourseModule", module, "module { id }").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn announcements_are_html_without_scripts_for_members() {
    let rooms = Rooms::open().await;
    let community = rooms.community("Bakers").await;
    let body = "**Hello** <script>alert(1)</script> [a](javascript:alert(1))";
    let input = json!({"communityId": community, "title": "News", "body": body});
    let made = rooms
        .write("createAnnouncement", input, "announcement { id }")
        .await;
    let query =
        "query ($id: ID!) { community(id: $id) { announcements { nodes { title bodyHtml author } } } }";
    let id = json!({"id": community});
    let closed = rooms.api.data(&rooms.person, query, id.clone()).await;
    assert!(closed["community"].is_null());
    let open = json!({"contactId": rooms.id(), "add": [community]});
    rooms.write("updateCommunityAccess", open, "count").await;
    let response = rooms.api.request(&rooms.person, query, id).await;
    let announcement = &response["data"]["community"]["announcements"]["nodes"][0];
    assert_eq!(
        announcement["bodyHtml"],
        "<p><strong>Hello</strong> &lt;script&gt;alert(1)&lt;/script&gt; <a rel=\"noopener noreferrer\">a</a></p>\n"
    );
    assert_eq!(
        response["errors"][0]["extensions"]["code"], "FORBIDDEN",
        "who wrote it is for staff"
    );
    let delete = json!({"announcementId": made["announcement"]["id"]});
    rooms
        .write("deleteAnnouncement", delete.clone(), "deletedAnnouncementId")
        .await;
    assert_eq!(rooms.refused("deleteAnnouncement", delete).await.0, "NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_refused_if_it_was_changed_since_it_was_read() {
    let rooms = Rooms::open().await;
    let (course, community) = (rooms.course("Baking").await, rooms.community("Bakers").await);
    let offer = rooms.offer(json!({"courseIds": [course]})).await;
    for (mutation, key, id, object, field) in [
        ("updateCourse", "courseId", &course, "course", "title"),
        ("updateCommunity", "communityId", &community, "community", "name"),
        ("updateOffer", "offerId", &offer, "offer", "title"),
    ] {
        let selected = format!("{object} {{ updatedAt {field} }}");
        let read = rooms.write(mutation, json!({key: id}), &selected).await;
        let read = read[object]["updatedAt"].clone();
        rooms.api.test.clock.advance(chrono::TimeDelta::seconds(1));
        let input = |text: &str| json!({key: id, field: text, "expectedUpdatedAt": read});
        let first = rooms.write(mutation, input("First"), &selected).await;
        assert_eq!(first[object][field], "First", "{mutation}");
        let refused = rooms.refused(mutation, input("Second")).await;
        let expected = ("CONFLICT".to_owned(), "input.expectedUpdatedAt".to_owned());
        assert_eq!(refused, expected, "{mutation}");
        let kept = rooms.write(mutation, json!({key: id}), &selected).await;
        assert_eq!(kept[object][field], "First", "{mutation}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_searched_by_a_part_of_the_title() {
    let rooms = Rooms::open().await;
    let course = rooms.course("Baking 100% rye_bread").await;
    rooms.course("Brewing").await;
    rooms.community("The Bakers").await;
    rooms
        .offer(json!({"courseIds": [course], "title": "All about baking"}))
        .await;
    for (list, field, search, found) in [
        ("courses", "title", "BAK", 1),
        ("courses", "title", "100%", 1),
        ("courses", "title", "g_r", 0),
        ("courses", "title", "e_b", 1),
        ("courses", "title", "", 2),
        ("communities", "name", "bakers", 1),
        ("communities", "name", "brew", 0),
        ("offers", "title", "baking", 1),
    ] {
        let query = format!(
            "query ($search: String) {{ r: {list}(search: $search) {{ totalCount nodes {{ {field} }} }} }}"
        );
        let data = rooms
            .api
            .data(&rooms.owner, &query, json!({"search": search}))
            .await;
        let nodes = data["r"]["nodes"].as_array().map(Vec::len);
        assert_eq!(
            (&data["r"]["totalCount"], nodes),
            (&json!(found), Some(found)),
            "{list}: {search:?}"
        );
    }
}
