//! A whole server on a free port, with a manual clock and a mailbox in memory, two accounts, and credentials of every kind
//! of caller. Tests use it over the network, like clients.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use mailer::{Mailer, MemoryMailbox};
use reqwest::Client as Http;
use serde_json::{Value, json};
use tempfile::TempDir;
use vestibule::accounts::model::Account;
use vestibule::app::config::{Config, Overrides};
use vestibule::app::{App, Server};
use vestibule::base::actor::SignInMethod;
use vestibule::base::actor::{Client, Role, Scope};
use vestibule::base::address::EmailAddress;
use vestibule::base::clock::Clock;
use vestibule::base::db::{Conn, Db};
use vestibule::base::error::Result;
use vestibule::base::ids::{AccountId, ContactId, SessionId, TeamMemberId};
use vestibule::contacts::model::{Contact, ContactDetails};
use vestibule::sign_in::keys::Keys;
use vestibule::sign_in::password::hashing::Strength;
use vestibule::sign_in::sessions::model::refresh;
use vestibule::sign_in::sessions::model::{Holder, NewSession, Session};
use vestibule::team::model::TeamMember;
use vestibule::team::model::api_key::ApiKey;

use super::{TestDatabase, TestSignIn};

pub struct TestServer {
    pub test: TestDatabase,
    pub clock: Clock,
    pub mailbox: MemoryMailbox,
    pub url: String,
    pub http: Http,
    pub acme: Tenant,
    pub other: Tenant,
    /// The server's keys, from which the secrets in emails are derived.
    pub keys: Keys,
    server: Option<Server>,
    folder: TempDir,
}

/// Another instance of the server, on the same database, with the same secret and clock.
pub struct SecondServer {
    pub url: String,
    server: Server,
}

impl SecondServer {
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

/// An account, with a credential for each kind of caller.
pub struct Tenant {
    pub id: AccountId,
    pub owner: String,
    pub owner_id: TeamMemberId,
    pub admin: String,
    pub staff: String,
    pub read_only: String,
    pub key: String,
    pub read_key: String,
    /// A key for each scope, with only that scope.
    pub scoped: Vec<(Scope, String)>,
    pub contact: ContactId,
    /// The contact's own portal session.
    pub contact_session: String,
}

type Settings<'a> = &'a [(&'a str, &'a str)];

impl TestServer {
    pub async fn open() -> Self {
        Self::open_with(&[], |_| Mailer::memory()).await
    }

    /// With environment variables and another mailer.
    pub async fn open_with(settings: Settings<'_>, mailer: impl FnOnce(&Path) -> Mailer) -> Self {
        Self::start(TestDatabase::new().await, settings, mailer).await
    }

    /// Connects to its database through the proxy; `test` connects directly.
    pub async fn open_behind_proxy(connect: impl AsyncFnOnce(&TestDatabase) -> Db) -> Self {
        let mut test = TestDatabase::new().await;
        test.db = connect(&test).await;
        Self::start(test, &[], |_| Mailer::memory()).await
    }

    /// On a database that the test has prepared.
    pub async fn open_on(test: TestDatabase, settings: Settings<'_>) -> Self {
        Self::start(test, settings, |_| Mailer::memory()).await
    }

    async fn start(test: TestDatabase, settings: Settings<'_>, mailer: impl FnOnce(&Path) -> Mailer) -> Self {
        let clock = Clock::manual("2026-01-05T10:00:00Z".parse::<DateTime<Utc>>().expect("a time"));
        let folder = tempfile::tempdir().expect("a folder");
        let mailer = mailer(folder.path());
        let mailbox = mailer.mailbox().cloned().unwrap_or_default();
        let port = free_port();
        let config = config(port, folder.path().to_owned(), settings);
        let app = App::new(&config, test.db.clone(), clock.clone(), mailer)
            .await
            .expect("the app");
        app.start_worker();
        let acme = tenant(&app, &clock, "acme").await;
        let other = tenant(&app, &clock, "other").await;
        let keys = app.services.sign_in.keys.clone();
        let server = Server::start(app, &config).await.expect("the server");
        let http = Http::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self {
            test,
            clock,
            mailbox,
            url: format!("http://localhost:{port}"),
            http,
            acme,
            other,
            keys,
            server: Some(server),
            folder,
        }
    }

