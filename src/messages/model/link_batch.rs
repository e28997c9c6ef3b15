//! The magic links of a batch of claimed messages, read with one statement per table, whatever accounts they belong to.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::accounts::model::Account;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::{contacts, invitations, magic_links, suppressions};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, InvitationId, MagicLinkId};
use crate::base::pairs::paired;
use crate::base::secrets::PlainSecret;
use crate::contacts::model::Contact;
use crate::invitations::model::Invitation;
use crate::magic_links::model::MagicLink;
use crate::magic_links::model::redeem::{LinkRefusal, LinkWithContact};
use crate::messages::model::outcome::Outcome;
use crate::messages::model::suppression;
use crate::messages::model::{Channel, Message, MessageKind};

/// A contact's link with a new secret: every attempt sends another one.
pub(crate) struct LinkToMail {
    pub account: Account,
    pub contact: Contact,
    pub link: MagicLink,
    pub invitation: Option<Invitation>,
    pub secret: PlainSecret,
}

/// Mints a secret for each link that may still be mailed; within a transaction. The others get their outcome.
pub(crate) async fn mint_links(
    conn: &mut Conn,
    messages: Vec<Message>,
    moment: &Moment,
) -> Result<Vec<(Message, Result<LinkToMail, Outcome>)>> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let batch = LinkBatch::read(conn, &messages, moment.now).await?;
    let (mut sendable, mut settled) = (Vec::new(), Vec::new());
    for message in messages {
        match batch.of(&message, moment) {
            Ok((account, link)) => sendable.push((message, account, link)),
            Err(outcome) => settled.push((message, Err(outcome))),
        }
    }
    if sendable.is_empty() {
        return Ok(settled);
    }
    let links: Vec<&MagicLink> = sendable.iter().map(|(_, _, link)| &link.link).collect();
    let starting = sendable
        .iter()
        .filter(|(message, _, link)| lives_from_sending(message, &link.link));
    let starting: Vec<&MagicLink> = starting.map(|(_, _, link)| &link.link).collect();
    let invitations = invitations_of(conn, &links).await?;
    MagicLink::start_lifetime(conn, &starting, moment.now).await?;
    let secrets = MagicLink::mint(conn, &links, moment).await?;
    let minted = sendable
        .into_iter()
        .zip(secrets)
        .map(|((message, account, link), secret)| {
            let LinkWithContact { link, contact, .. } = link;
            let invitation = link
                .invitation_id
                .and_then(|id| invitations.get(&(link.account_id, id)));
            let minted = LinkToMail {
                account,
                contact,
                invitation: invitation.cloned(),
                link,
                secret,
            };
            (message, Ok(minted))
        });
    settled.extend(minted);
    Ok(settled)
}

/// Whether the link's lifetime begins when it is sent instead of when it is requested.
fn lives_from_sending(message: &Message, link: &MagicLink) -> bool {
    link.expires_from_sending() || message.channel == Channel::Sms
}

struct LinkBatch {
    accounts: HashMap<AccountId, Account>,
    contacts: HashMap<(AccountId, ContactId), Contact>,
    links: HashMap<(AccountId, MagicLinkId), MagicLink>,
    suppressed: HashSet<(AccountId, String)>,
}

impl LinkBatch {
    async fn read(conn: &mut Conn, claimed: &[Message], now: DateTime<Utc>) -> Result<Self> {
        let accounts = distinct(claimed.iter().map(|message| message.account_id));
        // Transactions that change links lock their contact first. These links change: their lifetime starts now.
        let (changed, unchanged): (Vec<&Message>, Vec<&Message>) = claimed
            .iter()
            .partition(|message| message.kind == MessageKind::LoginEmail || message.channel == Channel::Sms);
        let mut contacts = contacts_of(conn, &changed, true).await?;
        contacts.extend(contacts_of(conn, &unchanged, false).await?);
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

    /// The link of a message, or why it is not sent.
    fn of(&self, message: &Message, moment: &Moment) -> Result<(Account, LinkWithContact), Outcome> {
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
        if lives_from_sending(message, &link) {
            link.expires_at = moment.now + TimeDelta::seconds(link.lifetime_seconds.into());
        }
        let key = message.address.to_ascii_lowercase();
        let current = match message.channel {
            Channel::Email => contact.email_key.as_ref(),
            Channel::Sms => contact.phone.as_ref(),
        };
        let address_changed = current != Some(&key);
        let link = LinkWithContact {
            link,
            contact,
            link_allowed: account.link_allowed,
        };
        match link.first_use_refusal(moment.now) {
            // It was claimed before: the outcome was lost, or the mail server's reply was.
            Some(LinkRefusal::Used { .. }) if message.attempt_count > 1 => return Err(Outcome::Delivered),
            None if !address_changed => {}
            _ => return Err(Outcome::Cancelled),
        }
        if self.suppressed.contains(&(message.account_id, key)) {
            return Err(Outcome::Suppressed);
        }
        Ok((account.clone(), link))
    }
}

pub(crate) fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.collect();
    values.sort();
    values.dedup();
    values
}

pub(crate) async fn contacts_of(
    conn: &mut Conn,
    messages: &[&Message],
    locked: bool,
) -> Result<Vec<Contact>> {
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

pub(crate) async fn links_of(
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

pub(crate) async fn suppressed_of(
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

async fn invitations_of(
    conn: &mut Conn,
    links: &[&MagicLink],
) -> Result<HashMap<(AccountId, InvitationId), Invitation>> {
    let keys = distinct(
        links
            .iter()
            .filter_map(|link| Some((link.account_id, link.invitation_id?))),
    );
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<Invitation> = invitations::table
        .filter(paired!(keys.into_iter()))
        .select(Invitation::as_select())
        .load(conn)
        .await?;
    Ok(found
        .into_iter()
        .map(|one| ((one.account_id, one.id), one))
        .collect())
}
