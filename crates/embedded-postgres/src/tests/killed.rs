//! Starts after a process was killed by `kill -9`.

use std::process::{Child, Command, Stdio};

use super::*;
use crate::data_directory::DataDirectory;

const DATA_DIR_VARIABLE: &str = "EMBEDDED_POSTGRES_TEST_SERVES";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by other tests, in a process of its own"]
async fn serves_until_killed() {
    let Some(dir) = std::env::var_os(DATA_DIR_VARIABLE) else {
        return;
    };
    let _postgres = start(Path::new(&dir)).await;
    sleep(Duration::from_secs(60)).await;
}

fn spawn_server_process(data_dir: &Path) -> Child {
    let program = std::env::current_exe().expect("this test is a program");
    let mut command = Command::new(program);
    command.args(["--ignored", "--exact", "tests::killed::serves_until_killed"]);
    command
        .env(DATA_DIR_VARIABLE, data_dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().expect("it can be run")
}

fn kill_process(mut process: Child) {
    process.kill().expect("the test owns it");
    process.wait().expect("the test owns it");
}

/// The cluster and the postmaster of a process that was killed.
async fn abandoned_server(data_dir: &Path) -> (PathBuf, Pid) {
    let process = spawn_server_process(data_dir);
    let cluster = DataDirectory::prepare(&options(data_dir))
        .await
        .expect("it exists")
        .cluster;
    let left = wait_for_start(&cluster).await;
    kill_process(process);
    (cluster, left.expect("it starts"))
}

async fn wait_for_start(cluster: &Path) -> Option<Pid> {
    let deadline = Instant::now() + Duration::from_secs(20);
    while Instant::now() < deadline {
        let running = postmaster::running(cluster).ok()?;
        // A file without a socket belongs to a server that is still starting.
        if let Some(running) = running.filter(|running| running.socket.is_some()) {
            return Some(running.pid);
        }
        sleep(Duration::from_millis(20)).await;
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_postmaster_is_adopted_supervised_and_stopped() {
    let dir = data_dir();
    let (cluster, left) = abandoned_server(dir.path()).await;
    let postgres = start(dir.path()).await;
    assert_eq!(pid(&cluster), Some(left), "adopted");
    kill(left, Signal::SIGKILL).expect("the test owns it");
    let took = wait_for_restart(&postgres, left).await;
    assert!(took < Duration::from_secs(5), "{took:?}");
    postgres.stop().await;

    let (_, left) = abandoned_server(dir.path()).await;
    let postgres = start(dir.path()).await;
    assert_eq!(pid(&cluster), Some(left), "adopted");
    postgres.stop().await;
    assert!(
        !postmaster::is_server_of(left, &cluster),
        "stop ends an adopted server as well"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_postmaster_serves_commands_and_outlives_them() {
    let dir = data_dir();
    let (cluster, left) = abandoned_server(dir.path()).await;
    let command = EmbeddedPostgres::attach_or_start(options(dir.path()))
        .await
        .expect("it attaches");
    assert_eq!(query_int(command.url(), "select 1").await.ok(), Some(1));
    command.stop().await;
    assert_eq!(pid(&cluster), Some(left));

    // Dropping the value leaves an adopted server running: another process may need it.
    drop(start(dir.path()).await);
    sleep(Duration::from_millis(300)).await;
    assert_eq!(pid(&cluster), Some(left));
    start(dir.path()).await.stop().await;
    assert_eq!(pid(&cluster), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_postmaster_with_other_settings_is_replaced() {
    let dir = data_dir();
    let (cluster, left) = abandoned_server(dir.path()).await;
    let other = Options {
        max_connections: 30,
        ..options(dir.path())
    };
    let postgres = EmbeddedPostgres::start(other).await.expect("it starts");
    assert_ne!(pid(&cluster), Some(left));
    let query = "select current_setting('max_connections')::int";
    assert_eq!(query_int(postgres.url(), query).await.ok(), Some(30));
    postgres.stop().await;
}

/// The id in the file is that of another program of the same user, which PostgreSQL would take for a server.
#[tokio::test(flavor = "multi_thread")]
async fn a_stale_pid_file_does_not_prevent_a_start() {
    let dir = data_dir();
    start(dir.path()).await.stop().await;
    let directory = DataDirectory::prepare(&options(dir.path()))
        .await
        .expect("it exists");
    let mut other_program = directory
        .user
        .command("sleep")
        .arg("60")
        .kill_on_drop(true)
        .spawn()
        .expect("it runs");
    let socket = crate::socket::prepare(&directory).expect("it exists");
    let text = format!(
        "{}\n{}\n1\n5432\n{}\n",
        other_program.id().unwrap_or(1),
        directory.cluster.display(),
        socket.display()
    );
    for file in [
        directory.cluster.join("postmaster.pid"),
        socket.join(".s.PGSQL.5432.lock"),
    ] {
        fs::write(&file, &text).expect("it can be written");
        directory.user.give_ownership(&file).expect("the test owns it");
    }
    let postgres = start(dir.path()).await;
    assert_eq!(query_int(postgres.url(), "select 1").await.ok(), Some(1));
    assert!(
        matches!(other_program.try_wait(), Ok(None)),
        "the other program still runs"
    );
    postgres.stop().await;
    other_program.kill().await.expect("the test owns it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_during_initdb_does_not_prevent_a_start() {
    let dir = data_dir();
    for wait in [150, 400, 700] {
        let process = spawn_server_process(dir.path());
        sleep(Duration::from_millis(wait)).await;
        kill_process(process);
    }
    let postgres = start(dir.path()).await;
    assert_eq!(query_int(postgres.url(), "select 1").await.ok(), Some(1));
    postgres.stop().await;
}
