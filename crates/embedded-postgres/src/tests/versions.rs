//! Several versions side by side, as Debian installs them. The programs are scripts that only report a version.

use super::*;
use crate::binaries::select;
use crate::client_programs::ClientPrograms;
use crate::data_directory::{DataDirectory, OsUser};

fn install(parent: &Path, version: &str, programs: &[&str]) -> PathBuf {
    let directory = parent.join(version);
    fs::create_dir(&directory).expect("it can be created");
    for program in programs {
        let file = directory.join(program);
        let script = format!("#!/bin/sh\necho '{program} (PostgreSQL) {version}'\n");
        fs::write(&file, script).expect("it can be written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("the test owns it");
    }
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o755)).expect("the test owns it");
    directory
}

async fn user(data_dir: &Path) -> OsUser {
    let prepared = DataDirectory::prepare(&options(data_dir)).await;
    prepared.expect("it can be created").user
}

#[tokio::test]
async fn a_cluster_runs_with_the_programs_of_its_version() {
    let dir = data_dir();
    let user = user(dir.path()).await;
    let servers =
        ["17.2", "16.6", "14.15"].map(|version| install(dir.path(), version, &["postgres", "initdb"]));
    let chosen = async |major| {
        let found = select(&servers, &user, major).await;
        found.map(|binaries| binaries.initdb)
    };
    assert_eq!(chosen(Some(16)).await.ok(), Some(servers[1].join("initdb")));
    assert_eq!(
        chosen(None).await.ok(),
        Some(servers[0].join("initdb")),
        "the first"
    );
    let missing = chosen(Some(15)).await.expect_err("it is not installed");
    let said = missing.wrong_version(dir.path(), 15).to_string();
    assert!(
        said.contains(
            "created by PostgreSQL 15, which is not installed (found: 17, 16, 14). Install that version"
        ),
        "{said}"
    );
    assert!(chosen(Some(14)).await.is_err(), "it is too old");
}

#[tokio::test]
async fn a_database_is_dumped_by_the_oldest_sufficient_programs() {
    let dir = data_dir();
    let both = ["pg_dump", "pg_restore"];
    let mut clients = vec![
        install(dir.path(), "17.2", &both),
        install(dir.path(), "15.18", &both),
        install(dir.path(), "16.6", &both),
        install(dir.path(), "18beta1", &["pg_dump"]),
    ];
    // Debian's wrapper, which would select a version by itself.
    let wrapper = install(dir.path(), "14", &["pg_wrapper"]);
    for program in both {
        std::os::unix::fs::symlink(wrapper.join("pg_wrapper"), wrapper.join(program)).expect("a link");
    }
    clients.insert(0, wrapper);
    for (at_least, major) in [(14, 15), (15, 15), (16, 16), (17, 17)] {
        let programs = ClientPrograms::select(&clients, at_least).await;
        assert_eq!(programs.map(|programs| programs.major()).ok(), Some(major));
    }
    let missing = ClientPrograms::select(&clients, 18)
        .await
        .expect_err("none is newer");
    let said = missing.to_string();
    assert!(
        said.contains("PostgreSQL 18 or newer are not installed (found: 17, 15, 16)"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_is_restored_and_a_cluster_deleted() {
    let dir = data_dir();
    let postgres = start(dir.path()).await;
    execute(postgres.url(), "create table kept as select 42 as answer").await;
    execute(postgres.url(), "create database \"an other's\"").await;
    let programs = ClientPrograms::find(15).await.expect("they are installed");
    let (from, to) = (postgres.url().parse(), postgres.url_for("an other's").parse());
    let [from, to] = [from, to].map(|config| config.expect("a connection string"));
    let database = |config| crate::Database {
        config,
        root_certificates: None,
    };
    let mut dump = Vec::new();
    programs
        .dump(&database(&from), &mut dump)
        .await
        .expect("it is dumped");
    programs
        .restore(&database(&to), &mut &dump[..])
        .await
        .expect("it is restored");
    let other = postgres.url_for("an other's");
    assert_eq!(query_int(&other, "select answer from kept").await.ok(), Some(42));

    let again = programs.restore(&database(&to), &mut &dump[..]).await;
    let said = again.expect_err("the table exists").to_string();
    assert!(
        said.starts_with("pg_restore failed: ") && said.contains("already exists"),
        "{said}"
    );
    let cut = programs
        .restore(&database(&from), &mut &dump[..dump.len() / 2])
        .await;
    assert!(
        matches!(
            cut,
            Err(Error::ClientProgram {
                program: "pg_restore",
                ..
            })
        ),
        "{cut:?}"
    );

    let options = options(dir.path());
    let refused = EmbeddedPostgres::delete(&options).await;
    assert!(
        matches!(refused, Err(Error::AlreadyServing { .. })),
        "{refused:?}"
    );
    postgres.stop().await;
    EmbeddedPostgres::delete(&options).await.expect("it is deleted");
    assert_eq!(fs::read_dir(dir.path()).expect("a directory").count(), 0);
}
