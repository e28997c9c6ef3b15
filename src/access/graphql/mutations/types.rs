//! The inputs and payloads of granting and revoking.

use async_graphql::{ID, InputObject, SimpleObject};

use crate::access::graphql::grant::AccessGrant;
use crate::api::scalars::DateTimeText;
use crate::contacts::graphql::bulk_changes::payload;
use crate::contacts::graphql::input::ContactSelection;

/// Who gets an offer.
#[derive(InputObject)]
pub(crate) struct GrantOfferInput {
    /// The offer. It must be published.
    pub offer_id: ID,
    /// The contacts.
    pub selection: ContactSelection,
    /// When it starts; now by default.
    pub starts_at: Option<DateTimeText>,
    /// When it ends; by default after the offer's duration, or never.
    pub ends_at: Option<DateTimeText>,
    /// Only reports what would happen: nothing is changed.
    pub dry_run: Option<bool>,
}

/// Who loses an offer.
#[derive(InputObject)]
pub(crate) struct RevokeOfferInput {
    /// The offer.
    pub offer_id: ID,
    /// The contacts.
    pub selection: ContactSelection,
    /// Only reports what would happen: nothing is changed.
    pub dry_run: Option<bool>,
}

/// Which courses contacts get and lose.
#[derive(InputObject)]
pub(crate) struct AssignCoursesInput {
    /// One contact, instead of `selection`.
    pub contact_id: Option<ID>,
    /// The contacts, instead of `contactId`.
    pub selection: Option<ContactSelection>,
    /// Courses to grant: at most 20.
    pub add: Option<Vec<ID>>,
    /// Courses whose own grants to revoke: at most 20. An offer may still open them.
    pub remove: Option<Vec<ID>>,
    /// When the added ones start; now by default.
    pub starts_at: Option<DateTimeText>,
    /// When the added ones end; never by default.
    pub ends_at: Option<DateTimeText>,
    /// Only reports what would happen: nothing is changed.
    pub dry_run: Option<bool>,
}

/// Which communities contacts get and lose.
#[derive(InputObject)]
pub(crate) struct UpdateCommunityAccessInput {
    /// One contact, instead of `selection`.
    pub contact_id: Option<ID>,
    /// The contacts, instead of `contactId`.
    pub selection: Option<ContactSelection>,
    /// Communities to grant: at most 20.
    pub add: Option<Vec<ID>>,
    /// Communities whose own grants to revoke: at most 20. An offer may still open them.
    pub remove: Option<Vec<ID>>,
    /// When the added ones start; now by default.
    pub starts_at: Option<DateTimeText>,
    /// When the added ones end; never by default.
    pub ends_at: Option<DateTimeText>,
    /// Only reports what would happen: nothing is changed.
    pub dry_run: Option<bool>,
}

/// The grant to revoke.
#[derive(InputObject)]
pub(crate) struct RevokeAccessGrantInput {
    /// The grant.
    pub grant_id: ID,
}

/// The grant after the change.
#[derive(SimpleObject)]
pub(crate) struct RevokeAccessGrantPayload {
    /// The revoked grant. Other grants of the contact may still open the same things.
    pub grant: AccessGrant,
}

payload! {
    /// Who has the offer now.
    GrantOfferPayload
}
payload! {
    /// Who has the offer no longer.
    RevokeOfferPayload
}
payload! {
    /// Whose courses were changed.
    AssignCoursesPayload
}
payload! {
    /// Whose communities were changed.
    UpdateCommunityAccessPayload
}
