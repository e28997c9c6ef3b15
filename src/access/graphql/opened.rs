//! The courses, communities and offers of one contact. An edge says whether it is open, since when and until when, and by which grants.

use async_graphql::Context;
use async_graphql::{ID, Object, SimpleObject};
use futures_util::future::try_join_all;
use uuid::Uuid;

use crate::access::graphql::grant::AccessGrant;
use crate::access::graphql::{item_access, offer_access};
use crate::access::model::path::ItemAccess;
use crate::api::connection::{PageInfo, nullable};
use crate::api::context::ContextExt;
use crate::api::scalars::DateTime;
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::base::ids::{CommunityId, ContactId, CourseId, OfferId};
use crate::base::page::{Page, PageArgs, PageRequest, Position};
use crate::communities::graphql::Community;
use crate::communities::model as community;
use crate::courses::graphql::Course;
use crate::courses::model as course;
use crate::courses::model::progress;
use crate::offers::graphql::Offer;
use crate::offers::model as offer;

/// A page of what a contact may open, newest first, and the number of all.
struct Opened<T> {
    page: Page<(T, ItemAccess)>,
    total: usize,
}

/// Cuts a list in memory: a contact has few courses.
fn cut<T>(mut all: Vec<(Uuid, T, ItemAccess)>, page: &PageRequest) -> Opened<T> {
    let total = all.len();
    all.sort_unstable_by_key(|(id, ..)| std::cmp::Reverse(*id));
    if let Some(after) = &page.after {
        all.retain(|(id, ..)| *id < after.id);
    }
    if let Some(before) = &page.before {
        all.retain(|(id, ..)| *id > before.id);
    }
    if page.backward {
        all.reverse();
    }
    all.truncate(page.size + 1);
    let rows = all.into_iter().map(|(_, row, access)| (row, access)).collect();
    Opened {
        page: Page::cut(rows, page),
        total,
    }
}

fn cursor(list: &str, id: Uuid) -> String {
    let position = Position {
        key: String::new(),
        id,
    };
    position.cursor(list)
}

fn page_info(list: &str, ids: &[Uuid], page: &Page<impl Sized>) -> PageInfo {
    PageInfo {
        has_previous_page: page.has_previous,
        has_next_page: page.has_next,
        start_cursor: ids.first().map(|id| cursor(list, *id)),
        end_cursor: ids.last().map(|id| cursor(list, *id)),
    }
}

async fn grants_of(ctx: &Context<'_>, access: &ItemAccess) -> Result<Vec<AccessGrant>> {
    ctx.staff(Scope::Read)?;
    let found = try_join_all(
        access
            .grants
            .iter()
            .map(|id| ctx.loaders().access_grants.get(*id)),
    )
    .await?;
    Ok(found.into_iter().flatten().map(AccessGrant::from).collect())
}

