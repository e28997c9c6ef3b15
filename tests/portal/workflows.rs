//! Workflows: drafts, publishing, runs.

mod contacts;
mod counts;
mod drafts;
mod duplicates;
mod entering;
mod marketing;
mod model;
mod order;
mod publishing;
mod races;
mod states;
mod steps;
mod timed;
mod walk;

use serde_json::{Value, json};
use vestibule::live::Topic;

use crate::contents::{Rooms, merge, text};
use crate::support::{TestWorker, wait_until};

const RUN: &str = "id status currentStepKey dueAt endReason problem trigger version contact { id } \
    steps { key visit outcome reason message { kind } doneAt }";

/// An account with its owner, a contact and, mostly, a worker.
pub struct Desk {
    pub rooms: Rooms,
    _worker: Option<TestWorker>,
}

impl Desk {
    pub async fn open() -> Self {
        Self::open_without_worker().await.with_worker()
    }

    pub async fn open_without_worker() -> Self {
        Self {
            rooms: Rooms::open().await,
            _worker: None,
        }
    }

    pub fn with_worker(self) -> Self {
        Self {
            _worker: Some(self.rooms.api.test.start_worker()),
            ..self
        }
    }

    /// The id of a new template: an email, unless `more` says otherwise.
    pub async fn template(&self, name: &str, more: Value) -> String {
        let mut input = json!({"name": name, "channel": "EMAIL", "format": "MARKDOWN", "subject": "Hello", "body": "Hello"});
        merge(&mut input, more);
        let made = self.rooms.write("createTemplate", input, "template { id }").await;
        text(&made["template"]["id"])
    }

    /// The id of a new draft.
    pub async fn draft(&self, triggers: Value, steps: Value, more: Value) -> String {
        let mut input = json!({"name": "A workflow", "triggers": triggers, "steps": steps});
        merge(&mut input, more);
        let made = self
            .rooms
            .write("createWorkflow", input, "workflow { id status }")
            .await;
        assert_eq!(made["workflow"]["status"], "DRAFT");
        text(&made["workflow"]["id"])
    }

    pub async fn publish(&self, id: &str, more: Value) -> Value {
        let mut input = json!({"workflowId": id});
        merge(&mut input, more);
        let selected = "workflow { id status version hasChanges } inFlight { finishing moved stopped }";
        self.rooms.write("publishWorkflow", input, selected).await
    }

    /// The id of a new workflow that is published.
    pub async fn workflow(&self, triggers: Value, steps: Value, more: Value) -> String {
        let id = self.draft(triggers, steps, more).await;
        let published = self.publish(&id, json!({})).await;
        assert_eq!(published["workflow"]["status"], "PUBLISHED");
        id
    }

    /// Adds and removes tags of the contact.
    pub async fn tag(&self, add: &[&str], remove: &[&str]) {
        self.rooms
            .write("updateContactTags", tag_input(&self.rooms, add, remove), "count")
            .await;
    }

    /// Waits until every event is seen and no run is due.
    pub async fn settle(&self) {
        let now = self.rooms.api.test.clock.now().to_rfc3339();
        let open = format!(
            "select (select count(*) from workflow_events) + (select count(*) from workflow_runs \
             where status = 'RUNNING' and not resting and due_at <= '{now}')"
        );
        self.wake();
        wait_until("nothing is due", async || self.number(&open).await == 0).await;
    }

    pub async fn number(&self, query: &str) -> i64 {
        self.rooms.api.test.test.number(query).await
    }

    pub fn advance(&self, by: chrono::TimeDelta) {
        self.rooms.api.test.clock.advance(by);
        self.wake();
    }

    /// The worker looks now instead of within a second.
    fn wake(&self) {
        let test = &self.rooms.api.test;
        test.parts.live.nudge(test.account.id, &[Topic::Activity]);
    }

    /// The runs of a workflow, oldest first, once nothing is due.
    pub async fn runs(&self, id: &str) -> Vec<Value> {
        self.settle().await;
        let query = format!(
            "query ($id: ID!) {{ workflow(id: $id) {{ runs(first: 100) {{ nodes {{ {RUN} }} }} }} }}"
        );
        let data = self
            .rooms
            .api
            .data(&self.rooms.owner, &query, json!({"id": id}))
            .await;
        let mut runs = data["workflow"]["runs"]["nodes"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        runs.reverse();
        runs
    }

    /// The only run of a workflow.
    pub async fn run(&self, id: &str) -> Value {
        let runs = self.runs(id).await;
        assert_eq!(runs.len(), 1, "{runs:#?}");
        runs[0].clone()
    }

    pub async fn tags(&self) -> Vec<String> {
        let tags = "select unnest(tags) from contacts order by 1";
        self.rooms
            .api
            .test
            .test
            .texts(tags)
            .await
            .into_iter()
            .flatten()
            .collect()
    }
}

/// The id of a new published offer of a course.
pub async fn offer(rooms: &Rooms, title: &str) -> String {
    let course = rooms.course(&format!("{title}: the course")).await;
    rooms.offer(json!({"title": title, "courseIds": [course]})).await
}

/// An input that adds and removes tags of the contact.
pub fn tag_input(rooms: &Rooms, add: &[&str], remove: &[&str]) -> Value {
    let mut input = json!({"contactIds": [rooms.id()]});
    for (name, tags) in [("add", add), ("remove", remove)] {
        if !tags.is_empty() {
            input[name] = json!(tags);
        }
    }
    input
}

/// The steps of a run with their outcomes, such as `mail:DONE`.
pub fn way(run: &Value) -> Vec<String> {
    let steps = run["steps"].as_array().cloned().unwrap_or_default();
    let shown = |step: &Value| {
        let outcome = step["outcome"].as_str().unwrap_or("-");
        format!("{}:{outcome}", step["key"].as_str().unwrap_or_default())
    };
    steps.iter().map(shown).collect()
}

pub fn tag_added(tag: &str) -> Value {
    json!([{"trigger": "TAG_ADDED", "tags": [tag]}])
}

pub fn add_tag(key: &str, tag: &str, next: Option<&str>) -> Value {
    json!({"addTags": {"key": key, "tags": [tag], "next": next}})
}

pub fn wait_for(key: &str, amount: i64, unit: &str, next: Option<&str>) -> Value {
    json!({"wait": {"key": key, "duration": {"amount": amount, "unit": unit}, "next": next}})
}
