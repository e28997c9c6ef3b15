//! Each test runs real servers. `serves_until_killed` is no test: others run it in a process of its own and kill it.

mod attaching;
mod killed;
mod units;

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
    let folder = TempDir::new().expect("a folder can be made");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).expect("it is ours");
    folder
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

async fn number(url: &str, query: &str) -> Result<i32, SqlError> {
    Ok(connect(url).await?.query_one(query, &[]).await?.get(0))
}

async fn run(url: &str, statements: &str) {
    connect(url)
        .await
        .expect("it answers")
        .batch_execute(statements)
        .await
        .expect("they run");
}

fn pid(cluster: &Path) -> Option<Pid> {
    postmaster::running(cluster)
        .expect("its folder can be read")
        .map(|running| running.pid)
}

async fn gone(pid: Pid, cluster: &Path) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while postmaster::is_server_of(pid, cluster) {
        assert!(Instant::now() < deadline, "{pid} still runs");
        sleep(Duration::from_millis(50)).await;
    }
}

/// How long it takes until another postmaster than `but_not` answers.
async fn answers_again(postgres: &EmbeddedPostgres, but_not: Pid) -> Duration {
    let began = Instant::now();
    while pid(postgres.cluster()).is_none_or(|pid| pid == but_not)
        || !matches!(number(postgres.url(), "select 1").await, Ok(1))
    {
        assert!(began.elapsed() < Duration::from_secs(20), "it does not come back");
        sleep(Duration::from_millis(20)).await;
    }
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_finds_its_data() {
    let folder = data_dir();
    let postgres = start(folder.path()).await;
    assert_eq!(number(postgres.url(), "select 1").await.ok(), Some(1));
    run(postgres.url(), "create table kept as select 42 as answer").await;
    run(postgres.url(), "create database another").await;
    assert!(number(&postgres.url_for("another"), "select 1").await.is_ok());
    let (first, cluster) = (
        pid(postgres.cluster()).expect("it runs"),
        postgres.cluster().to_owned(),
    );
    postgres.stop().await;
    assert!(
        !postmaster::is_server_of(first, &cluster),
        "stop waits for the end"
    );
    assert!(!cluster.join("postmaster.pid").exists(), "it ended in order");

    let postgres = start(folder.path()).await;
    assert_eq!(
        number(postgres.url(), "select answer from kept").await.ok(),
        Some(42)
    );
    postgres.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_is_private() {
    let folder = data_dir();
    let as_served = Options {
        durable: true,
        ..options(folder.path())
    };
    let postgres = EmbeddedPostgres::start(as_served).await.expect("it starts");
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
        number(postgres.url(), query).await.ok(),
        Some(0),
        "the role is no superuser"
    );
    for (setting, value) in [
        ("listen_addresses", ""),
        ("fsync", "on"),
        ("jit", "off"),
        ("TimeZone", "UTC"),
        ("server_encoding", "UTF8"),
    ] {
        let query = format!("select (current_setting('{setting}') = '{value}')::int");
        assert_eq!(number(postgres.url(), &query).await.ok(), Some(1), "{setting}");
    }
    let client = connect(postgres.url()).await.expect("it answers");
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
    let log = fs::read_to_string(folder.path().join("postgres.log")).expect("there is a log");
    assert!(
        log.contains("duplicate key") && !log.contains("ann@") && !log.contains("insert"),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_postmaster_comes_back_even_with_a_busy_session_left() {
    let folder = data_dir();
    let postgres = start(folder.path()).await;
    run(postgres.url(), "create table kept as select 42 as answer").await;
    let busy = connect(postgres.url()).await.expect("it answers");
    tokio::spawn(async move {
        busy.batch_execute("select count(*) from generate_series(1, 1e11)")
            .await
    });
    sleep(Duration::from_millis(300)).await;
    for _ in 0..2 {
        let killed = pid(postgres.cluster()).expect("it runs");
        kill(killed, Signal::SIGKILL).expect("it is ours");
        let took = answers_again(&postgres, killed).await;
        assert!(took < Duration::from_secs(5), "{took:?}");
    }
    assert_eq!(postgres.restart_count().load(Ordering::Relaxed), 2);
    assert_eq!(
        number(postgres.url(), "select answer from kept").await.ok(),
        Some(42)
    );
    postgres.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dropped_it_stops_its_server() {
    let folder = data_dir();
    let postgres = start(folder.path()).await;
    let (pid, cluster) = (
        pid(postgres.cluster()).expect("it runs"),
        postgres.cluster().to_owned(),
    );
    drop(postgres);
    gone(pid, &cluster).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_folder_above_does_not_matter() {
    let closed = data_dir();
    fs::set_permissions(closed.path(), fs::Permissions::from_mode(0o700)).expect("it is ours");
    let folder = closed.path().join("data");
    let postgres = start(&folder).await;
    run(postgres.url(), "create table kept as select 42 as answer").await;
    let cluster = postgres.cluster().to_owned();
    assert_eq!(
        cluster.starts_with("/var/lib/embedded_test"),
        Uid::effective().is_root()
    );
    postgres.stop().await;
    // The choice stays when the folder opens later.
    fs::set_permissions(closed.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
    let postgres = start(&folder).await;
    assert_eq!(
        number(postgres.url(), "select answer from kept").await.ok(),
        Some(42)
    );
    postgres.stop().await;
    if let Some(base) = cluster
        .parent()
        .filter(|base| base.starts_with("/var/lib/embedded_test"))
    {
        fs::remove_dir_all(base).expect("it is ours");
        // Fails while another test process has its clusters there.
        let _shared = fs::remove_dir("/var/lib/embedded_test");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_of_an_absent_version_is_left_alone() {
    let folder = data_dir();
    let postgres = start(folder.path()).await;
    let file = postgres.cluster().join("PG_VERSION");
    postgres.stop().await;
    fs::write(&file, "3\n").expect("it is ours");
    let error = EmbeddedPostgres::start(options(folder.path()))
        .await
        .expect_err("no such version");
    assert!(
        error
            .to_string()
            .contains("made by PostgreSQL 3, which is not installed (found: "),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_made_cluster_is_made_anew() {
    let folder = data_dir();
    let halves: [PathBuf; 2] = ["postgres", "postgres.new-6"].map(|name| folder.path().join(name));
    for half in &halves {
        fs::create_dir_all(half.join("base")).expect("it can be made");
        fs::write(half.join("PG_VERSION"), "15\n").expect("it can be written");
    }
    let postgres = start(folder.path()).await;
    assert_eq!(number(postgres.url(), "select 1").await.ok(), Some(1));
    assert!(
        folder.path().join("postgres.incomplete-0/PG_VERSION").exists(),
        "nothing is thrown away"
    );
    assert!(!halves[1].exists());
    postgres.stop().await;
}
