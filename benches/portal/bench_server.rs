//! The server to measure, in its own folder, with an account and any number of contacts.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use embedded_postgres::{EmbeddedPostgres, Options};
use mailer::{AutoSubmitted, Email, MailSettings, Mailbox, Mailer};
use serde_json::{Value, json};
use tokio::process::{Child, Command};
use tokio_postgres::{Client, NoTls};
use vestibule::accounts::model::Account;
use vestibule::base::actor::SignInMethod;
use vestibule::base::actor::{Client as Caller, Role};
use vestibule::base::clock::Clock;
use vestibule::base::db::Db;
use vestibule::base::ids::{AccountId, ContactId};
use vestibule::base::secrets::ServerKey;
use vestibule::sign_in::access_token::Tokens;
use vestibule::sign_in::keys::Keys;
use vestibule::sign_in::sessions::model::refresh;
use vestibule::sign_in::sessions::model::{Holder, NewSession, Session};
use vestibule::sign_in::signing_keys as keys;
use vestibule::team::model::TeamMember;

use crate::cpu::Cpu;
use crate::http::{Connection, Load};
use crate::sink::SmtpSink;

pub struct BenchServer {
    pub port: u16,
    /// The owner's access token.
    pub token: String,
    pub key: String,
    account: AccountId,
    folder: PathBuf,
    server: Child,
    sql: Client,
    sink: SmtpSink,
}

fn binary() -> PathBuf {
    std::env::var_os("VESTIBULE_BIN").map_or_else(|| env!("CARGO_BIN_EXE_vestibule").into(), PathBuf::from)
}

fn serve(folder: &PathBuf, port: u16, sink: &SmtpSink) -> Child {
    Command::new(binary())
        .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"])
        .arg(folder)
        .env("SMTP_URL", &sink.url)
        .env("RUST_LOG", "error")
        .env("VESTIBULE_DAILY_MESSAGES", "10000000")
        .env("VESTIBULE_SOCKETS_PER_SOURCE", "20000")
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("the server starts")
}

async fn wait_until_ready(port: u16) {
    let started_at = Instant::now();
    while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        assert!(
            started_at.elapsed() < Duration::from_secs(60),
            "the server is up in time"
        );
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Connection::open(port)
        .await
        .request(&Load::anonymous("{ __typename }"))
        .await;
}

impl BenchServer {
    pub async fn open() -> Self {
        let folder = std::env::temp_dir().join(format!("vestibule-bench-{}", std::process::id()));
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .expect("a port")
            .local_addr()
            .expect("an address")
            .port();
        let sink = SmtpSink::open().await;
        let server = serve(&folder, port, &sink);
        wait_until_ready(port).await;
        let created = Command::new(binary())
            .args([
                "account",
                "create",
                "--slug",
                "bench",
                "--name",
                "Bench",
                "--owner",
                "owner@bench.example",
                "--api-key",
                "--data-dir",
            ])
            .arg(&folder)
            .output()
            .await
            .expect("an account");
        let created: Value = serde_json::from_slice(&created.stdout).expect("JSON");
        let url = database(&folder).await;
        let (sql, driver) = tokio_postgres::connect(&url, NoTls).await.expect("the database");
        tokio::spawn(driver);
        let db = Db::new(&url, 2).expect("a pool");
        let mut conn = db.conn().await.expect("a connection");
        let account = Account::by_slug(&mut conn, "bench")
            .await
            .expect("a look-up")
            .expect("the account");
        drop(conn);
        let token = token(&db, &folder, port, account.id).await;
        let key = created["apiKey"].as_str().expect("a key").to_owned();
        Self {
            port,
            token,
            key,
            account: account.id,
            folder,
            server,
            sql,
            sink,
        }
    }

