//! Creating, changing, deleting and ordering menu items.

mod types;

use std::collections::HashSet;

use async_graphql::{Context, ID, MaybeUndefined, Object, Result as GraphqlResult};
use diesel_async::AsyncConnection;
use serde_json::json;

use crate::accounts::model::Account;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::input::{change, https, optional};
use crate::api::mutation::mutate;
use crate::base::actor::{Audience, Scope, Staff};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::MenuItemId;
use crate::menu::graphql::MenuItem;
use crate::menu::graphql::input::{Destination, check_target, for_audience, parse_title};
use crate::menu::model as menu_item;
use crate::menu::model::visibility::Visibility;
use crate::menu::model::{MAX_ITEMS, MenuIcon, MenuItemDetails, MenuPlace, OpensIn};
use types::{
    CreateMenuItemInput, CreateMenuItemPayload, DeleteMenuItemInput, DeleteMenuItemPayload,
    ReorderMenuItemsInput, ReorderMenuItemsPayload, UpdateMenuItemInput, UpdateMenuItemPayload,
};

#[derive(Default)]
pub(crate) struct MenuMutations;

#[Object]
impl MenuMutations {
    /// Adds an item at the end of a menu. Needs the scope `CONTENT`.
    async fn create_menu_item(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The item.")] input: CreateMenuItemInput,
    ) -> Option<GraphqlResult<CreateMenuItemPayload>> {
        mutate(create(ctx, input)).await
    }

    /// Changes a menu item. Needs the scope `CONTENT`.
    async fn update_menu_item(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateMenuItemInput,
    ) -> Option<GraphqlResult<UpdateMenuItemPayload>> {
        mutate(update(ctx, input)).await
    }

    /// Deletes a menu item; it can't be undone. Needs the scope `CONTENT`.
    async fn delete_menu_item(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The item.")] input: DeleteMenuItemInput,
    ) -> Option<GraphqlResult<DeleteMenuItemPayload>> {
        mutate(delete(ctx, input)).await
    }

    /// Puts the items of a menu in another order. `CONFLICT` if it has other items meanwhile. Needs the scope `CONTENT`.
    async fn reorder_menu_items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new order.")] input: ReorderMenuItemsInput,
    ) -> Option<GraphqlResult<ReorderMenuItemsPayload>> {
        mutate(reorder(ctx, input)).await
    }
}

/// Refuses what the account doesn't have, and frames for hosts that it doesn't allow.
async fn check(conn: &mut Conn, account: &Account, details: &MenuItemDetails) -> Result<()> {
    check_target(conn, account.id, details.visibility()).await?;
    if details.may_open(&account.frame_hosts) {
        return Ok(());
    }
    let message = "Only a URL whose host is among the account's frameHosts opens in a frame: add it with updatePortalSettings.";
    Err(Error::bad_input("input.opensIn", message))
}

async fn create(ctx: &Context<'_>, input: CreateMenuItemInput) -> Result<CreateMenuItemPayload> {
    let staff = ctx.staff(Scope::Content)?;
    let url = optional(input.url.as_ref(), https("input.url"))?;
    let (section, url) = Destination::parse(None, input.section.map(Some), url.map(Some))?.columns();
    let visibility = input
        .visible_to
        .map_or(Ok(Visibility::Everyone), |to| to.parse())?;
    let details = MenuItemDetails {
        title: parse_title(&input.title)?,
        icon: input.icon.unwrap_or(MenuIcon::Link),
        section,
        url,
        opens_in: input.opens_in.unwrap_or(OpensIn::SameTab),
        offer_id: None,
        course_id: None,
        community_id: None,
        minimum_role: None,
    };
    let details = details.visible_to(for_audience(visibility, input.audience)?);
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let item = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let account = Account::lock(conn, staff.account).await?;
            check(conn, &account, &details).await?;
            let created = append(conn, &staff, input.audience, &details, &moment).await?;
            let event = NewEvent::new(EventKind::MenuItemCreated).on(created.id);
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok(created)
        })
        .await?;
    Ok(CreateMenuItemPayload {
        menu_item: item.into(),
    })
}

/// Adds an item at the end, if there is room.
async fn append(
    conn: &mut Conn,
    staff: &Staff,
    audience: Audience,
    details: &MenuItemDetails,
    moment: &Moment,
) -> Result<menu_item::MenuItem> {
    let count = menu_item::MenuItem::list(conn, staff.account, audience)
        .await?
        .len();
    if count >= MAX_ITEMS {
        let message = format!("A menu has at most {MAX_ITEMS} items.");
        return Err(Error::bad_input("input.audience", message));
    }
    let place = MenuPlace {
        audience,
        position: i32::try_from(count).map_err(Error::internal)?,
    };
    menu_item::MenuItem::create(conn, staff.account, place, details, moment).await
}

