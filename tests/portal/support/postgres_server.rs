//! PostgreSQL servers that a test starts, stops and promotes: primaries with a migrated database, and standbys that stream from them.
//! They use the programs and the user of the tests' cluster.

use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use tokio_postgres::Client;
use vestibule::base::db::Db;

use super::cluster::Cluster;
use super::database::connect;
use super::{TestDatabase, wait_until};

/// Runs the server until its input ends, which it does at the latest with the tests. `$1` is the log, the rest the command.
const RUN: &str = r#"
trap '' INT TERM HUP
log=$1
shift
"$@" </dev/null >>"$log" 2>&1 &
read _nothing
kill -QUIT $!
wait $!
"#;

const SETTINGS: [&str; 10] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",
    "full_page_writes=off",
    "jit=off",
    "shared_buffers=32MB",
    "max_connections=100",
    "max_wal_size=256MB",
    "wal_receiver_status_interval=1s",
    // The name of the program.
    "log_line_prefix=%a ",
];

pub struct PostgresServer {
    pub port: u16,
    folder: TempDir,
    running: Option<Child>,
}

/// Where PostgreSQL's programs are, and whom they run as.
struct Programs {
    directory: PathBuf,
    user: (u32, u32),
}

impl Programs {
    fn of_cluster() -> Self {
        let cluster = Cluster::get().directory();
        let written = fs::read_to_string(cluster.join("postmaster.opts")).expect("it runs");
        let postgres = written.split(" \"").next().expect("a program");
        let owner = fs::metadata(cluster).expect("it exists");
        Self {
            directory: Path::new(postgres).parent().expect("a folder").to_owned(),
            user: (owner.uid(), owner.gid()),
        }
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("LC_ALL", "C")
            .current_dir("/")
            .stdin(Stdio::null());
        if nix::unistd::Uid::effective().as_raw() != self.user.0 {
            command.uid(self.user.0).gid(self.user.1);
        }
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let output = self
            .command(self.directory.join(program))
            .args(arguments)
            .output();
        let output = output.expect("it starts");
        assert!(output.status.success(), "{program}: {output:?}");
    }
}

impl PostgresServer {
    /// A primary with a migrated database, which the role that owns it can reach, as in production.
    pub async fn primary() -> Self {
        let mut server = Self::new();
        Programs::of_cluster().run(
            "initdb",
            &[
                "-D",
                &server.data(),
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ],
        );
        server.start().await;
        server
            .superuser()
            .await
            .batch_execute("create role vestibule login")
            .await
            .expect("a role");
        server
            .superuser()
            .await
            .batch_execute("create database portal owner vestibule")
            .await
            .expect("a database");
        let db = Db::new(&server.url(), 1).expect("a pool");
        db.migrate().await.expect("the migrations run");
        db.close();
        server
    }

    /// A standby that streams from this server.
    pub async fn standby(&self) -> Self {
        let mut server = Self::new();
        Programs::of_cluster().run(
            "pg_basebackup",
            &[
                "-D",
                &server.data(),
                "-d",
                &format!("host=127.0.0.1 port={} user=postgres", self.port),
                "--write-recovery-conf",
                "--checkpoint=fast",
                "--no-sync",
            ],
        );
        server.start().await;
        server
    }

    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // PostgreSQL's user must be able to enter.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).expect("it is ours");
        let own = folder.path().join("server");
        fs::create_dir(&own).expect("a folder");
        let (uid, gid) = Programs::of_cluster().user;
        match chown(&own, Some(uid), Some(gid)) {
            Err(error) if error.kind() != ErrorKind::PermissionDenied => panic!("{error}"),
            _ => {}
        }
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        Self {
            port: free.local_addr().expect("an address").port(),
            folder,
            running: None,
        }
    }

    fn path(&self, name: &str) -> String {
        let path = self.folder.path().join("server").join(name);
        path.to_str().expect("text").to_owned()
    }

    fn data(&self) -> String {
        self.path("data")
    }

    /// Returns when the server answers.
    pub async fn start(&mut self) {
        let programs = Programs::of_cluster();
        let mut command = programs.command("/bin/sh");
        command
            .args(["-c", RUN, "server", &self.path("log")])
            .arg(programs.directory.join("postgres"))
            .args(["-D", &self.data(), "-p", &self.port.to_string()])
            .args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        // So that Ctrl-C does not end it before the tests.
        command.stdin(Stdio::piped()).process_group(0);
        self.running = Some(command.spawn().expect("a shell starts"));
        wait_until("PostgreSQL answers", async || {
            tokio_postgres::connect(&self.url_for("postgres", "postgres"), tokio_postgres::NoTls)
                .await
                .is_ok()
        })
        .await;
    }

    /// As `pg_ctl stop -m immediate`: connections are cut.
    pub fn stop(&mut self) {
        let Some(mut running) = self.running.take() else {
            return;
        };
        drop(running.stdin.take());
        running.wait().expect("the shell ends");
    }

    /// As `pg_ctl promote`.
    pub async fn promote(&self) {
        self.superuser()
            .await
            .batch_execute("select pg_promote()")
            .await
            .expect("it is promoted");
    }

    /// What the server has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path("log")).expect("a log")
    }

    pub fn url(&self) -> String {
        self.url_for("vestibule", "portal")
    }

    /// Of the database, for the superuser.
    pub fn superuser_url(&self) -> String {
        self.url_for("postgres", "portal")
    }

    fn url_for(&self, user: &str, database: &str) -> String {
        format!("host=127.0.0.1 port={} user={user} dbname={database}", self.port)
    }

    /// The database, with its own connection as from `psql`.
    pub async fn database(&self) -> TestDatabase {
        TestDatabase::at(&self.url()).await
    }

    /// A session of the superuser in the database.
    pub async fn superuser(&self) -> Client {
        connect(&self.url_for("postgres", "postgres")).await
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.stop();
    }
}
