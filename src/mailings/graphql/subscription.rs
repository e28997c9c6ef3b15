//! Whether a contact gets marketing emails, as staff set it.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::base::actor::Scope;
use crate::base::error::{Error, Result};
use crate::base::ids::ContactId;
use crate::contacts::graphql::Contact;
use crate::contacts::model as contact;
use crate::live::Topic;

#[derive(Default)]
pub(crate) struct SubscriptionMutations;

/// The contact, and whether they get marketing emails.
#[derive(InputObject)]
pub(crate) struct UpdateSubscriptionInput {
    /// The contact; they have an email address.
    contact_id: ID,
    /// Whether they get marketing emails.
    subscribed: bool,
}

/// The contact whose subscription was updated.
#[derive(SimpleObject)]
pub(crate) struct UpdateSubscriptionPayload {
    /// The contact.
    contact: Contact,
}

#[Object]
impl SubscriptionMutations {
    /// Subscribes a contact to marketing emails, or unsubscribes them: as they asked for, not by email. A repeat has no further effect.
    /// Needs the scope `CONTACTS`.
    async fn update_subscription(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: UpdateSubscriptionInput,
    ) -> Option<GraphqlResult<UpdateSubscriptionPayload>> {
        mutate(update_subscription(ctx, input)).await
    }
}

async fn update_subscription(
    ctx: &Context<'_>,
    input: UpdateSubscriptionInput,
) -> Result<UpdateSubscriptionPayload> {
    const FIELD: &str = "input.contactId";
    let staff = ctx.staff(Scope::Contacts)?;
    ctx.require_read_if_selected(&["contact", "tags"])?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let missing = || Error::not_found(FIELD, "contact");
    let id: ContactId = input.contact_id.parse().map_err(|_| missing())?;
    let mut conn = services.db.conn().await?;
    let contact = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let contact = contact::Contact::lock(conn, staff.account, id).await?;
            let contact = contact.ok_or_else(missing)?;
            if contact.email_key.is_none() {
                return Err(Error::bad_input(FIELD, "The contact has no email address."));
            }
            contact
                .set_subscription(conn, input.subscribed, &requester, &moment)
                .await?;
            Ok(contact)
        })
        .await?;
    services.live.nudge(staff.account, &[Topic::Activity]);
    Ok(UpdateSubscriptionPayload {
        contact: Contact::changed(contact, Vec::new()),
    })
}
