//! An offer: a bundle of courses and communities that is granted as one.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::access::model::content::{ContentFilter, content_rows};
use crate::access::model::{ContentStatus, Item};
use crate::base::clock::Moment;
use crate::base::db::schema::{offer_items, offers};
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, CommunityId, CourseId, OfferId};
use crate::base::page::{Page, PageRequest};

#[derive(Clone, Debug, Queryable, Selectable)]
pub(crate) struct Offer {
    pub account_id: AccountId,
    pub id: OfferId,
    #[diesel(embed)]
    pub details: OfferDetails,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What staff write about an offer, validated.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = offers, treat_none_as_null = true)]
pub(crate) struct OfferDetails {
    pub title: String,
    /// Markdown.
    pub description: Option<String>,
    /// Its contents open at this time at the earliest.
    pub starts_at: Option<DateTime<Utc>>,
    /// How long a grant lasts from its start.
    pub duration_days: Option<i32>,
    /// Whether the portal lists its contents before they open.
    pub lists_before_start: bool,
    pub status: ContentStatus,
}

content_rows!(Offer, OfferId, OfferDetails, offers, title);

impl Offer {
    /// Replaces what the offer holds. Its holders get and lose access at once.
    pub(crate) async fn set_items(&self, conn: &mut Conn, items: &[Item]) -> Result<()> {
        let ids: Vec<_> = items.iter().map(|item| item.id()).collect();
        diesel::delete(offer_items::table)
            .filter(offer_items::account_id.eq(self.account_id))
            .filter(offer_items::offer_id.eq(self.id))
            .filter(offer_items::item_id.ne_all(ids))
            .execute(conn)
            .await?;
        sql::statement(
            "insert into offer_items (account_id, offer_id, course_id, community_id) \
             select ?, ?, i.* from unnest(?, ?) as i on conflict do nothing",
        )
        .bind::<SqlUuid, _>(self.account_id)
        .bind::<SqlUuid, _>(self.id)
        .bind::<Array<Nullable<SqlUuid>>, _>(items.iter().map(|item| item.course()).collect::<Vec<_>>())
        .bind::<Array<Nullable<SqlUuid>>, _>(items.iter().map(|item| item.community()).collect::<Vec<_>>())
        .execute(conn)
        .await?;
        Ok(())
    }

    /// What these offers hold.
    pub(crate) async fn items(
        conn: &mut Conn,
        account: AccountId,
        offers: &[OfferId],
    ) -> Result<HashMap<OfferId, Vec<Item>>> {
        let rows: Vec<(OfferId, Option<CourseId>, Option<CommunityId>)> = offer_items::table
            .filter(offer_items::account_id.eq(account))
            .filter(offer_items::offer_id.eq_any(offers))
            .order(offer_items::item_id)
            .select((
                offer_items::offer_id,
                offer_items::course_id,
                offer_items::community_id,
            ))
            .load(conn)
            .await?;
        let mut items: HashMap<OfferId, Vec<Item>> = HashMap::new();
        for (offer, course, community) in rows {
            let item = course.map(Item::Course).or(community.map(Item::Community));
            items.entry(offer).or_default().extend(item);
        }
        Ok(items)
    }
}
