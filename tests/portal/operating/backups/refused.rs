//! Restores that are refused before anything is changed.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use super::*;

/// Copies a backup with another manifest.
fn with_manifest(from: &Path, to: &Path, change: impl Fn(&mut Value)) {
    let mut original = tar::Archive::new(File::open(from).expect("a file"));
    let mut copy = tar::Builder::new(File::create(to).expect("a file"));
    for entry in original.entries().expect("a tar") {
        let mut entry = entry.expect("an entry");
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("it can be read");
        let mut header = entry.header().clone();
        if *entry.path_bytes() == *b"manifest.json" {
            let mut manifest = serde_json::from_slice(&content).expect("JSON");
            change(&mut manifest);
            content = manifest.to_string().into_bytes();
            header.set_size(content.len() as u64);
            header.set_cksum();
        }
        copy.append(&header, &content[..]).expect("it is written");
    }
    copy.finish().expect("it is finished");
}

impl TestFolder {
    async fn refuses(&self, file: &str, settings: &[(&str, &str)], words: &[&str]) {
        let before = self.names();
        let said = self
            .run(
                &["restore", file, "--data-dir", "new"],
                &[&PRIVATE[..], settings].concat(),
            )
            .await;
        said.fails_with(words);
        assert_eq!(self.names(), before, "nothing was changed");
    }

    /// Like `refuses`, for a copy of `portal.tar` with another manifest.
    async fn refuses_manifest(&self, change: impl Fn(&mut Value), words: &[&str]) {
        with_manifest(&self.path("portal.tar"), &self.path("changed.tar"), change);
        self.refuses("changed.tar", &[], words).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_written_to_a_file_only() {
    let folder = TestFolder::open_to_postgres().await;
    for (target, words) in [
        ("-", "standard output"),
        ("data", "data is not a file"),
        ("/dev/full", "/dev/full is not a file"),
    ] {
        fs::create_dir_all(folder.path("data")).expect("a folder");
        let said = folder.run(&["backup", target], &PRIVATE).await;
        said.fails_with(&[words]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_can_not_be_restored_is_refused_with_the_reason() {
    let folder = TestFolder::open_to_postgres().await;
    folder.succeed(&["demo"], &PRIVATE).await;
    folder.succeed(&["backup", "portal.tar"], &PRIVATE).await;
    let whole = fs::read(folder.path("portal.tar")).expect("a file");
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path(name), bytes).expect("it is written");
    write("cut.tar", &whole[..whole.len() / 2]);
    folder
        .refuses("cut.tar", &[], &["cut.tar is not restored", "its end is missing"])
        .await;
    let mut altered = whole.clone();
    altered[5000] ^= 1;
    write("altered.tar", &altered);
    folder
        .refuses("altered.tar", &[], &["database.dump is not as it was written"])
        .await;
    write("other.tar", b"something else");
    folder
        .refuses("other.tar", &[], &["it is not a backup of Vestibule"])
        .await;
    folder.refuses("absent.tar", &[], &["No such file"]).await;
    let other = [("VESTIBULE_SECRET", "another secret of the tests, long enough too")];
    folder
        .refuses(
            "portal.tar",
            &other,
            &["made with another secret. Unset VESTIBULE_SECRET"],
        )
        .await;

    folder
        .refuses_manifest(
            |manifest| manifest["format"] = json!(2),
            &["its format is 2", "use a newer version"],
        )
        .await;
    let newer = |manifest: &mut Value| {
        manifest["database"]["migrations"]
            .as_array_mut()
            .expect("a list")
            .push(json!("99991231000001"));
    };
    folder
        .refuses_manifest(newer, &["does not know: 99991231000001", "use that version"])
        .await;
    let programs = |manifest: &mut Value| manifest["database"]["pgDumpMajor"] = json!(99);
    folder
        .refuses_manifest(
            programs,
            &["pg_dump and pg_restore of PostgreSQL 99 or newer are not installed"],
        )
        .await;
    let huge = |manifest: &mut Value| manifest["database"]["sizeBytes"] = json!(u64::MAX);
    folder
        .refuses_manifest(huge, &["new: the restored files need about", "the disk has"])
        .await;
    let secret = |manifest: &mut Value| manifest["secretFingerprint"] = json!("x");
    folder
        .refuses_manifest(secret, &["altered: the secret is another one"])
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_in_use_is_refused() {
    let folder = TestFolder::open_to_postgres().await;
    folder.succeed(&["demo"], &PRIVATE).await;
    folder.succeed(&["backup", "portal.tar"], &PRIVATE).await;
    let said = folder.run(&["restore", "portal.tar"], &PRIVATE).await;
    said.fails_with(&["data is not empty", "Nothing was changed"]);
    folder.succeed(&["doctor"], &PRIVATE).await;
    fs::write(folder.path("new"), "a file").expect("it is written");
    folder.refuses("portal.tar", &[], &["new can't be used"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_of_another_version_says_how_its_data_is_moved() {
    let folder = TestFolder::open_to_postgres().await;
    folder.succeed(&["demo"], &PRIVATE).await;
    fs::write(folder.path("data/postgres/PG_VERSION"), "3\n").expect("it is written");
    for command in ["serve", "backup"] {
        let said = folder.run(&[command], &PRIVATE).await;
        said.fails_with(&[
            "was created by PostgreSQL 3, which is not installed (found: ",
            "run `vestibule backup` while both versions are installed",
        ]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_older_than_its_database_does_not_start() {
    let folder = TestFolder::new().await;
    let serving = folder.serve("--default-signal=HUP", &[]).await;
    folder
        .test
        .run("insert into __diesel_schema_migrations (version) values ('99991231000001')")
        .await;
    for arguments in [
        &["serve", "--listen", &free_address()][..],
        &["worker"],
        &["migrate"],
    ] {
        let said = folder.run(arguments, &[]).await;
        said.fails_with(&[
            "does not know: 99991231000001",
            "use that version",
            "restore a backup",
        ]);
    }
    let said = folder.run(&["doctor"], &[]).await;
    assert!(
        said.out.contains("Install the newer version.") && said.out.contains("99991231000001"),
        "{said:?}"
    );
    let ready = reqwest::get(format!("http://{}/readyz", serving.listen)).await;
    assert_eq!(
        ready.expect("an answer").status(),
        200,
        "one that runs keeps running"
    );
    serving.signal(Signal::SIGTERM);
    assert_eq!(serving.wait().await.code, Some(0));
}
