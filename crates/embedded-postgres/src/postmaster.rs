//! A running postmaster, started or adopted, and how it is stopped.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Child;
use tokio::time::{Instant, sleep, timeout};

use crate::data_directory::DataDirectory;
use crate::{Error, socket};

/// Fast shutdown ends sessions and writes a checkpoint; immediate shutdown leaves the rest to crash recovery.
const SHUTDOWN_STEPS: [(Signal, Duration); 3] = [
    (Signal::SIGINT, Duration::from_secs(10)),
    (Signal::SIGQUIT, Duration::from_secs(6)),
    (Signal::SIGKILL, Duration::from_secs(3)),
];
/// Backends exit on their own when their postmaster is gone, unless a long computation keeps them from checking.
const ORPHAN_STEPS: [(Option<Signal>, Duration); 3] = [
    (None, Duration::from_millis(500)),
    (Some(Signal::SIGQUIT), Duration::from_secs(2)),
    (Some(Signal::SIGKILL), Duration::from_secs(2)),
];
const POLL_INTERVAL: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(crate) enum Postmaster {
    Started(ServerProcess),
    Adopted { pid: Pid, cluster: PathBuf },
}

/// A child process, told to stop when this value is dropped.
#[derive(Debug)]
pub(crate) struct ServerProcess(pub(crate) Child);

impl ServerProcess {
    /// `None` after it was reaped: another process may have its id by then.
    fn pid(&self) -> Option<Pid> {
        self.0
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .map(Pid::from_raw)
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        if let Some(pid) = self.pid() {
            let _gone = kill(pid, Signal::SIGINT);
        }
    }
}

impl Postmaster {
    pub(crate) fn pid(&self) -> Option<Pid> {
        match self {
            Self::Started(started) => started.pid(),
            Self::Adopted { pid, cluster } => is_server_of(*pid, cluster).then_some(*pid),
        }
    }

    /// Waits until the server exits, and returns its status. Cancel safe.
    pub(crate) async fn wait_for_exit(&mut self) -> String {
        match self {
            Self::Started(started) => match started.0.wait().await {
                Ok(status) => status.to_string(),
                Err(error) => error.to_string(),
            },
            Self::Adopted { .. } => {
                while self.pid().is_some() {
                    sleep(POLL_INTERVAL).await;
                }
                "adopted, so of unknown status".to_owned()
            }
        }
    }

    pub(crate) async fn shut_down(&mut self) {
        for (signal, limit) in SHUTDOWN_STEPS {
            let Some(pid) = self.pid() else { return };
            if signal != Signal::SIGINT {
                tracing::warn!(%signal, "the private PostgreSQL is slow to stop");
            }
            let _gone = kill(pid, signal);
            if timeout(limit, self.wait_for_exit()).await.is_ok() {
                return;
            }
        }
    }
}

/// The contents of a `postmaster.pid` whose postmaster runs.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) pid: Pid,
    pub(crate) socket: Option<PathBuf>,
}

pub(crate) fn running(cluster: &Path) -> Result<Option<Running>, Error> {
    let file = cluster.join("postmaster.pid");
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("read", &file)(error)),
    };
    let mut lines = text.lines();
    let pid = lines
        .next()
        .and_then(|line| line.trim().parse().ok())
        .filter(|pid| *pid > 1)
        .map(Pid::from_raw);
    let socket = lines
        .nth(3)
        .filter(|line| line.starts_with('/'))
        .map(PathBuf::from);
    Ok(pid
        .filter(|pid| is_server_of(*pid, cluster))
        .map(|pid| Running { pid, socket }))
}

