//! Which fields of a contact its caller may read.

use async_graphql::Context;

use super::Contact;
use crate::api::context::ContextExt;
use crate::base::error::Result;
use crate::contacts::model as contact;

/// A detail of a contact that a mutation can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    Email,
    Phone,
    FirstName,
    LastName,
    Tags,
    Timezone,
    Locale,
}

impl Detail {
    pub(crate) const ALL: [Self; 7] = [
        Self::Email,
        Self::Phone,
        Self::FirstName,
        Self::LastName,
        Self::Tags,
        Self::Timezone,
        Self::Locale,
    ];
}

impl From<contact::Contact> for Contact {
    fn from(row: contact::Contact) -> Self {
        Self { row, written: None }
    }
}

impl Contact {
    /// A contact that the caller has just changed. Without `READ` the caller sees the details that it wrote, and the contact's
    /// status.
    pub(crate) fn changed(row: contact::Contact, written: Vec<Detail>) -> Self {
        Self {
            row,
            written: Some(written),
        }
    }

    /// Details, for callers with `READ` and for the caller that wrote them.
    pub(super) fn readable_details<T>(&self, ctx: &Context<'_>, details: &[Detail], value: T) -> Result<T> {
        match &self.written {
            Some(written) if details.iter().all(|detail| written.contains(detail)) => Ok(value),
            _ => ctx.readable(value),
        }
    }

    /// The status or one of its times, for callers with `READ` and for the caller that changed the contact.
    pub(super) fn readable_status<T>(&self, ctx: &Context<'_>, value: T) -> Result<T> {
        match self.written {
            Some(_) => Ok(value),
            None => ctx.readable(value),
        }
    }
}
