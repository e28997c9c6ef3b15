//! What contacts have done in lessons. It stays when their access ends.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::Course;
use super::lesson::Lesson;
use crate::access::model::path::ItemAccess;
use crate::base::actor::Requester;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::schema::lesson_progress;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, CourseId, LessonId};
use crate::contacts::model::Contact;

/// A contact's progress in one lesson.
#[derive(Clone, Copy, Debug, Queryable, Selectable)]
#[diesel(table_name = lesson_progress)]
pub(crate) struct LessonProgress {
    pub lesson_id: LessonId,
    pub started_at: DateTime<Utc>,
    pub completed_at: Option<DateTime<Utc>>,
}

/// A contact's progress in a course.
#[derive(Clone, Copy, Debug, QueryableByName)]
pub(crate) struct CourseProgress {
    #[diesel(sql_type = SqlUuid)]
    pub contact_id: ContactId,
    #[diesel(sql_type = SqlUuid)]
    pub course_id: CourseId,
    #[diesel(sql_type = BigInt)]
    pub completed_lessons: i64,
    #[diesel(sql_type = Timestamptz)]
    pub started_at: DateTime<Utc>,
    /// When the last lesson was completed, if all are.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub completed_at: Option<DateTime<Utc>>,
}

/// A step of a contact in a lesson: opening it, or completing it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LessonStep {
    pub account: AccountId,
    pub contact: ContactId,
    pub lesson: LessonId,
    pub completes: bool,
}

impl LessonStep {
    /// Locks the contact and records the step. `None`, and nothing is recorded, if the lesson's course isn't open to them now.
    pub(crate) async fn take(
        self,
        conn: &mut Conn,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Option<(Lesson, ProgressChange)>> {
        let Self { account, contact, .. } = self;
        if Contact::lock(conn, account, contact).await?.is_none() {
            return Ok(None);
        }
        let Some(lesson) = Lesson::find_kept(conn, account, self.lesson).await? else {
            return Ok(None);
        };
        let course = Course::find_many(conn, account, &[lesson.course_id]).await?.pop();
        let published = course.is_some_and(|course| course.is_published());
        let item = lesson.course_id.0;
        if !published || !ItemAccess::is_open(conn, account, contact, item, moment.now).await? {
            return Ok(None);
        }
        let change =
            LessonProgress::record(conn, &lesson, contact, self.completes, requester, moment).await?;
        Ok(Some((lesson, change)))
    }
}

/// What a step in a lesson changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ProgressChange {
    pub course_started: bool,
    pub lesson_completed: bool,
    pub module_completed: bool,
    pub course_completed: bool,
}

