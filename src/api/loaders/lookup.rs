//! Batching: the keys of one batch, and the task that loads them.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use dataloader::BatchFn;
use dataloader::cached::Loader;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tracing::Instrument;

use super::BatchLoad;
use crate::base::db::Db;
use crate::base::db::deadline::{Deadline, TimedOut};
use crate::base::db::quota::inherit_limits;
use crate::base::db::replica::Reader;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::AccountId;

/// The error of a batch, for each of its waiters.
#[derive(Clone, Debug, thiserror::Error)]
#[error("a batched look-up failed")]
struct BatchError(#[source] Arc<Error>);

impl From<BatchError> for Error {
    fn from(error: BatchError) -> Self {
        match error.0.code {
            Code::Unavailable => Self::unavailable(error),
            Code::QueryTooComplex => Self::new(Code::QueryTooComplex, error.0.to_string()).at("query"),
            _ => Self::internal(error),
        }
    }
}

type Found<V> = std::result::Result<Option<V>, BatchError>;
type BatchValues<L> = HashMap<<L as BatchLoad>::Key, Found<<L as BatchLoad>::Value>>;
type SharedBatch<L> = Shared<BoxFuture<'static, std::result::Result<Arc<BatchValues<L>>, BatchError>>>;

struct DatabaseBatch<L> {
    reader: Reader,
    account: Option<AccountId>,
    loader: PhantomData<L>,
}

impl<L: BatchLoad> BatchFn<L::Key, Found<L::Value>> for DatabaseBatch<L> {
    async fn load(&mut self, keys: &[L::Key]) -> BatchValues<L> {
        match self.find(keys).await.map_err(|error| BatchError(Arc::new(error))) {
            Ok(mut found) => keys
                .iter()
                .map(|key| (key.clone(), Ok(found.remove(key))))
                .collect(),
            Err(error) => keys.iter().map(|key| (key.clone(), Err(error.clone()))).collect(),
        }
    }
}

impl<L: BatchLoad> DatabaseBatch<L> {
    async fn find(&self, keys: &[L::Key]) -> Result<HashMap<L::Key, L::Value>> {
        let Some(account) = self.account else {
            return Ok(HashMap::new());
        };
        self.reader
            .run(|mut conn| async move { L::load(&mut conn, account, keys).await })
            .await
    }
}

/// The keys of the next batch, and its result once it is dispatched.
struct OpenBatch<L: BatchLoad> {
    keys: Vec<L::Key>,
    result: Arc<OnceLock<SharedBatch<L>>>,
}

/// A loader of one request.
pub struct Lookup<L: BatchLoad>(Arc<LookupState<L>>);

struct LookupState<L: BatchLoad> {
    loader: Loader<L::Key, Found<L::Value>, DatabaseBatch<L>>,
    open: Mutex<Option<OpenBatch<L>>>,
    /// Locked by the running batch.
    running: tokio::sync::Mutex<()>,
}

impl<L: BatchLoad> Lookup<L> {
    pub fn new(db: &Db, account: Option<AccountId>) -> Self {
        Self::reading(db.primary_reader(), account)
    }

    pub(crate) fn reading(reader: Reader, account: Option<AccountId>) -> Self {
        let batch = DatabaseBatch {
            reader,
            account,
            loader: PhantomData,
        };
        Self(Arc::new(LookupState {
            // The open batch collects the keys: the loader must not wait for more.
            loader: Loader::new(batch).with_yield_count(0),
            open: Mutex::new(None),
            running: tokio::sync::Mutex::new(()),
        }))
    }

    /// `None` if the account has no such record.
    pub async fn get(&self, key: L::Key) -> Result<Option<L::Value>> {
        let result = self.join(key.clone());
        // The sibling fields join before this task is polled again.
        tokio::task::yield_now().await;
        let result = result.get_or_init(|| self.dispatch()).clone();
        match result.await?.get(&key) {
            Some(found) => Ok(found.clone()?),
            None => Err(Error::internal("a batch left out a key")),
        }
    }

    fn join(&self, key: L::Key) -> Arc<OnceLock<SharedBatch<L>>> {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        let batch = open.get_or_insert_with(|| OpenBatch {
            keys: Vec::new(),
            result: Arc::default(),
        });
        batch.keys.push(key);
        Arc::clone(&batch.result)
    }

    /// Starts the open batch in a task of its own, which does not end with the field.
    fn dispatch(&self) -> SharedBatch<L> {
        let state = Arc::clone(&self.0);
        let deadline = Deadline::current();
        let batch = inherit_limits(async move {
            let batch = deadline.run(state.run_batch()).await;
            batch.unwrap_or_else(|TimedOut| Err(BatchError(Arc::new(Error::timed_out(false)))))
        });
        let batch = tokio::spawn(batch.in_current_span());
        let failed = |cause| BatchError(Arc::new(Error::internal(cause)));
        let result = async move { batch.await.unwrap_or_else(|panicked| Err(failed(panicked))) };
        result.boxed().shared()
    }
}

impl<L: BatchLoad> LookupState<L> {
    async fn run_batch(&self) -> std::result::Result<Arc<BatchValues<L>>, BatchError> {
        let _running = self.running.lock().await;
        let batch = self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
        let keys = batch.map(|batch| batch.keys).unwrap_or_default();
        self.loader.clear_all().await;
        let values = self.loader.try_load_many(keys).await;
        values
            .map(Arc::new)
            .map_err(|missing| BatchError(Arc::new(Error::internal(missing))))
    }
}
