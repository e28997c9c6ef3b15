//! Signing in by email over the API: requesting, the emailed code, and the two ways to finish.

use serde_json::{Value, json};
use vestibule::base::ids::{AccountId, ChallengeId};
use vestibule::sign_in::challenge::code::Code;
use vestibule::team::model::staff_link::StaffLink;

use super::{TestServer, mailed_link, wait_until};

const REQUEST_EMAIL: &str = "mutation ($portal: String!, $email: EmailAddress!, $audience: Audience) {
    requestLoginEmail(input: {portal: $portal, email: $email, audience: $audience}) {
        challengeId deviceSecret matchingNumber expiresAt } }";
const REQUEST_CODE: &str = "mutation ($portal: String!, $email: EmailAddress!, $audience: Audience) {
    requestLoginCode(input: {portal: $portal, email: $email, audience: $audience}) { challengeId expiresAt } }";
const WITH_CODE: &str =
    "mutation ($id: ID!, $code: String!) { signInWithCode(input: {challengeId: $id, code: $code}) {
    session { accessToken refreshToken } viewer { __typename } landingUrl refusal { reason retryAfter } } }";
const WITH_CHALLENGE: &str = "mutation ($id: ID!, $secret: String!) {
    signInWithChallenge(input: {challengeId: $id, deviceSecret: $secret}) {
        session { accessToken refreshToken } viewer { __typename } refusal { reason retryAfter } } }";
const REDEEM: &str = "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) {
    session { accessToken refreshToken } refusal { reason }
    confirmation { challengeId device place matchingNumbers askedAt } } }";
const CONFIRM: &str = "mutation ($id: ID!, $number: String, $deny: Boolean) {
    confirmSignIn(input: {challengeId: $id, matchingNumber: $number, deny: $deny}) { state refusal { reason } } }";

/// The response to the requesting device.
#[derive(Clone, Debug)]
pub struct LoginRequest {
    pub id: String,
    pub secret: String,
    pub number: String,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl TestServer {
    /// Requests a login email at acme.
    pub async fn request_login(&self, email: &str) -> LoginRequest {
        self.request_login_at("acme", email, "PORTAL").await
    }

    pub async fn request_login_at(&self, portal: &str, email: &str, audience: &str) -> LoginRequest {
        let input = json!({"portal": portal, "email": email, "audience": audience});
        let response = self.request(None, REQUEST_EMAIL, input).await;
        assert_eq!(response.get("errors"), None, "{response}");
        let request = &response["data"]["requestLoginEmail"];
        LoginRequest {
            id: text(&request["challengeId"]),
            secret: text(&request["deviceSecret"]),
            number: text(&request["matchingNumber"]),
        }
    }

    /// Requests only a code at acme, and returns the challenge's id.
    pub async fn request_code(&self, email: &str) -> String {
        self.request_code_at("acme", email, "PORTAL").await
    }

    pub async fn request_code_at(&self, portal: &str, email: &str, audience: &str) -> String {
        let input = json!({"portal": portal, "email": email, "audience": audience});
        let response = self.request(None, REQUEST_CODE, input).await;
        assert_eq!(response.get("errors"), None, "{response}");
        text(&response["data"]["requestLoginCode"]["challengeId"])
    }

    /// The code in the email of a challenge.
    pub fn code(&self, account: AccountId, challenge: &str) -> String {
        let id: ChallengeId = challenge.parse().expect("an id");
        Code::of(&self.keys.code, account, id).reveal().to_owned()
    }

    /// A wrong code.
    pub fn wrong_code(&self, account: AccountId, challenge: &str) -> String {
        let right: u32 = self.code(account, challenge).parse().expect("a number");
        format!("{:06}", (right + 1) % 1_000_000)
    }

    pub async fn sign_in_with_code(&self, challenge: &str, code: &str) -> Value {
        let response = self
            .request(None, WITH_CODE, json!({"id": challenge, "code": code}))
            .await;
        assert_eq!(response.get("errors"), None, "{response}");
        response["data"]["signInWithCode"].clone()
    }

    /// Signs in with the right code of acme's challenge.
    pub async fn sign_in_with_right_code(&self, challenge: &str) -> Value {
        self.sign_in_with_code(challenge, &self.code(self.acme.id, challenge))
            .await
    }

    pub async fn sign_in_with_challenge(&self, challenge: &str, secret: &str) -> Value {
        let response = self
            .request(None, WITH_CHALLENGE, json!({"id": challenge, "secret": secret}))
            .await;
        assert_eq!(response.get("errors"), None, "{response}");
        response["data"]["signInWithChallenge"].clone()
    }

    /// Waits for `count` emails with a contact's link, and returns the token of the last one.
    pub async fn mailed_token(&self, count: usize) -> String {
        let with_links = || {
            let mut sent = self.mailbox.sent();
            sent.retain(|mail| mail.text.contains("/link/link_"));
            sent
        };
        wait_until("the mail is sent", async || with_links().len() >= count).await;
        mailed_link(&with_links()[count - 1]).reveal()
    }

    /// The token of a team member's emailed link, which the worker creates when it sends the email.
    pub async fn mailed_staff_token(&self, account: AccountId, challenge: &str) -> String {
        let id: ChallengeId = challenge.parse().expect("an id");
        let query = format!("select id::text from staff_links where challenge_id = '{}'", id.0);
        wait_until("the link is made", async || {
            !self.test.texts(&query).await.is_empty()
        })
        .await;
        let link = self.test.texts(&query).await.remove(0).expect("an id");
        let link = vestibule::base::ids::StaffLinkId(link.parse().expect("a UUID"));
        StaffLink::emailed_secret(&self.keys.staff_link, account, link).reveal()
    }

    /// Redeems a link over the API.
    pub async fn redeem(&self, token: &str) -> Value {
        let response = self.request(None, REDEEM, json!({"token": token})).await;
        assert_eq!(response.get("errors"), None, "{response}");
        response["data"]["signInWithMagicLink"].clone()
    }

    /// Chooses a number, or denies without one. Returns the whole response.
    pub async fn confirm(&self, credential: &str, challenge: &str, number: Option<&str>) -> Value {
        let input = json!({"id": challenge, "number": number, "deny": number.is_none()});
        self.request(Some(credential), CONFIRM, input).await
    }
}
