//! The keys of the account's servers.

use async_graphql::{Context, ID, Object};

use crate::api::connection::{Connection, Counted, Listed, by_id, nullable};
use crate::api::context::ContextExt;
use crate::api::scalars::DateTime;
use crate::base::actor::Scope;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, ApiKeyId};
use crate::base::page::{PageArgs, PageRequest};
use crate::team::model::api_key;
use crate::team::model::api_key::ApiKeyStatus;

#[derive(Clone)]
pub(crate) struct ApiKey {
    id: ApiKeyId,
    scopes: Vec<Scope>,
    /// `None` for the key of the request itself: the row is read only for a field that needs it.
    row: Option<api_key::ApiKey>,
}

impl From<api_key::ApiKey> for ApiKey {
    fn from(key: api_key::ApiKey) -> Self {
        Self {
            id: key.id,
            scopes: key.scopes(),
            row: Some(key),
        }
    }
}

impl ApiKey {
    /// The key of the request.
    pub(crate) fn of_credential(id: ApiKeyId, scopes: &[Scope]) -> Self {
        Self {
            id,
            scopes: scopes.to_vec(),
            row: None,
        }
    }

    async fn read<T>(&self, ctx: &Context<'_>, value: impl FnOnce(&api_key::ApiKey) -> T) -> Result<T> {
        if let Some(row) = &self.row {
            return Ok(value(row));
        }
        let found = ctx.loaders().keys.get(self.id).await?;
        found.as_ref().map(value).ok_or_else(Error::unauthenticated)
    }
}

/// A credential for a server of the account. Its secret was shown once, when the key was created.
#[Object]
impl ApiKey {
    /// The id: `key_…`. Opaque; not a secret.
    pub(crate) async fn id(&self) -> ID {
        ID(self.id.to_string())
    }

    /// The name of the key.
    async fn name(&self, ctx: &Context<'_>) -> Result<String> {
        self.read(ctx, |row| row.name.clone()).await
    }

    /// What the key may do.
    async fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// The last four characters of the secret, to recognise it by; null for keys of an earlier release.
    async fn hint(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<String>> {
        let hint = |row: &api_key::ApiKey| Some(row.hint.clone()).filter(|hint| !hint.is_empty());
        nullable(self.read(ctx, hint)).await
    }

    /// Whether the key can still be used.
    async fn status(&self, ctx: &Context<'_>) -> Result<ApiKeyStatus> {
        let now = ctx.services().clock.now();
        self.read(ctx, |row| row.status(now)).await
    }

    /// Who created it: the id of a team member, or `system` for the command line.
    async fn created_by(&self, ctx: &Context<'_>) -> Result<String> {
        self.read(ctx, |row| row.created_by.clone()).await
    }

    /// When the key was created.
    async fn created_at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        self.read(ctx, |row| DateTime(row.created_at)).await
    }

    /// When the key expires; null if it doesn't.
    async fn expires_at(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<DateTime>> {
        nullable(self.read(ctx, |row| row.expires_at.map(DateTime))).await
    }

    /// When the key was revoked; null if it was not.
    async fn revoked_at(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<DateTime>> {
        nullable(self.read(ctx, |row| row.revoked_at.map(DateTime))).await
    }

    /// When the key was last used, to the hour; null if never.
    async fn last_used_at(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<DateTime>> {
        nullable(self.read(ctx, |row| row.last_used_at.map(DateTime))).await
    }
}

/// The list of all keys of the account, including revoked and expired ones.
pub(crate) struct AllKeys;

impl Listed for ApiKey {
    type Of = AllKeys;
}

impl Counted for AllKeys {
    async fn count(&self, ctx: &Context<'_>, account: AccountId) -> Result<i64> {
        let mut conn = ctx.services().db.conn().await?;
        api_key::ApiKey::count(&mut conn, account).await
    }
}

async fn list(ctx: &Context<'_>, args: PageArgs) -> Result<Connection<ApiKey>> {
    let manager = ctx.manager()?;
    let page = PageRequest::parse("apiKeys", &args)?;
    let mut conn = ctx.services().db.conn().await?;
    let rows = api_key::ApiKey::list(&mut conn, manager.account, &page).await?;
    let position = |row: &api_key::ApiKey| by_id(row.id.0);
    Ok(Connection::new(
        "apiKeys",
        rows,
        position,
        manager.account,
        AllKeys,
    ))
}

#[derive(Default)]
pub(crate) struct KeyQueries;

#[Object]
impl KeyQueries {
    /// The API keys, the newest first, with those that were revoked or have expired. For owners and admins.
    async fn api_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<Connection<ApiKey>>> {
        let args = PageArgs::new(first, after, last, before);
        nullable(async { list(ctx, args).await.map(Some) }).await
    }
}
