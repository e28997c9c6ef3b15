//! Putting the modules and lessons of a course in another order.

use std::collections::HashSet;

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::base::actor::Scope;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{LessonId, ModuleId};
use crate::courses::graphql::Course;
use crate::courses::graphql::mutations::lock;
use crate::courses::graphql::outline_changes::{Action, record_change};
use crate::courses::model::lesson::Lesson;
use crate::courses::model::outline::CourseModule;

#[derive(Default)]
pub(crate) struct OrderMutations;

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
impl OrderMutations {
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
            let modules = CourseModule::ids(conn, &course).await?;
            let lessons = Lesson::ids(conn, &course).await?;
            check_same("input.modules", order.iter().map(|(module, _)| *module), modules)?;
            let named = order.iter().flat_map(|(_, lessons)| lessons.iter().copied());
            check_same(
                "input.modules",
                named,
                lessons.into_iter().map(|(_, id)| id).collect(),
            )?;
            course.reorder(conn, &order).await?;
            record_change(conn, &course, Action::Reordered, course.id, &requester, &moment).await?;
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
