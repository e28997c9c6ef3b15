//! Searches, totals and smart lists.

use super::Scale;
use super::person::RARE_NAME;
use super::reads::Timed;
use crate::http::Load;

pub async fn measure(scale: &Scale<'_>) {
    searches(scale).await;
    totals(scale).await;
    smart_lists(scale).await;
}

async fn searches(scale: &Scale<'_>) {
    let query = format!(
        "select email from contacts where account_id = '{}' and first_name = 'Ingrid' limit 1",
        scale.server.account.0
    );
    let found: String = scale
        .server
        .sql
        .query_one(&query, &[])
        .await
        .expect("an Ingrid")
        .get(0);
    let beginning = found.split('@').next().unwrap_or_default();
    let beginning = &beginning[..beginning.len() - 1];
    for (name, search) in [
        ("the beginning of an address", beginning),
        ("a rare name", RARE_NAME),
        ("a frequent name", "Anna"),
        ("nothing found", "nothinglikethis"),
    ] {
        let query = format!(
            "{{ contacts(first: 20, filter: {{search: \"{search}\"}}) {{ nodes {{ id email name }} }} }}"
        );
        timed(scale, &format!("search: {name}, first page"), &query, None).await;
        let query = format!("{{ contacts(first: 0, filter: {{search: \"{search}\"}}) {{ totalCount }} }}");
        timed(scale, &format!("search: {name}, `totalCount`"), &query, None).await;
    }
    let query = "{ invitedUsers(first: 20, search: \"Anna\") { nodes { id email name } } }";
    timed(
        scale,
        "`invitedUsers` with a search for a frequent name",
        query,
        None,
    )
    .await;
}

async fn totals(scale: &Scale<'_>) {
    for (name, filter) in [
        ("no condition", "{}"),
        ("a status", "{portalStatus: [ACTIVE]}"),
        ("a tag of 1 %", "{tags: [\"vip\"]}"),
        ("a tag of 0.4 %", "{tags: [\"group 7\"]}"),
        ("joined within 30 days", "{joinedWithinDays: 30}"),
    ] {
        let query = format!("{{ contacts(first: 0, filter: {filter}) {{ totalCount }} }}");
        timed(scale, &format!("`totalCount`, {name}"), &query, None).await;
    }
    let query = "{ contacts(first: 20, filter: {tags: [\"vip\"]}) { nodes { id email } } }";
    timed(scale, "the first page with a tag of 1 %", query, None).await;
}

async fn smart_lists(scale: &Scale<'_>) {
    let course = &scale.course;
    // A second for each million.
    let limit = scale.size.contacts as f64 / 1_000_000.0;
    for (name, filter) in [
        (
            "a tag, a status and the course",
            format!("{{courseIds: [\"{course}\"], tags: [\"vip\"], portalStatus: [ACTIVE]}}"),
        ),
        (
            "without the course and not seen for 20 days",
            format!("{{withoutCourseIds: [\"{course}\"], notSeenForDays: 20}}"),
        ),
        (
            "no index helps: without a tag, no affiliate, added 100 days ago or more",
            "{noTags: [\"customer\"], affiliate: false, createdForDays: 100}".to_owned(),
        ),
    ] {
        let query = format!("{{ contacts(first: 0, filter: {filter}) {{ totalCount }} }}");
        timed(scale, &format!("smart list, {name}: count"), &query, Some(limit)).await;
        let query = format!("{{ contacts(first: 20, filter: {filter}) {{ nodes {{ id email name }} }} }}");
        timed(
            scale,
            &format!("smart list, {name}: first page"),
            &query,
            Some(limit),
        )
        .await;
    }
    let query = format!("{{ course(id: \"{course}\") {{ members(first: 20) {{ nodes {{ id email }} }} }} }}");
    timed(scale, "the first members of the course", &query, Some(limit)).await;
}

async fn timed(scale: &Scale<'_>, name: &str, query: &str, limit: Option<f64>) {
    Timed {
        name: scale.size.at(name),
        load: Load::query(&scale.server.key, query),
        limit,
        against: limit.map_or("–".to_owned(), |limit| {
            format!("{limit:.1} s: 1 s for each million")
        }),
    }
    .measure(scale)
    .await;
}
