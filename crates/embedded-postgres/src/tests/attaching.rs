//! Two processes, one data folder.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_command_leaves_the_cluster_it_found_and_stops_the_one_it_started() {
    let folder = data_dir();
    let alone = EmbeddedPostgres::attach_or_start(options(folder.path()))
        .await
        .expect("it starts");
    run(alone.url(), "create table kept as select 42 as answer").await;
    let (first, cluster) = (pid(alone.cluster()).expect("it runs"), alone.cluster().to_owned());
    alone.stop().await;
    assert!(!postmaster::is_server_of(first, &cluster));

    let serving = start(folder.path()).await;
    let second = pid(&cluster).expect("it runs");
    let beside = EmbeddedPostgres::attach_or_start(options(folder.path()))
        .await
        .expect("it attaches");
    assert_eq!(
        number(beside.url(), "select answer from kept").await.ok(),
        Some(42)
    );
    beside.stop().await;
    drop(
        EmbeddedPostgres::attach_or_start(options(folder.path()))
            .await
            .expect("it attaches"),
    );
    sleep(Duration::from_millis(300)).await;
    assert_eq!(pid(&cluster), Some(second));
    assert_eq!(
        number(serving.url(), "select answer from kept").await.ok(),
        Some(42)
    );
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_and_serve_started_together_share_the_cluster() {
    let folder = data_dir();
    let command = async {
        let command = EmbeddedPostgres::attach_or_start(options(folder.path()))
            .await
            .expect("it gets there");
        assert_eq!(number(command.url(), "select 1").await.ok(), Some(1));
        command.stop().await;
    };
    // Whoever comes first; if that is the command, `serve` waits for its end.
    let (serving, ()) = tokio::join!(start(folder.path()), command);
    assert_eq!(number(serving.url(), "select 1").await.ok(), Some(1));
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_serve_is_refused() {
    let folder = data_dir();
    let first = start(folder.path()).await;
    let second = EmbeddedPostgres::start(options(folder.path())).await;
    let error = second.expect_err("one serves already");
    assert!(matches!(error, Error::AlreadyServing { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains(&format!("serve {}", std::process::id())),
        "{error}"
    );
    assert_eq!(number(first.url(), "select 1").await.ok(), Some(1));
    first.stop().await;
}
