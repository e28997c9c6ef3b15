//! The account's own items in the menu of the portal.

use serde_json::{Value, json};

use super::{Portal, has, merged, text};

impl Portal {
    async fn menu_item(&self, title: &str, more: Value) -> String {
        let input = merged(json!({"audience": "PORTAL", "title": title}), more);
        text(&self.write("createMenuItem", input, "menuItem { id }").await["menuItem"]["id"])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn items_are_in_the_menu_of_those_who_see_them() {
    let portal = Portal::open().await;
    let (open, closed) = (
        portal.course("Open", json!({})).await,
        portal.course("Closed", json!({})).await,
    );
    portal.grant(&[&open], &[]).await;
    let input = json!({"title": "Offer", "courseIds": [closed], "status": "PUBLISHED"});
    let offer = text(&portal.write("createOffer", input, "offer { id }").await["offer"]["id"]);
    portal.set(json!({"frameHosts": ["frames.example"]})).await;
    portal
        .menu_item(
            "Shop",
            json!({"url": "https://shop.example/?a=1&b=2", "opensIn": "NEW_TAB"}),
        )
        .await;
    portal.menu_item("Meet", json!({"section": "COMMUNITIES"})).await;
    portal
        .menu_item(
            "For bakers",
            json!({"url": "https://a.example/", "visibleTo": {"courseId": open}}),
        )
        .await;
    portal
        .menu_item(
            "For brewers",
            json!({"url": "https://b.example/", "visibleTo": {"courseId": closed}}),
        )
        .await;
    portal
        .menu_item(
            "For members",
            json!({"url": "https://c.example/", "visibleTo": {"offerId": offer}}),
        )
        .await;
    let framed = json!({"url": "https://frames.example/calendar", "opensIn": "FRAME"});
    let framed = portal.menu_item("Calendar <b>", framed).await;
    let mut anna = portal.anna("").await;
    let page = anna.open("/p/acme/courses").await;
    has(
        &page,
        &[
            "href=\"https://shop.example/?a=1&#38;b=2\" dir=\"auto\" rel=\"noopener noreferrer\" target=\"_blank\"><svg class=\"icon\"",
            "aria-hidden=\"true\"",
            "/></svg>Shop</a>",
            "href=\"/p/acme/communities\" dir=\"auto\"><svg",
            "Meet</a>",
            "href=\"https://a.example/\" dir=\"auto\" rel=\"noopener noreferrer\"><svg",
            "For bakers</a>",
            &format!("href=\"/p/acme/menu/{framed}\" dir=\"auto\"><svg"),
            "Calendar &#60;b&#62;</a>",
        ],
    );
    assert!(
        !page.1.contains("For brewers") && !page.1.contains("For members"),
        "{}",
        page.1
    );
    let input =
        json!({"offerId": offer, "selection": {"contactIds": [portal.server.acme.contact.to_string()]}});
    portal.write("grantOffer", input, "count").await;
    has(&anna.open("/p/acme").await, &["For brewers", "For members"]);

    let path = format!("/p/acme/menu/{framed}");
    let page = anna.open(&path).await;
    has(
        &page,
        &[
            &format!("href=\"{path}\" dir=\"auto\" aria-current=\"page\""),
            "<iframe class=\"framed\" src=\"https://frames.example/calendar\"",
        ],
    );
    let policy = portal.policy(&anna, &path).await;
    assert!(policy.contains("frame-src https://frames.example; "), "{policy}");
    let mut limited = portal.anna(", section: COURSES, limitToSection: true").await;
    let page = limited.open("/p/acme/courses").await;
    has(&page, &["Shop", "For bakers"]);
    assert!(!page.1.contains(">Meet<"), "of another section");
    has(&limited.open(&path).await, &["<iframe"]);
    for other in ["menuitem_x", &offer] {
        assert_eq!(
            anna.open(&format!("/p/acme/menu/{other}")).await.0,
            404,
            "{other}"
        );
    }
    portal.stop().await;
}
