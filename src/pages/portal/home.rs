//! The home page of a portal: where the contact was, what is new, and the sections.

use std::collections::HashMap;

use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};
use poem::handler;

use super::reader::ReadBy;
use super::shell::{PortalPage, Shell, switched_off_text};
use crate::accounts::model::section::PortalSection;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{CommunityId, CourseId};
use crate::communities::model::Community;
use crate::communities::model::announcement::Announcement;
use crate::courses::model::Course;
use crate::courses::model::lesson::{Lesson, next_lesson};
use crate::courses::model::progress::CourseProgress;
use crate::pages::csp::Sources;
use crate::pages::{Cover, Layout, PortalReader, Reply, Visit};
use crate::sign_in::password::model::Password;
use crate::sign_in::person::Person;

/// For how many days something is new.
const NEW_DAYS: i64 = 30;
const MAX_NEWS: usize = 8;

/// `GET /`.
#[derive(Debug, Template)]
#[template(path = "pages/home.html")]
pub(crate) struct HomeView<'a> {
    pub layout: Layout<'a>,
    pub shell: &'a Shell,
    /// The contact's first name, or else their name as in the bar.
    pub greeted: &'a str,
    /// A sentence about what the contact wanted to open.
    pub notice: Option<&'a str>,
    /// Whether to offer setting a password.
    pub offer_password: bool,
    pub next: Option<&'a NextCard>,
    /// The newest first.
    pub news: &'a [NewsRow],
    /// Nothing is open to the contact or listed yet.
    pub empty: bool,
}

/// The lesson to continue with.
#[derive(Clone, Debug)]
pub(crate) struct NextCard {
    pub course: String,
    pub lesson: String,
    pub href: String,
    pub cover: Cover,
    pub done: i64,
    pub total: i64,
}

/// Something that is new.
#[derive(Clone, Debug)]
pub(crate) struct NewsRow {
    pub title: String,
    pub href: String,
    pub at: DateTime<Utc>,
    pub what: News,
}

#[derive(Clone, Debug)]
pub(crate) enum News {
    CourseOpened,
    CommunityOpened,
    /// With the community's name.
    Announcement(String),
}

impl HomeView<'_> {
    /// The sections besides this page.
    fn tiles(&self) -> impl Iterator<Item = &PortalSection> {
        let sections = self.shell.sections.iter();
        sections.filter(|section| **section != PortalSection::Home)
    }
}

#[handler]
pub(super) async fn show(visit: Visit<'_>, reader: PortalReader) -> poem::Result<Reply> {
    let page = PortalPage::open(&visit, &reader, PortalSection::Home).await?;
    let site = &reader.site;
    let layout = site.layout();
    let mut conn = visit.conn().await?;
    let found = Found::read(&mut conn, &page, site.account.sections.as_slice(), visit.now()).await?;
    drop(conn);
    let next = found.next_card(&page.shell.base);
    let off = visit.query("off").and_then(|name| name.parse().ok());
    let off = off.filter(|section| !site.account.has_section(*section));
    let notice = off.map(|section| switched_off_text(site.locale, section, &site.account.name));
    let others = page
        .shell
        .sections
        .iter()
        .filter(|section| **section != PortalSection::Home);
    let empty = others.count() == 0 && page.shell.items.is_empty();
    let view = HomeView {
        layout,
        shell: &page.shell,
        greeted: page.first_name.as_deref().unwrap_or(&page.shell.contact_name),
        notice: notice.as_deref(),
        offer_password: may_set_password(visit, &reader).await?,
        next: next.as_ref(),
        news: &found.news(&page),
        empty,
    };
    let sources = Sources::of_pictures(next.as_ref().and_then(|next| next.cover.origin()));
    Ok(Reply::view_with(200, &view, &layout, &sources)?)
}

/// Whether to offer a password: the contact has none, the account allows them, and the session may set one now.
async fn may_set_password(visit: Visit<'_>, reader: &PortalReader) -> Result<bool> {
    let ReadBy::Contact { session, .. } = &reader.by else {
        return Ok(false);
    };
    let person = Person::Contact(reader.contact.clone());
    let has_proof = session.has_fresh_proof(&person, visit.now());
    if !reader.site.account.password_allowed || !has_proof {
        return Ok(false);
    }
    let mut conn = visit.conn().await?;
    Ok(Password::of(&mut conn, &person).await?.is_none())
}

/// What the page is made of. A section that is switched off is left out.
#[derive(Default)]
struct Found {
    next: Option<Lesson>,
    progress: Option<CourseProgress>,
    total: i64,
    courses: HashMap<CourseId, Course>,
    communities: HashMap<CommunityId, Community>,
    announcements: Vec<Announcement>,
    new_courses: Vec<(CourseId, DateTime<Utc>)>,
    new_communities: Vec<(CommunityId, DateTime<Utc>)>,
}

