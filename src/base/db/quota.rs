//! Limits of one request: how much of the pool its tenant may use at a time, and how many statements it may run.
//!
//! The limits belong to the task that runs the request, and [`super::Db::conn`] looks them up, so no resolver passes them on.
//! A task that a request spawns inherits them by [`inherit_limits`]. Work outside of a request, such as the worker's, is not
//! limited.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use futures_util::stream::{self, Stream, StreamExt};
use graphql_server::CallBudget;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::base::error::{Code, Error, Result};
use crate::base::ids::AccountId;

/// Above this number of tenants, those without a running request are removed from the table.
const MAX_TRACKED_TENANTS: usize = 1_024;

tokio::task_local! {
    static LIMITS: RequestLimits;
}

/// Whose requests share one quota of the pool.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Tenant {
    Account(AccountId),
    /// The pages of one portal and its dashboard, by the slug in their address.
    Pages(Box<str>),
    /// Requests without a credential.
    Anonymous,
}

#[derive(Clone, Debug, Default)]
struct RequestLimits {
    connections: Option<Arc<Semaphore>>,
    statements: Option<Arc<CallBudget>>,
}

impl RequestLimits {
    fn current() -> Self {
        LIMITS.try_with(Clone::clone).unwrap_or_default()
    }
}

/// Runs a query whose statements count against this budget.
pub(crate) async fn with_statement_budget<F: Future>(budget: Arc<CallBudget>, work: F) -> F::Output {
    let limits = RequestLimits {
        statements: Some(budget),
        ..RequestLimits::current()
    };
    LIMITS.scope(limits, work).await
}

/// Checked when a connection is taken. Work that already has a connection may finish.
fn check_statement_budget(budget: &CallBudget) -> Result<()> {
    if !budget.is_exhausted() {
        return Ok(());
    }
    let message = format!(
        "This needs more than {} database statements. Ask for less in one request.",
        budget.max()
    );
    Err(Error::new(Code::QueryTooComplex, message).at("query"))
}

/// A tenant's quota of the pool.
#[derive(Clone, Debug)]
pub(crate) struct TenantQuota(Arc<Semaphore>);

impl TenantQuota {
    /// Runs a request whose connections count against this quota.
    pub(crate) async fn scope<F: Future>(self, work: F) -> F::Output {
        LIMITS.scope(self.limits(), work).await
    }

    /// The same for a stream of responses.
    pub(crate) fn scope_stream<S: Stream + Unpin>(self, mut responses: S) -> impl Stream<Item = S::Item> {
        let limits = self.limits();
        stream::poll_fn(move |cx| LIMITS.sync_scope(limits.clone(), || responses.poll_next_unpin(cx)))
    }

    fn limits(self) -> RequestLimits {
        RequestLimits {
            connections: Some(self.0),
            ..RequestLimits::current()
        }
    }
}

/// Wraps the work of a spawned task in the limits of the current one.
pub(crate) fn inherit_limits<F: Future>(work: F) -> impl Future<Output = F::Output> {
    LIMITS.scope(RequestLimits::current(), work)
}

/// Counts a statement of the current request.
pub(crate) fn count_statement() {
    let _ = LIMITS.try_with(|limits| {
        if let Some(statements) = &limits.statements {
            statements.count();
        }
    });
}

/// A permit to take one connection, held as long as the connection; `None` outside of a request.
pub(crate) async fn acquire(timeout: Duration) -> Result<Option<OwnedSemaphorePermit>> {
    let limits = RequestLimits::current();
    let permit = match limits.connections {
        Some(connections) => Some(acquire_from(connections, timeout).await?),
        None => None,
    };
    // After the wait: other fields of the request ran meanwhile.
    if let Some(statements) = limits.statements {
        check_statement_budget(&statements)?;
    }
    Ok(permit)
}

async fn acquire_from(connections: Arc<Semaphore>, timeout: Duration) -> Result<OwnedSemaphorePermit> {
    let acquired = tokio::time::timeout(timeout, connections.acquire_owned()).await;
    let timed_out = |_| Error::unavailable("one account's requests use its whole share of the pool");
    acquired.map_err(timed_out)?.map_err(Error::internal)
}

/// The quotas of all tenants that have a running request.
#[derive(Debug)]
pub(crate) struct TenantQuotas {
    /// Connections per tenant.
    size: usize,
    quotas: Mutex<HashMap<Tenant, Weak<Semaphore>>>,
}

impl TenantQuotas {
    /// Each tenant may use half of the pool.
    pub(crate) fn new(connection_count: usize) -> Self {
        Self {
            size: connection_count.div_ceil(2).max(1),
            quotas: Mutex::default(),
        }
    }

    pub(crate) fn get(&self, tenant: Tenant) -> TenantQuota {
        let mut quotas = self.quotas.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(quota) = quotas.get(&tenant).and_then(Weak::upgrade) {
            return TenantQuota(quota);
        }
        if quotas.len() >= MAX_TRACKED_TENANTS {
            quotas.retain(|_, quota| quota.strong_count() > 0);
        }
        let quota = Arc::new(Semaphore::new(self.size));
        quotas.insert(tenant, Arc::downgrade(&quota));
        TenantQuota(quota)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_WAIT: Duration = Duration::ZERO;

    #[tokio::test]
    async fn a_tenant_takes_half_of_the_pool_and_leaves_the_rest_to_others() {
        let quotas = TenantQuotas::new(4);
        let acme = || quotas.get(Tenant::Pages("acme".into()));
        let (one, two) = (
            acme().scope(acquire(NO_WAIT)).await.expect("a permit"),
            acme().scope(acquire(NO_WAIT)).await.expect("a permit"),
        );
        let refused = acme().scope(acquire(NO_WAIT)).await.expect_err("both are taken");
        assert_eq!((refused.code, refused.retry_after), (Code::Unavailable, Some(1)));
        assert!(
            quotas
                .get(Tenant::Anonymous)
                .scope(acquire(NO_WAIT))
                .await
                .is_ok()
        );
        drop(one);
        assert!(acme().scope(acquire(NO_WAIT)).await.is_ok());
        drop(two);
    }

    #[tokio::test]
    async fn tenants_without_a_request_are_removed() {
        let quotas = TenantQuotas::new(2);
        let running = quotas.get(Tenant::Anonymous);
        for number in 0..2 * MAX_TRACKED_TENANTS {
            quotas.get(Tenant::Pages(number.to_string().into()));
        }
        let tracked = quotas.quotas.lock().expect("a lock");
        assert!(tracked.len() <= MAX_TRACKED_TENANTS && tracked.contains_key(&Tenant::Anonymous));
        drop(running);
    }

    #[tokio::test]
    async fn a_spawned_task_inherits_the_limits_of_its_request() {
        let budget = CallBudget::new(2);
        let request = async {
            for _ in 0..2 {
                let spawned = tokio::spawn(inherit_limits(async {
                    count_statement();
                    acquire(NO_WAIT).await.is_ok()
                }));
                spawned.await.expect("it ends");
            }
            acquire(NO_WAIT).await
        };
        let refused = with_statement_budget(Arc::clone(&budget), request).await;
        let refused = refused.expect_err("refused");
        assert_eq!(refused.code, Code::QueryTooComplex);
        count_statement();
        assert!(acquire(NO_WAIT).await.expect("no limits").is_none());
        let larger = CallBudget::new(3);
        assert!(
            with_statement_budget(Arc::clone(&larger), acquire(NO_WAIT))
                .await
                .is_ok()
        );
        assert!(budget.is_exhausted() && !larger.is_exhausted());
    }
}
