//! The program as a process, in a folder of its own.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;
use vestibule::base::actor::Scope;

use crate::support::TestDatabase;

pub const LONG: Duration = Duration::from_secs(120);
pub const SECRET: (&str, &str) = ("VESTIBULE_SECRET", "a secret of the tests, long enough for all");

/// A folder to start the program in, with a database.
pub struct TestFolder {
    pub test: TestDatabase,
    pub folder: TempDir,
}

impl TestFolder {
    pub async fn new() -> Self {
        // The server runs in a process of its own, so nothing in this one has chosen the TLS provider that reqwest needs.
        let _already_chosen = rustls::crypto::ring::default_provider().install_default();
        Self {
            test: TestDatabase::new().await,
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program with only these settings. `signals` are arguments of `env`, independent of the signals this process
    /// ignores.
    pub fn command_with(&self, signals: &str, arguments: &[&str], settings: &[(&str, &str)]) -> Command {
        let mut command = Command::new("env");
        command
            .args([signals, env!("CARGO_BIN_EXE_vestibule")])
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| name == "PATH"))
            .env("DATABASE_URL", &self.test.url)
            .envs([SECRET])
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Runs the program until it exits.
    pub async fn run(&self, arguments: &[&str], settings: &[(&str, &str)]) -> CommandOutput {
        let mut command = self.command_with("--default-signal=HUP", arguments, settings);
        let output = timeout(LONG, command.output()).await.expect("it ends");
        CommandOutput::of(output.expect("it starts"))
    }

    /// Creates an account with an API key for everything. Returns what the command prints.
    pub async fn create_account(&self, slug: &str, settings: &[(&str, &str)]) -> Value {
        let owner = format!("owner@{slug}.example");
        let create = [
            "account", "create", "--slug", slug, "--name", slug, "--owner", &owner,
        ];
        let scopes = Scope::ALL.iter().flat_map(|scope| ["--scope", scope.as_str()]);
        let create: Vec<&str> = create.into_iter().chain(["--api-key"]).chain(scopes).collect();
        let created = self.run(&create, settings).await;
        serde_json::from_str(&created.out).expect("JSON")
    }

    /// Starts `serve` and waits until it is up.
    pub async fn serve(&self, signals: &str, settings: &[(&str, &str)]) -> ServerProcess {
        self.serve_at(&free_address(), signals, settings).await
    }

    pub async fn serve_at(&self, listen: &str, signals: &str, settings: &[(&str, &str)]) -> ServerProcess {
        let mut command = self.command_with(signals, &["serve", "--listen", listen], settings);
        let mut child = command.spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let up = async {
            while let Some(line) = lines.next_line().await.expect("text") {
                if line.starts_with("Press Ctrl-C") {
                    return true;
                }
            }
            false
        };
        let up = timeout(LONG, up).await.expect("it starts in time");
        let serving = ServerProcess {
            child,
            listen: listen.to_owned(),
        };
        if !up {
            panic!("{:?}", serving.wait().await);
        }
        serving
    }
}

pub struct ServerProcess {
    pub child: Child,
    pub listen: String,
}

impl ServerProcess {
    pub fn signal(&self, signal: Signal) {
        let id = self.child.id().expect("it runs");
        kill(Pid::from_raw(id.try_into().expect("a pid")), signal).expect("it is ours");
    }

    pub async fn wait(self) -> CommandOutput {
        let output = timeout(LONG, self.child.wait_with_output())
            .await
            .expect("it ends");
        CommandOutput::of(output.expect("its output"))
    }
}

#[derive(Debug)]
pub struct CommandOutput {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl CommandOutput {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    pub fn fails_with(&self, words: &[&str]) {
        assert_eq!(self.code, Some(1), "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "{word}: {self:?}");
        }
        assert!(!self.err.contains("hunter2"), "{self:?}");
    }
}

pub fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").to_string()
}
