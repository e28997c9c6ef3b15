//! The pages of communities in a portal.

use askama::Template;
use chrono::{DateTime, Utc};
use poem::web::Path;
use poem::{get, handler};

use crate::accounts::model::section::PortalSection;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{AnnouncementId, CommunityId};
use crate::base::markdown;
use crate::base::page::{OwnedList, Page, PageRequest, Position};
use crate::communities::model::Community;
use crate::communities::model::announcement::{Announcement, AnnouncementsOf};
use crate::pages::csp::Sources;
use crate::pages::routes::Routes;
use crate::pages::{Cover, ErrorKind, Layout, PortalPage, PortalReader, Reply, Shell, Visit};

const PAGE_SIZE: usize = 10;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .at("/communities", get(show_all))
        .at("/communities/:community", get(show))
}

/// `GET /communities`.
#[derive(Debug, Template)]
#[template(path = "pages/communities.html")]
pub(crate) struct CommunitiesView<'a> {
    pub layout: Layout<'a>,
    pub shell: &'a Shell,
    pub communities: &'a [CommunityCard],
}

#[derive(Clone, Debug)]
pub(crate) struct CommunityCard {
    pub name: String,
    pub href: String,
    pub cover: Cover,
    /// It is listed, and opens then.
    pub opens_at: Option<DateTime<Utc>>,
}

/// `GET /communities/{community}?before={announcement}`.
#[derive(Debug, Template)]
#[template(path = "pages/community.html")]
pub(crate) struct CommunityView<'a> {
    pub layout: Layout<'a>,
    pub shell: &'a Shell,
    pub name: &'a str,
    pub cover: &'a Cover,
    /// HTML that is safe.
    pub description: Option<&'a str>,
    pub join_url: Option<&'a str>,
    pub announcements: &'a [AnnouncementRow],
    /// The page of the newest ones, if this is another.
    pub newest_href: Option<&'a str>,
    pub older_href: Option<&'a str>,
}

#[derive(Clone, Debug)]
pub(crate) struct AnnouncementRow {
    pub id: String,
    pub title: String,
    pub at: DateTime<Utc>,
    /// HTML that is safe.
    pub body: String,
}

#[handler]
async fn show_all(visit: Visit<'_>, reader: PortalReader) -> poem::Result<Reply> {
    let page = PortalPage::open(&visit, &reader, PortalSection::Communities).await?;
    let mut conn = visit.conn().await?;
    let communities = cards(&mut conn, &page).await?;
    drop(conn);
    let view = CommunitiesView {
        layout: reader.site.layout(),
        shell: &page.shell,
        communities: &communities,
    };
    let covers = communities.iter().filter_map(|card| card.cover.origin());
    Ok(Reply::view_with(
        200,
        &view,
        &view.layout,
        &Sources::of_pictures(covers),
    )?)
}

/// Open communities first, by name; then those that will open, the next one first.
async fn cards(conn: &mut Conn, page: &PortalPage) -> Result<Vec<CommunityCard>> {
    let ids: Vec<CommunityId> = page.contents.communities().map(|(id, _)| id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Community::find_many(conn, page.account, &ids).await?;
    let card = |row: Community| {
        let access = page.contents.community(row.id)?;
        Some(CommunityCard {
            href: format!("{}/communities/{}", page.shell.base, row.id),
            cover: Cover::new(row.details.cover_url.as_deref(), &row.details.name),
            opens_at: (!access.is_open).then_some(access.opens_at),
            name: row.details.name,
        })
    };
    let mut cards: Vec<CommunityCard> = rows.into_iter().filter_map(card).collect();
    cards.sort_by(|one, two| (one.opens_at, &one.name).cmp(&(two.opens_at, &two.name)));
    Ok(cards)
}

#[handler]
async fn show(visit: Visit<'_>, reader: PortalReader, Path(id): Path<String>) -> poem::Result<Reply> {
    let page = PortalPage::open(&visit, &reader, PortalSection::Communities).await?;
    let open = |id: &CommunityId| page.contents.community(*id).is_some_and(|access| access.is_open);
    let Some(id) = id.parse::<CommunityId>().ok().filter(open) else {
        return Ok(visit.error(ErrorKind::NotFound));
    };
    let mut conn = visit.conn().await?;
    let Some(row) = Community::find_many(&mut conn, page.account, &[id]).await?.pop() else {
        return Ok(visit.error(ErrorKind::NotFound));
    };
    let before = visit.query("before").and_then(|before| before.parse().ok());
    let announcements = announcements(&mut conn, &row, before).await?;
    drop(conn);
    Ok(reply(&reader, &page, &row, &announcements)?)
}

/// A page of announcements, newest first.
async fn announcements(
    conn: &mut Conn,
    community: &Community,
    before: Option<AnnouncementId>,
) -> Result<Page<Announcement>> {
    let older_than = before.map(|before| Position {
        key: String::new(),
        id: before.0,
    });
    let request = PageRequest {
        size: PAGE_SIZE,
        backward: false,
        after: older_than,
        before: None,
    };
    let owner = community.id.0;
    let of = AnnouncementsOf(community.id);
    let mut pages = of.pages(conn, community.account_id, &[owner], &request).await?;
    let none = Page {
        rows: Vec::new(),
        has_previous: false,
        has_next: false,
    };
    Ok(pages.remove(&owner).unwrap_or(none))
}

fn reply(
    reader: &PortalReader,
    page: &PortalPage,
    row: &Community,
    announcements: &Page<Announcement>,
) -> Result<Reply> {
    let details = &row.details;
    let cover = Cover::new(details.cover_url.as_deref(), &details.name);
    let description = details.description.as_deref();
    let description = description.map(|text| markdown::to_html_below(text, 2));
    let newest = format!("{}/communities/{}", page.shell.base, row.id);
    let last = announcements.rows.last().filter(|_| announcements.has_next);
    let older = last.map(|last| format!("{newest}?before={}", last.id));
    let view = CommunityView {
        layout: reader.site.layout(),
        shell: &page.shell,
        name: &details.name,
        cover: &cover,
        description: description.as_deref(),
        join_url: details.join_url.as_deref(),
        announcements: &announcements.rows.iter().map(announcement).collect::<Vec<_>>(),
        newest_href: announcements.has_previous.then_some(&newest[..]),
        older_href: older.as_deref(),
    };
    Reply::view_with(200, &view, &view.layout, &Sources::of_pictures(cover.origin()))
}

fn announcement(row: &Announcement) -> AnnouncementRow {
    AnnouncementRow {
        id: row.id.to_string(),
        title: row.text.title.clone(),
        at: row.published_at,
        body: markdown::to_html_below(&row.text.body, 4),
    }
}
