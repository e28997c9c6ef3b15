//! How many connections may be open. What comes when the limit is reached gets a 503, as long as there is time for it.

use std::sync::{Arc, Once};
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// The files that are open beside connections: the database's, uploads, the log.
const OTHER_FILES: usize = 256;

/// How many are refused with an answer at a time; the others find the connection closed.
const REFUSALS: usize = 256;

const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\n\
    content-length: 0\r\n\r\n";

pub(super) struct ConnectionLimit {
    free: Arc<Semaphore>,
    refusals: Arc<Semaphore>,
}

impl ConnectionLimit {
    pub(super) fn new(most: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(fitting(most, open_files()))),
            refusals: Arc::new(Semaphore::new(REFUSALS)),
        }
    }

    /// The stream with its permit, or nothing when the limit is reached.
    pub(super) fn admit(&self, stream: TcpStream) -> Option<(TcpStream, OwnedSemaphorePermit)> {
        if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            return Some((stream, permit));
        }
        if let Ok(turn) = Arc::clone(&self.refusals).try_acquire_owned() {
            tokio::spawn(async move {
                let _ = timeout(Duration::from_secs(1), refuse(stream)).await;
                drop(turn);
            });
        }
        None
    }
}

/// As many as the machine allows: without a free file a connection could not even be refused.
fn fitting(most: usize, files: usize) -> usize {
    // A process may run several servers, such as one for metrics.
    static WARNED: Once = Once::new();
    let limit = files.saturating_sub(OTHER_FILES).max(files / 2);
    if limit < most {
        WARNED.call_once(|| {
            tracing::warn!(
                wanted = most,
                possible = limit,
                "the limit on open files is low: fewer connections are possible (raise ulimit -n)"
            );
        });
    }
    most.min(limit)
}

/// How many files may be open, after asking for as many as the hard limit allows.
fn open_files() -> usize {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else {
        return OTHER_FILES * 2;
    };
    let raised = setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_ok();
    let files = if raised { hard } else { soft };
    // The semaphore counts no further.
    usize::try_from(files)
        .unwrap_or(usize::MAX)
        .min(Semaphore::MAX_PERMITS)
}

async fn refuse(mut stream: TcpStream) -> std::io::Result<()> {
    stream.write_all(FULL).await?;
    stream.shutdown().await?;
    // What is not read would reset the connection before the client has the answer.
    let mut rest = [0; 1024];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_no_more_than_the_open_files_allow() {
        assert_eq!(fitting(20_000, 1 << 20), 20_000);
        assert_eq!(fitting(20_000, 1024), 768);
        assert_eq!(fitting(20_000, 300), 150);
        assert_eq!(fitting(2, 1024), 2);
    }

    #[test]
    fn the_limit_of_open_files_is_raised_as_far_as_it_goes() {
        let files = open_files();
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("a limit");
        assert_eq!(soft, hard);
        assert!(files > OTHER_FILES);
    }
}
