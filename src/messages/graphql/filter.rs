//! The filter of messages, as the API takes it.

use async_graphql::{ID, InputObject};

use crate::api::scalars::DateTimeText;
use crate::base::error::{Error, Result};
use crate::contacts::graphql::input::{parse_contact_id, parse_search, parse_time};
use crate::messages::graphql::MessageKind;
use crate::messages::model as message;
use crate::messages::model::{Channel, MessageConditions, MessageStatus};

/// Which messages: those that meet all conditions given. Without any condition: all.
#[derive(InputObject, Default)]
#[graphql(name = "MessageFilter")]
pub(crate) struct MessageFilterInput {
    /// The status is one of these.
    statuses: Option<Vec<MessageStatus>>,
    /// The kind is one of these.
    kinds: Option<Vec<MessageKind>>,
    /// Delivered this way.
    channel: Option<Channel>,
    /// To this contact.
    contact_id: Option<ID>,
    /// The address begins with this text, or the subject contains it, in any letter case. A message has a subject once it was
    /// sent; the subjects of the account's newest 50,000 messages are searched. At most 200 characters; empty: all.
    search: Option<String>,
    /// Requested after this time.
    created_after: Option<DateTimeText>,
    /// Requested before this time.
    created_before: Option<DateTimeText>,
}

impl MessageFilterInput {
    pub(super) fn parse(self) -> Result<MessageConditions> {
        let kinds = not_empty("filter.kinds", self.kinds)?;
        let kinds = kinds.map(|kinds| kinds.into_iter().map(Into::into).collect());
        Ok(MessageConditions {
            contact: parse_contact_id("filter.contactId", self.contact_id)?,
            statuses: not_empty("filter.statuses", self.statuses)?,
            kinds,
            channel: self.channel,
            search: parse_search("filter.search", self.search)?,
            created_after: parse_time("filter.createdAfter", self.created_after)?,
            created_before: parse_time("filter.createdBefore", self.created_before)?,
        })
    }
}

fn not_empty<T>(field: &str, values: Option<Vec<T>>) -> Result<Option<Vec<T>>> {
    match values {
        Some(values) if values.is_empty() => {
            Err(Error::bad_input(field, "Name at least one, or leave it out."))
        }
        values => Ok(values),
    }
}

impl From<MessageKind> for message::MessageKind {
    fn from(kind: MessageKind) -> Self {
        match kind {
            MessageKind::Invitation => Self::Invitation,
            MessageKind::LoginEmail => Self::LoginEmail,
            MessageKind::RequestedLogin => Self::RequestedLogin,
            MessageKind::MagicLink => Self::MagicLink,
            MessageKind::LoginCode => Self::LoginCode,
            MessageKind::SignUpCode => Self::SignUpCode,
            MessageKind::PasswordReset => Self::PasswordReset,
            MessageKind::PasswordChanged => Self::PasswordChanged,
            MessageKind::NewDevice => Self::NewDevice,
            MessageKind::AddressChanged => Self::AddressChanged,
            MessageKind::ContactsMerged => Self::ContactsMerged,
            MessageKind::Written => Self::Written,
        }
    }
}
