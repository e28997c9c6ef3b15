//! Shares a subscription among the readers of one scope that use the same document: its events are resolved and serialised
//! once for all of them.
//!
//! Each reader's first result comes from its own stream, which authorises it. Then the reader joins the group of its scope,
//! document and variables. The first reader's stream feeds the group, also after that reader has left, until the last one
//! leaves. The transport ends a reader's stream with its authentication, like every stream.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use tokio::sync::watch;

use crate::http::result::ExecutionResult;

/// The version of a stream's last event. The resolver sets it, because the document may not select it.
#[derive(Debug, Default)]
pub struct LastVersion(AtomicI64);

impl LastVersion {
    pub fn get(&self) -> i64 {
        self.0.load(Ordering::Acquire)
    }

    pub fn set(&self, version: i64) {
        self.0.store(version, Ordering::Release);
    }
}

/// Readers with the same key get the same results.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StreamKey<T> {
    pub scope: T,
    pub document: [u8; 32],
    pub operation: Option<String>,
    /// As JSON.
    pub variables: Vec<u8>,
}

/// The latest result and its version.
type LatestResult = Option<(i64, ExecutionResult)>;

pub(crate) struct SharedStreams<T> {
    groups: Mutex<HashMap<StreamKey<T>, Arc<watch::Sender<LatestResult>>>>,
}

impl<T> Default for SharedStreams<T> {
    fn default() -> Self {
        Self {
            groups: Mutex::default(),
        }
    }
}

impl<T: Clone + Eq + Hash + Send + Sync + 'static> SharedStreams<T> {
    fn lock(&self) -> MutexGuard<'_, HashMap<StreamKey<T>, Arc<watch::Sender<LatestResult>>>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The results for a reader. `last` has the version of the last event of its own stream.
    pub fn subscribe(
        self: Arc<Self>,
        key: StreamKey<T>,
        mut reader_stream: BoxStream<'static, ExecutionResult>,
        last: Arc<LastVersion>,
    ) -> BoxStream<'static, ExecutionResult> {
        let results = async move {
            match reader_stream.next().await {
                Some(first) if first.errors().is_empty() => {
                    let version = last.get();
                    let latest = self.join(key, reader_stream, last);
                    stream::iter([first]).chain(newer_than(latest, version)).boxed()
                }
                Some(first) => stream::iter([first]).chain(reader_stream).boxed(),
                None => stream::empty().boxed(),
            }
        };
        results.flatten_stream().boxed()
    }

    fn join(
        self: Arc<Self>,
        key: StreamKey<T>,
        reader_stream: BoxStream<'static, ExecutionResult>,
        last: Arc<LastVersion>,
    ) -> watch::Receiver<LatestResult> {
        let mut groups = self.lock();
        if let Some(sender) = groups.get(&key) {
            let mut latest = sender.subscribe();
            // The group's latest result may be newer than the reader's first one.
            latest.mark_changed();
            return latest;
        }
        let (sender, latest) = watch::channel(None);
        let sender = Arc::new(sender);
        groups.insert(key.clone(), Arc::clone(&sender));
        drop(groups);
        tokio::spawn(self.feed(key, sender, reader_stream, last));
        latest
    }

    async fn feed(
        self: Arc<Self>,
        key: StreamKey<T>,
        sender: Arc<watch::Sender<LatestResult>>,
        mut reader_stream: BoxStream<'static, ExecutionResult>,
        last: Arc<LastVersion>,
    ) {
        loop {
            tokio::select! {
                () = sender.closed() => {
                    let mut groups = self.lock();
                    // A reader may have joined in the meantime.
                    if sender.receiver_count() == 0 {
                        groups.remove(&key);
                        return;
                    }
                }
                result = reader_stream.next() => match result {
                    Some(result) => { sender.send_replace(Some((last.get(), result))); }
                    None => {
                        self.lock().remove(&key);
                        return;
                    }
                },
            }
        }
    }

    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.lock().len()
    }
}

/// The results that are newer than `version`. A slow reader skips to the latest.
fn newer_than(latest: watch::Receiver<LatestResult>, version: i64) -> BoxStream<'static, ExecutionResult> {
    stream::unfold((latest, version), |(mut latest, version)| async move {
        loop {
            latest.changed().await.ok()?;
            let newest = latest.borrow_and_update().clone();
            if let Some((newest, result)) = newest.filter(|(newest, _)| *newest > version) {
                return Some((result, (latest, newest)));
            }
        }
    })
    .boxed()
}

