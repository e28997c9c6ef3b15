//! A contact changes their own details.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::input::change;
use crate::api::mutation::mutate;
use crate::base::error::{Error, Result};
use crate::contacts::model::own_details::OwnDetails;
use crate::live::Topic;
use crate::sign_in::graphql::portal_user::PortalUser;
use crate::sign_in::sessions::model::Holder;

#[derive(Default)]
pub(crate) struct OwnDetailsMutations;

/// The contact's own details. An omitted one stays as it is; `null` clears it.
#[derive(InputObject)]
pub(crate) struct UpdateOwnDetailsInput {
    /// The first name, at most 100 characters.
    first_name: MaybeUndefined<String>,
    /// The last name, at most 100 characters.
    last_name: MaybeUndefined<String>,
    /// The IANA time zone of the times on pages and in emails, such as `Europe/Berlin`; `null`: the account's.
    timezone: MaybeUndefined<String>,
    /// The language of pages and emails, as a tag (BCP 47) such as `de-DE`; `null`: the browser's, and the account's for emails.
    /// English, Spanish, German and French are available.
    locale: MaybeUndefined<String>,
}

/// The contact after the change.
#[derive(SimpleObject)]
pub(crate) struct UpdateOwnDetailsPayload {
    /// The signed-in contact.
    me: PortalUser,
}

#[Object]
impl OwnDetailsMutations {
    /// Changes the name, language and time zone of the signed-in contact. Not for a session that is limited to a section.
    async fn update_own_details(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateOwnDetailsInput,
    ) -> Option<GraphqlResult<UpdateOwnDetailsPayload>> {
        mutate(update(ctx, input)).await
    }
}

/// The value that a detail gets, as received.
fn received(value: &MaybeUndefined<String>) -> Result<Option<Option<String>>> {
    change(value, |text| Ok(Some(text.clone())))
}

async fn update(ctx: &Context<'_>, input: UpdateOwnDetailsInput) -> Result<UpdateOwnDetailsPayload> {
    let own = ctx.auth().viewer.own_session()?.unrestricted()?;
    let Holder::Contact(contact) = own.holder else {
        return Err(Error::forbidden(
            "Only contacts have details of their own in the portal.",
        ));
    };
    let details = OwnDetails {
        first_name: received(&input.first_name)?,
        last_name: received(&input.last_name)?,
        timezone: received(&input.timezone)?,
        locale: received(&input.locale)?,
    };
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let contact = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            details
                .save(conn, (own.account, contact), &requester, &moment)
                .await
        })
        .await?;
    services.live.nudge(own.account, &[Topic::Activity]);
    Ok(UpdateOwnDetailsPayload {
        me: PortalUser::of_contact(contact, own.section),
    })
}
