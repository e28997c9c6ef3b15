//! Creating, changing and deleting contacts.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::api::scalars::{EmailAddress, PhoneNumber};
use crate::base::actor::{Requester, Scope, Staff};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::ContactId;
use crate::contacts::graphql::update_contact::{UpdateContactInput, UpdateContactPayload, update};
use crate::contacts::graphql::{Contact, Detail};
use crate::contacts::model as contact;
use crate::contacts::model::details::RawDetails;
use crate::live::Topic;
use crate::sign_in::sessions::model::{Holder, Session};

#[derive(Default)]
pub(crate) struct ContactMutations;

/// A person to add.
#[derive(InputObject)]
pub(crate) struct CreateContactInput {
    /// The address, such as `anna@example.com`; unique in the account, whatever its case.
    email: Option<EmailAddress>,
    /// The phone number with its country code, such as `+49 151 12345678`. It is stored in E.164: `+4915112345678`.
    phone: Option<PhoneNumber>,
    /// The first name, at most 100 characters.
    first_name: Option<String>,
    /// The last name, at most 100 characters.
    last_name: Option<String>,
    /// Words to find the contact by: at most 50, each at most 50 characters.
    tags: Option<Vec<String>>,
    /// The IANA time zone, such as `Europe/Berlin`.
    timezone: Option<String>,
    /// The language tag (BCP 47), such as `de-DE`.
    locale: Option<String>,
}

/// The new contact.
#[derive(SimpleObject)]
pub(crate) struct CreateContactPayload {
    /// The contact.
    contact: Contact,
}

/// The contact to delete.
#[derive(InputObject)]
pub(crate) struct DeleteContactInput {
    /// The contact's id.
    contact_id: ID,
}

/// The contact that was deleted.
#[derive(SimpleObject)]
pub(crate) struct DeleteContactPayload {
    /// The id it had.
    deleted_contact_id: ID,
}

#[Object]
impl ContactMutations {
    /// Adds a contact. This does not invite them. Needs the scope `CONTACTS`.
    async fn create_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person to add.")] input: CreateContactInput,
    ) -> Option<GraphqlResult<CreateContactPayload>> {
        mutate(create(ctx, input)).await
    }

    /// Changes a contact. With `expectedUpdatedAt`, only if no one else has changed it since. Needs the scope `CONTACTS`.
    async fn update_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateContactInput,
    ) -> Option<GraphqlResult<UpdateContactPayload>> {
        mutate(update(ctx, input)).await
    }

    /// Deletes a contact with their invitation, links, messages and sessions; it can't be undone. The audit log keeps what happened to
    /// them, with devices and masked addresses: `eraseContact` empties it too. Needs the scope `CONTACTS`.
    async fn delete_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: DeleteContactInput,
    ) -> Option<GraphqlResult<DeleteContactPayload>> {
        mutate(delete(ctx, input)).await
    }
}

pub(crate) fn email_taken() -> Error {
    Error::new(
        Code::Conflict,
        "Another contact of this account has that address.",
    )
    .at("input.email")
}

async fn create(ctx: &Context<'_>, input: CreateContactInput) -> Result<CreateContactPayload> {
    let staff = ctx.staff(Scope::Contacts)?;
    let raw = RawDetails {
        email: input.email.map(|email| email.0),
        phone: input.phone.map(|phone| phone.0),
        first_name: input.first_name,
        last_name: input.last_name,
        tags: input.tags.unwrap_or_default(),
        timezone: input.timezone,
        locale: input.locale,
    };
    let details = raw.parse("input")?;
    if details.email.is_none() && details.phone.is_none() {
        return Err(Error::bad_input(
            "input.email",
            "Give an email address or a phone number.",
        ));
    }
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let contact = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let created = contact::Contact::create(conn, staff.account, details, &requester, &moment);
            created.await?.ok_or_else(email_taken)
        })
        .await?;
    services.live.nudge(staff.account, &[Topic::Activity]);
    Ok(CreateContactPayload {
        contact: Contact::changed(contact, Detail::ALL.to_vec()),
    })
}

pub(crate) async fn lock_contact(conn: &mut Conn, staff: &Staff, id: &ID) -> Result<contact::Contact> {
    let missing = || Error::not_found("input.contactId", "contact");
    let id: ContactId = id.parse().map_err(|_| missing())?;
    contact::Contact::lock(conn, staff.account, id)
        .await?
        .ok_or_else(missing)
}

pub(crate) async fn record_event(
    conn: &mut Conn,
    kind: EventKind,
    contact: &contact::Contact,
    requester: &Requester,
    moment: &Moment,
) -> Result<()> {
    record(
        conn,
        contact.account_id,
        requester,
        &[NewEvent::for_contact(kind, contact.id)],
        moment,
    )
    .await
}

async fn delete(ctx: &Context<'_>, input: DeleteContactInput) -> Result<DeleteContactPayload> {
    let staff = ctx.staff(Scope::Contacts)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let (contact, ended) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let contact = lock_contact(conn, &staff, &input.contact_id).await?;
            let holder = Holder::Contact(contact.id);
            let ended = Session::end_all(conn, staff.account, holder, "CONTACT_DELETED", moment.now).await?;
            contact::Contact::delete(conn, staff.account, contact.id).await?;
            record_event(conn, EventKind::ContactDeleted, &contact, &requester, &moment).await?;
            Ok((contact, ended))
        })
        .await?;
    services.live.nudge_sessions_ended(staff.account, ended);
    services.live.nudge(staff.account, &[Topic::Counts]);
    Ok(DeleteContactPayload {
        deleted_contact_id: ID(contact.id.to_string()),
    })
}
