//! Courses as staff see them, and as contacts do who may open them.

pub(crate) mod lesson_mutations;
pub(crate) mod module_mutations;
pub(crate) mod mutations;
pub(crate) mod order_mutations;
pub(crate) mod outline;
mod outline_changes;
pub(crate) mod progress;

use async_graphql::{Context, ID, Object, Result as GraphqlResult};

use crate::access::graphql as access;
use crate::access::graphql::Reader;
use crate::access::model::content::ContentFilter;
use crate::access::model::{ContentStatus, Target};
use crate::accounts::model::section::PortalSection;
use crate::api::connection::{Connection, Counted, Listed, by_id, nullable};
use crate::api::context::ContextExt;
use crate::api::scalars::{DateTime, Url};
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::base::ids::{AccountId, CourseId};
use crate::base::page::{PageArgs, PageRequest};
use crate::contacts::graphql::Contact;
use crate::contacts::graphql::input::parse_search;
use crate::courses::graphql::outline::CourseModule;
use crate::courses::model as course;

#[derive(Clone)]
pub(crate) struct Course(course::Course);

impl From<course::Course> for Course {
    fn from(course: course::Course) -> Self {
        Self(course)
    }
}

/// A course: modules with lessons, or a link to where the course is.
#[Object]
impl Course {
    /// The id: `course_…`. Opaque.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The title.
    async fn title(&self) -> &str {
        &self.0.details.title
    }

    /// What it is about, in Markdown.
    async fn description(&self) -> Option<&str> {
        self.0.details.description.as_deref()
    }

    /// A picture.
    async fn cover_url(&self) -> Option<Url> {
        self.0.details.cover_url.clone().map(Url)
    }

    /// Where the course is, if not in the portal. Such a course has no modules. For a contact null until the course is open.
    async fn external_url(&self, ctx: &Context<'_>) -> Option<GraphqlResult<Url>> {
        nullable(async {
            let is_open = self.is_open(ctx).await?;
            Ok(self.0.details.external_url.clone().filter(|_| is_open).map(Url))
        })
        .await
    }

    /// Whether contacts can use it.
    async fn status(&self) -> ContentStatus {
        self.0.details.status
    }

    /// The modules, in order. For a contact none until the course is open.
    async fn modules(&self, ctx: &Context<'_>) -> Result<Vec<CourseModule>> {
        if !self.is_open(ctx).await? {
            return Ok(Vec::new());
        }
        let outline = ctx.loaders().outlines.get(self.0.id).await?;
        Ok(outline.unwrap_or_default().into_iter().map(Into::into).collect())
    }

    /// The number of lessons in all modules.
    async fn lesson_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let count = ctx.loaders().lesson_counts.get(self.0.id).await?;
        Ok(i32::try_from(count.unwrap_or_default()).unwrap_or(i32::MAX))
    }

    /// The number of contacts with an active grant of it, its own or of an offer. For its members and for staff with the scope
    /// `READ`.
    async fn member_count(&self, ctx: &Context<'_>) -> Option<GraphqlResult<i32>> {
        nullable(access::member_count(ctx, self.0.id.0)).await
    }

    /// The contacts whose grants of it, or of an offer that holds it, have not ended. Needs the scope `READ`.
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Option<GraphqlResult<Connection<Contact>>> {
        let args = PageArgs::new(first, after, last, before);
        nullable(Contact::members(ctx, args, Target::Course(self.0.id))).await
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it or its outline was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}

impl Course {
    /// A course that staff may read, or that the signed-in contact may open now.
    async fn find(ctx: &Context<'_>, id: &ID) -> Result<Option<Self>> {
        let reader = Reader::of(ctx, PortalSection::Courses)?;
        let Ok(id) = id.parse::<CourseId>() else {
            return Ok(None);
        };
        let Some(course) = ctx.loaders().courses.get(id).await? else {
            return Ok(None);
        };
        let may_open = reader.may_open(ctx, id.0, course.details.status).await?;
        Ok(may_open.then_some(Self(course)))
    }

    /// Whether its contents are open to the caller.
    async fn is_open(&self, ctx: &Context<'_>) -> Result<bool> {
        let reader = Reader::of(ctx, PortalSection::Courses)?;
        reader.may_open(ctx, self.0.id.0, self.0.details.status).await
    }
}

impl Listed for Course {
    type Of = Filtered;
}

/// Those courses that a filter lists.
pub(crate) struct Filtered(ContentFilter);

impl Counted for Filtered {
    async fn count(&self, ctx: &Context<'_>, account: AccountId) -> Result<i64> {
        let mut conn = ctx.services().db.conn().await?;
        course::Course::count(&mut conn, account, &self.0).await
    }
}

#[derive(Default)]
pub(crate) struct CourseQueries;

#[Object]
impl CourseQueries {
    /// The course with this id; null if there is none that the caller may see. Needs the scope `READ` or `CONTENT`; a contact finds the
    /// courses that they may open now.
    async fn course(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id.")] id: ID,
    ) -> Option<GraphqlResult<Course>> {
        nullable(Course::find(ctx, &id)).await
    }

    /// The account's courses, newest first. Needs the scope `READ`.
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn courses(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those with one of these statuses; drafts and published ones by default.")]
        statuses: Option<Vec<ContentStatus>>,
        #[graphql(
            desc = "Only those whose title contains this text, in any letter case. At most 200 characters; empty: all."
        )]
        search: Option<String>,
    ) -> Result<Connection<Course>> {
        let staff = ctx.staff(Scope::Read)?;
        let args = PageArgs::new(first, after, last, before);
        let page = PageRequest::parse("courses", &args)?;
        let filter = ContentFilter {
            statuses: ContentStatus::selected(statuses),
            search: parse_search("search", search)?,
        };
        let mut conn = ctx.services().db.conn().await?;
        let rows = course::Course::list(&mut conn, staff.account, &filter, &page).await?;
        let position = |row: &course::Course| by_id(row.id.0);
        Ok(Connection::new(
            "courses",
            rows,
            position,
            staff.account,
            Filtered(filter),
        ))
    }
}
