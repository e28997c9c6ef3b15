//! The server to measure, in its own folder, with an account.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use embedded_postgres::{EmbeddedPostgres, Options};
use serde_json::Value;
use tokio::process::{Child, Command};
use tokio_postgres::{Client, NoTls};
use vestibule::accounts::model::Account;
use vestibule::base::db::Db;
use vestibule::base::ids::AccountId;

use crate::cpu::Cpu;
use crate::http::{Connection, Load};
use crate::owner;
use crate::sink::SmtpSink;

pub struct BenchServer {
    pub port: u16,
    /// The owner's access token.
    pub token: String,
    pub key: String,
    pub account: AccountId,
    pub folder: PathBuf,
    /// Whether the folder stays.
    keeps: bool,
    server: Child,
    pub sql: Client,
    /// Where the database is.
    pub database: String,
    pub sink: SmtpSink,
}

fn binary() -> PathBuf {
    std::env::var_os("VESTIBULE_BIN").map_or_else(|| env!("CARGO_BIN_EXE_vestibule").into(), PathBuf::from)
}

fn serve(folder: &Path, port: u16, sink: &SmtpSink) -> Child {
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

async fn create_account(folder: &Path) {
    let created = Command::new(binary())
        .args(["account", "create", "--slug", "bench", "--name", "Bench"])
        .args(["--owner", "owner@bench.example", "--data-dir"])
        .arg(folder)
        .env_remove("VESTIBULE_BIN")
        .stdout(Stdio::null())
        .status()
        .await;
    assert!(
        created.expect("the command runs").success(),
        "the account is created"
    );
}

impl BenchServer {
    /// In a folder that is kept, with the account that it may have, or in a new one that goes.
    pub async fn open(kept: Option<PathBuf>) -> Self {
        let keeps = kept.is_some();
        let new = || std::env::temp_dir().join(format!("vestibule-bench-{}", std::process::id()));
        let folder = kept.unwrap_or_else(new);
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .expect("a port")
            .local_addr()
            .expect("an address")
            .port();
        let sink = SmtpSink::open().await;
        let server = serve(&folder, port, &sink);
        wait_until_ready(port).await;
        let (url, sql) = database(&folder).await;
        let db = Db::new(&url, 2).expect("a pool");
        let mut conn = db.conn().await.expect("a connection");
        let mut account = Account::by_slug(&mut conn, "bench").await.expect("a look-up");
        if account.is_none() {
            create_account(&folder).await;
            account = Account::by_slug(&mut conn, "bench").await.expect("a look-up");
        }
        drop(conn);
        let account = account.expect("the account");
        let token = owner::token(&db, &folder, port, account.id).await;
        let key = owner::key(&db, account.id).await;
        Self {
            port,
            token,
            key,
            account: account.id,
            folder,
            keeps,
            server,
            sql,
            database: url,
            sink,
        }
    }

    pub async fn execute(&self, statements: &str) {
        for statement in statements.split(";\n") {
            self.sql.batch_execute(statement).await.expect(statement);
        }
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
        self.send(&Load::query(credential, query))
            .await
            .unwrap_or_else(|refusal| panic!("{refusal}"))
    }

    /// The data of a response, or the code and the message of its first error.
    pub async fn send(&self, load: &Load) -> Result<Value, String> {
        let mut connection = Connection::open(self.port).await;
        let response: Value = serde_json::from_str(connection.exchange(load).await.1).expect("JSON");
        match response.get("errors") {
            None => Ok(response["data"].clone()),
            Some(errors) => Err(format!(
                "{}: {}",
                errors[0]["extensions"]["code"].as_str().unwrap_or_default(),
                errors[0]["message"].as_str().unwrap_or_default()
            )),
        }
    }

    /// Resident memory of the server in KiB.
    pub fn memory(&self) -> f64 {
        resident(self.server.id().unwrap_or_default())
    }

    pub async fn cpu(&self) -> Cpu {
        Cpu::now(self.server.id().unwrap_or_default(), &self.sql).await
    }

    /// Restarts the server. Returns the seconds to the first response.
    pub async fn restart(&mut self) -> f64 {
        end(&mut self.server).await;
        let started_at = Instant::now();
        self.server = serve(&self.folder, self.port, &self.sink);
        wait_until_ready(self.port).await;
        let seconds = started_at.elapsed().as_secs_f64();
        (self.database, self.sql) = database(&self.folder).await;
        seconds
    }

    /// Stops the server and its database, and removes the folder unless it is to be kept.
    pub async fn close(mut self) {
        end(&mut self.server).await;
        if !self.keeps {
            std::fs::remove_dir_all(&self.folder).expect("the folder goes");
        }
    }
}

fn resident(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    kib.unwrap_or(f64::NAN)
}

pub fn uuid(row: &tokio_postgres::Row, column: usize) -> uuid::Uuid {
    row.get::<_, String>(column).parse().expect("an id")
}

async fn end(server: &mut Child) {
    if let Some(pid) = server.id() {
        let pid = nix::unistd::Pid::from_raw(i32::try_from(pid).expect("a process id"));
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).expect("it is ours");
    }
    server.wait().await.expect("it ends");
}

/// Its address, and a connection.
async fn database(folder: &Path) -> (String, Client) {
    let options = Options {
        name: "vestibule".to_owned(),
        data_dir: folder.to_owned(),
        durable: true,
        max_connections: 60,
    };
    let attached = EmbeddedPostgres::attach_or_start(options).await.expect("it runs");
    let url = attached.url().to_owned();
    let (sql, driver) = tokio_postgres::connect(&url, NoTls).await.expect("the database");
    tokio::spawn(driver);
    (url, sql)
}
