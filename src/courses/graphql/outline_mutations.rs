//! Writing the modules and lessons of a course, and their order.

use std::collections::HashSet;

use async_graphql::{
    Context, ID, InputObject, MaybeUndefined, Object, Result as GraphqlResult, SimpleObject,
};
use diesel_async::AsyncConnection;

use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::input::{change, https, optional, title};
use crate::api::mutation::mutate;
use crate::api::scalars::Url;
use crate::base::actor::{Requester, Scope, Staff};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{LessonId, ModuleId};
use crate::base::markdown::{self, MAX_BODY_CHARS};
use crate::courses::graphql::Course;
use crate::courses::graphql::mutations::lock;
use crate::courses::graphql::outline::{CourseModule, Lesson};
use crate::courses::model as course;
use crate::courses::model::outline as row;
use crate::courses::model::outline::{LessonDetails, LessonKind, MAX_LESSONS, MAX_MODULES};

#[derive(Default)]
pub(crate) struct OutlineMutations;

/// A new module.
#[derive(InputObject)]
pub(crate) struct CreateCourseModuleInput {
    /// The course. It must not be one with an external URL.
    course_id: ID,
    /// The title: one line of 1 to 200 characters.
    title: String,
}

/// The created module.
#[derive(SimpleObject)]
pub(crate) struct CreateCourseModulePayload {
    /// The module.
    module: CourseModule,
}

/// A new title of a module.
#[derive(InputObject)]
pub(crate) struct UpdateCourseModuleInput {
    /// The module.
    module_id: ID,
    /// The title: one line of 1 to 200 characters.
    title: String,
}

/// The changed module.
#[derive(SimpleObject)]
pub(crate) struct UpdateCourseModulePayload {
    /// The module as it is now.
    module: CourseModule,
}

/// The module to delete.
#[derive(InputObject)]
pub(crate) struct DeleteCourseModuleInput {
    /// The module.
    module_id: ID,
}

/// What was deleted.
#[derive(SimpleObject)]
pub(crate) struct DeleteCourseModulePayload {
    /// The id that the module had.
    deleted_module_id: ID,
}

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

/// A module and its lessons, in their new order.
#[derive(InputObject)]
pub(crate) struct ModuleOrder {
    /// The module.
    id: ID,
    /// Its lessons. A lesson may come from another module of the course.
    lesson_ids: Vec<ID>,
}

/// The new order of a course.
#[derive(InputObject)]
pub(crate) struct ReorderCourseInput {
    /// The course.
    course_id: ID,
    /// All its modules with all their lessons, each once.
    modules: Vec<ModuleOrder>,
}

/// The reordered course.
#[derive(SimpleObject)]
pub(crate) struct ReorderCoursePayload {
    /// The course as it is now.
    course: Course,
}

#[Object]
impl OutlineMutations {
    /// Adds a module behind the others: at most 100. Needs the scope `CONTENT`.
    async fn create_course_module(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The module.")] input: CreateCourseModuleInput,
    ) -> Option<GraphqlResult<CreateCourseModulePayload>> {
        mutate(create_module(ctx, input)).await
    }

    /// Renames a module. Needs the scope `CONTENT`.
    async fn update_course_module(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new title.")] input: UpdateCourseModuleInput,
    ) -> Option<GraphqlResult<UpdateCourseModulePayload>> {
        mutate(update_module(ctx, input)).await
    }

    /// Deletes a module with its lessons and what contacts did in them; it can't be undone. Needs the scope `CONTENT`.
    async fn delete_course_module(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The module.")] input: DeleteCourseModuleInput,
    ) -> Option<GraphqlResult<DeleteCourseModulePayload>> {
        mutate(delete_module(ctx, input)).await
    }

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

    /// Puts the modules and lessons of a course in another order. `CONFLICT` if the course has other modules or lessons meanwhile.
    /// Needs the scope `CONTENT`.
    async fn reorder_course(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new order.")] input: ReorderCourseInput,
    ) -> Option<GraphqlResult<ReorderCoursePayload>> {
        mutate(reorder(ctx, input)).await
    }
}

/// Records that the outline of a course, whose row is locked, was changed.
async fn record_change(
    conn: &mut Conn,
    course: &course::Course,
    subject: impl ToString,
    requester: &Requester,
    moment: &Moment,
) -> Result<()> {
    course.touch(conn, moment.now).await?;
    let event = NewEvent::new(EventKind::CourseUpdated).on(subject);
    record(conn, course.account_id, requester, &[event], moment).await
}

async fn create_module(
    ctx: &Context<'_>,
    input: CreateCourseModuleInput,
) -> Result<CreateCourseModulePayload> {
    let staff = ctx.staff(Scope::Content)?;
    let title = title("input.title", &input.title)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let module = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let course = lock(conn, &staff, &input.course_id).await?;
            if course.details.external_url.is_some() {
                let message = "This course is elsewhere (externalUrl), so it can't have modules here.";
                return Err(Error::bad_input("input.courseId", message));
            }
            let ids = row::CourseModule::ids(conn, &course).await?;
            let position = position_behind(&ids, MAX_MODULES, "modules", "input.courseId")?;
            let module = row::CourseModule::create(conn, &course, &title, position, &moment).await?;
            record_change(conn, &course, module.id, &requester, &moment).await?;
            Ok(module)
        })
        .await?;
    Ok(CreateCourseModulePayload {
        module: (module, Vec::new()).into(),
    })
}

/// The position behind these, of which there may be so many.
fn position_behind<T>(existing: &[T], most: usize, what: &str, field: &str) -> Result<i32> {
    if existing.len() >= most {
        return Err(Error::bad_input(
            field,
            format!("A course has at most {most} {what}."),
        ));
    }
    i32::try_from(existing.len()).map_err(Error::internal)
}

