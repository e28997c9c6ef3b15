//! A mutation that may be repeated with the same `Idempotency-Key`: its transaction begins with [`Once::claim`].

use std::sync::atomic::{AtomicU8, Ordering};

use async_graphql::Context;

use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::idempotency::Attempt;

/// The state of one request's key.
#[derive(Debug)]
pub struct Once {
    pub attempt: Attempt,
    state: AtomicU8,
}

const UNTOUCHED: u8 = 0;
const CLAIMED: u8 = 1;
const TAKEN: u8 = 2;

impl Once {
    pub fn new(attempt: Attempt) -> Self {
        Self {
            attempt,
            state: AtomicU8::new(UNTOUCHED),
        }
    }

    /// The key was written by this request; whether it stayed says the transaction.
    pub fn claimed(&self) -> bool {
        self.state.load(Ordering::Acquire) == CLAIMED
    }

    /// Somebody else was first: this request did nothing.
    pub fn taken(&self) -> bool {
        self.state.load(Ordering::Acquire) == TAKEN
    }

    async fn claim(&self, conn: &mut Conn, moment: &Moment) -> Result<()> {
        let claimed = self.claimed() || self.attempt.claim(conn, moment.now).await?;
        self.state
            .store(if claimed { CLAIMED } else { TAKEN }, Ordering::Release);
        if claimed {
            return Ok(());
        }
        // Undoes the transaction; the answer of the first one takes the place of this error.
        Err(Error::new(Code::Conflict, "This was done by an earlier request."))
    }
}

/// The first line of a mutation's transaction.
pub async fn once(ctx: &Context<'_>, conn: &mut Conn, moment: &Moment) -> Result<()> {
    match ctx.data_opt::<std::sync::Arc<Once>>() {
        Some(once) => once.claim(conn, moment).await,
        None => Ok(()),
    }
}
