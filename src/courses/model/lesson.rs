//! The lessons of a course. Every change here locks the course first.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::Course;
use super::outline::CourseModule;
use crate::base::clock::Moment;
use crate::base::db::schema::lessons;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, CourseId, LessonId, ModuleId};
use crate::base::text_enum::text_enum;

/// The most lessons of a course.
pub(crate) const MAX_LESSONS: usize = 1_000;

text_enum! {
    /// What a lesson is.
    #[derive(async_graphql::Enum)]
    LessonKind {
        /// A text.
        Text = "TEXT",
        /// A video at `url`, with an optional text.
        Video = "VIDEO",
        /// A link to `url`, with an optional text.
        Link = "LINK",
    }
}

#[derive(Clone, Debug, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = lessons)]
pub(crate) struct Lesson {
    pub account_id: AccountId,
    pub id: LessonId,
    pub course_id: CourseId,
    pub module_id: ModuleId,
    pub position: i32,
    #[diesel(embed)]
    pub details: LessonDetails,
}

/// What staff write about a lesson apart from its text, validated.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, QueryableByName, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = lessons, treat_none_as_null = true)]
pub(crate) struct LessonDetails {
    pub title: String,
    pub kind: LessonKind,
    pub url: Option<String>,
    pub duration_minutes: Option<i32>,
}

impl Lesson {
    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[LessonId],
    ) -> Result<Vec<Self>> {
        Ok(lessons::table
            .filter(lessons::account_id.eq(account))
            .filter(lessons::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// The ids of a course's lessons with their modules, in order within each module.
    pub(crate) async fn ids(conn: &mut Conn, course: &Course) -> Result<Vec<(ModuleId, LessonId)>> {
        Ok(lessons::table
            .filter(lessons::account_id.eq(course.account_id))
            .filter(lessons::course_id.eq(course.id))
            .order(lessons::position)
            .select((lessons::module_id, lessons::id))
            .load(conn)
            .await?)
    }

    /// Adds a lesson at this position, behind the others of its module.
    pub(crate) async fn create(
        conn: &mut Conn,
        module: &CourseModule,
        details: &LessonDetails,
        body: Option<&str>,
        position: i32,
        moment: &Moment,
    ) -> Result<Self> {
        Ok(diesel::insert_into(lessons::table)
            .values((
                lessons::account_id.eq(module.account_id),
                lessons::id.eq(LessonId::new(moment)),
                lessons::course_id.eq(module.course_id),
                lessons::module_id.eq(module.id),
                lessons::position.eq(position),
                lessons::body.eq(body),
                details,
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?)
    }

    /// The texts of these lessons, in Markdown. They are read apart: a course may have a hundred megabytes.
    pub(crate) async fn bodies(
        conn: &mut Conn,
        account: AccountId,
        ids: &[LessonId],
    ) -> Result<HashMap<LessonId, Arc<str>>> {
        let rows: Vec<(LessonId, Option<String>)> = lessons::table
            .filter(lessons::account_id.eq(account))
            .filter(lessons::id.eq_any(ids))
            .select((lessons::id, lessons::body))
            .load(conn)
            .await?;
        let with_body = |(id, body): (LessonId, Option<String>)| Some((id, body?.into()));
        Ok(rows.into_iter().filter_map(with_body).collect())
    }

    /// The number of lessons of these courses. A course without any is absent.
    pub(crate) async fn counts(
        conn: &mut Conn,
        account: AccountId,
        courses: &[CourseId],
    ) -> Result<HashMap<CourseId, i64>> {
        let counts: Vec<(CourseId, i64)> = lessons::table
            .filter(lessons::account_id.eq(account))
            .filter(lessons::course_id.eq_any(courses))
            .group_by(lessons::course_id)
            .select((lessons::course_id, diesel::dsl::count_star()))
            .load(conn)
            .await?;
        Ok(counts.into_iter().collect())
    }

    /// A lesson that can't be deleted before this transaction ends.
    pub(crate) async fn find_kept(conn: &mut Conn, account: AccountId, id: LessonId) -> Result<Option<Self>> {
        Ok(lessons::table
            .find((account, id))
            .select(Self::as_select())
            .for_key_share()
            .first(conn)
            .await
            .optional()?)
    }

    pub(crate) async fn update(
        &self,
        conn: &mut Conn,
        details: &LessonDetails,
        body: Option<&str>,
    ) -> Result<Self> {
        Ok(diesel::update(lessons::table.find((self.account_id, self.id)))
            .set((details, lessons::body.eq(body)))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?)
    }

    /// Deletes the lesson and what contacts did in it.
    pub(crate) async fn delete(&self, conn: &mut Conn) -> Result<()> {
        diesel::delete(lessons::table.find((self.account_id, self.id)))
            .execute(conn)
            .await?;
        Ok(())
    }
}

/// The lesson to continue with: in each of these courses the lesson that the contact opened or completed last, or the first one after it
/// that is not completed; of these the one in the course where they were last.
pub(crate) async fn next_lesson(
    conn: &mut Conn,
    account: AccountId,
    contact: ContactId,
    courses: &[CourseId],
) -> Result<Option<Lesson>> {
    Ok(sql::statement(
        "with touched as ( \
            select distinct on (l.course_id) l.course_id, m.position as of_module, l.position, \
                greatest(p.started_at, p.completed_at) as at from lesson_progress p \
            join lessons l on l.account_id = p.account_id and l.id = p.lesson_id \
            join course_modules m on m.account_id = l.account_id and m.id = l.module_id \
            where p.account_id = ? and p.contact_id = ? and p.course_id = any(?) \
            order by l.course_id, at desc, m.position desc, l.position desc) \
         select l.account_id, l.id, l.course_id, l.module_id, l.position, l.title, l.kind, l.url, l.duration_minutes \
         from touched t \
         join lessons l on l.account_id = ? and l.course_id = t.course_id \
         join course_modules m on m.account_id = l.account_id and m.id = l.module_id \
         left join lesson_progress p on p.account_id = l.account_id and p.lesson_id = l.id and p.contact_id = ? \
         where p.completed_at is null and (m.position, l.position) >= (t.of_module, t.position) \
         order by t.at desc, t.course_id, m.position, l.position limit 1",
    )
    .bind::<SqlUuid, _>(account)
    .bind::<SqlUuid, _>(contact)
    .bind::<Array<SqlUuid>, _>(courses.to_vec())
    .bind::<SqlUuid, _>(account)
    .bind::<SqlUuid, _>(contact)
    .get_result(conn)
    .await
    .optional()?)
}
