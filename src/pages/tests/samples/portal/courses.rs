//! Courses and lessons.

use super::{COVER, MARKDOWN, at, long_title, shell};
use crate::accounts::model::section::PortalSection;
use crate::base::markdown;
use crate::courses::model::lesson::LessonKind;
use crate::courses::pages::course::{CourseView, LessonLink, LessonRow, LessonState, ModuleRow};
use crate::courses::pages::lesson::LessonView;
use crate::courses::pages::{CourseCard, CourseState, CoursesView};
use crate::courses::video::Player;
use crate::pages::tests::render;
use crate::pages::tests::samples::{HOSTILE, TOKEN, portal};
use crate::pages::{Cover, Shell};

pub(super) fn cards() -> Vec<CourseCard> {
    let card = |title: &str, cover: Option<&str>, state: CourseState| CourseCard {
        title: title.to_owned(),
        href: "/p/demo/courses/course_x".to_owned(),
        cover: Cover::new(cover, title),
        state,
    };
    vec![
        card(
            "Bread at home",
            Some(COVER),
            CourseState::Lessons { done: 3, total: 6 },
        ),
        card("خبز البيت", None, CourseState::Lessons { done: 6, total: 6 }),
        card(&long_title(), None, CourseState::Lessons { done: 0, total: 60 }),
        card(
            HOSTILE,
            Some("https://*.evil.example/x.png"),
            CourseState::External,
        ),
        card("Sourdough", None, CourseState::Empty),
        card("A weekend of rolls", None, CourseState::Opens(at(30))),
    ]
}

pub(crate) fn courses(cards: &[CourseCard]) -> String {
    render(&CoursesView {
        layout: portal(),
        shell: &shell(PortalSection::Courses),
        courses: cards,
        previous_href: None,
        next_href: Some("/p/demo/courses?page=2"),
    })
}

pub(crate) fn limited() -> String {
    let shell = Shell {
        sections: vec![PortalSection::Courses],
        limited: true,
        ..shell(PortalSection::Courses)
    };
    render(&CoursesView {
        layout: portal(),
        shell: &shell,
        courses: &cards(),
        previous_href: None,
        next_href: None,
    })
}

fn lesson_row(title: &str, kind: LessonKind, state: LessonState) -> LessonRow {
    LessonRow {
        title: title.to_owned(),
        href: "/p/demo/courses/course_x/lessons/lesson_x".to_owned(),
        kind,
        minutes: Some(12),
        state,
    }
}

fn link(title: &str) -> LessonLink {
    LessonLink {
        title: title.to_owned(),
        href: "/p/demo/courses/course_x/lessons/lesson_y".to_owned(),
    }
}

fn modules() -> Vec<ModuleRow> {
    let mut lessons = vec![
        lesson_row("Welcome", LessonKind::Text, LessonState::Completed),
        lesson_row(HOSTILE, LessonKind::Video, LessonState::Started),
        lesson_row(&long_title(), LessonKind::Link, LessonState::New),
        lesson_row("الخبز", LessonKind::Text, LessonState::New),
    ];
    let many = (5..=60).map(|n| lesson_row(&format!("Lesson {n}"), LessonKind::Text, LessonState::New));
    lessons.extend(many);
    let module = |title: &str, lessons| ModuleRow {
        title: title.to_owned(),
        lessons,
    };
    let first = vec![lesson_row("Before all", LessonKind::Text, LessonState::Completed)];
    vec![module("Before you begin", first), module(HOSTILE, lessons)]
}

pub(super) fn course(completed: bool) -> String {
    let next = link("Mixing");
    render(&CourseView {
        layout: portal(),
        shell: &shell(PortalSection::Courses),
        title: if completed { HOSTILE } else { "Bread at home" },
        cover: &Cover::new(completed.then_some(COVER), "Bread at home"),
        description: Some(&markdown::to_html_below(MARKDOWN, 2)),
        external_url: None,
        modules: &modules(),
        done: if completed { 61 } else { 2 },
        total: 61,
        completed_at: completed.then_some(at(5)),
        next: (!completed).then_some(&next),
    })
}

pub(super) fn elsewhere() -> String {
    let title = long_title();
    render(&CourseView {
        layout: portal(),
        shell: &shell(PortalSection::Courses),
        title: &title,
        cover: &Cover::new(None, &title),
        description: None,
        external_url: Some("https://example.com/course?a=1&b=2"),
        modules: &[],
        done: 0,
        total: 0,
        completed_at: None,
        next: None,
    })
}

pub(super) fn lesson(completed: bool) -> String {
    lesson_in(&shell(PortalSection::Courses), completed)
}

pub(super) fn lesson_in(shell: &Shell, completed: bool) -> String {
    let player = Player::of("https://youtu.be/dQw4w9WgXcQ");
    let (previous, next) = (link(&long_title()), link(HOSTILE));
    render(&LessonView {
        layout: portal(),
        shell,
        course: &link("Bread at home"),
        module: HOSTILE,
        title: if completed { "Folding" } else { HOSTILE },
        number: 4,
        total: 60,
        done: 3,
        minutes: Some(6),
        body: Some(&markdown::to_html_below(MARKDOWN, 2)),
        player: player.as_ref().filter(|_| completed),
        url: (!completed).then_some("https://example.com/a-link"),
        kind: if completed {
            LessonKind::Video
        } else {
            LessonKind::Link
        },
        completed_at: completed.then_some(at(5)),
        previous: Some(&previous),
        next: completed.then_some(&next),
        action: "/p/demo/courses/course_x/lessons/lesson_x",
        form_token: TOKEN,
    })
}
