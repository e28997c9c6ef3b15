//! An account's own texts of system emails.

mod recipients;
mod saving;
mod sending;

use serde_json::{Value, json};
use vestibule::sign_in::auth_context::Viewer;

use crate::contents::{document, merge};
use crate::support::TestApi;

const ALL: &str = "systemEmail { kind language subject body custom problems { message field severity } updatedAt updatedBy } \
    problems { message field line column severity }";
const READ: &str =
    "query ($kind: SystemEmailKind!, $language: Language!) { systemEmail(kind: $kind, language: $language) {
    subject body custom problems { message field severity } updatedAt } }";

/// An account with its owner.
pub struct Desk {
    pub api: TestApi,
    pub owner: Viewer,
}

impl Desk {
    pub async fn open() -> Self {
        let api = TestApi::open().await;
        let owner = api.owner().await;
        Self { api, owner }
    }

    /// Writes an own text of the invitation in English, unless `more` says otherwise.
    pub async fn set(&self, more: Value) -> Value {
        let document = document("setSystemEmail", ALL);
        let mut data = self.api.data(&self.owner, &document, input(more)).await;
        data["setSystemEmail"].take()
    }

    /// The code and the field of the refusal of a text.
    pub async fn refused(&self, more: Value) -> (String, String) {
        let document = document("setSystemEmail", "__typename");
        let error = self.api.error(&self.owner, &document, input(more)).await;
        (error.0, error.1.unwrap_or_default())
    }

    pub async fn reset(&self, kind: &str, locale: &str) -> Value {
        let document = document("resetSystemEmail", "systemEmail { subject custom updatedAt }");
        let input = json!({"input": {"kind": kind, "locale": locale}});
        let mut data = self.api.data(&self.owner, &document, input).await;
        data["resetSystemEmail"]["systemEmail"].take()
    }

    pub async fn read(&self, kind: &str, language: &str) -> Value {
        let variables = json!({"kind": kind, "language": language});
        let mut data = self.api.data(&self.owner, READ, variables).await;
        data["systemEmail"].take()
    }

    pub async fn invite(&self, emails: &[String]) {
        let invite =
            "mutation ($emails: [EmailAddress!]!) { inviteContacts(input: { emails: $emails }) { count } }";
        self.api
            .data(&self.owner, invite, json!({ "emails": emails }))
            .await;
    }
}

pub fn input(more: Value) -> Value {
    let mut input = json!({"kind": "INVITATION", "locale": "ENGLISH", "subject": "Come in", "body": "**Welcome** to {{ portal.name }}"});
    merge(&mut input, more);
    json!({ "input": input })
}
