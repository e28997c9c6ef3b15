//! What each address of a list belongs to, before anything is sent.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::recipients::{ParsedAddress, escape_input};
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::contacts::model::{Contact, ContactDetails, PortalStatus};
use crate::messages::model::suppression;

/// What an address belongs to, and whether email can be sent to it.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecipientState {
    /// It belongs to no contact yet.
    New,
    /// Its contact is invited and has not joined yet.
    Invited,
    /// Its contact has joined.
    Active,
    /// Its contact is not invited.
    NotInvited,
    /// Its contact's access was revoked.
    Revoked,
    /// No email is sent to it: it bounced, or its owner reported an email.
    Suppressed,
    /// It is not an email address.
    Invalid,
    /// An earlier one of the list is the same address.
    Duplicate,
}

/// An address of the list.
#[derive(Debug)]
pub(crate) struct CheckedRecipient {
    /// As received if it is invalid.
    pub email: String,
    /// That of the contact, or the one given with the address.
    pub name: Option<String>,
    pub contact: Option<Contact>,
    pub state: RecipientState,
}

/// Checks the addresses, in their order. Nothing is written or locked.
pub(crate) async fn check(
    conn: &mut Conn,
    account: AccountId,
    emails: &[String],
    now: DateTime<Utc>,
) -> Result<Vec<CheckedRecipient>> {
    let parsed: Vec<Option<ParsedAddress>> = emails.iter().map(|text| ParsedAddress::parse(text)).collect();
    let keys: Vec<&str> = parsed.iter().flatten().map(ParsedAddress::key).collect();
    let contacts = Contact::by_emails(conn, account, &keys).await?;
    let suppressed = suppression::among(conn, account, &keys, now).await?;
    let by_key: HashMap<&str, &Contact> = (contacts.iter())
        .filter_map(|contact| Some((contact.email_key.as_deref()?, contact)))
        .collect();
    let mut seen = HashSet::new();
    let mut checked = Vec::with_capacity(emails.len());
    for (text, parsed) in emails.iter().zip(&parsed) {
        checked.push(match parsed {
            None => CheckedRecipient::invalid(text),
            Some(address) => {
                let contact = by_key.get(address.key()).copied();
                let state = if seen.insert(address.key()) {
                    state_of(contact, suppressed.contains(address.key()))
                } else {
                    RecipientState::Duplicate
                };
                CheckedRecipient::new(&address.details, contact, state)
            }
        });
    }
    Ok(checked)
}

fn state_of(contact: Option<&Contact>, suppressed: bool) -> RecipientState {
    match contact.map(Contact::status) {
        Some(PortalStatus::Revoked) => RecipientState::Revoked,
        _ if suppressed => RecipientState::Suppressed,
        None => RecipientState::New,
        Some(PortalStatus::NotInvited) => RecipientState::NotInvited,
        Some(PortalStatus::Invited) => RecipientState::Invited,
        Some(PortalStatus::Active) => RecipientState::Active,
    }
}

impl CheckedRecipient {
    fn invalid(text: &str) -> Self {
        Self {
            email: escape_input(text),
            name: None,
            contact: None,
            state: RecipientState::Invalid,
        }
    }

    fn new(given: &ContactDetails, contact: Option<&Contact>, state: RecipientState) -> Self {
        let words = [&given.first_name, &given.last_name].into_iter().flatten();
        let words: Vec<&str> = words.map(String::as_str).collect();
        let given_name = (!words.is_empty()).then(|| words.join(" "));
        Self {
            email: given
                .email
                .as_ref()
                .map(|email| email.text.clone())
                .unwrap_or_default(),
            name: contact.and_then(Contact::name).or(given_name),
            contact: contact.cloned(),
            state,
        }
    }
}
