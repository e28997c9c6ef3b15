//! Menu items as staff see them, and as the contact does whose menu they are in.

mod input;
pub(crate) mod mutations;

use async_graphql::{Context, ID, Object, Result as GraphqlResult, SimpleObject};
use futures_util::future::try_join_all;

use crate::access::graphql::grant::AccessTarget;
use crate::access::graphql::{Reader, offer_access};
use crate::access::model::Target;
use crate::accounts::model::section::PortalSection;
use crate::api::connection::nullable;
use crate::api::context::ContextExt;
use crate::api::scalars::{DateTime, Url};
use crate::base::actor::{Audience, Role, Scope};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId};
use crate::menu::model as menu_item;
use crate::menu::model::visibility::Visibility;
use crate::menu::model::{MenuIcon, OpensIn};
use crate::sign_in::auth_context::Viewer;

#[derive(Clone)]
pub(crate) struct MenuItem(menu_item::MenuItem);

impl From<menu_item::MenuItem> for MenuItem {
    fn from(item: menu_item::MenuItem) -> Self {
        Self(item)
    }
}

/// Who sees a menu item: everyone, if both fields are null.
#[derive(SimpleObject)]
pub(crate) struct MenuItemVisibility {
    /// In the portal: contacts see the item while this is open to them.
    target: Option<AccessTarget>,
    /// In the dashboard: team members with this role or a higher one see the item.
    minimum_role: Option<Role>,
}

/// A link that the account added to the menu of the portal or of the dashboard.
#[Object]
impl MenuItem {
    /// The id: `menuitem_…`. Opaque.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The text: one line of 1 to 60 characters.
    async fn title(&self) -> &str {
        &self.0.details.title
    }

    /// The picture beside it.
    async fn icon(&self) -> MenuIcon {
        self.0.details.icon
    }

    /// The section of the portal that it opens; null if it opens a URL.
    async fn section(&self) -> Option<PortalSection> {
        self.0.details.section
    }

    /// The URL that it opens; null if it opens a section.
    async fn url(&self) -> Option<Url> {
        self.0.details.url.clone().map(Url)
    }

    /// How it opens.
    async fn opens_in(&self) -> OpensIn {
        self.0.details.opens_in
    }

    /// Who sees it; for contacts null.
    async fn visible_to(&self, ctx: &Context<'_>) -> Option<GraphqlResult<MenuItemVisibility>> {
        nullable(self.visibility(ctx)).await
    }

    /// Where it stands in its menu, from 0 on.
    async fn position(&self) -> i32 {
        self.0.place.position
    }

    /// Whose menu it is in.
    async fn audience(&self) -> Audience {
        self.0.place.audience
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}

impl MenuItem {
    async fn visibility(&self, ctx: &Context<'_>) -> Result<Option<MenuItemVisibility>> {
        if matches!(ctx.auth().viewer, Viewer::Contact { .. }) {
            return Ok(None);
        }
        let (target, minimum_role) = match self.0.details.visibility() {
            Visibility::Everyone => (None, None),
            Visibility::Holders(target) => (AccessTarget::load(ctx, target).await?, None),
            Visibility::Role(role) => (None, Some(role)),
        };
        Ok(Some(MenuItemVisibility { target, minimum_role }))
    }

    /// The items of the portal that a contact sees. `section`: the only one that their session opens.
    pub(crate) async fn of_contact(
        ctx: &Context<'_>,
        (account, contact): (AccountId, ContactId),
        section: Option<PortalSection>,
    ) -> Result<Vec<Self>> {
        let mut conn = ctx.services().db.conn().await?;
        let mut rows = menu_item::MenuItem::list(&mut conn, account, Audience::Portal).await?;
        drop(conn);
        rows.retain(|row| section.is_none() || row.details.section.is_none_or(|of| Some(of) == section));
        let reader = Reader::Contact(account, contact);
        let shown = rows.into_iter().map(|row| async move {
            let shown = is_shown(ctx, reader, contact, row.details.visibility()).await?;
            Ok::<_, crate::base::error::Error>(shown.then_some(Self(row)))
        });
        Ok(try_join_all(shown).await?.into_iter().flatten().collect())
    }

    /// Whether the viewer sees it in a list: members who may not change menus see no item of the dashboard that is for a higher role.
    pub(crate) fn is_visible_to(&self, viewer: &Viewer) -> bool {
        match viewer {
            Viewer::Member { role, .. } if self.0.place.audience == Audience::Dashboard => {
                viewer.staff(Scope::Content).is_ok() || self.0.details.visibility().includes_role(*role)
            }
            _ => true,
        }
    }

    /// A menu as the caller sees it: all of it, for keys and for members who may change it.
    async fn of_staff(ctx: &Context<'_>, audience: Audience, visible_to_me: bool) -> Result<Vec<Self>> {
        let viewer = &ctx.auth().viewer;
        let writer = viewer.staff(Scope::Content);
        let shows_all = writer.is_ok() && !visible_to_me;
        let staff = writer.or_else(|_| viewer.staff(Scope::Read))?;
        let mut conn = ctx.services().db.conn().await?;
        let mut rows = menu_item::MenuItem::list(&mut conn, staff.account, audience).await?;
        if let (Viewer::Member { role, .. }, Audience::Dashboard, false) = (viewer, audience, shows_all) {
            rows.retain(|row| row.details.visibility().includes_role(*role));
        }
        Ok(rows.into_iter().map(Self).collect())
    }
}

async fn is_shown(
    ctx: &Context<'_>,
    reader: Reader,
    contact: ContactId,
    visibility: Visibility,
) -> Result<bool> {
    let loaders = ctx.loaders();
    match visibility {
        Visibility::Everyone => Ok(true),
        Visibility::Role(_) => Ok(false),
        Visibility::Holders(Target::Offer(id)) => {
            let offers = offer_access(ctx, contact).await?;
            Ok(offers.get(&id.0).is_some_and(|access| access.is_open))
        }
        Visibility::Holders(Target::Course(id)) => match loaders.courses.get(id).await? {
            Some(course) => reader.may_open(ctx, id.0, course.details.status).await,
            None => Ok(false),
        },
        Visibility::Holders(Target::Community(id)) => match loaders.communities.get(id).await? {
            Some(community) => reader.may_open(ctx, id.0, community.details.status).await,
            None => Ok(false),
        },
    }
}

#[derive(Default)]
pub(crate) struct MenuQueries;

#[Object]
impl MenuQueries {
    /// The items of a menu, in order, at most 50. Members who may not write content see those of the dashboard that their role
    /// shows. Needs the scope `READ` or `CONTENT`.
    async fn menu_items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose menu.")] audience: Audience,
        #[graphql(desc = "Of the dashboard only those that the member's role shows.")] visible_to_me: Option<
            bool,
        >,
    ) -> Result<Vec<MenuItem>> {
        MenuItem::of_staff(ctx, audience, visible_to_me == Some(true)).await
    }
}
