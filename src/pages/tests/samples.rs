mod entry;
pub(crate) mod portal;

use super::not_me;
use super::render;
use crate::accounts::brand::Colors;
use crate::accounts::model::section::PortalSection;
use crate::base::locale::Locale;
use crate::magic_links::model::redeem::LinkRefusal;
use crate::magic_links::pages::LinkConfirmView;
use crate::magic_links::pages::refused::{LinkRefusedView, NewLinkOffer};
use crate::messages::pages::linkify::linkify;
use crate::messages::pages::{OutboxMailView, OutboxRow, OutboxView};
use crate::pages::dashboard::{ChooseDashboardView, DashboardRow, DashboardView};
use crate::pages::error_page::ErrorView;
use crate::pages::server::StartView;
use crate::pages::{CurrentUser, ErrorKind, Layout};
use crate::team::pages::{StaffLinkView, StaffRefusal, StaffRefusedView};

pub(crate) const HOSTILE: &str = "<script>alert(1)</script>";
pub(crate) const REFUSALS: [LinkRefusal; 8] = [
    LinkRefusal::Invalid,
    LinkRefusal::Expired,
    LinkRefusal::Used { retry_after: None },
    LinkRefusal::Superseded,
    LinkRefusal::Revoked,
    LinkRefusal::Used {
        retry_after: Some(42),
    },
    LinkRefusal::AccessRevoked,
    LinkRefusal::MethodDisabled,
];
pub(crate) const ERRORS: [ErrorKind<'static>; 8] = [
    ErrorKind::NotFound,
    ErrorKind::BadRequest(Some("An address looks like anna@example.com.")),
    ErrorKind::Forbidden,
    ErrorKind::FormExpired {
        retry_href: "/p/demo/login",
    },
    ErrorKind::Conflict,
    ErrorKind::TooMany { retry_after: 30 },
    ErrorKind::Internal { id: "err_01jx3v9k2m" },
    ErrorKind::Unavailable,
];
const STAFF_REFUSALS: [StaffRefusal; 3] = [StaffRefusal::Invalid, StaffRefusal::Expired, StaffRefusal::Used];
pub(crate) const TOKEN: &str = "tok-\"1\"";
pub(crate) const HOME: &str = "/p/demo/";

pub(crate) fn colors() -> Colors {
    Colors {
        accent: "#4b3fbf".parse().expect("a colour"),
        bar: "#fff3c4".parse().ok(),
    }
}

pub(crate) fn portal() -> Layout<'static> {
    Layout::portal("Acme Academy", HOME, colors(), Locale::DEFAULT)
}

pub(crate) fn all() -> Vec<(String, String)> {
    let mut pages = vec![
        ("link".to_owned(), link_confirm(None)),
        (
            "link_switch".to_owned(),
            link_confirm(Some(CurrentUser {
                name: "Ben Okafor",
                href: HOME,
            })),
        ),
        ("link_invitation".to_owned(), invitation()),
        ("link_hostile".to_owned(), hostile_link()),
        ("staff_link".to_owned(), staff_link(None)),
        (
            "staff_switch".to_owned(),
            staff_link(Some(CurrentUser {
                name: HOSTILE,
                href: "/dashboard",
            })),
        ),
        ("dashboard".to_owned(), dashboard()),
        ("start".to_owned(), start(true)),
        ("start_public".to_owned(), start(false)),
        ("choose_dashboard".to_owned(), choose_dashboard(&[])),
        (
            "choose_dashboard_open".to_owned(),
            choose_dashboard(&open_dashboards()),
        ),
        ("outbox".to_owned(), outbox(true)),
        ("outbox_empty".to_owned(), outbox(false)),
        ("outbox_mail".to_owned(), outbox_mail()),
    ];
    pages.extend(entry::all());
    pages.extend(portal::all());
    pages.extend(REFUSALS.map(|refusal| (format!("refused_{refusal:?}"), link_refused(refusal, true))));
    pages.extend(not_me::pages());
    pages.extend(ERRORS.map(|kind| (format!("error_{}", kind.status()), error(kind, false))));
    pages
        .extend(STAFF_REFUSALS.map(|refusal| (format!("staff_refused_{refusal:?}"), staff_refused(refusal))));
    pages
}

pub(crate) fn link_confirm(switch_from: Option<CurrentUser<'_>>) -> String {
    render(&LinkConfirmView {
        switch_from,
        ..link()
    })
}

fn link() -> LinkConfirmView<'static> {
    LinkConfirmView {
        layout: portal(),
        contact_name: Some("Anna Lindqvist"),
        masked_email: "a***@example.com",
        section: PortalSection::Courses,
        limited: false,
        invitation: false,
        action: "/p/demo/link/ml_x",
        form_token: TOKEN,
        switch_from: None,
    }
}

fn invitation() -> String {
    render(&LinkConfirmView {
        invitation: true,
        contact_name: None,
        section: PortalSection::Home,
        ..link()
    })
}

fn hostile_link() -> String {
    render(&LinkConfirmView {
        layout: Layout::portal(HOSTILE, HOME, colors(), Locale::DEFAULT),
        contact_name: Some(HOSTILE),
        limited: true,
        switch_from: Some(CurrentUser {
            name: HOSTILE,
            href: HOME,
        }),
        ..link()
    })
}

