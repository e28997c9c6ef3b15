//! Grants, and what a caller may see of courses, communities and offers.

pub(crate) mod grant;
pub(crate) mod mutations;
pub(crate) mod opened;
pub(crate) mod sections;

use std::collections::HashMap;

use async_graphql::Context;
use uuid::Uuid;

use crate::access::model::ContentStatus;
use crate::access::model::path::ItemAccess;
use crate::accounts::model::section::PortalSection;
use crate::api::context::ContextExt;
use crate::base::actor::Scope;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, ContactId};
use crate::sign_in::auth_context::Viewer;
use crate::sign_in::sessions::limited_error;

/// Who reads a course or community.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reader {
    /// Staff, who see everything.
    Staff,
    /// A contact, who sees what is open to them.
    Contact(AccountId, ContactId),
}

impl Reader {
    /// Staff with the scope `READ` or `CONTENT`, or a contact whose session opens this section.
    pub(crate) fn of(ctx: &Context<'_>, section: PortalSection) -> Result<Self> {
        match &ctx.auth().viewer {
            Viewer::Contact {
                account,
                contact,
                section: limited_to,
                ..
            } => match limited_to {
                Some(only) if *only != section => Err(limited_error()),
                _ => Ok(Self::Contact(*account, *contact)),
            },
            viewer => {
                viewer
                    .staff(Scope::Content)
                    .or_else(|_| viewer.staff(Scope::Read))?;
                Ok(Self::Staff)
            }
        }
    }

    /// The contact, if it is one.
    pub(crate) fn contact(self) -> Option<ContactId> {
        match self {
            Self::Staff => None,
            Self::Contact(_, contact) => Some(contact),
        }
    }

    /// Whether the course or community with this status is open to this reader now.
    pub(crate) async fn may_open(self, ctx: &Context<'_>, item: Uuid, status: ContentStatus) -> Result<bool> {
        let Self::Contact(_, contact) = self else {
            return Ok(true);
        };
        if status != ContentStatus::Published {
            return Ok(false);
        }
        let access = item_access(ctx, contact).await?;
        Ok(access.get(&item).is_some_and(|item| item.is_open))
    }
}

/// The contact's access to courses and communities now.
pub(crate) async fn item_access(ctx: &Context<'_>, contact: ContactId) -> Result<HashMap<Uuid, ItemAccess>> {
    let paths = ctx.loaders().paths.get(contact).await?.unwrap_or_default();
    Ok(ItemAccess::of_paths(&paths, ctx.services().clock.now()))
}

/// The contact's offers now, as access to them.
pub(crate) async fn offer_access(ctx: &Context<'_>, contact: ContactId) -> Result<HashMap<Uuid, ItemAccess>> {
    let paths = ctx.loaders().offer_paths.get(contact).await?.unwrap_or_default();
    Ok(ItemAccess::of_paths(&paths, ctx.services().clock.now()))
}

/// The number of contacts with an active path to a course or community. Not for keys that may not read contacts.
pub(crate) async fn member_count(ctx: &Context<'_>, item: Uuid) -> Result<Option<i32>> {
    if !matches!(ctx.auth().viewer, Viewer::Contact { .. }) {
        ctx.staff(Scope::Read)?;
    }
    let now = ctx.services().clock.now();
    let count = ctx.loaders().member_counts.get((item, now)).await?;
    Ok(Some(i32::try_from(count.unwrap_or_default()).unwrap_or(i32::MAX)))
}

/// The contact that is signed in, with a session that opens this section.
pub(crate) fn signed_in_contact(ctx: &Context<'_>, section: PortalSection) -> Result<(AccountId, ContactId)> {
    match Reader::of(ctx, section)? {
        Reader::Contact(account, contact) => Ok((account, contact)),
        Reader::Staff => Err(Error::forbidden(
            "Only a contact who is signed in to the portal can do this.",
        )),
    }
}
