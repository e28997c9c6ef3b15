//! Inputs of the changes of many contacts.

use async_graphql::{ID, InputObject};

use crate::contacts::graphql::input::ContactFilter;

/// Which contacts get and lose which tags.
#[derive(InputObject)]
pub(crate) struct UpdateContactTagsInput {
    /// The contacts, by id.
    pub(super) contact_ids: Option<Vec<ID>>,
    /// Every contact that matches, instead of ids. Anything but `portalStatus` in it needs the scope `READ` too.
    pub(super) filter: Option<ContactFilter>,
    /// Every contact that is in this smart list now, instead of ids and filter. Needs the scope `READ` too.
    pub(super) smart_list_id: Option<ID>,
    /// Tags to add to those that a contact has: at most 50, each at most 50 characters.
    pub(super) add: Option<Vec<String>>,
    /// Tags to remove, in exactly this letter case: at most 50.
    pub(super) remove: Option<Vec<String>>,
    /// Only reports what would happen: nothing is changed.
    pub(super) dry_run: Option<bool>,
}

/// Whose access to revoke, and why.
#[derive(InputObject)]
pub(crate) struct RevokePortalAccessForManyInput {
    /// The contacts, by id.
    pub(super) contact_ids: Option<Vec<ID>>,
    /// Every contact that matches, instead of ids. Anything but `portalStatus` in it needs the scope `READ` too.
    pub(super) filter: Option<ContactFilter>,
    /// Every contact that is in this smart list now, instead of ids and filter. Needs the scope `READ` too.
    pub(super) smart_list_id: Option<ID>,
    /// Why, for the audit log alone: one line of at most 500 characters. It stays there when a contact is deleted, so name no
    /// one in it.
    pub(super) reason: Option<String>,
    /// Only reports what would happen: nothing is changed.
    pub(super) dry_run: Option<bool>,
}

/// Whose access to restore.
#[derive(InputObject)]
pub(crate) struct RestorePortalAccessForManyInput {
    /// The contacts, by id.
    pub(super) contact_ids: Option<Vec<ID>>,
    /// Every contact that matches, instead of ids. Anything but `portalStatus` in it needs the scope `READ` too.
    pub(super) filter: Option<ContactFilter>,
    /// Every contact that is in this smart list now, instead of ids and filter. Needs the scope `READ` too.
    pub(super) smart_list_id: Option<ID>,
    /// Only reports what would happen: nothing is changed.
    pub(super) dry_run: Option<bool>,
}
