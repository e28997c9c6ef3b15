//! Finding `initdb` and `postgres`.

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};

use super::PrivatePostgresError;
use super::place::Account;

/// The oldest major version that works.
const OLDEST: u32 = 15;

/// Where packages put a version's programs: folder, beginning of the name with the version, rest of the way.
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
pub(super) struct Programs {
    pub(super) initdb: PathBuf,
    pub(super) postgres: PathBuf,
}

/// What was asked for is not there; `seen` are the versions that are.
#[derive(Debug)]
pub(super) struct Missing {
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

    pub(super) fn for_new(&self) -> PrivatePostgresError {
        PrivatePostgresError::NotInstalled { seen: self.seen() }
    }

    pub(super) fn for_cluster(&self, cluster: &Path, made_by: u32) -> PrivatePostgresError {
        PrivatePostgresError::OtherVersion {
            cluster: cluster.to_owned(),
            made_by,
            seen: self.seen(),
        }
    }
}

/// The programs this account can run: of `major` if given, else the first in PATH or the newest packaged.
pub(super) async fn find(account: &Account, major: Option<u32>) -> Result<Programs, Missing> {
    let mut seen = Vec::new();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .collect();
    folders.extend(packaged());
    folders.extend(configured(account).await);
    for folder in folders {
        let Some((programs, version)) = look_in(&folder, account).await else {
            continue;
        };
        if version >= OLDEST && major.is_none_or(|major| major == version) {
            return Ok(programs);
        }
        if !seen.contains(&version) {
            seen.push(version);
        }
    }
    Err(Missing { seen })
}

async fn look_in(folder: &Path, account: &Account) -> Option<(Programs, u32)> {
    // PATH often has links alone; `initdb` must be of the same installation.
    let postgres = folder.join("postgres").canonicalize().ok()?;
    let initdb = postgres.with_file_name("initdb");
    if !initdb.is_file() {
        return None;
    }
    let output = account.command(&postgres).arg("--version").output().await.ok()?;
    let version = major_version(&String::from_utf8_lossy(&output.stdout))?;
    Some((Programs { initdb, postgres }, version))
}

fn packaged() -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for (parent, begins, rest) in PACKAGES {
        let Ok(entries) = fs::read_dir(parent) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(version) = name.to_str().and_then(|name| name.strip_prefix(begins)) else {
                continue;
            };
            found.push((
                leading_number(version).unwrap_or_default(),
                entry.path().join(rest),
            ));
        }
    }
    found.sort_by_key(|(version, _)| Reverse(*version));
    found
        .into_iter()
        .map(|(_, folder)| folder)
        .filter(|folder| folder.join("postgres").exists())
        .collect()
}

async fn configured(account: &Account) -> Option<PathBuf> {
    let output = account.command("pg_config").arg("--bindir").output().await.ok()?;
    let folder = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    folder.is_absolute().then_some(folder)
}

/// Of `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, but also of `17beta1` and `18devel`.
pub(super) fn major_version(text: &str) -> Option<u32> {
    text.split_whitespace().find_map(leading_number)
}

fn leading_number(text: &str) -> Option<u32> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}
