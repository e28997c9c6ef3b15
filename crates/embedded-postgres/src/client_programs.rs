//! `pg_dump` and `pg_restore`: a database as one file, and back. They work with any PostgreSQL, not only a private one.

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use crate::Error;
use crate::binaries::{directories_with, found_text, version_of};
use crate::data_directory::OsUser;

const DUMP: &str = "pg_dump";
const RESTORE: &str = "pg_restore";

const CHUNK_BYTES: usize = 256 * 1024;

/// `pg_dump` and `pg_restore` of one installation.
#[derive(Clone, Debug)]
pub struct ClientPrograms {
    major: u32,
    directory: PathBuf,
}

/// A database that the programs connect to.
#[derive(Debug)]
pub struct Database<'a> {
    /// Host, user, password and so on. The programs get them in their environment, not on the command line, which every user
    /// of the machine can read.
    pub config: &'a Config,
    /// The trust anchors in PEM. With them, `sslmode=require` also verifies the server's certificate and its name.
    pub root_certificates: Option<&'a Path>,
}

impl ClientPrograms {
    /// Of the installed versions that are `at_least` this one, the oldest: a dump is read by the `pg_restore` of its own
    /// version and of newer ones only.
    ///
    /// # Errors
    ///
    /// [`Error::NoClientPrograms`].
    pub async fn find(at_least: u32) -> Result<Self, Error> {
        let user = OsUser::current();
        Self::select(&directories_with(DUMP, &user).await, at_least).await
    }

    pub(crate) async fn select(directories: &[PathBuf], at_least: u32) -> Result<Self, Error> {
        let user = OsUser::current();
        let mut found: Vec<Self> = Vec::new();
        for directory in directories {
            if let Some(programs) = Self::inspect_directory(directory, &user).await
                && found.iter().all(|other| other.major != programs.major)
            {
                found.push(programs);
            }
        }
        let majors: Vec<u32> = found.iter().map(|programs| programs.major).collect();
        let sufficient = found.into_iter().filter(|programs| programs.major >= at_least);
        sufficient
            .min_by_key(|programs| programs.major)
            .ok_or_else(|| Error::NoClientPrograms {
                at_least,
                found: found_text(&majors),
            })
    }

    async fn inspect_directory(directory: &Path, user: &OsUser) -> Option<Self> {
        // `PATH` often holds only links; Debian's lead to a wrapper of another name, which selects a version by itself.
        let dump = directory.join(DUMP).canonicalize().ok()?;
        let directory = dump.ends_with(DUMP).then(|| dump.parent())??;
        if !directory.join(RESTORE).is_file() {
            return None;
        }
        Some(Self {
            major: version_of(&dump, user).await?,
            directory: directory.to_owned(),
        })
    }

    /// The major version of the programs.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.major
    }

    /// Writes a dump in PostgreSQL's custom format. If the future is dropped, the program is killed.
    ///
    /// # Errors
    ///
    /// What `pg_dump` reports, or why `output` can't be written.
    pub async fn dump(&self, database: &Database<'_>, output: &mut impl Write) -> Result<(), Error> {
        let mut command = self.command(DUMP, database);
        command.args([
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            "--no-password",
        ]);
        let mut child = self.spawn(DUMP, command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
        let stdout = child.stdout.take().expect("it is piped");
        let (copied, ended) = tokio::join!(drain(stdout, output), child.wait_with_output());
        copied.map_err(|source| Error::Dump {
            action: "written",
            source,
        })?;
        check(DUMP, ended)
    }

    /// Restores a dump into an empty database, completely or not at all. If the future is dropped, the program is killed, and
    /// the database stays empty.
    ///
    /// # Errors
    ///
    /// What `pg_restore` reports, or why `input` can't be read.
    pub async fn restore(&self, database: &Database<'_>, input: &mut impl Read) -> Result<(), Error> {
        let mut command = self.command(RESTORE, database);
        let options = [
            "--single-transaction",
            "--exit-on-error",
            "--no-owner",
            "--no-privileges",
            "--no-password",
        ];
        command
            .args(options)
            .arg(format!("--dbname={}", name_of(database.config)));
        let mut child = self.spawn(RESTORE, command.stdin(Stdio::piped()).stdout(Stdio::null()))?;
        let stdin = child.stdin.take().expect("it is piped");
        let (copied, ended) = tokio::join!(feed(stdin, input), child.wait_with_output());
        copied.map_err(|source| Error::Dump {
            action: "read",
            source,
        })?;
        check(RESTORE, ended)
    }

    fn command(&self, program: &str, database: &Database<'_>) -> Command {
        let mut command = OsUser::current().command(self.directory.join(program));
        command
            .envs(environment(database))
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            // Ctrl-C in the terminal reaches only this process, which kills the program.
            .process_group(0);
        command
    }

    fn spawn(&self, program: &str, command: &mut Command) -> Result<Child, Error> {
        command
            .spawn()
            .map_err(Error::io("run", &self.directory.join(program)))
    }
}

