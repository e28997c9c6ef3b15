//! The short name in the addresses of an account. The database keeps every slug that an account has or had, and gives none to another
//! account.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_async::RunQueryDsl;

use super::Account;
use crate::base::db::Conn;
use crate::base::db::schema::{account_slugs, accounts};
use crate::base::error::{Error, Result};

/// How often an account may change its slug within a year.
const RENAMES_A_YEAR: usize = 10;

const YEAR: TimeDelta = TimeDelta::days(365);

impl Account {
    /// The account that has this slug, or had it.
    pub async fn by_slug(conn: &mut Conn, slug: &str) -> Result<Option<Self>> {
        Ok(accounts::table
            .inner_join(account_slugs::table.on(account_slugs::account_id.eq(accounts::id)))
            .filter(account_slugs::slug.eq(slug))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    /// The slugs that it had before, in alphabetical order.
    pub(crate) async fn former_slugs(&self, conn: &mut Conn) -> Result<Vec<String>> {
        Ok(account_slugs::table
            .filter(account_slugs::account_id.eq(self.id))
            .filter(account_slugs::slug.ne(&self.slug))
            .order(account_slugs::slug)
            .select(account_slugs::slug)
            .load(conn)
            .await?)
    }

    /// The times of the changes of its slug within a year, with another one now. The error says when the next one is possible.
    pub(crate) fn renamed(
        &self,
        now: DateTime<Utc>,
    ) -> std::result::Result<Vec<DateTime<Utc>>, DateTime<Utc>> {
        let recent = self.renamed_at.iter().copied();
        let mut recent: Vec<_> = recent.filter(|at| *at > now - YEAR).collect();
        if let Some(first) = recent
            .as_slice()
            .first()
            .filter(|_| recent.len() >= RENAMES_A_YEAR)
        {
            return Err(*first + YEAR);
        }
        recent.push(now);
        Ok(recent)
    }
}

/// Whether a statement failed because the slug belongs to another account.
pub(crate) fn slug_is_taken(error: &DieselError) -> bool {
    matches!(
        error,
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)
    )
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
    "hooks",
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
