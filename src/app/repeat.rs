//! Safe retries: a mutation that came with an `Idempotency-Key` answers a repeat as it answered the first time.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Request, Response};
use futures_util::future::BoxFuture;
use graphql_server::IdempotencyKey;
use graphql_server::error::{request_error, with_codes};

use super::engine::App;
use crate::api::context::request_data;
use crate::api::idempotent::Once;
use crate::base::actor::Client;
use crate::base::error::{Code, Error, Result};
use crate::base::idempotency::{Attempt, Known, LIFETIME, SECRET_LIFETIME};
use crate::base::secrets::{SecretHash, ServerKey};
use crate::sign_in::auth_context::AuthContext;

/// How often, and how many times, one looks for the answer of the first request.
const LOOK: Duration = Duration::from_millis(100);
const LOOKS: u32 = 30;

impl App {
    pub(crate) fn execute_idempotent(
        &self,
        request: Request,
        auth: AuthContext,
        client: Client,
        key: IdempotencyKey,
    ) -> BoxFuture<'_, Response> {
        Box::pin(async move {
            match self.run_idempotent(request, auth, client, &key).await {
                Ok(response) => response,
                Err(error) => Response::from_errors(vec![request_error(error)]),
            }
        })
    }

    async fn run_idempotent(
        &self,
        request: Request,
        auth: AuthContext,
        client: Client,
        key: &IdempotencyKey,
    ) -> Result<Response> {
        let (account, viewer) = (auth.viewer.account(), auth.subjects.last());
        let (Some(account), Some(viewer)) = (account, viewer.copied()) else {
            return Err(Error::unauthenticated());
        };
        let attempt = Attempt {
            account,
            viewer,
            key: SecretHash::of(&[b"idempotency", key.key.as_bytes()]),
            request: SecretHash::from(key.request),
        };
        let earlier = self.earlier(&attempt, key).await?;
        // Also with an answer at hand: the resolver says whether the viewer may still do it, and its transaction ends at the
        // key that is taken.
        let once = Arc::new(Once::new(attempt));
        let request = request_data(&self.services, auth, client, request).data(Arc::clone(&once));
        let response = with_codes::<Error>(self.schema.execute(request).await);
        if once.taken() {
            let earlier = match earlier {
                Some(earlier) => Some(earlier),
                None => self.earlier(&attempt, key).await?,
            };
            return earlier.ok_or_else(|| Error::unavailable("the first request with this key was undone"));
        }
        if once.claimed() {
            self.keep(&attempt, key, &response).await?;
        }
        Ok(response)
    }

    /// The answer of an earlier request with this key; waits while it is on its way.
    async fn earlier(&self, attempt: &Attempt, key: &IdempotencyKey) -> Result<Option<Response>> {
        for _ in 0..LOOKS {
            let mut conn = self.services.db.conn().await?;
            let known = attempt.known(&mut conn, self.services.clock.now()).await?;
            drop(conn);
            match known {
                Known::Nothing => return Ok(None),
                Known::Other => return Err(conflict("This key was already used for a different request.")),
                Known::Gone => {
                    return Err(conflict(
                        "This was done. The answer held a secret and is no longer kept.",
                    ));
                }
                Known::Answer(sealed) => {
                    let plain = self.seal(key).open(&sealed);
                    let plain = plain.ok_or_else(|| Error::internal("a kept answer can't be opened"))?;
                    return serde_json::from_slice(&plain).map(Some).map_err(Error::internal);
                }
                Known::Running => tokio::time::sleep(LOOK).await,
            }
        }
        Err(conflict("This was done, and its answer was lost."))
    }

    async fn keep(&self, attempt: &Attempt, key: &IdempotencyKey, response: &Response) -> Result<()> {
        let moment = self.services.clock.moment();
        let plain = serde_json::to_vec(response).map_err(Error::internal)?;
        let sealed = self.seal(key).seal(&plain, &moment);
        let sealed = sealed.ok_or_else(|| Error::internal("an answer can't be sealed"))?;
        let lifetime = if key.secret_answer {
            SECRET_LIFETIME
        } else {
            LIFETIME
        };
        let mut conn = self.services.db.conn().await?;
        attempt.keep(&mut conn, &sealed, moment.now + lifetime).await
    }

    /// Made from the client's key, which is not kept: who reads the table can't read the answers.
    fn seal(&self, key: &IdempotencyKey) -> ServerKey {
        let made = self.services.sign_in.keys.idempotency.mac(&[key.key.as_bytes()]);
        ServerKey::new(&made)
    }
}

fn conflict(words: &str) -> Error {
    Error::new(Code::Conflict, words).at("Idempotency-Key")
}