/// Locks the account, and reads the item that `input.menuItemId` names.
async fn find_locked(conn: &mut Conn, staff: &Staff, id: &ID) -> Result<(Account, menu_item::MenuItem)> {
    let missing = || Error::not_found("input.menuItemId", "menu item");
    let id: MenuItemId = id.parse().map_err(|_| missing())?;
    let account = Account::lock(conn, staff.account).await?;
    let found = menu_item::MenuItem::find_many(conn, staff.account, &[id])
        .await?
        .pop();
    Ok((account, found.ok_or_else(missing)?))
}

/// The details with the changes of the input.
fn changed(item: &menu_item::MenuItem, input: &UpdateMenuItemInput) -> Result<MenuItemDetails> {
    let before = item.details.clone();
    let opened = before.section.map(Destination::Section);
    let opened = opened.or_else(|| before.url.clone().map(Destination::Url));
    let section = change(&input.section, |section| Ok(Some(*section)))?;
    let url = change(&input.url, https("input.url"))?;
    let (section, url) = Destination::parse(opened, section, url)?.columns();
    let details = MenuItemDetails {
        title: input
            .title
            .as_deref()
            .map_or(Ok(before.title.clone()), parse_title)?,
        icon: input.icon.unwrap_or(before.icon),
        section,
        url,
        opens_in: input.opens_in.unwrap_or(before.opens_in),
        ..before
    };
    let visibility = match &input.visible_to {
        MaybeUndefined::Undefined => return Ok(details),
        MaybeUndefined::Null => Visibility::Everyone,
        MaybeUndefined::Value(to) => to.parse()?,
    };
    Ok(details.visible_to(for_audience(visibility, item.place.audience)?))
}

async fn update(ctx: &Context<'_>, input: UpdateMenuItemInput) -> Result<UpdateMenuItemPayload> {
    let staff = ctx.staff(Scope::Content)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let item = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let (account, item) = find_locked(conn, &staff, &input.menu_item_id).await?;
            let details = changed(&item, &input)?;
            if details == item.details {
                return Ok(item);
            }
            check(conn, &account, &details).await?;
            let saved = item.update(conn, &details, moment.now).await?;
            let event = NewEvent::new(EventKind::MenuItemUpdated).on(item.id);
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok(saved)
        })
        .await?;
    Ok(UpdateMenuItemPayload {
        menu_item: item.into(),
    })
}

async fn delete(ctx: &Context<'_>, input: DeleteMenuItemInput) -> Result<DeleteMenuItemPayload> {
    let staff = ctx.staff(Scope::Content)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let id = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let (_, item) = find_locked(conn, &staff, &input.menu_item_id).await?;
            item.delete(conn).await?;
            let event = NewEvent::new(EventKind::MenuItemDeleted).on(item.id);
            let event = event.with(json!({"title": item.details.title}));
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok(item.id)
        })
        .await?;
    Ok(DeleteMenuItemPayload {
        deleted_menu_item_id: ID(id.to_string()),
    })
}

/// The named items, each named once.
fn parse_order(ids: &[ID]) -> Result<Vec<MenuItemId>> {
    let mut order = Vec::with_capacity(ids.len().min(MAX_ITEMS));
    for (at, id) in ids.iter().enumerate() {
        let field = || format!("input.menuItemIds.{at}");
        let id = id.parse().map_err(|_| Error::not_found(field(), "menu item"))?;
        if order.contains(&id) {
            return Err(Error::bad_input(field(), "It is named twice."));
        }
        order.push(id);
    }
    Ok(order)
}

async fn reorder(ctx: &Context<'_>, input: ReorderMenuItemsInput) -> Result<ReorderMenuItemsPayload> {
    let staff = ctx.staff(Scope::Content)?;
    let order = parse_order(&input.menu_item_ids)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let items = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            Account::lock(conn, staff.account).await?;
            let before = menu_item::MenuItem::list(conn, staff.account, input.audience).await?;
            let before: Vec<MenuItemId> = before.iter().map(|item| item.id).collect();
            if before.iter().collect::<HashSet<_>>() != order.iter().collect() {
                let message = "The menu has other items than these: read it again, and name each once.";
                return Err(Error::new(Code::Conflict, message).at("input.menuItemIds"));
            }
            if before != order {
                menu_item::MenuItem::reorder(conn, staff.account, input.audience, &order, moment.now).await?;
                let event = NewEvent::new(EventKind::MenuReordered);
                let event = event.with(json!({"audience": input.audience.as_str()}));
                record(conn, staff.account, &requester, &[event], &moment).await?;
            }
            menu_item::MenuItem::list(conn, staff.account, input.audience).await
        })
        .await?;
    Ok(ReorderMenuItemsPayload {
        menu_items: items.into_iter().map(MenuItem::from).collect(),
    })
}
