//! Which messages a list shows.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text, Uuid as SqlUuid};

use super::{Channel, MessageKind, MessageStatus, visible};
use crate::base::db::parts::Parts;
use crate::base::db::schema::messages;
use crate::base::db::sql;
use crate::base::ids::{AccountId, ContactId, MessageId, lowest_uuid_at};

/// As in the index `messages_by_address`. Only ASCII letters change, as in the keys of addresses.
const BEGINS_WITH: &str = "(lower(address collate \"C\") >= ? and lower(address collate \"C\") < ?)";

/// A search reads the subjects of the account's newest 50,000 messages.
const AMONG_NEWEST: &str = "messages.id >= coalesce((select newest.id from messages newest where newest.account_id = ? \
     order by newest.id desc offset 49999 limit 1), '00000000-0000-0000-0000-000000000000')";

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
    /// The beginning of the address, or a part of the subject of one of the newest 50,000 messages.
    pub search: Option<String>,
    pub created_after: Option<DateTime<Utc>>,
    pub created_before: Option<DateTime<Utc>>,
}

pub(super) type Query<'a> = messages::BoxedQuery<'a, Pg>;

impl MessageFilter {
    /// The messages that meet all conditions.
    pub(super) fn query<'a>(&self, account: AccountId) -> Query<'a> {
        let query = self.without_search(account);
        match &self.conditions.search {
            None => query,
            Some(text) => {
                let (first, end) = addresses_from(text);
                let found = format!("({BEGINS_WITH} or strpos(lower(subject), lower(?)) > 0)");
                query.filter(
                    sql::fragment::<Bool>(found)
                        .bind::<Text, _>(first)
                        .bind::<Text, _>(end)
                        .bind::<Text, _>(text.clone()),
                )
            }
        }
    }

    pub(super) fn without_search<'a>(&self, account: AccountId) -> Query<'a> {
        let mut query = self.of_any_class(account);
        if let Some(statuses) = &self.conditions.statuses {
            query = query.filter(messages::status.eq_any(statuses.clone()));
        }
        if let Some(kinds) = &self.conditions.kinds {
            query = query.filter(messages::kind.eq_any(kinds.clone()));
        }
        query
    }

    /// Without search, of any kind and in any status.
    pub(super) fn of_any_class<'a>(&self, account: AccountId) -> Query<'a> {
        let mut query = visible(account).into_boxed();
        for contact in self.contact.iter().chain(&self.conditions.contact) {
            query = query.filter(messages::contact_id.eq(*contact));
        }
        if self.with_invitation {
            query = query.filter(messages::invitation_id.is_not_null());
        }
        if let Some(channel) = self.conditions.channel {
            query = query.filter(messages::channel.eq(channel));
        }
        self.conditions.in_time(query)
    }

    /// A contact has few messages, which need no other index.
    pub(super) fn of_one_contact(&self) -> bool {
        self.contact.is_some() || self.conditions.contact.is_some()
    }

    /// The kinds and statuses, if there is a condition on any of them.
    pub(super) fn classes(&self) -> Option<Parts> {
        let any = self.conditions.kinds.is_none() && self.conditions.statuses.is_none();
        (!any).then(|| Parts {
            columns: &["kind", "status"],
            values: vec![self.kind_names(), self.status_names()],
        })
    }

    fn kind_names(&self) -> Vec<String> {
        let kinds = &self.conditions.kinds;
        let chosen = |kind: &&MessageKind| kinds.as_ref().is_none_or(|kinds| kinds.contains(kind));
        let kinds = MessageKind::ALL.iter().filter(chosen);
        kinds.map(|kind| kind.as_str().to_owned()).collect()
    }

    fn status_names(&self) -> Vec<String> {
        let statuses = &self.conditions.statuses;
        let chosen =
            |status: &&MessageStatus| statuses.as_ref().is_none_or(|statuses| statuses.contains(status));
        let statuses = MessageStatus::ALL.iter().filter(chosen);
        statuses.map(|status| status.as_str().to_owned()).collect()
    }
}

impl MessageConditions {
    /// Adds the condition that the status is this one.
    pub(crate) fn require_status(&mut self, status: MessageStatus) {
        let statuses = self.statuses.get_or_insert_with(|| vec![status]);
        statuses.retain(|one| *one == status);
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

/// Those whose address begins with the text.
pub(super) fn by_address<'a>(query: Query<'a>, text: &str) -> Query<'a> {
    let (first, end) = addresses_from(text);
    query.filter(
        sql::fragment::<Bool>(BEGINS_WITH)
            .bind::<Text, _>(first)
            .bind::<Text, _>(end),
    )
}

/// Those among the account's newest whose subject contains the text. A subject may hold anything about its recipient, so no index helps.
pub(super) fn by_subject<'a>(query: Query<'a>, account: AccountId, text: &str) -> Query<'a> {
    query
        .filter(sql::fragment::<Bool>(AMONG_NEWEST).bind::<SqlUuid, _>(account))
        .filter(
            sql::fragment::<Bool>("strpos(lower(subject), lower(?)) > 0").bind::<Text, _>(text.to_owned()),
        )
}

/// Without those whose address begins with the text.
pub(super) fn but_address<'a>(query: Query<'a>, text: &str) -> Query<'a> {
    let (first, end) = addresses_from(text);
    query.filter(
        sql::fragment::<Bool>(format!("not {BEGINS_WITH}"))
            .bind::<Text, _>(first)
            .bind::<Text, _>(end),
    )
}

/// A range of the index: every text that begins with the prefix sorts before the prefix with the last character appended.
fn addresses_from(prefix: &str) -> (String, String) {
    let key = prefix.to_ascii_lowercase();
    let end = format!("{key}{}", char::MAX);
    (key, end)
}