    pub async fn start_instance(&self) -> SecondServer {
        self.start_instance_with(&[]).await
    }

    /// Another instance with these settings and its own pool. It runs no worker.
    pub async fn start_instance_with(&self, settings: Settings<'_>) -> SecondServer {
        self.start_instance_at(self.clock.clone(), settings).await
    }

    /// Another instance with a clock of its own.
    pub async fn start_instance_at(&self, clock: Clock, settings: Settings<'_>) -> SecondServer {
        let port = free_port();
        let config = config(port, self.folder.path().to_owned(), settings);
        let db = Db::new(&self.test.url, 10).expect("a pool");
        let app = App::new(&config, db, clock, Mailer::memory())
            .await
            .expect("the app");
        SecondServer {
            url: format!("http://localhost:{port}"),
            server: Server::start(app, &config).await.expect("the server"),
        }
    }

    /// The sign-in flows that the portal's pages call.
    pub fn sign_in(&self) -> TestSignIn {
        TestSignIn::new(&self.app().services)
    }

    /// A second instance on the same database, and its address.
    pub async fn second_instance(&self) -> (Server, String) {
        let port = free_port();
        let public = [("VESTIBULE_PUBLIC_URL", &self.url[..])];
        let config = config(port, self.folder.path().to_owned(), &public);
        let app = App::new(
            &config,
            self.test.db.clone(),
            self.clock.clone(),
            Mailer::memory(),
        );
        let app = app.await.expect("the app");
        let server = Server::start(app, &config).await.expect("the server");
        (server, format!("http://localhost:{port}"))
    }

    pub fn app(&self) -> &App {
        &self.server.as_ref().expect("it runs").app
    }

    /// Opens a session, and returns it with its access token.
    pub async fn signed_in(&self, opening: &NewSession<'_>, role: Option<Role>) -> (SessionId, String) {
        let moment = self.clock.moment();
        let mut conn = self.test.db.conn().await.expect("a connection");
        let session = Session::open(&mut conn, opening, &moment)
            .await
            .expect("a session");
        let id = session.id;
        let pair = refresh::first_pair(&mut conn, session, &moment).await;
        let tokens = &self.app().services.sign_in.tokens;
        let token = tokens.access(&pair.expect("a pair"), role, moment.now);
        (id, token.expect("a token").0)
    }

    pub async fn member(&self, email: &str, role: Role) -> TeamMember {
        let moment = self.clock.moment();
        let mut conn = self.test.db.conn().await.expect("a connection");
        let email = EmailAddress::parse(email).expect("an address");
        let member = TeamMember::create(&mut conn, self.acme.id, &email, role, &moment).await;
        member.expect("a member")
    }

    /// The whole response.
    pub async fn request(&self, credential: Option<&str>, query: &str, variables: Value) -> Value {
        self.request_at(&self.url, credential, query, variables).await
    }

    /// The whole response of another instance.
    pub async fn request_at(
        &self,
        url: &str,
        credential: Option<&str>,
        query: &str,
        variables: Value,
    ) -> Value {
        let mut request = self
            .http
            .post(format!("{url}/graphql"))
            .json(&json!({"query": query, "variables": variables}));
        if let Some(token) = credential {
            request = request.bearer_auth(token);
        }
        request
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON")
    }

    /// The data of a request that must not fail.
    pub async fn data(&self, credential: &str, query: &str, variables: Value) -> Value {
        let response = self.request(Some(credential), query, variables).await;
        assert_eq!(response.get("errors"), None, "{response:#}");
        response["data"].clone()
    }

    /// The code and field of the first error.
    pub async fn error(
        &self,
        credential: Option<&str>,
        query: &str,
        variables: Value,
    ) -> (String, Option<String>) {
        let response = self.request(credential, query, variables).await;
        let extensions = &response["errors"][0]["extensions"];
        let code = extensions["code"]
            .as_str()
            .unwrap_or_else(|| panic!("no error: {response:#}"));
        (code.to_owned(), extensions["field"].as_str().map(str::to_owned))
    }

