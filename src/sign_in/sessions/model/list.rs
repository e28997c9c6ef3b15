//! Active sessions, newest first: of the caller, or of a contact for staff.

use std::mem::{Discriminant, discriminant};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::base::db::Conn;
use crate::base::db::lateral::owner;
use crate::base::db::schema::sessions;
use crate::base::error::Result;
use crate::base::ids::{AccountId, SessionId};
use crate::base::page::{OwnedList, Page, PageRequest, newest_first, owned_list};
use crate::sign_in::sessions::model::{Holder, Session};

/// The sessions of a holder that are active at `now`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionsOf {
    pub holder: Holder,
    pub now: DateTime<Utc>,
}

impl SessionsOf {
    fn of_owner<'a>(&self, account: AccountId) -> sessions::BoxedQuery<'a, diesel::pg::Pg> {
        let live = sessions::table
            .into_boxed()
            .filter(sessions::account_id.eq(account))
            .filter(
                sessions::ended_at
                    .is_null()
                    .and(sessions::expires_at.gt(self.now)),
            );
        match self.holder {
            Holder::Contact(_) => live.filter(sessions::contact_id.eq(owner::<Nullable<SqlUuid>>())),
            Holder::Member(_) => live.filter(sessions::team_member_id.eq(owner::<Nullable<SqlUuid>>())),
        }
    }
}

impl OwnedList for SessionsOf {
    type Row = Session;
    /// The kind of the holder.
    type Filter = Discriminant<Holder>;

    fn owner(&self) -> Option<Uuid> {
        Some(self.holder.id())
    }

    fn filter(&self) -> Discriminant<Holder> {
        discriminant(&self.holder)
    }

    owned_list!(Session, |query, page| newest_first!(
        query,
        page,
        sessions::id,
        SessionId
    ));
}

impl Session {
    /// The sessions of one holder.
    pub(crate) async fn list(
        conn: &mut Conn,
        account: AccountId,
        of: &SessionsOf,
        page: &PageRequest,
    ) -> Result<Page<Self>> {
        let owner = of.holder.id();
        let mut pages = of.pages(conn, account, &[owner], page).await?;
        let none = || Page::cut(Vec::new(), page);
        Ok(pages.remove(&owner).unwrap_or_else(none))
    }

    /// Active and ended ones.
    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[SessionId],
    ) -> Result<Vec<Self>> {
        Ok(sessions::table
            .filter(sessions::account_id.eq(account))
            .filter(sessions::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }
}
