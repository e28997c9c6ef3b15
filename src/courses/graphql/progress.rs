//! What a signed-in contact does in lessons.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::access::graphql::signed_in_contact;
use crate::accounts::model::section::PortalSection;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::base::error::{Error, Result};
use crate::base::ids::LessonId;
use crate::courses::graphql::outline::Lesson;
use crate::courses::model::progress::LessonStep;
use crate::live::Topic;

#[derive(Default)]
pub(crate) struct ProgressMutations;

/// The lesson that was opened.
#[derive(InputObject)]
pub(crate) struct StartLessonInput {
    /// The lesson, of a course that the contact may open now.
    lesson_id: ID,
}

/// The lesson with the contact's progress.
#[derive(SimpleObject)]
pub(crate) struct StartLessonPayload {
    /// The lesson.
    lesson: Lesson,
}

/// The lesson that was completed.
#[derive(InputObject)]
pub(crate) struct CompleteLessonInput {
    /// The lesson, of a course that the contact may open now.
    lesson_id: ID,
}

/// The lesson with the contact's progress.
#[derive(SimpleObject)]
pub(crate) struct CompleteLessonPayload {
    /// The lesson.
    lesson: Lesson,
    /// Whether all lessons of its course are completed by this.
    course_completed: bool,
}

#[Object]
impl ProgressMutations {
    /// Records that the signed-in contact opened a lesson. A second time changes nothing.
    async fn start_lesson(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The lesson.")] input: StartLessonInput,
    ) -> Option<GraphqlResult<StartLessonPayload>> {
        let work = async {
            let (lesson, _) = record(ctx, &input.lesson_id, false).await?;
            Ok(StartLessonPayload { lesson })
        };
        mutate(work).await
    }

    /// Records that the signed-in contact completed a lesson. A second time changes nothing.
    async fn complete_lesson(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The lesson.")] input: CompleteLessonInput,
    ) -> Option<GraphqlResult<CompleteLessonPayload>> {
        let work = async {
            let (lesson, course_completed) = record(ctx, &input.lesson_id, true).await?;
            Ok(CompleteLessonPayload {
                lesson,
                course_completed,
            })
        };
        mutate(work).await
    }
}

async fn record(ctx: &Context<'_>, id: &ID, completes: bool) -> Result<(Lesson, bool)> {
    let (account, contact) = signed_in_contact(ctx, PortalSection::Courses)?;
    let missing = || Error::not_found("input.lessonId", "lesson");
    let id: LessonId = id.parse().map_err(|_| missing())?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let (lesson, change) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let step = LessonStep {
                account,
                contact,
                lesson: id,
                completes,
            };
            let taken = step.take(conn, &requester, &moment).await?;
            taken.ok_or_else(missing)
        })
        .await?;
    if change.any() {
        services.live.nudge(account, &[Topic::Activity]);
    }
    Ok((lesson.into(), change.course_completed))
}
