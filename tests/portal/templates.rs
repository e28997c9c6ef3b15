//! Templates: saving, versions, merge fields, problems, previews.

mod preview;
mod saving;
mod test_message;

use serde_json::{Value, json};
use vestibule::contacts::model::Contact;
use vestibule::sign_in::auth_context::Viewer;

use crate::contents::{document, merge};
use crate::support::TestApi;

const ALL: &str = "template { id name channel status version format subject body text } problems { message field line column severity mergeField suggestion }";

/// An account with its owner and a contact.
pub struct Desk {
    pub api: TestApi,
    pub owner: Viewer,
    pub contact: Contact,
}

impl Desk {
    pub async fn open() -> Self {
        let api = TestApi::open().await;
        let owner = api.owner().await;
        let mut contacts = api.test.add_contacts(["anna@example.com".to_owned()]).await;
        let contact = contacts.pop().expect("a contact");
        Self { api, owner, contact }
    }

    /// Runs a mutation as the owner and returns its payload.
    pub async fn write(&self, mutation: &str, input: Value) -> Value {
        let selected = if mutation == "archiveTemplate" {
            "template { id name status }"
        } else {
            ALL
        };
        let variables = json!({ "input": input });
        let data = self
            .api
            .data(&self.owner, &document(mutation, selected), variables)
            .await;
        data[mutation].clone()
    }

    /// The code and the field of the error of a mutation by the owner.
    pub async fn refused(&self, mutation: &str, input: Value) -> (String, String) {
        let document = document(mutation, "__typename");
        let error = self
            .api
            .error(&self.owner, &document, json!({ "input": input }))
            .await;
        (error.0, error.1.unwrap_or_default())
    }

    /// Creates an email, unless `more` says otherwise.
    pub async fn create(&self, more: Value) -> Value {
        self.write("createTemplate", email(more)).await
    }
}

pub fn email(more: Value) -> Value {
    let mut input = json!({"name": "Welcome", "channel": "EMAIL", "format": "MARKDOWN", "subject": "Hello",
        "body": "Hi {{ contact.first_name | default(\"there\") }}"});
    merge(&mut input, more);
    input
}
