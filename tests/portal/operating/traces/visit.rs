//! A server that is traced, and clients that use it.

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::operating::backups::client::{Client, code_in, kept_mails};
use crate::operating::program::{ServerProcess, TestFolder, free_address};
use crate::support::{TestTwilio, wait_until};

pub const PASSWORD: &str = "Correct-Horse-Battery-9";
const CREATE: &str =
    "mutation CreateContact($input: CreateContactInput!) { createContact(input: $input) { contact { id } } }";
const INVITE: &str = "mutation InviteAll($emails: [String!]) { inviteContacts(input: {emails: $emails}) { invitations { id } } }";
pub const INVITE_FILTER: &str =
    "mutation InviteFilter { inviteContacts(input: {filter: {}}) { bulkJob { id } } }";
const LINK: &str = "mutation MakeLink($id: ID!) { generateMagicLink(input: {contactId: $id}) { url } }";
const TEXT_LINK: &str = "mutation TextLink($id: ID!) { generateMagicLink(input: {contactId: $id, sendBy: SMS}) { skipped { reason } } }";
const REDEEM: &str = "mutation Redeem($token: String!) { signInWithMagicLink(input: {token: $token}) {
    session { accessToken refreshToken } } }";
const REQUEST_CODE: &str = "mutation RequestCode($email: EmailAddress!) {
    requestLoginCode(input: {portal: \"acme\", email: $email}) { challengeId } }";
const WITH_CODE: &str = "mutation WithCode($id: ID!, $code: String!) {
    signInWithCode(input: {challengeId: $id, code: $code}) { session { refreshToken } refusal { reason } } }";
const WITH_PASSWORD: &str =
    "mutation WithPassword($password: String!) { signInWithPassword(input: {portal: \"acme\",
    email: \"anna@customers.example\", password: $password}) { refusal { reason } } }";
pub const TEMPLATE: &str =
    "mutation SaveTemplate { createTemplate(input: {name: \"Spring greetings\", channel: EMAIL,
    format: MARKDOWN, subject: \"Bonjour\", body: \"Wisteria\"}) { template { id } } }";
const SEND: &str = "mutation SendWritten($id: ID!, $template: ID!) {
    sendMessage(input: {selection: {contactIds: [$id]}, channel: EMAIL, templateId: $template}) { count } }";
pub const STATS: &str = "{ portalStats { invited } }";

pub fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// A server with an account, and what its traces are sent to.
pub struct Traced {
    pub folder: TestFolder,
    server: ServerProcess,
    pub client: Client,
    owner_link: String,
}

impl Traced {
    pub async fn start(settings: &[(&str, &str)]) -> Self {
        let folder = TestFolder::new().await;
        let listen = free_address();
        let url = format!("http://{listen}");
        let public = [("VESTIBULE_PUBLIC_URL", url.as_str())];
        let printed = folder.create_account("acme", &public).await;
        let settings = [&public[..], settings].concat();
        let server = folder.serve_at(&listen, "--default-signal=HUP", &settings).await;
        Self {
            folder,
            server,
            client: Client {
                http: reqwest::Client::new(),
                api_key: text(&printed["apiKey"]),
                url,
            },
            owner_link: text(&printed["ownerSignInUrl"]),
        }
    }

    /// The log from start to stop.
    pub async fn stop(self) -> String {
        self.server.signal(Signal::SIGTERM);
        let output = self.server.wait().await;
        assert_eq!(output.code, Some(0), "{output:?}");
        output.err
    }

    pub async fn post(&self, document: Value, traceparent: Option<&str>) -> Value {
        let request = self.client.http.post(format!("{}/graphql", self.client.url));
        let request = request.bearer_auth(&self.client.api_key).json(&document);
        let request = match traceparent {
            Some(parent) => request.header("traceparent", parent),
            None => request,
        };
        let answer = request.send().await.expect("an answer");
        answer.json().await.expect("JSON")
    }
}

/// What only their owners know, of one visit of each kind.
pub async fn use_everything(traced: &Traced, twilio: &TestTwilio) -> Vec<String> {
    let client = &traced.client;
    let email = "anna@customers.example";
    let anna = json!({"input": {"email": email, "firstName": "Annabella", "lastName": "Quimby"}});
    let anna = text(&client.query(CREATE, anna).await["createContact"]["contact"]["id"]);
    client
        .query(INVITE, json!({"emails": ["Berthold Xu <bert@guests.example>"]}))
        .await;
    let link = text(&client.query(LINK, json!({"id": anna})).await["generateMagicLink"]["url"]);
    assert_eq!(client.http.get(&link).send().await.expect("a page").status(), 200);
    let token = link.rsplit('/').next().expect("a token").to_owned();
    let redeemed = client.query(REDEEM, json!({"token": token})).await;
    let session = &redeemed["signInWithMagicLink"]["session"];
    client.query(WITH_PASSWORD, json!({"password": PASSWORD})).await;
    let requested = client.query(REQUEST_CODE, json!({"email": email})).await;
    let mut code = None;
    wait_until("the code is kept", async || {
        let mails = kept_mails(&traced.folder.path("data/mail"));
        code = mails.iter().find_map(|mail| code_in(mail));
        code.is_some()
    })
    .await;
    let challenge = &requested["requestLoginCode"]["challengeId"];
    let with_code = client
        .query(WITH_CODE, json!({"id": challenge, "code": code}))
        .await;
    assert_eq!(with_code["signInWithCode"]["refusal"], Value::Null, "{with_code}");
    let template = client.query(TEMPLATE, json!({})).await["createTemplate"]["template"]["id"].clone();
    client
        .query(SEND, json!({"id": anna, "template": template}))
        .await;
    let phone = json!({"input": {"phone": "+4915112345678"}});
    let phone = client.query(CREATE, phone).await["createContact"]["contact"]["id"].clone();
    client.query(TEXT_LINK, json!({"id": phone})).await;
    wait_until("the text is sent", async || !twilio.received().is_empty()).await;
    wait_until("the template is sent", async || {
        let mails = kept_mails(&traced.folder.path("data/mail"));
        mails.iter().any(|mail| mail.contains("Wisteria"))
    })
    .await;
    let texted = twilio.received().remove(0).body;
    let sent_token = texted.rsplit('/').next().expect("a token");
    let end = |token: &str| token[token.len() - 24..].to_owned();
    vec![
        end(&client.api_key),
        end(&traced.owner_link),
        end(&token),
        end(sent_token),
        end(&text(&session["accessToken"])),
        end(&text(&session["refreshToken"])),
        end(&text(&with_code["signInWithCode"]["session"]["refreshToken"])),
        code.expect("a code"),
        anna.rsplit('_').next().expect("an id").to_owned(),
        text(challenge).rsplit('_').next().expect("an id").to_owned(),
    ]
}
