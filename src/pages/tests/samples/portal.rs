//! The pages of signed-in contacts.

pub(crate) mod courses;
mod views;

use chrono::{DateTime, TimeZone, Utc};

use super::{HOSTILE, TOKEN, portal};
use crate::accounts::model::section::PortalSection;
use crate::affiliates::model::sale::CommissionStatus;
use crate::affiliates::pages::figures::{AffiliatesView, Figures, SaleRow};
use crate::base::markdown;
use crate::communities::pages::{AnnouncementRow, CommunitiesView, CommunityCard, CommunityView};
use crate::menu::model::MenuIcon;
use crate::pages::portal::home::{HomeView, News, NewsRow, NextCard};
use crate::pages::portal::menu::{MenuItemView, MenuLink};
use crate::pages::tests::render;
use crate::pages::{Cover, Shell};

const COVER: &str = "https://covers.example/bread.jpg";
const MARKDOWN: &str = "# A heading\n\nSome *text* with [a link](https://example.com/), `code` and\n\n- a list\n- of two\n\n\
    > a quotation\n\n| flour | water |\n|---|---|\n| 500 g | 350 g |\n\n<script>alert(1)</script>";

fn long_title() -> String {
    format!(
        "{} {}",
        "Donaudampfschifffahrtsgesellschaftskapitän".repeat(3),
        "long ".repeat(14)
    )
}

fn at(day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 6, day, 10, 0, 0).unwrap()
}

fn shell(section: PortalSection) -> Shell {
    Shell {
        contact_name: "Anna Lindqvist".to_owned(),
        base: "/p/demo".to_owned(),
        sections: PortalSection::ALL.to_vec(),
        section,
        items: Vec::new(),
        limited: false,
        sign_out_token: TOKEN.to_owned(),
        view: None,
    }
}

pub(super) fn all() -> Vec<(String, String)> {
    let named = |(name, page): (&str, String)| (format!("portal_{name}"), page);
    [
        ("home", home()),
        ("home_first_day", first_day()),
        ("home_hostile", hostile_home()),
        ("home_viewed", views::home()),
        ("view_link", views::link()),
        ("courses", courses::courses(&courses::cards())),
        ("courses_limited", courses::limited()),
        ("courses_none", courses::courses(&[])),
        ("course", courses::course(false)),
        ("course_completed", courses::course(true)),
        ("course_elsewhere", courses::elsewhere()),
        ("lesson", courses::lesson(false)),
        ("lesson_completed", courses::lesson(true)),
        ("lesson_viewed", views::lesson()),
        ("communities", communities(true)),
        ("communities_none", communities(false)),
        ("community", community(true)),
        ("community_quiet", community(false)),
        ("affiliates", affiliates(true)),
        ("affiliates_none", affiliates(false)),
        ("menu_item", menu_item()),
    ]
    .map(named)
    .into()
}

pub(crate) fn home() -> String {
    let news = [
        (
            "The recipe of the month",
            News::Announcement("The bakers’ table".to_owned()),
            20,
        ),
        ("Bread at home", News::CourseOpened, 12),
        ("The bakers’ table", News::CommunityOpened, 2),
    ];
    let news = news.map(|(title, what, day)| NewsRow {
        title: title.to_owned(),
        href: "/p/demo/courses/course_x".to_owned(),
        at: at(day),
        what,
    });
    let next = NextCard {
        course: "Bread at home".to_owned(),
        lesson: "Folding".to_owned(),
        href: "/p/demo/courses/course_x/lessons/lesson_x".to_owned(),
        cover: Cover::new(None, "Bread at home"),
        done: 3,
        total: 6,
    };
    render(&HomeView {
        layout: portal(),
        shell: &shell(PortalSection::Home),
        greeted: "Anna",
        notice: None,
        offer_password: true,
        next: Some(&next),
        news: &news,
        empty: false,
    })
}

fn first_day() -> String {
    let shell = Shell {
        sections: vec![PortalSection::Home],
        ..shell(PortalSection::Home)
    };
    render(&HomeView {
        layout: portal(),
        shell: &shell,
        greeted: "مريم",
        notice: Some("“Courses” is switched off at Acme Academy."),
        offer_password: false,
        next: None,
        news: &[],
        empty: true,
    })
}

