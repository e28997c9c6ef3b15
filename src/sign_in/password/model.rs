//! A person's password, as a hash. A password that was set before the first proof of the person's mailbox doesn't count: see
//! [`Person::trusts`].

pub(crate) mod changed_by;
pub mod reset;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::base::actor::Audience;
use crate::base::db::schema::passwords;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, TeamMemberId};
use crate::sign_in::attempt::Target;
use crate::sign_in::person::Person;

#[derive(Clone, Queryable, Selectable)]
pub struct Password {
    pub account_id: AccountId,
    pub holder_id: Uuid,
    pub contact_id: Option<ContactId>,
    pub team_member_id: Option<TeamMemberId>,
    pub hash: String,
    pub set_at: DateTime<Utc>,
    /// Set after too many attempts, or after a report by its owner, until the password is reset by email.
    pub disabled_at: Option<DateTime<Utc>>,
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Password({})", self.holder_id)
    }
}

impl Password {
    pub(crate) async fn find(conn: &mut Conn, account: AccountId, holder: Uuid) -> Result<Option<Self>> {
        Ok(passwords::table
            .find((account, holder))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    /// The password of a person, if it counts.
    pub(crate) async fn of(conn: &mut Conn, person: &Person) -> Result<Option<Self>> {
        let found = Self::find(conn, person.account(), person.id()).await?;
        Ok(found.filter(|password| person.trusts(password.set_at)))
    }

    /// `set_at` only grows, so that it identifies a password even after a rehash.
    pub async fn set(conn: &mut Conn, person: &Person, hash: &str, now: DateTime<Utc>) -> Result<()> {
        let holder = person.holder();
        let values = (
            passwords::account_id.eq(person.account()),
            passwords::holder_id.eq(holder.id()),
            passwords::contact_id.eq(holder.contact()),
            passwords::team_member_id.eq(holder.member()),
            passwords::hash.eq(hash),
            passwords::set_at.eq(now),
        );
        diesel::insert_into(passwords::table)
            .values(values)
            .on_conflict((passwords::account_id, passwords::holder_id))
            .do_update()
            .set((
                passwords::hash.eq(hash),
                passwords::set_at.eq(sql::fragment::<Timestamptz>(
                    "greatest(excluded.set_at, passwords.set_at + interval '1 microsecond')",
                )),
                passwords::disabled_at.eq(None::<DateTime<Utc>>),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Stores a new hash of the same password.
    pub(crate) async fn rehash(&self, conn: &mut Conn, hash: &str) -> Result<()> {
        diesel::update(passwords::table.find((self.account_id, self.holder_id)))
            .filter(passwords::hash.eq(&self.hash))
            .set(passwords::hash.eq(hash))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Returns `false` if there is no enabled password.
    pub(crate) async fn disable(
        conn: &mut Conn,
        account: AccountId,
        holder: Uuid,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let disabled = diesel::update(passwords::table.find((account, holder)))
            .filter(passwords::disabled_at.is_null())
            .set(passwords::disabled_at.eq(now))
            .execute(conn)
            .await?;
        Ok(disabled == 1)
    }
}

/// The target of attempts to sign in with a password: the address, whether or not it is known.
pub(crate) fn target(audience: Audience, email_key: &str) -> Target {
    Target::of("password", &[audience.as_str(), email_key])
}

/// The target of a person who is signed in. Without an address it is the person's id.
pub(crate) fn target_of(person: &Person) -> Target {
    let audience = person.holder().audience();
    match person.email_key() {
        Some(key) => target(audience, key),
        None => target(audience, &person.id().to_string()),
    }
}
