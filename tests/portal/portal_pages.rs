//! The pages of signed-in contacts: home, courses, lessons, communities, affiliate centre.

mod closed;
mod cost;
mod lessons;
mod menu;
mod sections;
mod shown;

use serde_json::{Value, json};
use vestibule::base::actor::Scope;
use vestibule::team::model::api_key::ApiKey;

use crate::support::{TestBrowser, TestServer};

/// A server with a contact, Anna.
pub struct Portal {
    pub server: TestServer,
    /// A key with all scopes: it doesn't expire when the clock advances.
    key: String,
}

impl Portal {
    pub async fn open() -> Self {
        let server = TestServer::open().await;
        let mut conn = server.test.db.conn().await.expect("a connection");
        let moment = server.clock.moment();
        let made = ApiKey::create(&mut conn, server.acme.id, "all", Scope::ALL, &moment).await;
        drop(conn);
        Self {
            key: made.expect("a key").1.reveal(),
            server,
        }
    }

    /// Anna's browser, signed in by a link; `input` is more of the link.
    pub async fn anna(&self, input: &str) -> TestBrowser<'_> {
        let contact = self.server.acme.contact.to_string();
        let make = format!(
            "mutation ($id: ID!) {{ generateMagicLink(input: {{contactId: $id{input}}}) {{ url }} }}"
        );
        let made = self
            .server
            .data(&self.server.acme.key, &make, json!({"id": contact}))
            .await;
        let url = text(&made["generateMagicLink"]["url"]);
        let path = url.strip_prefix(&self.server.url).expect("ours").to_owned();
        let mut browser = TestBrowser::new(&self.server);
        assert_eq!(browser.redeem(&path).await, 303);
        browser
    }

    pub async fn write(&self, mutation: &str, input: Value, selected: &str) -> Value {
        let mut name = mutation.to_owned();
        name[..1].make_ascii_uppercase();
        let document =
            format!("mutation ($input: {name}Input!) {{ {mutation}(input: $input) {{ {selected} }} }}");
        let data = self
            .server
            .data(&self.key, &document, json!({"input": input}))
            .await;
        data[mutation].clone()
    }

    /// The id of a new published course; `more` is more of its input.
    pub async fn course(&self, title: &str, more: Value) -> String {
        let input = merged(json!({"title": title, "status": "PUBLISHED"}), more);
        text(&self.write("createCourse", input, "course { id }").await["course"]["id"])
    }

    /// The ids of new lessons in a new module.
    pub async fn lessons(&self, course: &str, titles: &[&str]) -> Vec<String> {
        let input = json!({"courseId": course, "title": "A module"});
        let module = self.write("createCourseModule", input, "module { id }").await;
        let mut ids = Vec::new();
        for title in titles {
            let input = json!({"moduleId": module["module"]["id"], "title": title, "kind": "TEXT", "body": "# Hello"});
            let made = self.write("createLesson", input, "lesson { id }").await;
            ids.push(text(&made["lesson"]["id"]));
        }
        ids
    }

    pub async fn community(&self, name: &str, more: Value) -> String {
        let input = merged(json!({"name": name, "status": "PUBLISHED"}), more);
        text(&self.write("createCommunity", input, "community { id }").await["community"]["id"])
    }

    /// Grants Anna courses and communities.
    pub async fn grant(&self, courses: &[&str], communities: &[&str]) {
        let contact = self.server.acme.contact.to_string();
        for (mutation, add) in [("assignCourses", courses), ("updateCommunityAccess", communities)] {
            if !add.is_empty() {
                let input = json!({"contactId": contact, "add": add});
                self.write(mutation, input, "count").await;
            }
        }
    }

    async fn take_away(&self, course: &str) {
        let input = json!({"contactId": self.server.acme.contact.to_string(), "remove": [course]});
        self.write("assignCourses", input, "count").await;
    }

    pub async fn set(&self, input: Value) {
        self.write("updatePortalSettings", input, "portal { id }").await;
    }

    pub async fn stop(self) {
        self.server.stop().await;
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn merged(mut input: Value, more: Value) -> Value {
    let (Some(fields), Value::Object(more)) = (input.as_object_mut(), more) else {
        panic!("objects");
    };
    fields.extend(more);
    input
}

/// Asserts that the page is shown and contains all parts, in this order.
#[track_caller]
pub fn has(page: &(u16, String), parts: &[&str]) {
    assert_eq!(page.0, 200, "{}", page.1);
    let mut rest = &page.1[..];
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else {
            panic!("{part} is missing in: {}", page.1);
        };
        rest = after;
    }
}
