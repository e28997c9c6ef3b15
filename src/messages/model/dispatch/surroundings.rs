//! What a batch of claimed messages is about: read in a statement for each kind of thing, whatever accounts they are of.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::accounts::model::Account;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::{contacts, magic_links, suppressions};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, MagicLinkId};
use crate::base::pairs::paired;
use crate::contacts::model::Contact;
use crate::magic_links::model::MagicLink;
use crate::magic_links::model::redeem::Presented;
use crate::messages::model::queue::Outcome;
use crate::messages::model::suppression;
use crate::messages::model::{Message, MessageKind};

#[derive(Default)]
pub struct Surroundings {
    accounts: HashMap<AccountId, Account>,
    contacts: HashMap<(AccountId, ContactId), Contact>,
    links: HashMap<(AccountId, MagicLinkId), MagicLink>,
    suppressed: HashSet<(AccountId, String)>,
}

impl Surroundings {
    pub async fn read(conn: &mut Conn, claimed: &[Message], now: DateTime<Utc>) -> Result<Self> {
        let accounts = distinct(claimed.iter().map(|message| message.account_id));
        // Whoever changes a contact's links holds the contact's row first: the life of these begins now.
        let (changing, reading): (Vec<&Message>, Vec<&Message>) = claimed
            .iter()
            .partition(|message| message.kind == MessageKind::LoginEmail);
        let mut contacts = contacts_of(conn, &changing, true).await?;
        contacts.extend(contacts_of(conn, &reading, false).await?);
        Ok(Self {
            contacts: contacts
                .into_iter()
                .map(|one| ((one.account_id, one.id), one))
                .collect(),
            links: links_of(conn, claimed).await?,
            suppressed: suppressed_of(conn, &accounts, claimed, now).await?,
            accounts: Account::find_many(conn, &accounts)
                .await?
                .into_iter()
                .map(|account| (account.id, account))
                .collect(),
        })
    }

    /// What the message is about, or why it is not sent.
    pub fn about(&self, message: &Message, moment: &Moment) -> Result<(Account, Presented), Outcome> {
        let account = self.accounts.get(&message.account_id);
        let contact = message
            .contact_id
            .and_then(|id| self.contacts.get(&(message.account_id, id)));
        let link = message
            .magic_link_id
            .and_then(|id| self.links.get(&(message.account_id, id)));
        let (Some(account), Some(contact), Some(link)) = (account, contact, link) else {
            return Err(Outcome::Cancelled);
        };
        let (mut link, contact) = (link.clone(), contact.clone());
        if link.lives_from_mailing() {
            link.expires_at = moment.now + TimeDelta::seconds(link.lifetime_seconds.into());
        }
        let key = message.address.to_ascii_lowercase();
        let moved = contact.email_key.as_ref() != Some(&key);
        let presented = Presented {
            link,
            contact,
            allowed: account.link_allowed,
        };
        if moved || presented.refusal(moment.now).is_some() {
            return Err(Outcome::Cancelled);
        }
        if self.suppressed.contains(&(message.account_id, key)) {
            return Err(Outcome::Suppressed);
        }
        Ok((account.clone(), presented))
    }
}

pub fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.collect();
    values.sort();
    values.dedup();
    values
}

async fn contacts_of(conn: &mut Conn, messages: &[&Message], locked: bool) -> Result<Vec<Contact>> {
    let keys = distinct(
        messages
            .iter()
            .filter_map(|message| Some((message.account_id, message.contact_id?))),
    );
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let query = contacts::table
        .filter(paired!(keys.into_iter()))
        .order(contacts::id)
        .select(Contact::as_select());
    Ok(if locked {
        query.for_no_key_update().load(conn).await?
    } else {
        query.load(conn).await?
    })
}

async fn links_of(
    conn: &mut Conn,
    claimed: &[Message],
) -> Result<HashMap<(AccountId, MagicLinkId), MagicLink>> {
    let keys = claimed
        .iter()
        .filter_map(|message| Some((message.account_id, message.magic_link_id?)));
    let links: Vec<MagicLink> = magic_links::table
        .filter(paired!(keys))
        .select(MagicLink::as_select())
        .load(conn)
        .await?;
    Ok(links
        .into_iter()
        .map(|link| ((link.account_id, link.id), link))
        .collect())
}

async fn suppressed_of(
    conn: &mut Conn,
    accounts: &[AccountId],
    claimed: &[Message],
    now: DateTime<Utc>,
) -> Result<HashSet<(AccountId, String)>> {
    let keys = distinct(claimed.iter().map(|message| message.address.to_ascii_lowercase()));
    let found: Vec<(AccountId, String)> = suppressions::table
        .filter(suppressions::account_id.eq_any(accounts))
        .filter(suppressions::email_key.eq_any(keys))
        .filter(suppression::live(now))
        .select((suppressions::account_id, suppressions::email_key))
        .load(conn)
        .await?;
    Ok(found.into_iter().collect())
}