    /// Adds contacts up to `count`: a third not invited, a third invited, a third active.
    pub async fn fill(&self, count: usize) {
        let have: i64 = self
            .sql
            .query_one("select count(*) from contacts", &[])
            .await
            .expect("a count")
            .get(0);
        self.execute(&format!(
            "insert into contacts (account_id, id, email, email_key, first_name, last_name, tags, invited_at, first_invited_at,
                 joined_at, last_seen_at, created_at, updated_at)
             select '{}', ('01900000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'c' || i || '@example.com',
                 'c' || i || '@example.com', 'Name' || i % 997, 'Last' || i % 1009, array['tag' || i % 7],
                 case when i % 3 > 0 then now() end, case when i % 3 > 0 then now() end,
                 case when i % 3 > 1 then now() end, case when i % 3 > 1 then now() - i % 40 * interval '1 day' end, now(), now()
             from generate_series({}, {count}) i",
            self.account.0,
            have + 1
        ))
        .await;
        self.execute("vacuum analyze contacts").await;
        self.execute("insert into invitations (account_id, id, contact_id, section, invited_by, created_at, last_sent_at, expires_at)
                  select account_id, id, id, 'HOME', 'system', now(), now(), now() + interval '7 days' from contacts
                  where status = 1 order by id desc limit 1000 on conflict do nothing").await;
    }

    pub async fn execute(&self, statements: &str) {
        for statement in statements.split(";\n") {
            self.sql.batch_execute(statement).await.expect(statement);
        }
    }

    pub async fn contact(&self) -> ContactId {
        let row = self
            .sql
            .query_one("select id::text from contacts limit 1 offset 500", &[])
            .await
            .expect("a contact");
        ContactId(uuid(&row, 0))
    }

    /// The data of a request with the API key.
    pub async fn request(&self, query: &str) -> Value {
        self.request_with(&self.key, query).await
    }

    /// The data of a request as the owner.
    pub async fn request_as_owner(&self, query: &str) -> Value {
        self.request_with(&self.token, query).await
    }

    async fn request_with(&self, credential: &str, query: &str) -> Value {
        let mut connection = Connection::open(self.port).await;
        let answer: Value =
            serde_json::from_str(connection.request(&Load::query(credential, query)).await).expect("JSON");
        assert_eq!(answer.get("errors"), None, "{answer}");
        answer["data"].clone()
    }

    /// Resident memory of the server in KiB.
    pub fn memory(&self) -> f64 {
        resident(self.server.id().unwrap_or_default())
    }

    /// Changes the counts.
    pub async fn change(&self, turn: usize) {
        let email = format!("change{turn}@example.com");
        self.request(&format!(
            "mutation {{ inviteContacts(input: {{emails: [\"{email}\"]}}) {{ count }} }}"
        ))
        .await;
    }

    pub async fn cpu(&self) -> Cpu {
        Cpu::now(self.server.id().unwrap_or_default(), &self.sql).await
    }

    /// Creates links for this many contacts, and returns their tokens.
    pub async fn links(&self, count: usize) -> Vec<String> {
        self.fill(10_000).await;
        let rows = self
            .sql
            .query(
                "select id::text from contacts order by id limit $1",
                &[&(count as i64)],
            )
            .await
            .expect("contacts");
        let mut tokens = Vec::new();
        for part in rows.chunks(25) {
            let fields: Vec<String> = part
                .iter()
                .enumerate()
                .map(|(server, row)| {
                    let id = ContactId(uuid(row, 0));
                    format!("l{server}: generateMagicLink(input: {{contactId: \"{id}\"}}) {{ url }}")
                })
                .collect();
            let created = self
                .request(&format!("mutation {{ {} }}", fields.join(" ")))
                .await;
            let urls = created.as_object().into_iter().flat_map(|fields| fields.values());
            tokens.extend(urls.filter_map(|one| Some(one["url"].as_str()?.rsplit('/').next()?.to_owned())));
        }
        tokens
    }

    /// Invites this many new contacts at once. Returns emails per second until the last arrived.
    pub async fn invite(&self, turn: usize, count: usize) -> f64 {
        self.execute(&format!(
            "insert into contacts (account_id, id, email, email_key, first_name, tags, created_at, updated_at)
             select '{}', gen_random_uuid(), 'b{turn}x' || i || '@example.com', 'b{turn}x' || i || '@example.com', 'Ann',
                 array['turn{turn}'], now(), now() from generate_series(1, {count}) i",
            self.account.0
        ))
        .await;
        let before = self.sink.count();
        let started_at = Instant::now();
        self.request(&format!(
            "mutation {{ inviteContacts(input: {{filter: {{tags: [\"turn{turn}\"]}}}}) {{ count }} }}"
        ))
        .await;
        self.sink.reached(before + count).await;
        count as f64 / started_at.elapsed().as_secs_f64()
    }

    /// Sends the same emails through the mailer only.
    pub async fn send_alone(&self, count: usize) -> f64 {
        let settings = MailSettings {
            smtp_url: Some(self.sink.url.parse().expect("a URL")),
            ..MailSettings::new(self.folder.join("alone"))
        };
        let mailer = Mailer::new(&settings).expect("a mailer");
        let before = self.sink.count();
        let started_at = Instant::now();
        let mut tasks = Vec::new();
        for worker in 0..16 {
            let mailer = mailer.clone();
            tasks.push(tokio::spawn(async move {
                for number in (worker..count).step_by(16) {
                    mailer.send(&email(number)).await.expect("it is taken");
                }
            }));
        }
        for task in tasks {
            task.await.expect("a worker");
        }
        self.sink.reached(before + count).await;
        let rate = count as f64 / started_at.elapsed().as_secs_f64();
        mailer.close().await;
        rate
    }

    /// The cursor before page 10,000 of the contacts by address.
    pub async fn deep_cursor(&self) -> String {
        let row = self
            .sql
            .query_one(
                "select email_key, id::text from contacts order by email_key, id offset 199999 limit 1",
                &[],
            )
            .await;
        let row = row.expect("a row");
        let (key, id): (String, uuid::Uuid) = (row.get(0), uuid(&row, 1));
        URL_SAFE_NO_PAD.encode(json!(["contacts/Email/ASC", key, id.simple().to_string()]).to_string())
    }

    /// Restarts the server. Returns the seconds to the first response, and MiB of memory a while later.
    pub async fn restart(mut self) -> (f64, f64) {
        end(&mut self.server).await;
        let started_at = Instant::now();
        self.server = serve(&self.folder, self.port, &self.sink);
        wait_until_ready(self.port).await;
        let seconds = started_at.elapsed().as_secs_f64();
        tokio::time::sleep(Duration::from_secs(5)).await;
        let kib = resident(self.server.id().unwrap_or_default());
        self.close().await;
        (seconds, kib / 1_024.0)
    }

    /// Stops the server and its database, and removes the folder.
    pub async fn close(mut self) {
        end(&mut self.server).await;
        std::fs::remove_dir_all(&self.folder).expect("the folder goes");
    }
}

fn resident(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    kib.unwrap_or(f64::NAN)
}

fn uuid(row: &tokio_postgres::Row, column: usize) -> uuid::Uuid {
    row.get::<_, String>(column).parse().expect("an id")
}

async fn end(server: &mut Child) {
    if let Some(pid) = server.id() {
        let pid = nix::unistd::Pid::from_raw(i32::try_from(pid).expect("a process id"));
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).expect("it is ours");
    }
    server.wait().await.expect("it ends");
}

