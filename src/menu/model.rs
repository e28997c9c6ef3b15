//! A menu item. Every change of a menu locks the account first, so positions have no gaps and the limit holds.

pub(crate) mod visibility;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use url::Url;

use crate::accounts::model::frame_hosts::allows;
use crate::accounts::model::section::PortalSection;
use crate::base::actor::{Audience, Role};
use crate::base::clock::Moment;
use crate::base::db::schema::menu_items;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, CommunityId, CourseId, MenuItemId, OfferId};
use crate::base::text_enum::text_enum;

/// The most items of a menu.
pub(crate) const MAX_ITEMS: usize = 50;

text_enum! {
    /// How a menu item opens.
    #[derive(async_graphql::Enum)]
    OpensIn {
        /// In place of the page.
        SameTab = "SAME_TAB",
        /// In a new tab.
        NewTab = "NEW_TAB",
        /// In a frame, with the menu around it. Only for URLs of the account's `frameHosts`.
        Frame = "FRAME",
    }
}

text_enum! {
    /// The picture of a menu item. More will be added.
    #[derive(async_graphql::Enum)]
    MenuIcon {
        /// A bell.
        Bell = "BELL",
        /// A book.
        Book = "BOOK",
        /// A calendar.
        Calendar = "CALENDAR",
        /// A shopping cart.
        Cart = "CART",
        /// A speech bubble.
        Chat = "CHAT",
        /// A chart.
        Chart = "CHART",
        /// A document.
        Document = "DOCUMENT",
        /// A gift.
        Gift = "GIFT",
        /// A globe.
        Globe = "GLOBE",
        /// A heart.
        Heart = "HEART",
        /// A question mark.
        Help = "HELP",
        /// A house.
        Home = "HOME",
        /// A link.
        Link = "LINK",
        /// A letter.
        Mail = "MAIL",
        /// A microphone.
        Microphone = "MICROPHONE",
        /// A coin.
        Money = "MONEY",
        /// Several people.
        People = "PEOPLE",
        /// A telephone.
        Phone = "PHONE",
        /// A picture.
        Picture = "PICTURE",
        /// A gear.
        Settings = "SETTINGS",
        /// A star.
        Star = "STAR",
        /// A film.
        Video = "VIDEO",
    }
}

#[derive(Clone, Debug, Queryable, Selectable)]
pub(crate) struct MenuItem {
    pub account_id: AccountId,
    pub id: MenuItemId,
    #[diesel(embed)]
    pub place: MenuPlace,
    #[diesel(embed)]
    pub details: MenuItemDetails,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// Where an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = menu_items)]
pub(crate) struct MenuPlace {
    pub audience: Audience,
    /// From 0 on.
    pub position: i32,
}

/// What staff write, validated.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = menu_items, treat_none_as_null = true)]
pub(crate) struct MenuItemDetails {
    pub title: String,
    pub icon: MenuIcon,
    /// The section of the portal that it opens; else `url` is set.
    pub section: Option<PortalSection>,
    pub url: Option<String>,
    pub opens_in: OpensIn,
    /// In the portal: what a contact must have, one of these at most.
    pub offer_id: Option<OfferId>,
    pub course_id: Option<CourseId>,
    pub community_id: Option<CommunityId>,
    /// In the dashboard: the least role that sees it.
    pub minimum_role: Option<Role>,
}

impl MenuItemDetails {
    /// Whether it can open like this, with these hosts of frames.
    pub(crate) fn may_open(&self, frame_hosts: &[String]) -> bool {
        let url = self.url.as_deref().and_then(|url| Url::parse(url).ok());
        self.opens_in != OpensIn::Frame || url.is_some_and(|url| allows(frame_hosts, &url))
    }
}

impl MenuItem {
    /// Adds an item at this place, behind the others.
    pub(crate) async fn create(
        conn: &mut Conn,
        account: AccountId,
        place: MenuPlace,
        details: &MenuItemDetails,
        moment: &Moment,
    ) -> Result<Self> {
        Ok(diesel::insert_into(menu_items::table)
            .values((
                menu_items::account_id.eq(account),
                menu_items::id.eq(MenuItemId::new(moment)),
                place,
                details,
                menu_items::created_at.eq(moment.now),
                menu_items::updated_at.eq(moment.now),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?)
    }

    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[MenuItemId],
    ) -> Result<Vec<Self>> {
        Ok(menu_items::table
            .filter(menu_items::account_id.eq(account))
            .filter(menu_items::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// The menu, in order.
    pub(crate) async fn list(conn: &mut Conn, account: AccountId, audience: Audience) -> Result<Vec<Self>> {
        Ok(menu_items::table
            .filter(menu_items::account_id.eq(account))
            .filter(menu_items::audience.eq(audience))
            .order(menu_items::position)
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// The items that open in a frame.
    pub(crate) async fn in_frames(conn: &mut Conn, account: AccountId) -> Result<Vec<Self>> {
        Ok(menu_items::table
            .filter(menu_items::account_id.eq(account))
            .filter(menu_items::opens_in.eq(OpensIn::Frame))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    pub(crate) async fn update(
        &self,
        conn: &mut Conn,
        details: &MenuItemDetails,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        Ok(diesel::update(menu_items::table.find((self.account_id, self.id)))
            .set((details, menu_items::updated_at.eq(now)))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?)
    }

    /// Deletes the item; those behind it move up.
    pub(crate) async fn delete(&self, conn: &mut Conn) -> Result<()> {
        diesel::delete(menu_items::table.find((self.account_id, self.id)))
            .execute(conn)
            .await?;
        diesel::update(menu_items::table)
            .filter(menu_items::account_id.eq(self.account_id))
            .filter(menu_items::audience.eq(self.place.audience))
            .filter(menu_items::position.gt(self.place.position))
            .set(menu_items::position.eq(menu_items::position - 1))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Puts a menu in this order, which names each of its items once.
    pub(crate) async fn reorder(
        conn: &mut Conn,
        account: AccountId,
        audience: Audience,
        order: &[MenuItemId],
        now: DateTime<Utc>,
    ) -> Result<()> {
        sql::statement(
            "update menu_items m set position = o.position - 1, updated_at = ? \
             from unnest(?) with ordinality as o (id, position) \
             where m.account_id = ? and m.audience = ? and m.id = o.id and m.position <> o.position - 1",
        )
        .bind::<Timestamptz, _>(now)
        .bind::<Array<SqlUuid>, _>(order.to_vec())
        .bind::<SqlUuid, _>(account)
        .bind::<Text, _>(audience)
        .execute(conn)
        .await?;
        Ok(())
    }
}
