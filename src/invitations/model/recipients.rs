//! The recipients of a message: contacts by id and email addresses. Each gets it once or is skipped with the reason.

use std::collections::{HashMap, HashSet};

use crate::base::address::Mailbox;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId};
use crate::base::plain_text;
use crate::contacts::model::details::RawDetails;
use crate::contacts::model::list::Filter;
use crate::contacts::model::{Contact, ContactDetails};
use crate::invitations::model::skipped::{SkipReason, Skipped};

/// One recipient as the request names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RequestedRecipient {
    /// A contact id as received. A malformed id and an id of another account are not found.
    Id(String),
    /// An address as received, perhaps with a name.
    Email(String),
}

impl RequestedRecipient {
    pub(crate) fn by_id(ids: &[ContactId]) -> Vec<Indexed<Self>> {
        ids.iter()
            .map(|id| Self::Id(id.to_string()))
            .enumerate()
            .collect()
    }

    pub(crate) fn address_input(&self) -> Option<&str> {
        match self {
            Self::Id(_) => None,
            Self::Email(text) => Some(text),
        }
    }
}

/// A value with the index of its requested recipient.
pub(crate) type Indexed<T> = (usize, T);

/// The contacts found, and the recipients that are skipped.
#[derive(Debug, Default)]
pub(crate) struct ResolvedRecipients {
    pub contacts: Vec<Indexed<Contact>>,
    pub skipped: Vec<Skipped>,
    /// Contacts that a preview would create: their ids belong to no row and are not shown.
    unsaved: HashSet<ContactId>,
}

impl ResolvedRecipients {
    /// Finds the contacts and locks their rows. With `create`, addresses without a contact become contacts.
    pub(crate) async fn resolve(
        conn: &mut Conn,
        account: AccountId,
        requested: &[Indexed<RequestedRecipient>],
        create: bool,
        moment: &Moment,
    ) -> Result<Self> {
        let mut resolved = Self::default();
        let (ids, emails) = resolved.parse(requested);
        let unlocked = Self::find_by_email(conn, account, &emails, create, moment).await?;
        let all_ids: Vec<ContactId> = ids
            .iter()
            .map(|(_, id)| *id)
            .chain(unlocked.iter().map(|c| c.id))
            .collect();
        let locked = Contact::lock_many(conn, account, &all_ids).await?;
        resolved.assign(ids, emails, &locked);
        resolved.sort();
        Ok(resolved)
    }

    /// Contacts whose rows are locked.
    pub(crate) fn of_contacts(contacts: Vec<Contact>) -> Self {
        Self {
            contacts: contacts.into_iter().enumerate().collect(),
            ..Self::default()
        }
    }

    /// Leaves out the contacts that have stopped matching since the filter selected them: they may have changed, or been
    /// deleted, while this transaction waited for their rows.
    pub(crate) async fn keep_matches(
        &mut self,
        conn: &mut Conn,
        account: AccountId,
        filter: &Filter,
    ) -> Result<()> {
        let matches = Contact::matching(conn, account, filter, &self.contact_ids()).await?;
        self.contacts.retain(|(_, contact)| matches.contains(&contact.id));
        self.skipped.clear();
        Ok(())
    }

    /// What [`resolve`](Self::resolve) would find, without locking or writing anything. A contact that `resolve` would create
    /// gets an id that belongs to no row.
    pub(crate) async fn preview(
        conn: &mut Conn,
        account: AccountId,
        requested: &[Indexed<RequestedRecipient>],
        create: bool,
        moment: &Moment,
    ) -> Result<Self> {
        let mut resolved = Self::default();
        let (ids, emails) = resolved.parse(requested);
        let by_id: Vec<ContactId> = ids.iter().map(|(_, id)| *id).collect();
        let mut found = Contact::find_many(conn, account, &by_id).await?;
        found.extend(Self::find_by_email(conn, account, &emails, false, moment).await?);
        if create {
            let known: HashSet<&str> = found.iter().filter_map(|one| one.email_key.as_deref()).collect();
            let new = emails
                .iter()
                .filter(|(_, address)| !known.contains(address.key()));
            let new: HashMap<&str, &ContactDetails> = new
                .map(|(_, address)| (address.key(), &address.details))
                .collect();
            let new: Vec<Contact> = new
                .into_values()
                .map(|details| Contact::unsaved(account, details, moment))
                .collect();
            resolved.unsaved = new.iter().map(|one| one.id).collect();
            found.extend(new);
        }
        resolved.assign(ids, emails, &found);
        resolved.sort();
        Ok(resolved)
    }

    pub(crate) fn contact_ids(&self) -> Vec<ContactId> {
        self.contacts.iter().map(|(_, contact)| contact.id).collect()
    }

