//! Addresses that get no marketing emails. What signs contacts in, and what isn't marked as marketing, is sent to them.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::base::actor::{Actor, Client, Requester};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::schema::{contacts, marketing_opt_outs, messages};
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, MessageId};
use crate::base::secrets::{PlainSecret, ServerKey};
use crate::contacts::model::Contact;
use crate::mailings::model::Mailing;
use crate::messages::model::Message;

/// An address becomes that of another contact only with their opt-out.
const CARRY: &str = "insert into marketing_opt_outs (account_id, email_key, created_at, message_id) \
     select account_id, ?, created_at, message_id from marketing_opt_outs where account_id = ? and email_key = ? \
     on conflict do nothing";

#[derive(Clone, Copy, Debug)]
pub(crate) struct OptOut {
    pub created_at: DateTime<Utc>,
}

impl OptOut {
    /// Opts an address out; `false` if it was already.
    async fn create(
        conn: &mut Conn,
        account: AccountId,
        email_key: &str,
        message: Option<MessageId>,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let created = diesel::insert_into(marketing_opt_outs::table)
            .values((
                marketing_opt_outs::account_id.eq(account),
                marketing_opt_outs::email_key.eq(email_key),
                marketing_opt_outs::created_at.eq(now),
                marketing_opt_outs::message_id.eq(message),
            ))
            .on_conflict_do_nothing()
            .execute(conn)
            .await?;
        Ok(created == 1)
    }

    /// `false` if the address was not opted out.
    async fn delete(conn: &mut Conn, account: AccountId, email_key: &str) -> Result<bool> {
        let deleted = diesel::delete(marketing_opt_outs::table.find((account, email_key)))
            .execute(conn)
            .await?;
        Ok(deleted == 1)
    }

    pub(crate) async fn find(conn: &mut Conn, account: AccountId, email_key: &str) -> Result<Option<Self>> {
        let found = marketing_opt_outs::table
            .find((account, email_key))
            .select(marketing_opt_outs::created_at)
            .first(conn)
            .await
            .optional()?;
        Ok(found.map(|created_at| Self { created_at }))
    }

    /// Those of the contacts' current addresses.
    pub(crate) async fn of_contacts(
        conn: &mut Conn,
        account: AccountId,
        ids: &[ContactId],
    ) -> Result<HashMap<ContactId, Self>> {
        let of_address = marketing_opt_outs::account_id
            .eq(contacts::account_id)
            .and(contacts::email_key.eq(marketing_opt_outs::email_key.nullable()));
        let found: Vec<(ContactId, DateTime<Utc>)> = contacts::table
            .inner_join(marketing_opt_outs::table.on(of_address))
            .filter(contacts::account_id.eq(account))
            .filter(contacts::id.eq_any(ids))
            .select((contacts::id, marketing_opt_outs::created_at))
            .load(conn)
            .await?;
        let one = |(id, created_at)| (id, Self { created_at });
        Ok(found.into_iter().map(one).collect())
    }

    /// Which of these addresses are opted out.
    pub(crate) async fn among(
        conn: &mut Conn,
        accounts: &[AccountId],
        email_keys: &[&str],
    ) -> Result<HashSet<(AccountId, String)>> {
        let found: Vec<(AccountId, String)> = marketing_opt_outs::table
            .filter(marketing_opt_outs::account_id.eq_any(accounts))
            .filter(marketing_opt_outs::email_key.eq_any(email_keys))
            .select((marketing_opt_outs::account_id, marketing_opt_outs::email_key))
            .load(conn)
            .await?;
        Ok(found.into_iter().collect())
    }

    /// Opts out the address that a contact keeps if that of their duplicate is.
    pub(crate) async fn carry(conn: &mut Conn, from: &Contact, to: &Contact) -> Result<()> {
        let (Some(from_key), Some(to_key)) = (&from.email_key, &to.email_key) else {
            return Ok(());
        };
        sql::statement(CARRY)
            .bind::<Text, _>(to_key.as_str())
            .bind::<SqlUuid, _>(from.account_id)
            .bind::<Text, _>(from_key.as_str())
            .execute(conn)
            .await?;
        Ok(())
    }
}

