//! The page of one course.

use askama::Template;
use chrono::{DateTime, Utc};
use poem::handler;
use poem::web::Path;

use super::OpenCourse;
use crate::accounts::model::section::PortalSection;
use crate::base::markdown;
use crate::courses::model::lesson::{Lesson, LessonKind};
use crate::pages::csp::Sources;
use crate::pages::{Cover, Layout, PortalPage, PortalReader, Reply, Shell, Visit};

/// `GET /courses/{course}`.
#[derive(Debug, Template)]
#[template(path = "pages/course.html")]
pub(crate) struct CourseView<'a> {
    pub layout: Layout<'a>,
    pub shell: &'a Shell,
    pub title: &'a str,
    pub cover: &'a Cover,
    /// HTML that is safe.
    pub description: Option<&'a str>,
    /// Where the course is, if not here.
    pub external_url: Option<&'a str>,
    pub modules: &'a [ModuleRow],
    pub done: usize,
    pub total: usize,
    pub completed_at: Option<DateTime<Utc>>,
    pub next: Option<&'a LessonLink>,
}

#[derive(Clone, Debug)]
pub(crate) struct ModuleRow {
    pub title: String,
    pub lessons: Vec<LessonRow>,
}

#[derive(Clone, Debug)]
pub(crate) struct LessonRow {
    pub title: String,
    pub href: String,
    pub kind: LessonKind,
    pub minutes: Option<i64>,
    pub state: LessonState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LessonState {
    New,
    Started,
    Completed,
}

/// A link to a lesson.
#[derive(Clone, Debug)]
pub(crate) struct LessonLink {
    pub title: String,
    pub href: String,
}

#[handler]
pub(super) async fn show(
    visit: Visit<'_>,
    reader: PortalReader,
    Path(id): Path<String>,
) -> poem::Result<Reply> {
    let page = PortalPage::open(&visit, &reader, PortalSection::Courses).await?;
    let course = OpenCourse::read(&visit, &page, &id).await?;
    let details = &course.row.details;
    let cover = Cover::new(details.cover_url.as_deref(), &details.title);
    let description = details.description.as_deref();
    let description = description.map(|text| markdown::to_html_below(text, 2));
    let (done, total) = course.done();
    let next = course.next().map(|lesson| link(&course, &page.shell, lesson));
    let view = CourseView {
        layout: reader.site.layout(),
        shell: &page.shell,
        title: &details.title,
        cover: &cover,
        description: description.as_deref(),
        external_url: details.external_url.as_deref(),
        modules: &modules(&course, &page.shell),
        done,
        total,
        completed_at: course.completed_at(),
        next: next.as_ref(),
    };
    let sources = Sources::of_pictures(cover.origin());
    Ok(Reply::view_with(200, &view, &view.layout, &sources)?)
}

pub(super) fn link(course: &OpenCourse, shell: &Shell, lesson: &Lesson) -> LessonLink {
    LessonLink {
        title: lesson.details.title.clone(),
        href: course.lesson_href(shell, lesson.id),
    }
}

fn modules(course: &OpenCourse, shell: &Shell) -> Vec<ModuleRow> {
    let state = |lesson: &Lesson| match course.progress.get(&lesson.id) {
        None => LessonState::New,
        Some(progress) if progress.completed_at.is_none() => LessonState::Started,
        Some(_) => LessonState::Completed,
    };
    let row = |lesson: &Lesson| LessonRow {
        title: lesson.details.title.clone(),
        href: course.lesson_href(shell, lesson.id),
        kind: lesson.details.kind,
        minutes: lesson.details.duration_minutes.map(i64::from),
        state: state(lesson),
    };
    let filled = course.outline.iter().filter(|(_, lessons)| !lessons.is_empty());
    let module = filled.map(|(module, lessons)| ModuleRow {
        title: module.title.clone(),
        lessons: lessons.iter().map(row).collect(),
    });
    module.collect()
}
