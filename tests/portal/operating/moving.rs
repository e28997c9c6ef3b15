//! `scripts/move-account`: an account leaves one installation for another with everything it has.

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tokio::process::Command;

use super::backups::client::Client;
use super::program::{CommandOutput, ServerProcess, TestFolder, free_address};
use crate::support::{PostgresServer, TestDatabase};

const INVITE: &str = "mutation ($emails: [String!]) { inviteContacts(input: {emails: $emails}) { invitations { contact { id } } } }";
const LINK: &str = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { url } }";
const REDEEM: &str =
    "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) { session { refreshToken } } }";
const REFRESH: &str = "mutation ($token: String!) { refreshSession(input: {refreshToken: $token}) { session { refreshToken } } }";
const STATS: &str = "{ portalStats { invited active invitedTotal version } }";

struct Installation {
    postgres: PostgresServer,
    folder: TestFolder,
    listen: String,
    url: String,
}

impl Installation {
    async fn new() -> Self {
        let postgres = PostgresServer::primary().await;
        let mut folder = TestFolder::new().await;
        folder.test = postgres.database().await;
        let listen = free_address();
        let url = format!("http://{listen}");
        Self {
            postgres,
            folder,
            listen,
            url,
        }
    }

    /// Creates an account, and returns a client with its key.
    async fn account(&self, slug: &str) -> Client {
        let printed = self.folder.create_account(slug, &[]).await;
        self.client(printed["apiKey"].as_str().expect("a key"))
    }

    fn client(&self, api_key: &str) -> Client {
        Client {
            http: reqwest::Client::new(),
            url: self.url.clone(),
            api_key: api_key.to_owned(),
        }
    }

    async fn serve(&self) -> ServerProcess {
        let settings = [("VESTIBULE_PUBLIC_URL", self.url.as_str())];
        self.folder
            .serve_at(&self.listen, "--default-signal=HUP", &settings)
            .await
    }
}

async fn stop(server: ServerProcess) {
    server.signal(Signal::SIGTERM);
    assert_eq!(server.wait().await.code, Some(0));
}

async fn move_acme(from: &Installation, to: &Installation, options: &[&str]) -> CommandOutput {
    let mut command = Command::new("scripts/move-account");
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(options)
        .args([
            "acme",
            &from.postgres.superuser_url(),
            &to.postgres.superuser_url(),
        ]);
    CommandOutput::of(command.output().await.expect("it starts"))
}

/// The token of a new link of the invited contact.
async fn link(client: &Client, invitation: &Value) -> String {
    let contact = json!({"id": invitation["contact"]["id"]});
    let made = client.query(LINK, contact).await;
    let url = made["generateMagicLink"]["url"].as_str().expect("a URL");
    url.rsplit('/').next().expect("a token").to_owned()
}

async fn redeem(client: &Client, token: &str) -> Value {
    client.query(REDEEM, json!({"token": token})).await["signInWithMagicLink"]["session"]["refreshToken"]
        .clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_moves_to_another_installation_with_everything_it_has() {
    let (mut old, new) = (Installation::new().await, Installation::new().await);
    let acme = old.account("acme").await;
    let serving = old.serve().await;
    let emails = json!({"emails": ["anna@people.example", "bert@people.example", "Cleo\tNuñez <cleo@people.example>"]});
    let invited = acme.query(INVITE, emails).await["inviteContacts"]["invitations"].clone();
    let (used, unused) = (link(&acme, &invited[0]).await, link(&acme, &invited[1]).await);
    let session = redeem(&acme, &used).await;
    let before = acme.query(STATS, json!({})).await;
    move_acme(&old, &new, &[])
        .await
        .fails_with(&["Stop Vestibule there first"]);
    stop(serving).await;
    // Closes the connections of this test.
    old.folder.test = TestDatabase::new().await;

    let beta = new.account("beta").await;
    let serving = new.serve().await;
    beta.query(INVITE, json!({"emails": ["dora@people.example"]}))
        .await;
    let of_beta = beta.query(STATS, json!({})).await;
    move_acme(&old, &new, &["--delete"])
        .await
        .fails_with(&["nothing is deleted"]);
    let moved = move_acme(&old, &new, &[]).await;
    assert_eq!(moved.code, Some(0), "{moved:?}");
    assert_eq!(
        old.postgres
            .database()
            .await
            .number("select count(*) from contacts")
            .await,
        0
    );
    move_acme(&old, &new, &[])
        .await
        .fails_with(&["There is no account"]);

    let acme = new.client(&acme.api_key);
    assert_eq!(acme.query(STATS, json!({})).await, before);
    let refreshed = acme.query(REFRESH, json!({"token": session})).await;
    assert!(
        refreshed["refreshSession"]["session"]["refreshToken"].is_string(),
        "{refreshed}"
    );
    assert!(redeem(&acme, &unused).await.is_string());
    acme.query(INVITE, json!({"emails": ["emil@people.example"]}))
        .await;
    let after = acme.query(STATS, json!({})).await;
    assert_eq!(
        (
            &after["portalStats"]["active"],
            &after["portalStats"]["invitedTotal"]
        ),
        (&json!(2), &json!(4))
    );
    assert_eq!(beta.query(STATS, json!({})).await, of_beta);
    stop(serving).await;
}