#[cfg(test)]
mod tests {
    use async_graphql::Response;
    use futures_util::future::join_all;

    use super::*;

    fn key() -> StreamKey<u32> {
        StreamKey {
            scope: 1,
            document: [7; 32],
            operation: None,
            variables: Vec::new(),
        }
    }

    /// A stream that yields these versions and then stays open.
    fn reader_stream(versions: Vec<i64>) -> (BoxStream<'static, ExecutionResult>, Arc<LastVersion>) {
        let last = Arc::new(LastVersion::default());
        let recorded = Arc::clone(&last);
        let results = stream::iter(versions).map(move |version| {
            recorded.set(version);
            ExecutionResult::from(Response::new(version))
        });
        (results.chain(stream::pending()).boxed(), last)
    }

    async fn read(stream: &mut BoxStream<'static, ExecutionResult>) -> String {
        let next = tokio::time::timeout(std::time::Duration::from_secs(5), stream.next()).await;
        next.expect("in time").expect("an answer").json().to_owned()
    }

    #[tokio::test]
    async fn the_group_continues_without_its_first_reader_and_ends_with_its_last() {
        let (groups, key) = (Arc::new(SharedStreams::default()), key());
        let (feed, latest) = tokio::sync::mpsc::unbounded_channel::<i64>();
        let last = Arc::new(LastVersion::default());
        let recorded = Arc::clone(&last);
        let fed = stream::unfold(latest, |mut latest| async move {
            Some((latest.recv().await?, latest))
        });
        let fed = fed.map(move |version| {
            recorded.set(version);
            ExecutionResult::from(Response::new(version))
        });
        let mut first = Arc::clone(&groups).subscribe(key.clone(), fed.boxed(), last);
        feed.send(1).expect("it is read");
        assert_eq!(read(&mut first).await, r#"{"data":1}"#);
        let (reader_stream, last) = reader_stream(vec![1, 99]);
        let mut second = Arc::clone(&groups).subscribe(key.clone(), reader_stream, last);
        assert_eq!(read(&mut second).await, r#"{"data":1}"#);
        drop(first);
        feed.send(2).expect("it is read");
        assert_eq!(
            read(&mut second).await,
            r#"{"data":2}"#,
            "from the group, not from its own stream"
        );
        assert_eq!(groups.count(), 1);
        drop(second);
        while groups.count() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(feed.send(3).is_err(), "it is not read any more");
    }

    #[tokio::test]
    async fn a_reader_never_gets_an_older_version() {
        let (groups, key) = (Arc::new(SharedStreams::default()), key());
        let (slow, last) = reader_stream(vec![3, 4]);
        let mut slow = Arc::clone(&groups).subscribe(key.clone(), slow, last);
        assert_eq!(read(&mut slow).await, r#"{"data":3}"#);
        let (ahead, last) = reader_stream(vec![9]);
        let mut ahead = Arc::clone(&groups).subscribe(key.clone(), ahead, last);
        assert_eq!(read(&mut ahead).await, r#"{"data":9}"#);
        assert_eq!(read(&mut slow).await, r#"{"data":4}"#);
        assert!(ahead.next().now_or_never().is_none(), "4 is older than 9");
    }

    #[tokio::test]
    async fn a_refused_reader_joins_no_group() {
        let (groups, key) = (Arc::new(SharedStreams::default()), key());
        let refused = ExecutionResult::refused(&crate::error::Error::unauthenticated());
        let reader_stream = stream::iter([refused]).boxed();
        let results = Arc::clone(&groups).subscribe(key, reader_stream, Arc::default());
        let all: Vec<_> = results.collect().await;
        assert_eq!((all.len(), groups.count()), (1, 0));
    }

    #[tokio::test]
    async fn many_readers_join_and_leave_concurrently() {
        let (groups, key) = (Arc::new(SharedStreams::default()), key());
        let readers = (0..200).map(|number| {
            let (groups, key) = (Arc::clone(&groups), key.clone());
            tokio::spawn(async move {
                let (reader_stream, last) = reader_stream(vec![1, 2 + number % 3]);
                let mut results = groups.subscribe(key, reader_stream, last);
                read(&mut results).await;
            })
        });
        assert!(join_all(readers).await.iter().all(Result::is_ok));
        while groups.count() > 0 {
            tokio::task::yield_now().await;
        }
    }
}
