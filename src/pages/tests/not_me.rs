use askama::Template;

use super::samples::{self, HOSTILE};
use crate::base::locale::Locale;
use crate::messages::model::ReportedEmail;
use crate::pages::Layout;
use crate::sign_in::not_me::pages::{NotMeUnknownView, NotMeView};

const KINDS: [ReportedEmail; 4] = [
    ReportedEmail::SignIn,
    ReportedEmail::Reset,
    ReportedEmail::NewDevice,
    ReportedEmail::PasswordChanged,
];

fn page(reported: ReportedEmail, name: &str, done: bool) -> String {
    let view = NotMeView {
        layout: Layout::portal(name, "/p/demo/", samples::colors(), Locale::DEFAULT),
        reported,
        masked_email: "a***@example.com",
        done,
        action: "/p/demo/not-me/notme_x",
        form_token: "tok-\"1\"",
        login_href: "/p/demo/login",
    };
    view.render().unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn pages() -> Vec<(String, String)> {
    let asked = KINDS.map(|kind| (format!("not_me_{kind:?}"), page(kind, "Acme Academy", false)));
    let done = KINDS.map(|kind| (format!("not_me_done_{kind:?}"), page(kind, HOSTILE, true)));
    let unknown = NotMeUnknownView {
        layout: Layout::portal(HOSTILE, "/p/demo/", samples::colors(), Locale::DEFAULT),
        login_href: "/p/demo/login",
    };
    let unknown = unknown.render().unwrap_or_else(|error| panic!("{error}"));
    let unknown = [("not_me_unknown".to_owned(), unknown)];
    asked.into_iter().chain(done).chain(unknown).collect()
}

#[test]
fn the_page_says_what_the_button_does_and_offers_it_once() {
    for kind in KINDS {
        let (asked, done) = (page(kind, "Acme", false), page(kind, "Acme", true));
        let rests = matches!(kind, ReportedEmail::SignIn | ReportedEmail::Reset);
        for shown in [&asked, &done] {
            assert_eq!(shown.contains("24 hours"), rests, "{kind:?}");
            assert!(!shown.contains("anna@"));
        }
        assert_eq!(asked.matches("<button type=\"submit\"").count(), 1);
        assert!(!done.contains("<form"), "{kind:?}");
    }
}
