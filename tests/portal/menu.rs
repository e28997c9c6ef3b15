//! Menu items: what they open, who sees them, and their order.

use chrono::TimeDelta;
use serde_json::{Value, json};
use vestibule::accounts::model::section::PortalSection;
use vestibule::base::actor::{Role, Scope};
use vestibule::base::ids::SessionId;
use vestibule::sign_in::auth_context::Viewer;

use crate::contents::{Rooms, merge, text};

const ALL: &str = "menuItem { id title icon section url opensIn position audience visibleTo { minimumRole target { __typename } } }";

/// Adds an item to the portal's menu, unless `more` says otherwise.
async fn add(rooms: &Rooms, title: &str, more: Value) -> Value {
    let mut input = json!({"audience": "PORTAL", "title": title, "url": "https://shop.example/"});
    merge(&mut input, more);
    rooms.write("createMenuItem", input, ALL).await["menuItem"].clone()
}

async fn section(rooms: &Rooms, title: &str, section: &str) -> Value {
    add(rooms, title, json!({"url": null, "section": section})).await
}

async fn refused(rooms: &Rooms, more: Value) -> (String, String) {
    let mut input = json!({"audience": "PORTAL", "title": "An item", "url": "https://shop.example/"});
    merge(&mut input, more);
    rooms.refused("createMenuItem", input).await
}

/// The titles of a menu with their positions, as this caller sees it.
async fn menu(rooms: &Rooms, caller: &Viewer, arguments: &str) -> Vec<String> {
    let query = format!("{{ menuItems({arguments}) {{ title position }} }}");
    let data = rooms.api.data(caller, &query, json!({})).await;
    let items = data["menuItems"].as_array().cloned().unwrap_or_default();
    items
        .iter()
        .map(|item| format!("{} {}", item["position"], text(&item["title"])))
        .collect()
}

/// The titles that the contact sees.
async fn shown(rooms: &Rooms, person: &Viewer) -> Vec<String> {
    let data = rooms
        .api
        .data(
            person,
            "{ me { menuItems { title visibleTo { minimumRole } } } }",
            json!({}),
        )
        .await;
    let items = data["me"]["menuItems"].as_array().cloned().unwrap_or_default();
    assert!(items.iter().all(|item| item["visibleTo"].is_null()), "{items:?}");
    items.iter().map(|item| text(&item["title"])).collect()
}

