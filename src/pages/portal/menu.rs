//! The account's own items in the menu of a portal, and the page of an item that opens in a frame.

use std::collections::HashMap;

use askama::Template;
use chrono::{DateTime, Utc};
use poem::handler;
use poem::web::Path;

use super::icons;
use super::shell::{PortalPage, Shell};
use crate::access::model::Target;
use crate::access::model::path::{self, ItemAccess};
use crate::access::model::portal::PortalContents;
use crate::accounts::model::section::PortalSection;
use crate::base::actor::Audience;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::contacts::model::Contact;
use crate::menu::model::visibility::Visibility;
use crate::menu::model::{MenuIcon, MenuItem, OpensIn};
use crate::pages::csp::{Sources, origin};
use crate::pages::{ErrorKind, Layout, PortalReader, Reply, SignInSite, Visit};

/// A menu item as the menu shows it.
#[derive(Clone, Debug)]
pub(crate) struct MenuLink {
    pub title: String,
    pub icon: MenuIcon,
    pub href: String,
    pub new_tab: bool,
    /// It leads to another site.
    pub external: bool,
    /// The page shows it.
    pub current: bool,
}

impl MenuLink {
    pub(super) fn new(item: &MenuItem, site: &SignInSite) -> Self {
        let details = &item.details;
        let (href, external) = match (details.section, details.opens_in, &details.url) {
            (Some(section), _, _) => (site.landing(section), false),
            (None, OpensIn::SameTab | OpensIn::NewTab, Some(url)) => (url.clone(), true),
            (None, _, _) => (site.path(&format!("menu/{}", item.id)), false),
        };
        Self {
            title: details.title.clone(),
            icon: details.icon,
            href,
            new_tab: details.opens_in == OpensIn::NewTab,
            external,
            current: false,
        }
    }
}

impl MenuLink {
    pub(crate) fn icon_path(&self) -> &'static str {
        icons::path(self.icon)
    }
}

/// The items that a contact sees, in order. A session that is limited to a section gets none of other sections.
pub(super) async fn read(
    conn: &mut Conn,
    contents: &PortalContents,
    (contact, limited_to): (&Contact, Option<PortalSection>),
    now: DateTime<Utc>,
) -> Result<Vec<MenuItem>> {
    let account = contact.account_id;
    let mut items = MenuItem::list(conn, account, Audience::Portal).await?;
    let is_open = |section: PortalSection| limited_to.is_none_or(|only| only == section);
    items.retain(|item| item.details.section.is_none_or(is_open));
    let of_offer = |item: &MenuItem| item.details.offer_id.is_some();
    let offers = if items.iter().any(of_offer) {
        ItemAccess::of_paths(&path::Path::to_offers(conn, account, &[contact.id]).await?, now)
    } else {
        HashMap::new()
    };
    items.retain(|item| match item.details.visibility() {
        Visibility::Everyone => true,
        Visibility::Role(_) => false,
        Visibility::Holders(Target::Offer(id)) => offers.get(&id.0).is_some_and(|access| access.is_open),
        Visibility::Holders(Target::Course(id)) => contents.course(id).is_some_and(|access| access.is_open),
        Visibility::Holders(Target::Community(id)) => {
            contents.community(id).is_some_and(|access| access.is_open)
        }
    });
    Ok(items)
}

/// `GET /menu/{item}`: the item's page in a frame.
#[derive(Debug, Template)]
#[template(path = "pages/menu_item.html")]
pub(crate) struct MenuItemView<'a> {
    pub layout: Layout<'a>,
    pub shell: &'a Shell,
    pub title: &'a str,
    pub url: &'a str,
}

#[handler]
pub(super) async fn show(
    visit: Visit<'_>,
    reader: PortalReader,
    Path(id): Path<String>,
) -> poem::Result<Reply> {
    let section = reader.section.unwrap_or(PortalSection::Home);
    let mut page = PortalPage::open(&visit, &reader, section).await?;
    let at = page.items.iter().position(|item| item.id.to_string() == id);
    let item = at.and_then(|at| Some((at, page.items.get(at)?)));
    let framed = item.filter(|(_, item)| item.details.opens_in == OpensIn::Frame);
    let Some((at, url)) = framed.and_then(|(at, item)| Some((at, item.details.url.clone()?))) else {
        return Ok(visit.error(ErrorKind::NotFound));
    };
    let Some(origin) = origin(&url) else {
        return Ok(visit.error(ErrorKind::NotFound));
    };
    if let Some(link) = page.shell.items.get_mut(at) {
        link.current = true;
    }
    let title = page.items.get(at).map_or("", |item| &item.details.title[..]);
    let view = MenuItemView {
        layout: reader.site.layout(),
        shell: &page.shell,
        title,
        url: &url,
    };
    let sources = Sources::default().with_frames([origin]);
    Ok(Reply::view_with(200, &view, &view.layout, &sources)?)
}
