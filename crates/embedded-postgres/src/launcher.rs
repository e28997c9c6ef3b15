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
use crate::postmaster::{self, Postmaster, ServerProcess};
use crate::{Error, Options, socket};

const READY_TIMEOUT: Duration = Duration::from_secs(30);
/// A server in crash recovery reports that state. Stopping it then would only restart the recovery.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(600);
const ADOPTION_TIMEOUT: Duration = Duration::from_secs(10);
/// Delays between attempts: the processes of a killed server may hold its shared memory for a moment.
const RETRY_DELAYS_MS: [u64; 6] = [100, 200, 400, 800, 1600, 3200];
const MAX_LOG_BYTES: u64 = 10 * 1024 * 1024;

/// No statements, parameters or details in the log: they hold personal data and secrets.
const SETTINGS: [&str; 18] = [
    // A new database has no statistics, so the planner chooses badly in its first minute.
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

/// Starts this cluster, as often as needed.
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
        // PostgreSQL reserves three for superusers.
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
            let mut survivor = Postmaster::Adopted {
                pid: running.pid,
                cluster: self.directory.cluster.clone(),
            };
            if self.settings_match()
                && self
                    .wait_until_ready(&mut survivor, ADOPTION_TIMEOUT)
                    .await
                    .is_ok()
            {
                tracing::info!(pid = %running.pid, "adopted the private PostgreSQL that was left running");
                return Ok(survivor);
            }
            tracing::info!(pid = %running.pid, "stopping the private PostgreSQL that was left running");
            survivor.shut_down().await;
        }
        self.start().await
    }

    async fn start(&self) -> Result<Postmaster, Error> {
        let mut delays = RETRY_DELAYS_MS.into_iter();
        loop {
            let mut postmaster = self.spawn().await?;
            match (
                self.wait_until_ready(&mut postmaster, READY_TIMEOUT).await,
                delays.next(),
            ) {
                (Ok(()), _) => return Ok(postmaster),
                (Err(Error::NotStarted { tail, .. }), Some(delay)) => {
                    tracing::warn!("the private PostgreSQL did not start, trying again: {tail}");
                    sleep(Duration::from_millis(delay)).await;
                }
                (Err(error), _) => {
                    postmaster.shut_down().await;
                    return Err(error);
                }
            }
        }
    }

    /// Starts the server without waiting until it is ready.
    pub(crate) async fn spawn(&self) -> Result<Postmaster, Error> {
        postmaster::clean_up(&self.directory, &self.socket).await;
        // A cleanup of /tmp may have removed the directory while no server listened there.
        socket::prepare_first_usable(std::slice::from_ref(&self.socket), &self.directory.user)?;
        let log = self
            .open_log()
            .map_err(Error::io("write to", &self.directory.log))?;
        let copy = log
            .try_clone()
            .map_err(Error::io("write to", &self.directory.log))?;
        let mut command = self.directory.user.command(&self.binaries.postgres);
        // A separate process group: Ctrl-C in the terminal reaches only this process, which stops the server last.
        command
            .args(self.arguments())
            .stdout(log)
            .stderr(copy)
            .process_group(0);
        let child = command
            .spawn()
            .map_err(Error::io("run", &self.binaries.postgres))?;
        Ok(Postmaster::Started(ServerProcess(child)))
    }

    /// Call it after the last postmaster has ended.
    pub(crate) fn clean_up(&self) {
        // Fails if the server did not end: the directory is not empty then.
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
    fn settings_match(&self) -> bool {
        let mut line = self.binaries.postgres.as_os_str().as_bytes().to_owned();
        for argument in self.arguments() {
            line.extend([b" \"", argument.as_bytes(), b"\""].concat());
        }
        fs::read(self.directory.cluster.join("postmaster.opts"))
            .is_ok_and(|written| written.trim_ascii_end() == line)
    }

    async fn wait_until_ready(&self, postmaster: &mut Postmaster, limit: Duration) -> Result<(), Error> {
        let started_at = Instant::now();
        let mut deadline = started_at + limit;
        loop {
            match client::probe(&self.socket).await {
                Readiness::Ready => return Ok(()),
                Readiness::Recovering => {
                    deadline = (Instant::now() + limit).min(started_at + RECOVERY_TIMEOUT)
                }
                Readiness::NoResponse => {}
            }
            if Instant::now() > deadline {
                let seconds = started_at.elapsed().as_secs();
                return Err(Error::NotReady {
                    log: self.directory.log.clone(),
                    seconds,
                });
            }
            tokio::select! {
                _status = postmaster.wait_for_exit() => return Err(self.startup_error()),
                () = sleep(Duration::from_millis(20)) => {}
            }
        }
    }

    fn startup_error(&self) -> Error {
        let mut end = Vec::new();
        if let Ok(mut log) = File::open(&self.directory.log) {
            // Fails if the log is shorter; it is then read from the beginning.
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
