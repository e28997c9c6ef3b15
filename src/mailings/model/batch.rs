//! What a batch of claimed messages says, and to whom: read with one statement per table, whatever accounts they belong to.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Mailing;
use super::links::mint_links;
use super::opt_out::OptOut;
use super::postpone::postpone;
use super::send::address_key;
use crate::accounts::model::Account;
use crate::affiliates::model::Affiliate;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, MessageId};
use crate::base::secrets::PlainSecret;
use crate::contacts::model::Contact;
use crate::messages::model::Message;
use crate::messages::model::link_batch::{contacts_of, distinct, suppressed_of};
use crate::messages::model::outcome::Outcome;
use crate::workflows::model::subject::EventValues;

/// A message that may be sent.
pub(crate) struct MessageToSend {
    pub message: Message,
    pub mailing: Arc<Mailing>,
    pub account: Account,
    pub contact: Contact,
    pub affiliate_code: Option<String>,
    /// Of the event that started the workflow, if it is the message of one.
    pub event: EventValues,
    /// The secret of its link, if the content has the login URL: every attempt sends another one.
    pub secret: Option<PlainSecret>,
}

/// The messages of a batch that may be sent, and the outcomes of the others. Those for whom it is night return to the queue.
#[derive(Default)]
pub(crate) struct WrittenBatch {
    pub sendable: Vec<MessageToSend>,
    pub settled: Vec<(Message, Outcome)>,
}

impl WrittenBatch {
    /// Within a transaction: creates the links that the messages need, and a secret for each.
    pub(crate) async fn read(conn: &mut Conn, claimed: Vec<Message>, moment: &Moment) -> Result<Self> {
        let mut batch = Self::default();
        if claimed.is_empty() {
            return Ok(batch);
        }
        let rows = Rows::read(conn, &claimed, moment.now).await?;
        let mut postponed = Vec::new();
        for message in claimed {
            match rows.of(message) {
                Ok(one) => match one.mailing.quiet_until(&one.account, &one.contact, moment.now) {
                    Some(until) => postponed.push((one.message, until)),
                    None => batch.sendable.push(*one),
                },
                Err((message, outcome)) => batch.settled.push((*message, outcome)),
            }
        }
        postpone(conn, &postponed).await?;
        mint_links(conn, &mut batch, moment).await?;
        Ok(batch)
    }
}

struct Rows {
    mailings: HashMap<(AccountId, Uuid), Arc<Mailing>>,
    accounts: HashMap<AccountId, Account>,
    contacts: HashMap<(AccountId, ContactId), Contact>,
    suppressed: HashSet<(AccountId, String)>,
    opted_out: HashSet<(AccountId, String)>,
    affiliate_codes: HashMap<(AccountId, ContactId), String>,
    events: HashMap<(AccountId, MessageId), EventValues>,
}

impl Rows {
    async fn read(conn: &mut Conn, claimed: &[Message], now: DateTime<Utc>) -> Result<Self> {
        let accounts = distinct(claimed.iter().map(|message| message.account_id));
        let keys = claimed
            .iter()
            .filter_map(|message| Some((message.account_id, message.about?)));
        let mailings: HashMap<_, _> = Mailing::find_pairs(conn, distinct(keys))
            .await?
            .into_iter()
            .map(|one| ((one.account_id, one.id.0), Arc::new(one)))
            .collect();
        // Transactions that create links lock their contact first.
        let locked = mailings.values().any(|mailing| mailing.uses_login_url);
        let messages: Vec<&Message> = claimed.iter().collect();
        let contacts = contacts_of(conn, &messages, locked).await?;
        let pairs = contacts.iter().map(|one| (one.account_id, one.id)).collect();
        let affiliates = Affiliate::of_pairs(conn, pairs).await?;
        let affiliate_codes = affiliates.into_iter().filter_map(|affiliate| {
            let key = (affiliate.account_id, affiliate.contact_id?);
            Some((key, affiliate.details.code.to_string()))
        });
        let marketing = mailings.values().any(|mailing| mailing.marketing);
        let opted_out = if marketing {
            let keys: Vec<&str> = contacts
                .iter()
                .filter_map(|one| one.email_key.as_deref())
                .collect();
            OptOut::among(conn, &accounts, &keys).await?
        } else {
            HashSet::new()
        };
        Ok(Self {
            mailings,
            events: EventValues::of_messages(conn, claimed).await?,
            opted_out,
            affiliate_codes: affiliate_codes.collect(),
            contacts: contacts
                .into_iter()
                .map(|one| ((one.account_id, one.id), one))
                .collect(),
            suppressed: suppressed_of(conn, &accounts, claimed, now).await?,
            accounts: Account::find_many(conn, &accounts)
                .await?
                .into_iter()
                .map(|account| (account.id, account))
                .collect(),
        })
    }

    /// The message with its rows, or why it is not sent.
    fn of(&self, message: Message) -> Result<Box<MessageToSend>, (Box<Message>, Outcome)> {
        let account_id = message.account_id;
        let mailing = message.about.and_then(|id| self.mailings.get(&(account_id, id)));
        let contact = message
            .contact_id
            .and_then(|id| self.contacts.get(&(account_id, id)));
        let (Some(mailing), Some(contact), Some(account)) =
            (mailing, contact, self.accounts.get(&account_id))
        else {
            return Err((Box::new(message), Outcome::Cancelled));
        };
        let key = message.address.to_ascii_lowercase();
        let moved = address_key(contact, message.channel) != Some(key.as_str());
        let without_link = mailing.uses_login_url && !account.link_allowed;
        let key = (account_id, key);
        let opted_out = mailing.marketing && self.opted_out.contains(&key);
        let event = self
            .events
            .get(&(account_id, message.id))
            .cloned()
            .unwrap_or_default();
        if moved || without_link || opted_out || event.stopped || contact.revoked_at.is_some() {
            return Err((Box::new(message), Outcome::Cancelled));
        }
        if self.suppressed.contains(&key) {
            return Err((Box::new(message), Outcome::Suppressed));
        }
        Ok(Box::new(MessageToSend {
            mailing: Arc::clone(mailing),
            account: account.clone(),
            contact: contact.clone(),
            affiliate_code: self.affiliate_codes.get(&(account_id, contact.id)).cloned(),
            event,
            secret: None,
            message,
        }))
    }
}
