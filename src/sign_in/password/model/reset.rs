//! A requested password reset: an emailed link, valid for 30 minutes and one use, the newest only. It does not sign in
//! (OWASP Forgot Password). Known and unknown addresses leave the same trace.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::accounts::model::Account;
use crate::accounts::model::email_lock;
use crate::base::actor::Audience;
use crate::base::actor::{Actor, Client, Requester};
use crate::base::address::EmailAddress;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::password_resets;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, PasswordResetId, TeamMemberId};
use crate::base::secrets::{PlainSecret, SecretHash, SecretKind, ServerKey};
use crate::messages::model::suppression;
use crate::messages::model::{Message, MessageKind, NewMessage};
use crate::sign_in::person::Person;
use crate::sign_in::refusal::Reason;
use crate::sign_in::sessions::model::Holder;

const LIFETIME: TimeDelta = TimeDelta::minutes(30);
/// Emails to one address: one a minute, five an hour. Beyond the limits nothing is sent, and the response is the same.
const PER_HOUR: i64 = 5;

#[derive(Clone, Debug, Queryable, Selectable)]
pub struct PasswordReset {
    pub account_id: AccountId,
    pub id: PasswordResetId,
    pub audience: Audience,
    pub contact_id: Option<ContactId>,
    pub team_member_id: Option<TeamMemberId>,
    pub email_key: String,
    pub expires_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
    /// A newer reset was requested, this one was reported, or the address of its person changed.
    pub ended_at: Option<DateTime<Utc>>,
}

/// A request to reset a password.
#[derive(Clone, Copy, Debug)]
pub struct ResetRequest<'a> {
    pub account: &'a Account,
    pub audience: Audience,
    pub email: &'a EmailAddress,
    pub client: &'a Client,
}

impl PasswordReset {
    /// Stores the request and queues its email, which is not sent if the address is unknown or its owner may not have one.
    pub async fn request(
        conn: &mut Conn,
        request: &ResetRequest<'_>,
        key: &ServerKey,
        moment: &Moment,
    ) -> Result<()> {
        let account = request.account.id;
        email_lock::acquire(conn, account, &request.email.key).await?;
        let mailed = within_limits(conn, request, moment.now).await?;
        let person = Person::lock_by_email(conn, account, request.audience, request.email, moment).await?;
        let suppressed = suppression::among(conn, account, &[&request.email.key], moment.now).await?;
        let allowed = request.account.password_allowed && suppressed.is_empty() && mailed;
        let person = person.filter(|person| !person.revoked());
        let recipient = person.filter(|_| allowed);
        if mailed {
            end_older(conn, request, moment.now).await?;
        }
        let id = PasswordResetId::new(moment);
        let holder = recipient.as_ref().map(Person::holder);
        let new = NewReset {
            id,
            recipient: holder,
            secret_hash: Self::secret(key, account, id).hash(),
            mailed,
        };
        insert(conn, request, &new, moment).await?;
        // The address as it is stored: the requested spelling may differ.
        let address = recipient.as_ref().and_then(Person::email).unwrap_or_default();
        let message = NewMessage {
            about: Some(id.0),
            give_up_at: Some(moment.now + LIFETIME),
            ..NewMessage::new(MessageKind::PasswordReset, address, holder)
        };
        Message::queue(conn, account, &message, Actor::Anonymous, moment).await?;
        let mut event = NewEvent::new(EventKind::PasswordResetRequested).on(id);
        event.contact = holder.and_then(Holder::contact);
        let requester = Requester {
            actor: Actor::Anonymous,
            client: request.client.clone(),
        };
        record(conn, account, &requester, &[event], moment).await
    }

    /// Derived from the id, so that an email that is sent again contains the same link.
    pub fn secret(key: &ServerKey, account: AccountId, id: PasswordResetId) -> PlainSecret {
        PlainSecret::derive(SecretKind::Reset, account, key, &[id.0.as_bytes()])
    }

