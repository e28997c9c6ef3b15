//! The server's settings; starts or adopts a postmaster with them.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::binaries::Binaries;
use crate::client::{self, Readiness};
use crate::cluster::last_lines;
use crate::data_directory::DataDirectory;
use crate::postmaster::{self, Postmaster, Started};
use crate::{Error, Options, socket};

const READY_TIMEOUT: Duration = Duration::from_secs(30);
/// While it replays what a crash left it says so. Stopping it then would only restart the recovery.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(600);
const ADOPTION_TIMEOUT: Duration = Duration::from_secs(10);
/// Milliseconds between attempts: the remains of a killed server may hold its shared memory for a moment.
const RETRY_AFTER: [u64; 6] = [100, 200, 400, 800, 1600, 3200];
const MAX_LOG_BYTES: u64 = 10 * 1024 * 1024;

/// No statements, parameters or details in the log: they hold personal data and secrets.
const SETTINGS: [&str; 18] = [
    // A fresh database has no statistics, and plans go wrong in its first minute of work.
    "autovacuum_naptime=5s",
    "listen_addresses=",
    "port=5432",
    "unix_socket_permissions=0700",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "logging_collector=off",
    "log_destination=stderr",
    "log_line_prefix=%m [%p] ",
    "log_min_messages=warning",
    "log_error_verbosity=terse",
    "log_statement=none",
    "log_min_duration_statement=-1",
    "log_min_error_statement=panic",
    "log_parameter_max_length=0",
    "log_parameter_max_length_on_error=0",
    "log_connections=off",
];

/// All that it takes to start this cluster repeatedly.
#[derive(Debug)]
pub(crate) struct Launcher {
    pub(crate) directory: DataDirectory,
    pub(crate) socket: PathBuf,
    binaries: Binaries,
    durable: bool,
    max_connections: u16,
}

impl Launcher {
    pub(crate) fn new(
        directory: DataDirectory,
        binaries: Binaries,
        socket: PathBuf,
        options: &Options,
    ) -> Self {
        // Three are reserved for superusers, and the application needs some.
        let max_connections = options.max_connections.max(10);
        Self {
            directory,
            socket,
            binaries,
            durable: options.durable,
            max_connections,
        }
    }

    pub(crate) async fn adopt_or_start(&self) -> Result<Postmaster, Error> {
        if let Some(running) = postmaster::running(&self.directory.cluster)? {
            let mut left = Postmaster::Adopted(running.pid, self.directory.cluster.clone());
            if self.has_these_settings() && self.ready(&mut left, ADOPTION_TIMEOUT).await.is_ok() {
                tracing::info!(pid = %running.pid, "adopted the private PostgreSQL that was left running");
                return Ok(left);
            }
            tracing::info!(pid = %running.pid, "stopping the private PostgreSQL that was left running");
            left.shut_down().await;
        }
        self.start().await
    }

    async fn start(&self) -> Result<Postmaster, Error> {
        let mut waits = RETRY_AFTER.into_iter();
        loop {
            let mut postmaster = self.spawn().await?;
            match (self.ready(&mut postmaster, READY_TIMEOUT).await, waits.next()) {
                (Ok(()), _) => return Ok(postmaster),
                (Err(Error::NotStarted { tail, .. }), Some(wait)) => {
                    tracing::warn!("the private PostgreSQL did not start, trying again: {tail}");
                    sleep(Duration::from_millis(wait)).await;
                }
                (Err(error), _) => {
                    postmaster.shut_down().await;
                    return Err(error);
                }
            }
        }
    }

    /// Starts it without waiting for its first answer.
    pub(crate) async fn spawn(&self) -> Result<Postmaster, Error> {
        postmaster::clean_up(&self.directory, &self.socket).await;
        // A cleaner of /tmp may have removed it while no server listened there.
        socket::prepare_first(std::slice::from_ref(&self.socket), &self.directory.user)?;
        let log = self
            .open_log()
            .map_err(Error::io("write to", &self.directory.log))?;
        let copy = log
            .try_clone()
            .map_err(Error::io("write to", &self.directory.log))?;
        let mut command = self.directory.user.command(&self.binaries.postgres);
        // A process group of its own: Ctrl-C in the terminal reaches this process alone, which stops the server last.
        command
            .args(self.arguments())
            .stdout(log)
            .stderr(copy)
            .process_group(0);
        let child = command
            .spawn()
            .map_err(Error::io("run", &self.binaries.postgres))?;
        Ok(Postmaster::Started(Started(child)))
    }

    /// After the last postmaster has ended.
    pub(crate) fn clean_up(&self) {
        // It is not empty if the server did not end.
        let _in_use = fs::remove_dir(&self.socket);
    }

    fn arguments(&self) -> Vec<OsString> {
        let mut all = vec!["-D".into(), self.directory.cluster.clone().into()];
        let mut set = |setting: OsString| all.extend(["-c".into(), setting]);
        SETTINGS.iter().for_each(|setting| set(setting.into()));
        let mut directory = OsString::from("unix_socket_directories=");
        directory.push(&self.socket);
        set(directory);
        set(format!("max_connections={}", self.max_connections).into());
        set(format!("shared_buffers={}", if self.durable { "128MB" } else { "32MB" }).into());
        if !self.durable {
            ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
                .iter()
                .for_each(|setting| set(setting.into()));
        }
        all
    }

    /// PostgreSQL writes the command line it was started with to a file.
    fn has_these_settings(&self) -> bool {
        let mut line = self.binaries.postgres.as_os_str().as_bytes().to_owned();
        for argument in self.arguments() {
            line.extend([b" \"", argument.as_bytes(), b"\""].concat());
        }
        fs::read(self.directory.cluster.join("postmaster.opts"))
            .is_ok_and(|noted| noted.trim_ascii_end() == line)
    }

    async fn ready(&self, postmaster: &mut Postmaster, limit: Duration) -> Result<(), Error> {
        let began = Instant::now();
        let mut deadline = began + limit;
        loop {
            match client::probe(&self.socket).await {
                Readiness::Ready => return Ok(()),
                Readiness::Recovering => deadline = (Instant::now() + limit).min(began + RECOVERY_TIMEOUT),
                Readiness::NoAnswer => {}
            }
            if Instant::now() > deadline {
                let seconds = began.elapsed().as_secs();
                return Err(Error::NotReady {
                    log: self.directory.log.clone(),
                    seconds,
                });
            }
            tokio::select! {
                _status = postmaster.ended() => return Err(self.not_started()),
                () = sleep(Duration::from_millis(20)) => {}
            }
        }
    }

    fn not_started(&self) -> Error {
        let mut end = Vec::new();
        if let Ok(mut log) = File::open(&self.directory.log) {
            // This fails if the log is shorter; it is then read from the beginning.
            let _short_log = log.seek(SeekFrom::End(-4096));
            let _unread = log.read_to_end(&mut end);
        }
        let tail = last_lines(&String::from_utf8_lossy(&end));
        Error::NotStarted {
            log: self.directory.log.clone(),
            tail,
        }
    }

    fn open_log(&self) -> std::io::Result<File> {
        let log = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&self.directory.log)?;
        if log.metadata()?.len() > MAX_LOG_BYTES {
            log.set_len(0)?;
        }
        Ok(log)
    }
}
