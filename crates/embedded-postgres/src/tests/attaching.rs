//! Two processes with one data directory.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_command_leaves_a_running_server_and_stops_one_it_started() {
    let dir = data_dir();
    let alone = EmbeddedPostgres::attach_or_start(options(dir.path()))
        .await
        .expect("it starts");
    execute(alone.url(), "create table kept as select 42 as answer").await;
    let (first, cluster) = (pid(alone.cluster()).expect("it runs"), alone.cluster().to_owned());
    alone.stop().await;
    assert!(!postmaster::is_server_of(first, &cluster));

    let serving = start(dir.path()).await;
    let second = pid(&cluster).expect("it runs");
    let beside = EmbeddedPostgres::attach_or_start(options(dir.path()))
        .await
        .expect("it attaches");
    assert_eq!(
        query_int(beside.url(), "select answer from kept").await.ok(),
        Some(42)
    );
    beside.stop().await;
    drop(
        EmbeddedPostgres::attach_or_start(options(dir.path()))
            .await
            .expect("it attaches"),
    );
    sleep(Duration::from_millis(300)).await;
    assert_eq!(pid(&cluster), Some(second));
    assert_eq!(
        query_int(serving.url(), "select answer from kept").await.ok(),
        Some(42)
    );
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_and_a_serving_process_that_start_together_share_the_cluster() {
    let dir = data_dir();
    let command = async {
        let command = EmbeddedPostgres::attach_or_start(options(dir.path()))
            .await
            .expect("it starts or attaches");
        assert_eq!(query_int(command.url(), "select 1").await.ok(), Some(1));
        command.stop().await;
    };
    // Either may come first; if the command does, `start` waits until it stops.
    let (serving, ()) = tokio::join!(start(dir.path()), command);
    assert_eq!(query_int(serving.url(), "select 1").await.ok(), Some(1));
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_serving_process_is_refused() {
    let dir = data_dir();
    let first = start(dir.path()).await;
    let second = EmbeddedPostgres::start(options(dir.path())).await;
    let error = second.expect_err("one is already serving");
    assert!(matches!(error, Error::AlreadyServing { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains(&format!("serve {}", std::process::id())),
        "{error}"
    );
    assert_eq!(query_int(first.url(), "select 1").await.ok(), Some(1));
    first.stop().await;
}