    /// The server's data directory.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub async fn stop(mut self) {
        if let Some(server) = self.server.take() {
            server.stop().await;
        }
    }
}

/// Fast password hashing: a thousand attempts take a second.
pub const FAST_HASHING: Strength = Strength {
    memory_kib: 64,
    passes: 1,
    lanes: 1,
};

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

fn config(port: u16, folder: PathBuf, settings: Settings<'_>) -> Config {
    let overrides = Overrides {
        listen: Some(format!("127.0.0.1:{port}")),
        data_dir: Some(folder),
    };
    let find = |name: &str| settings.iter().find(|(key, _)| *key == name);
    // No test asks the DNS of the machine: nothing listens there.
    let default = |name: &str| (name == "VESTIBULE_DNS_SERVER").then_some("127.0.0.1:9");
    let value = |name: &str| find(name).map(|(_, value)| *value).or_else(|| default(name));
    let mut config =
        Config::read(&|name| value(name).map(str::to_owned), &overrides).expect("the settings are right");
    config.password_work = FAST_HASHING;
    config
}

async fn tenant(app: &App, clock: &Clock, slug: &str) -> Tenant {
    let moment = clock.moment();
    let mut conn = app.services.db.conn().await.expect("a connection");
    let conn: &mut Conn = &mut conn;
    let account = Account::create(conn, slug, slug, &moment)
        .await
        .expect("an account");
    let (mut members, mut ids) = (Vec::new(), Vec::new());
    let roles = [
        ("owner", Role::Owner),
        ("admin", Role::Admin),
        ("staff", Role::Staff),
        ("reader", Role::ReadOnly),
    ];
    for (name, role) in roles {
        let email = EmailAddress::parse(&format!("{name}@{slug}.example")).expect("an address");
        let member = TeamMember::create(conn, account.id, &email, role, &moment)
            .await
            .expect("a member");
        ids.push(member.id);
        members.push(
            token(
                app,
                conn,
                account.id,
                Holder::Member(member.id),
                Some(role),
                clock,
            )
            .await
            .expect("a token"),
        );
    }
    let scopes = [Scope::Read, Scope::Invite, Scope::Links, Scope::Contacts];
    let (_, key) = ApiKey::create(conn, account.id, "all", &scopes, &moment)
        .await
        .expect("a key");
    let (_, read_key) = ApiKey::create(conn, account.id, "read", &[Scope::Read], &moment)
        .await
        .expect("a key");
    let mut scoped = Vec::new();
    for scope in Scope::ALL {
        let created = ApiKey::create(conn, account.id, scope.as_str(), &[*scope], &moment).await;
        scoped.push((*scope, created.expect("a key").1.reveal()));
    }
    let email = EmailAddress::parse(&format!("anna@{slug}.example")).expect("an address");
    let details = ContactDetails {
        email: Some(email),
        first_name: Some("Anna".into()),
        ..ContactDetails::default()
    };
    let contact = Contact::create_missing(conn, account.id, &[details], &moment)
        .await
        .expect("a contact")
        .remove(0)
        .id;
    let contact_session = token(app, conn, account.id, Holder::Contact(contact), None, clock)
        .await
        .expect("a token");
    let [owner, admin, staff, read_only] = <[String; 4]>::try_from(members).expect("four of them");
    Tenant {
        id: account.id,
        owner,
        owner_id: ids[0],
        admin,
        staff,
        read_only,
        key: key.reveal(),
        read_key: read_key.reveal(),
        scoped,
        contact,
        contact_session,
    }
}

async fn token(
    app: &App,
    conn: &mut Conn,
    account: AccountId,
    holder: Holder,
    role: Option<Role>,
    clock: &Clock,
) -> Result<String> {
    let moment = clock.moment();
    let client = Client::default();
    let opening = NewSession::new(account, holder, SignInMethod::Link, &client);
    let session = Session::open(conn, &opening, &moment).await?;
    let pair = refresh::first_pair(conn, session, &moment).await?;
    Ok(app.services.sign_in.tokens.access(&pair, role, moment.now)?.0)
}
