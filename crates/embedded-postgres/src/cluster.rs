//! Creates a cluster: completely or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::timeout;

use crate::binaries::{self, Binaries, major_version};
use crate::data_directory::{DataDirectory, cluster_metadata};
use crate::{Error, client, lock};

/// A cluster that `initdb` is creating, or was killed while doing so.
const UNFINISHED_PREFIX: &str = "postgres.new-";

const INITDB_TIMEOUT: Duration = Duration::from_secs(180);

/// Both sort by code point. Where the machine has no C.UTF-8, the C locale accepts any encoding, but PostgreSQL then
/// converts the case of ASCII letters only.
const LOCALES: [&str; 2] = ["C.UTF-8", "C"];

/// Returns the binaries of the cluster's version.
pub(crate) async fn create_if_missing(directory: &DataDirectory, durable: bool) -> Result<Binaries, Error> {
    if cluster_metadata(&directory.cluster).is_some() {
        let file = directory.cluster.join("PG_VERSION");
        let text = fs::read_to_string(&file).map_err(Error::io("read", &file))?;
        let major = major_version(&text).unwrap_or_default();
        let found = binaries::find(&directory.user, Some(major)).await;
        return found.map_err(|missing| missing.wrong_version(&directory.cluster, major));
    }
    let binaries = binaries::find(&directory.user, None)
        .await
        .map_err(|missing| missing.not_installed())?;
    set_aside(&directory.cluster).map_err(Error::io("set aside", &directory.cluster))?;
    create(directory, &binaries, durable).await?;
    tracing::info!(cluster = %directory.cluster.display(), user = directory.user.name, "created a private PostgreSQL");
    Ok(binaries)
}

/// Renames the finished cluster into place, so that a kill during `initdb` leaves nothing that looks like one.
async fn create(directory: &DataDirectory, binaries: &Binaries, durable: bool) -> Result<(), Error> {
    let mut last_output = String::new();
    for locale in LOCALES {
        let new = fresh_sibling(directory).map_err(Error::io("create the directory", &directory.cluster))?;
        match initdb(directory, binaries, &new, locale, durable).await? {
            Ok(()) => return publish(&new, &directory.cluster, durable),
            Err(output) => last_output = output,
        }
        tracing::warn!(locale, "initdb failed: {last_output}");
    }
    Err(Error::Initdb {
        cluster: directory.cluster.clone(),
        output: last_output,
    })
}

fn publish(new: &Path, cluster: &Path, durable: bool) -> Result<(), Error> {
    let renamed = fs::rename(new, cluster).and_then(|()| match cluster.parent() {
        Some(parent) if durable => File::open(parent)?.sync_all(),
        _ => Ok(()),
    });
    renamed.map_err(Error::io("put in its directory", cluster))
}

async fn initdb(
    directory: &DataDirectory,
    binaries: &Binaries,
    new: &Path,
    locale: &str,
    durable: bool,
) -> Result<Result<(), String>, Error> {
    let mut command = directory.user.command(&binaries.initdb);
    command.arg("-D").arg(new).arg(format!("--locale={locale}"));
    command.args([
        "--encoding=UTF8",
        "--data-checksums",
        "--auth-local=trust",
        "--auth-host=reject",
    ]);
    command
        .arg(format!("--username={}", client::SUPERUSER))
        .kill_on_drop(true);
    if !durable {
        command.arg("--no-sync");
    }
    let Ok(result) = timeout(INITDB_TIMEOUT, command.output()).await else {
        return Ok(Err(format!(
            "it did not finish within {} seconds",
            INITDB_TIMEOUT.as_secs()
        )));
    };
    let output = result.map_err(Error::io("run", &binaries.initdb))?;
    Ok(if output.status.success() {
        Ok(())
    } else {
        Err(last_lines(&String::from_utf8_lossy(&output.stderr)))
    })
}

/// Never reuses a name: an `initdb` whose parent was killed may still be writing to it.
fn fresh_sibling(directory: &DataDirectory) -> io::Result<PathBuf> {
    let parent = directory.cluster.parent().unwrap_or(&directory.path);
    let old = unfinished(parent)?;
    let next = old.iter().max().map_or(0, |largest| largest.saturating_add(1));
    for number in old {
        // A directory that can't be removed now is removed next time.
        let _failed = fs::remove_dir_all(parent.join(format!("{UNFINISHED_PREFIX}{number}")));
    }
    let new = parent.join(format!("{UNFINISHED_PREFIX}{next}"));
    directory.user.create_private_dir(&new)?;
    Ok(new)
}

fn unfinished(parent: &Path) -> io::Result<Vec<u32>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(parent)? {
        let name = entry?.file_name();
        let number = name
            .to_str()
            .and_then(|name| name.strip_prefix(UNFINISHED_PREFIX));
        numbers.extend(number.and_then(|number| number.parse::<u32>().ok()));
    }
    Ok(numbers)
}

/// Renames a directory that is in the cluster's place but is not one: it may hold files that the user needs.
fn set_aside(cluster: &Path) -> io::Result<()> {
    if fs::symlink_metadata(cluster).is_err() || fs::remove_dir(cluster).is_ok() {
        return Ok(());
    }
    let new_name = |number: u32| cluster.with_file_name(format!("postgres.incomplete-{number}"));
    let free = (0..)
        .map(new_name)
        .find(|path| fs::symlink_metadata(path).is_err());
    let free = free.expect("one of 2^32 names is free");
    tracing::warn!(kept = %free.display(), "the database directory contains no database: it was renamed");
    fs::rename(cluster, free)
}

/// The caller holds the lock; its file is deleted last.
pub(crate) fn delete(directory: &DataDirectory) -> Result<(), Error> {
    let parent = directory.cluster.parent().unwrap_or(&directory.path);
    for number in unfinished(parent).map_err(Error::io("read", parent))? {
        let path = parent.join(format!("{UNFINISHED_PREFIX}{number}"));
        remove(&path, |path| fs::remove_dir_all(path))?;
    }
    remove(&directory.cluster, |path| fs::remove_dir_all(path))?;
    remove(&directory.log, |path| fs::remove_file(path))?;
    if parent != directory.path {
        remove(parent, |path| fs::remove_dir_all(path))?;
        // Fails while it holds the clusters of other data directories.
        let _shared = parent.parent().map(fs::remove_dir);
    }
    remove(&directory.path.join(lock::FILE), |path| fs::remove_file(path))
}

fn remove(path: &Path, remove: impl FnOnce(&Path) -> io::Result<()>) -> Result<(), Error> {
    match remove(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("delete", path)(error)),
        _ => Ok(()),
    }
}

/// The last lines of a program's output, on one line.
pub(crate) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines[lines.len().saturating_sub(5)..].join(" | ")
}
