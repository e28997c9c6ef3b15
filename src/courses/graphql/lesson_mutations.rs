//! Writing the lessons of a course.

use async_graphql::{
    Context, ID, InputObject, MaybeUndefined, Object, Result as GraphqlResult, SimpleObject,
};
use diesel_async::AsyncConnection;

use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::input::{change, https, optional, title};
use crate::api::mutation::mutate;
use crate::api::scalars::Url;
use crate::base::actor::{Scope, Staff};
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::LessonId;
use crate::base::markdown::{self, MAX_BODY_CHARS};
use crate::courses::graphql::outline::Lesson;
use crate::courses::graphql::outline_changes::{Action, lock_module, position_behind, record_change};
use crate::courses::model as course;
use crate::courses::model::lesson as row;
use crate::courses::model::lesson::{LessonDetails, LessonKind, MAX_LESSONS};

#[derive(Default)]
pub(crate) struct LessonMutations;

/// A new lesson.
#[derive(InputObject)]
pub(crate) struct CreateLessonInput {
    /// The module.
    module_id: ID,
    /// The title: one line of 1 to 200 characters.
    title: String,
    /// What it is.
    kind: LessonKind,
    /// The text, in Markdown: at most 100,000 characters.
    body: Option<String>,
    /// The video or the link: an https URL. Not for a text.
    url: Option<Url>,
    /// How long it takes: 1 to 6,000.
    duration_minutes: Option<i32>,
}

/// The created lesson.
#[derive(SimpleObject)]
pub(crate) struct CreateLessonPayload {
    /// The lesson.
    lesson: Lesson,
}

/// The changes. An omitted field stays as it is.
#[derive(InputObject)]
pub(crate) struct UpdateLessonInput {
    /// The lesson.
    lesson_id: ID,
    /// The title: one line of 1 to 200 characters.
    title: Option<String>,
    /// What it is.
    kind: Option<LessonKind>,
    /// The text, in Markdown: at most 100,000 characters; `null` for none.
    body: MaybeUndefined<String>,
    /// The video or the link: an https URL; `null` for none.
    url: MaybeUndefined<Url>,
    /// How long it takes: 1 to 6,000; `null` if unknown.
    duration_minutes: MaybeUndefined<i32>,
}

/// The changed lesson.
#[derive(SimpleObject)]
pub(crate) struct UpdateLessonPayload {
    /// The lesson as it is now.
    lesson: Lesson,
}

/// The lesson to delete.
#[derive(InputObject)]
pub(crate) struct DeleteLessonInput {
    /// The lesson.
    lesson_id: ID,
}

/// What was deleted.
#[derive(SimpleObject)]
pub(crate) struct DeleteLessonPayload {
    /// The id that the lesson had.
    deleted_lesson_id: ID,
}

#[Object]
impl LessonMutations {
    /// Adds a lesson behind the others of its module: at most 1,000 in a course. Needs the scope `CONTENT`.
    async fn create_lesson(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The lesson.")] input: CreateLessonInput,
    ) -> Option<GraphqlResult<CreateLessonPayload>> {
        mutate(create_lesson(ctx, input)).await
    }

    /// Changes a lesson. Needs the scope `CONTENT`.
    async fn update_lesson(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateLessonInput,
    ) -> Option<GraphqlResult<UpdateLessonPayload>> {
        mutate(update_lesson(ctx, input)).await
    }

    /// Deletes a lesson and what contacts did in it; it can't be undone. Needs the scope `CONTENT`.
    async fn delete_lesson(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The lesson.")] input: DeleteLessonInput,
    ) -> Option<GraphqlResult<DeleteLessonPayload>> {
        mutate(delete_lesson(ctx, input)).await
    }
}

/// Locks the course of a lesson that `input.lessonId` names, and reads the lesson.
async fn lock_lesson(conn: &mut Conn, staff: &Staff, id: &ID) -> Result<(course::Course, row::Lesson)> {
    let missing = || Error::not_found("input.lessonId", "lesson");
    let id: LessonId = id.parse().map_err(|_| missing())?;
    let unlocked = row::Lesson::find_many(conn, staff.account, &[id]).await?.pop();
    let course = unlocked.ok_or_else(missing)?.course_id;
    let course = course::Course::lock(conn, staff.account, course).await?;
    let lesson = row::Lesson::find_many(conn, staff.account, &[id]).await?.pop();
    course.zip(lesson).ok_or_else(missing)
}

