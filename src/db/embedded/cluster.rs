//! Making a cluster: whole or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::timeout;

use super::place::{Place, existing};
use super::programs;
use super::programs::{Programs, major_version};
use super::{PrivatePostgresError, client};

const INITDB_WITHIN: Duration = Duration::from_secs(180);

/// Both sort by code point. Where the machine has no C.UTF-8, the C locale takes any encoding; letters beyond
/// ASCII then have no case for PostgreSQL, and nothing here relies on it (keys are folded in Rust).
const LOCALES: [&str; 2] = ["C.UTF-8", "C"];

/// Returns the programs that fit the cluster.
pub(super) async fn make_if_missing(place: &Place, durable: bool) -> Result<Programs, PrivatePostgresError> {
    if existing(&place.cluster).is_some() {
        let file = place.cluster.join("PG_VERSION");
        let text = fs::read_to_string(&file).map_err(PrivatePostgresError::io("read", &file))?;
        let major = major_version(&text).unwrap_or_default();
        let found = programs::find(&place.account, Some(major)).await;
        return found.map_err(|missing| missing.for_cluster(&place.cluster, major));
    }
    let programs = programs::find(&place.account, None)
        .await
        .map_err(|missing| missing.for_new())?;
    set_aside(&place.cluster).map_err(PrivatePostgresError::io("set aside", &place.cluster))?;
    make(place, &programs, durable).await?;
    tracing::info!(cluster = %place.cluster.display(), user = place.account.name, "made a private PostgreSQL");
    Ok(programs)
}

/// A rename publishes it, so a kill during `initdb` leaves nothing that could be taken for a cluster.
async fn make(place: &Place, programs: &Programs, durable: bool) -> Result<(), PrivatePostgresError> {
    let mut said = String::new();
    for locale in LOCALES {
        let new =
            fresh_sibling(place).map_err(PrivatePostgresError::io("make the folder", &place.cluster))?;
        match initdb(place, programs, &new, locale, durable).await? {
            Ok(()) => return publish(&new, &place.cluster, durable),
            Err(output) => said = output,
        }
        tracing::warn!(locale, "initdb failed: {said}");
    }
    Err(PrivatePostgresError::Initdb {
        cluster: place.cluster.clone(),
        output: said,
    })
}

fn publish(new: &Path, cluster: &Path, durable: bool) -> Result<(), PrivatePostgresError> {
    let renamed = fs::rename(new, cluster).and_then(|()| match cluster.parent() {
        Some(parent) if durable => File::open(parent)?.sync_all(),
        _ => Ok(()),
    });
    renamed.map_err(PrivatePostgresError::io("put in its place", cluster))
}

async fn initdb(
    place: &Place,
    programs: &Programs,
    new: &Path,
    locale: &str,
    durable: bool,
) -> Result<Result<(), String>, PrivatePostgresError> {
    let mut command = place.account.command(&programs.initdb);
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
    let Ok(ended) = timeout(INITDB_WITHIN, command.output()).await else {
        return Ok(Err(format!(
            "it did not end within {} seconds",
            INITDB_WITHIN.as_secs()
        )));
    };
    let output = ended.map_err(PrivatePostgresError::io("run", &programs.initdb))?;
    let said = String::from_utf8_lossy(&output.stderr);
    Ok(if output.status.success() {
        Ok(())
    } else {
        Err(last_lines(&said))
    })
}

/// Never a name that was used: an `initdb` whose vestibule was killed may still be writing to it.
fn fresh_sibling(place: &Place) -> io::Result<PathBuf> {
    let begins = "postgres.new-";
    let folder = place.cluster.parent().unwrap_or(&place.data_dir);
    let mut old = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        old.extend(
            name.to_str()
                .and_then(|name| name.strip_prefix(begins)?.parse::<u32>().ok()),
        );
    }
    let next = old.iter().max().map_or(0, |largest| largest.saturating_add(1));
    for number in old {
        // What can't be removed now is removed the next time.
        let _left = fs::remove_dir_all(folder.join(format!("{begins}{number}")));
    }
    let new = folder.join(format!("{begins}{next}"));
    place.account.make_private(&new)?;
    Ok(new)
}

/// A folder in the cluster's place that is none: it may hold what somebody misses, so it is kept.
fn set_aside(cluster: &Path) -> io::Result<()> {
    if fs::symlink_metadata(cluster).is_err() || fs::remove_dir(cluster).is_ok() {
        return Ok(());
    }
    let aside = |number: u32| cluster.with_file_name(format!("postgres.incomplete-{number}"));
    let free = (0..).map(aside).find(|path| fs::symlink_metadata(path).is_err());
    let free = free.expect("four thousand million names are not all taken");
    tracing::warn!(kept = %free.display(), "the database's folder held no database: it is set aside");
    fs::rename(cluster, free)
}

/// The end of a program's words, on one line.
pub(super) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines[lines.len().saturating_sub(5)..].join(" | ")
}
