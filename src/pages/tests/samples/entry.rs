use super::{HOME, HOSTILE, TOKEN, portal};
use crate::accounts::model::section::PortalSection;
use crate::base::locale::{Language, Locale};
use crate::pages::tests::render;
use crate::pages::{OutcomeView, SignInOptions};
use crate::sign_in::challenge::pages::confirm::LoginConfirmView;
use crate::sign_in::challenge::pages::wait::{LoginWaitView, Waiting};
use crate::sign_in::pages::login::{LoginView, PasswordLoginView};
use crate::sign_in::password::pages::{ForgotView, ResetView};
use crate::sign_in::profile::pages::details::{DetailsField, DetailsForm};
use crate::sign_in::profile::pages::step_up::StepUpView;
use crate::sign_in::profile::pages::{PasswordCard, ProfileView, SessionRow};

fn options() -> SignInOptions<'static> {
    SignInOptions {
        destination: "Acme Academy".to_owned(),
        base: "/p/demo",
        by_email: true,
        password: true,
        google: true,
        sign_up: true,
    }
}

pub(crate) fn all() -> Vec<(String, String)> {
    let mut pages = vec![
        ("login".to_owned(), login("", None, Some("You are signed out."))),
        (
            "login_wrong".to_owned(),
            login(
                "anna@",
                Some("Type a whole address, such as anna@example.com."),
                None,
            ),
        ),
        (
            "login_hostile".to_owned(),
            login(HOSTILE, Some(HOSTILE), Some(HOSTILE)),
        ),
        ("login_password".to_owned(), password(None)),
        ("login_password_hostile".to_owned(), password(Some(HOSTILE))),
        ("login_confirm".to_owned(), confirm()),
        ("forgot".to_owned(), forgot()),
        ("reset".to_owned(), reset()),
        ("outcome".to_owned(), outcome()),
        ("step_up".to_owned(), step_up(false)),
        ("step_up_code".to_owned(), step_up(true)),
    ];
    for state in [
        Waiting::Pending,
        Waiting::Opened,
        Waiting::Confirmed,
        Waiting::Ended,
    ] {
        pages.push((format!("login_wait_{state:?}"), wait(state)));
    }
    for card in [
        PasswordCard::Off,
        PasswordCard::Set,
        PasswordCard::Change,
        PasswordCard::ProveFirst,
    ] {
        pages.push((format!("profile_{card:?}"), profile(card)));
    }
    pages
}

fn login(email: &str, error: Option<&str>, notice: Option<&str>) -> String {
    render(&LoginView {
        layout: portal(),
        options: options(),
        form_token: TOKEN,
        section: PortalSection::Courses,
        email,
        error,
        notice,
    })
}

fn password(error: Option<&str>) -> String {
    render(&PasswordLoginView {
        layout: portal(),
        options: options(),
        form_token: TOKEN,
        section: PortalSection::Home,
        email: error.unwrap_or("anna@example.com"),
        error,
    })
}

fn wait(state: Waiting) -> String {
    render(&LoginWaitView {
        layout: portal(),
        options: options(),
        email: "anna@example.com",
        state,
        challenge_id: "challenge_01jx3v9k2mf8dtb0000000000a",
        matching_number: "47",
        code_token: TOKEN,
        finish_token: TOKEN,
        resend_token: TOKEN,
        resend_after: 40,
        error: (state == Waiting::Opened).then_some("This code is wrong."),
    })
}

fn confirm() -> String {
    render(&LoginConfirmView {
        layout: portal(),
        device: HOSTILE,
        network: "203.0.113.x",
        requested_at: "2 minutes ago",
        numbers: &["12".to_owned(), "47".to_owned(), "90".to_owned()],
        action: "/p/demo/login/confirm/challenge_x",
        form_token: TOKEN,
        home: HOME,
    })
}

fn forgot() -> String {
    render(&ForgotView {
        layout: portal(),
        options: options(),
        form_token: TOKEN,
        email: HOSTILE,
        error: Some(HOSTILE),
    })
}

fn reset() -> String {
    render(&ResetView {
        layout: portal(),
        action: "/p/demo/reset/reset_x",
        form_token: TOKEN,
        masked_email: "a***@example.com",
        shortest: 15,
        error: Some(HOSTILE),
    })
}

fn outcome() -> String {
    render(&OutcomeView {
        layout: portal(),
        heading: Locale::DEFAULT.text("reset-done"),
        words: HOSTILE.to_owned(),
        next: Locale::DEFAULT.text("sign-in"),
        next_href: "/p/demo/login",
    })
}

fn profile(password: PasswordCard) -> String {
    let session = SessionRow {
        id: "session_x".to_owned(),
        device: HOSTILE.to_owned(),
        network: "network 203.0.113.x".to_owned(),
        method: "Link".to_owned(),
        since: "2025-06-02T14:03:11Z".to_owned(),
        since_text: "2 Jun 2025, 14:03 UTC".to_owned(),
        current: true,
        made_by_staff: true,
    };
    let other = SessionRow {
        current: false,
        ..session.clone()
    };
    render(&ProfileView {
        layout: portal(),
        base: "/p/demo",
        back: "/p/demo",
        name: "Anna Lindqvist",
        email: "anna@example.com",
        details: Some(DetailsForm {
            form_token: TOKEN.to_owned(),
            first_name: HOSTILE.to_owned(),
            last_name: "Lindqvist".to_owned(),
            language: Some(Language::German),
            timezone: "Europe/Berlin".to_owned(),
            account_timezone: "UTC".to_owned(),
        }),
        details_error: (password == PasswordCard::Off).then_some(DetailsField::LastName),
        password,
        shortest: 15,
        password_token: TOKEN,
        sessions: &[session, other],
        end_token: TOKEN,
        end_all_token: TOKEN,
        sign_out_token: TOKEN,
        notice: Some("Your password is saved."),
        error: (password == PasswordCard::Set).then_some("This password is too short."),
    })
}

fn step_up(code_sent: bool) -> String {
    render(&StepUpView {
        layout: portal(),
        base: "/p/demo",
        reason: "You signed in with a link that opens only your courses. To open your communities, confirm it\u{2019}s you.",
        query: "?to=COMMUNITIES",
        back: "your courses",
        back_href: "/p/demo/courses",
        masked_email: "a***@example.com",
        code_sent,
        password: true,
        mail_token: TOKEN,
        form_token: TOKEN,
        error: Some(HOSTILE),
    })
}
