//! Affiliates: their codes and targets, the clicks on their links, and their sales.

mod clicks;
mod sales;

use chrono::TimeDelta;
use serde_json::{Value, json};
use vestibule::accounts::model::section::PortalSection;
use vestibule::base::actor::Scope;
use vestibule::base::ids::SessionId;
use vestibule::sign_in::auth_context::Viewer;

use crate::contents::{Rooms, document, merge, text};

const ALL: &str = "affiliate { id code link targetUrl status } enrolled";

/// Makes the contact an affiliate, or changes them as one.
async fn set(rooms: &Rooms, more: Value) -> Value {
    let mut input = json!({"contactId": rooms.id()});
    merge(&mut input, more);
    rooms.write("setAffiliate", input, ALL).await
}

async fn refused(rooms: &Rooms, more: Value) -> (String, String) {
    let mut input = json!({"contactId": rooms.id()});
    merge(&mut input, more);
    rooms.refused("setAffiliate", input).await
}

/// The id of another contact.
async fn another(rooms: &Rooms, email: &str) -> String {
    let contacts = rooms.api.test.add_contacts([email.to_owned()]).await;
    contacts[0].id.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_affiliate_gets_a_code_from_their_name_and_keeps_what_is_omitted() {
    let rooms = Rooms::open().await;
    rooms
        .api
        .test
        .test
        .run("update contacts set first_name = 'Zoë', last_name = 'Müller'")
        .await;
    let made = set(&rooms, json!({})).await;
    let affiliate = &made["affiliate"];
    assert_eq!(
        (
            &affiliate["code"],
            &affiliate["status"],
            &affiliate["targetUrl"],
            &made["enrolled"]
        ),
        (&json!("zoe-muller"), &json!("ACTIVE"), &Value::Null, &json!(true))
    );
    assert!(
        text(&affiliate["link"]).ends_with("/acme/r/zoe-muller"),
        "{affiliate}"
    );
    let changed = set(
        &rooms,
        json!({"targetUrl": "https://shop.example", "status": "PAUSED"}),
    )
    .await;
    assert_eq!(changed["enrolled"], false);
    assert_eq!(changed["affiliate"]["targetUrl"], "https://shop.example/");
    let again = set(&rooms, json!({"code": "Zoe_1"})).await;
    let expected = json!({"id": affiliate["id"], "code": "zoe_1", "targetUrl": "https://shop.example/", "status": "PAUSED",
        "link": text(&affiliate["link"]).replace("zoe-muller", "zoe_1")});
    assert_eq!(again["affiliate"], expected);
    set(&rooms, json!({"code": "zoe_1"})).await;
    let cleared = set(&rooms, json!({"targetUrl": null})).await;
    assert_eq!(cleared["affiliate"]["targetUrl"], Value::Null);
    let kinds = [
        "AFFILIATE_ENROLLED",
        "AFFILIATE_UPDATED",
        "AFFILIATE_UPDATED",
        "AFFILIATE_UPDATED",
    ];
    assert_eq!(
        rooms.events("AFFILIATE").await,
        kinds,
        "what changes nothing is not recorded"
    );
    let activity = rooms
        .api
        .data(&rooms.owner, "{ recentActivity { nodes { kind } } }", json!({}))
        .await;
    assert_eq!(
        activity["recentActivity"]["nodes"][0]["kind"],
        "AFFILIATE_ENROLLED"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_without_a_name_gets_a_random_code_and_a_namesake_an_ending() {
    let rooms = Rooms::open().await;
    let random = text(&set(&rooms, json!({})).await["affiliate"]["code"]);
    assert_eq!(random.len(), 8);
    let mut codes = Vec::new();
    for number in 0..3 {
        let contact = another(&rooms, &format!("ann{number}@example.com")).await;
        rooms
            .api
            .test
            .test
            .run("update contacts set first_name = 'Ann', last_name = 'Lee' where email like 'ann_@%'")
            .await;
        let made = rooms
            .write("setAffiliate", json!({"contactId": contact}), ALL)
            .await;
        codes.push(text(&made["affiliate"]["code"]));
    }
    assert_eq!(codes[0], "ann-lee");
    assert!(
        codes[1..]
            .iter()
            .all(|code| code.starts_with("ann-lee-") && code.len() == 16),
        "{codes:?}"
    );
    assert_ne!(codes[1], codes[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_belongs_to_one_affiliate_for_good_whatever_its_case() {
    let rooms = Rooms::open().await;
    set(&rooms, json!({"code": "first"})).await;
    set(&rooms, json!({"code": "second"})).await;
    let other = another(&rooms, "bob@example.com").await;
    let conflict = ("CONFLICT".to_owned(), "input.code".to_owned());
    for code in ["SECOND", "first"] {
        let input = json!({"contactId": other, "code": code});
        assert_eq!(rooms.refused("setAffiliate", input).await, conflict, "{code}");
    }
    rooms
        .write("setAffiliate", json!({"contactId": other, "code": "third"}), ALL)
        .await;
    assert_eq!(
        refused(&rooms, json!({"code": "third", "status": "PAUSED"})).await,
        conflict
    );
    let back = set(&rooms, json!({"code": "first"})).await;
    assert_eq!(
        (&back["affiliate"]["code"], &back["affiliate"]["status"]),
        (&json!("first"), &json!("ACTIVE")),
        "an earlier code of their own, and nothing of what was refused"
    );
    // Another account has codes of its own.
    let stranger = rooms.api.owner_of_other_account().await;
    let create = "mutation { createContact(input: {email: \"x@other.example\"}) { contact { id } } }";
    let created = rooms.api.data(&stranger, create, json!({})).await;
    let input = json!({"input": {"contactId": created["createContact"]["contact"]["id"], "code": "first"}});
    let made = rooms
        .api
        .data(&stranger, &document("setAffiliate", ALL), input)
        .await;
    assert_eq!(made["setAffiliate"]["affiliate"]["code"], "first");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_want_a_code_at_once_one_gets_it() {
    let rooms = Rooms::open().await;
    let emails: Vec<String> = (0..8)
        .map(|number| format!("racer{number}@example.com"))
        .collect();
    let contacts = rooms.api.test.add_contacts(emails).await;
    let wanting = contacts.iter().map(|contact| {
        let input = json!({"input": {"contactId": contact.id.to_string(), "code": "Prize"}});
        let (rooms, document) = (&rooms, document("setAffiliate", ALL));
        async move { rooms.api.request(&rooms.owner, &document, input).await }
    });
    let answers = futures_util::future::join_all(wanting).await;
    let won = answers
        .iter()
        .filter(|answer| answer.get("errors").is_none())
        .count();
    assert_eq!(won, 1, "{answers:?}");
    let lost = answers.iter().filter(|answer| {
        let extensions = &answer["errors"][0]["extensions"];
        extensions["code"] == "CONFLICT" && extensions["field"] == "input.code"
    });
    assert_eq!(lost.count(), 7, "{answers:?}");
    // The same contact at once: one affiliate, enrolled once.
    let twice = (0..6).map(|_| set(&rooms, json!({})));
    let answers = futures_util::future::join_all(twice).await;
    assert_eq!(
        answers.iter().filter(|answer| answer["enrolled"] == true).count(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_names_its_field() {
    let rooms = Rooms::open().await;
    let portal =
        text(&set(&rooms, json!({"code": "anna"})).await["affiliate"]["link"]).replace("http://", "https://");
    for (more, code, field) in [
        (json!({"code": "ab"}), "BAD_USER_INPUT", "input.code"),
        (json!({"code": "a b c"}), "BAD_USER_INPUT", "input.code"),
        (json!({"code": "änna"}), "BAD_USER_INPUT", "input.code"),
        (json!({"code": "a".repeat(41)}), "BAD_USER_INPUT", "input.code"),
        (
            json!({"targetUrl": "http://shop.example/"}),
            "BAD_USER_INPUT",
            "input.targetUrl",
        ),
        (
            json!({"targetUrl": "https://a:b@shop.example/"}),
            "BAD_USER_INPUT",
            "input.targetUrl",
        ),
        (
            json!({"targetUrl": "javascript:alert(1)"}),
            "BAD_USER_INPUT",
            "input.targetUrl",
        ),
        (json!({"targetUrl": portal}), "BAD_USER_INPUT", "input.targetUrl"),
        (
            json!({"targetUrl": portal.replace("anna", "other")}),
            "BAD_USER_INPUT",
            "input.targetUrl",
        ),
        (json!({"contactId": "contact_no"}), "NOT_FOUND", "input.contactId"),
    ] {
        let refused = refused(&rooms, more.clone()).await;
        assert_eq!(refused, (code.to_owned(), field.to_owned()), "{more}");
    }
    let setting = json!({"affiliateTargetUrl": portal});
    let field = rooms.refused("updatePortalSettings", setting).await.1;
    assert_eq!(field, "input.affiliateTargetUrl");
}

#[tokio::test(flavor = "multi_thread")]
async fn affiliates_are_found_by_code_and_contact() {
    let rooms = Rooms::open().await;
    set(&rooms, json!({"code": "baker", "status": "PAUSED"})).await;
    rooms.api.test.clock.advance(TimeDelta::seconds(1));
    let bob = another(&rooms, "bob@example.com").await;
    let made = rooms
        .write("setAffiliate", json!({"contactId": bob, "code": "brewer"}), ALL)
        .await;
    let found = async |arguments: &str| {
        let query = format!("{{ affiliates{arguments} {{ totalCount nodes {{ code }} }} }}");
        let data = rooms.api.data(&rooms.owner, &query, json!({})).await;
        let nodes = data["affiliates"]["nodes"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        assert_eq!(data["affiliates"]["totalCount"], nodes.len());
        nodes.iter().map(|node| text(&node["code"])).collect::<Vec<_>>()
    };
    assert_eq!(found("").await, ["brewer", "baker"]);
    assert_eq!(found("(search: \"BA\")").await, ["baker"]);
    assert_eq!(found("(search: \"bob\")").await, ["brewer"]);
    assert_eq!(
        found("(search: \"b%\")").await,
        ["brewer"],
        "a percent sign is no wildcard"
    );
    assert_eq!(found("(statuses: [PAUSED])").await, ["baker"]);
    assert_eq!(
        found("(search: \"brew\", statuses: [PAUSED])").await,
        Vec::<String>::new()
    );
    let query = "query ($id: ID!, $contact: ID!) { affiliate(id: $id) { code contact { id } }
        node(id: $id) { id } contact(id: $contact) { affiliate { code } } }";
    let ids = json!({"id": made["affiliate"]["id"], "contact": bob});
    let data = rooms.api.data(&rooms.owner, query, ids).await;
    assert_eq!(
        data["affiliate"],
        json!({"code": "brewer", "contact": {"id": bob}})
    );
    assert_eq!(data["contact"]["affiliate"]["code"], "brewer");
    assert_eq!(data["node"]["id"], made["affiliate"]["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_see_themselves_in_their_section_only() {
    let rooms = Rooms::open().await;
    let query = "{ me { affiliate { code link clickCount status commission { amount }
        clickHistory(from: \"2026-01-05\", to: \"2026-01-05\") { count } sales { totalCount nodes { externalId affiliate { id } } } } } }";
    let nothing = rooms.api.data(&rooms.person, query, json!({})).await;
    assert_eq!(nothing["me"]["affiliate"], Value::Null);
    let made = set(&rooms, json!({"code": "anna"})).await;
    sales::record(&rooms, json!({"affiliateId": made["affiliate"]["id"]})).await;
    let answer = rooms.api.request(&rooms.person, query, json!({})).await;
    let seen = &answer["data"]["me"]["affiliate"];
    assert_eq!((&seen["code"], &seen["clickCount"]), (&json!("anna"), &json!(0)));
    assert_eq!(
        seen["sales"]["nodes"],
        json!([{"externalId": null, "affiliate": null}])
    );
    assert_eq!(
        answer["errors"][0]["path"],
        json!(["me", "affiliate", "sales", "nodes", 0, "affiliate"])
    );
    for (section, open) in [(PortalSection::Affiliates, true), (PortalSection::Courses, false)] {
        let limited = Viewer::Contact {
            account: rooms.contact.account_id,
            contact: rooms.contact.id,
            session: SessionId::new(&rooms.api.test.clock.moment()),
            section: Some(section),
        };
        let answer = rooms
            .api
            .request(&limited, "{ me { affiliate { code clickCount } } }", json!({}))
            .await;
        assert_eq!(answer["data"]["me"]["affiliate"].is_null(), !open, "{answer}");
        let code = &answer["errors"][0]["extensions"]["code"];
        assert_eq!(code == "FORBIDDEN", !open, "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_without_read_sees_no_figures() {
    let rooms = Rooms::open().await;
    let key = rooms.api.key(&[Scope::Contacts]).await;
    let input = json!({"input": {"contactId": rooms.id(), "code": "anna"}});
    for figure in [
        "clickCount",
        "commission { amount }",
        "sales { totalCount }",
        "clickHistory(from: \"2026-01-01\", to: \"2026-01-02\") { count }",
    ] {
        let selected = format!("affiliate {{ {figure} }}");
        let document = document("setAffiliate", &selected);
        let refused = rooms.api.error(&key, &document, input.clone()).await;
        assert_eq!(refused.0, "FORBIDDEN", "{figure}");
    }
    assert_eq!(
        rooms.events("AFFILIATE").await,
        Vec::<String>::new(),
        "nothing has changed"
    );
    let made = rooms.api.data(&key, &document("setAffiliate", ALL), input).await;
    assert_eq!(made["setAffiliate"]["affiliate"]["code"], "anna");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_costs_as_many_statements_as_one_affiliate() {
    let rooms = Rooms::open().await;
    for number in 0..4 {
        let contact = another(&rooms, &format!("a{number}@example.com")).await;
        let made = rooms
            .write("setAffiliate", json!({"contactId": contact}), ALL)
            .await;
        sales::record(
            &rooms,
            json!({"affiliateId": made["affiliate"]["id"], "externalId": format!("{number}")}),
        )
        .await;
    }
    let cost = async |first: usize| {
        let query = format!(
            "{{ affiliates(first: {first}) {{ nodes {{ link clickCount commission {{ amount }} denied: commission(status: DENIED) {{ amount }}
                clickHistory(from: \"2026-01-01\", to: \"2026-01-31\") {{ count }} sales(first: 2) {{ totalCount nodes {{ id affiliate {{ id }} }} }}
                contact {{ id email affiliate {{ id }} }} }} }} }}"
        );
        let read = async || {
            let data = rooms.api.data(&rooms.owner, &query, json!({})).await;
            assert_eq!(data["affiliates"]["nodes"].as_array().map(Vec::len), Some(first));
        };
        rooms.api.statements(read).await
    };
    // The list, slugs, click counts, histories, commissions (perhaps twice), sales, their count, contacts, affiliates (twice).
    assert!(cost(1).await <= 11);
    assert!(cost(4).await <= 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_affiliate_goes_with_the_contact() {
    let rooms = Rooms::open().await;
    let made = set(&rooms, json!({"code": "anna"})).await;
    sales::record(&rooms, json!({"affiliateId": made["affiliate"]["id"]})).await;
    rooms
        .write(
            "deleteContact",
            json!({"contactId": rooms.id()}),
            "deletedContactId",
        )
        .await;
    let left = "select (select count(*) from affiliates) + (select count(*) from affiliate_codes) + (select count(*) from affiliate_sales)";
    assert_eq!(rooms.api.test.test.number(left).await, 0);
}
