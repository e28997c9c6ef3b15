//! Which messages a list shows.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::{Channel, MessageKind, MessageStatus, visible};
use crate::base::db::schema::messages;
use crate::base::db::sql;
use crate::base::ids::{AccountId, ContactId, MessageId, lowest_uuid_at};

/// As in the index `messages_by_address`. Only ASCII letters change, as in the keys of addresses.
const ADDRESS_KEY: &str = "lower(address collate \"C\")";

/// Which messages to list.
#[derive(Clone, Debug, Default)]
pub(crate) struct MessageFilter {
    pub contact: Option<ContactId>,
    /// Only messages that carry an invitation.
    pub with_invitation: bool,
    pub conditions: MessageConditions,
}

/// More conditions, all of which must hold. A list matches any of its values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct MessageConditions {
    pub contact: Option<ContactId>,
    pub statuses: Option<Vec<MessageStatus>>,
    pub kinds: Option<Vec<MessageKind>>,
    pub channel: Option<Channel>,
    /// The beginning of the address.
    pub address: Option<String>,
    pub created_after: Option<DateTime<Utc>>,
    pub created_before: Option<DateTime<Utc>>,
}

type Query<'a> = messages::BoxedQuery<'a, Pg>;

impl MessageFilter {
    pub(super) fn query<'a>(&self, account: AccountId) -> Query<'a> {
        let mut query = self.conditions.apply(visible(account).into_boxed());
        if let Some(contact) = self.contact {
            query = query.filter(messages::contact_id.eq(contact));
        }
        if self.with_invitation {
            query = query.filter(messages::invitation_id.is_not_null());
        }
        query
    }
}

impl MessageConditions {
    /// Adds the condition that the status is this one.
    pub(crate) fn require_status(&mut self, status: MessageStatus) {
        let statuses = self.statuses.get_or_insert_with(|| vec![status]);
        statuses.retain(|one| *one == status);
    }

    fn apply<'a>(&self, mut query: Query<'a>) -> Query<'a> {
        if let Some(contact) = self.contact {
            query = query.filter(messages::contact_id.eq(contact));
        }
        if let Some(statuses) = &self.statuses {
            // One status alone is a range of the index, in the order of the list.
            query = match &statuses[..] {
                [status] => query.filter(messages::status.eq(*status)),
                _ => query.filter(messages::status.eq_any(statuses.clone())),
            };
        }
        if let Some(kinds) = &self.kinds {
            query = query.filter(messages::kind.eq_any(kinds.clone()));
        }
        if let Some(channel) = self.channel {
            query = query.filter(messages::channel.eq(channel));
        }
        if let Some(address) = &self.address {
            query = begins_with(query, address);
        }
        self.in_time(query)
    }

    /// Ids sort by time to the millisecond, so a time is also a position in the list.
    fn in_time<'a>(&self, mut query: Query<'a>) -> Query<'a> {
        if let Some(at) = self.created_after {
            query = query
                .filter(messages::id.ge(MessageId(lowest_uuid_at(at))))
                .filter(messages::created_at.gt(at));
        }
        if let Some(at) = self.created_before {
            let next = at + TimeDelta::milliseconds(1);
            query = query
                .filter(messages::id.lt(MessageId(lowest_uuid_at(next))))
                .filter(messages::created_at.lt(at));
        }
        query
    }
}

/// A range of the index: every text that begins with the prefix sorts before the prefix with the last character appended.
fn begins_with<'a>(query: Query<'a>, prefix: &str) -> Query<'a> {
    let key = prefix.to_ascii_lowercase();
    let end = format!("{key}{}", char::MAX);
    query.filter(
        sql::fragment::<Bool>(format!("({ADDRESS_KEY} >= ? and {ADDRESS_KEY} < ?)"))
            .bind::<Text, _>(key)
            .bind::<Text, _>(end),
    )
}