async fn drain(mut from: ChildStdout, to: &mut impl Write) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match from.read(&mut chunk).await? {
            0 => return Ok(()),
            count => to.write_all(&chunk[..count])?,
        }
    }
}

async fn feed(mut to: ChildStdin, from: &mut impl Read) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let count = from.read(&mut chunk)?;
        // A program that stops reading says why itself.
        if count == 0 || to.write_all(&chunk[..count]).await.is_err() {
            return Ok(());
        }
    }
}

/// Only the lines that name an error: those around them quote statements and rows.
fn check(program: &'static str, ended: io::Result<Output>) -> Result<(), Error> {
    let ended = ended.map_err(Error::io("run", Path::new(program)))?;
    if ended.status.success() {
        return Ok(());
    }
    let prefix = format!("{program}: error: ");
    let text = String::from_utf8_lossy(&ended.stderr);
    let errors: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix(&prefix))
        .collect();
    let output = if errors.is_empty() {
        ended.status.to_string()
    } else {
        errors.join(" | ")
    };
    Err(Error::ClientProgram { program, output })
}

/// The name as the only part of a connection string: alone, a name with `=` would be read as one.
fn name_of(config: &Config) -> String {
    let name = config.get_dbname().or(config.get_user()).unwrap_or_default();
    format!("dbname='{}'", name.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// The connection as libpq's environment variables.
fn environment(database: &Database<'_>) -> Vec<(&'static str, OsString)> {
    let Database {
        config,
        root_certificates,
    } = database;
    let hosts = config.get_hosts().iter().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(path) => path.to_string_lossy().into_owned(),
    });
    let hosts = hosts.collect::<Vec<_>>().join(",");
    let addresses = config
        .get_hostaddrs()
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(",");
    let ports = config
        .get_ports()
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(",");
    let password = config
        .get_password()
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let ssl_mode = match (config.get_ssl_mode(), root_certificates) {
        (SslMode::Disable, _) => "disable",
        (SslMode::Require, Some(_)) => "verify-full",
        (SslMode::Require, None) => "require",
        _ => "prefer",
    };
    let target = match config.get_target_session_attrs() {
        TargetSessionAttrs::ReadWrite => "read-write",
        TargetSessionAttrs::ReadOnly => "read-only",
        _ => "any",
    };
    let text = |value: Option<&str>| value.map(OsString::from).unwrap_or_default();
    let all = [
        ("PGHOST", hosts.into()),
        ("PGHOSTADDR", addresses.into()),
        ("PGPORT", ports.into()),
        ("PGUSER", text(config.get_user())),
        ("PGPASSWORD", text(password.as_deref())),
        ("PGDATABASE", text(config.get_dbname())),
        ("PGOPTIONS", text(config.get_options())),
        ("PGSSLMODE", ssl_mode.into()),
        ("PGTARGETSESSIONATTRS", target.into()),
        (
            "PGSSLROOTCERT",
            root_certificates.map(OsString::from).unwrap_or_default(),
        ),
        ("PGCONNECT_TIMEOUT", "10".into()),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}
