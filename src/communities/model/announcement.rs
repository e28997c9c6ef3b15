//! An announcement by staff to the members of a community.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::Community;
use crate::base::actor::Actor;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::lateral::owner;
use crate::base::db::schema::announcements;
use crate::base::error::Result;
use crate::base::ids::{AccountId, AnnouncementId, CommunityId, lowest_uuid_at};
use crate::base::page::{OwnedList, newest_first, owned_list};

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = announcements)]
pub(crate) struct Announcement {
    pub account_id: AccountId,
    pub id: AnnouncementId,
    pub community_id: CommunityId,
    #[diesel(embed)]
    pub text: AnnouncementText,
    /// The member or key that wrote it.
    pub author: String,
    pub published_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What staff write, validated.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = announcements)]
pub(crate) struct AnnouncementText {
    pub title: String,
    /// Markdown.
    pub body: String,
}

impl Announcement {
    pub(crate) async fn create(
        conn: &mut Conn,
        community: &Community,
        text: &AnnouncementText,
        author: Actor,
        moment: &Moment,
    ) -> Result<Self> {
        Ok(diesel::insert_into(announcements::table)
            .values((
                announcements::account_id.eq(community.account_id),
                announcements::id.eq(AnnouncementId::new(moment)),
                announcements::community_id.eq(community.id),
                text,
                announcements::author.eq(author.to_string()),
                announcements::published_at.eq(moment.now),
                announcements::updated_at.eq(moment.now),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?)
    }

    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[AnnouncementId],
    ) -> Result<Vec<Self>> {
        Ok(announcements::table
            .filter(announcements::account_id.eq(account))
            .filter(announcements::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// The newest of these communities since a time.
    pub(crate) async fn since(
        conn: &mut Conn,
        account: AccountId,
        communities: &[CommunityId],
        since: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<Self>> {
        Ok(announcements::table
            .filter(announcements::account_id.eq(account))
            .filter(announcements::community_id.eq_any(communities))
            .filter(announcements::id.ge(AnnouncementId(lowest_uuid_at(since))))
            .order(announcements::id.desc())
            .limit(limit)
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    pub(crate) async fn update(
        &self,
        conn: &mut Conn,
        text: &AnnouncementText,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        Ok(
            diesel::update(announcements::table.find((self.account_id, self.id)))
                .set((text, announcements::updated_at.eq(now)))
                .returning(Self::as_returning())
                .get_result(conn)
                .await?,
        )
    }

    pub(crate) async fn delete(&self, conn: &mut Conn) -> Result<()> {
        diesel::delete(announcements::table.find((self.account_id, self.id)))
            .execute(conn)
            .await?;
        Ok(())
    }
}

/// The announcements of a community, newest first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AnnouncementsOf(pub CommunityId);

impl AnnouncementsOf {
    #[expect(clippy::unused_self, reason = "as `owned_list` calls it")]
    fn of_owner<'a>(&self, account: AccountId) -> announcements::BoxedQuery<'a, diesel::pg::Pg> {
        announcements::table
            .into_boxed()
            .filter(announcements::account_id.eq(account))
            .filter(announcements::community_id.eq(owner::<SqlUuid>()))
    }
}

impl OwnedList for AnnouncementsOf {
    type Row = Announcement;
    type Filter = ();

    fn owner(&self) -> Option<Uuid> {
        Some(self.0.0)
    }

    fn filter(&self) {}

    owned_list!(Announcement, |query, page| newest_first!(
        query,
        page,
        announcements::id,
        AnnouncementId
    ));
}
