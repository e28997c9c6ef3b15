//! How much of the pool one tenant may occupy at a time, and how many statements one request may run.
//!
//! The bounds of a request are those of the task that runs it, and [`super::Db::conn`] looks them up: no resolver passes them
//! on. A task that a request spawns takes them along by [`carried`]. What runs outside of any request, as the worker does, is
//! not bounded.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use futures_util::stream::{self, Stream, StreamExt};
use graphql_server::CallBudget;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::base::error::{Code, Error, Result};
use crate::base::ids::AccountId;

/// How many tenants are remembered before those without a request are forgotten.
const REMEMBERED: usize = 1_024;

tokio::task_local! {
    static BOUNDS: Bounds;
}

/// Whose requests share a part of the pool.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Tenant {
    Account(AccountId),
    /// The pages of one portal and its dashboard, by the slug in their address.
    Pages(Box<str>),
    /// Requests without a credential.
    Anonymous,
}

/// The bounds of the request at hand.
#[derive(Clone, Debug, Default)]
struct Bounds {
    places: Option<Arc<Semaphore>>,
    statements: Option<Arc<CallBudget>>,
}

impl Bounds {
    fn here() -> Self {
        BOUNDS.try_with(Clone::clone).unwrap_or_default()
    }
}

/// Runs a query whose statements are counted among these calls.
pub(crate) async fn counted<F: Future>(calls: Arc<CallBudget>, work: F) -> F::Output {
    let bounds = Bounds {
        statements: Some(calls),
        ..Bounds::here()
    };
    BOUNDS.scope(bounds, work).await
}

/// Looked at when a connection is taken: what has begun on one goes on to its end.
fn check(statements: &CallBudget) -> Result<()> {
    if !statements.is_exhausted() {
        return Ok(());
    }
    let words = format!(
        "This needs more than {} database statements. Ask for less in one request.",
        statements.max()
    );
    Err(Error::new(Code::QueryTooComplex, words).at("query"))
}

/// A tenant's part of the pool.
#[derive(Clone, Debug)]
pub(crate) struct Share(Arc<Semaphore>);

impl Share {
    /// Runs a request that takes its connections from this part.
    pub(crate) async fn scope<F: Future>(self, work: F) -> F::Output {
        BOUNDS.scope(self.bounds(), work).await
    }

    /// The same for a stream of answers.
    pub(crate) fn over<S: Stream + Unpin>(self, mut answers: S) -> impl Stream<Item = S::Item> {
        let bounds = self.bounds();
        stream::poll_fn(move |cx| BOUNDS.sync_scope(bounds.clone(), || answers.poll_next_unpin(cx)))
    }

    fn bounds(self) -> Bounds {
        Bounds {
            places: Some(self.0),
            ..Bounds::here()
        }
    }
}

/// Work for a task of its own, inside the bounds of this one.
pub(crate) fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    BOUNDS.scope(Bounds::here(), work)
}

/// Counts a statement of the request at hand.
pub(crate) fn count_statement() {
    let _ = BOUNDS.try_with(|bounds| {
        if let Some(statements) = &bounds.statements {
            statements.count();
        }
    });
}

/// A place in the part of the request at hand; held as long as its connection is.
pub(crate) async fn place(wait: Duration) -> Result<Option<OwnedSemaphorePermit>> {
    let bounds = Bounds::here();
    let place = match bounds.places {
        Some(places) => Some(place_in(places, wait).await?),
        None => None,
    };
    // After the wait: other fields of the request ran meanwhile.
    if let Some(statements) = bounds.statements {
        check(&statements)?;
    }
    Ok(place)
}

async fn place_in(places: Arc<Semaphore>, wait: Duration) -> Result<OwnedSemaphorePermit> {
    let taken = tokio::time::timeout(wait, places.acquire_owned()).await;
    let late = |_| Error::unavailable("one account's requests use its whole share of the pool");
    taken.map_err(late)?.map_err(Error::internal)
}

/// The parts of all tenants that have a request under way.
#[derive(Debug)]
pub(crate) struct Shares {
    /// Connections of one tenant.
    size: usize,
    parts: Mutex<HashMap<Tenant, Weak<Semaphore>>>,
}

impl Shares {
    /// Half of the pool for each.
    pub(crate) fn new(connection_count: usize) -> Self {
        Self {
            size: connection_count.div_ceil(2).max(1),
            parts: Mutex::default(),
        }
    }

    pub(crate) fn of(&self, tenant: Tenant) -> Share {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(part) = parts.get(&tenant).and_then(Weak::upgrade) {
            return Share(part);
        }
        if parts.len() >= REMEMBERED {
            parts.retain(|_, part| part.strong_count() > 0);
        }
        let part = Arc::new(Semaphore::new(self.size));
        parts.insert(tenant, Arc::downgrade(&part));
        Share(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_ONCE: Duration = Duration::ZERO;

    #[tokio::test]
    async fn a_tenant_takes_half_of_the_pool_and_leaves_the_rest_to_others() {
        let shares = Shares::new(4);
        let acme = || shares.of(Tenant::Pages("acme".into()));
        let (one, two) = (
            acme().scope(place(AT_ONCE)).await.expect("a place"),
            acme().scope(place(AT_ONCE)).await.expect("a place"),
        );
        let refused = acme().scope(place(AT_ONCE)).await.expect_err("both are taken");
        assert_eq!((refused.code, refused.retry_after), (Code::Unavailable, Some(1)));
        assert!(shares.of(Tenant::Anonymous).scope(place(AT_ONCE)).await.is_ok());
        drop(one);
        assert!(acme().scope(place(AT_ONCE)).await.is_ok());
        drop(two);
    }

    #[tokio::test]
    async fn tenants_without_a_request_are_forgotten() {
        let shares = Shares::new(2);
        let held = shares.of(Tenant::Anonymous);
        for number in 0..2 * REMEMBERED {
            shares.of(Tenant::Pages(number.to_string().into()));
        }
        let parts = shares.parts.lock().expect("a lock");
        assert!(parts.len() <= REMEMBERED && parts.contains_key(&Tenant::Anonymous));
        drop(held);
    }

    #[tokio::test]
    async fn a_spawned_task_keeps_to_the_bounds_of_its_request() {
        let statements = CallBudget::new(2);
        let request = async {
            for _ in 0..2 {
                let spawned = tokio::spawn(carried(async {
                    count_statement();
                    place(AT_ONCE).await.is_ok()
                }));
                spawned.await.expect("it ends");
            }
            place(AT_ONCE).await
        };
        let refused = counted(Arc::clone(&statements), request).await;
        let refused = refused.expect_err("refused");
        assert_eq!(refused.code, Code::QueryTooComplex);
        count_statement();
        assert!(place(AT_ONCE).await.expect("no bounds").is_none());
        let one_more = CallBudget::new(3);
        assert!(counted(Arc::clone(&one_more), place(AT_ONCE)).await.is_ok());
        assert!(statements.is_exhausted() && !one_more.is_exhausted());
    }
}
