//! The settings, and starting or adopting a postmaster with them.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::client;
use super::client::Answer;
use super::cluster::last_lines;
use super::place::Place;
use super::postmaster;
use super::postmaster::{Postmaster, Started};
use super::programs::Programs;
use super::{Options, PrivatePostgresError, socket};

const READY_WITHIN: Duration = Duration::from_secs(30);
/// While it replays what a crash left it says so, and stopping it then would only begin that anew.
const RECOVERED_WITHIN: Duration = Duration::from_secs(600);
const ADOPTED_WITHIN: Duration = Duration::from_secs(10);
/// What is left of a killed server may hold its shared memory for a moment.
const RETRY_AFTER: [u64; 6] = [100, 200, 400, 800, 1600, 3200];
const LONGEST_LOG: u64 = 10 * 1024 * 1024;

/// No statements, parameters or details in the log: they hold hashes and addresses.
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

/// All that it takes to start this cluster, again and again.
#[derive(Debug)]
pub(super) struct Launch {
    pub(super) place: Place,
    pub(super) socket: PathBuf,
    programs: Programs,
    durable: bool,
    max_connections: u16,
}

impl Launch {
    pub(super) fn new(place: Place, programs: Programs, socket: PathBuf, options: &Options) -> Self {
        // Three are reserved for superusers, and there must be some left.
        let max_connections = options.max_connections.max(10);
        Self {
            place,
            socket,
            programs,
            durable: options.durable,
            max_connections,
        }
    }

    pub(super) async fn adopt_or_start(&self) -> Result<Postmaster, PrivatePostgresError> {
        if let Some(running) = postmaster::running(&self.place.cluster)? {
            let mut left = Postmaster::Adopted(running.pid, self.place.cluster.clone());
            if self.has_these_settings() && self.ready(&mut left, ADOPTED_WITHIN).await.is_ok() {
                tracing::info!(pid = %running.pid, "adopted the private PostgreSQL that was left running");
                return Ok(left);
            }
            tracing::info!(pid = %running.pid, "stopping the private PostgreSQL that was left running");
            left.shut_down().await;
        }
        self.start().await
    }

    async fn start(&self) -> Result<Postmaster, PrivatePostgresError> {
        let mut waits = RETRY_AFTER.into_iter();
        loop {
            let mut postmaster = self.spawn().await?;
            match (self.ready(&mut postmaster, READY_WITHIN).await, waits.next()) {
                (Ok(()), _) => return Ok(postmaster),
                (Err(PrivatePostgresError::NotStarted { tail, .. }), Some(wait)) => {
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
    pub(super) async fn spawn(&self) -> Result<Postmaster, PrivatePostgresError> {
        postmaster::clear_away(&self.place, &self.socket).await;
        // Whoever cleans /tmp may have taken it while nothing listened there.
        socket::prepare_first(std::slice::from_ref(&self.socket), &self.place.account)?;
        let log = self
            .open_log()
            .map_err(PrivatePostgresError::io("write to", &self.place.log))?;
        let copy = log
            .try_clone()
            .map_err(PrivatePostgresError::io("write to", &self.place.log))?;
        let mut command = self.place.account.command(&self.programs.postgres);
        // A group of its own: Ctrl-C in the terminal is for us, who stop it when we have finished.
        command
            .args(self.arguments())
            .stdout(log)
            .stderr(copy)
            .process_group(0);
        let child = command
            .spawn()
            .map_err(PrivatePostgresError::io("run", &self.programs.postgres))?;
        Ok(Postmaster::Started(Started(child)))
    }

    /// After the end of the last postmaster.
    pub(super) fn tidy(&self) {
        // Not empty if it would not end.
        let _in_use = fs::remove_dir(&self.socket);
    }

    fn arguments(&self) -> Vec<OsString> {
        let mut all = vec!["-D".into(), self.place.cluster.clone().into()];
        let mut set = |setting: OsString| all.extend(["-c".into(), setting]);
        SETTINGS.iter().for_each(|setting| set(setting.into()));
        let mut folder = OsString::from("unix_socket_directories=");
        folder.push(&self.socket);
        set(folder);
        set(format!("max_connections={}", self.max_connections).into());
        set(format!("shared_buffers={}", if self.durable { "128MB" } else { "32MB" }).into());
        if !self.durable {
            ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
                .iter()
                .for_each(|setting| set(setting.into()));
        }
        all
    }

    /// PostgreSQL notes the command line it was started with.
    fn has_these_settings(&self) -> bool {
        let mut line = self.programs.postgres.as_os_str().as_bytes().to_owned();
        for argument in self.arguments() {
            line.extend([b" \"", argument.as_bytes(), b"\""].concat());
        }
        fs::read(self.place.cluster.join("postmaster.opts")).is_ok_and(|noted| noted.trim_ascii_end() == line)
    }

    async fn ready(
        &self,
        postmaster: &mut Postmaster,
        patience: Duration,
    ) -> Result<(), PrivatePostgresError> {
        let began = Instant::now();
        let mut deadline = began + patience;
        loop {
            match client::ask(&self.socket).await {
                Answer::Yes => return Ok(()),
                Answer::NotYet => deadline = (Instant::now() + patience).min(began + RECOVERED_WITHIN),
                Answer::No => {}
            }
            if Instant::now() > deadline {
                let seconds = began.elapsed().as_secs();
                return Err(PrivatePostgresError::NotReady {
                    log: self.place.log.clone(),
                    seconds,
                });
            }
            tokio::select! {
                _status = postmaster.ended() => return Err(self.not_started()),
                () = sleep(Duration::from_millis(20)) => {}
            }
        }
    }

    fn not_started(&self) -> PrivatePostgresError {
        let mut end = Vec::new();
        if let Ok(mut log) = File::open(&self.place.log) {
            // A short log has no such place; it is read from its beginning then.
            let _shorter = log.seek(SeekFrom::End(-4096));
            let _unread = log.read_to_end(&mut end);
        }
        let tail = last_lines(&String::from_utf8_lossy(&end));
        PrivatePostgresError::NotStarted {
            log: self.place.log.clone(),
            tail,
        }
    }

    fn open_log(&self) -> std::io::Result<File> {
        let log = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&self.place.log)?;
        if log.metadata()?.len() > LONGEST_LOG {
            log.set_len(0)?;
        }
        Ok(log)
    }
}
