//! A subscription that many readers of one scope open with the same document: its events are resolved and written out once
//! for all of them.
//!
//! Each reader's first answer comes from its own stream, which authorises. After it the reader joins the group of its
//! scope, document and variables. The first reader's stream feeds the group; it goes on when that reader has left, and
//! ends with the last one. The transport ends a reader's stream with its authentication, as it ends every stream.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use tokio::sync::watch;

use crate::http::answer::Answer;

/// The version of what a stream gave last, set by its resolver beside the event: the document may not ask for it.
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

/// Readers with the same key get the same answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StreamKey<T> {
    pub scope: T,
    pub document: [u8; 32],
    pub operation: Option<String>,
    /// As JSON.
    pub variables: Vec<u8>,
}

/// The newest answer and its version.
type News = Option<(i64, Answer)>;

pub(crate) struct SharedStreams<T> {
    groups: Mutex<HashMap<StreamKey<T>, Arc<watch::Sender<News>>>>,
}

impl<T> Default for SharedStreams<T> {
    fn default() -> Self {
        Self {
            groups: Mutex::default(),
        }
    }
}

impl<T: Clone + Eq + Hash + Send + Sync + 'static> SharedStreams<T> {
    fn held(&self) -> MutexGuard<'_, HashMap<StreamKey<T>, Arc<watch::Sender<News>>>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A reader's answers. `last` has the version of what its own stream gave last.
    pub fn answers(
        self: Arc<Self>,
        group: StreamKey<T>,
        mut own: BoxStream<'static, Answer>,
        last: Arc<LastVersion>,
    ) -> BoxStream<'static, Answer> {
        let begun = async move {
            match own.next().await {
                Some(first) if first.errors().is_empty() => {
                    let version = last.get();
                    let news = self.join(group, own, last);
                    stream::iter([first]).chain(newer(news, version)).boxed()
                }
                Some(first) => stream::iter([first]).chain(own).boxed(),
                None => stream::empty().boxed(),
            }
        };
        begun.flatten_stream().boxed()
    }

    fn join(
        self: Arc<Self>,
        group: StreamKey<T>,
        own: BoxStream<'static, Answer>,
        last: Arc<LastVersion>,
    ) -> watch::Receiver<News> {
        let mut groups = self.held();
        if let Some(sender) = groups.get(&group) {
            let mut news = sender.subscribe();
            // What the group has already may be newer than the reader's first answer.
            news.mark_changed();
            return news;
        }
        let (sender, news) = watch::channel(None);
        let sender = Arc::new(sender);
        groups.insert(group.clone(), Arc::clone(&sender));
        drop(groups);
        tokio::spawn(self.feed(group, sender, own, last));
        news
    }

    async fn feed(
        self: Arc<Self>,
        group: StreamKey<T>,
        sender: Arc<watch::Sender<News>>,
        mut own: BoxStream<'static, Answer>,
        last: Arc<LastVersion>,
    ) {
        loop {
            tokio::select! {
                () = sender.closed() => {
                    let mut groups = self.held();
                    // A reader may have joined since.
                    if sender.receiver_count() == 0 {
                        groups.remove(&group);
                        return;
                    }
                }
                answer = own.next() => match answer {
                    Some(answer) => { sender.send_replace(Some((last.get(), answer))); }
                    None => {
                        self.held().remove(&group);
                        return;
                    }
                },
            }
        }
    }

    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.held().len()
    }
}

/// What is newer than what was read; a slow reader skips to the newest.
fn newer(news: watch::Receiver<News>, version: i64) -> BoxStream<'static, Answer> {
    stream::unfold((news, version), |(mut news, version)| async move {
        loop {
            news.changed().await.ok()?;
            let newest = news.borrow_and_update().clone();
            if let Some((newest, answer)) = newest.filter(|(newest, _)| *newest > version) {
                return Some((answer, (news, newest)));
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

    fn group() -> StreamKey<u32> {
        StreamKey {
            scope: 1,
            document: [7; 32],
            operation: None,
            variables: Vec::new(),
        }
    }

    /// A stream that gives these versions, then waits.
    fn own(versions: Vec<i64>) -> (BoxStream<'static, Answer>, Arc<LastVersion>) {
        let last = Arc::new(LastVersion::default());
        let noted = Arc::clone(&last);
        let answers = stream::iter(versions).map(move |version| {
            noted.set(version);
            Answer::from(Response::new(version))
        });
        (answers.chain(stream::pending()).boxed(), last)
    }

    async fn read(stream: &mut BoxStream<'static, Answer>) -> String {
        let next = tokio::time::timeout(std::time::Duration::from_secs(5), stream.next()).await;
        next.expect("in time").expect("an answer").json().to_owned()
    }

    #[tokio::test]
    async fn the_group_goes_on_without_its_first_reader_and_ends_with_its_last() {
        let (groups, group) = (Arc::new(SharedStreams::default()), group());
        let (feed, news) = tokio::sync::mpsc::unbounded_channel::<i64>();
        let last = Arc::new(LastVersion::default());
        let noted = Arc::clone(&last);
        let fed = stream::unfold(news, |mut news| async move { Some((news.recv().await?, news)) });
        let fed = fed.map(move |version| {
            noted.set(version);
            Answer::from(Response::new(version))
        });
        let mut first = Arc::clone(&groups).answers(group.clone(), fed.boxed(), last);
        feed.send(1).expect("it is read");
        assert_eq!(read(&mut first).await, r#"{"data":1}"#);
        let (own, last) = own(vec![1, 99]);
        let mut second = Arc::clone(&groups).answers(group.clone(), own, last);
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
    async fn a_reader_never_goes_back() {
        let (groups, group) = (Arc::new(SharedStreams::default()), group());
        let (slow, last) = own(vec![3, 4]);
        let mut slow = Arc::clone(&groups).answers(group.clone(), slow, last);
        assert_eq!(read(&mut slow).await, r#"{"data":3}"#);
        let (ahead, last) = own(vec![9]);
        let mut ahead = Arc::clone(&groups).answers(group.clone(), ahead, last);
        assert_eq!(read(&mut ahead).await, r#"{"data":9}"#);
        assert_eq!(read(&mut slow).await, r#"{"data":4}"#);
        assert!(ahead.next().now_or_never().is_none(), "4 is older than 9");
    }

    #[tokio::test]
    async fn what_is_refused_joins_nothing() {
        let (groups, group) = (Arc::new(SharedStreams::default()), group());
        let refused = Answer::refused(&crate::error::Error::unauthenticated());
        let own = stream::iter([refused]).boxed();
        let answers = Arc::clone(&groups).answers(group, own, Arc::default());
        let all: Vec<_> = answers.collect().await;
        assert_eq!((all.len(), groups.count()), (1, 0));
    }

    #[tokio::test]
    async fn many_join_and_leave_at_once() {
        let (groups, group) = (Arc::new(SharedStreams::default()), group());
        let readers = (0..200).map(|number| {
            let (groups, group) = (Arc::clone(&groups), group.clone());
            tokio::spawn(async move {
                let (own, last) = own(vec![1, 2 + number % 3]);
                let mut answers = groups.answers(group, own, last);
                read(&mut answers).await;
            })
        });
        assert!(join_all(readers).await.iter().all(Result::is_ok));
        while groups.count() > 0 {
            tokio::task::yield_now().await;
        }
    }
}
