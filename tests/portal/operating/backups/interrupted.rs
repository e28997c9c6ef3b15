//! Backups and restores that fail or are interrupted: nothing half is left, and nothing keeps running.

use std::path::Path;

use nix::sys::signal::kill;
use nix::unistd::{Pid, Uid};

use super::*;

/// A folder for `PATH` with this `pg_dump` and `pg_restore`, of the version of the test's PostgreSQL.
async fn programs(folder: &TestFolder, script: &str) -> String {
    let version = folder
        .test
        .texts("select current_setting('server_version')")
        .await
        .remove(0);
    let version = version.expect("a version");
    let bin = folder.path("bin");
    fs::create_dir(&bin).expect("it is created");
    for program in ["pg_dump", "pg_restore"] {
        let text = format!(
            "#!/bin/sh\nif [ \"$1\" = --version ]; then echo '{program} (PostgreSQL) {version}'; exit; fi\n\
             echo $$ > {}\n{script}\n",
            folder.path("program.pid").display()
        );
        fs::write(bin.join(program), text).expect("it is written");
        fs::set_permissions(bin.join(program), fs::Permissions::from_mode(0o755)).expect("it is ours");
    }
    format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default())
}

const FAIL: &str = "cat > /dev/null\necho 'pg_restore: error: it broke' >&2\nexit 1";
const HANG: &str = "exec sleep 600";

/// Starts the program, and waits until `pg_dump` or `pg_restore` hangs.
async fn hanging(
    folder: &TestFolder,
    arguments: &[&str],
    settings: &[(&str, &str)],
) -> (tokio::process::Child, Pid) {
    let mut command = folder.command_with("--default-signal=HUP", arguments, settings);
    let child = command.spawn().expect("it starts");
    let mut pid = None;
    wait_until("it hangs", async || {
        let text = fs::read_to_string(folder.path("program.pid")).unwrap_or_default();
        pid = text.trim().parse().ok().map(Pid::from_raw);
        pid.is_some()
    })
    .await;
    fs::remove_file(folder.path("program.pid")).expect("it is ours");
    (child, pid.expect("a pid"))
}

async fn end(child: tokio::process::Child, signal: Signal) -> CommandOutput {
    let id = child.id().expect("it runs");
    kill(Pid::from_raw(id.try_into().expect("a pid")), signal).expect("it is ours");
    let output = tokio::time::timeout(super::super::program::LONG, child.wait_with_output()).await;
    CommandOutput::of(output.expect("it ends").expect("its output"))
}

fn runs(pid: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // A zombie has ended; its parent was the program, which has ended as well.
    !stat.is_empty() && !stat.contains(") Z ")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_backup_or_restore_leaves_nothing() {
    let folder = TestFolder::open_to_postgres().await;
    folder.succeed(&["demo"], &PRIVATE).await;
    folder.succeed(&["backup", "portal.tar"], &PRIVATE).await;
    let path = programs(&folder, HANG).await;
    let settings = [&PRIVATE[..], &[("PATH", &path)]].concat();
    let before = folder.names();
    for (signal, arguments) in [
        (Signal::SIGINT, &["backup", "other.tar"][..]),
        (Signal::SIGTERM, &["backup", "portal.tar"]),
        (Signal::SIGINT, &["restore", "portal.tar", "--data-dir", "new"]),
        (Signal::SIGTERM, &["restore", "portal.tar", "--data-dir", "a/new"]),
    ] {
        let (child, program) = hanging(&folder, arguments, &settings).await;
        end(child, signal).await.fails_with(&["Interrupted."]);
        assert_eq!(folder.names(), before, "{arguments:?}");
        wait_until("it ends too", async || !runs(program)).await;
        assert!(
            !folder.path("data/postgres/postmaster.pid").exists(),
            "PostgreSQL has stopped"
        );
    }
    folder.succeed(&["doctor"], &PRIVATE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_restore_says_what_is_left() {
    let folder = TestFolder::new().await;
    folder.succeed(&["backup", "portal.tar"], &[]).await;
    let path = programs(&folder, FAIL).await;
    let empty = TestDatabase::empty().await;
    let restore = ["restore", "portal.tar", "--data-dir", "new"];
    let said = folder
        .run(&restore, &[("PATH", &path), ("DATABASE_URL", &empty.url)])
        .await;
    said.fails_with(&[
        "could not be dumped or restored",
        "is still empty: try again",
        "pg_restore failed: it broke",
    ]);
    assert!(!folder.path("new").exists());
    let said = folder.run(&["backup", "other.tar"], &[("PATH", &path)]).await;
    said.fails_with(&["could not be dumped or restored", "pg_dump failed"]);
    assert!(
        !folder.names().iter().any(|name| name.contains("other")),
        "{:?}",
        folder.names()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_directory_of_a_killed_restore_is_not_served() {
    let folder = TestFolder::new().await;
    folder.succeed(&["backup", "portal.tar"], &[]).await;
    let path = programs(&folder, HANG).await;
    let empty = TestDatabase::empty().await;
    let into = ("DATABASE_URL", &empty.url[..]);
    let restore = ["restore", "portal.tar", "--data-dir", "new"];
    let (child, program) = hanging(&folder, &restore, &[("PATH", &path), into]).await;
    end(child, Signal::SIGKILL).await;
    kill(program, Signal::SIGKILL).expect("it is ours");
    let said = folder.run(&["serve", "--data-dir", "new"], &[into]).await;
    said.fails_with(&["A restore into new", "restore into a new directory"]);
    folder
        .run(&restore, &[into])
        .await
        .fails_with(&["new is not empty"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_database_outside_of_the_data_directory_is_named_and_deleted_with_it() {
    if !Uid::effective().is_root() {
        return;
    }
    let folder = TestFolder::new().await;
    folder.set_mode(0o700);
    let place = |said: &CommandOutput| {
        let line = said
            .err
            .lines()
            .find(|line| line.contains("outside of the data directory"));
        let place = line
            .and_then(|line| line.split("database=").nth(1))
            .unwrap_or_else(|| panic!("{said:?}"));
        Path::new(place.trim()).parent().expect("a folder").to_owned()
    };
    folder.succeed(&["demo"], &PRIVATE).await;
    let said = folder.succeed(&["backup", "portal.tar"], &PRIVATE).await;
    let outside = place(&said);
    let serving = folder.serve("--default-signal=HUP", &PRIVATE).await;
    serving.signal(Signal::SIGTERM);
    assert_eq!(place(&serving.wait().await), outside);

    let path = programs(&folder, FAIL).await;
    let settings = [&PRIVATE[..], &[("PATH", &path)]].concat();
    let said = folder
        .run(&["restore", "portal.tar", "--data-dir", "new"], &settings)
        .await;
    said.fails_with(&["pg_restore failed: it broke"]);
    assert!(!place(&said).exists() && !folder.path("new").exists());
    assert!(outside.exists(), "another cluster is kept");
    fs::remove_dir_all(&outside).expect("it is ours");
    // Fails while other tests have theirs there.
    let _shared = fs::remove_dir(outside.parent().expect("a folder"));
}
