//! Courses, communities and offers, and what contacts may open.

mod arithmetic;
mod contact_side;
mod courses;
mod grants;
mod offers;
mod writing;

use serde_json::{Value, json};
use vestibule::contacts::model::Contact;
use vestibule::sign_in::auth_context::Viewer;

use crate::support::TestApi;

/// An account with its owner and a contact who is signed in.
pub struct Rooms {
    pub api: TestApi,
    pub owner: Viewer,
    pub contact: Contact,
    pub person: Viewer,
}

impl Rooms {
    pub async fn open() -> Self {
        let api = TestApi::open().await;
        let owner = api.owner().await;
        let mut contacts = api.test.add_contacts(["anna@example.com".to_owned()]).await;
        let contact = contacts.pop().expect("a contact");
        let person = api.contact(&contact);
        Self {
            api,
            owner,
            contact,
            person,
        }
    }

    pub fn id(&self) -> String {
        self.contact.id.to_string()
    }

    /// Runs a mutation as the owner and returns its payload.
    pub async fn write(&self, mutation: &str, input: Value, selected: &str) -> Value {
        let document = document(mutation, selected);
        let data = self
            .api
            .data(&self.owner, &document, json!({ "input": input }))
            .await;
        data[mutation].clone()
    }

    /// The code and field of the error of a mutation by the owner.
    pub async fn refused(&self, mutation: &str, input: Value) -> (String, String) {
        let document = document(mutation, "__typename");
        let error = self.api.error(&self.owner, &document, json!({ "input": input }));
        let (code, field) = error.await;
        (code, field.unwrap_or_default())
    }

    /// The id of a new published course.
    pub async fn course(&self, title: &str) -> String {
        let input = json!({"title": title, "status": "PUBLISHED"});
        let made = self.write("createCourse", input, "course { id }").await;
        text(&made["course"]["id"])
    }

    /// The id of a new published community.
    pub async fn community(&self, name: &str) -> String {
        let input = json!({"name": name, "status": "PUBLISHED"});
        let made = self.write("createCommunity", input, "community { id }").await;
        text(&made["community"]["id"])
    }

    /// The id of a new published offer.
    pub async fn offer(&self, more: Value) -> String {
        let mut input = json!({"title": "An offer", "status": "PUBLISHED"});
        merge(&mut input, more);
        let made = self.write("createOffer", input, "offer { id }").await;
        text(&made["offer"]["id"])
    }

    /// The id of a new module.
    pub async fn module(&self, course: &str, title: &str) -> String {
        let input = json!({"courseId": course, "title": title});
        let made = self.write("createCourseModule", input, "module { id }").await;
        text(&made["module"]["id"])
    }

    /// The id of a new lesson.
    pub async fn lesson(&self, module: &str, title: &str) -> String {
        let input = json!({"moduleId": module, "title": title, "kind": "TEXT", "body": "Hello"});
        let made = self.write("createLesson", input, "lesson { id }").await;
        text(&made["lesson"]["id"])
    }

    pub async fn grant_offer(&self, offer: &str, more: Value) -> Value {
        let mut input = json!({"offerId": offer, "selection": {"contactIds": [self.id()]}});
        merge(&mut input, more);
        self.write("grantOffer", input, "count").await
    }

    pub async fn assign(&self, add: &[&str], remove: &[&str], more: Value) -> Value {
        let mut input = json!({"contactId": self.id(), "add": add, "remove": remove});
        merge(&mut input, more);
        self.write("assignCourses", input, "count skipped { reason }")
            .await
    }

    /// The titles of the courses that the contact may open now, sorted.
    pub async fn open_courses(&self) -> Vec<String> {
        let query = "{ me { courses(first: 100) { edges { open node { title } } } } }";
        let data = self.api.data(&self.person, query, json!({})).await;
        let edges = data["me"]["courses"]["edges"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let open = edges.iter().filter(|edge| edge["open"] == true);
        let mut titles: Vec<String> = open.map(|edge| text(&edge["node"]["title"])).collect();
        titles.sort();
        titles
    }

    /// The kinds of the audit events of the contact, with this beginning, sorted.
    pub async fn events(&self, beginning: &str) -> Vec<String> {
        let query = format!(
            "select kind from audit_events where contact_id is not null and kind like '{beginning}%' order by kind"
        );
        let kinds = self.api.test.test.texts(&query).await;
        kinds.into_iter().flatten().collect()
    }
}

pub fn document(mutation: &str, selected: &str) -> String {
    let mut name = mutation.to_owned();
    name[..1].make_ascii_uppercase();
    format!("mutation ($input: {name}Input!) {{ {mutation}(input: $input) {{ {selected} }} }}")
}

pub fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

pub fn merge(input: &mut Value, more: Value) {
    let (Some(input), Value::Object(more)) = (input.as_object_mut(), more) else {
        panic!("objects");
    };
    input.extend(more);
}
