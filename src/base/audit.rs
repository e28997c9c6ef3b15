//! The audit log: who did what, to whom, when and from where. An event is written in the transaction of its change.

mod change;
mod insert;
mod kind;
mod log;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};

use insert::{Row, insert};
pub use kind::{EventKind, PortalEventKind};
pub use log::{AuditFilter, Timeline};

use crate::base::actor::{Requester, SignInMethod};
use crate::base::clock::Moment;
use crate::base::db::schema::audit_events;
use crate::base::db::{AnyConn, Conn};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, EventId, lowest_uuid_at};
use crate::base::page::{Page, PageRequest, page_newest_first};

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = audit_events)]
pub struct AuditEvent {
    pub account_id: AccountId,
    pub id: EventId,
    pub at: DateTime<Utc>,
    pub kind: EventKind,
    pub actor: String,
    pub contact_id: Option<ContactId>,
    pub subject: Option<String>,
    pub outcome: String,
    pub detail: Option<Value>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

/// An event to record.
#[derive(Clone, Debug)]
pub struct NewEvent {
    pub kind: EventKind,
    pub contact: Option<ContactId>,
    /// The id of the object concerned, if it is not the contact.
    pub subject: Option<String>,
    /// `OK`, or the reason of a refusal.
    pub outcome: &'static str,
    /// More details: words and ids, never a secret.
    pub detail: Option<Value>,
}

impl NewEvent {
    pub fn new(kind: EventKind) -> Self {
        Self {
            kind,
            contact: None,
            subject: None,
            outcome: "OK",
            detail: None,
        }
    }

    pub fn for_contact(kind: EventKind, contact: ContactId) -> Self {
        Self {
            contact: Some(contact),
            ..Self::new(kind)
        }
    }

    #[must_use]
    pub(crate) fn on(mut self, subject: impl ToString) -> Self {
        self.subject = Some(subject.to_string());
        self
    }

    #[must_use]
    pub(crate) fn with(mut self, detail: Value) -> Self {
        self.detail = Some(detail);
        self
    }

    /// Whether workflows may listen to it.
    fn feeds_workflows(&self) -> bool {
        self.contact.is_some() && self.kind.feeds_workflows()
    }

    /// The method of a sign-in or an attempt.
    #[must_use]
    pub(crate) fn by(self, method: SignInMethod) -> Self {
        self.with(json!({"method": method.as_str()}))
    }

    #[must_use]
    pub(crate) fn refused(mut self, reason: &'static str) -> Self {
        self.outcome = reason;
        self
    }
}

pub async fn record(
    conn: &mut impl AnyConn,
    account: AccountId,
    requester: &Requester,
    events: &[NewEvent],
    moment: &Moment,
) -> Result<()> {
    let actor = requester.actor.to_string();
    let rows: Vec<Row<'_>> = events
        .iter()
        .map(|event| Row {
            account_id: account,
            id: EventId::new(moment),
            at: moment.now,
            kind: event.kind,
            actor: &actor,
            contact_id: event.contact,
            subject: event.subject.as_deref(),
            outcome: event.outcome,
            detail: event.detail.as_ref(),
            ip: requester.client.ip.as_deref(),
            user_agent: requester.client.user_agent.as_deref(),
        })
        .collect();
    let feeds = events.iter().any(NewEvent::feeds_workflows);
    insert(conn, &rows, requester.actor, feeds).await
}

impl AuditEvent {
    /// The names of the fields that were changed.
    pub(crate) fn changed_fields(&self) -> Vec<&str> {
        let changed = self
            .detail
            .as_ref()
            .and_then(|detail| detail.get("changed")?.as_array());
        changed.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// A text in the detail.
    pub(crate) fn detail_text(&self, name: &str) -> Option<&str> {
        self.detail.as_ref()?.get(name)?.as_str()
    }

    pub(crate) async fn find_many(conn: &mut Conn, account: AccountId, ids: &[EventId]) -> Result<Vec<Self>> {
        Ok(audit_events::table
            .filter(audit_events::account_id.eq(account))
            .filter(audit_events::id.eq_any(ids))
            .order(audit_events::id)
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// The lowest id of this time: no id created then or later sorts before it.
    pub(crate) fn first_id_at(at: DateTime<Utc>) -> EventId {
        EventId(lowest_uuid_at(at))
    }

    /// The ids created since then, in order: UUIDv7 ids sort by time, so these are ranges of the key.
    pub(crate) async fn ids_since(
        conn: &mut Conn,
        accounts: &[AccountId],
        since: DateTime<Utc>,
    ) -> Result<Vec<(AccountId, EventId)>> {
        let first = Self::first_id_at(since);
        Ok(audit_events::table
            .filter(
                audit_events::account_id
                    .eq_any(accounts)
                    .and(audit_events::id.ge(first)),
            )
            .filter(audit_events::kind.eq_any(PortalEventKind::ALL))
            .filter(audit_events::contact_id.is_not_null())
            .order(audit_events::id)
            .select((audit_events::account_id, audit_events::id))
            .load(conn)
            .await?)
    }

    /// Whether `portalActivity` shows it: attempts of unknown callers are only in the audit log.
    pub(crate) fn in_activity(&self) -> bool {
        self.contact_id.is_some() && self.kind.in_portal().is_some()
    }

    /// Those of these events that `portalActivity` shows.
    pub(crate) async fn find_activity(
        conn: &mut Conn,
        account: AccountId,
        ids: &[EventId],
    ) -> Result<Vec<Self>> {
        let mut found = Self::find_many(conn, account, ids).await?;
        found.retain(Self::in_activity);
        Ok(found)
    }

    /// The events that `portalActivity` has shown, newest first.
    pub(crate) async fn activity(
        conn: &mut Conn,
        account: AccountId,
        page: &PageRequest,
    ) -> Result<Page<Self>> {
        let query = audit_events::table
            .filter(audit_events::account_id.eq(account))
            .filter(audit_events::kind.eq_any(PortalEventKind::ALL))
            .filter(audit_events::contact_id.is_not_null())
            .select(Self::as_select())
            .into_boxed();
        page_newest_first!(conn, query, page, audit_events::id, EventId)
    }

    pub(crate) async fn activity_count(conn: &mut Conn, account: AccountId) -> Result<i64> {
        Ok(audit_events::table
            .filter(
                audit_events::account_id
                    .eq(account)
                    .and(audit_events::kind.eq_any(PortalEventKind::ALL)),
            )
            .filter(audit_events::contact_id.is_not_null())
            .count()
            .get_result(conn)
            .await?)
    }
}