fn hostile_home() -> String {
    let next = NextCard {
        course: HOSTILE.to_owned(),
        lesson: long_title(),
        href: "/p/demo/courses/course_x/lessons/lesson_x".to_owned(),
        cover: Cover::new(Some(COVER), HOSTILE),
        done: 0,
        total: 60,
    };
    let news = NewsRow {
        title: HOSTILE.to_owned(),
        href: "/p/demo/communities/community_x".to_owned(),
        at: at(1),
        what: News::Announcement(HOSTILE.to_owned()),
    };
    let shell = Shell {
        contact_name: HOSTILE.to_owned(),
        ..shell(PortalSection::Home)
    };
    render(&HomeView {
        layout: portal(),
        shell: &shell,
        greeted: HOSTILE,
        notice: Some(HOSTILE),
        offer_password: false,
        next: Some(&next),
        news: &[news],
        empty: false,
    })
}

fn communities(filled: bool) -> String {
    let card = |name: &str, opens_at| CommunityCard {
        name: name.to_owned(),
        href: "/p/demo/communities/community_x".to_owned(),
        cover: Cover::new(None, name),
        opens_at,
    };
    let cards = [
        card("The bakers’ table", None),
        card(HOSTILE, None),
        card(&long_title(), Some(at(30))),
    ];
    render(&CommunitiesView {
        layout: portal(),
        shell: &shell(PortalSection::Communities),
        communities: if filled { &cards } else { &[] },
    })
}

fn community(filled: bool) -> String {
    let row = |title: &str, day| AnnouncementRow {
        id: format!("announcement_{day}"),
        title: title.to_owned(),
        at: at(day),
        body: markdown::to_html_below(MARKDOWN, 4),
    };
    let rows = [
        row("The recipe of the month", 20),
        row(HOSTILE, 12),
        row(&long_title(), 2),
    ];
    render(&CommunityView {
        layout: portal(),
        shell: &shell(PortalSection::Communities),
        name: if filled { "The bakers’ table" } else { HOSTILE },
        cover: &Cover::new(filled.then_some(COVER), "The bakers’ table"),
        description: filled.then_some("<p>Where members show their loaves.</p>"),
        join_url: filled.then_some("https://community.example/bakers"),
        announcements: if filled { &rows } else { &[] },
        newest_href: filled.then_some("/p/demo/communities/community_x"),
        older_href: filled.then_some("/p/demo/communities/community_x?before=announcement_2"),
    })
}

fn affiliates(enrolled: bool) -> String {
    let sale = |day, status| SaleRow {
        sold_at: at(day),
        amount: "120.00\u{a0}EUR".to_owned(),
        commission: "24.00\u{a0}EUR".to_owned(),
        status,
    };
    let sum = |status, sums: &[&str]| (status, sums.iter().map(|sum| (*sum).to_owned()).collect());
    let figures = Figures {
        link: "http://localhost:8000/p/demo/r/edsger-dijkstra".to_owned(),
        paused: false,
        clicks: 1_204,
        sales: 17,
        commissions: vec![
            sum(CommissionStatus::Pending, &["24.00\u{a0}EUR"]),
            sum(
                CommissionStatus::Approved,
                &["980.00\u{a0}EUR", "12,000\u{a0}JPY"],
            ),
            sum(CommissionStatus::Paid, &["9.80\u{a0}EUR"]),
            sum(CommissionStatus::Denied, &["0.80\u{a0}EUR"]),
        ],
        rows: CommissionStatus::ALL
            .iter()
            .map(|status| sale(9, *status))
            .collect(),
    };
    render(&AffiliatesView {
        layout: portal(),
        shell: &shell(PortalSection::Affiliates),
        figures: enrolled.then_some(&figures),
    })
}

fn menu_item() -> String {
    let link = |title: &str, href: &str, external, current| MenuLink {
        title: title.to_owned(),
        icon: MenuIcon::Cart,
        href: href.to_owned(),
        new_tab: external,
        external,
        current,
    };
    let shell = Shell {
        items: vec![
            link("Shop", "https://shop.example/?a=1&b=2", true, false),
            link(HOSTILE, "/p/demo/menu/menuitem_x", false, true),
        ],
        ..shell(PortalSection::Home)
    };
    render(&MenuItemView {
        layout: portal(),
        shell: &shell,
        title: HOSTILE,
        url: "https://frames.example/calendar",
    })
}
