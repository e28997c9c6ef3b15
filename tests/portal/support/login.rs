//! Signing in by email over the API: requesting, the emailed code, and the two ways to finish.

use serde_json::{Value, json};
use vestibule::base::ids::{AccountId, ChallengeId};
use vestibule::sign_in::challenge::code::Code;
use vestibule::team::model::staff_link::StaffLink;

use super::{TestServer, mailed_link, until};

const EMAIL: &str = "mutation ($portal: String!, $email: EmailAddress!, $audience: Audience) {
    requestLoginEmail(input: {portal: $portal, email: $email, audience: $audience}) {
        challengeId deviceSecret matchingNumber expiresAt } }";
const CODE: &str = "mutation ($portal: String!, $email: EmailAddress!, $audience: Audience) {
    requestLoginCode(input: {portal: $portal, email: $email, audience: $audience}) { challengeId expiresAt } }";
const WITH_CODE: &str =
    "mutation ($id: ID!, $code: String!) { signInWithCode(input: {challengeId: $id, code: $code}) {
    session { accessToken refreshToken } viewer { __typename } landingUrl refusal { reason retryAfter } } }";
const WITH_CHALLENGE: &str = "mutation ($id: ID!, $secret: String!) {
    signInWithChallenge(input: {challengeId: $id, deviceSecret: $secret}) {
        session { accessToken refreshToken } viewer { __typename } refusal { reason retryAfter } } }";
const PRESS: &str = "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) {
    session { accessToken refreshToken } refusal { reason }
    confirmation { challengeId device place matchingNumbers askedAt } } }";
const CONFIRM: &str = "mutation ($id: ID!, $number: String, $deny: Boolean) {
    confirmSignIn(input: {challengeId: $id, matchingNumber: $number, deny: $deny}) { state refusal { reason } } }";

/// The response to the requesting device.
#[derive(Clone, Debug)]
pub struct Asked {
    pub id: String,
    pub secret: String,
    pub number: String,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl TestServer {
    /// Requests a login email at acme.
    pub async fn ask_login(&self, email: &str) -> Asked {
        self.ask_login_at("acme", email, "PORTAL").await
    }

    pub async fn ask_login_at(&self, portal: &str, email: &str, audience: &str) -> Asked {
        let input = json!({"portal": portal, "email": email, "audience": audience});
        let answer = self.answer(None, EMAIL, input).await;
        assert_eq!(answer.get("errors"), None, "{answer}");
        let asked = &answer["data"]["requestLoginEmail"];
        Asked {
            id: text(&asked["challengeId"]),
            secret: text(&asked["deviceSecret"]),
            number: text(&asked["matchingNumber"]),
        }
    }

    /// Requests only a code at acme, and returns the challenge's id.
    pub async fn ask_code(&self, email: &str) -> String {
        self.ask_code_at("acme", email, "PORTAL").await
    }

    pub async fn ask_code_at(&self, portal: &str, email: &str, audience: &str) -> String {
        let input = json!({"portal": portal, "email": email, "audience": audience});
        let answer = self.answer(None, CODE, input).await;
        assert_eq!(answer.get("errors"), None, "{answer}");
        text(&answer["data"]["requestLoginCode"]["challengeId"])
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

    pub async fn with_code(&self, challenge: &str, code: &str) -> Value {
        let answer = self
            .answer(None, WITH_CODE, json!({"id": challenge, "code": code}))
            .await;
        assert_eq!(answer.get("errors"), None, "{answer}");
        answer["data"]["signInWithCode"].clone()
    }

    /// Signs in with the right code of acme's challenge.
    pub async fn with_right_code(&self, challenge: &str) -> Value {
        self.with_code(challenge, &self.code(self.acme.id, challenge))
            .await
    }

    pub async fn with_challenge(&self, challenge: &str, secret: &str) -> Value {
        let answer = self
            .answer(None, WITH_CHALLENGE, json!({"id": challenge, "secret": secret}))
            .await;
        assert_eq!(answer.get("errors"), None, "{answer}");
        answer["data"]["signInWithChallenge"].clone()
    }

    /// Waits for `count` emails with a contact's link, and returns the token of the last one.
    pub async fn mailed_token(&self, count: usize) -> String {
        let with_links = || {
            let mut sent = self.mailbox.sent();
            sent.retain(|mail| mail.text.contains("/link/link_"));
            sent
        };
        until("the mail is sent", async || with_links().len() >= count).await;
        mailed_link(&with_links()[count - 1]).reveal()
    }

    /// The token of a team member's emailed link, which the worker creates when it sends the email.
    pub async fn mailed_staff_token(&self, account: AccountId, challenge: &str) -> String {
        let id: ChallengeId = challenge.parse().expect("an id");
        let query = format!("select id::text from staff_links where challenge_id = '{}'", id.0);
        until("the link is made", async || {
            !self.test.texts(&query).await.is_empty()
        })
        .await;
        let link = self.test.texts(&query).await.remove(0).expect("an id");
        let link = vestibule::base::ids::StaffLinkId(link.parse().expect("a UUID"));
        StaffLink::emailed_secret(&self.keys.staff_link, account, link).reveal()
    }

    /// Redeems a link over the API.
    pub async fn press(&self, token: &str) -> Value {
        let answer = self.answer(None, PRESS, json!({"token": token})).await;
        assert_eq!(answer.get("errors"), None, "{answer}");
        answer["data"]["signInWithMagicLink"].clone()
    }

    /// Chooses a number, or denies without one. Returns the whole response.
    pub async fn confirm(&self, credential: &str, challenge: &str, number: Option<&str>) -> Value {
        let input = json!({"id": challenge, "number": number, "deny": number.is_none()});
        self.answer(Some(credential), CONFIRM, input).await
    }
}