async fn database(folder: &std::path::Path) -> String {
    let options = Options {
        name: "vestibule".to_owned(),
        data_dir: folder.to_owned(),
        durable: true,
        max_connections: 60,
    };
    let attached = EmbeddedPostgres::attach_or_start(options).await.expect("it runs");
    attached.url().to_owned()
}

async fn token(db: &Db, folder: &std::path::Path, port: u16, account: AccountId) -> String {
    let clock = Clock::System;
    let moment = clock.moment();
    let secret = std::fs::read_to_string(folder.join("secret")).expect("the server's secret");
    let server_keys = Keys::new(&ServerKey::new(secret.trim().as_bytes()));
    let pairs = keys::load_or_create(db, &server_keys.signing_seal, &moment)
        .await
        .expect("the signing keys");
    let tokens = Tokens::new(pairs, &format!("http://localhost:{port}"));
    let mut conn = db.conn().await.expect("a connection");
    let email = vestibule::base::address::EmailAddress::parse("owner@bench.example").expect("an address");
    let owner = TeamMember::by_email(&mut conn, account, &email)
        .await
        .expect("a look-up")
        .expect("the owner");
    let client = Caller::default();
    let opening = NewSession::new(
        account,
        Holder::Member(owner.id),
        SignInMethod::StaffLink,
        &client,
    );
    let session = Session::open(&mut conn, &opening, &moment)
        .await
        .expect("a session");
    let pair = refresh::first_pair(&mut conn, session, &moment)
        .await
        .expect("a pair");
    tokens
        .access(&pair, Some(Role::Owner), moment.now)
        .expect("a token")
        .0
}

fn email(number: usize) -> Email {
    Email {
        folder: "bench".to_owned(),
        key: format!("mail{number}"),
        from: Mailbox::named("Bench", "portal@bench.example"),
        reply_to: None,
        to: Mailbox::new(format!("c{number}@example.com")),
        subject: "Bench invites you to its portal".to_owned(),
        text: "Hello,\n\nBench invites you to its portal.\n".repeat(8),
        html: "<p>Hello,</p><p>Bench invites you to its portal.</p>".repeat(30),
        message_id: format!("{number}@bench.example"),
        date: Clock::System.now(),
        auto_submitted: AutoSubmitted::Generated,
        list_unsubscribe: None,
        envelope_from: None,
        dkim: None,
    }
}
