//! Granting and revoking: by whom, until when, and for many.

use chrono::TimeDelta;
use serde_json::json;
use vestibule::base::actor::Scope;
use vestibule::base::ids::CourseId;
use vestibule::bulk_jobs::model::BulkJobStatus;

use super::{Rooms, text};

const GRANTS: &str = "query ($id: ID!) { contact(id: $id) { grants(includeRevoked: true) { nodes { id status startsAt endsAt } } } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_course_stays_open_while_any_grant_of_it_is_active() {
    let rooms = Rooms::open().await;
    let course = rooms.course("Baking").await;
    let offer = rooms.offer(json!({"courseIds": [course]})).await;
    assert!(rooms.open_courses().await.is_empty());
    rooms.assign(&[&course], &[], json!({})).await;
    rooms.grant_offer(&offer, json!({})).await;
    assert_eq!(rooms.open_courses().await, ["Baking"]);
    rooms.assign(&[], &[&course], json!({})).await;
    assert_eq!(rooms.open_courses().await, ["Baking"], "the offer opens it");
    let revoke = json!({"offerId": offer, "selection": {"contactIds": [rooms.id()]}});
    rooms.write("revokeOffer", revoke, "count").await;
    assert!(rooms.open_courses().await.is_empty());
    assert_eq!(
        rooms.events("%").await,
        [
            "COURSE_ASSIGNED",
            "COURSE_REVOKED",
            "OFFER_ACCESS_GRANTED",
            "OFFER_ACCESS_REVOKED"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_grant_prolongs_and_never_shortens_unless_it_says_when() {
    let rooms = Rooms::open().await;
    let course = rooms.course("Baking").await;
    let ends = async || {
        let found = rooms
            .api
            .data(&rooms.owner, GRANTS, json!({"id": rooms.id()}))
            .await;
        let grants = found["contact"]["grants"]["nodes"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        assert_eq!(grants.len(), 1, "a repeat changes the grant");
        grants[0]["endsAt"].clone()
    };
    let until = |end: &str| json!({"endsAt": end});
    rooms.assign(&[&course], &[], until("2026-02-01T00:00:00Z")).await;
    assert_eq!(ends().await, "2026-02-01T00:00:00.000000Z");
    rooms.assign(&[&course], &[], until("2026-01-20T00:00:00Z")).await;
    assert_eq!(ends().await, "2026-01-20T00:00:00.000000Z", "as it says");
    rooms.assign(&[&course], &[], json!({})).await;
    assert!(ends().await.is_null());
    rooms.assign(&[&course], &[], json!({})).await;
    assert!(ends().await.is_null());
    assert_eq!(
        rooms.events("COURSE").await.len(),
        3,
        "the last one changed nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_lasts_its_days_and_a_renewal_lasts_as_long_again() {
    let rooms = Rooms::open().await;
    let course = rooms.course("Baking").await;
    let offer = rooms
        .offer(json!({"courseIds": [course], "durationDays": 30}))
        .await;
    rooms.grant_offer(&offer, json!({})).await;
    rooms.api.test.clock.advance(TimeDelta::days(20));
    rooms.grant_offer(&offer, json!({})).await;
    rooms.api.test.clock.advance(TimeDelta::days(29));
    assert_eq!(rooms.open_courses().await, ["Baking"]);
    rooms.api.test.clock.advance(TimeDelta::days(1));
    assert!(rooms.open_courses().await.is_empty());
    rooms.grant_offer(&offer, json!({})).await;
    assert_eq!(rooms.open_courses().await, ["Baking"], "it begins anew");
    rooms.api.test.clock.advance(TimeDelta::days(30));
    assert!(rooms.open_courses().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_starts_and_ends_on_time() {
    let rooms = Rooms::open().await;
    let course = rooms.course("Baking").await;
    let dates = json!({"startsAt": "2026-01-06T10:00:00Z", "endsAt": "2026-01-07T10:00:00Z"});
    rooms.assign(&[&course], &[], dates).await;
    let status = async || {
        let found = rooms
            .api
            .data(&rooms.owner, GRANTS, json!({"id": rooms.id()}))
            .await;
        text(&found["contact"]["grants"]["nodes"][0]["status"])
    };
    let day = TimeDelta::days(1);
    let moment = TimeDelta::microseconds(1);
    for (wait, expected, open) in [
        (TimeDelta::zero(), "SCHEDULED", false),
        (day - moment, "SCHEDULED", false),
        (moment, "ACTIVE", true),
        (day - moment, "ACTIVE", true),
        (moment, "ENDED", false),
    ] {
        rooms.api.test.clock.advance(wait);
        assert_eq!(status().await, expected);
        assert_eq!(!rooms.open_courses().await.is_empty(), open);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_grant_is_revoked_once() {
    let rooms = Rooms::open().await;
    let course = rooms.course("Baking").await;
    rooms.assign(&[&course], &[], json!({})).await;
    let found = rooms
        .api
        .data(&rooms.owner, GRANTS, json!({"id": rooms.id()}))
        .await;
    let input = json!({"grantId": found["contact"]["grants"]["nodes"][0]["id"]});
    for _ in 0..2 {
        let revoked = rooms
            .write("revokeAccessGrant", input.clone(), "grant { status }")
            .await;
        assert_eq!(revoked["grant"]["status"], "REVOKED");
    }
    assert_eq!(rooms.events("COURSE_REVOKED").await.len(), 1);
    rooms.assign(&[&course], &[], json!({})).await;
    assert_eq!(rooms.open_courses().await, ["Baking"], "a new grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_granted_is_refused_with_its_field() {
    let rooms = Rooms::open().await;
    let course = rooms.course("Baking").await;
    let archived = rooms.course("Old").await;
    rooms
        .write("archiveCourse", json!({"courseId": archived}), "course { id }")
        .await;
    let draft = json!({"title": "Draft", "courseIds": [course]});
    let draft = rooms.write("createOffer", draft, "offer { id }").await;
    let missing = CourseId::new(&rooms.api.test.clock.moment()).to_string();
    let month = rooms
        .offer(json!({"courseIds": [course], "durationDays": 30}))
        .await;
    let id = rooms.id();
    let all = json!({"filter": {}});
    for (mutation, input, code, field) in [
        (
            "assignCourses",
            json!({"contactId": id, "add": [course, archived]}),
            "BAD_USER_INPUT",
            "input.add.1",
        ),
        (
            "assignCourses",
            json!({"contactId": id, "add": [missing]}),
            "NOT_FOUND",
            "input.add.0",
        ),
        (
            "assignCourses",
            json!({"contactId": id, "remove": [missing]}),
            "NOT_FOUND",
            "input.remove.0",
        ),
        (
            "assignCourses",
            json!({"contactId": id, "add": ["x"]}),
            "NOT_FOUND",
            "input.add.0",
        ),
        (
            "assignCourses",
            json!({"contactId": id}),
            "BAD_USER_INPUT",
            "input.add",
        ),
        (
            "assignCourses",
            json!({"contactId": id, "add": [course], "remove": [course]}),
            "BAD_USER_INPUT",
            "input.remove.0",
        ),
        (
            "assignCourses",
            json!({"add": [course]}),
            "BAD_USER_INPUT",
            "input.selection",
        ),
        (
            "assignCourses",
            json!({"contactId": id, "selection": all, "add": [course]}),
            "BAD_USER_INPUT",
            "input.selection",
        ),
        (
            "assignCourses",
            json!({"contactId": id, "add": [course], "endsAt": "2026-01-05T10:00:00Z"}),
            "BAD_USER_INPUT",
            "input.endsAt",
        ),
        (
            "assignCourses",
            json!({"contactId": id, "add": [course], "startsAt": "2026-03-01T00:00:00Z", "endsAt": "2026-02-01T00:00:00Z"}),
            "BAD_USER_INPUT",
            "input.endsAt",
        ),
        (
            "assignCourses",
            json!({"contactId": id, "add": [course, course, missing]}),
            "BAD_USER_INPUT",
            "input.add.1",
        ),
        (
            "assignCourses",
            json!({"contactId": id, "add": [course], "startsAt": "2025-12-01T00:00:00Z", "endsAt": "2025-12-02T00:00:00Z"}),
            "BAD_USER_INPUT",
            "input.endsAt",
        ),
        (
            "assignCourses",
            json!({"contactId": id, "add": [course], "startsAt": "2026-03-01T00:00:00.0000001Z",
                "endsAt": "2026-03-01T00:00:00.0000002Z"}),
            "BAD_USER_INPUT",
            "input.endsAt",
        ),
        (
            "grantOffer",
            json!({"offerId": month, "startsAt": "2025-01-01T00:00:00Z", "selection": all}),
            "BAD_USER_INPUT",
            "input.startsAt",
        ),
        (
            "grantOffer",
            json!({"offerId": month, "startsAt": "9999-12-30T00:00:00Z", "selection": all}),
            "BAD_USER_INPUT",
            "input.startsAt",
        ),
        (
            "grantOffer",
            json!({"offerId": month, "selection": {"filter": {"createdAfter": "x"}}}),
            "BAD_USER_INPUT",
            "input.selection.filter.createdAfter",
        ),
        (
            "grantOffer",
            json!({"offerId": month, "selection": {}}),
            "BAD_USER_INPUT",
            "input.selection",
        ),
        (
            "updateCommunityAccess",
            json!({"contactId": id, "add": [course]}),
            "NOT_FOUND",
            "input.add.0",
        ),
        (
            "grantOffer",
            json!({"offerId": course, "selection": all}),
            "NOT_FOUND",
            "input.offerId",
        ),
        (
            "grantOffer",
            json!({"offerId": draft["offer"]["id"], "selection": all}),
            "BAD_USER_INPUT",
            "input.offerId",
        ),
    ] {
        let refused = rooms.refused(mutation, input.clone()).await;
        assert_eq!(refused, (code.to_owned(), field.to_owned()), "{mutation} {input}");
    }
    assert!(rooms.events("%").await.is_empty(), "nothing is half done");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_get_access_by_a_job_that_can_be_tried_first() {
    let rooms = Rooms::open().await;
    let course = rooms.course("Baking").await;
    let emails = (0..250).map(|n| format!("person{n}@example.com"));
    rooms.api.test.add_contacts(emails).await;
    let grants = "select count(*) from access_grants";
    let mut input = json!({"selection": {"filter": {"search": "person"}}, "add": [course], "dryRun": true});
    let selected = "count bulkJob { id kind } skipped { reason }";
    let tried = rooms.write("assignCourses", input.clone(), selected).await;
    assert_eq!(tried, json!({"count": 250, "bulkJob": null, "skipped": []}));
    assert_eq!(rooms.api.test.test.number(grants).await, 0);
    input["dryRun"] = json!(false);
    let started = rooms.write("assignCourses", input, selected).await;
    assert_eq!(started["bulkJob"]["kind"], "GRANT");
    let worker = rooms.api.test.start_worker();
    let job = text(&started["bulkJob"]["id"]).parse().expect("an id");
    rooms.api.test.wait_for_job(job, BulkJobStatus::Succeeded).await;
    worker.stop().await;
    assert_eq!(rooms.api.test.test.number(grants).await, 250);
    assert_eq!(rooms.events("COURSE_ASSIGNED").await.len(), 250);
    let members = rooms
        .api
        .data(
            &rooms.owner,
            "query ($id: ID!) { course(id: $id) { memberCount members(first: 1) { totalCount nodes { email } } } }",
            json!({"id": course}),
        )
        .await;
    assert_eq!(
        (
            &members["course"]["memberCount"],
            &members["course"]["members"]["totalCount"]
        ),
        (&json!(250), &json!(250))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_contacts_cost_as_many_statements_as_one() {
    let rooms = Rooms::open().await;
    let course = rooms.course("Baking").await;
    let emails = (0..100).map(|n| format!("person{n}@example.com"));
    let many = rooms.api.test.add_contacts(emails).await;
    let ids: Vec<String> = many.iter().map(|contact| contact.id.to_string()).collect();
    // Another end each time, so that each time changes all of them.
    let mut day = 5;
    let mut cost = async |ids: &[String]| {
        rooms
            .api
            .statements(async || {
                day += 1;
                let ends_at = format!("2026-02-{day:02}T00:00:00Z");
                let input = json!({"selection": {"contactIds": ids}, "add": [course], "endsAt": ends_at});
                let count = rooms.write("assignCourses", input, "count").await["count"].clone();
                assert_eq!(count, ids.len());
            })
            .await
    };
    let one = cost(&ids[..1]).await;
    assert_eq!(one, 6);
    // It takes so long that a notification of other instances falls into it.
    assert!(cost(&ids).await <= one + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_is_archived_meanwhile_is_not_granted_by_a_job() {
    let rooms = Rooms::open().await;
    let course = rooms.course("Baking").await;
    let offer = rooms.offer(json!({"courseIds": [course]})).await;
    let emails = (0..150).map(|n| format!("person{n}@example.com"));
    rooms.api.test.add_contacts(emails).await;
    let input = json!({"offerId": offer, "selection": {"filter": {}}});
    let started = rooms.write("grantOffer", input, "bulkJob { id }").await;
    rooms
        .write("archiveOffer", json!({"offerId": offer}), "offer { id }")
        .await;
    let worker = rooms.api.test.start_worker();
    let job = text(&started["bulkJob"]["id"]).parse().expect("an id");
    // At once: the clock doesn't reach a retry.
    let job = rooms.api.test.wait_for_job(job, BulkJobStatus::Failed).await;
    assert!(job.last_error.is_some_and(|words| words.contains("archived")));
    worker.stop().await;
    let grants = "select count(*) from access_grants";
    assert_eq!(rooms.api.test.test.number(grants).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_without_read_learns_nothing_by_revoking() {
    let rooms = Rooms::open().await;
    let course = rooms.course("Baking").await;
    rooms.assign(&[&course], &[], json!({})).await;
    let found = rooms
        .api
        .data(&rooms.owner, GRANTS, json!({"id": rooms.id()}))
        .await;
    let grant = json!({"id": found["contact"]["grants"]["nodes"][0]["id"]});
    let key = rooms.api.key(&[Scope::Contacts]).await;
    let document = "mutation ($id: ID!) { revokeAccessGrant(input: {grantId: $id}) {
        grant { status target { ... on Course { title } } } } }";
    let refused = rooms.api.error(&key, document, grant.clone()).await;
    assert_eq!(refused.0, "FORBIDDEN");
    assert_eq!(rooms.open_courses().await, ["Baking"], "nothing was revoked");
    let document = "mutation ($id: ID!) { revokeAccessGrant(input: {grantId: $id}) { grant { status } } }";
    let revoked = rooms.api.data(&key, document, grant).await;
    assert_eq!(revoked["revokeAccessGrant"]["grant"]["status"], "REVOKED");
    let writer = rooms.api.key(&[Scope::Content]).await;
    let document = "query ($id: ID!) { course(id: $id) { title memberCount } }";
    let refused = rooms.api.error(&writer, document, json!({"id": course})).await;
    assert_eq!(refused.0, "FORBIDDEN", "the number of contacts");
}
