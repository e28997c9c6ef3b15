//! Tests that need no server.

use std::os::unix::fs::symlink;

use super::*;
use crate::binaries::major_version;
use crate::data_directory::{DataDirectory, OsUser};
use crate::{client, socket};

#[test]
fn version_output_is_parsed() {
    assert_eq!(
        major_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"),
        Some(15)
    );
    assert_eq!(major_version("postgres (PostgreSQL) 18beta1"), Some(18));
    assert_eq!(major_version("postgres (EnterpriseDB) 16.1"), Some(16));
    assert_eq!(major_version("17\n"), Some(17));
    assert_eq!(major_version("segmentation fault"), None);
}

#[test]
fn names_in_the_connection_string_are_quoted() {
    let url = client::url(Path::new("/tmp/a b"), "shop", r"o'ne\two");
    let config: tokio_postgres::Config = url.parse().expect("a connection string");
    assert_eq!(config.get_dbname(), Some(r"o'ne\two"));
    assert_eq!(
        config.get_hosts(),
        [tokio_postgres::config::Host::Unix("/tmp/a b".into())]
    );
    assert_eq!(
        client::url(Path::new("/tmp/a"), "shop", "b"),
        "host=/tmp/a user=shop dbname=b"
    );
}

async fn user(data_dir: &Path) -> OsUser {
    DataDirectory::prepare(&options(data_dir))
        .await
        .expect("it can be created")
        .user
}

#[tokio::test]
async fn an_unsafe_socket_directory_is_skipped() {
    let dir = data_dir();
    let user = user(dir.path()).await;
    let [link, open, file, long, ours] =
        ["link", "open", "file", &"long".repeat(30), "ours"].map(|name| dir.path().join(name));
    let target = dir.path().join("target");
    user.create_private_dir(&target).expect("it can be created");
    symlink(&target, &link).expect("it can be created");
    user.create_private_dir(&open).expect("it can be created");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).expect("the test owns it");
    fs::write(&file, "").expect("it can be written");

    let bad = [link, open, file, long];
    let error = socket::prepare_first_usable(&bad, &user)
        .expect_err("none is suitable")
        .to_string();
    for reason in ["is not a directory", "is open to other users", "is too long"] {
        assert!(error.contains(reason), "{error}");
    }
    for _ in 0..2 {
        let selected = socket::prepare_first_usable(&[&bad[..], std::slice::from_ref(&ours)].concat(), &user);
        assert_eq!(selected.ok().as_ref(), Some(&ours));
    }
    let owner = fs::symlink_metadata(&ours)
        .map(|meta| (meta.uid(), meta.mode() & 0o777))
        .ok();
    assert_eq!(owner, Some((user.uid.as_raw(), 0o700)));
}

#[tokio::test]
async fn root_does_not_run_the_cluster_of_an_arbitrary_user() {
    if !Uid::effective().is_root() {
        return;
    }
    let dir = data_dir();
    let cluster = dir.path().join("postgres");
    fs::create_dir_all(cluster.join("global")).expect("it can be created");
    fs::write(cluster.join("global/pg_control"), "").expect("it can be written");
    for owner in [0, 54321] {
        std::os::unix::fs::chown(&cluster, Some(owner), None).expect("root may");
        let error = DataDirectory::prepare(&options(dir.path()))
            .await
            .expect_err("the owner is not trusted");
        assert!(matches!(error, Error::OtherOwner { .. }), "{error}");
    }
    std::os::unix::fs::chown(dir.path(), Some(54321), None).expect("root may");
    let user = user(dir.path()).await;
    assert_eq!(user.uid.as_raw(), 54321, "the owner of the data directory");
}

#[tokio::test]
async fn names_invalid_in_sql_or_paths_are_refused() {
    let dir = data_dir();
    let long = "a".repeat(33);
    for name in [
        "",
        "Shop",
        "1shop",
        "my shop",
        "../shop",
        "shop\"; --",
        "pg_shop",
        "postgres",
        long.as_str(),
    ] {
        let options = Options {
            name: name.to_owned(),
            ..options(dir.path())
        };
        let result = DataDirectory::prepare(&options).await;
        assert!(matches!(result, Err(Error::InvalidName)), "{name:?}");
    }
}
