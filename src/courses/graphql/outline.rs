//! Modules and lessons in the API.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use crate::access::graphql::Reader;
use crate::access::model::portal::open_courses;
use crate::accounts::model::section::PortalSection;
use crate::api::connection::nullable;
use crate::api::context::ContextExt;
use crate::api::scalars::{DateTime, Url};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId};
use crate::base::markdown;
use crate::courses::model::lesson;
use crate::courses::model::lesson::LessonKind;
use crate::courses::model::outline as row;
use crate::courses::model::progress;

#[derive(Clone)]
pub(crate) struct CourseModule {
    row: row::CourseModule,
    lessons: Vec<lesson::Lesson>,
}

impl From<(row::CourseModule, Vec<lesson::Lesson>)> for CourseModule {
    fn from((row, lessons): (row::CourseModule, Vec<lesson::Lesson>)) -> Self {
        Self { row, lessons }
    }
}

/// A part of a course.
#[Object]
impl CourseModule {
    /// The id: `module_…`. Opaque.
    pub(crate) async fn id(&self) -> ID {
        ID(self.row.id.to_string())
    }

    /// The title.
    async fn title(&self) -> &str {
        &self.row.title
    }

    /// Its place in the course, from 0.
    async fn position(&self) -> i32 {
        self.row.position
    }

    /// The lessons, in order.
    async fn lessons(&self) -> Vec<Lesson> {
        self.lessons.iter().cloned().map(Into::into).collect()
    }
}

#[derive(Clone)]
pub(crate) struct Lesson(lesson::Lesson);

impl From<lesson::Lesson> for Lesson {
    fn from(lesson: lesson::Lesson) -> Self {
        Self(lesson)
    }
}

/// A lesson: a text, a video or a link.
#[Object]
impl Lesson {
    /// The id: `lesson_…`. Opaque.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The title.
    async fn title(&self) -> &str {
        &self.0.details.title
    }

    /// What it is.
    async fn kind(&self) -> LessonKind {
        self.0.details.kind
    }

    /// The text, in Markdown.
    async fn body(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<String>> {
        nullable(async { Ok(self.text(ctx).await?.map(|text| text.to_string())) }).await
    }

    /// The text as HTML without anything that runs or loads: it can be put into a page.
    async fn body_html(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<String>> {
        nullable(async { Ok(self.text(ctx).await?.map(|text| markdown::to_html(&text))) }).await
    }

    /// The video, or where the link leads.
    async fn url(&self) -> Option<Url> {
        self.0.details.url.clone().map(Url)
    }

    /// How long it takes.
    async fn duration_minutes(&self) -> Option<i32> {
        self.0.details.duration_minutes
    }

    /// Its place in the module, from 0.
    async fn position(&self) -> i32 {
        self.0.position
    }

    /// What the signed-in contact has done in it; null for staff, and before the contact opened it.
    async fn progress(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<LessonProgress>> {
        nullable(async {
            let Some(contact) = Reader::of(ctx, PortalSection::Courses)?.contact() else {
                return Ok(None);
            };
            let progress = ctx.loaders().lesson_progress.get((contact, self.0.id)).await?;
            Ok(progress.map(LessonProgress)) as Result<_>
        })
        .await
    }
}

impl Lesson {
    /// The lesson that the contact may continue with.
    pub(crate) async fn to_continue_with(
        ctx: &Context<'_>,
        account: AccountId,
        contact: ContactId,
    ) -> Result<Option<Self>> {
        let services = ctx.services();
        let mut conn = services.db.conn().await?;
        let open = open_courses(&mut conn, account, contact, services.clock.now()).await?;
        let next = lesson::next_lesson(&mut conn, account, contact, &open).await?;
        Ok(next.map(Self))
    }

    async fn text(&self, ctx: &Context<'_>) -> Result<Option<Arc<str>>> {
        ctx.loaders().lesson_bodies.get(self.0.id).await
    }
}

pub(crate) struct LessonProgress(progress::LessonProgress);

impl From<progress::LessonProgress> for LessonProgress {
    fn from(progress: progress::LessonProgress) -> Self {
        Self(progress)
    }
}

/// What a contact has done in a lesson. It is kept when their access ends.
#[Object]
impl LessonProgress {
    /// When they first opened it.
    async fn started_at(&self) -> DateTime {
        DateTime(self.0.started_at)
    }

    /// When they completed it; null if not yet.
    async fn completed_at(&self) -> Option<DateTime> {
        self.0.completed_at.map(DateTime)
    }
}
