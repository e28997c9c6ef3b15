//! A person the account knows.

mod access;
pub(crate) mod address_change;
pub mod bulk_change;
pub(crate) mod details;
mod erase;
pub(crate) mod export;
mod find;
pub mod import;
pub mod list;
mod mark;
pub(crate) mod merge;
pub(crate) mod own_details;
pub(crate) mod personal_data;
pub mod portal_stats;
pub(crate) mod stats_history;
pub(crate) mod tags;
mod update;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::base::actor::Requester;
use crate::base::address::EmailAddress;
use crate::base::audit::record;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::contacts;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId};
use crate::base::locale::{Language, Locale};

// The numbers are those of the generated column `status`.
/// The status of a contact in the portal.
#[derive(
    async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PortalStatus {
    /// Never invited, or the invitation was cancelled; and has not joined.
    NotInvited = 0,
    /// Invited, and has not joined yet.
    Invited = 1,
    /// Has joined: signed in to the portal at least once.
    Active = 2,
    /// Its access was revoked.
    Revoked = 3,
}

impl PortalStatus {
    pub(crate) const ALL: [Self; 4] = [Self::NotInvited, Self::Invited, Self::Active, Self::Revoked];

    /// Its name in the API.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::NotInvited => "NOT_INVITED",
            Self::Invited => "INVITED",
            Self::Active => "ACTIVE",
            Self::Revoked => "REVOKED",
        }
    }
}

#[derive(Clone, Debug, Queryable, Selectable)]
pub struct Contact {
    pub account_id: AccountId,
    pub id: ContactId,
    pub email: Option<String>,
    pub email_key: Option<String>,
    pub phone: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub tags: Vec<String>,
    pub timezone: Option<String>,
    pub locale: Option<String>,
    pub invited_at: Option<DateTime<Utc>>,
    pub joined_at: Option<DateTime<Utc>>,
    pub last_seen_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    /// When its details, tags or status last changed. A visit doesn't change it.
    pub updated_at: DateTime<Utc>,
    pub name_key: String,
    pub email_proved_at: Option<DateTime<Utc>>,
}

/// The details of a contact that staff can set, validated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactDetails {
    pub email: Option<EmailAddress>,
    pub phone: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub tags: Vec<String>,
    pub timezone: Option<String>,
    pub locale: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = contacts)]
struct NewRow<'a> {
    account_id: AccountId,
    id: ContactId,
    email: Option<&'a str>,
    email_key: Option<&'a str>,
    phone: Option<&'a str>,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    tags: &'a [String],
    timezone: Option<&'a str>,
    locale: Option<&'a str>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl<'a> NewRow<'a> {
    fn new(account: AccountId, details: &'a ContactDetails, moment: &Moment) -> Self {
        Self {
            account_id: account,
            id: ContactId::new(moment),
            email: details.email.as_ref().map(|email| &email.text[..]),
            email_key: details.email.as_ref().map(|email| &email.key[..]),
            phone: details.phone.as_deref(),
            first_name: details.first_name.as_deref(),
            last_name: details.last_name.as_deref(),
            tags: &details.tags,
            timezone: details.timezone.as_deref(),
            locale: details.locale.as_deref(),
            created_at: moment.now,
            updated_at: moment.now,
        }
    }
}

impl Contact {
    /// The contact that would be created, for previews.
    pub(crate) fn unsaved(account: AccountId, details: &ContactDetails, moment: &Moment) -> Self {
        let details = details.clone();
        let (email, email_key) = details.email.map(|email| (email.text, email.key)).unzip();
        Self {
            account_id: account,
            id: ContactId::new(moment),
            email,
            email_key,
            phone: details.phone,
            first_name: details.first_name,
            last_name: details.last_name,
            tags: details.tags,
            timezone: details.timezone,
            locale: details.locale,
            invited_at: None,
            joined_at: None,
            last_seen_at: None,
            revoked_at: None,
            created_at: moment.now,
            updated_at: moment.now,
            name_key: String::new(),
            email_proved_at: None,
        }
    }

    /// How the contact reads, as far as it is known.
    pub(crate) fn locale(&self, otherwise: Locale) -> Locale {
        let language = self.locale.as_deref().and_then(Language::of_tag);
        let zone = self.timezone.as_deref().and_then(|name| name.parse().ok());
        Locale {
            language: language.unwrap_or(otherwise.language),
            zone: zone.unwrap_or(otherwise.zone),
        }
    }

    pub(crate) fn status(&self) -> PortalStatus {
        match (self.revoked_at, self.joined_at, self.invited_at) {
            (Some(_), _, _) => PortalStatus::Revoked,
            (None, Some(_), _) => PortalStatus::Active,
            (None, None, Some(_)) => PortalStatus::Invited,
            (None, None, None) => PortalStatus::NotInvited,
        }
    }

    /// First and last name, as far as they are known.
    pub(crate) fn name(&self) -> Option<String> {
        let words: Vec<&str> = [&self.first_name, &self.last_name]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// Creates a contact and records it. `None` if the address is taken.
    pub(crate) async fn create(
        conn: &mut Conn,
        account: AccountId,
        details: ContactDetails,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Option<Self>> {
        let created = Self::create_missing(conn, account, &[details], moment)
            .await?
            .pop();
        if let Some(contact) = &created {
            record(conn, account, requester, &[contact.created_event()], moment).await?;
        }
        Ok(created)
    }

    /// Creates the contacts whose addresses are not taken and returns them. Rows are inserted in the order of their addresses, so
    /// that two requests with the same addresses wait for each other and never deadlock.
    pub async fn create_missing(
        conn: &mut Conn,
        account: AccountId,
        details: &[ContactDetails],
        moment: &Moment,
    ) -> Result<Vec<Self>> {
        let mut rows: Vec<NewRow<'_>> = details
            .iter()
            .map(|one| NewRow::new(account, one, moment))
            .collect();
        rows.sort_by_key(|row| row.email_key);
        let mut created = Vec::with_capacity(rows.len());
        // A statement has at most 65,535 parameters.
        for part in rows.chunks(2_000) {
            let inserted: Vec<Self> = diesel::insert_into(contacts::table)
                .values(part)
                .on_conflict((contacts::account_id, contacts::email_key))
                .do_nothing()
                .returning(Self::as_returning())
                .get_results(conn)
                .await?;
            created.extend(inserted);
        }
        Ok(created)
    }

    /// Deletes the contact with their invitation, links, messages and sessions; the audit log keeps their id.
    pub(crate) async fn delete(conn: &mut Conn, account: AccountId, id: ContactId) -> Result<bool> {
        Ok(diesel::delete(contacts::table.find((account, id)))
            .execute(conn)
            .await?
            == 1)
    }
}
