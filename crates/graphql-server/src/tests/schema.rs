//! A schema with a field for each kind of success and failure.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_graphql::{Context, Object, Schema, Subscription, Upload};
use futures_util::stream::{self, Stream, StreamExt};

use super::engine::Caller;
use crate::error::to_graphql;
use crate::error::{Code, Error, Result};
use crate::uploaded_file::UploadedFile;

pub(super) type TestSchema = Schema<Query, Mutation, Feed>;

/// Counts events in the resolvers.
#[derive(Default)]
pub(super) struct Log {
    pub begun: AtomicUsize,
    pub dropped: AtomicUsize,
    pub saved: AtomicUsize,
    pub yielded: AtomicUsize,
}

impl Log {
    pub fn count(counter: &AtomicUsize) -> usize {
        counter.load(Ordering::SeqCst)
    }
}

fn increment(counter: &AtomicUsize) {
    counter.fetch_add(1, Ordering::SeqCst);
}

struct DropCounter(Arc<Log>);

impl Drop for DropCounter {
    fn drop(&mut self) {
        increment(&self.0.dropped);
    }
}

pub(super) fn test_schema(log: Arc<Log>) -> TestSchema {
    Schema::build(Query, Mutation, Feed).data(log).finish()
}

fn log(ctx: &Context<'_>) -> Arc<Log> {
    Arc::clone(ctx.data_unchecked::<Arc<Log>>())
}

fn who(ctx: &Context<'_>) -> &'static str {
    match ctx.data_unchecked::<Caller>() {
        Caller::Anonymous => "anonymous",
        _ => "key",
    }
}

pub(super) struct Query;

impl Query {
    fn id(&self) -> Option<i32> {
        None
    }
}

#[Object]
impl Query {
    async fn add(&self, a: i32, b: i32) -> i32 {
        a + b
    }

    async fn who(&self, ctx: &Context<'_>) -> &'static str {
        who(ctx)
    }

    async fn refused(&self) -> Option<async_graphql::Result<i32>> {
        Some(Err(to_graphql(Error::bad_input(
            "input.emails.3",
            "That is no address.",
        ))))
    }

    async fn limited(&self) -> Option<async_graphql::Result<i32>> {
        Some(Err(Error::rate_limited("Slower.", 42).into()))
    }

    async fn strict(&self) -> Result<i32> {
        Err(Error::new(Code::NotFound, "There is no such item.").at("id"))
    }

    async fn bug(&self) -> Option<async_graphql::Result<i32>> {
        Some(Err("relation contacts does not exist".into()))
    }

    async fn panics(&self) -> i32 {
        assert!(self.id().is_some(), "on purpose");
        1
    }

    async fn slow(&self, ctx: &Context<'_>) -> i32 {
        let log = log(ctx);
        increment(&log.begun);
        let _end = DropCounter(log);
        tokio::time::sleep(Duration::from_secs(20)).await;
        1
    }

    async fn pause(&self, ms: u64) -> i32 {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        1
    }
}

pub(super) struct Mutation;

#[Object]
impl Mutation {
    async fn save(&self, ctx: &Context<'_>) -> i32 {
        let log = log(ctx);
        increment(&log.begun);
        tokio::time::sleep(Duration::from_millis(300)).await;
        increment(&log.saved);
        1
    }

    async fn read(&self, ctx: &Context<'_>, file: Upload) -> Result<String> {
        let name = file.value(ctx).map_err(Error::internal)?.filename;
        let mut text = String::new();
        let mut file = UploadedFile::open(ctx)?;
        file.read_to_string(&mut text).map_err(Error::internal)?;
        Ok(format!("{name}: {} bytes, {text:.5}", text.len()))
    }

    async fn refresh_session(&self, ctx: &Context<'_>) -> &'static str {
        who(ctx)
    }
}

pub(super) struct Feed;

#[Subscription]
impl Feed {
    async fn count(&self, to: i32) -> impl Stream<Item = i32> + use<> {
        stream::iter(1..=to)
    }

    /// Yields once, then stays idle.
    async fn quiet(&self, ctx: &Context<'_>) -> impl Stream<Item = i32> + use<> {
        let end = DropCounter(log(ctx));
        stream::iter([1]).chain(stream::pending()).map(move |item| {
            let _held = &end;
            item
        })
    }

    async fn heavy(&self, ctx: &Context<'_>) -> impl Stream<Item = String> + use<> {
        let log = log(ctx);
        let end = DropCounter(Arc::clone(&log));
        stream::repeat_with(move || {
            let _held = &end;
            increment(&log.yielded);
            "x".repeat(64 << 10)
        })
    }

    async fn denied(&self) -> Result<impl Stream<Item = i32> + use<>> {
        Err::<stream::Empty<i32>, _>(Error::unauthenticated())
    }

    async fn breaks(&self) -> impl Stream<Item = i32> + use<> {
        stream::iter([1, 2]).map(|item| if item == 2 { panic!("on purpose") } else { item })
    }
}