impl Contact {
    /// Subscribes a contact, whose row is locked, to marketing emails, or unsubscribes them. Records an event if that changes something.
    pub(crate) async fn set_subscription(
        &self,
        conn: &mut Conn,
        subscribed: bool,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<()> {
        let Some(key) = &self.email_key else { return Ok(()) };
        let (changed, kind) = if subscribed {
            let changed = OptOut::delete(conn, self.account_id, key).await?;
            (changed, EventKind::Resubscribed)
        } else {
            let changed = OptOut::create(conn, self.account_id, key, None, moment.now).await?;
            (changed, EventKind::Unsubscribed)
        };
        if changed {
            let event = NewEvent::for_contact(kind, self.id);
            record(conn, self.account_id, requester, &[event], moment).await?;
        }
        Ok(())
    }
}

/// The marketing email that a token identifies, and its recipient.
#[derive(Clone, Debug)]
pub(crate) struct MarketingEmail {
    pub message: Message,
    contact: Contact,
}

impl MarketingEmail {
    /// `None` for an invalid token, and for an email that was deleted with its contact.
    pub(crate) async fn find(conn: &mut Conn, secret: &PlainSecret, key: &ServerKey) -> Result<Option<Self>> {
        let Some(id) = secret.verified_id(key) else {
            return Ok(None);
        };
        let of_contact = contacts::account_id
            .eq(messages::account_id)
            .and(contacts::id.nullable().eq(messages::contact_id));
        let found: Option<(Message, Contact)> = messages::table
            .inner_join(contacts::table.on(of_contact))
            .filter(messages::account_id.eq(secret.account).and(messages::id.eq(id)))
            .select((Message::as_select(), Contact::as_select()))
            .first(conn)
            .await
            .optional()?;
        let Some((message, contact)) = found else {
            return Ok(None);
        };
        let mailing = match message.mailing() {
            Some(id) => Mailing::find(conn, message.account_id, id).await?,
            None => None,
        };
        let marketing = mailing.is_some_and(|mailing| mailing.marketing);
        Ok(marketing.then_some(Self { message, contact }))
    }

    /// The address that it went to, and that of the contact if it has changed.
    fn email_keys(&self) -> Vec<String> {
        let sent_to = self.message.address.to_ascii_lowercase();
        let current = self.contact.email_key.clone().filter(|key| *key != sent_to);
        std::iter::once(sent_to).chain(current).collect()
    }

    pub(crate) async fn unsubscribed(&self, conn: &mut Conn) -> Result<bool> {
        let sent_to = self.message.address.to_ascii_lowercase();
        Ok(OptOut::find(conn, self.message.account_id, &sent_to)
            .await?
            .is_some())
    }

    /// Unsubscribes its recipient, or undoes that. A repeat has no further effect.
    pub(crate) async fn subscribe(
        &self,
        conn: &mut Conn,
        subscribed: bool,
        client: &Client,
        moment: &Moment,
    ) -> Result<()> {
        let account = self.message.account_id;
        Contact::lock(conn, account, self.contact.id).await?;
        let mut changed = false;
        for key in self.email_keys() {
            changed |= if subscribed {
                OptOut::delete(conn, account, &key).await?
            } else {
                OptOut::create(conn, account, &key, Some(self.message.id), moment.now).await?
            };
        }
        if !changed {
            return Ok(());
        }
        let kind = if subscribed {
            EventKind::Resubscribed
        } else {
            EventKind::Unsubscribed
        };
        let event = NewEvent::for_contact(kind, self.contact.id).on(self.message.id);
        let requester = Requester {
            actor: Actor::Contact(self.contact.id),
            client: client.clone(),
        };
        record(conn, account, &requester, &[event], moment).await
    }
}