/// A video and a link need a URL; a text has none.
fn check(details: &LessonDetails) -> Result<()> {
    let problem = match details.kind {
        LessonKind::Text if details.url.is_some() => {
            ("input.url", "A text has no URL: choose VIDEO or LINK.")
        }
        LessonKind::Video | LessonKind::Link if details.url.is_none() => {
            ("input.url", "Write the URL of the video or the link.")
        }
        LessonKind::Text | LessonKind::Video | LessonKind::Link => return Ok(()),
    };
    Err(Error::bad_input(problem.0, problem.1))
}

fn parse_body(text: &str) -> Result<Option<String>> {
    markdown::parse("input.body", text, MAX_BODY_CHARS)
}

fn parse_minutes(minutes: &i32) -> Result<Option<i32>> {
    if (1..=6_000).contains(minutes) {
        return Ok(Some(*minutes));
    }
    Err(Error::bad_input(
        "input.durationMinutes",
        "It must be between 1 and 6,000.",
    ))
}

async fn create_lesson(ctx: &Context<'_>, input: CreateLessonInput) -> Result<CreateLessonPayload> {
    let staff = ctx.staff(Scope::Content)?;
    let details = LessonDetails {
        title: title("input.title", &input.title)?,
        kind: input.kind,
        url: optional(input.url.as_ref(), https("input.url"))?,
        duration_minutes: optional(input.duration_minutes.as_ref(), parse_minutes)?,
    };
    check(&details)?;
    let body = optional(input.body.as_deref(), parse_body)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let lesson = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let (course, module) = lock_module(conn, &staff, &input.module_id).await?;
            let ids = row::Lesson::ids(conn, &course).await?;
            position_behind(&ids, MAX_LESSONS, "lessons", "input.moduleId")?;
            let siblings: Vec<_> = ids.iter().filter(|(of, _)| *of == module.id).collect();
            let position = position_behind(&siblings, MAX_LESSONS, "lessons", "input.moduleId")?;
            let lesson =
                row::Lesson::create(conn, &module, &details, body.as_deref(), position, &moment).await?;
            record_change(conn, &course, Action::Created, lesson.id, &requester, &moment).await?;
            Ok(lesson)
        })
        .await?;
    Ok(CreateLessonPayload {
        lesson: lesson.into(),
    })
}

async fn update_lesson(ctx: &Context<'_>, input: UpdateLessonInput) -> Result<UpdateLessonPayload> {
    let staff = ctx.staff(Scope::Content)?;
    let title = input
        .title
        .as_deref()
        .map(|text| title("input.title", text))
        .transpose()?;
    let body = change(&input.body, |text| parse_body(text))?;
    let url = change(&input.url, https("input.url"))?;
    let minutes = change(&input.duration_minutes, parse_minutes)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let lesson = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let (course, lesson) = lock_lesson(conn, &staff, &input.lesson_id).await?;
            let before = lesson.details.clone();
            let details = LessonDetails {
                title: title.unwrap_or(before.title),
                kind: input.kind.unwrap_or(before.kind),
                url: url.unwrap_or(before.url),
                duration_minutes: minutes.unwrap_or(before.duration_minutes),
            };
            check(&details)?;
            let mut bodies = row::Lesson::bodies(conn, staff.account, &[lesson.id]).await?;
            let old_body = bodies.remove(&lesson.id);
            let new_body = match &body {
                Some(body) => body.as_deref(),
                None => old_body.as_deref(),
            };
            if details == lesson.details && new_body == old_body.as_deref() {
                return Ok(lesson);
            }
            let changed = lesson.update(conn, &details, new_body).await?;
            record_change(conn, &course, Action::Changed, lesson.id, &requester, &moment).await?;
            Ok(changed)
        })
        .await?;
    Ok(UpdateLessonPayload {
        lesson: lesson.into(),
    })
}

async fn delete_lesson(ctx: &Context<'_>, input: DeleteLessonInput) -> Result<DeleteLessonPayload> {
    let staff = ctx.staff(Scope::Content)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let lesson = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let (course, lesson) = lock_lesson(conn, &staff, &input.lesson_id).await?;
            lesson.delete(conn).await?;
            course.close_gaps(conn).await?;
            record_change(conn, &course, Action::Deleted, lesson.id, &requester, &moment).await?;
            Ok(lesson)
        })
        .await?;
    Ok(DeleteLessonPayload {
        deleted_lesson_id: ID(lesson.id.to_string()),
    })
}
