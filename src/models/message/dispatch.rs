//! What a claimed message needs to become a letter. A batch crosses accounts and is read in a handful of statements.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::queue::Outcome;
use super::{Message, MessageKind};
use crate::auth::code::Code;
use crate::auth::sign_in::Keys;
use crate::clock::Moment;
use crate::db::Conn;
use crate::db::schema::{contacts, invitations, magic_links, suppressions};
use crate::error::Result;
use crate::ids::{AccountId, ChallengeId, ContactId, InvitationId, MagicLinkId};
use crate::models::account::Account;
use crate::models::contact::Contact;
use crate::models::invitation::Invitation;
use crate::models::magic_link::MagicLink;
use crate::models::pairs::paired;
use crate::models::person::Person;
use crate::models::redeem::Presented;
use crate::models::session::Session;
use crate::secrets::PlainSecret;

mod notices;

/// All that the letter says.
#[derive(Clone, Debug)]
pub struct Dispatch {
    pub message: Message,
    pub account: Account,
    pub to: Person,
    pub content: Content,
}

#[derive(Clone, Debug)]
pub enum Content {
    /// A contact's link. The secret is a fresh one: every try mails another.
    Link {
        link: Box<MagicLink>,
        invitation: Option<Box<Invitation>>,
        secret: PlainSecret,
        /// Beside the button, where the person asked for it.
        code: Option<Code>,
    },
    Code(Code),
    /// A team member's own link, asked for, and the code beside it.
    StaffLogin {
        secret: PlainSecret,
        code: Code,
    },
    TeamInvitation {
        secret: PlainSecret,
        valid_until: DateTime<Utc>,
    },
    PasswordReset(PlainSecret),
    PasswordChanged,
    NewDevice(Box<Session>),
}

/// A claimed message that can go out, or what became of it instead.
#[derive(Debug)]
pub enum Prepared {
    Letter(Box<Dispatch>),
    Over(Box<Message>, Outcome),
}

/// A message with what it is about, still to be sealed with a secret.
struct Draft {
    message: Message,
    account: Account,
    presented: Presented,
}

#[derive(Default)]
struct Surroundings {
    accounts: HashMap<AccountId, Account>,
    contacts: HashMap<(AccountId, ContactId), Contact>,
    links: HashMap<(AccountId, MagicLinkId), MagicLink>,
    suppressed: HashSet<(AccountId, String)>,
}

/// Decides which of the claimed messages may still be sent and mints their secrets; within a transaction.
pub async fn prepare(
    conn: &mut Conn,
    claimed: Vec<Message>,
    keys: &Keys,
    moment: &Moment,
) -> Result<Vec<Prepared>> {
    let (mut linked, mut prepared) = (Vec::new(), Vec::new());
    for message in claimed {
        if message.kind == MessageKind::RequestedLogin && message.magic_link_id.is_none() {
            match Box::pin(notices::give_link(conn, message, moment)).await? {
                Ok(message) => linked.push(message),
                Err(message) => prepared.push(Prepared::Over(message, Outcome::Cancelled)),
            }
        } else if message.kind.by_itself() {
            prepared.push(Box::pin(notices::prepare(conn, message, keys, moment)).await?);
        } else {
            linked.push(message);
        }
    }
    prepared.extend(prepare_links(conn, linked, keys, moment).await?);
    Ok(prepared)
}

async fn prepare_links(
    conn: &mut Conn,
    claimed: Vec<Message>,
    keys: &Keys,
    moment: &Moment,
) -> Result<Vec<Prepared>> {
    if claimed.is_empty() {
        return Ok(Vec::new());
    }
    let around = Surroundings::read(conn, &claimed).await?;
    let (mut drafts, mut prepared) = (Vec::new(), Vec::new());
    for message in claimed {
        match around.about(&message, moment) {
            Ok((account, presented)) => drafts.push(Draft {
                message,
                account,
                presented,
            }),
            Err(outcome) => prepared.push(Prepared::Over(Box::new(message), outcome)),
        }
    }
    if drafts.is_empty() {
        return Ok(prepared);
    }
    let invitations = invitations_of(conn, &drafts).await?;
    let links: Vec<&MagicLink> = drafts.iter().map(|draft| &draft.presented.link).collect();
    MagicLink::start_life(conn, &links, moment.now).await?;
    let secrets = MagicLink::mint(conn, &links, moment).await?;
    prepared.extend(
        drafts
            .into_iter()
            .zip(secrets)
            .map(|(draft, secret)| draft.seal(secret, &invitations, keys)),
    );
    Ok(prepared)
}

impl Draft {
    fn seal(
        self,
        secret: PlainSecret,
        invitations: &HashMap<(AccountId, InvitationId), Invitation>,
        keys: &Keys,
    ) -> Prepared {
        let Presented { link, contact } = self.presented;
        let invitation = link
            .invitation_id
            .and_then(|id| invitations.get(&(link.account_id, id)).cloned());
        let challenge = self
            .message
            .about
            .filter(|_| self.message.kind == MessageKind::RequestedLogin && self.account.code_allowed);
        let code = challenge.map(|id| Code::of(&keys.code, link.account_id, ChallengeId(id)));
        Prepared::Letter(Box::new(Dispatch {
            message: self.message,
            account: self.account,
            to: Person::Contact(contact),
            content: Content::Link {
                link: Box::new(link),
                invitation: invitation.map(Box::new),
                secret,
                code,
            },
        }))
    }
}

impl Surroundings {
    async fn read(conn: &mut Conn, claimed: &[Message]) -> Result<Self> {
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
            suppressed: suppressed_of(conn, &accounts, claimed).await?,
            accounts: Account::find_many(conn, &accounts)
                .await?
                .into_iter()
                .map(|account| (account.id, account))
                .collect(),
        })
    }

    /// What the message is about, or why it is not sent.
    fn about(&self, message: &Message, moment: &Moment) -> Result<(Account, Presented), Outcome> {
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
        let presented = Presented { link, contact };
        if moved || presented.refusal(moment.now).is_some() {
            return Err(Outcome::Cancelled);
        }
        if self.suppressed.contains(&(message.account_id, key)) {
            return Err(Outcome::Suppressed);
        }
        Ok((account.clone(), presented))
    }
}

fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
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
) -> Result<HashSet<(AccountId, String)>> {
    let keys = distinct(claimed.iter().map(|message| message.address.to_ascii_lowercase()));
    let found: Vec<(AccountId, String)> = suppressions::table
        .filter(suppressions::account_id.eq_any(accounts))
        .filter(suppressions::email_key.eq_any(keys))
        .select((suppressions::account_id, suppressions::email_key))
        .load(conn)
        .await?;
    Ok(found.into_iter().collect())
}

async fn invitations_of(
    conn: &mut Conn,
    drafts: &[Draft],
) -> Result<HashMap<(AccountId, InvitationId), Invitation>> {
    let keys = distinct(
        drafts
            .iter()
            .filter_map(|draft| Some((draft.account.id, draft.presented.link.invitation_id?))),
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
