//! What the portal shows to a contact: the published courses and communities that are open to them or listed, themselves as an
//! affiliate, and the sections that follow from these.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::path::{ItemAccess, Path};
use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, CommunityId, ContactId, CourseId};

/// A contact's access to the courses and communities that the portal shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct PortalContents {
    courses: HashMap<CourseId, ItemAccess>,
    communities: HashMap<CommunityId, ItemAccess>,
    is_affiliate: bool,
}

/// Why the portal doesn't show a section.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SectionHiddenReason {
    /// The account has switched it off.
    SwitchedOff,
    /// The session opens another section only: `stepUp` opens the rest.
    SessionLimited,
    /// The contact has nothing in it, and the account doesn't show empty sections.
    Empty,
}

/// A path with the kind of what it leads to; `AFFILIATE` stands for the contact's place among the affiliates.
#[derive(QueryableByName)]
struct PathToItem {
    #[diesel(embed)]
    path: Path,
    #[diesel(sql_type = Text)]
    kind: String,
}

const COURSE: &str = "COURSE";
const COMMUNITY: &str = "COMMUNITY";
const AFFILIATE: &str = "AFFILIATE";

impl PathToItem {
    /// The paths of a contact to published courses and communities, and whether they are an affiliate: one statement.
    async fn all(conn: &mut Conn, account: AccountId, contact: ContactId) -> Result<Vec<Self>> {
        Ok(sql::statement(
            "select p.contact_id, p.grant_id, p.item_id, p.starts_at, p.ends_at, p.lists_before_start, \
                case when c.id is not null then 'COURSE' else 'COMMUNITY' end as kind \
             from access_paths p \
             left join courses c on c.account_id = p.account_id and c.id = p.item_id and c.status = 'PUBLISHED' \
             left join communities m on m.account_id = p.account_id and m.id = p.item_id and m.status = 'PUBLISHED' \
             where p.account_id = ? and p.contact_id = ? and (c.id is not null or m.id is not null) \
             union all \
             select contact_id, id, id, created_at, null, false, 'AFFILIATE' from affiliates \
             where account_id = ? and contact_id = ?",
        )
        .bind::<SqlUuid, _>(account)
        .bind::<SqlUuid, _>(contact)
        .bind::<SqlUuid, _>(account)
        .bind::<SqlUuid, _>(contact)
        .load(conn)
        .await?)
    }
}

/// The published courses that are open to a contact.
pub(crate) async fn open_courses(
    conn: &mut Conn,
    account: AccountId,
    contact: ContactId,
    now: DateTime<Utc>,
) -> Result<Vec<CourseId>> {
    let rows = PathToItem::all(conn, account, contact).await?;
    let open = listed(&rows, COURSE, CourseId, now).into_iter();
    let open = open.filter(|(_, access)| access.is_open);
    Ok(open.map(|(id, _)| id).collect())
}

impl PortalContents {
    pub(crate) async fn load(
        conn: &mut Conn,
        account: AccountId,
        contact: ContactId,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let rows = PathToItem::all(conn, account, contact).await?;
        Ok(Self {
            courses: listed(&rows, COURSE, CourseId, now),
            communities: listed(&rows, COMMUNITY, CommunityId, now),
            is_affiliate: rows.iter().any(|row| row.kind == AFFILIATE),
        })
    }

    /// The access to a course that is open or listed.
    pub(crate) fn course(&self, id: CourseId) -> Option<&ItemAccess> {
        self.courses.get(&id)
    }

    /// The access to a community that is open or listed.
    pub(crate) fn community(&self, id: CommunityId) -> Option<&ItemAccess> {
        self.communities.get(&id)
    }

    pub(crate) fn courses(&self) -> impl Iterator<Item = (CourseId, &ItemAccess)> {
        self.courses.iter().map(|(id, access)| (*id, access))
    }

    pub(crate) fn communities(&self) -> impl Iterator<Item = (CommunityId, &ItemAccess)> {
        self.communities.iter().map(|(id, access)| (*id, access))
    }

    pub(crate) fn open_courses(&self) -> Vec<CourseId> {
        let open = self.courses().filter(|(_, access)| access.is_open);
        open.map(|(id, _)| id).collect()
    }

    pub(crate) fn open_communities(&self) -> Vec<CommunityId> {
        let open = self.communities().filter(|(_, access)| access.is_open);
        open.map(|(id, _)| id).collect()
    }

    /// Whether the contact has anything in the section.
    fn has(&self, section: PortalSection) -> bool {
        match section {
            PortalSection::Home => true,
            PortalSection::Courses => !self.courses.is_empty(),
            PortalSection::Communities => !self.communities.is_empty(),
            PortalSection::Affiliates => self.is_affiliate,
        }
    }

    /// Why the portal doesn't show this section to the contact; `limited_to` is the only section that the session opens.
    pub(crate) fn hidden(
        &self,
        section: PortalSection,
        account: &Account,
        limited_to: Option<PortalSection>,
    ) -> Option<SectionHiddenReason> {
        if !account.has_section(section) {
            Some(SectionHiddenReason::SwitchedOff)
        } else if limited_to.is_some_and(|only| only != section) {
            Some(SectionHiddenReason::SessionLimited)
        } else if !self.has(section) && !account.show_empty_sections {
            Some(SectionHiddenReason::Empty)
        } else {
            None
        }
    }
}

fn listed<I: std::hash::Hash + Eq>(
    rows: &[PathToItem],
    kind: &str,
    id: fn(Uuid) -> I,
    now: DateTime<Utc>,
) -> HashMap<I, ItemAccess> {
    let of_kind = rows.iter().filter(|row| row.kind == kind);
    let paths: Vec<Path> = of_kind.map(|row| row.path.clone()).collect();
    let access = ItemAccess::of_paths(&paths, now).into_iter();
    access
        .filter(|(_, access)| access.is_listed)
        .map(|(item, access)| (id(item), access))
        .collect()
}