pub(crate) fn link_refused(refusal: LinkRefusal, offered: bool) -> String {
    let offer = NewLinkOffer {
        action: "/p/demo/link/ml_x/fresh",
        form_token: TOKEN,
        masked_email: "a***@example.com",
    };
    render(&LinkRefusedView {
        layout: portal(),
        refusal,
        new_link: offered.then_some(offer),
        retry_href: matches!(refusal, LinkRefusal::Used { retry_after: Some(_) })
            .then_some("/p/demo/link/ml_x"),
        login_href: "/p/demo/login",
        support: "Acme Academy (help@acme.example)",
    })
}

fn staff_link(switch_from: Option<CurrentUser<'_>>) -> String {
    render(&StaffLinkView {
        layout: Layout::SERVER,
        account_name: "Acme Academy",
        member_name: "Olivia Marsh",
        masked_email: "o***@acme.example",
        action: "/staff/link/sl_x",
        form_token: TOKEN,
        switch_from,
    })
}

fn staff_refused(refusal: StaffRefusal) -> String {
    render(&StaffRefusedView {
        layout: portal(),
        refusal,
        sign_in_href: "/dashboard/demo",
    })
}

fn dashboard() -> String {
    render(&DashboardView {
        layout: Layout {
            name: "Acme Academy",
            home: Some("/dashboard/demo"),
            colors: colors(),
            logo: None,
            locale: Locale::DEFAULT,
        },
        boot: r#"{"accountName":"</div><script>alert(1)</script>"}"#,
        base: "/dashboard/demo",
        profile_href: "/dashboard/demo/profile",
        sign_out_action: "/dashboard/demo/sign-out",
        form_token: TOKEN,
    })
}

pub(crate) fn start(local: bool) -> String {
    render(&StartView {
        layout: Layout::SERVER,
        version: "0.1.0",
        portal_href: Some("/p/demo/"),
        dashboard_href: "/dashboard",
        playground_href: Some("/graphiql"),
        outbox_href: Some("/dashboard/outbox"),
        public_url: "http://localhost:8000",
        local,
    })
}

fn open_dashboards() -> Vec<DashboardRow> {
    let row = |account: &str, member: &str| DashboardRow {
        href: "/dashboard/demo".to_owned(),
        account: account.to_owned(),
        member: member.to_owned(),
    };
    vec![
        row("Acme Academy", "Olivia Marsh"),
        row(HOSTILE, "somebody.with.a.long.name@a-long-domain.example"),
    ]
}

fn choose_dashboard(open: &[DashboardRow]) -> String {
    render(&ChooseDashboardView {
        layout: Layout::SERVER,
        open,
        form_token: TOKEN,
        account: HOSTILE,
        error: open
            .is_empty()
            .then_some("No account with this name was found. Check the spelling."),
    })
}

fn outbox(filled: bool) -> String {
    let mail = OutboxRow {
        href: Some("/dashboard/outbox/1"),
        at: "2025-06-02T14:03:11Z",
        at_text: "2 Jun 2025, 14:03:11 UTC",
        to: "Anna Lindqvist <anna@example.com>",
        subject: "You are invited to Acme Academy",
        text: &[],
        segments: None,
    };
    let texts = linkify("Acme: sign in with this link: http://localhost:8000/p/demo/link/ml_x");
    let text = OutboxRow {
        href: None,
        to: "+4915112345678",
        subject: "",
        text: &texts,
        segments: Some(1),
        ..mail
    };
    let hostile = OutboxRow {
        to: HOSTILE,
        subject: HOSTILE,
        ..mail
    };
    let mails = if filled {
        vec![mail, hostile, text, mail]
    } else {
        vec![]
    };
    render(&OutboxView {
        layout: Layout::SERVER,
        mails: &mails,
        total: mails.len() * 40,
        older_href: filled.then_some("/dashboard/outbox?before=1"),
        dashboard_href: "/dashboard",
    })
}

pub(crate) fn outbox_mail() -> String {
    let text = "Hello Anna,\n\nsign in here:\nhttp://localhost:8000/p/demo/link/ml_x\n\nThis link works once, for 7 days.";
    let html = "<p style=\"font-family:sans-serif\">Hello Anna,</p><p><a href=\"http://localhost:8000/p/demo/link/ml_x\" \
        style=\"background:#4b3fbf;color:#fff;padding:12px 20px;border-radius:8px;text-decoration:none\">Sign in</a></p>\
        <script>document.title='mail-script'</script>";
    render(&OutboxMailView {
        layout: Layout::SERVER,
        back_href: "/dashboard/outbox",
        subject: "You are invited to Acme Academy",
        headers: &[
            ("From", "Acme Academy <portal@mail.acme.example>"),
            ("To", "Anna Lindqvist <anna@example.com>"),
            ("Date", "Mon, 02 Jun 2025 14:03:11 +0000"),
        ],
        technical: &[("Message-ID", "<01jx3v9k2m.1@mail.acme.example>")],
        text: &linkify(text),
        html: Some(html),
    })
}

pub(crate) fn error(kind: ErrorKind<'_>, posted: bool) -> String {
    render(&ErrorView {
        layout: portal(),
        kind,
        posted,
    })
}
