//! The page of one lesson: opening it records its start, its form records that it is completed.

use askama::Template;
use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use poem::handler;
use poem::web::Path;

use super::OpenCourse;
use super::course::{LessonLink, link};
use crate::accounts::model::section::PortalSection;
use crate::base::error::Result;
use crate::base::ids::LessonId;
use crate::base::markdown;
use crate::courses::model::lesson::{Lesson, LessonKind};
use crate::courses::model::progress::{LessonStep, ProgressChange};
use crate::courses::video::Player;
use crate::live::Topic;
use crate::pages::csp::Sources;
use crate::pages::{ErrorKind, Form, Layout, OutcomeView, PortalPage, PortalReader, Reply, Shell, Visit};
use crate::sign_in::sessions::OwnSession;

/// `GET /courses/{course}/lessons/{lesson}`.
#[derive(Debug, Template)]
#[template(path = "pages/lesson.html")]
pub(crate) struct LessonView<'a> {
    pub layout: Layout<'a>,
    pub shell: &'a Shell,
    pub course: &'a LessonLink,
    pub module: &'a str,
    pub title: &'a str,
    /// Its place among all lessons of the course, from 1.
    pub number: usize,
    pub total: usize,
    pub done: usize,
    pub minutes: Option<i64>,
    /// HTML that is safe.
    pub body: Option<&'a str>,
    /// The video, if its platform has a player for frames.
    pub player: Option<&'a Player>,
    /// Where a link leads, or a video without a player.
    pub url: Option<&'a str>,
    pub kind: LessonKind,
    pub completed_at: Option<DateTime<Utc>>,
    pub previous: Option<&'a LessonLink>,
    pub next: Option<&'a LessonLink>,
    /// Posts to the page's own address.
    pub action: &'a str,
    pub form_token: &'a str,
}

#[handler]
pub(super) async fn show(
    visit: Visit<'_>,
    reader: PortalReader,
    Path((course, lesson)): Path<(String, String)>,
) -> poem::Result<Reply> {
    let page = PortalPage::open(&visit, &reader, PortalSection::Courses).await?;
    let course = OpenCourse::read(&visit, &page, &course).await?;
    let opened = lesson.parse().ok().and_then(|id| Opened::find(&course, id));
    let Some(opened) = opened else {
        return Ok(visit.error(ErrorKind::NotFound));
    };
    let is_new = visit.opened && !course.progress.contains_key(&opened.lesson.id);
    if let Some(own) = reader.own().filter(|_| is_new) {
        record(&visit, own, step(&page, opened.lesson.id, false)).await?;
    }
    Ok(opened.reply(&visit, &reader, &page, &course).await?)
}

/// A lesson between its neighbours.
struct Opened<'a> {
    lesson: &'a Lesson,
    module: &'a str,
    number: usize,
    previous: Option<&'a Lesson>,
    next: Option<&'a Lesson>,
}

impl<'a> Opened<'a> {
    fn find(course: &'a OpenCourse, id: LessonId) -> Option<Self> {
        let all: Vec<_> = course.lessons().collect();
        let at = all.iter().position(|(_, lesson)| lesson.id == id)?;
        let (module, lesson) = all.get(at)?;
        let neighbour = |at: Option<usize>| at.and_then(|at| all.get(at)).map(|(_, lesson)| *lesson);
        Some(Self {
            lesson,
            module: &module.title,
            number: at + 1,
            previous: neighbour(at.checked_sub(1)),
            next: neighbour(Some(at + 1)),
        })
    }

