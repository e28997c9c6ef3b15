//! The settings that owners and admins can change.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_async::RunQueryDsl;

use super::section::PortalSection;
use super::{Account, slug_is_taken};
use crate::base::db::schema::accounts;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::base::locale::Language;

/// `None` leaves a setting as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, AsChangeset)]
#[diesel(table_name = accounts)]
pub(crate) struct SettingsChanges {
    pub name: Option<String>,
    pub reply_to: Option<Option<String>>,
    pub accent_color: Option<String>,
    pub invitation_days: Option<i16>,
    pub limit_copied_links: Option<bool>,
    pub password_allowed: Option<bool>,
    pub code_allowed: Option<bool>,
    pub google_allowed: Option<bool>,
    pub link_allowed: Option<bool>,
    pub shortest_password: Option<i16>,
    pub audit_days: Option<Option<i16>>,
    pub timezone: Option<String>,
    pub sections: Option<Vec<PortalSection>>,
    pub show_empty_sections: Option<bool>,
    pub language: Option<Language>,
    pub affiliate_target_url: Option<Option<String>>,
    pub frame_hosts: Option<Vec<String>>,
    pub secondary_color: Option<Option<String>>,
    pub logo_url: Option<Option<String>>,
    pub logo_file: Option<Option<String>>,
    pub self_sign_up: Option<bool>,
    pub slug: Option<String>,
    /// Goes with a change of the slug.
    pub renamed_at: Option<Vec<DateTime<Utc>>>,
}

impl SettingsChanges {
    /// The API's names of the settings that get another value.
    pub(crate) fn changed_names(&self, before: &Account) -> Vec<&'static str> {
        fn differs<T: PartialEq>(change: Option<&T>, before: &T) -> bool {
            change.is_some_and(|change| change != before)
        }
        [
            ("name", differs(self.name.as_ref(), &before.name)),
            ("replyTo", differs(self.reply_to.as_ref(), &before.reply_to)),
            (
                "accentColor",
                differs(self.accent_color.as_ref(), &before.accent_color),
            ),
            (
                "invitationDays",
                differs(self.invitation_days.as_ref(), &before.invitation_days),
            ),
            (
                "limitCopiedLinks",
                differs(self.limit_copied_links.as_ref(), &before.limit_copied_links),
            ),
            (
                "passwordAllowed",
                differs(self.password_allowed.as_ref(), &before.password_allowed),
            ),
            (
                "codeAllowed",
                differs(self.code_allowed.as_ref(), &before.code_allowed),
            ),
            (
                "googleAllowed",
                differs(self.google_allowed.as_ref(), &before.google_allowed),
            ),
            (
                "linkAllowed",
                differs(self.link_allowed.as_ref(), &before.link_allowed),
            ),
            (
                "shortestPassword",
                differs(self.shortest_password.as_ref(), &before.shortest_password),
            ),
            ("auditDays", differs(self.audit_days.as_ref(), &before.audit_days)),
            ("timezone", differs(self.timezone.as_ref(), &before.timezone)),
            ("sections", differs(self.sections.as_ref(), &before.sections)),
            (
                "showEmptySections",
                differs(self.show_empty_sections.as_ref(), &before.show_empty_sections),
            ),
            ("language", differs(self.language.as_ref(), &before.language)),
            (
                "affiliateTargetUrl",
                differs(self.affiliate_target_url.as_ref(), &before.affiliate_target_url),
            ),
            (
                "frameHosts",
                differs(self.frame_hosts.as_ref(), &before.frame_hosts),
            ),
            (
                "secondaryColor",
                differs(self.secondary_color.as_ref(), &before.secondary_color),
            ),
            (
                "logoUrl",
                differs(self.logo_url.as_ref(), &before.logo_url)
                    || differs(self.logo_file.as_ref(), &before.logo_file),
            ),
            (
                "selfSignUp",
                differs(self.self_sign_up.as_ref(), &before.self_sign_up),
            ),
            ("slug", differs(self.slug.as_ref(), &before.slug)),
        ]
        .into_iter()
        .filter_map(|(name, changed)| changed.then_some(name))
        .collect()
    }
}

impl Account {
    /// Locks the row. Every change of the settings or the team does so first.
    pub(crate) async fn lock(conn: &mut Conn, id: AccountId) -> Result<Self> {
        Ok(accounts::table
            .find(id)
            .select(Self::as_select())
            .for_no_key_update()
            .first(conn)
            .await?)
    }

    /// At least one setting must be among the changes. `None` if the slug belongs to another account, or did: then the transaction has
    /// failed.
    pub(crate) async fn update_settings(
        conn: &mut Conn,
        id: AccountId,
        changes: &SettingsChanges,
    ) -> Result<Option<Self>> {
        let updated = diesel::update(accounts::table.find(id))
            .set(changes)
            .returning(Self::as_returning())
            .get_result(conn)
            .await;
        match updated {
            Err(error) if slug_is_taken(&error) => Ok(None),
            updated => Ok(Some(updated?)),
        }
    }
}

/// Whether the database knows the time zone, so that it can compute days in it.
pub(crate) async fn timezone_exists(conn: &mut Conn, name: &str) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Bool)]
        found: bool,
    }
    // Copies of the zones under other names: without and with leap seconds.
    if name.starts_with("posix/") || name.starts_with("right/") {
        return Ok(false);
    }
    let found: Found =
        sql::statement("select exists (select from pg_timezone_names where name = ?) as found")
            .bind::<Text, _>(name)
            .get_result(conn)
            .await?;
    Ok(found.found)
}
