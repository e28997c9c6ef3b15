//! Uses a server as its owner's browser, a contact and a program do.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::wait_until;

const REQUEST_CODE: &str =
    r#"mutation { requestLoginCode(input: {portal: "demo", email: "ada@people.example"}) { challengeId } }"#;
const WITH_CODE: &str =
    "mutation ($id: ID!, $code: String!) { signInWithCode(input: {challengeId: $id, code: $code}) {
    session { refreshToken } } }";

/// A client of one server: a browser with cookies, and an API key.
pub struct Client {
    pub http: reqwest::Client,
    pub url: String,
    pub api_key: String,
}

impl Client {
    pub async fn query(&self, query: &str, variables: Value) -> Value {
        let request = self
            .http
            .post(format!("{}/graphql", self.url))
            .bearer_auth(&self.api_key);
        let answer = request
            .json(&json!({"query": query, "variables": variables}))
            .send()
            .await;
        let response: Value = answer.expect("an answer").json().await.expect("JSON");
        assert_eq!(response.get("errors"), None, "{response}");
        response["data"].clone()
    }

    pub async fn page(&self, path: &str) -> (u16, String) {
        let answer = self
            .http
            .get(format!("{}{path}", self.url))
            .send()
            .await
            .expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("text"))
    }

    /// Presses the button of a staff sign-in link.
    pub async fn redeem(&self, link: &str) {
        let html = self
            .http
            .get(link)
            .send()
            .await
            .expect("an answer")
            .text()
            .await
            .expect("text");
        let token = html.split_once("name=\"form_token\" value=\"").expect("a form").1;
        let token = token.split('"').next().unwrap_or_default();
        let post = self
            .http
            .post(link)
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = post
            .body(format!("form_token={token}"))
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 200, "it leads to the dashboard");
    }

    /// Signs a contact in with the code in its kept email, and returns the refresh token.
    pub async fn sign_in(&self, mails: &Path) -> String {
        let id = self.query(REQUEST_CODE, json!({})).await["requestLoginCode"]["challengeId"].clone();
        let mut code = None;
        wait_until("the code is kept", async || {
            code = kept_mails(mails).iter().find_map(|mail| code_in(mail));
            code.is_some()
        })
        .await;
        let signed_in = self.query(WITH_CODE, json!({"id": id, "code": code})).await;
        let token = &signed_in["signInWithCode"]["session"]["refreshToken"];
        token.as_str().expect("a session").to_owned()
    }
}

pub fn kept_mails(folder: &Path) -> Vec<String> {
    let accounts = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = accounts.flat_map(|account| fs::read_dir(account.path()).into_iter().flatten().flatten());
    files
        .filter_map(|file| fs::read_to_string(file.path()).ok())
        .collect()
}

pub fn code_in(mail: &str) -> Option<String> {
    let lines = mail.lines().map(|line| line.trim().replace(' ', ""));
    lines
        .filter(|line| line.len() == 6)
        .find(|line| line.bytes().all(|byte| byte.is_ascii_digit()))
}