    pub(crate) async fn find(
        conn: &mut Conn,
        account: AccountId,
        id: PasswordResetId,
    ) -> Result<Option<Self>> {
        Ok(password_resets::table
            .find((account, id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    pub(crate) async fn by_secret(conn: &mut Conn, secret: &PlainSecret) -> Result<Option<Self>> {
        Ok(password_resets::table
            .filter(password_resets::account_id.eq(secret.account))
            .filter(password_resets::secret_hash.eq(secret.hash()))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    pub(crate) fn holder(&self) -> Option<Holder> {
        (self.contact_id.map(Holder::Contact)).or(self.team_member_id.map(Holder::Member))
    }

    /// Why it is no longer valid; `None` if it is valid.
    pub(crate) fn refusal(&self, now: DateTime<Utc>) -> Option<Reason> {
        if self.used_at.is_some() {
            Some(Reason::LinkUsed)
        } else if self.expires_at <= now {
            Some(Reason::LinkExpired)
        } else if self.ended_at.is_some() {
            Some(match self.holder() {
                Some(_) => Reason::LinkSuperseded,
                None => Reason::LinkRevoked,
            })
        } else {
            None
        }
    }

    /// Revokes the links that were emailed to a contact's old address, even if that address comes back.
    pub(crate) async fn end_for_contact(
        conn: &mut Conn,
        account: AccountId,
        contact: ContactId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        diesel::update(password_resets::table)
            .filter(password_resets::account_id.eq(account))
            .filter(password_resets::contact_id.eq(contact))
            .filter(
                password_resets::used_at
                    .is_null()
                    .and(password_resets::ended_at.is_null()),
            )
            .set((
                password_resets::ended_at.eq(now),
                password_resets::contact_id.eq(None::<ContactId>),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// The first use wins; `false` for every later one.
    pub(crate) async fn consume(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<bool> {
        let consumed = diesel::update(password_resets::table.find((self.account_id, self.id)))
            .filter(
                password_resets::used_at
                    .is_null()
                    .and(password_resets::ended_at.is_null()),
            )
            .filter(password_resets::expires_at.gt(now))
            .set(password_resets::used_at.eq(now))
            .execute(conn)
            .await?;
        Ok(consumed == 1)
    }
}

async fn within_limits(conn: &mut Conn, request: &ResetRequest<'_>, now: DateTime<Utc>) -> Result<bool> {
    let mailed = password_resets::table
        .filter(password_resets::account_id.eq(request.account.id))
        .filter(password_resets::email_key.eq(&request.email.key))
        .filter(password_resets::mailed.eq(true))
        // Emails that were sent count for every audience; requests that sent nothing count for their own only.
        .filter(
            (password_resets::audience.eq(request.audience))
                .or(password_resets::contact_id.is_not_null())
                .or(password_resets::team_member_id.is_not_null()),
        );
    let hour: i64 = mailed
        .filter(password_resets::created_at.gt(now - TimeDelta::hours(1)))
        .select(count_star())
        .first(conn)
        .await?;
    let minute: i64 = mailed
        .filter(password_resets::created_at.gt(now - TimeDelta::minutes(1)))
        .select(count_star())
        .first(conn)
        .await?;
    Ok(hour < PER_HOUR && minute == 0)
}

async fn end_older(conn: &mut Conn, request: &ResetRequest<'_>, now: DateTime<Utc>) -> Result<()> {
    diesel::update(password_resets::table)
        .filter(password_resets::account_id.eq(request.account.id))
        .filter(password_resets::email_key.eq(&request.email.key))
        .filter(password_resets::audience.eq(request.audience))
        .filter(
            password_resets::used_at
                .is_null()
                .and(password_resets::ended_at.is_null()),
        )
        .set(password_resets::ended_at.eq(now))
        .execute(conn)
        .await?;
    Ok(())
}

struct NewReset {
    id: PasswordResetId,
    /// `None` if nothing is emailed.
    recipient: Option<Holder>,
    secret_hash: SecretHash,
    /// Whether the request counts as an email: an unknown address counts like a known one.
    mailed: bool,
}

async fn insert(conn: &mut Conn, request: &ResetRequest<'_>, new: &NewReset, moment: &Moment) -> Result<()> {
    diesel::insert_into(password_resets::table)
        .values((
            password_resets::account_id.eq(request.account.id),
            password_resets::id.eq(new.id),
            password_resets::audience.eq(request.audience),
            password_resets::contact_id.eq(new.recipient.and_then(Holder::contact)),
            password_resets::team_member_id.eq(new.recipient.and_then(Holder::member)),
            password_resets::email_key.eq(&request.email.key),
            password_resets::secret_hash.eq(new.secret_hash),
            password_resets::mailed.eq(new.mailed),
            password_resets::created_at.eq(moment.now),
            password_resets::expires_at.eq(moment.now + LIFETIME),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
