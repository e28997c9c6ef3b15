//! Creating and revoking API keys.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncConnection;
use serde_json::json;

use crate::accounts::model::Account;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::api::scalars;
use crate::base::actor::{Role, Scope};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::error::{Error, Result};
use crate::base::ids::ApiKeyId;
use crate::base::plain_text;
use crate::live::Topic;
use crate::team::graphql::api_key::ApiKey;
use crate::team::graphql::rules::check_still_manages;
use crate::team::model::api_key;
use crate::team::model::api_key::NewKey;

/// The most characters of a name.
const MAX_NAME_CHARS: usize = 80;

/// The longest lifetime of a key that expires: five years.
const MAX_LIFETIME: TimeDelta = TimeDelta::days(5 * 366);

/// Mutations whose response contains a secret. A response stored for an `Idempotency-Key` is deleted after 15 minutes.
pub(crate) const SECRET_RESPONSE: &[&str] = &["createApiKey"];

#[derive(Default)]
pub(crate) struct KeyMutations;

/// The key to create.
#[derive(InputObject)]
pub(crate) struct CreateApiKeyInput {
    /// The name of the key: one line of 1 to 80 characters.
    name: String,
    /// What the key may do: at least one, each once.
    scopes: Vec<Scope>,
    /// When the key expires: in the future, within five years. Default: never.
    expires_at: Option<scalars::DateTime>,
}

/// The new key. Its secret is readable here and never again.
#[derive(SimpleObject)]
pub(crate) struct CreateApiKeyPayload {
    /// The key.
    api_key: ApiKey,
    /// The secret, for `Authorization: Bearer …`: `apikey_…`. Store it securely.
    secret: String,
}

/// The key to revoke.
#[derive(InputObject)]
pub(crate) struct RevokeApiKeyInput {
    /// The key's id.
    api_key_id: ID,
}

/// The key that was revoked.
#[derive(SimpleObject)]
pub(crate) struct RevokeApiKeyPayload {
    /// The revoked key.
    api_key: ApiKey,
}

#[Object]
impl KeyMutations {
    /// Creates a key for a server of the account. Its secret is shown once. The key ends when the member who created it is
    /// removed or is no owner or admin any more. For owners and admins.
    async fn create_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is called, and what it may do.")] input: CreateApiKeyInput,
    ) -> Option<GraphqlResult<CreateApiKeyPayload>> {
        mutate(create(ctx, input)).await
    }

    /// Ends a key at once, with the subscriptions that it opened. A second time changes nothing. For owners and admins.
    async fn revoke_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: RevokeApiKeyInput,
    ) -> Option<GraphqlResult<RevokeApiKeyPayload>> {
        mutate(revoke(ctx, input)).await
    }
}

/// The parsed input of `createApiKey`.
struct CreateKeyRequest {
    name: String,
    scopes: Vec<Scope>,
    expires_at: Option<DateTime<Utc>>,
}

impl CreateKeyRequest {
    fn parse(input: CreateApiKeyInput, now: DateTime<Utc>) -> Result<Self> {
        let name = plain_text::line("input.name", &input.name, MAX_NAME_CHARS)?;
        let name = name.ok_or_else(|| Error::bad_input("input.name", "Give it a name."))?;
        let scopes: Vec<Scope> = input.scopes.into_iter().collect();
        if scopes.is_empty() {
            return Err(Error::bad_input("input.scopes", "Name at least one scope."));
        }
        if (1..scopes.len()).any(|at| scopes[..at].contains(&scopes[at])) {
            return Err(Error::bad_input("input.scopes", "Name each scope once."));
        }
        let expires_at = input.expires_at.map(|at| at.0);
        if expires_at.is_some_and(|end| end <= now || end > now + MAX_LIFETIME) {
            let message =
                "It must be in the future and within five years. Leave it out for a key that doesn't expire.";
            return Err(Error::bad_input("input.expiresAt", message));
        }
        Ok(Self {
            name,
            scopes,
            expires_at,
        })
    }
}

async fn create(ctx: &Context<'_>, input: CreateApiKeyInput) -> Result<CreateApiKeyPayload> {
    let manager = ctx.manager()?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let request = CreateKeyRequest::parse(input, moment.now)?;
    let new = NewKey {
        name: &request.name,
        scopes: &request.scopes,
        expires_at: request.expires_at,
        created_by: requester.actor,
    };
    let mut conn = services.db.conn().await?;
    let (key, secret) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            // A role change revokes the member's existing keys, so no key may be created after it.
            Account::lock(conn, manager.account).await?;
            check_still_manages(conn, &manager, &[Role::Staff]).await?;
            let (key, secret) = api_key::ApiKey::issue(conn, manager.account, &new, &moment).await?;
            let event = NewEvent::new(EventKind::ApiKeyCreated).on(key.id);
            let event = event.with(json!({ "scopes": key.scopes }));
            record(conn, manager.account, &requester, &[event], &moment).await?;
            Ok((key, secret))
        })
        .await?;
    Ok(CreateApiKeyPayload {
        api_key: key.into(),
        secret: secret.reveal(),
    })
}

async fn revoke(ctx: &Context<'_>, input: RevokeApiKeyInput) -> Result<RevokeApiKeyPayload> {
    let manager = ctx.manager()?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let missing = || Error::not_found("input.apiKeyId", "API key");
    let id: ApiKeyId = input.api_key_id.parse().map_err(|_| missing())?;
    let mut conn = services.db.conn().await?;
    let key = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let revoked = api_key::ApiKey::revoke(conn, manager.account, id, moment.now).await?;
            let Some(key) = revoked else {
                let found = api_key::ApiKey::find(conn, manager.account, id).await?;
                return found.ok_or_else(missing);
            };
            let event = NewEvent::new(EventKind::ApiKeyRevoked).on(key.id);
            record(conn, manager.account, &requester, &[event], &moment).await?;
            Ok(key)
        })
        .await?;
    services.live.nudge(manager.account, &[Topic::Revoked(id.0)]);
    Ok(RevokeApiKeyPayload { api_key: key.into() })
}
