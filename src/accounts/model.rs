//! An account is a tenant: its name, slug and settings.

pub(crate) mod budget;
pub(crate) mod email_lock;
pub(crate) mod frame_hosts;
pub(crate) mod logo;
pub mod section;
mod settings;

pub(crate) use settings::{SettingsChanges, timezone_exists};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::accounts::brand::{Accent, Colors};
use crate::accounts::model::section::PortalSection;
use crate::base::clock::Moment;
use crate::base::db::schema::accounts;
use crate::base::db::{AnyConn, Conn};
use crate::base::error::{Code, Error, Result};
use crate::base::ids::AccountId;
use crate::base::locale::{Language, Locale};

#[derive(Clone, Debug, Queryable, Selectable, Identifiable)]
pub struct Account {
    pub id: AccountId,
    pub slug: String,
    pub name: String,
    pub reply_to: Option<String>,
    pub accent_color: String,
    pub invitation_days: i16,
    pub limit_copied_links: bool,
    pub created_at: DateTime<Utc>,
    pub password_allowed: bool,
    pub code_allowed: bool,
    pub google_allowed: bool,
    pub link_allowed: bool,
    pub shortest_password: i16,
    /// How many days the audit log is kept; none: forever.
    pub audit_days: Option<i16>,
    /// The IANA time zone of the account's days, weeks and months.
    pub timezone: String,
    /// What the portal has, the home page always.
    pub sections: Vec<PortalSection>,
    /// Whether the portal also shows sections in which the contact has nothing.
    pub show_empty_sections: bool,
    /// The language of pages and emails for readers whose own is not known.
    pub language: Language,
    /// Where the links of affiliates lead that have no target of their own.
    pub affiliate_target_url: Option<String>,
    /// The hosts whose pages menu items may show in a frame.
    pub frame_hosts: Vec<String>,
    pub secondary_color: Option<String>,
    /// Where the logo was fetched from.
    pub logo_url: Option<String>,
    /// The name of the file that the portal serves: see [`logo::LogoFile`].
    pub logo_file: Option<String>,
}

impl Account {
    /// A slug is 2 to 40 characters of `a-z 0-9`, with single dashes inside. It is never given to another account.
    pub async fn create(conn: &mut Conn, slug: &str, name: &str, moment: &Moment) -> Result<Self> {
        if slug_is_reserved(slug) {
            return Err(reserved(slug));
        }
        diesel::insert_into(accounts::table)
            .values((
                accounts::id.eq(AccountId::new(moment)),
                accounts::slug.eq(slug),
                accounts::name.eq(name),
                accounts::created_at.eq(moment.now),
            ))
            .on_conflict(accounts::slug)
            .do_nothing()
            .returning(Self::as_returning())
            .get_result(conn)
            .await
            .optional()?
            .ok_or_else(|| {
                Error::new(
                    Code::Conflict,
                    format!("An account with the slug {slug:?} exists already."),
                )
                .at("slug")
            })
    }

    pub(crate) async fn find(conn: &mut impl AnyConn, id: AccountId) -> Result<Self> {
        Ok(accounts::table
            .find(id)
            .select(Self::as_select())
            .first(conn)
            .await?)
    }

    pub(crate) async fn find_many(conn: &mut Conn, ids: &[AccountId]) -> Result<Vec<Self>> {
        Ok(accounts::table
            .filter(accounts::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    pub async fn by_slug(conn: &mut Conn, slug: &str) -> Result<Option<Self>> {
        Ok(accounts::table
            .filter(accounts::slug.eq(slug))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    /// Whether there is any account at all.
    pub(crate) async fn any(conn: &mut Conn) -> Result<bool> {
        Ok(accounts::table
            .select(accounts::id)
            .first::<AccountId>(conn)
            .await
            .optional()?
            .is_some())
    }

    /// For readers of whom only the language is known, or not even that.
    pub(crate) fn locale(&self, language: Option<Language>) -> Locale {
        Locale::new(language.unwrap_or(self.language), Some(&self.timezone))
    }

    /// Whether sign-in links may be created.
    pub(crate) fn check_links(&self) -> Result<()> {
        if self.link_allowed {
            return Ok(());
        }
        let message =
            "Signing in by link is turned off. Turn it on first with updatePortalSettings (linkAllowed).";
        Err(Error::new(Code::Conflict, message))
    }

    pub(crate) fn colors(&self) -> Colors {
        Colors {
            accent: self.accent_color.parse().unwrap_or(Accent::DEFAULT),
            bar: self
                .secondary_color
                .as_deref()
                .and_then(|color| color.parse().ok()),
        }
    }

    /// Whether the portal has the section.
    pub(crate) fn has_section(&self, section: PortalSection) -> bool {
        self.sections.contains(&section)
    }

    pub(crate) fn invitation_lifetime(&self) -> TimeDelta {
        TimeDelta::days(self.invitation_days.into())
    }
}

/// The error for a reserved slug.
pub(crate) fn reserved(slug: &str) -> Error {
    Error::bad_input(
        "slug",
        format!("The slug {slug:?} is reserved: choose another one."),
    )
}

/// Path segments and host names that have another meaning, or are likely to get one.
const RESERVED: &[&str] = &[
    "account",
    "accounts",
    "admin",
    "api",
    "app",
    "assets",
    "auth",
    "autoconfig",
    "autodiscover",
    "dashboard",
    "docs",
    "forgot",
    "ftp",
    "graphiql",
    "graphql",
    "healthz",
    "help",
    "imap",
    "link",
    "login",
    "mail",
    "metrics",
    "not-me",
    "ns",
    "outbox",
    "pop",
    "portal",
    "profile",
    "readyz",
    "reset",
    "server",
    "sign-in",
    "sign-out",
    "smtp",
    "static",
    "status",
    "step-up",
    "support",
    "vestibule",
    "well-known",
    "www",
];

pub(crate) fn slug_is_reserved(slug: &str) -> bool {
    RESERVED.contains(&slug)
}

pub(crate) fn slug_is_well_formed(slug: &str) -> bool {
    (2..=40).contains(&slug.len())
        && slug.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}