impl Found {
    async fn read(
        conn: &mut Conn,
        page: &PortalPage,
        sections: &[PortalSection],
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let mut found = Self::default();
        let since = now - TimeDelta::days(NEW_DAYS);
        if sections.contains(&PortalSection::Courses) {
            found.read_courses(conn, page, since).await?;
        }
        if sections.contains(&PortalSection::Communities) {
            found.read_communities(conn, page, since).await?;
        }
        Ok(found)
    }

    async fn read_courses(&mut self, conn: &mut Conn, page: &PortalPage, since: DateTime<Utc>) -> Result<()> {
        let (account, contact) = (page.account, page.contact);
        let open = page.contents.open_courses();
        if open.is_empty() {
            return Ok(());
        }
        self.next = next_lesson(conn, account, contact, &open).await?;
        let opened = page.contents.courses().filter(|(_, access)| access.is_open);
        self.new_courses = newest(opened.map(|(id, access)| (id, access.opens_at)), since);
        let mut ids: Vec<CourseId> = self.new_courses.iter().map(|(id, _)| *id).collect();
        if let Some(next) = &self.next {
            ids.push(next.course_id);
            let progress = CourseProgress::of_contacts(conn, account, &[contact]).await?;
            self.progress = progress.into_iter().find(|one| one.course_id == next.course_id);
            let counts = Lesson::counts(conn, account, &[next.course_id]).await?;
            self.total = counts.get(&next.course_id).copied().unwrap_or_default();
        }
        if !ids.is_empty() {
            let rows = Course::find_many(conn, account, &ids).await?;
            self.courses = rows.into_iter().map(|row| (row.id, row)).collect();
        }
        Ok(())
    }

    async fn read_communities(
        &mut self,
        conn: &mut Conn,
        page: &PortalPage,
        since: DateTime<Utc>,
    ) -> Result<()> {
        let open = page.contents.open_communities();
        if open.is_empty() {
            return Ok(());
        }
        let limit = i64::try_from(MAX_NEWS).unwrap_or(i64::MAX);
        self.announcements = Announcement::since(conn, page.account, &open, since, limit).await?;
        let opened = page.contents.communities().filter(|(_, access)| access.is_open);
        self.new_communities = newest(opened.map(|(id, access)| (id, access.opens_at)), since);
        let mut ids: Vec<CommunityId> = self.new_communities.iter().map(|(id, _)| *id).collect();
        ids.extend(self.announcements.iter().map(|row| row.community_id));
        if !ids.is_empty() {
            let rows = Community::find_many(conn, page.account, &ids).await?;
            self.communities = rows.into_iter().map(|row| (row.id, row)).collect();
        }
        Ok(())
    }

    fn next_card(&self, base: &str) -> Option<NextCard> {
        let next = self.next.as_ref()?;
        let course = &self.courses.get(&next.course_id)?.details;
        Some(NextCard {
            course: course.title.clone(),
            lesson: next.details.title.clone(),
            href: format!("{base}/courses/{}/lessons/{}", next.course_id, next.id),
            cover: Cover::new(course.cover_url.as_deref(), &course.title),
            done: self.progress.map_or(0, |progress| progress.completed_lessons),
            total: self.total,
        })
    }

    fn news(&self, page: &PortalPage) -> Vec<NewsRow> {
        let base = &page.shell.base;
        let courses = self.new_courses.iter().filter_map(|(id, at)| {
            Some(NewsRow {
                title: self.courses.get(id)?.details.title.clone(),
                href: format!("{base}/courses/{id}"),
                at: *at,
                what: News::CourseOpened,
            })
        });
        let communities = self.new_communities.iter().filter_map(|(id, at)| {
            Some(NewsRow {
                title: self.communities.get(id)?.details.name.clone(),
                href: format!("{base}/communities/{id}"),
                at: *at,
                what: News::CommunityOpened,
            })
        });
        let announcements = self.announcements.iter().filter_map(|row| {
            let community = &self.communities.get(&row.community_id)?.details.name;
            Some(NewsRow {
                title: row.text.title.clone(),
                href: format!("{base}/communities/{}#{}", row.community_id, row.id),
                at: row.published_at,
                what: News::Announcement(community.clone()),
            })
        });
        let mut news: Vec<NewsRow> = courses.chain(communities).chain(announcements).collect();
        news.sort_by_key(|row| std::cmp::Reverse(row.at));
        news.truncate(MAX_NEWS);
        news
    }
}

/// The newest of what opened since a time.
fn newest<I>(
    opened: impl Iterator<Item = (I, DateTime<Utc>)>,
    since: DateTime<Utc>,
) -> Vec<(I, DateTime<Utc>)> {
    let mut new: Vec<_> = opened.filter(|(_, at)| *at >= since).collect();
    new.sort_by_key(|(_, at)| std::cmp::Reverse(*at));
    new.truncate(MAX_NEWS);
    new
}
