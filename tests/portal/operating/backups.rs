//! Backups and restores, with the program as a process.

pub mod client;
mod interrupted;
mod refused;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use client::{Client, kept_mails};

use super::program::{CommandOutput, SECRET, TestFolder, free_address};
use crate::support::{TestDatabase, wait_until};

/// A private PostgreSQL, and the secret from its data directory.
const PRIVATE: [(&str, &str); 2] = [("DATABASE_URL", ""), ("VESTIBULE_SECRET", "")];

const STATS: &str = "{ portalStats { invited active invitedTotal } }";
const INVITE: &str =
    r#"mutation { inviteContacts(input: {emails: ["ann@people.example", "bob@people.example"]}) { count } }"#;
const REFRESH: &str = "mutation ($token: String!) { refreshSession(input: {refreshToken: $token}) { session { accessToken } } }";

impl TestFolder {
    /// A folder that PostgreSQL's user can enter, so that the cluster is in the data directory.
    async fn open_to_postgres() -> Self {
        let folder = Self::new().await;
        folder.set_mode(0o711);
        folder
    }

    fn set_mode(&self, mode: u32) {
        fs::set_permissions(self.folder.path(), fs::Permissions::from_mode(mode)).expect("it is ours");
    }

    async fn succeed(&self, arguments: &[&str], settings: &[(&str, &str)]) -> CommandOutput {
        let said = self.run(arguments, settings).await;
        assert_eq!(said.code, Some(0), "{said:?}");
        said
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).expect("a folder").flatten();
        let mut names: Vec<_> = entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_server_has_the_counts_sessions_and_emails_of_the_backup() {
    let folder = TestFolder::open_to_postgres().await;
    let listen = free_address();
    let demo = folder
        .succeed(
            &["demo"],
            &[PRIVATE, [("VESTIBULE_LISTEN", &listen), PRIVATE[0]]].concat(),
        )
        .await;
    let demo: Value = serde_json::from_str(&demo.out).expect("JSON");
    let serving = folder.serve_at(&listen, "--default-signal=HUP", &PRIVATE).await;
    let port = listen.rsplit(':').next().unwrap_or_default();
    let http = reqwest::Client::builder().cookie_store(true).build();
    let client = Client {
        http: http.expect("a client"),
        url: format!("http://localhost:{port}"),
        api_key: demo["apiKey"].as_str().expect("a key").to_owned(),
    };
    client
        .redeem(demo["ownerSignInUrl"].as_str().expect("a link"))
        .await;
    let token = client.sign_in(&folder.path("data/mail")).await;
    assert_eq!(
        client.query(INVITE, json!({})).await["inviteContacts"]["count"],
        2
    );
    wait_until("the invitations are kept", async || {
        kept_mails(&folder.path("data/mail")).len() >= 3
    })
    .await;
    let stats = client.query(STATS, json!({})).await;
    assert_eq!(
        stats["portalStats"],
        json!({"invited": 2, "active": 1, "invitedTotal": 2})
    );

    let said = folder.succeed(&["backup", "portal.tar"], &PRIVATE).await;
    for words in [
        "Wrote portal.tar (",
        "last migration 2026",
        "secret        included",
        "kept emails   ",
        "secrets and personal data",
    ] {
        assert!(said.out.contains(words), "{words}: {said:?}");
    }
    let mode = fs::metadata(folder.path("portal.tar")).expect("a file").mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(client.query(STATS, json!({})).await, stats, "the server went on");
    serving.signal(Signal::SIGTERM);
    serving.wait().await;

    let said = folder
        .succeed(&["restore", "portal.tar", "--data-dir", "new"], &PRIVATE)
        .await;
    assert!(said.out.contains("vestibule serve --data-dir new"), "{said:?}");
    assert_eq!(folder.names(), ["data", "new", "portal.tar"]);
    let restored = [&PRIVATE[..], &[("VESTIBULE_DATA_DIR", "new")]].concat();
    let serving = folder.serve_at(&listen, "--default-signal=HUP", &restored).await;
    assert_eq!(client.query(STATS, json!({})).await, stats);
    let refreshed = client.query(REFRESH, json!({"token": token})).await;
    assert!(
        refreshed["refreshSession"]["session"]["accessToken"].is_string(),
        "{refreshed}"
    );
    let (status, outbox) = client.page("/dashboard/demo/outbox").await;
    assert_eq!(status, 200, "the session of the dashboard goes on");
    let mail = outbox
        .split("href=\"/dashboard/demo/outbox/")
        .nth(1)
        .expect("kept emails");
    let (status, mail) = client
        .page(&format!(
            "/dashboard/demo/outbox/{}",
            mail.split('"').next().unwrap_or_default()
        ))
        .await;
    assert!(status == 200 && mail.contains("people.example"), "{mail}");
    serving.signal(Signal::SIGTERM);
    assert_eq!(serving.wait().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_ones_own_is_restored_into_an_empty_one() {
    let folder = TestFolder::new().await;
    folder.succeed(&["demo"], &[]).await;
    let said = folder
        .run(&["backup", "portal.tar"], &[("VESTIBULE_SECRET", "")])
        .await;
    said.fails_with(&["There is no secret in data", "--data-dir"]);
    let said = folder.succeed(&["backup", "portal.tar"], &[]).await;
    assert!(
        said.out.contains("not included: it comes from VESTIBULE_SECRET"),
        "{said:?}"
    );
    let file = fs::read(folder.path("portal.tar")).expect("a file");
    assert!(!file.windows(20).any(|bytes| bytes == &SECRET.1.as_bytes()[..20]));

    let empty = TestDatabase::empty().await;
    let into = ("DATABASE_URL", &empty.url[..]);
    let restore = ["restore", "portal.tar", "--data-dir", "new"];
    folder
        .run(&restore, &[])
        .await
        .fails_with(&["is not empty: restore into a new one"]);
    let said = folder.run(&restore, &[into, ("VESTIBULE_SECRET", "")]).await;
    said.fails_with(&["The backup contains no secret. Set VESTIBULE_SECRET"]);
    let other = ("VESTIBULE_SECRET", "another secret of the tests, long enough too");
    folder
        .run(&restore, &[into, other])
        .await
        .fails_with(&["made with another secret"]);
    assert_eq!(folder.names(), ["portal.tar"]);

    folder.succeed(&restore, &[into]).await;
    let contacts = "select count(*) from contacts";
    assert_eq!(empty.number(contacts).await, folder.test.number(contacts).await);
    let said = folder.run(&["doctor", "--data-dir", "new"], &[into]).await;
    assert!(said.out.contains("ok    counts: match the rows"), "{said:?}");
    assert!(!folder.path("new/secret").exists() && !folder.path("new/restoring").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_keys_in_the_data_directory_are_kept_and_others_named() {
    let folder = TestFolder::new().await;
    for (name, content) in [("data/keys/b.pem", "b"), ("elsewhere/a.pem", "a")] {
        fs::create_dir_all(folder.path(name).parent().expect("a folder")).expect("it is created");
        fs::write(folder.path(name), content).expect("it is written");
    }
    let keys = [("VESTIBULE_SIGNING_KEYS", "data/keys, elsewhere/a.pem")];
    let said = folder.succeed(&["backup", "portal.tar"], &keys).await;
    assert!(said.out.contains("signing keys  1"), "{said:?}");
    assert!(
        said.out
            .contains("elsewhere/a.pem is outside of the data directory"),
        "{said:?}"
    );
    let empty = TestDatabase::empty().await;
    let into = [("DATABASE_URL", &empty.url[..])];
    folder
        .succeed(&["restore", "portal.tar", "--data-dir", "new"], &into)
        .await;
    assert_eq!(
        fs::read_to_string(folder.path("new/keys/b.pem")).expect("a file"),
        "b"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_name_says_when() {
    let folder = TestFolder::new().await;
    folder.succeed(&["backup"], &[]).await;
    let names = folder.names();
    let [name] = &names[..] else { panic!("{names:?}") };
    assert!(
        name.starts_with("vestibule-20") && name.ends_with("Z.tar"),
        "{name}"
    );
    folder
        .run(&["backup", "-"], &[])
        .await
        .fails_with(&["name a file"]);
}
