//! How many connections there is room for. Who comes when it is full is told so, as long as there is time for it.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How many are told at a time; the others find the connection closed.
const REFUSALS: usize = 256;

const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\n\
    content-length: 0\r\n\r\n";

pub(super) struct Room {
    free: Arc<Semaphore>,
    refusals: Arc<Semaphore>,
}

impl Room {
    pub(super) fn new(most: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))),
            refusals: Arc::new(Semaphore::new(REFUSALS)),
        }
    }

    /// The stream with its place, or nothing when there is none for it.
    pub(super) fn enter(&self, stream: TcpStream) -> Option<(TcpStream, OwnedSemaphorePermit)> {
        if let Ok(place) = Arc::clone(&self.free).try_acquire_owned() {
            return Some((stream, place));
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

async fn refuse(mut stream: TcpStream) -> std::io::Result<()> {
    stream.write_all(FULL).await?;
    stream.shutdown().await?;
    // What is not read would reset the connection under our words.
    let mut rest = [0; 1024];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}