macro_rules! opened {
    (
        $connection:ident, $edge:ident, $node:ident, $row:path, $id:ident, $loader:ident, $access:ident,
        $usable:expr, $list:literal, $plural:literal, $singular:literal, { $($extra:tt)* }
    ) => {
        #[doc = concat!("The ", $plural, " of a contact whose access has not ended.")]
        pub(crate) struct $connection {
            opened: Opened<$row>,
        }

        pub(crate) struct $edge {
            row: $row,
            access: ItemAccess,
        }

        impl $connection {
            /// `visible_only`: what the portal shows.
            pub(crate) async fn load(
                ctx: &Context<'_>,
                args: PageArgs,
                contact: ContactId,
                visible_only: bool,
            ) -> Result<Self> {
                let page = PageRequest::parse($list, &args)?;
                let access = $access(ctx, contact).await?;
                let found = access.into_iter().map(|(id, access)| async move {
                    let row = ctx.loaders().$loader.get($id(id)).await?;
                    Ok::<_, crate::base::error::Error>(row.map(|row| (id, row, access)))
                });
                let mut all: Vec<_> = try_join_all(found).await?.into_iter().flatten().collect();
                if visible_only {
                    all.retain(|(_, row, access)| ($usable)(row) && access.is_listed);
                }
                Ok(Self {
                    opened: cut(all, &page),
                })
            }

            fn ids(&self) -> Vec<Uuid> {
                self.opened.page.rows.iter().map(|(row, _)| row.id.0).collect()
            }
        }

        #[doc = concat!("One page of the ", $plural, " of a contact: those that are open, or will be.")]
        #[Object]
        impl $connection {
            /// The items, with the contact's access to each.
            async fn edges(&self) -> Vec<$edge> {
                let edge = |(row, access): &($row, ItemAccess)| $edge {
                    row: row.clone(),
                    access: access.clone(),
                };
                self.opened.page.rows.iter().map(edge).collect()
            }

            /// The items alone.
            async fn nodes(&self) -> Vec<$node> {
                self.opened.page.rows.iter().map(|(row, _)| row.clone().into()).collect()
            }

            /// The position of this page, with the cursors for the next ones.
            async fn page_info(&self) -> PageInfo {
                page_info($list, &self.ids(), &self.opened.page)
            }

            /// The number of items in the whole list.
            async fn total_count(&self) -> i32 {
                i32::try_from(self.opened.total).unwrap_or(i32::MAX)
            }
        }

        #[doc = concat!("A contact's access to a ", $singular, ", by all grants that have not ended.")]
        #[Object]
        impl $edge {
            #[doc = concat!("The ", $singular, ".")]
            async fn node(&self) -> $node {
                self.row.clone().into()
            }

            /// The position in the list: pass it as `after` or `before`. Opaque.
            async fn cursor(&self) -> String {
                cursor($list, self.row.id.0)
            }

            /// Whether the contact may open it now.
            async fn open(&self) -> bool {
                self.access.is_open && ($usable)(&self.row)
            }

            /// When it opened, or will open.
            async fn opens_at(&self) -> DateTime {
                DateTime(self.access.opens_at)
            }

            /// When the last of the grants ends; null: never.
            async fn ends_at(&self) -> Option<DateTime> {
                self.access.ends_at.map(DateTime)
            }

            /// The grants that give it: its own, and those of offers that hold it. For staff with the scope `READ`.
            async fn grants(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<AccessGrant>>> {
                nullable(async { grants_of(ctx, &self.access).await.map(Some) }).await
            }

            $($extra)*
        }
    };
}

opened! {
    ContactCourseConnection, ContactCourseEdge, Course, course::Course, CourseId, courses, item_access,
    course::Course::is_published, "contactCourses", "courses", "course", {
        /// How far the contact has come; null if they have not started.
        async fn progress(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<CourseProgress>> {
            nullable(async {
                let found = ctx.loaders().course_progress.get(self.access.contact).await?;
                let mut all = found.unwrap_or_default().into_iter();
                Ok(all.find(|one| one.course_id == self.row.id).map(CourseProgress::from)) as Result<_>
            })
            .await
        }
    }
}

impl ContactCourseEdge {
    pub(crate) async fn find(ctx: &Context<'_>, contact: ContactId, id: &ID) -> Result<Option<Self>> {
        let Ok(id) = id.parse::<CourseId>() else {
            return Ok(None);
        };
        let mut access = item_access(ctx, contact).await?;
        let (Some(access), Some(row)) = (access.remove(&id.0), ctx.loaders().courses.get(id).await?) else {
            return Ok(None);
        };
        Ok(Some(Self { row, access }))
    }
}

opened! {
    ContactCommunityConnection, ContactCommunityEdge, Community, community::Community, CommunityId, communities, item_access,
    community::Community::is_published, "contactCommunities", "communities", "community", {}
}

opened! {
    ContactOfferConnection, ContactOfferEdge, Offer, offer::Offer, OfferId, offers, offer_access,
    // Those who have an offer keep it when it is archived.
    |_: &offer::Offer| true, "contactOffers", "offers", "offer", {}
}

/// How far a contact has come in a course. It is kept when their access ends.
#[derive(SimpleObject)]
pub(crate) struct CourseProgress {
    /// How many lessons they have completed.
    completed_lesson_count: i32,
    /// When they opened their first lesson.
    started_at: DateTime,
    /// When they completed the last one, if all are completed.
    completed_at: Option<DateTime>,
}

impl From<progress::CourseProgress> for CourseProgress {
    fn from(progress: progress::CourseProgress) -> Self {
        Self {
            completed_lesson_count: i32::try_from(progress.completed_lessons).unwrap_or(i32::MAX),
            started_at: DateTime(progress.started_at),
            completed_at: progress.completed_at.map(DateTime),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(page: &PageRequest) -> (Vec<u128>, bool, bool) {
        let access = ItemAccess {
            contact: ContactId(Uuid::nil()),
            is_open: true,
            opens_at: chrono::DateTime::UNIX_EPOCH,
            ends_at: None,
            is_listed: true,
            grants: Vec::new(),
        };
        let all = [2, 5, 1, 4, 3].map(|id: u128| (Uuid::from_u128(id), id, access.clone()));
        let opened = cut(all.to_vec(), page);
        assert_eq!(opened.total, 5);
        let ids = opened.page.rows.into_iter().map(|(id, _)| id).collect();
        (ids, opened.page.has_previous, opened.page.has_next)
    }

    #[test]
    fn pages_run_from_the_newest_to_the_oldest_and_back() {
        let position = |id| {
            Some(Position {
                key: String::new(),
                id: Uuid::from_u128(id),
            })
        };
        let mut page = PageRequest {
            size: 2,
            backward: false,
            after: None,
            before: None,
        };
        assert_eq!(listed(&page), (vec![5, 4], false, true));
        page.after = position(4);
        assert_eq!(listed(&page), (vec![3, 2], true, true));
        page.after = position(2);
        assert_eq!(listed(&page), (vec![1], true, false));
        let page = PageRequest {
            size: 2,
            backward: true,
            after: None,
            before: position(2),
        };
        assert_eq!(listed(&page), (vec![4, 3], true, true));
    }
}
