//! Sales: recorded once per external id, whatever happens at the same time.

use chrono::TimeDelta;
use serde_json::{Value, json};
use vestibule::base::actor::{Role, Scope};

use super::{another, set};
use crate::contents::{Rooms, document, merge, text};

const SALE: &str = "recorded sale { id externalId amount { amount currencyCode } commission { amount } status soldAt createdAt }";

fn sale(more: Value) -> Value {
    let mut input = json!({"externalId": "order-1", "amount": "12.50", "commission": "1.25", "currencyCode": "EUR",
        "soldAt": "2026-01-04T09:00:00Z"});
    merge(&mut input, more);
    input
}

pub async fn record(rooms: &Rooms, more: Value) -> Value {
    rooms.write("recordAffiliateSale", sale(more), SALE).await
}

async fn affiliate(rooms: &Rooms) -> String {
    text(&set(rooms, json!({"code": "anna"})).await["affiliate"]["id"])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_is_recorded_once_per_external_id() {
    let rooms = Rooms::open().await;
    let id = affiliate(&rooms).await;
    let first = record(&rooms, json!({"affiliateId": id})).await;
    assert_eq!(first["recorded"], true);
    let recorded = &first["sale"];
    assert_eq!(
        recorded["amount"],
        json!({"amount": "12.50", "currencyCode": "EUR"})
    );
    assert_eq!(
        (&recorded["commission"]["amount"], &recorded["status"]),
        (&json!("1.25"), &json!("PENDING"))
    );
    assert_eq!(recorded["soldAt"], "2026-01-04T09:00:00.000000Z");
    // By the code, and with the same values in another form.
    let same = json!({"code": "ANNA", "amount": "12.5", "currencyCode": "eur", "soldAt": "2026-01-04T10:00:00+01:00"});
    let repeated = record(&rooms, same.clone()).await;
    assert_eq!(repeated, json!({"recorded": false, "sale": recorded}));
    let paid = json!({"affiliateSaleId": recorded["id"], "status": "PAID"});
    rooms.write("updateAffiliateSale", paid, "sale { status }").await;
    let late = record(&rooms, same).await;
    assert_eq!(
        (&late["recorded"], &late["sale"]["status"]),
        (&json!(false), &json!("PAID"))
    );
    let bob = another(&rooms, "bob@example.com").await;
    rooms
        .write(
            "setAffiliate",
            json!({"contactId": bob, "code": "bob"}),
            "enrolled",
        )
        .await;
    for other in [
        json!({"code": "bob"}),
        json!({"code": "anna", "amount": "12.51"}),
        json!({"code": "anna", "commission": "1.26"}),
        json!({"code": "anna", "currencyCode": "USD"}),
        json!({"code": "anna", "status": "APPROVED"}),
        json!({"code": "anna", "soldAt": "2026-01-04T09:00:01Z"}),
    ] {
        let refused = rooms.refused("recordAffiliateSale", sale(other.clone())).await;
        assert_eq!(
            refused,
            ("CONFLICT".to_owned(), "input.externalId".to_owned()),
            "{other}"
        );
    }
    assert_eq!(
        rooms.events("AFFILIATE_SALE").await,
        ["AFFILIATE_SALE", "AFFILIATE_SALE_UPDATED"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_reports_at_once_one_is_recorded_and_the_others_repeat_it() {
    let rooms = Rooms::open().await;
    let id = affiliate(&rooms).await;
    let document = document("recordAffiliateSale", SALE);
    let report = |amount: &str| {
        let input = json!({"input": sale(json!({"affiliateId": id, "amount": amount}))});
        let (rooms, document) = (&rooms, &document);
        async move { rooms.api.request(&rooms.owner, document, input).await }
    };
    let same = futures_util::future::join_all((0..8).map(|_| report("12.50"))).await;
    let recorded = |answer: &Value| answer["data"]["recordAffiliateSale"]["recorded"].clone();
    assert_eq!(
        same.iter().filter(|answer| recorded(answer) == true).count(),
        1,
        "{same:?}"
    );
    assert_eq!(
        same.iter().filter(|answer| recorded(answer) == false).count(),
        7,
        "{same:?}"
    );
    rooms.api.test.test.run("delete from affiliate_sales").await;
    let amounts: Vec<String> = (10..18).map(|amount| amount.to_string()).collect();
    let different = futures_util::future::join_all(amounts.iter().map(|amount| report(amount))).await;
    assert_eq!(
        different.iter().filter(|answer| recorded(answer) == true).count(),
        1,
        "{different:?}"
    );
    let conflicts = different.iter().filter(|answer| {
        let extensions = &answer["errors"][0]["extensions"];
        extensions["code"] == "CONFLICT" && extensions["field"] == "input.externalId"
    });
    assert_eq!(conflicts.count(), 7, "{different:?}");
    assert_eq!(
        rooms
            .api
            .test
            .test
            .number("select count(*) from affiliate_sales")
            .await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_names_its_field() {
    let rooms = Rooms::open().await;
    let id = affiliate(&rooms).await;
    for (more, field) in [
        (json!({"amount": "-1"}), "amount"),
        (json!({"amount": "1.005"}), "amount"),
        (
            json!({"amount": "12.50", "currencyCode": "JPY", "commission": "1"}),
            "amount",
        ),
        (json!({"amount": "1,50"}), "amount"),
        (json!({"amount": "99999999999999999999"}), "amount"),
        (json!({"commission": "12.51"}), "commission"),
        (json!({"commission": "-0.01"}), "commission"),
        (json!({"commission": "0.001"}), "commission"),
        (json!({"currencyCode": "XXX"}), "currencyCode"),
        (json!({"currencyCode": "Euro"}), "currencyCode"),
        (json!({"externalId": " "}), "externalId"),
        (json!({"externalId": "a\u{0}b"}), "externalId"),
        (json!({"externalId": "x".repeat(201)}), "externalId"),
        (json!({"soldAt": "yesterday"}), "soldAt"),
        (json!({"code": "anna"}), "affiliateId"),
    ] {
        let mut input = sale(json!({"affiliateId": id}));
        merge(&mut input, more.clone());
        let refused = rooms.refused("recordAffiliateSale", input).await;
        assert_eq!(
            refused,
            ("BAD_USER_INPUT".to_owned(), format!("input.{field}")),
            "{more}"
        );
    }
    for (more, field) in [
        (json!({"affiliateId": "x"}), "affiliateId"),
        (json!({"code": "nobody"}), "code"),
    ] {
        let refused = rooms.refused("recordAffiliateSale", sale(more)).await;
        assert_eq!(refused, ("NOT_FOUND".to_owned(), format!("input.{field}")));
    }
    let neither = rooms.refused("recordAffiliateSale", sale(json!({}))).await;
    assert_eq!(
        neither,
        ("BAD_USER_INPUT".to_owned(), "input.affiliateId".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_commission_is_not_pending_again() {
    let rooms = Rooms::open().await;
    let id = affiliate(&rooms).await;
    let made = record(&rooms, json!({"affiliateId": id, "status": "APPROVED"})).await;
    let change = |status: &str| json!({"affiliateSaleId": made["sale"]["id"], "status": status});
    for status in ["PENDING", "APPROVED", "PAID", "PAID"] {
        let changed = rooms
            .write("updateAffiliateSale", change(status), "sale { status }")
            .await;
        assert_eq!(changed["sale"]["status"], status);
    }
    let refused = rooms.refused("updateAffiliateSale", change("PENDING")).await;
    assert_eq!(refused, ("CONFLICT".to_owned(), "input.status".to_owned()));
    rooms
        .write("updateAffiliateSale", change("DENIED"), "sale { status }")
        .await;
    for status in ["PENDING", "APPROVED"] {
        let refused = rooms.refused("updateAffiliateSale", change(status)).await;
        assert_eq!(
            refused,
            ("CONFLICT".to_owned(), "input.status".to_owned()),
            "it was paid once"
        );
    }
    let changes = rooms
        .api
        .test
        .test
        .texts("select (detail ->> 'from') || ' ' || (detail ->> 'to') from audit_events where kind = 'AFFILIATE_SALE_UPDATED' order by 1")
        .await;
    let changes: Vec<String> = changes.into_iter().flatten().collect();
    assert_eq!(
        changes,
        [
            "APPROVED PAID",
            "APPROVED PENDING",
            "PAID DENIED",
            "PENDING APPROVED"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn commissions_are_summed_up_by_currency() {
    let rooms = Rooms::open().await;
    let id = affiliate(&rooms).await;
    for (number, (currency, amount, commission, status)) in [
        ("EUR", "10", "1.10", "PENDING"),
        ("EUR", "10", "2.20", "PAID"),
        ("EUR", "10", "4.40", "DENIED"),
        ("JPY", "1000", "100", "APPROVED"),
        ("KWD", "1.000", "0.001", "PAID"),
    ]
    .into_iter()
    .enumerate()
    {
        let more = json!({"affiliateId": id, "externalId": format!("{number}"), "currencyCode": currency, "amount": amount,
            "commission": commission, "status": status});
        rooms.api.test.clock.advance(TimeDelta::seconds(1));
        record(&rooms, more).await;
    }
    let query = "query ($id: ID!) { affiliate(id: $id) { all: commission { amount currencyCode }
        paid: commission(status: PAID) { amount currencyCode } denied: commission(status: DENIED) { amount }
        sales(first: 2, statuses: [PAID, DENIED]) { totalCount nodes { externalId } pageInfo { hasNextPage } } } }";
    let data = rooms.api.data(&rooms.owner, query, json!({"id": id})).await;
    let money = |amount: &str, currency: &str| json!({"amount": amount, "currencyCode": currency});
    let affiliate = &data["affiliate"];
    assert_eq!(
        affiliate["all"],
        json!([money("3.30", "EUR"), money("100", "JPY"), money("0.001", "KWD")])
    );
    assert_eq!(
        affiliate["paid"],
        json!([money("2.20", "EUR"), money("0.001", "KWD")])
    );
    assert_eq!(affiliate["denied"], json!([{"amount": "4.40"}]));
    let sales = json!({"totalCount": 3, "nodes": [{"externalId": "4"}, {"externalId": "2"}], "pageInfo": {"hasNextPage": true}});
    assert_eq!(affiliate["sales"], sales);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_owners_admins_and_keys_with_the_scope_record_sales() {
    let rooms = Rooms::open().await;
    let id = affiliate(&rooms).await;
    let document = document("recordAffiliateSale", SALE);
    let input = json!({"input": sale(json!({"affiliateId": id}))});
    for caller in [
        rooms.api.member("staff@acme.example", Role::Staff).await,
        rooms.api.key(&[Scope::Contacts, Scope::Admin, Scope::Read]).await,
        rooms.person.clone(),
    ] {
        assert_eq!(
            rooms.api.error(&caller, &document, input.clone()).await.0,
            "FORBIDDEN"
        );
    }
    let key = rooms.api.key(&[Scope::Affiliates]).await;
    let made = rooms.api.data(&key, &document, input).await;
    assert_eq!(made["recordAffiliateSale"]["sale"]["externalId"], "order-1");
    let stranger = rooms.api.owner_of_other_account().await;
    let foreign = json!({"input": sale(json!({"affiliateId": id}))});
    let refused = rooms.api.error(&stranger, &document, foreign).await;
    assert_eq!(
        refused,
        ("NOT_FOUND".to_owned(), Some("input.affiliateId".to_owned()))
    );
}
