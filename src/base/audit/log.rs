//! Reading the audit log. Every page costs the same: each filter has an index that ends with the id, and ids sort by time.

use std::cmp::Reverse;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use futures_util::future::try_join_all;
use uuid::Uuid;

use super::{AuditEvent, EventKind};
use crate::base::actor::Actor;
use crate::base::db::lateral::owner;
use crate::base::db::schema::audit_events;
use crate::base::db::{AnyConn, Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, EventId};
use crate::base::page::{OwnedList, Page, PageRequest, newest_first, owned_list};

/// The conditions of two partial indexes, exactly as they are there.
const STAFF: &str = "actor <> 'system' and actor not like 'contact\\_%'";
const REFUSED: &str = "outcome <> 'OK'";

/// Which events to list.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// None: all.
    pub kinds: Vec<EventKind>,
    /// A member, a key or a contact.
    pub actor: Option<Actor>,
    pub contact: Option<ContactId>,
    pub subject: Option<String>,
    pub refused: bool,
    /// At or after this.
    pub since: Option<DateTime<Utc>>,
    /// Before this.
    pub until: Option<DateTime<Utc>>,
}

type Query<'a> = audit_events::BoxedQuery<'a, diesel::pg::Pg>;

impl AuditFilter {
    fn query<'a>(&self, account: AccountId) -> Query<'a> {
        use audit_events::{account_id, actor, at, contact_id, id, subject};
        let mut query = audit_events::table.into_boxed().filter(account_id.eq(account));
        if let Some(contact) = self.contact {
            query = query.filter(contact_id.eq(contact));
        }
        match self.actor {
            // A contact's own actions concern the contact itself.
            Some(Actor::Contact(contact)) => {
                query = query.filter(contact_id.eq(contact).and(actor.eq(contact.to_string())));
            }
            Some(other) => {
                query = query
                    .filter(actor.eq(other.to_string()))
                    .filter(sql::fragment::<Bool>(STAFF))
            }
            None => {}
        }
        if let Some(of) = &self.subject {
            query = query.filter(subject.eq(of.clone()));
        }
        if self.refused {
            query = query.filter(sql::fragment::<Bool>(REFUSED));
        }
        if let Some(since) = self.since {
            query = query.filter(id.ge(AuditEvent::first_id_at(since)).and(at.ge(since)));
        }
        if let Some(until) = self.until {
            // Ids contain the time in milliseconds.
            let after = AuditEvent::first_id_at(until + TimeDelta::milliseconds(1));
            query = query.filter(id.lt(after).and(at.lt(until)));
        }
        query
    }

    /// Whether a filter other than the kinds is selective.
    fn is_selective(&self) -> bool {
        self.actor.is_some() || self.contact.is_some() || self.subject.is_some() || self.refused
    }
}

/// Reads the rows of a page, in its direction.
async fn read_page(conn: &mut impl AnyConn, query: Query<'_>, page: &PageRequest) -> Result<Vec<AuditEvent>> {
    let query = newest_first!(query, page, audit_events::id, EventId).select(AuditEvent::as_select());
    Ok(query.load(conn).await?)
}

impl AuditEvent {
    /// A page, newest first. Several kinds are read by one index scan each and merged.
    pub async fn list(
        conn: &mut Conn,
        account: AccountId,
        of: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<Self>> {
        use audit_events::kind;
        if of.kinds.is_empty() {
            return Ok(Page::cut(read_page(conn, of.query(account), page).await?, page));
        }
        if of.is_selective() {
            let query = of.query(account).filter(kind.eq_any(of.kinds.clone()));
            return Ok(Page::cut(read_page(conn, query, page).await?, page));
        }
        let shared = &*conn;
        let parts = of.kinds.iter().map(|one| {
            let query = of.query(account).filter(kind.eq(*one));
            async move { read_page(&mut { shared }, query, page).await }
        });
        let mut rows: Vec<Self> = try_join_all(parts).await?.into_iter().flatten().collect();
        if page.backward {
            rows.sort_by_key(|row| row.id);
        } else {
            rows.sort_by_key(|row| Reverse(row.id));
        }
        rows.truncate(page.size + 1);
        Ok(Page::cut(rows, page))
    }

    pub(crate) async fn count(conn: &mut Conn, account: AccountId, of: &AuditFilter) -> Result<i64> {
        let mut query = of.query(account);
        if !of.kinds.is_empty() {
            query = query.filter(audit_events::kind.eq_any(of.kinds.clone()));
        }
        Ok(query.count().get_result(conn).await?)
    }
}

/// All events of one contact.
#[derive(Clone, Copy, Debug)]
pub struct Timeline(pub ContactId);

impl Timeline {
    fn of_owner<'a>(&self, account: AccountId) -> Query<'a> {
        let all = AuditFilter::default().query(account);
        all.filter(audit_events::contact_id.eq(owner::<Nullable<SqlUuid>>()))
    }
}

impl OwnedList for Timeline {
    type Row = AuditEvent;
    type Filter = ();

    fn owner(&self) -> Option<Uuid> {
        Some(self.0.0)
    }

    fn filter(&self) {}

    owned_list!(AuditEvent, |query, page| newest_first!(
        query,
        page,
        audit_events::id,
        EventId
    ));
}
