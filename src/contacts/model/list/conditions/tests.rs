use super::*;

fn parse(json: &str) -> Result<Filter> {
    let now = "2026-01-05T10:00:00Z".parse().expect("a time");
    Conditions::from_json("filter", json)?.parse("filter", now)
}

#[test]
fn conditions_have_the_names_of_the_api() {
    let json = r#"{"portalStatus": ["NOT_INVITED", "ACTIVE"], "tags": ["vip"], "search": null,
        "joinedAfter": "2026-01-05T10:00:00Z"}"#;
    let conditions = Conditions::from_json("filter", json).expect("conditions");
    assert_eq!(conditions.names(), ["joinedAfter", "portalStatus", "tags"]);
    let filter = parse(json).expect("valid conditions");
    assert_eq!(filter.statuses, Some(vec![0, 2]));
    assert!(filter.search.is_none() && filter.joined_after.is_some());
}

#[test]
fn days_are_counted_back_and_the_narrower_of_two_conditions_counts() {
    let at = |text: &str| text.parse::<DateTime<Utc>>().ok();
    let filter =
        parse(r#"{"joinedWithinDays": 3, "joinedAfter": "2026-01-01T00:00:00Z", "notSeenForDays": 30}"#);
    let filter = filter.expect("valid conditions");
    assert_eq!(filter.joined_after, at("2026-01-02T10:00:00Z"));
    assert_eq!(filter.last_seen_before, at("2025-12-06T10:00:00Z"));
    let filter =
        parse(r#"{"createdForDays": 2, "invitedWithinDays": 1, "joinedForDays": 3, "seenWithinDays": 4}"#);
    let filter = filter.expect("valid conditions");
    assert_eq!(filter.created_before, at("2026-01-03T10:00:00Z"));
    assert_eq!(filter.invited_after, at("2026-01-04T10:00:00Z"));
    assert_eq!(filter.joined_before, at("2026-01-02T10:00:00Z"));
    assert_eq!(filter.last_seen_after, at("2026-01-01T10:00:00Z"));
    let filter = parse(r#"{"invitedForDays": 1, "invitedBefore": "2026-01-01T00:00:00Z"}"#);
    assert_eq!(
        filter.expect("valid conditions").invited_before,
        at("2026-01-01T00:00:00Z")
    );
}

#[test]
fn a_wrong_condition_is_named() {
    for (json, expected) in [
        ("[]", "filter"),
        ("{", "filter"),
        (r#"{"tags": "vip"}"#, "filter.tags"),
        (r#"{"portalStatus": ["GONE"]}"#, "filter.portalStatus"),
        (r#"{"status": []}"#, "filter.status"),
        (r#"{"createdAfter": "now"}"#, "filter.createdAfter"),
        (r#"{"tags": []}"#, "filter.tags"),
        (r#"{"allTags": ["a", " "]}"#, "filter.allTags.1"),
        (r#"{"createdWithinDays": 0}"#, "filter.createdWithinDays"),
        (r#"{"notSeenForDays": 9999999999}"#, "filter.notSeenForDays"),
        (r#"{"courseIds": []}"#, "filter.courseIds"),
        (r#"{"courseIds": ["offer_01jx3v9k2m"]}"#, "filter.courseIds.0"),
        (
            r#"{"courseProgress": {"courseId": "x", "progress": "STARTED"}}"#,
            "filter.courseProgress.courseId",
        ),
        (
            r#"{"courseProgress": {"courseId": "x", "progress": "LOST"}}"#,
            "filter.courseProgress",
        ),
    ] {
        let field = parse(json).expect_err("refused").field.clone();
        assert_eq!(field.as_deref(), Some(expected), "{json}");
    }
}
