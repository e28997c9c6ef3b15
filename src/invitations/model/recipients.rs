//! Who gets a message: contacts that staff chose or addresses that they typed, each once, or skipped with the reason.

use std::collections::{HashMap, HashSet};

use crate::base::address::Mailbox;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId};
use crate::base::plain_text;
use crate::base::text_enum::text_enum;
use crate::contacts::model::details as contact_details;
use crate::contacts::model::details::RawDetails;
use crate::contacts::model::{Contact, ContactDetails};

text_enum! {
    /// Why a recipient gets nothing.
    #[derive(async_graphql::Enum)]
    SkipReason {
        /// The contact has joined already.
        AlreadyActive = "ALREADY_ACTIVE",
        /// The contact's invitation is open.
        AlreadyInvited = "ALREADY_INVITED",
        /// The recipient is named twice in the request.
        Duplicate = "DUPLICATE",
        /// It is not an email address.
        InvalidEmail = "INVALID_EMAIL",
        /// The contact has no email address.
        NoEmail = "NO_EMAIL",
        /// The contact's access was revoked.
        Revoked = "REVOKED",
        /// The address bounced or complained before.
        Suppressed = "SUPPRESSED",
        /// There is no such contact.
        NotFound = "NOT_FOUND",
    }
}

/// One recipient as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// An id as typed; one that is none, or foreign, is not found.
    Id(String),
    /// As it was typed: an address, perhaps with a name.
    Email(String),
}

