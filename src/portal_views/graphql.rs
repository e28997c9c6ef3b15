//! Viewing the portal as a contact.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::accounts::model::Account;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::api::scalars::{DateTime, Url};
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{AccountId, ContactId};
use crate::contacts::model::Contact;
use crate::portal_views::model::{NewView, PortalView};

/// Mutations whose response contains a secret.
pub(crate) const SECRET_RESPONSE: &[&str] = &["viewPortalAs"];

#[derive(Default)]
pub(crate) struct PortalViewMutations;

/// As whom to view the portal.
#[derive(InputObject)]
pub(crate) struct ViewPortalAsInput {
    /// The contact's id.
    contact_id: ID,
}

/// The link to the view.
#[derive(SimpleObject)]
pub(crate) struct ViewPortalAsPayload {
    /// The address to open in your own browser. It works once, for one minute, and never signs anyone in.
    url: Url,
    /// When the link expires. The view that it opens lasts 15 minutes.
    expires_at: DateTime,
}

#[Object]
impl PortalViewMutations {
    /// Creates a link to view the portal as a contact sees it: read-only, for 15 minutes, never counted as a visit of the contact. It ends
    /// with your session and your role, and when the contact's access is revoked. `CONFLICT` if it is revoked already. For owners and
    /// admins who are signed in to the dashboard.
    async fn view_portal_as(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contact.")] input: ViewPortalAsInput,
    ) -> Option<GraphqlResult<ViewPortalAsPayload>> {
        mutate(create(ctx, input)).await
    }
}

async fn create(ctx: &Context<'_>, input: ViewPortalAsInput) -> Result<ViewPortalAsPayload> {
    let manager = ctx.manager()?;
    let session = ctx.auth().viewer.own_session()?.id;
    let (services, client) = (ctx.services(), ctx.client());
    let moment = services.clock.moment();
    let mut conn = services.db.conn().await?;
    let (account, view, secret) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let account = Account::find(conn, manager.account).await?;
            let new = NewView {
                account: manager.account,
                member: manager.member,
                session,
                contact: find_contact(conn, manager.account, &input.contact_id).await?,
            };
            let (view, secret) = PortalView::create(conn, new, client, &moment).await?;
            Ok((account, view, secret))
        })
        .await?;
    let addresses = &services.settings.addresses;
    Ok(ViewPortalAsPayload {
        url: Url(addresses.view_link(&account.slug, &secret.reveal())),
        expires_at: DateTime(view.expires_at),
    })
}

async fn find_contact(conn: &mut Conn, account: AccountId, id: &ID) -> Result<ContactId> {
    let missing = || Error::not_found("input.contactId", "contact");
    let id: ContactId = id.parse().map_err(|_| missing())?;
    let contact = Contact::find(conn, account, id).await?.ok_or_else(missing)?;
    if contact.revoked_at.is_some() {
        let message = "This contact's access was revoked. Restore it first.";
        return Err(Error::new(Code::Conflict, message).at("input.contactId"));
    }
    Ok(contact.id)
}
