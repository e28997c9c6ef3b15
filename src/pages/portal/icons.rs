//! The pictures of menu items, as paths of a 16 × 16 drawing in lines. The dashboard has the same ones.

use crate::menu::model::MenuIcon;

/// The data of the icon's `path` element.
pub(super) const fn path(icon: MenuIcon) -> &'static str {
    match icon {
        MenuIcon::Bell => "M4 11V7a4 4 0 0 1 8 0v4l1.5 1.5h-11zM6.5 14.5h3",
        MenuIcon::Book => {
            "M8 4.5C6.5 3 4 3 2 3.5v9c2-.5 4.5-.5 6 1 1.5-1.5 4-1.5 6-1v-9c-2-.5-4.5-.5-6 1zM8 4.5v9"
        }
        MenuIcon::Calendar => "M2.5 4h11v9.5h-11zM2.5 7h11M5.5 2.25V5M10.5 2.25V5",
        MenuIcon::Cart => "M1.5 2.5h2l1.7 7.5h7l1.5-5.5H4M6 13.25h.01M11.25 13.25h.01",
        MenuIcon::Chat => "M2.5 3h11v8H8l-3 2.5V11H2.5z",
        MenuIcon::Chart => "M2.5 13.5h11M4.5 11V8M8 11V3.5M11.5 11V6",
        MenuIcon::Document => "M4 1.8h6l2.5 2.5v10H4zM6.5 6.5H10M6.5 9H10M6.5 11.5h2",
        MenuIcon::Gift => {
            "M2.5 5.5h11v3h-11zM3.5 8.5h9v5h-9zM8 5.5v8M8 5.5C4.5 5.5 4 2.5 5.5 2.5S8 5.5 8 5.5s1-3 2.5-3 1 3-2.5 3z"
        }
        MenuIcon::Globe => {
            "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM2 8h12M8 2c2 1.8 2.6 3.8 2.6 6S10 12.2 8 14c-2-1.8-2.6-3.8-2.6-6S6 3.8 8 2z"
        }
        MenuIcon::Heart => {
            "M8 13.5S2.25 10 2.25 6.1A2.9 2.9 0 0 1 8 4.7a2.9 2.9 0 0 1 5.75 1.4C13.75 10 8 13.5 8 13.5z"
        }
        MenuIcon::Help => {
            "M8 14.25a6.25 6.25 0 1 0 0-12.5 6.25 6.25 0 0 0 0 12.5zM6.2 6.3a1.85 1.85 0 1 1 2.7 1.65c-.6.3-.9.7-.9 1.3M8 11.4h.01"
        }
        MenuIcon::Home => "M2.5 7 8 2.5 13.5 7v6.5h-4v-4h-3v4h-4z",
        MenuIcon::Link => {
            "m6.5 9.5 3-3M7 4.5l1.2-1.2a3 3 0 0 1 4.3 4.3l-1.2 1.2M9 11.5l-1.2 1.2a3 3 0 0 1-4.3-4.3l1.2-1.2"
        }
        MenuIcon::Mail => "M2 3.5h12v9H2zM2 4.5 8 9l6-4.5",
        MenuIcon::Microphone => {
            "M8 2a2 2 0 0 0-2 2v3.5a2 2 0 0 0 4 0V4a2 2 0 0 0-2-2zM3.75 7.5a4.25 4.25 0 0 0 8.5 0M8 11.75V14M6 14h4"
        }
        MenuIcon::Money => {
            "M8 14.25a6.25 6.25 0 1 0 0-12.5 6.25 6.25 0 0 0 0 12.5zM10 5.9c-.4-.7-1.1-1-2-1-1.2 0-2 .6-2 1.5 0 2.2 4.1 1 4.1 3.2 \
             0 .9-.9 1.5-2.1 1.5-1 0-1.8-.4-2.1-1.1M8 3.9v1M8 11.1v1"
        }
        MenuIcon::People => {
            "M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M10.5 2.8a2.5 2.5 0 0 1 0 4.4M12 \
             9.8c1.5.5 2.5 1.8 2.5 3.7"
        }
        MenuIcon::Phone => {
            "M3 2.5h2.5L6.75 6 5.25 7.25a8 8 0 0 0 3.5 3.5L10 9.25l3.5 1.25V13c0 .3-.2.5-.5.5A10.5 10.5 0 0 1 2.5 3c0-.3.2-.5.5-.5z"
        }
        MenuIcon::Picture => "M2 3h12v10H2zM2 11l3.5-3.5 3 3L11 8l3 3M10.5 5.75h.01",
        MenuIcon::Settings => "M2 4.5h6M11 4.5h3M2 11.5h3M8 11.5h6M9.5 3v3M6.5 10v3",
        MenuIcon::Star => "m8 2 1.85 3.75 4.15.6-3 2.9.7 4.15L8 11.45 4.3 13.4l.7-4.15-3-2.9 4.15-.6z",
        MenuIcon::Video => "M2 4h8.5v8H2zM10.5 7 14 5v6l-3.5-2",
    }
}
