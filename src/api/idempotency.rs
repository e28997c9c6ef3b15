//! The `Idempotency-Key` of a mutation: its transaction begins with [`claim_idempotency_key`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use async_graphql::Context;

use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::idempotency::IdempotentRequest;

/// The state of one request's key.
#[derive(Debug)]
pub(crate) struct IdempotencyClaim {
    pub request: IdempotentRequest,
    state: AtomicU8,
}

const UNTOUCHED: u8 = 0;
const CLAIMED: u8 = 1;
const TAKEN: u8 = 2;

impl IdempotencyClaim {
    pub(crate) fn new(request: IdempotentRequest) -> Self {
        Self {
            request,
            state: AtomicU8::new(UNTOUCHED),
        }
    }

    /// This request has inserted the key; it is kept if the transaction commits.
    pub(crate) fn claimed(&self) -> bool {
        self.state.load(Ordering::Acquire) == CLAIMED
    }

    /// Another request has used the key: this one changed nothing.
    pub(crate) fn taken(&self) -> bool {
        self.state.load(Ordering::Acquire) == TAKEN
    }

    async fn claim(&self, conn: &mut Conn, moment: &Moment) -> Result<()> {
        let claimed = self.claimed() || self.request.claim(conn, moment.now).await?;
        self.state
            .store(if claimed { CLAIMED } else { TAKEN }, Ordering::Release);
        if claimed {
            return Ok(());
        }
        // Rolls the transaction back; the first request's response replaces this error.
        Err(Error::new(
            Code::Conflict,
            "An earlier request with this key already did this.",
        ))
    }
}

/// The first line of a mutation's transaction. Does nothing for a request without a key.
pub(crate) async fn claim_idempotency_key(ctx: &Context<'_>, conn: &mut Conn, moment: &Moment) -> Result<()> {
    match ctx.data_opt::<Arc<IdempotencyClaim>>() {
        Some(claim) => claim.claim(conn, moment).await,
        None => Ok(()),
    }
}
