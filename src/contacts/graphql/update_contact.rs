//! Changing a contact's details.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, SimpleObject};
use diesel_async::AsyncConnection;

use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::input::ExpectedUpdatedAt;
use crate::api::scalars::{DateTimeText, EmailAddress, PhoneNumber};
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::contacts::graphql::mutations::{email_taken, lock_contact};
use crate::contacts::graphql::{Contact, Detail};
use crate::contacts::model as contact;
use crate::contacts::model::details::RawDetails;
use crate::live::Topic;

/// The changes of a contact. An omitted field stays as it is; `null` clears it.
#[derive(InputObject)]
pub(crate) struct UpdateContactInput {
    /// The contact's id.
    contact_id: ID,
    /// The address. Another one ends every session, link and code, unlinks Google and disables the password until it is reset
    /// by email; the old address is notified by email. A change of letter case alone has none of these effects.
    email: MaybeUndefined<EmailAddress>,
    /// The phone number with its country code, such as `+49 151 12345678`. It is stored in E.164: `+4915112345678`.
    phone: MaybeUndefined<PhoneNumber>,
    /// The first name, at most 100 characters.
    first_name: MaybeUndefined<String>,
    /// The last name, at most 100 characters.
    last_name: MaybeUndefined<String>,
    /// All tags, instead of those the contact has: at most 50, each at most 50 characters.
    tags: MaybeUndefined<Vec<String>>,
    /// The IANA time zone, such as `Europe/Berlin`.
    timezone: MaybeUndefined<String>,
    /// The language tag (BCP 47), such as `de-DE`.
    locale: MaybeUndefined<String>,
    /// The contact's `updatedAt` as the caller last read it. If the contact has changed since, nothing is changed, and the
    /// error is `CONFLICT`.
    expected_updated_at: Option<DateTimeText>,
}

impl UpdateContactInput {
    /// The details that the input sets or clears.
    fn written(&self) -> Vec<Detail> {
        let all = [
            (!self.email.is_undefined(), Detail::Email),
            (!self.phone.is_undefined(), Detail::Phone),
            (!self.first_name.is_undefined(), Detail::FirstName),
            (!self.last_name.is_undefined(), Detail::LastName),
            (!self.tags.is_undefined(), Detail::Tags),
            (!self.timezone.is_undefined(), Detail::Timezone),
            (!self.locale.is_undefined(), Detail::Locale),
        ];
        let written = all.into_iter().filter(|(written, _)| *written);
        written.map(|(_, detail)| detail).collect()
    }
}

/// The changed contact.
#[derive(SimpleObject)]
pub(crate) struct UpdateContactPayload {
    /// The contact after the change.
    contact: Contact,
}

/// The value after a change.
fn or<T>(change: MaybeUndefined<T>, current: Option<T>) -> Option<T> {
    match change {
        MaybeUndefined::Undefined => current,
        MaybeUndefined::Null => None,
        MaybeUndefined::Value(value) => Some(value),
    }
}

/// The details of the contact with the changes of the input, which are validated again as a whole.
fn merged_details(contact: &contact::Contact, input: UpdateContactInput) -> RawDetails {
    let current = RawDetails::of(contact);
    RawDetails {
        email: or(input.email.map_value(|email| email.0), current.email),
        phone: or(input.phone.map_value(|phone| phone.0), current.phone),
        first_name: or(input.first_name, current.first_name),
        last_name: or(input.last_name, current.last_name),
        tags: or(input.tags, Some(current.tags)).unwrap_or_default(),
        timezone: or(input.timezone, current.timezone),
        locale: or(input.locale, current.locale),
    }
}

pub(crate) async fn update(ctx: &Context<'_>, input: UpdateContactInput) -> Result<UpdateContactPayload> {
    let staff = ctx.staff(Scope::Contacts)?;
    let written = input.written();
    if !written.contains(&Detail::Tags) {
        ctx.require_read_if_selected(&["contact", "tags"])?;
    }
    let expected = ExpectedUpdatedAt::parse(input.expected_updated_at.clone())?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let updated = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let contact = lock_contact(conn, &staff, &input.contact_id).await?;
            expected.check("contact", contact.updated_at)?;
            let details = merged_details(&contact, input).parse_changes(&contact, "input")?;
            let updated = contact.update(conn, &details, &requester, &moment).await?;
            updated.ok_or_else(email_taken)
        })
        .await?;
    services.live.nudge_sessions_ended(staff.account, updated.ended);
    let topics = [Topic::Activity, Topic::Messages];
    services.live.nudge(staff.account, &topics);
    Ok(UpdateContactPayload {
        contact: Contact::changed(updated.contact, written),
    })
}
