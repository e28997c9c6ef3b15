//! Setting, checking and removing the sending domain.

use async_graphql::{Context, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;
use serde_json::json;

use crate::accounts::model::Account;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::base::actor::{Manager, Role};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::db::{Conn, deadline};
use crate::base::error::{Code, Error, Result};
use crate::base::ids::AccountId;
use crate::sending_domains::domain;
use crate::sending_domains::graphql::SendingDomain;
use crate::sending_domains::key::{self, NewKey};
use crate::sending_domains::model;
use crate::services::Services;
use crate::team::graphql::rules::check_still_manages;

#[derive(Default)]
pub(crate) struct SendingDomainMutations;

/// The domain to send from.
#[derive(InputObject)]
pub(crate) struct SetSendingDomainInput {
    /// A domain of the account, such as `acme.com` or `mail.acme.com`; an internationalised one in either form.
    domain: String,
}

/// The domain as it is now.
#[derive(SimpleObject)]
pub(crate) struct SetSendingDomainPayload {
    /// The domain, with the DNS records to publish.
    sending_domain: SendingDomain,
}

/// The domain to check.
#[derive(InputObject)]
pub(crate) struct VerifySendingDomainInput {
    /// The account's sending domain.
    domain: String,
}

/// The domain after the check.
#[derive(SimpleObject)]
pub(crate) struct VerifySendingDomainPayload {
    /// The domain, with its status and what is wrong.
    sending_domain: SendingDomain,
}

/// The domain to remove.
#[derive(InputObject)]
pub(crate) struct RemoveSendingDomainInput {
    /// The account's sending domain.
    domain: String,
}

/// What was removed.
#[derive(SimpleObject)]
pub(crate) struct RemoveSendingDomainPayload {
    /// The domain that was removed.
    removed_domain: String,
}

#[Object]
impl SendingDomainMutations {
    /// Sets the domain that emails are sent from once its DNS records are verified, and returns the records to publish. Another
    /// domain replaces the present one and gets a key of its own; the same one changes nothing. `CONFLICT` if another account has
    /// verified it. For owners and admins.
    async fn set_sending_domain(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The domain.")] input: SetSendingDomainInput,
    ) -> Option<GraphqlResult<SetSendingDomainPayload>> {
        mutate(set(ctx, input)).await
    }

    /// Checks the DNS records now, at most once in ten seconds. They are also checked automatically. It waits for the DNS for up to
    /// five seconds. For owners and admins.
    async fn verify_sending_domain(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The domain.")] input: VerifySendingDomainInput,
    ) -> Option<GraphqlResult<VerifySendingDomainPayload>> {
        mutate(verify(ctx, input)).await
    }

    /// Removes the domain and its key: emails are sent from the server's domain again. For owners and admins.
    async fn remove_sending_domain(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The domain.")] input: RemoveSendingDomainInput,
    ) -> Option<GraphqlResult<RemoveSendingDomainPayload>> {
        mutate(remove(ctx, input)).await
    }
}

fn missing() -> Error {
    Error::not_found("input.domain", "sending domain")
}

/// Locks the account; the manager's role may have changed meanwhile.
async fn lock(conn: &mut Conn, manager: &Manager) -> Result<()> {
    Account::lock(conn, manager.account).await?;
    check_still_manages(conn, manager, &[Role::Staff]).await
}

async fn set(ctx: &Context<'_>, input: SetSendingDomainInput) -> Result<SetSendingDomainPayload> {
    let (manager, services) = (ctx.manager()?, ctx.services());
    let domain = domain::parse_own(&input.domain, &services.settings.sending.hosts)?;
    let account = manager.account;
    let key = new_key(services, account, &domain).await?;
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let sending_domain = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            lock(conn, &manager).await?;
            // Another request may have set it meanwhile.
            let found = model::SendingDomain::find(conn, account).await?;
            let key = match (found.filter(|found| has_key(services, found, &domain)), key) {
                (Some(found), _) => return Ok(found),
                (None, Some(key)) => key,
                (None, None) => {
                    return Err(Error::new(Code::Conflict, "It was changed meanwhile. Try again."));
                }
            };
            model::SendingDomain::check_free(conn, account, &domain).await?;
            let set = model::SendingDomain::set(conn, account, &domain, key, &moment).await?;
            let event = NewEvent::new(EventKind::SendingDomainSet).with(json!({ "domain": domain }));
            record(conn, account, &requester, &[event], &moment).await?;
            Ok(set)
        })
        .await?;
    Ok(SetSendingDomainPayload {
        sending_domain: sending_domain.into(),
    })
}

/// None if the account has this domain already.
async fn new_key(services: &Services, account: AccountId, domain: &str) -> Result<Option<NewKey>> {
    let mut conn = services.db.conn().await?;
    model::SendingDomain::check_free(&mut conn, account, domain).await?;
    let found = model::SendingDomain::find(&mut conn, account).await?;
    drop(conn);
    if found.is_some_and(|found| has_key(services, &found, domain)) {
        return Ok(None);
    }
    let key = NewKey::make(&services.sign_in.keys.dkim_seal, services.clock.moment());
    deadline::paused(key).await.map(Some)
}

/// Whether it is this domain, with a key of use: one that was sealed with another secret is of none.
fn has_key(services: &Services, found: &model::SendingDomain, domain: &str) -> bool {
    found.domain == domain && key::open(&found.sealed_key, &services.sign_in.keys.dkim_seal).is_some()
}

async fn verify(ctx: &Context<'_>, input: VerifySendingDomainInput) -> Result<VerifySendingDomainPayload> {
    let (manager, services) = (ctx.manager()?, ctx.services());
    let sending = &services.settings.sending;
    let domain = domain::parse(&input.domain)?;
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let found = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            lock(conn, &manager).await?;
            let begun = model::SendingDomain::begin_check(conn, manager.account, &domain, moment.now).await?;
            begun.ok_or_else(missing)
        })
        .await?;
    drop(conn);
    let answer = deadline::paused(sending.dns.find(found.published())).await;
    let moment = services.clock.moment();
    let mut conn = services.db.conn().await?;
    let checked = conn
        .transaction(async |conn| {
            claim_idempotency_key(ctx, conn, &moment).await?;
            lock(conn, &manager).await?;
            found
                .record(conn, answer, &sending.hosts, &requester, &moment)
                .await
        })
        .await?;
    Ok(VerifySendingDomainPayload {
        sending_domain: checked.into(),
    })
}

async fn remove(ctx: &Context<'_>, input: RemoveSendingDomainInput) -> Result<RemoveSendingDomainPayload> {
    let (manager, services) = (ctx.manager()?, ctx.services());
    let domain = domain::parse(&input.domain)?;
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    conn.transaction(async |conn| -> Result<_> {
        claim_idempotency_key(ctx, conn, &moment).await?;
        lock(conn, &manager).await?;
        if !model::SendingDomain::remove(conn, manager.account, &domain).await? {
            return Err(missing());
        }
        let event = NewEvent::new(EventKind::SendingDomainRemoved).with(json!({ "domain": domain }));
        record(conn, manager.account, &requester, &[event], &moment).await
    })
    .await?;
    Ok(RemoveSendingDomainPayload {
        removed_domain: domain,
    })
}
