//! The modules of a course and their lessons, in order. Every change here locks the course first.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::Course;
use crate::base::clock::Moment;
use crate::base::db::schema::{course_modules, courses, lessons};
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, CourseId, LessonId, ModuleId};
use crate::base::text_enum::text_enum;

/// The most lessons of a course.
pub(crate) const MAX_LESSONS: usize = 1_000;
/// The most modules of a course.
pub(crate) const MAX_MODULES: usize = 100;

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

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = course_modules)]
pub(crate) struct CourseModule {
    pub account_id: AccountId,
    pub id: ModuleId,
    pub course_id: CourseId,
    pub position: i32,
    pub title: String,
}

#[derive(Clone, Debug, Queryable, Selectable)]
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

/// What staff write about a lesson, validated.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = lessons, treat_none_as_null = true)]
pub(crate) struct LessonDetails {
    pub title: String,
    pub kind: LessonKind,
    /// Markdown.
    pub body: Option<String>,
    pub url: Option<String>,
    pub duration_minutes: Option<i32>,
}

/// The modules of courses, each with its lessons, in order.
pub(crate) type Outline = Vec<(CourseModule, Vec<Lesson>)>;

/// The outlines of these courses: two statements for any number. A course without modules is absent.
pub(crate) async fn outlines(
    conn: &mut Conn,
    account: AccountId,
    courses: &[CourseId],
) -> Result<HashMap<CourseId, Outline>> {
    let modules: Vec<CourseModule> = course_modules::table
        .filter(course_modules::account_id.eq(account))
        .filter(course_modules::course_id.eq_any(courses))
        .order(course_modules::position)
        .select(CourseModule::as_select())
        .load(conn)
        .await?;
    let mut outlines: HashMap<CourseId, Outline> = HashMap::new();
    for (module, lessons) in with_lessons(conn, account, modules).await? {
        outlines
            .entry(module.course_id)
            .or_default()
            .push((module, lessons));
    }
    Ok(outlines)
}

/// These modules with their lessons.
pub(crate) async fn find_modules(conn: &mut Conn, account: AccountId, ids: &[ModuleId]) -> Result<Outline> {
    let modules = CourseModule::find_many(conn, account, ids).await?;
    with_lessons(conn, account, modules).await
}

async fn with_lessons(conn: &mut Conn, account: AccountId, modules: Vec<CourseModule>) -> Result<Outline> {
    let ids: Vec<ModuleId> = modules.iter().map(|module| module.id).collect();
    let found: Vec<Lesson> = lessons::table
        .filter(lessons::account_id.eq(account))
        .filter(lessons::module_id.eq_any(ids))
        .order(lessons::position)
        .select(Lesson::as_select())
        .load(conn)
        .await?;
    let mut lessons_of: HashMap<ModuleId, Vec<Lesson>> = HashMap::new();
    for lesson in found {
        lessons_of.entry(lesson.module_id).or_default().push(lesson);
    }
    let module = |module: CourseModule| {
        let lessons = lessons_of.remove(&module.id).unwrap_or_default();
        (module, lessons)
    };
    Ok(modules.into_iter().map(module).collect())
}

impl CourseModule {
    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[ModuleId],
    ) -> Result<Vec<Self>> {
        Ok(course_modules::table
            .filter(course_modules::account_id.eq(account))
            .filter(course_modules::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// The ids of a course's modules, in order.
    pub(crate) async fn ids(conn: &mut Conn, course: &Course) -> Result<Vec<ModuleId>> {
        Ok(course_modules::table
            .filter(course_modules::account_id.eq(course.account_id))
            .filter(course_modules::course_id.eq(course.id))
            .order(course_modules::position)
            .select(course_modules::id)
            .load(conn)
            .await?)
    }

    /// Adds a module at this position, behind the others.
    pub(crate) async fn create(
        conn: &mut Conn,
        course: &Course,
        title: &str,
        position: i32,
        moment: &Moment,
    ) -> Result<Self> {
        Ok(diesel::insert_into(course_modules::table)
            .values((
                course_modules::account_id.eq(course.account_id),
                course_modules::id.eq(ModuleId::new(moment)),
                course_modules::course_id.eq(course.id),
                course_modules::position.eq(position),
                course_modules::title.eq(title),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?)
    }

    pub(crate) async fn rename(&self, conn: &mut Conn, title: &str) -> Result<Self> {
        Ok(
            diesel::update(course_modules::table.find((self.account_id, self.id)))
                .set(course_modules::title.eq(title))
                .returning(Self::as_returning())
                .get_result(conn)
                .await?,
        )
    }

    /// Deletes the module with its lessons and what contacts did in them.
    pub(crate) async fn delete(&self, conn: &mut Conn) -> Result<()> {
        diesel::delete(course_modules::table.find((self.account_id, self.id)))
            .execute(conn)
            .await?;
        Ok(())
    }
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
                details,
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?)
    }

    pub(crate) async fn update(&self, conn: &mut Conn, details: &LessonDetails) -> Result<Self> {
        Ok(diesel::update(lessons::table.find((self.account_id, self.id)))
            .set(details)
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

impl Course {
    /// Puts all modules and lessons in this order: two statements for any number. They must be the course's, each once.
    pub(crate) async fn reorder(&self, conn: &mut Conn, order: &[(ModuleId, Vec<LessonId>)]) -> Result<()> {
        let modules: Vec<ModuleId> = order.iter().map(|(module, _)| *module).collect();
        sql::statement(
            "update course_modules m set position = o.position \
             from unnest(?, ?) as o (id, position) where m.account_id = ? and m.course_id = ? and m.id = o.id",
        )
        .bind::<Array<SqlUuid>, _>(modules)
        .bind::<Array<Integer>, _>(positions(order.len()))
        .bind::<SqlUuid, _>(self.account_id)
        .bind::<SqlUuid, _>(self.id)
        .execute(conn)
        .await?;
        let (mut ids, mut modules, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for (module, lessons) in order {
            ids.extend_from_slice(lessons);
            modules.extend(lessons.iter().map(|_| *module));
            places.extend(positions(lessons.len()));
        }
        sql::statement(
            "update lessons l set module_id = o.module_id, position = o.position \
             from unnest(?, ?, ?) as o (id, module_id, position) where l.account_id = ? and l.course_id = ? and l.id = o.id",
        )
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<SqlUuid>, _>(modules)
        .bind::<Array<Integer>, _>(places)
        .bind::<SqlUuid, _>(self.account_id)
        .bind::<SqlUuid, _>(self.id)
        .execute(conn)
        .await?;
        Ok(())
    }

    /// Numbers modules and lessons from 0 again, after one was deleted.
    pub(crate) async fn close_gaps(&self, conn: &mut Conn) -> Result<()> {
        let outlines = outlines(conn, self.account_id, &[self.id]).await?;
        let modules = outlines.into_values().flatten();
        let order: Vec<(ModuleId, Vec<LessonId>)> = modules
            .map(|(module, lessons)| (module.id, lessons.iter().map(|lesson| lesson.id).collect()))
            .collect();
        self.reorder(conn, &order).await
    }

    /// Records that its outline changed.
    pub(crate) async fn touch(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
        diesel::update(courses::table.find((self.account_id, self.id)))
            .set(courses::updated_at.eq(now))
            .execute(conn)
            .await?;
        Ok(())
    }
}

fn positions(count: usize) -> Vec<i32> {
    (0..).take(count).collect()
}
