//! What the mutations of modules and lessons share.

use async_graphql::ID;
use serde_json::json;

use crate::base::actor::{Requester, Staff};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::ModuleId;
use crate::courses::model as course;
use crate::courses::model::outline as row;

/// What was done to a module or lesson, for the audit log.
#[derive(Clone, Copy, Debug)]
pub(super) enum Action {
    Created,
    Changed,
    Deleted,
    Reordered,
}

impl Action {
    fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Deleted => "deleted",
            Self::Reordered => "reordered",
        }
    }
}

/// Records that the outline of a course, whose row is locked, was changed.
pub(super) async fn record_change(
    conn: &mut Conn,
    course: &course::Course,
    action: Action,
    subject: impl ToString,
    requester: &Requester,
    moment: &Moment,
) -> Result<()> {
    course.touch(conn, moment.now).await?;
    let event = NewEvent::new(EventKind::CourseUpdated).on(subject);
    let event = event.with(json!({ "action": action.word() }));
    record(conn, course.account_id, requester, &[event], moment).await
}

/// The position behind these, of which there may be so many.
pub(super) fn position_behind<T>(existing: &[T], most: usize, what: &str, field: &str) -> Result<i32> {
    if existing.len() >= most {
        return Err(Error::bad_input(
            field,
            format!("A course has at most {most} {what}."),
        ));
    }
    i32::try_from(existing.len()).map_err(Error::internal)
}

/// Locks the course of a module that `input.moduleId` names, and reads the module.
pub(super) async fn lock_module(
    conn: &mut Conn,
    staff: &Staff,
    id: &ID,
) -> Result<(course::Course, row::CourseModule)> {
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

pub(super) fn missing_module() -> Error {
    Error::not_found("input.moduleId", "module")
}