    fn sort(&mut self) {
        self.contacts.sort_by_key(|(index, _)| *index);
        self.skipped.sort_by_key(|skipped| skipped.index);
    }

    fn parse(
        &mut self,
        requested: &[Indexed<RequestedRecipient>],
    ) -> (Vec<Indexed<ContactId>>, Vec<Indexed<ParsedAddress>>) {
        let (mut ids, mut emails) = (Vec::new(), Vec::new());
        for (index, one) in requested {
            match one {
                RequestedRecipient::Id(text) => match text.parse() {
                    Ok(id) => ids.push((*index, id)),
                    Err(_) => self.skip(*index, None, None, SkipReason::NotFound),
                },
                RequestedRecipient::Email(text) => match ParsedAddress::parse(text) {
                    Some(address) => emails.push((*index, address)),
                    None => self.skip(*index, None, Some(escape_input(text)), SkipReason::InvalidEmail),
                },
            }
        }
        (ids, emails)
    }

    async fn find_by_email(
        conn: &mut Conn,
        account: AccountId,
        emails: &[Indexed<ParsedAddress>],
        create: bool,
        moment: &Moment,
    ) -> Result<Vec<Contact>> {
        if emails.is_empty() {
            return Ok(Vec::new());
        }
        if create {
            let mut seen = HashSet::new();
            let new: Vec<ContactDetails> = emails
                .iter()
                .filter(|(_, address)| seen.insert(address.key()))
                .map(|(_, address)| address.details.clone())
                .collect();
            Contact::create_missing(conn, account, &new, moment).await?;
        }
        let keys: Vec<&str> = emails.iter().map(|(_, address)| address.key()).collect();
        Contact::by_emails(conn, account, &keys).await
    }

    /// Assigns each recipient its contact, in the order of the request, or skips it.
    fn assign(
        &mut self,
        ids: Vec<Indexed<ContactId>>,
        emails: Vec<Indexed<ParsedAddress>>,
        found: &[Contact],
    ) {
        let by_id: HashMap<ContactId, &Contact> = found.iter().map(|one| (one.id, one)).collect();
        let by_email: HashMap<&str, &Contact> = (found.iter())
            .filter_map(|one| Some((one.email_key.as_deref()?, one)))
            .collect();
        let mut requested: Vec<(usize, Option<String>, Option<&Contact>)> = Vec::new();
        for (index, id) in ids {
            requested.push((index, None, by_id.get(&id).copied()));
        }
        for (index, address) in emails {
            let found = by_email.get(address.key()).copied();
            requested.push((index, Some(address.text), found));
        }
        requested.sort_by_key(|(index, ..)| *index);
        let mut seen = HashSet::new();
        for (index, email, found) in requested {
            match found {
                None => self.skip(index, None, email, SkipReason::NotFound),
                Some(contact) if !seen.insert(contact.id) => {
                    self.skip(index, Some(contact.id), email, SkipReason::Duplicate);
                }
                Some(contact) => self.contacts.push((index, contact.clone())),
            }
        }
    }

    pub(crate) fn skip(
        &mut self,
        index: usize,
        contact: Option<ContactId>,
        email: Option<String>,
        reason: SkipReason,
    ) {
        self.skipped.push(Skipped {
            index,
            contact: contact.filter(|id| !self.unsaved.contains(id)),
            email,
            reason,
        });
    }

    /// Moves the contacts with a reason to the skipped recipients.
    pub(crate) fn skip_where(&mut self, reason: impl Fn(&Contact) -> Option<SkipReason>) {
        for (index, contact) in std::mem::take(&mut self.contacts) {
            match reason(&contact) {
                Some(reason) => self.skip(index, Some(contact.id), contact.email, reason),
                None => self.contacts.push((index, contact)),
            }
        }
    }
}

/// An email address of the request, with the details for a new contact.
pub(super) struct ParsedAddress {
    text: String,
    key: String,
    pub details: ContactDetails,
}

impl ParsedAddress {
    /// `None` if it is not an address, or its name can't be stored.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mailbox = Mailbox::parse(text).ok()?;
        let (first, last) = mailbox.names();
        let raw = RawDetails {
            email: Some(mailbox.email.text.clone()),
            first_name: first.map(str::to_owned),
            last_name: last.map(str::to_owned),
            ..RawDetails::default()
        };
        Some(Self {
            details: raw.parse("").ok()?,
            key: mailbox.email.key,
            text: escape_input(text),
        })
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }
}

/// The address as received, with invisible characters escaped.
pub(crate) fn escape_input(text: &str) -> String {
    plain_text::escaped(text, 1_000)
}
