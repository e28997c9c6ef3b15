//! The modules of a course and their lessons, in order. Every change here locks the course first.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::Course;
use super::lesson::Lesson;
use crate::base::clock::Moment;
use crate::base::db::schema::{course_modules, courses, lessons};
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, CourseId, LessonId, ModuleId};

/// The most modules of a course.
pub(crate) const MAX_MODULES: usize = 100;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = course_modules)]
pub(crate) struct CourseModule {
    pub account_id: AccountId,
    pub id: ModuleId,
    pub course_id: CourseId,
    pub position: i32,
    pub title: String,
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
        let lessons = Lesson::ids(conn, self).await?;
        let modules = CourseModule::ids(conn, self).await?;
        let of_module = |module: ModuleId| {
            let own = lessons.iter().filter(|(of, _)| *of == module);
            (module, own.map(|(_, lesson)| *lesson).collect())
        };
        let order: Vec<(ModuleId, Vec<LessonId>)> = modules.into_iter().map(of_module).collect();
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
