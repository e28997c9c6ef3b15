//! The rights of one person over their data: a copy of it, and its erasure.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::api::scalars::EmailAddress;
use crate::base::actor::Staff;
use crate::base::address;
use crate::base::audit::EventKind;
use crate::base::error::{Error, Result};
use crate::base::ids::ContactId;
use crate::contacts::graphql::mutations::{lock_contact, record_event};
use crate::contacts::model as contact;
use crate::live::Topic;

#[derive(Default)]
pub(crate) struct PersonalDataMutations;

/// Whose data to export.
#[derive(InputObject)]
pub(crate) struct ExportContactDataInput {
    /// The contact's id.
    contact_id: ID,
}

/// What is stored about a contact.
#[derive(SimpleObject)]
pub(crate) struct ExportContactDataPayload {
    /// A name for the file.
    file_name: String,
    /// The file: a JSON document, as *Personal data* in the documentation describes it. It holds no secret.
    content: String,
}

/// Whom to erase.
#[derive(InputObject)]
pub(crate) struct EraseContactInput {
    /// The contact's id.
    contact_id: ID,
    /// The contact's address, in any letter case, to confirm that it is the right one. Omit it only if the contact has none.
    confirm_email: Option<EmailAddress>,
}

/// The contact who was erased.
#[derive(SimpleObject)]
pub(crate) struct EraseContactPayload {
    /// The id it had.
    erased_contact_id: ID,
}

#[Object]
impl PersonalDataMutations {
    /// Everything that is stored about one contact, as a file for them: details, invitation, messages, links, sessions, what they
    /// may open, progress, sales as an affiliate, and history. Recorded in the audit log. For a contact with more than 100,000 rows
    /// it is refused. Needs the role `OWNER` or `ADMIN`.
    async fn export_contact_data(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose data.")] input: ExportContactDataInput,
    ) -> Option<GraphqlResult<ExportContactDataPayload>> {
        mutate(export(ctx, input)).await
    }

    /// Erases a contact as `deleteContact` does, and beyond it everything personal: the audit log keeps what happened and when, without
    /// addresses, details and devices; jobs forget their rows; an affiliate's sales keep their sums without the person; an address
    /// that bounced or complained is kept as a hash. It can't be undone. Needs the role `OWNER` or `ADMIN`.
    async fn erase_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contact, and their address.")] input: EraseContactInput,
    ) -> Option<GraphqlResult<EraseContactPayload>> {
        mutate(erase(ctx, input)).await
    }
}

/// An owner or admin as the staff who look for a contact.
fn manager(ctx: &Context<'_>) -> Result<Staff> {
    let manager = ctx.manager()?;
    Ok(Staff {
        account: manager.account,
        actor: ctx.auth().viewer.actor(),
    })
}

async fn export(ctx: &Context<'_>, input: ExportContactDataInput) -> Result<ExportContactDataPayload> {
    let staff = manager(ctx)?;
    let missing = || Error::not_found("input.contactId", "contact");
    let id: ContactId = input.contact_id.parse().map_err(|_| missing())?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let content = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let found = contact::Contact::find(conn, staff.account, id).await?;
            let contact = found.ok_or_else(missing)?;
            let content = contact.personal_data(conn, moment.now).await?;
            record_event(conn, EventKind::ContactExported, &contact, &requester, &moment).await?;
            Ok(content)
        })
        .await?;
    Ok(ExportContactDataPayload {
        file_name: format!("{id}.json"),
        content,
    })
}

/// Refuses an address that is not the contact's.
fn check_confirmation(contact: &contact::Contact, confirmed: Option<&EmailAddress>) -> Result<()> {
    let confirmed = confirmed.map(|email| address::EmailAddress::parse(&email.0));
    let matches = match (&confirmed, &contact.email_key) {
        (Some(Ok(email)), Some(key)) => email.key == *key,
        (None, None) => true,
        _ => false,
    };
    if matches {
        return Ok(());
    }
    let message = "It is not the address of this contact.";
    Err(Error::bad_input("input.confirmEmail", message))
}

async fn erase(ctx: &Context<'_>, input: EraseContactInput) -> Result<EraseContactPayload> {
    let staff = manager(ctx)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let (contact, ended) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let contact = lock_contact(conn, &staff, &input.contact_id).await?;
            check_confirmation(&contact, input.confirm_email.as_ref())?;
            let ended = contact.erase(conn, &requester, &moment).await?;
            Ok((contact, ended))
        })
        .await?;
    services.live.nudge_sessions_ended(staff.account, ended);
    services.live.nudge(staff.account, &[Topic::Counts]);
    Ok(EraseContactPayload {
        erased_contact_id: ID(contact.id.to_string()),
    })
}
