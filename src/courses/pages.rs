//! The pages of courses and lessons in a portal.

pub(crate) mod course;
pub(crate) mod lesson;

use std::collections::HashMap;

use askama::Template;
use chrono::{DateTime, Utc};
use poem::{get, handler};

use crate::access::model::path::ItemAccess;
use crate::accounts::model::section::PortalSection;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{CourseId, LessonId};
use crate::courses::model::Course;
use crate::courses::model::lesson::Lesson;
use crate::courses::model::outline::{CourseModule, Outline, outlines};
use crate::courses::model::progress::{CourseProgress, LessonProgress};
use crate::pages::csp::Sources;
use crate::pages::routes::Routes;
use crate::pages::{Cover, ErrorKind, Layout, PortalPage, PortalReader, Reply, Shell, Visit};

/// A page names the hosts of the pictures on it, so it can't show many cards.
const PAGE_SIZE: usize = 20;

const LESSON_PATH: &str = "/courses/:course/lessons/:lesson";

pub(crate) fn routes(routes: Routes) -> Routes {
    overview_routes(routes).at(LESSON_PATH, get(lesson::show).post(lesson::complete))
}

/// Those that a team member can view: all of them, and no forms.
pub(crate) fn read_routes(routes: Routes) -> Routes {
    overview_routes(routes).at(LESSON_PATH, get(lesson::show))
}

fn overview_routes(routes: Routes) -> Routes {
    routes
        .at("/courses", get(show))
        .at("/courses/:course", get(course::show))
}

/// `GET /courses`.
#[derive(Debug, Template)]
#[template(path = "pages/courses.html")]
pub(crate) struct CoursesView<'a> {
    pub layout: Layout<'a>,
    pub shell: &'a Shell,
    pub courses: &'a [CourseCard],
    pub previous_href: Option<&'a str>,
    pub next_href: Option<&'a str>,
}

#[derive(Clone, Debug)]
pub(crate) struct CourseCard {
    pub title: String,
    pub href: String,
    pub cover: Cover,
    pub state: CourseState,
}

/// What a card says about a course.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CourseState {
    /// It is listed, and opens then.
    Opens(DateTime<Utc>),
    /// It is on another site.
    External,
    /// It has no lessons yet.
    Empty,
    Lessons {
        done: i64,
        total: i64,
    },
}

#[handler]
async fn show(visit: Visit<'_>, reader: PortalReader) -> poem::Result<Reply> {
    let page = PortalPage::open(&visit, &reader, PortalSection::Courses).await?;
    let ids = in_order(&page);
    let last = ids.len().div_ceil(PAGE_SIZE).max(1);
    let number = visit.query("page").and_then(|number| number.parse().ok());
    let number: usize = number.unwrap_or(1).clamp(1, last);
    let shown = ids.chunks(PAGE_SIZE).nth(number - 1).unwrap_or_default();
    let mut conn = visit.conn().await?;
    let courses = cards(&mut conn, &page, shown).await?;
    drop(conn);
    let href = |number: usize| format!("{}?page={number}", page.shell.href(&page.shell.section));
    let previous = (number > 1).then(|| href(number - 1));
    let next = (number < last).then(|| href(number + 1));
    let view = CoursesView {
        layout: reader.site.layout(),
        shell: &page.shell,
        courses: &courses,
        previous_href: previous.as_deref(),
        next_href: next.as_deref(),
    };
    let covers = courses.iter().filter_map(|card| card.cover.origin());
    Ok(Reply::view_with(
        200,
        &view,
        &view.layout,
        &Sources::of_pictures(covers),
    )?)
}

/// Open courses first, the newest of them first; then those that will open, the next one first.
fn in_order(page: &PortalPage) -> Vec<CourseId> {
    let mut courses: Vec<_> = page.contents.courses().collect();
    courses.sort_by_key(|(id, access)| {
        let at = access.opens_at.timestamp();
        (!access.is_open, if access.is_open { -at } else { at }, *id)
    });
    courses.into_iter().map(|(id, _)| id).collect()
}

