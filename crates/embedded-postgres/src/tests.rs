//! Each test runs real servers. `serves_until_killed` is not a test itself: other tests run it in a child process and kill
//! it.

mod attaching;
mod killed;
mod units;
mod versions;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid, getpgid};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};
use tokio_postgres::{Client, Error as SqlError, NoTls};

use crate::{EmbeddedPostgres, Error, Options, postmaster};

/// A directory that PostgreSQL's user can reach, whatever the umask.
fn data_dir() -> TempDir {
    let dir = TempDir::new().expect("a temporary directory");
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o711)).expect("the test owns it");
    dir
}

fn options(data_dir: &Path) -> Options {
    Options {
        name: "embedded_test".to_owned(),
        data_dir: data_dir.to_owned(),
        durable: false,
        max_connections: 20,
    }
}

async fn start(data_dir: &Path) -> EmbeddedPostgres {
    EmbeddedPostgres::start(options(data_dir))
        .await
        .expect("it starts")
}

async fn connect(url: &str) -> Result<Client, SqlError> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn query_int(url: &str, query: &str) -> Result<i32, SqlError> {
    Ok(connect(url).await?.query_one(query, &[]).await?.get(0))
}

async fn execute(url: &str, statements: &str) {
    connect(url)
        .await
        .expect("it accepts connections")
        .batch_execute(statements)
        .await
        .expect("the statements run");
}

fn pid(cluster: &Path) -> Option<Pid> {
    postmaster::running(cluster)
        .expect("the cluster can be read")
        .map(|running| running.pid)
}

async fn wait_until_stopped(pid: Pid, cluster: &Path) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while postmaster::is_server_of(pid, cluster) {
        assert!(Instant::now() < deadline, "{pid} still runs");
        sleep(Duration::from_millis(50)).await;
    }
}

