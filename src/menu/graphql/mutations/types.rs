//! Inputs and payloads.

use async_graphql::{ID, InputObject, MaybeUndefined, SimpleObject};

use crate::accounts::model::section::PortalSection;
use crate::api::scalars::Url;
use crate::base::actor::Audience;
use crate::menu::graphql::MenuItem;
use crate::menu::graphql::input::MenuItemVisibilityInput;
use crate::menu::model::{MenuIcon, OpensIn};

/// A new menu item. Pass `section` or `url`.
#[derive(InputObject)]
pub(crate) struct CreateMenuItemInput {
    /// Whose menu. A menu has at most 50 items.
    pub(super) audience: Audience,
    /// The text: one line of 1 to 60 characters.
    pub(super) title: String,
    /// The picture beside it; `LINK` by default.
    pub(super) icon: Option<MenuIcon>,
    /// The section of the portal that it opens.
    pub(super) section: Option<PortalSection>,
    /// The https URL that it opens.
    pub(super) url: Option<Url>,
    /// How it opens; `SAME_TAB` by default. `FRAME` only for a URL whose host is among the account's `frameHosts`.
    pub(super) opens_in: Option<OpensIn>,
    /// Who sees it; everyone by default.
    pub(super) visible_to: Option<MenuItemVisibilityInput>,
}

/// The created menu item.
#[derive(SimpleObject)]
pub(crate) struct CreateMenuItemPayload {
    /// The item.
    pub(super) menu_item: MenuItem,
}

/// The changes. An omitted field stays as it is; a section takes the place of a URL, and the other way round.
#[derive(InputObject)]
pub(crate) struct UpdateMenuItemInput {
    /// The item.
    pub(super) menu_item_id: ID,
    /// The text: one line of 1 to 60 characters.
    pub(super) title: Option<String>,
    /// The picture beside it.
    pub(super) icon: Option<MenuIcon>,
    /// The section of the portal that it opens.
    pub(super) section: MaybeUndefined<PortalSection>,
    /// The https URL that it opens.
    pub(super) url: MaybeUndefined<Url>,
    /// How it opens. `FRAME` only for a URL whose host is among the account's `frameHosts`.
    pub(super) opens_in: Option<OpensIn>,
    /// Who sees it; `null`: everyone.
    pub(super) visible_to: MaybeUndefined<MenuItemVisibilityInput>,
}

/// The changed menu item.
#[derive(SimpleObject)]
pub(crate) struct UpdateMenuItemPayload {
    /// The item as it is now.
    pub(super) menu_item: MenuItem,
}

/// The menu item to delete.
#[derive(InputObject)]
pub(crate) struct DeleteMenuItemInput {
    /// The item.
    pub(super) menu_item_id: ID,
}

/// What was deleted.
#[derive(SimpleObject)]
pub(crate) struct DeleteMenuItemPayload {
    /// The id that the item had.
    pub(super) deleted_menu_item_id: ID,
}

/// The new order of a menu.
#[derive(InputObject)]
pub(crate) struct ReorderMenuItemsInput {
    /// Whose menu.
    pub(super) audience: Audience,
    /// All its items, each once.
    pub(super) menu_item_ids: Vec<ID>,
}

/// The reordered menu.
#[derive(SimpleObject)]
pub(crate) struct ReorderMenuItemsPayload {
    /// The items as they are now.
    pub(super) menu_items: Vec<MenuItem>,
}
