//! What a process killed by `kill -9` leaves behind.

use std::process::{Child, Command, Stdio};

use super::*;
use crate::data_directory::DataDirectory;

const FOLDER: &str = "EMBEDDED_POSTGRES_TEST_SERVES";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by other tests, in a process of its own"]
async fn serves_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let _postgres = start(Path::new(&folder)).await;
    sleep(Duration::from_secs(60)).await;
}

fn serve_elsewhere(data_dir: &Path) -> Child {
    let program = std::env::current_exe().expect("this test is a program");
    let mut command = Command::new(program);
    command.args(["--ignored", "--exact", "tests::killed::serves_until_killed"]);
    command
        .env(FOLDER, data_dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().expect("it can be run")
}

fn kill_nine(mut process: Child) {
    process.kill().expect("it is ours");
    process.wait().expect("it is ours");
}

/// The cluster and the postmaster of a process that was killed.
async fn left_over(data_dir: &Path) -> (PathBuf, Pid) {
    let process = serve_elsewhere(data_dir);
    let cluster = DataDirectory::prepare(&options(data_dir))
        .await
        .expect("it is there")
        .cluster;
    let left = started(&cluster).await;
    kill_nine(process);
    (cluster, left.expect("it starts"))
}

async fn started(cluster: &Path) -> Option<Pid> {
    let deadline = Instant::now() + Duration::from_secs(20);
    while Instant::now() < deadline {
        let running = postmaster::running(cluster).ok()?;
        // Before it names its socket it is still starting.
        if let Some(running) = running.filter(|running| running.socket.is_some()) {
            return Some(running.pid);
        }
        sleep(Duration::from_millis(20)).await;
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn a_left_over_postmaster_is_adopted_watched_and_stopped() {
    let folder = data_dir();
    let (cluster, left) = left_over(folder.path()).await;
    let postgres = start(folder.path()).await;
    assert_eq!(pid(&cluster), Some(left), "adopted");
    kill(left, Signal::SIGKILL).expect("it is ours");
    let took = answers_again(&postgres, left).await;
    assert!(took < Duration::from_secs(5), "{took:?}");
    postgres.stop().await;

    let (_, left) = left_over(folder.path()).await;
    let postgres = start(folder.path()).await;
    assert_eq!(pid(&cluster), Some(left), "adopted");
    postgres.stop().await;
    assert!(
        !postmaster::is_server_of(left, &cluster),
        "an adopted one is stopped as well"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_left_over_postmaster_serves_commands_and_outlives_them() {
    let folder = data_dir();
    let (cluster, left) = left_over(folder.path()).await;
    let command = EmbeddedPostgres::attach_or_start(options(folder.path()))
        .await
        .expect("it attaches");
    assert_eq!(number(command.url(), "select 1").await.ok(), Some(1));
    command.stop().await;
    assert_eq!(pid(&cluster), Some(left));

    // An adopted server outlives a drop: it is unknown how long it is needed.
    drop(start(folder.path()).await);
    sleep(Duration::from_millis(300)).await;
    assert_eq!(pid(&cluster), Some(left));
    start(folder.path()).await.stop().await;
    assert_eq!(pid(&cluster), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_left_over_postmaster_with_other_settings_is_replaced() {
    let folder = data_dir();
    let (cluster, left) = left_over(folder.path()).await;
    let other = Options {
        max_connections: 30,
        ..options(folder.path())
    };
    let postgres = EmbeddedPostgres::start(other).await.expect("it starts");
    assert_ne!(pid(&cluster), Some(left));
    let query = "select current_setting('max_connections')::int";
    assert_eq!(number(postgres.url(), query).await.ok(), Some(30));
    postgres.stop().await;
}

/// The process id in the file is that of another program of PostgreSQL's user, which PostgreSQL takes for a server.
#[tokio::test(flavor = "multi_thread")]
async fn a_stale_pid_file_is_survived() {
    let folder = data_dir();
    start(folder.path()).await.stop().await;
    let directory = DataDirectory::prepare(&options(folder.path()))
        .await
        .expect("it is there");
    let mut stranger = directory
        .user
        .command("sleep")
        .arg("60")
        .kill_on_drop(true)
        .spawn()
        .expect("it runs");
    let socket = crate::socket::prepare(&directory).expect("it is there");
    let text = format!(
        "{}\n{}\n1\n5432\n{}\n",
        stranger.id().unwrap_or(1),
        directory.cluster.display(),
        socket.display()
    );
    for file in [
        directory.cluster.join("postmaster.pid"),
        socket.join(".s.PGSQL.5432.lock"),
    ] {
        fs::write(&file, &text).expect("it can be written");
        directory.user.give(&file).expect("it is ours");
    }
    let postgres = start(folder.path()).await;
    assert_eq!(number(postgres.url(), "select 1").await.ok(), Some(1));
    assert!(
        matches!(stranger.try_wait(), Ok(None)),
        "the stranger was not touched"
    );
    postgres.stop().await;
    stranger.kill().await.expect("it is ours");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_while_the_cluster_is_made_is_survived() {
    let folder = data_dir();
    for wait in [150, 400, 700] {
        let process = serve_elsewhere(folder.path());
        sleep(Duration::from_millis(wait)).await;
        kill_nine(process);
    }
    let postgres = start(folder.path()).await;
    assert_eq!(number(postgres.url(), "select 1").await.ok(), Some(1));
    postgres.stop().await;
}