impl LessonProgress {
    /// The contacts' progress in these lessons.
    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        contacts: &[ContactId],
        lessons: &[LessonId],
    ) -> Result<Vec<(ContactId, Self)>> {
        Ok(lesson_progress::table
            .filter(lesson_progress::account_id.eq(account))
            .filter(lesson_progress::contact_id.eq_any(contacts))
            .filter(lesson_progress::lesson_id.eq_any(lessons))
            .select((lesson_progress::contact_id, Self::as_select()))
            .load(conn)
            .await?)
    }

    /// Gives the progress of a contact to another one; both rows are locked. The earlier start and the earlier completion count.
    pub(crate) async fn copy_to_contact(
        conn: &mut Conn,
        account: AccountId,
        from: ContactId,
        to: ContactId,
    ) -> Result<()> {
        sql::statement(
            "insert into lesson_progress as p (account_id, contact_id, lesson_id, course_id, started_at, completed_at) \
             select account_id, ?, lesson_id, course_id, started_at, completed_at from lesson_progress \
                where account_id = ? and contact_id = ? \
             on conflict (account_id, contact_id, lesson_id) do update set \
                started_at = least(p.started_at, excluded.started_at), \
                completed_at = least(p.completed_at, excluded.completed_at)",
        )
        .bind::<SqlUuid, _>(to)
        .bind::<SqlUuid, _>(account)
        .bind::<SqlUuid, _>(from)
        .execute(conn)
        .await?;
        Ok(())
    }

    /// Records that a contact, whose row is locked, opened a lesson or completed it. A second time changes nothing.
    async fn record(
        conn: &mut Conn,
        lesson: &Lesson,
        contact: ContactId,
        completes: bool,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<ProgressChange> {
        let (account, now) = (lesson.account_id, moment.now);
        let before = Summary::read(conn, lesson, contact).await?;
        diesel::insert_into(lesson_progress::table)
            .values((
                lesson_progress::account_id.eq(account),
                lesson_progress::contact_id.eq(contact),
                lesson_progress::lesson_id.eq(lesson.id),
                lesson_progress::course_id.eq(lesson.course_id),
                lesson_progress::started_at.eq(now),
                lesson_progress::completed_at.eq(completes.then_some(now)),
            ))
            .on_conflict((
                lesson_progress::account_id,
                lesson_progress::contact_id,
                lesson_progress::lesson_id,
            ))
            .do_update()
            .set(
                lesson_progress::completed_at.eq(sql::fragment::<Nullable<Timestamptz>>(
                    "coalesce(lesson_progress.completed_at, excluded.completed_at)",
                )),
            )
            .execute(conn)
            .await?;
        let newly = completes && !before.completed;
        let change = ProgressChange {
            course_started: before.started_in_course == 0,
            lesson_completed: newly,
            module_completed: newly && before.open_in_module == 1,
            course_completed: newly && before.open_in_course == 1,
        };
        let within =
            json!({"courseId": lesson.course_id.to_string(), "moduleId": lesson.module_id.to_string()});
        let event = |kind, subject: &dyn ToString| {
            let event = NewEvent::for_contact(kind, contact).on(subject.to_string());
            match kind {
                EventKind::LessonCompleted | EventKind::ModuleCompleted => event.with(within.clone()),
                _ => event,
            }
        };
        let events = [
            (
                change.course_started,
                event(EventKind::CourseStarted, &lesson.course_id),
            ),
            (
                change.lesson_completed,
                event(EventKind::LessonCompleted, &lesson.id),
            ),
            (
                change.module_completed,
                event(EventKind::ModuleCompleted, &lesson.module_id),
            ),
            (
                change.course_completed,
                event(EventKind::CourseCompleted, &lesson.course_id),
            ),
        ];
        let happened = events.into_iter().filter(|(happened, _)| *happened);
        let events: Vec<NewEvent> = happened.map(|(_, event)| event).collect();
        record(conn, account, requester, &events, moment).await?;
        Ok(change)
    }
}

impl ProgressChange {
    pub(crate) fn any(self) -> bool {
        self != Self::default()
    }
}

/// A contact's progress around a lesson.
#[derive(QueryableByName)]
struct Summary {
    #[diesel(sql_type = BigInt)]
    started_in_course: i64,
    /// Lessons of the course that are not completed.
    #[diesel(sql_type = BigInt)]
    open_in_course: i64,
    #[diesel(sql_type = BigInt)]
    open_in_module: i64,
    #[diesel(sql_type = Bool)]
    completed: bool,
}

impl Summary {
    async fn read(conn: &mut Conn, lesson: &Lesson, contact: ContactId) -> Result<Self> {
        Ok(sql::statement(
            "select count(p.lesson_id) as started_in_course, \
                count(*) filter (where p.completed_at is null) as open_in_course, \
                count(*) filter (where p.completed_at is null and l.module_id = ?) as open_in_module, \
                coalesce(bool_or(p.completed_at is not null) filter (where l.id = ?), false) as completed \
             from lessons l left join lesson_progress p \
                on p.account_id = l.account_id and p.lesson_id = l.id and p.contact_id = ? \
             where l.account_id = ? and l.course_id = ?",
        )
        .bind::<SqlUuid, _>(lesson.module_id)
        .bind::<SqlUuid, _>(lesson.id)
        .bind::<SqlUuid, _>(contact)
        .bind::<SqlUuid, _>(lesson.account_id)
        .bind::<SqlUuid, _>(lesson.course_id)
        .get_result(conn)
        .await?)
    }
}

impl CourseProgress {
    /// The progress of contacts in the courses that they have started.
    pub(crate) async fn of_contacts(
        conn: &mut Conn,
        account: AccountId,
        contacts: &[ContactId],
    ) -> Result<Vec<Self>> {
        Ok(sql::statement(
            "select p.contact_id, p.course_id, count(p.completed_at) as completed_lessons, min(p.started_at) as started_at, \
                case when count(p.completed_at) = (select count(*) from lessons l \
                    where l.account_id = ? and l.course_id = p.course_id) then max(p.completed_at) end as completed_at \
             from lesson_progress p where p.account_id = ? and p.contact_id = any(?) group by p.contact_id, p.course_id",
        )
        .bind::<SqlUuid, _>(account)
        .bind::<SqlUuid, _>(account)
        .bind::<Array<SqlUuid>, _>(contacts.to_vec())
        .load(conn)
        .await?)
    }
}