/// Returns how long it took until a new postmaster responded.
async fn wait_for_restart(postgres: &EmbeddedPostgres, previous: Pid) -> Duration {
    let started_at = Instant::now();
    while pid(postgres.cluster()).is_none_or(|pid| pid == previous)
        || !matches!(query_int(postgres.url(), "select 1").await, Ok(1))
    {
        assert!(
            started_at.elapsed() < Duration::from_secs(20),
            "the server was not restarted"
        );
        sleep(Duration::from_millis(20)).await;
    }
    started_at.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_the_data() {
    let dir = data_dir();
    let postgres = start(dir.path()).await;
    assert_eq!(query_int(postgres.url(), "select 1").await.ok(), Some(1));
    execute(postgres.url(), "create table kept as select 42 as answer").await;
    execute(postgres.url(), "create database another").await;
    assert!(query_int(&postgres.url_for("another"), "select 1").await.is_ok());
    let (first, cluster) = (
        pid(postgres.cluster()).expect("it runs"),
        postgres.cluster().to_owned(),
    );
    postgres.stop().await;
    assert!(
        !postmaster::is_server_of(first, &cluster),
        "stop waits until the server has exited"
    );
    assert!(!cluster.join("postmaster.pid").exists(), "it shut down cleanly");

    let postgres = start(dir.path()).await;
    assert_eq!(
        query_int(postgres.url(), "select answer from kept").await.ok(),
        Some(42)
    );
    postgres.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_is_private() {
    let dir = data_dir();
    let options = Options {
        durable: true,
        ..options(dir.path())
    };
    let postgres = EmbeddedPostgres::start(options).await.expect("it starts");
    let pid = pid(postgres.cluster()).expect("it runs");
    assert_eq!(getpgid(Some(pid)), Ok(pid), "Ctrl-C does not reach it");
    let environment = fs::read_to_string(format!("/proc/{pid}/environ")).unwrap_or_default();
    assert!(
        !environment.contains("CARGO_"),
        "the environment is not inherited"
    );
    assert_eq!(
        fs::metadata(&postgres.socket)
            .map(|meta| meta.mode() & 0o777)
            .ok(),
        Some(0o700)
    );
    assert_ne!(
        fs::metadata(postgres.cluster()).map(|meta| meta.uid()).ok(),
        Some(0)
    );
    let query = "select (rolsuper or rolcreaterole)::int from pg_roles where rolname = current_user";
    assert_eq!(
        query_int(postgres.url(), query).await.ok(),
        Some(0),
        "the role is not a superuser"
    );
    for (setting, value) in [
        ("listen_addresses", ""),
        ("fsync", "on"),
        ("jit", "off"),
        ("TimeZone", "UTC"),
        ("server_encoding", "UTF8"),
    ] {
        let query = format!("select (current_setting('{setting}') = '{value}')::int");
        assert_eq!(query_int(postgres.url(), &query).await.ok(), Some(1), "{setting}");
    }
    let client = connect(postgres.url()).await.expect("it accepts connections");
    client
        .batch_execute("create table once (address text primary key)")
        .await
        .expect("it runs");
    for _ in 0..2 {
        let _refused = client
            .execute("insert into once values ($1)", &[&"ann@example.com"])
            .await;
    }
    postgres.stop().await;
    let log = fs::read_to_string(dir.path().join("postgres.log")).expect("a log");
    assert!(
        log.contains("duplicate key") && !log.contains("ann@") && !log.contains("insert"),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_postmaster_is_restarted_even_if_a_busy_session_survives() {
    let dir = data_dir();
    let postgres = start(dir.path()).await;
    execute(postgres.url(), "create table kept as select 42 as answer").await;
    let busy = connect(postgres.url()).await.expect("it accepts connections");
    tokio::spawn(async move {
        busy.batch_execute("select count(*) from generate_series(1, 1e11)")
            .await
    });
    sleep(Duration::from_millis(300)).await;
    for _ in 0..2 {
        let killed = pid(postgres.cluster()).expect("it runs");
        kill(killed, Signal::SIGKILL).expect("the test owns it");
        let took = wait_for_restart(&postgres, killed).await;
        assert!(took < Duration::from_secs(5), "{took:?}");
    }
    assert_eq!(postgres.restart_count().load(Ordering::Relaxed), 2);
    assert_eq!(
        query_int(postgres.url(), "select answer from kept").await.ok(),
        Some(42)
    );
    postgres.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_the_value_stops_the_server() {
    let dir = data_dir();
    let postgres = start(dir.path()).await;
    let (pid, cluster) = (
        pid(postgres.cluster()).expect("it runs"),
        postgres.cluster().to_owned(),
    );
    drop(postgres);
    wait_until_stopped(pid, &cluster).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_parent_directory_moves_the_cluster() {
    let closed = data_dir();
    fs::set_permissions(closed.path(), fs::Permissions::from_mode(0o700)).expect("the test owns it");
    let dir = closed.path().join("data");
    let postgres = start(&dir).await;
    execute(postgres.url(), "create table kept as select 42 as answer").await;
    let cluster = postgres.cluster().to_owned();
    assert_eq!(
        cluster.starts_with("/var/lib/embedded_test"),
        Uid::effective().is_root()
    );
    postgres.stop().await;
    // The choice stays when the dir opens later.
    fs::set_permissions(closed.path(), fs::Permissions::from_mode(0o755)).expect("the test owns it");
    let postgres = start(&dir).await;
    assert_eq!(
        query_int(postgres.url(), "select answer from kept").await.ok(),
        Some(42)
    );
    postgres.stop().await;
    if let Some(base) = cluster
        .parent()
        .filter(|base| base.starts_with("/var/lib/embedded_test"))
    {
        fs::remove_dir_all(base).expect("the test owns it");
        // Fails while another test process has its clusters there.
        let _shared = fs::remove_dir("/var/lib/embedded_test");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_of_a_missing_version_is_refused() {
    let dir = data_dir();
    let postgres = start(dir.path()).await;
    let file = postgres.cluster().join("PG_VERSION");
    postgres.stop().await;
    fs::write(&file, "3\n").expect("the test owns it");
    let error = EmbeddedPostgres::start(options(dir.path()))
        .await
        .expect_err("no such version");
    assert!(
        error
            .to_string()
            .contains("created by PostgreSQL 3, which is not installed (found: "),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incomplete_cluster_is_renamed_and_replaced() {
    let dir = data_dir();
    let incomplete: [PathBuf; 2] = ["postgres", "postgres.new-6"].map(|name| dir.path().join(name));
    for path in &incomplete {
        fs::create_dir_all(path.join("base")).expect("it can be created");
        fs::write(path.join("PG_VERSION"), "15\n").expect("it can be written");
    }
    let postgres = start(dir.path()).await;
    assert_eq!(query_int(postgres.url(), "select 1").await.ok(), Some(1));
    assert!(
        dir.path().join("postgres.incomplete-0/PG_VERSION").exists(),
        "nothing is deleted"
    );
    assert!(!incomplete[1].exists());
    postgres.stop().await;
}