async fn allow_frames(rooms: &Rooms, hosts: Value) -> Value {
    let changed = rooms
        .write(
            "updatePortalSettings",
            json!({"frameHosts": hosts}),
            "portal { settings { frameHosts } }",
        )
        .await;
    changed["portal"]["settings"]["frameHosts"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_opens_a_section_or_a_url() {
    let rooms = Rooms::open().await;
    let item = add(&rooms, " Shop ", json!({"icon": "CART", "opensIn": "NEW_TAB"})).await;
    let expected = json!({"id": item["id"], "title": "Shop", "icon": "CART", "section": null, "url": "https://shop.example/",
        "opensIn": "NEW_TAB", "position": 0, "audience": "PORTAL", "visibleTo": {"minimumRole": null, "target": null}});
    assert_eq!(item, expected);
    let change = async |more: Value| {
        let mut input = json!({"menuItemId": item["id"]});
        merge(&mut input, more);
        let changed = rooms.write("updateMenuItem", input, ALL).await;
        let changed = &changed["menuItem"];
        (changed["section"].clone(), changed["url"].clone())
    };
    let courses = (json!("COURSES"), Value::Null);
    assert_eq!(change(json!({"section": "COURSES"})).await, courses);
    assert_eq!(change(json!({"title": "Learn", "url": null})).await, courses);
    let url = (Value::Null, json!("https://a.example/"));
    assert_eq!(
        change(json!({"url": "https://a.example", "section": null})).await,
        url
    );
    let none = json!({"menuItemId": item["id"], "url": null});
    let field = ("BAD_USER_INPUT".to_owned(), "input.url".to_owned());
    assert_eq!(rooms.refused("updateMenuItem", none).await, field);
    let both = json!({"menuItemId": item["id"], "url": "https://a.example", "section": "HOME"});
    assert_eq!(rooms.refused("updateMenuItem", both).await, field);
    let found = "query ($id: ID!) { node(id: $id) { ... on MenuItem { title } } }";
    let data = rooms
        .api
        .data(&rooms.owner, found, json!({"id": item["id"]}))
        .await;
    assert_eq!(data["node"]["title"], "Learn");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_names_its_field() {
    let rooms = Rooms::open().await;
    let course = rooms.course("Baking").await;
    for (more, code, field) in [
        (json!({"title": ""}), "BAD_USER_INPUT", "title"),
        (json!({"title": "x".repeat(61)}), "BAD_USER_INPUT", "title"),
        (json!({"title": "a\nb"}), "BAD_USER_INPUT", "title"),
        (json!({"url": "http://shop.example"}), "BAD_USER_INPUT", "url"),
        (json!({"url": "javascript:alert(1)"}), "BAD_USER_INPUT", "url"),
        (
            json!({"url": "https://anna:secret@shop.example"}),
            "BAD_USER_INPUT",
            "url",
        ),
        (json!({"url": null}), "BAD_USER_INPUT", "url"),
        (json!({"section": "HOME"}), "BAD_USER_INPUT", "url"),
        (json!({"opensIn": "FRAME"}), "BAD_USER_INPUT", "opensIn"),
        (
            json!({"url": null, "section": "HOME", "opensIn": "FRAME"}),
            "BAD_USER_INPUT",
            "opensIn",
        ),
        (
            json!({"visibleTo": {"minimumRole": "STAFF"}}),
            "BAD_USER_INPUT",
            "visibleTo.minimumRole",
        ),
        (
            json!({"visibleTo": {"courseId": course, "communityId": course}}),
            "NOT_FOUND",
            "visibleTo.communityId",
        ),
        (
            json!({"visibleTo": {"courseId": course, "minimumRole": "STAFF"}}),
            "BAD_USER_INPUT",
            "visibleTo",
        ),
        (
            json!({"visibleTo": {"offerId": course}}),
            "NOT_FOUND",
            "visibleTo.offerId",
        ),
        (
            json!({"visibleTo": {"courseId": "course_01jgqeq000e008000000000000"}}),
            "NOT_FOUND",
            "visibleTo.courseId",
        ),
        (
            json!({"audience": "DASHBOARD", "visibleTo": {"courseId": course}}),
            "BAD_USER_INPUT",
            "visibleTo.courseId",
        ),
    ] {
        let refused = refused(&rooms, more.clone()).await;
        assert_eq!(refused, (code.to_owned(), format!("input.{field}")), "{more}");
    }
    for (hosts, field) in [
        (json!(["*.co.uk"]), "input.frameHosts.0"),
        (json!(["a.example", "https://b.example"]), "input.frameHosts.1"),
        (json!(vec!["a.example"; 21]), "input.frameHosts"),
    ] {
        let refused = rooms
            .refused("updatePortalSettings", json!({"frameHosts": hosts}))
            .await;
        assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), field.to_owned()));
    }
    assert_eq!(
        menu(&rooms, &rooms.owner, "audience: PORTAL").await,
        Vec::<String>::new()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_shows_pages_of_allowed_hosts_only() {
    let rooms = Rooms::open().await;
    let hosts = json!(["Shop.example", "*.apps.example", "shop.example"]);
    assert_eq!(
        allow_frames(&rooms, hosts).await,
        json!(["shop.example", "*.apps.example"])
    );
    let item = add(&rooms, "Shop", json!({"opensIn": "FRAME"})).await;
    add(
        &rooms,
        "App",
        json!({"opensIn": "FRAME", "url": "https://one.apps.example/x"}),
    )
    .await;
    for url in [
        "https://apps.example",
        "https://shop.example:8443",
        "https://shop.example.evil.example",
    ] {
        let refused = refused(&rooms, json!({"opensIn": "FRAME", "url": url})).await;
        assert_eq!(refused.1, "input.opensIn", "{url}");
    }
    let elsewhere = json!({"menuItemId": item["id"], "url": "https://evil.example"});
    assert_eq!(
        rooms.refused("updateMenuItem", elsewhere).await.1,
        "input.opensIn"
    );
    let fewer = json!({"frameHosts": ["*.apps.example"]});
    let conflict = ("CONFLICT".to_owned(), "input.frameHosts".to_owned());
    assert_eq!(
        rooms.refused("updatePortalSettings", fewer.clone()).await,
        conflict
    );
    let tab = json!({"menuItemId": item["id"], "opensIn": "NEW_TAB"});
    rooms.write("updateMenuItem", tab, ALL).await;
    assert_eq!(
        allow_frames(&rooms, fewer["frameHosts"].clone()).await,
        fewer["frameHosts"]
    );
    let back = json!({"menuItemId": item["id"], "opensIn": "FRAME"});
    assert_eq!(rooms.refused("updateMenuItem", back).await.1, "input.opensIn");
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_see_what_everyone_sees_and_what_they_have() {
    let rooms = Rooms::open().await;
    let (course, community) = (rooms.course("Baking").await, rooms.community("Bakers").await);
    let offer = rooms
        .offer(
            json!({"courseIds": [course], "communityIds": [community], "startsAt": "2026-01-10T00:00:00Z"}),
        )
        .await;
    add(&rooms, "Everyone", json!({})).await;
    add(&rooms, "Offer", json!({"visibleTo": {"offerId": offer}})).await;
    add(&rooms, "Course", json!({"visibleTo": {"courseId": course}})).await;
    add(
        &rooms,
        "Community",
        json!({"visibleTo": {"communityId": community}}),
    )
    .await;
    add(&rooms, "Staff", json!({"audience": "DASHBOARD"})).await;
    assert_eq!(shown(&rooms, &rooms.person).await, ["Everyone"]);
    rooms
        .grant_offer(&offer, json!({"endsAt": "2026-01-20T00:00:00Z"}))
        .await;
    assert_eq!(
        shown(&rooms, &rooms.person).await,
        ["Everyone"],
        "it has not opened"
    );
    rooms.api.test.clock.advance(TimeDelta::days(6));
    assert_eq!(
        shown(&rooms, &rooms.person).await,
        ["Everyone", "Offer", "Course", "Community"]
    );
    rooms
        .write("archiveCourse", json!({"courseId": course}), "course { id }")
        .await;
    assert_eq!(
        shown(&rooms, &rooms.person).await,
        ["Everyone", "Offer", "Community"]
    );
    let others = rooms.api.test.add_contacts(["bob@example.com".to_owned()]).await;
    assert_eq!(shown(&rooms, &rooms.api.contact(&others[0])).await, ["Everyone"]);
    rooms.api.test.clock.advance(TimeDelta::days(10));
    assert_eq!(shown(&rooms, &rooms.person).await, ["Everyone"], "it has ended");
    rooms.grant_offer(&offer, json!({})).await;
    assert_eq!(
        shown(&rooms, &rooms.person).await,
        ["Everyone", "Offer", "Community"]
    );
    let revoke = json!({"offerId": offer, "selection": {"contactIds": [rooms.id()]}});
    rooms.write("revokeOffer", revoke, "count").await;
    assert_eq!(shown(&rooms, &rooms.person).await, ["Everyone"], "it was revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limited_session_sees_its_own_section_and_urls() {
    let rooms = Rooms::open().await;
    section(&rooms, "Courses", "COURSES").await;
    section(&rooms, "Affiliates", "AFFILIATES").await;
    add(&rooms, "Shop", json!({})).await;
    let limited = Viewer::Contact {
        account: rooms.contact.account_id,
        contact: rooms.contact.id,
        session: SessionId::new(&rooms.api.test.clock.moment()),
        section: Some(PortalSection::Courses),
    };
    assert_eq!(shown(&rooms, &limited).await, ["Courses", "Shop"]);
    assert_eq!(
        shown(&rooms, &rooms.person).await,
        ["Courses", "Affiliates", "Shop"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn members_see_what_their_role_shows() {
    let rooms = Rooms::open().await;
    for (title, visible_to) in [
        ("All", json!(null)),
        ("Staff", json!({"minimumRole": "STAFF"})),
        ("Admins", json!({"minimumRole": "ADMIN"})),
        ("Owners", json!({"minimumRole": "OWNER"})),
    ] {
        let more = json!({"audience": "DASHBOARD", "visibleTo": visible_to});
        let item = add(&rooms, title, more).await;
        assert!(item["visibleTo"]["minimumRole"].is_string(), "{item}");
    }
    let all = ["0 All", "1 Staff", "2 Admins", "3 Owners"];
    let (mine, every) = ("audience: DASHBOARD, visibleToMe: true", "audience: DASHBOARD");
    for (role, seen, listed) in [
        (Role::Owner, 4, 4),
        (Role::Admin, 3, 4),
        (Role::Staff, 2, 4),
        (Role::ReadOnly, 1, 1),
    ] {
        let email = format!("a-{}@acme.example", role.as_str().to_lowercase());
        let member = rooms.api.member(&email, role).await;
        assert_eq!(menu(&rooms, &member, mine).await, all[..seen], "{role:?}");
        assert_eq!(menu(&rooms, &member, every).await, all[..listed], "{role:?}");
    }
    for scope in [Scope::Read, Scope::Content] {
        let key = rooms.api.key(&[scope]).await;
        assert_eq!(menu(&rooms, &key, every).await, all);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn items_keep_their_order_without_gaps() {
    let rooms = Rooms::open().await;
    let mut ids = Vec::new();
    for title in ["A", "B", "C"] {
        ids.push(section(&rooms, title, "HOME").await["id"].clone());
    }
    let other = add(&rooms, "D", json!({"audience": "DASHBOARD"})).await;
    let order = json!({"audience": "PORTAL", "menuItemIds": [ids[2], ids[0], ids[1]]});
    let moved = rooms
        .write("reorderMenuItems", order.clone(), "menuItems { title position }")
        .await;
    assert_eq!(moved["menuItems"][0], json!({"title": "C", "position": 0}));
    rooms.write("reorderMenuItems", order, "menuItems { id }").await;
    assert_eq!(
        menu(&rooms, &rooms.owner, "audience: PORTAL").await,
        ["0 C", "1 A", "2 B"]
    );
    for (named, code, field) in [
        (json!([ids[0], ids[1]]), "CONFLICT", "input.menuItemIds"),
        (
            json!([ids[0], ids[1], other["id"]]),
            "CONFLICT",
            "input.menuItemIds",
        ),
        (
            json!([ids[0], ids[1], ids[2], other["id"]]),
            "CONFLICT",
            "input.menuItemIds",
        ),
        (
            json!([ids[0], ids[1], ids[1]]),
            "BAD_USER_INPUT",
            "input.menuItemIds.2",
        ),
        (json!([ids[0], "x"]), "NOT_FOUND", "input.menuItemIds.1"),
    ] {
        let input = json!({"audience": "PORTAL", "menuItemIds": named});
        let refused = rooms.refused("reorderMenuItems", input.clone()).await;
        assert_eq!(refused, (code.to_owned(), field.to_owned()), "{input}");
    }
    let deleted = rooms
        .write(
            "deleteMenuItem",
            json!({"menuItemId": ids[2]}),
            "deletedMenuItemId",
        )
        .await;
    assert_eq!(deleted["deletedMenuItemId"], ids[2]);
    section(&rooms, "E", "HOME").await;
    assert_eq!(
        menu(&rooms, &rooms.owner, "audience: PORTAL").await,
        ["0 A", "1 B", "2 E"]
    );
    assert_eq!(menu(&rooms, &rooms.owner, "audience: DASHBOARD").await, ["0 D"]);
    let kinds = "select kind from audit_events where kind like 'MENU%' group by kind, id order by kind";
    let kinds: Vec<String> = rooms
        .api
        .test
        .test
        .texts(kinds)
        .await
        .into_iter()
        .flatten()
        .collect();
    let mut expected = vec!["MENU_ITEM_CREATED"; 5];
    expected.extend(["MENU_ITEM_DELETED", "MENU_REORDERED"]);
    assert_eq!(kinds, expected, "an order that is there already is not recorded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_menu_has_fifty_items_at_most_however_many_come_at_once() {
    let rooms = Rooms::open().await;
    let fill = "insert into menu_items (account_id, id, audience, position, title, icon, section, opens_in, created_at, updated_at)
        select id, gen_random_uuid(), 'PORTAL', n, 'Item', 'LINK', 'HOME', 'SAME_TAB', now(), now() from accounts, generate_series(0, 46) n";
    rooms.api.test.test.run(fill).await;
    let document = crate::contents::document("createMenuItem", "menuItem { position }");
    let input = json!({"input": {"audience": "PORTAL", "title": "One more", "section": "HOME"}});
    let adding = (0..6).map(|_| rooms.api.request(&rooms.owner, &document, input.clone()));
    let answers = futures_util::future::join_all(adding).await;
    let mut positions: Vec<i64> = answers
        .iter()
        .filter_map(|answer| answer["data"]["createMenuItem"]["menuItem"]["position"].as_i64())
        .collect();
    positions.sort_unstable();
    assert_eq!(positions, [47, 48, 49], "{answers:?}");
    let full = answers.iter().filter(|answer| {
        let extensions = &answer["errors"][0]["extensions"];
        extensions["code"] == "BAD_USER_INPUT" && extensions["field"] == "input.audience"
    });
    assert_eq!(full.count(), 3, "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contacts_menu_costs_as_many_statements_with_many_items_as_with_few() {
    let rooms = Rooms::open().await;
    let cost = async || {
        let read = async || {
            shown(&rooms, &rooms.person).await;
        };
        rooms.api.statements(read).await
    };
    for round in 0..2 {
        for number in 0..3 {
            let course = rooms.course(&format!("Course {round} {number}")).await;
            let community = rooms.community(&format!("Community {round} {number}")).await;
            let offer = rooms.offer(json!({"courseIds": [course]})).await;
            for target in [
                json!({"courseId": course}),
                json!({"communityId": community}),
                json!({"offerId": offer}),
            ] {
                add(&rooms, "Item", json!({"visibleTo": target})).await;
            }
        }
        // The menu, offers, courses, communities, and the paths, perhaps twice.
        assert!(cost().await <= 6);
    }
}
