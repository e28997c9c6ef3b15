//! What contacts may open: giving it to many, and reading it.

use std::time::{Duration, Instant};

use serde_json::Value;
use vestibule::base::ids::CourseId;

use crate::bench_server::BenchServer;
use crate::http::Load;
use crate::row::{PAIRS, Row, compare, median, per_second};

const WITH_COURSES: &str = "{ invitedUsers(first: 20) { nodes { id email name courses(first: 5) { edges { open node { id title } } } } } }";

/// The ids of two courses with a lesson each, created on first use.
pub async fn courses(server: &BenchServer) -> Vec<String> {
    let query = "{ courses(first: 2) { nodes { id } } }";
    let ids = |found: &Value| -> Vec<String> {
        let nodes = found["courses"]["nodes"].as_array().cloned().unwrap_or_default();
        nodes
            .iter()
            .filter_map(|node| node["id"].as_str().map(str::to_owned))
            .collect()
    };
    let found = ids(&server.request(query).await);
    if !found.is_empty() {
        return found;
    }
    for title in ["Baking", "Brewing"] {
        let create = format!(
            "mutation {{ createCourse(input: {{title: \"{title}\", status: PUBLISHED}}) {{ course {{ id }} }} }}"
        );
        server.request(&create).await;
    }
    ids(&server.request(query).await)
}

/// Grants a course to all active contacts.
async fn grant_to_active(server: &BenchServer, course: &str) {
    let course: CourseId = course.parse().expect("an id");
    let grant = format!(
        "insert into access_grants (account_id, id, contact_id, course_id, source, starts_at, granted_by, created_at)
         select account_id, gen_random_uuid(), id, '{}', 'DIRECT', now(), 'system', now() from contacts where status = 2
         on conflict do nothing;\nvacuum analyze access_grants",
        course.0
    );
    server.execute(&grant).await;
}

/// Seconds until a job has ended.
pub async fn finished(server: &BenchServer, started_at: Instant, job: &Value) -> f64 {
    let query = format!("{{ bulkJob(id: {job}) {{ status }} }}");
    loop {
        let found = server.request(&query).await;
        let status = &found["bulkJob"]["status"];
        assert_ne!(status, "FAILED", "the job {job}");
        if status == "SUCCEEDED" {
            return started_at.elapsed().as_secs_f64();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub async fn measure(server: &BenchServer) {
    server.fill(10_000).await;
    let courses = courses(server).await;
    let started_at = Instant::now();
    let assign = format!(
        "mutation {{ assignCourses(input: {{selection: {{filter: {{}}}}, add: [\"{}\"]}}) {{ count bulkJob {{ id }} }} }}",
        courses[0]
    );
    let assigned = server.request(&assign).await;
    let count = assigned["assignCourses"]["count"].as_i64().unwrap_or_default();
    let seconds = finished(server, started_at, &assigned["assignCourses"]["bulkJob"]["id"]).await;
    let each = seconds * 10_000.0 / count as f64;
    Row {
        name: "10,000 contacts get a course by one job".to_owned(),
        measured: format!("{each:.2} s"),
        against: "10 s".to_owned(),
        ratio: Some(each / 10.0),
        limit: "≤ 1".to_owned(),
    }
    .print();
    let bare = Load::query(&server.token, "{ __typename }");
    let (one, other, ratio) = compare(server, &Load::query(&server.token, WITH_COURSES), &bare).await;
    Row {
        name: "`invitedUsers(first: 20)` with their courses".to_owned(),
        measured: per_second(one),
        against: format!("`__typename` {}", per_second(other)),
        ratio: Some(ratio),
        limit: "–".to_owned(),
    }
    .print();
}

/// Among a million contacts, a third of whom have a course.
pub async fn measure_many(server: &BenchServer) {
    let courses = courses(server).await;
    grant_to_active(server, &courses[0]).await;
    let course = &courses[0];
    for (name, query) in [
        (
            "count a smart list by course, tag and status",
            format!(
                "{{ contacts(first: 0, filter: {{courseIds: [\"{course}\"], tags: [\"tag3\"], portalStatus: [ACTIVE]}}) {{ totalCount }} }}"
            ),
        ),
        (
            "count a smart list of those without the course who were not seen for 20 days",
            format!(
                "{{ contacts(first: 0, filter: {{withoutCourseIds: [\"{course}\"], notSeenForDays: 20}}) {{ totalCount }} }}"
            ),
        ),
        (
            "the first members of the course",
            format!("{{ course(id: \"{course}\") {{ members(first: 20) {{ nodes {{ id email }} }} }} }}"),
        ),
    ] {
        let mut seconds = Vec::new();
        for _ in 0..PAIRS {
            let started_at = Instant::now();
            server.request(&query).await;
            seconds.push(started_at.elapsed().as_secs_f64());
        }
        let seconds = median(seconds);
        Row {
            name: format!("{name}, 1,000,000 contacts"),
            measured: format!("{seconds:.3} s"),
            against: "1 s".to_owned(),
            ratio: Some(seconds),
            limit: "≤ 1".to_owned(),
        }
        .print();
    }
}
