//! Creating, changing and archiving courses.

use async_graphql::{
    Context, ID, InputObject, MaybeUndefined, Object, Result as GraphqlResult, SimpleObject,
};
use diesel_async::AsyncConnection;
use serde_json::json;

use crate::access::model::ContentStatus;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::input::{ExpectedUpdatedAt, change, description, https, optional, title};
use crate::api::mutation::mutate;
use crate::api::scalars::{DateTimeText, Url};
use crate::base::actor::{Scope, Staff};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::CourseId;
use crate::courses::graphql::Course;
use crate::courses::model as course;
use crate::courses::model::CourseDetails;
use crate::courses::model::outline::CourseModule;

#[derive(Default)]
pub(crate) struct CourseMutations;

/// A new course.
#[derive(InputObject)]
pub(crate) struct CreateCourseInput {
    /// The title: one line of 1 to 200 characters.
    title: String,
    /// What it is about, in Markdown: at most 10,000 characters.
    description: Option<String>,
    /// A picture: an https URL.
    cover_url: Option<Url>,
    /// Where the course is, if not in the portal: an https URL. Such a course has no modules.
    external_url: Option<Url>,
    /// Whether contacts can use it; a draft by default.
    status: Option<ContentStatus>,
}

/// The created course.
#[derive(SimpleObject)]
pub(crate) struct CreateCoursePayload {
    /// The course.
    course: Course,
}

/// The changes. An omitted field stays as it is.
#[derive(InputObject)]
pub(crate) struct UpdateCourseInput {
    /// The course.
    course_id: ID,
    /// The title: one line of 1 to 200 characters.
    title: Option<String>,
    /// What it is about, in Markdown: at most 10,000 characters; `null` for nothing.
    description: MaybeUndefined<String>,
    /// A picture: an https URL; `null` for none.
    cover_url: MaybeUndefined<Url>,
    /// Where the course is, if not in the portal: an https URL; `null` for a course in the portal. Only for a course without
    /// modules.
    external_url: MaybeUndefined<Url>,
    /// Whether contacts can use it.
    status: Option<ContentStatus>,
    /// The course's `updatedAt` as the caller last read it. If it has changed since, nothing is changed, and the error is `CONFLICT`.
    expected_updated_at: Option<DateTimeText>,
}

/// The changed course.
#[derive(SimpleObject)]
pub(crate) struct UpdateCoursePayload {
    /// The course as it is now.
    course: Course,
}

/// The course to put away.
#[derive(InputObject)]
pub(crate) struct ArchiveCourseInput {
    /// The course.
    course_id: ID,
}

/// The archived course.
#[derive(SimpleObject)]
pub(crate) struct ArchiveCoursePayload {
    /// The course as it is now.
    course: Course,
}

#[Object]
impl CourseMutations {
    /// Creates a course. Needs the scope `CONTENT`.
    async fn create_course(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The course.")] input: CreateCourseInput,
    ) -> Option<GraphqlResult<CreateCoursePayload>> {
        mutate(create(ctx, input)).await
    }

    /// Changes a course. Needs the scope `CONTENT`.
    async fn update_course(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateCourseInput,
    ) -> Option<GraphqlResult<UpdateCoursePayload>> {
        mutate(update(ctx, input)).await
    }

    /// Puts a course away: it is closed to everyone until it is published again by `updateCourse`. Grants and progress stay.
    /// Needs the scope `CONTENT`.
    async fn archive_course(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The course.")] input: ArchiveCourseInput,
    ) -> Option<GraphqlResult<ArchiveCoursePayload>> {
        mutate(archive(ctx, input)).await
    }
}

async fn create(ctx: &Context<'_>, input: CreateCourseInput) -> Result<CreateCoursePayload> {
    let staff = ctx.staff(Scope::Content)?;
    let details = CourseDetails {
        title: title("input.title", &input.title)?,
        description: optional(input.description.as_deref(), description)?,
        cover_url: optional(input.cover_url.as_ref(), https("input.coverUrl"))?,
        external_url: optional(input.external_url.as_ref(), https("input.externalUrl"))?,
        status: input.status.unwrap_or(ContentStatus::Draft),
    };
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let course = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let course = course::Course::create(conn, staff.account, &details, &moment).await?;
            let event = NewEvent::new(EventKind::CourseCreated).on(course.id);
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok(course)
        })
        .await?;
    Ok(CreateCoursePayload {
        course: course.into(),
    })
}

/// Locks the course that `input.courseId` names.
pub(crate) async fn lock(conn: &mut Conn, staff: &Staff, id: &ID) -> Result<course::Course> {
    let missing = || Error::not_found("input.courseId", "course");
    let id: CourseId = id.parse().map_err(|_| missing())?;
    course::Course::lock(conn, staff.account, id)
        .await?
        .ok_or_else(missing)
}

async fn update(ctx: &Context<'_>, input: UpdateCourseInput) -> Result<UpdateCoursePayload> {
    let title = input.title.as_deref().map(|text| title("input.title", text));
    let changes = Changes {
        title: title.transpose()?,
        description: change(&input.description, |text| description(text))?,
        cover_url: change(&input.cover_url, https("input.coverUrl"))?,
        external_url: change(&input.external_url, https("input.externalUrl"))?,
        status: input.status,
        expected: ExpectedUpdatedAt::parse(input.expected_updated_at)?,
    };
    let course = save(ctx, &input.course_id, changes).await?;
    Ok(UpdateCoursePayload { course })
}

async fn archive(ctx: &Context<'_>, input: ArchiveCourseInput) -> Result<ArchiveCoursePayload> {
    let changes = Changes {
        status: Some(ContentStatus::Archived),
        ..Changes::default()
    };
    let course = save(ctx, &input.course_id, changes).await?;
    Ok(ArchiveCoursePayload { course })
}

/// The parsed changes; `None` leaves a field as it is.
#[derive(Default)]
struct Changes {
    title: Option<String>,
    description: Option<Option<String>>,
    cover_url: Option<Option<String>>,
    external_url: Option<Option<String>>,
    status: Option<ContentStatus>,
    expected: ExpectedUpdatedAt,
}

impl Changes {
    fn apply(self, before: &CourseDetails) -> CourseDetails {
        let before = before.clone();
        CourseDetails {
            title: self.title.unwrap_or(before.title),
            description: self.description.unwrap_or(before.description),
            cover_url: self.cover_url.unwrap_or(before.cover_url),
            external_url: self.external_url.unwrap_or(before.external_url),
            status: self.status.unwrap_or(before.status),
        }
    }
}

/// Changes the course, and records it if anything differs.
async fn save(ctx: &Context<'_>, id: &ID, changes: Changes) -> Result<Course> {
    let staff = ctx.staff(Scope::Content)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let course = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let course = lock(conn, &staff, id).await?;
            changes.expected.check("course", course.updated_at)?;
            let details = changes.apply(&course.details);
            if details == course.details {
                return Ok(course);
            }
            if details.external_url.is_some() && !CourseModule::ids(conn, &course).await?.is_empty() {
                let message = "The course has modules. Delete them first, or leave this empty.";
                return Err(Error::bad_input("input.externalUrl", message));
            }
            let changed = course.update(conn, &details, moment.now).await?;
            let event = NewEvent::new(EventKind::CourseUpdated).on(course.id);
            let event = event.with(json!({"status": details.status.as_str()}));
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok(changed)
        })
        .await?;
    Ok(course.into())
}
