//! Finds `initdb` and `postgres`.

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::data_directory::OsUser;

/// The oldest major version that works.
const MIN_MAJOR: u32 = 15;

/// Where packages put a version's binaries: parent directory, prefix of the version's directory, subdirectory.
const PACKAGE_LOCATIONS: [(&str, &str, &str); 9] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr/lib", "postgresql", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql@", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
    ("/usr/local", "pgsql", "bin"),
];

/// The programs of one version.
#[derive(Clone, Debug)]
pub(crate) struct Binaries {
    pub(crate) initdb: PathBuf,
    pub(crate) postgres: PathBuf,
}

/// No suitable version is installed; `found` lists the unsuitable ones.
#[derive(Debug)]
pub(crate) struct NoSuitableVersion {
    found: Vec<u32>,
}

impl NoSuitableVersion {
    pub(crate) fn not_installed(&self) -> Error {
        Error::NotInstalled {
            found: found_text(&self.found),
        }
    }

    pub(crate) fn wrong_version(&self, cluster: &Path, created_by: u32) -> Error {
        Error::OtherVersion {
            cluster: cluster.to_owned(),
            created_by,
            found: found_text(&self.found),
        }
    }
}

/// Versions in a parenthesis for an error message, or empty.
pub(crate) fn found_text(versions: &[u32]) -> String {
    let all: Vec<String> = versions.iter().map(u32::to_string).collect();
    if all.is_empty() {
        String::new()
    } else {
        format!(" (found: {})", all.join(", "))
    }
}

/// Finds the programs of the version `major`; without one, the first in `PATH` or the newest package.
pub(crate) async fn find(user: &OsUser, major: Option<u32>) -> Result<Binaries, NoSuitableVersion> {
    select(&directories_with("postgres", user).await, user, major).await
}

/// The directories to search for a program, in the order of preference.
pub(crate) async fn directories_with(program: &str, user: &OsUser) -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut directories: Vec<PathBuf> = std::env::split_paths(&path)
        .filter(|directory| directory.is_absolute())
        .collect();
    directories.extend(package_directories(program));
    directories.extend(pg_config_directory(user).await);
    directories
}

/// The first suitable programs of these directories.
pub(crate) async fn select(
    directories: &[PathBuf],
    user: &OsUser,
    major: Option<u32>,
) -> Result<Binaries, NoSuitableVersion> {
    let mut found = Vec::new();
    for directory in directories {
        let Some((binaries, version)) = inspect_directory(directory, user).await else {
            continue;
        };
        if version >= MIN_MAJOR && major.is_none_or(|major| major == version) {
            return Ok(binaries);
        }
        if !found.contains(&version) {
            found.push(version);
        }
    }
    Err(NoSuitableVersion { found })
}

async fn inspect_directory(directory: &Path, user: &OsUser) -> Option<(Binaries, u32)> {
    // `PATH` often holds only links; `initdb` must come from the same installation.
    let postgres = directory.join("postgres").canonicalize().ok()?;
    let initdb = postgres.with_file_name("initdb");
    if !initdb.is_file() {
        return None;
    }
    let version = version_of(&postgres, user).await?;
    Some((Binaries { initdb, postgres }, version))
}

/// The major version that a program reports.
pub(crate) async fn version_of(program: &Path, user: &OsUser) -> Option<u32> {
    let output = user.command(program).arg("--version").output().await.ok()?;
    major_version(&String::from_utf8_lossy(&output.stdout))
}

fn package_directories(program: &str) -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = Vec::new();
    for (parent, prefix, subdirectory) in PACKAGE_LOCATIONS {
        let Ok(entries) = fs::read_dir(parent) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(version) = name.to_str().and_then(|name| name.strip_prefix(prefix)) else {
                continue;
            };
            versions.push((
                leading_number(version).unwrap_or_default(),
                entry.path().join(subdirectory),
            ));
        }
    }
    versions.sort_by_key(|(version, _)| Reverse(*version));
    versions
        .into_iter()
        .map(|(_, directory)| directory)
        .filter(|directory| directory.join(program).exists())
        .collect()
}

async fn pg_config_directory(user: &OsUser) -> Option<PathBuf> {
    let output = user.command("pg_config").arg("--bindir").output().await.ok()?;
    let directory = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    directory.is_absolute().then_some(directory)
}

/// Reads `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, but also `17beta1` and `18devel`.
pub(crate) fn major_version(text: &str) -> Option<u32> {
    text.split_whitespace().find_map(leading_number)
}

fn leading_number(text: &str) -> Option<u32> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}