/// Cleans up before a new postmaster starts. The caller holds the lock and knows that none runs.
///
/// PostgreSQL refuses to start while any process of its user has the id in a stale `postmaster.pid`. With no server
/// process left the file can be removed; if one is overlooked (where `/proc` can't be read), PostgreSQL still finds its
/// shared memory in use and refuses.
pub(crate) async fn clean_up(directory: &DataDirectory, socket: &Path) {
    for (signal, limit) in ORPHAN_STEPS {
        let deadline = Instant::now() + limit;
        let mut left = server_processes_of(directory).await;
        if let Some(signal) = signal {
            for pid in &left {
                tracing::warn!(%pid, %signal, "a session outlived its PostgreSQL");
                let _gone = kill(*pid, signal);
            }
        }
        while !left.is_empty() && Instant::now() < deadline {
            sleep(POLL_INTERVAL).await;
            left = server_processes_of(directory).await;
        }
        if left.is_empty() {
            let lock = socket.join(format!("{}.lock", socket::FILE));
            for file in [
                directory.cluster.join("postmaster.pid"),
                socket.join(socket::FILE),
                lock,
            ] {
                let _absent = fs::remove_file(file);
            }
            return;
        }
    }
}

/// Postmaster and backends: each has the cluster as its working directory.
async fn server_processes_of(directory: &DataDirectory) -> Vec<Pid> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let numbers = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let (mut found, mut hidden) = (Vec::new(), Vec::new());
    for pid in numbers.map(Pid::from_raw).filter(|pid| is_postgres(*pid)) {
        match runs_in(pid, &directory.cluster) {
            Some(true) => found.push(pid),
            Some(false) => {}
            None => hidden.push(pid),
        }
    }
    if !hidden.is_empty() {
        found.extend(runs_in_as_cluster_user(directory, &hidden).await);
    }
    found
}

/// The cluster's user may inspect its own processes where a container's root may not.
async fn runs_in_as_cluster_user(directory: &DataDirectory, hidden: &[Pid]) -> Vec<Pid> {
    let mut command = directory.user.command("/bin/sh");
    command.args([
        "-c",
        r#"for pid; do [ "/proc/$pid/cwd" -ef "$0" ] && echo "$pid"; done"#,
    ]);
    command
        .arg(&directory.cluster)
        .args(hidden.iter().map(Pid::to_string));
    let output = command
        .output()
        .await
        .map(|output| output.stdout)
        .unwrap_or_default();
    String::from_utf8_lossy(&output)
        .lines()
        .filter_map(|line| line.parse().ok())
        .map(Pid::from_raw)
        .collect()
}

fn is_postgres(pid: Pid) -> bool {
    fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim_end() == "postgres")
}

/// A process id alone proves nothing: the kernel reuses it.
pub(crate) fn is_server_of(pid: Pid, cluster: &Path) -> bool {
    runs_in(pid, cluster).unwrap_or_else(|| command_line_names(pid, cluster))
}

/// `None` if that can't be determined: no `/proc`, or root without the right to read it, as in containers.
fn runs_in(pid: Pid, cluster: &Path) -> Option<bool> {
    if !Path::new("/proc/self/cwd").exists() {
        return None;
    }
    match fs::read_link(format!("/proc/{pid}/cwd")) {
        Ok(cwd) => Some(cwd == cluster && is_postgres(pid)),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => None,
        Err(_) => Some(false),
    }
}

/// Checks the command line, which only a postmaster keeps: backends overwrite theirs.
fn command_line_names(pid: Pid, cluster: &Path) -> bool {
    let directory = cluster.as_os_str().as_bytes();
    if let Ok(line) = fs::read(format!("/proc/{pid}/cmdline")) {
        let words: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
        return words[0].ends_with(b"postgres") && words.windows(2).any(|pair| pair == [b"-D", directory]);
    }
    let listed = Command::new("ps")
        .args(["-o", "command=", "-p", &pid.to_string()])
        .output();
    listed.is_ok_and(|output| {
        let line = String::from_utf8_lossy(&output.stdout).into_owned();
        line.contains("postgres -D ") && line.contains(&*cluster.to_string_lossy())
    })
}
