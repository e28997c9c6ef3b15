//! An account is a tenant: its name, slug and settings.

pub(crate) mod budget;
pub(crate) mod email_lock;
pub(crate) mod frame_hosts;
pub(crate) mod logo;
pub mod section;
mod settings;
mod slug;

pub(crate) use settings::{SettingsChanges, timezone_exists};
pub(crate) use slug::{reserved, slug_is_reserved, slug_is_taken, slug_is_well_formed};

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
    /// When the slug was changed, the last times.
    pub renamed_at: Vec<DateTime<Utc>>,
    /// Whether visitors may sign up to the portal by themselves.
    pub self_sign_up: bool,
}

impl Account {
    /// A slug is 2 to 40 characters of `a-z 0-9`, with single dashes inside. It is never given to another account.
    pub async fn create(conn: &mut Conn, slug: &str, name: &str, moment: &Moment) -> Result<Self> {
        if slug_is_reserved(slug) {
            return Err(reserved(slug));
        }
        let created = diesel::insert_into(accounts::table)
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
            .optional();
        let taken = || {
            let message =
                format!("The slug {slug:?} belongs to another account, or did: choose another one.");
            Error::new(Code::Conflict, message).at("slug")
        };
        match created {
            // The trigger refuses a slug that another account had.
            Err(error) if slug_is_taken(&error) => Err(taken()),
            created => created?.ok_or_else(taken),
        }
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

    /// Whether an unknown address gets a code that creates a contact.
    pub(crate) fn takes_sign_ups(&self) -> bool {
        self.self_sign_up && self.code_allowed
    }

    /// Whether the portal has the section.
    pub(crate) fn has_section(&self, section: PortalSection) -> bool {
        self.sections.contains(&section)
    }

    pub(crate) fn invitation_lifetime(&self) -> TimeDelta {
        TimeDelta::days(self.invitation_days.into())
    }
}
