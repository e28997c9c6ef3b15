//! Idempotent mutations: a repeat with the same `Idempotency-Key` gets the first response.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Request, Response};
use futures_util::future::BoxFuture;
use graphql_server::IdempotencyKey;
use graphql_server::error::{request_error, with_codes};

use super::engine::PortalEngine;
use crate::api::context::request_data;
use crate::api::idempotency::IdempotencyClaim;
use crate::base::actor::Client;
use crate::base::error::{Code, Error, Result};
use crate::base::idempotency::{IdempotentRequest, KeyState, LIFETIME, SECRET_LIFETIME};
use crate::base::secrets::{SecretHash, ServerKey};
use crate::sign_in::auth_context::AuthContext;

/// The interval and the number of polls of a repeat, for the response of a running first request.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
const MAX_POLLS: u32 = 30;

impl PortalEngine {
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
        let (account, viewer) = (auth.viewer.account(), auth.revocable_ids.last());
        let (Some(account), Some(viewer)) = (account, viewer.copied()) else {
            return Err(Error::unauthenticated());
        };
        let idempotent = IdempotentRequest {
            account,
            viewer,
            key: SecretHash::of(&[b"idempotency", key.key.as_bytes()]),
            request: SecretHash::from(key.request),
        };
        let earlier = self.earlier_response(&idempotent, key).await?;
        // Executed even if a response is stored: the resolver checks that the viewer is still authorised, and its
        // transaction fails at the taken key.
        let claim = Arc::new(IdempotencyClaim::new(idempotent));
        let request = request_data(auth, client, request).data(Arc::clone(&claim));
        let response = with_codes::<Error>(self.schema.execute(request).await);
        if claim.taken() {
            let earlier = match earlier {
                Some(earlier) => Some(earlier),
                None => self.earlier_response(&idempotent, key).await?,
            };
            return earlier.ok_or_else(|| Error::unavailable("the first request with this key was undone"));
        }
        if claim.claimed() {
            self.store_response(&idempotent, key, &response).await?;
        }
        Ok(response)
    }

    /// The response of an earlier request with this key; waits while that request is running.
    async fn earlier_response(
        &self,
        idempotent: &IdempotentRequest,
        key: &IdempotencyKey,
    ) -> Result<Option<Response>> {
        for _ in 0..MAX_POLLS {
            let mut conn = self.services.db.conn().await?;
            let state = idempotent.state(&mut conn, self.services.clock.now()).await?;
            drop(conn);
            match state {
                KeyState::Unused => return Ok(None),
                KeyState::OtherRequest => {
                    return Err(conflict("This key was already used for a different request."));
                }
                KeyState::ResponseDeleted => {
                    return Err(conflict(
                        "An earlier request with this key already did this. Its response held a secret and was deleted.",
                    ));
                }
                KeyState::Response(sealed) => {
                    let plain = self.seal(key).open(&sealed);
                    let plain = plain.ok_or_else(|| Error::internal("a stored response can't be opened"))?;
                    return serde_json::from_slice(&plain).map(Some).map_err(Error::internal);
                }
                KeyState::Running => tokio::time::sleep(POLL_INTERVAL).await,
            }
        }
        Err(conflict(
            "An earlier request with this key already did this, and its response was lost.",
        ))
    }

    async fn store_response(
        &self,
        idempotent: &IdempotentRequest,
        key: &IdempotencyKey,
        response: &Response,
    ) -> Result<()> {
        let moment = self.services.clock.moment();
        let plain = serde_json::to_vec(response).map_err(Error::internal)?;
        let sealed = self.seal(key).seal(&plain, &moment);
        let sealed = sealed.ok_or_else(|| Error::internal("a response can't be sealed"))?;
        let lifetime = if key.secret_response {
            SECRET_LIFETIME
        } else {
            LIFETIME
        };
        let mut conn = self.services.db.conn().await?;
        idempotent
            .store_response(&mut conn, &sealed, moment.now + lifetime)
            .await
    }

    /// Derived from the client's key, which is not stored: the table alone doesn't reveal the responses.
    fn seal(&self, key: &IdempotencyKey) -> ServerKey {
        let secret = self.services.sign_in.keys.idempotency.mac(&[key.key.as_bytes()]);
        ServerKey::new(&secret)
    }
}

fn conflict(message: &str) -> Error {
    Error::new(Code::Conflict, message).at("Idempotency-Key")
}