    async fn reply(
        &self,
        visit: &Visit<'_>,
        reader: &PortalReader,
        page: &PortalPage,
        course: &OpenCourse,
    ) -> Result<Reply> {
        let (lesson, shell) = (self.lesson, &page.shell);
        let details = &lesson.details;
        let mut conn = visit.conn().await?;
        let bodies = Lesson::bodies(&mut conn, page.account, &[lesson.id]).await?;
        drop(conn);
        let body = bodies
            .get(&lesson.id)
            .map(|text| markdown::to_html_below(text, 2));
        let player = details
            .url
            .as_deref()
            .filter(|_| details.kind == LessonKind::Video);
        let player = player.and_then(Player::of);
        let [previous, next] =
            [self.previous, self.next].map(|lesson| lesson.map(|lesson| link(course, shell, lesson)));
        let (done, total) = course.done();
        let progress = course.progress.get(&lesson.id);
        let action = course.lesson_href(shell, lesson.id);
        let view = LessonView {
            layout: reader.site.layout(),
            shell,
            course: &LessonLink {
                title: course.row.details.title.clone(),
                href: course.href(shell),
            },
            module: self.module,
            title: &details.title,
            number: self.number,
            total,
            done,
            minutes: details.duration_minutes.map(i64::from),
            body: body.as_deref(),
            player: player.as_ref(),
            url: details.url.as_deref().filter(|_| player.is_none()),
            kind: details.kind,
            completed_at: progress.and_then(|progress| progress.completed_at),
            previous: previous.as_ref(),
            next: next.as_ref(),
            form_token: &visit.form_token(&action),
            action: &action,
        };
        let sources = Sources::default().with_frames(player.as_ref().map(|player| player.origin.to_owned()));
        Reply::view_with(200, &view, &view.layout, &sources)
    }
}

/// Records that the lesson is completed and goes on to the next one, or to a course that is completed by it. The form's token belongs
/// to the page of this lesson, so the contact could open it once.
#[handler]
pub(super) async fn complete(
    visit: Visit<'_>,
    reader: PortalReader,
    Path((course, lesson)): Path<(String, String)>,
    _form: Form,
) -> poem::Result<Reply> {
    let page = PortalPage::open(&visit, &reader, PortalSection::Courses).await?;
    let id = lesson.parse::<LessonId>();
    let id = id.map_err(|_| poem::Error::from(visit.error(ErrorKind::NotFound)))?;
    let own = reader.own();
    let own = own.ok_or_else(|| poem::Error::from(visit.error(ErrorKind::NotFound)))?;
    let Some(change) = record(&visit, own, step(&page, id, true)).await? else {
        return Ok(closed(&reader, &page.shell)?);
    };
    let course = OpenCourse::read(&visit, &page, &course).await?;
    let next = Opened::find(&course, id).and_then(|opened| opened.next);
    let next = next.filter(|_| !change.course_completed);
    Ok(Reply::see_other(match next {
        Some(next) => course.lesson_href(&page.shell, next.id),
        None => course.href(&page.shell),
    }))
}

fn step(page: &PortalPage, lesson: LessonId, completes: bool) -> LessonStep {
    LessonStep {
        account: page.account,
        contact: page.contact,
        lesson,
        completes,
    }
}

/// `None` if the lesson's course is not open to the contact any more.
async fn record(visit: &Visit<'_>, own: &OwnSession, step: LessonStep) -> Result<Option<ProgressChange>> {
    let (moment, requester) = (visit.moment(), own.requester(&visit.client));
    let mut conn = visit.conn().await?;
    let taken = conn
        .transaction(async |conn| step.take(conn, &requester, &moment).await)
        .await?;
    let change = taken.map(|(_, change)| change);
    if change.is_some_and(ProgressChange::any) {
        visit.live().nudge(step.account, &[Topic::Activity]);
    }
    Ok(change)
}

/// The course was closed while the contact was reading.
fn closed(reader: &PortalReader, shell: &Shell) -> Result<Reply> {
    let layout = reader.site.layout();
    let view = OutcomeView {
        layout,
        heading: layout.text("lesson-closed"),
        words: layout
            .text("lesson-closed-words")
            .arg("portal", layout.name)
            .to_string(),
        next: layout.text("lesson-closed-next"),
        next_href: &shell.href(&PortalSection::Courses),
    };
    Reply::view(409, &view, &layout)
}
