//! Finds `initdb` and `postgres`.

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::data_directory::OsUser;

/// The oldest major version that works.
const MIN_MAJOR: u32 = 15;

/// Where packages put a version's binaries: parent directory, prefix of the version's directory, subdirectory.
const PACKAGES: [(&str, &str, &str); 9] = [
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

/// No suitable version was found; `seen` are those that were.
#[derive(Debug)]
pub(crate) struct Missing {
    seen: Vec<u32>,
}

impl Missing {
    /// For the middle of a sentence.
    fn seen(&self) -> String {
        let all: Vec<String> = self.seen.iter().map(u32::to_string).collect();
        if all.is_empty() {
            String::new()
        } else {
            format!(" (found: {})", all.join(", "))
        }
    }

    pub(crate) fn not_installed(&self) -> Error {
        Error::NotInstalled { seen: self.seen() }
    }

    pub(crate) fn other_version(&self, cluster: &Path, created_by: u32) -> Error {
        Error::OtherVersion {
            cluster: cluster.to_owned(),
            created_by,
            seen: self.seen(),
        }
    }
}

/// The programs that this user can run: of `major` if given, else the first in `PATH` or the newest package.
pub(crate) async fn find(user: &OsUser, major: Option<u32>) -> Result<Binaries, Missing> {
    let mut seen = Vec::new();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut directories: Vec<PathBuf> = std::env::split_paths(&path)
        .filter(|directory| directory.is_absolute())
        .collect();
    directories.extend(packaged());
    directories.extend(configured(user).await);
    for directory in directories {
        let Some((binaries, version)) = look_in(&directory, user).await else {
            continue;
        };
        if version >= MIN_MAJOR && major.is_none_or(|major| major == version) {
            return Ok(binaries);
        }
        if !seen.contains(&version) {
            seen.push(version);
        }
    }
    Err(Missing { seen })
}

async fn look_in(directory: &Path, user: &OsUser) -> Option<(Binaries, u32)> {
    // PATH often has links alone; `initdb` must be of the same installation.
    let postgres = directory.join("postgres").canonicalize().ok()?;
    let initdb = postgres.with_file_name("initdb");
    if !initdb.is_file() {
        return None;
    }
    let output = user.command(&postgres).arg("--version").output().await.ok()?;
    let version = major_version(&String::from_utf8_lossy(&output.stdout))?;
    Some((Binaries { initdb, postgres }, version))
}

fn packaged() -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for (parent, prefix, subdirectory) in PACKAGES {
        let Ok(entries) = fs::read_dir(parent) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(version) = name.to_str().and_then(|name| name.strip_prefix(prefix)) else {
                continue;
            };
            found.push((
                leading_number(version).unwrap_or_default(),
                entry.path().join(subdirectory),
            ));
        }
    }
    found.sort_by_key(|(version, _)| Reverse(*version));
    found
        .into_iter()
        .map(|(_, directory)| directory)
        .filter(|directory| directory.join("postgres").exists())
        .collect()
}

async fn configured(user: &OsUser) -> Option<PathBuf> {
    let output = user.command("pg_config").arg("--bindir").output().await.ok()?;
    let directory = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    directory.is_absolute().then_some(directory)
}

/// Of `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, but also of `17beta1` and `18devel`.
pub(crate) fn major_version(text: &str) -> Option<u32> {
    text.split_whitespace().find_map(leading_number)
}

fn leading_number(text: &str) -> Option<u32> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}