impl Wanted {
    pub(crate) fn typed(&self) -> Option<&str> {
        match self {
            Self::Id(_) => None,
            Self::Email(text) => Some(text),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Skipped {
    /// Its place among what was asked for.
    pub place: usize,
    pub contact: Option<ContactId>,
    pub email: Option<String>,
    pub reason: SkipReason,
}

/// Each with its place among what was asked for.
type Placed<T> = Vec<(usize, T)>;

/// The recipients found, with their places, and the rest.
#[derive(Debug, Default)]
pub(crate) struct Chosen {
    pub contacts: Vec<(usize, Contact)>,
    pub skipped: Vec<Skipped>,
    /// Contacts of a preview that don't exist: their ids are not shown.
    unsaved: HashSet<ContactId>,
}

impl Chosen {
    /// Finds them, creates those that are new addresses where `create` says so, and locks their rows.
    pub(crate) async fn resolve(
        conn: &mut Conn,
        account: AccountId,
        wanted: &[(usize, Wanted)],
        create: bool,
        moment: &Moment,
    ) -> Result<Self> {
        let mut chosen = Self::default();
        let (ids, emails) = chosen.sort_out(wanted);
        let unlocked = Self::by_email(conn, account, &emails, create, moment).await?;
        let every: Vec<ContactId> = ids
            .iter()
            .map(|(_, id)| *id)
            .chain(unlocked.iter().map(|c| c.id))
            .collect();
        let locked = Contact::lock_many(conn, account, &every).await?;
        chosen.place(ids, emails, &locked);
        chosen.sort();
        Ok(chosen)
    }

    /// What [`resolve`](Self::resolve) would find. It locks nothing and writes nothing: a contact that `resolve` would create
    /// has an id of no row.
    pub(crate) async fn preview(
        conn: &mut Conn,
        account: AccountId,
        wanted: &[(usize, Wanted)],
        create: bool,
        moment: &Moment,
    ) -> Result<Self> {
        let mut chosen = Self::default();
        let (ids, emails) = chosen.sort_out(wanted);
        let by_id: Vec<ContactId> = ids.iter().map(|(_, id)| *id).collect();
        let mut found = Contact::find_many(conn, account, &by_id).await?;
        found.extend(Self::by_email(conn, account, &emails, false, moment).await?);
        if create {
            let known: HashSet<&str> = found.iter().filter_map(|one| one.email_key.as_deref()).collect();
            let new = emails.iter().filter(|(_, typed)| !known.contains(typed.key()));
            let new: HashMap<&str, &ContactDetails> =
                new.map(|(_, typed)| (typed.key(), &typed.details)).collect();
            let new: Vec<Contact> = new
                .into_values()
                .map(|details| Contact::unsaved(account, details, moment))
                .collect();
            chosen.unsaved = new.iter().map(|one| one.id).collect();
            found.extend(new);
        }
        chosen.place(ids, emails, &found);
        chosen.sort();
        Ok(chosen)
    }

    fn sort(&mut self) {
        self.contacts.sort_by_key(|(place, _)| *place);
        self.skipped.sort_by_key(|skipped| skipped.place);
    }

    fn sort_out(&mut self, wanted: &[(usize, Wanted)]) -> (Placed<ContactId>, Placed<Typed>) {
        let (mut ids, mut emails) = (Vec::new(), Vec::new());
        for (place, one) in wanted {
            match one {
                Wanted::Id(text) => match text.parse() {
                    Ok(id) => ids.push((*place, id)),
                    Err(_) => self.skip(*place, None, None, SkipReason::NotFound),
                },
                Wanted::Email(text) => match Typed::parse(text) {
                    Some(typed) => emails.push((*place, typed)),
                    None => self.skip(*place, None, Some(shown(text)), SkipReason::InvalidEmail),
                },
            }
        }
        (ids, emails)
    }

    async fn by_email(
        conn: &mut Conn,
        account: AccountId,
        emails: &[(usize, Typed)],
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
                .filter(|(_, typed)| seen.insert(typed.key()))
                .map(|(_, typed)| typed.details.clone())
                .collect();
            Contact::create_missing(conn, account, &new, moment).await?;
        }
        let keys: Vec<&str> = emails.iter().map(|(_, typed)| typed.key()).collect();
        Contact::by_emails(conn, account, &keys).await
    }

    fn place(&mut self, ids: Vec<(usize, ContactId)>, emails: Vec<(usize, Typed)>, locked: &[Contact]) {
        let by_id: HashMap<ContactId, &Contact> = locked.iter().map(|one| (one.id, one)).collect();
        let by_email: HashMap<&str, &Contact> = (locked.iter())
            .filter_map(|one| Some((one.email_key.as_deref()?, one)))
            .collect();
        let mut wanted: Vec<(usize, Option<String>, Option<&Contact>)> = Vec::new();
        for (place, id) in ids {
            wanted.push((place, None, by_id.get(&id).copied()));
        }
        for (place, typed) in emails {
            let found = by_email.get(typed.key()).copied();
            wanted.push((place, Some(typed.text), found));
        }
        wanted.sort_by_key(|(place, ..)| *place);
        let mut seen = HashSet::new();
        for (place, email, found) in wanted {
            match found {
                None => self.skip(place, None, email, SkipReason::NotFound),
                Some(contact) if !seen.insert(contact.id) => {
                    self.skip(place, Some(contact.id), email, SkipReason::Duplicate);
                }
                Some(contact) => self.contacts.push((place, contact.clone())),
            }
        }
    }

    pub(crate) fn skip(
        &mut self,
        place: usize,
        contact: Option<ContactId>,
        email: Option<String>,
        reason: SkipReason,
    ) {
        self.skipped.push(Skipped {
            place,
            contact: contact.filter(|id| !self.unsaved.contains(id)),
            email,
            reason,
        });
    }
}

/// An address that was typed, with the details of the contact that it becomes where it is new.
struct Typed {
    text: String,
    key: String,
    details: ContactDetails,
}

impl Typed {
    /// `None` where it is no address, or its name can't be kept.
    fn parse(text: &str) -> Option<Self> {
        let mailbox = Mailbox::parse(text).ok()?;
        let (first, last) = mailbox.names();
        let raw = RawDetails {
            email: Some(mailbox.email.text.clone()),
            first_name: first.map(str::to_owned),
            last_name: last.map(str::to_owned),
            ..RawDetails::default()
        };
        Some(Self {
            details: contact_details::check("", raw).ok()?,
            key: mailbox.email.key,
            text: shown(text),
        })
    }

    fn key(&self) -> &str {
        &self.key
    }
}

/// The address as it was typed, safe to show.
pub(crate) fn shown(text: &str) -> String {
    plain_text::escaped(text, 1_000)
}