/// Locks the course of a module that `input.moduleId` names, and reads the module.
async fn lock_module(conn: &mut Conn, staff: &Staff, id: &ID) -> Result<(course::Course, row::CourseModule)> {
    let id: ModuleId = id.parse().map_err(|_| missing_module())?;
    let unlocked = row::CourseModule::find_many(conn, staff.account, &[id])
        .await?
        .pop();
    let course = unlocked.ok_or_else(missing_module)?.course_id;
    let course = course::Course::lock(conn, staff.account, course).await?;
    let module = row::CourseModule::find_many(conn, staff.account, &[id])
        .await?
        .pop();
    course.zip(module).ok_or_else(missing_module)
}

fn missing_module() -> Error {
    Error::not_found("input.moduleId", "module")
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

async fn update_module(
    ctx: &Context<'_>,
    input: UpdateCourseModuleInput,
) -> Result<UpdateCourseModulePayload> {
    let staff = ctx.staff(Scope::Content)?;
    let title = title("input.title", &input.title)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let module = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let (course, module) = lock_module(conn, &staff, &input.module_id).await?;
            let renamed = module.rename(conn, &title).await?;
            record_change(conn, &course, module.id, &requester, &moment).await?;
            let found = row::find_modules(conn, staff.account, &[renamed.id]).await?.pop();
            found.ok_or_else(missing_module)
        })
        .await?;
    Ok(UpdateCourseModulePayload {
        module: module.into(),
    })
}

async fn delete_module(
    ctx: &Context<'_>,
    input: DeleteCourseModuleInput,
) -> Result<DeleteCourseModulePayload> {
    let staff = ctx.staff(Scope::Content)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let module = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let (course, module) = lock_module(conn, &staff, &input.module_id).await?;
            module.delete(conn).await?;
            course.close_gaps(conn).await?;
            record_change(conn, &course, module.id, &requester, &moment).await?;
            Ok(module)
        })
        .await?;
    Ok(DeleteCourseModulePayload {
        deleted_module_id: ID(module.id.to_string()),
    })
}

/// A video and a link need a URL, a text a body.
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

fn parse_body(text: &String) -> Result<Option<String>> {
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
        body: optional(input.body.as_ref(), parse_body)?,
        url: optional(input.url.as_ref(), https("input.url"))?,
        duration_minutes: optional(input.duration_minutes.as_ref(), parse_minutes)?,
    };
    check(&details)?;
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
            let lesson = row::Lesson::create(conn, &module, &details, position, &moment).await?;
            record_change(conn, &course, lesson.id, &requester, &moment).await?;
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
    let body = change(&input.body, parse_body)?;
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
                body: body.unwrap_or(before.body),
                url: url.unwrap_or(before.url),
                duration_minutes: minutes.unwrap_or(before.duration_minutes),
            };
            check(&details)?;
            let changed = lesson.update(conn, &details).await?;
            record_change(conn, &course, lesson.id, &requester, &moment).await?;
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
            record_change(conn, &course, lesson.id, &requester, &moment).await?;
            Ok(lesson)
        })
        .await?;
    Ok(DeleteLessonPayload {
        deleted_lesson_id: ID(lesson.id.to_string()),
    })
}

async fn reorder(ctx: &Context<'_>, input: ReorderCourseInput) -> Result<ReorderCoursePayload> {
    let staff = ctx.staff(Scope::Content)?;
    let order = parse_order(&input.modules)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let course = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let course = lock(conn, &staff, &input.course_id).await?;
            let modules = row::CourseModule::ids(conn, &course).await?;
            let lessons = row::Lesson::ids(conn, &course).await?;
            check_same("input.modules", order.iter().map(|(module, _)| *module), modules)?;
            let named = order.iter().flat_map(|(_, lessons)| lessons.iter().copied());
            check_same(
                "input.modules",
                named,
                lessons.into_iter().map(|(_, id)| id).collect(),
            )?;
            course.reorder(conn, &order).await?;
            record_change(conn, &course, course.id, &requester, &moment).await?;
            lock(conn, &staff, &input.course_id).await
        })
        .await?;
    Ok(ReorderCoursePayload {
        course: course.into(),
    })
}

fn parse_order(modules: &[ModuleOrder]) -> Result<Vec<(ModuleId, Vec<LessonId>)>> {
    let module = |(at, order): (usize, &ModuleOrder)| {
        let field = format!("input.modules.{at}");
        let id = order.id.parse();
        let id = id.map_err(|_| Error::not_found(format!("{field}.id"), "module"))?;
        let lesson = |(at, id): (usize, &ID)| {
            let missing = |_| Error::not_found(format!("{field}.lessonIds.{at}"), "lesson");
            id.parse().map_err(missing)
        };
        let lessons: Result<Vec<LessonId>> = order.lesson_ids.iter().enumerate().map(lesson).collect();
        Ok((id, lessons?))
    };
    modules.iter().enumerate().map(module).collect()
}

/// Whether the input names exactly what the course has, each once.
fn check_same<T: Copy + Eq + std::hash::Hash>(
    field: &str,
    named: impl Iterator<Item = T>,
    existing: Vec<T>,
) -> Result<()> {
    let named: Vec<T> = named.collect();
    let unique: HashSet<T> = named.iter().copied().collect();
    if unique.len() != named.len() {
        return Err(Error::bad_input(field, "A module or lesson is named twice."));
    }
    if unique != existing.into_iter().collect() {
        let message =
            "The course has other modules or lessons than these: read it again, and name each once.";
        return Err(Error::new(Code::Conflict, message).at(field));
    }
    Ok(())
}