async fn cards(conn: &mut Conn, page: &PortalPage, ids: &[CourseId]) -> Result<Vec<CourseCard>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Course::find_many(conn, page.account, ids).await?;
    let mut rows: HashMap<CourseId, Course> = rows.into_iter().map(|row| (row.id, row)).collect();
    let counts = Lesson::counts(conn, page.account, ids).await?;
    let progress = CourseProgress::of_contacts(conn, page.account, &[page.contact]).await?;
    let done: HashMap<CourseId, i64> = progress
        .iter()
        .map(|one| (one.course_id, one.completed_lessons))
        .collect();
    let card = |row: Course| {
        let count = |of: &HashMap<CourseId, i64>| of.get(&row.id).copied().unwrap_or_default();
        Some(CourseCard {
            href: format!("{}/courses/{}", page.shell.base, row.id),
            cover: Cover::new(row.details.cover_url.as_deref(), &row.details.title),
            state: state(&row, page.contents.course(row.id)?, count(&done), count(&counts)),
            title: row.details.title,
        })
    };
    Ok(ids.iter().filter_map(|id| card(rows.remove(id)?)).collect())
}

fn state(row: &Course, access: &ItemAccess, done: i64, total: i64) -> CourseState {
    if !access.is_open {
        CourseState::Opens(access.opens_at)
    } else if row.details.external_url.is_some() {
        CourseState::External
    } else if total == 0 {
        CourseState::Empty
    } else {
        CourseState::Lessons { done, total }
    }
}

/// A course that is open to the contact, with their progress.
struct OpenCourse {
    row: Course,
    outline: Outline,
    progress: HashMap<LessonId, LessonProgress>,
}

impl OpenCourse {
    /// Any other course is not found, whatever the reason.
    async fn read(visit: &Visit<'_>, page: &PortalPage, id: &str) -> poem::Result<Self> {
        let missing = || poem::Error::from(visit.error(ErrorKind::NotFound));
        let id = id.parse::<CourseId>().map_err(|_| missing())?;
        if !page.contents.course(id).is_some_and(|access| access.is_open) {
            return Err(missing());
        }
        let mut conn = visit.conn().await?;
        let found = Course::find_many(&mut conn, page.account, &[id]).await?.pop();
        let row = found.ok_or_else(missing)?;
        let outline = outlines(&mut conn, page.account, &[id]).await?.remove(&id);
        let outline = outline.unwrap_or_default();
        let lessons: Vec<LessonId> = outline
            .iter()
            .flat_map(|(_, lessons)| lessons)
            .map(|one| one.id)
            .collect();
        let progress = match &lessons[..] {
            [] => Vec::new(),
            ids => LessonProgress::find_many(&mut conn, page.account, &[page.contact], ids).await?,
        };
        Ok(Self {
            row,
            outline,
            progress: progress
                .into_iter()
                .map(|(_, one)| (one.lesson_id, one))
                .collect(),
        })
    }

    /// Every lesson with its module, in order.
    fn lessons(&self) -> impl Iterator<Item = (&CourseModule, &Lesson)> {
        let modules = self.outline.iter();
        modules.flat_map(|(module, lessons)| lessons.iter().map(move |lesson| (module, lesson)))
    }

    fn is_done(&self, lesson: LessonId) -> bool {
        let progress = self.progress.get(&lesson);
        progress.is_some_and(|progress| progress.completed_at.is_some())
    }

    /// The number of completed lessons, and of all.
    fn done(&self) -> (usize, usize) {
        let done = self.lessons().filter(|(_, lesson)| self.is_done(lesson.id));
        (done.count(), self.lessons().count())
    }

    /// When the last lesson was completed, if all are.
    fn completed_at(&self) -> Option<DateTime<Utc>> {
        let completed = |lesson: &Lesson| self.progress.get(&lesson.id)?.completed_at;
        let all: Option<Vec<_>> = self.lessons().map(|(_, lesson)| completed(lesson)).collect();
        all?.into_iter().max()
    }

    /// The first lesson not completed from the one touched last, or of all.
    fn next(&self) -> Option<&Lesson> {
        let lessons: Vec<&Lesson> = self.lessons().map(|(_, lesson)| lesson).collect();
        let touched = |lesson: &Lesson| {
            let progress = self.progress.get(&lesson.id)?;
            Some(progress.completed_at.unwrap_or(progress.started_at))
        };
        let last = (0..lessons.len()).max_by_key(|at| (touched(lessons[*at]), *at));
        let last = last.filter(|at| touched(lessons[*at]).is_some()).unwrap_or(0);
        let open = |lesson: &&&Lesson| !self.is_done(lesson.id);
        let next = lessons[last.min(lessons.len())..].iter().find(open);
        next.or_else(|| lessons.iter().find(open)).copied()
    }

    fn lesson_href(&self, shell: &Shell, lesson: LessonId) -> String {
        format!("{}/courses/{}/lessons/{lesson}", shell.base, self.row.id)
    }

    fn href(&self, shell: &Shell) -> String {
        format!("{}/courses/{}", shell.base, self.row.id)
    }
}
