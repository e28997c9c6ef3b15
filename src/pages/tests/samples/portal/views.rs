//! The pages that a team member views as a contact.

use super::{courses, long_title, shell};
use crate::accounts::model::section::PortalSection;
use crate::pages::portal::home::HomeView;
use crate::pages::tests::render;
use crate::pages::tests::samples::{HOSTILE, TOKEN, portal};
use crate::pages::{Shell, ViewBanner};
use crate::portal_views::pages::ViewLinkView;

/// The shell of pages that a team member views.
fn viewed(section: PortalSection) -> Shell {
    Shell {
        base: "/p/demo/view-as".to_owned(),
        view: Some(ViewBanner {
            language: "de",
            words: format!("{HOSTILE} sieht dieses Portal als {}", long_title()),
            end: "Ansicht beenden".to_owned(),
            end_action: "/p/demo/view-as/end".to_owned(),
            end_token: TOKEN.to_owned(),
        }),
        ..shell(section)
    }
}

pub(super) fn home() -> String {
    render(&HomeView {
        layout: portal(),
        shell: &viewed(PortalSection::Home),
        greeted: "Anna",
        notice: None,
        offer_password: false,
        next: None,
        news: &[],
        empty: false,
    })
}

pub(super) fn link() -> String {
    render(&ViewLinkView {
        layout: portal(),
        contact: HOSTILE,
        action: "/p/demo/view-as/viewas_x",
        form_token: TOKEN,
    })
}

pub(super) fn lesson() -> String {
    courses::lesson_in(&viewed(PortalSection::Courses), false)
}
