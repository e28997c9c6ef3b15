//! The contact that a magic link is for: by id or by address.

use async_graphql::{Context, ID};

use crate::api::context::ContextExt;
use crate::api::scalars::EmailAddress;
use crate::base::actor::{Requester, Scope};
use crate::base::address;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, ContactId};
use crate::contacts::model::details::RawDetails;
use crate::contacts::model::{Contact, ContactDetails};

/// The contact as the input names it.
pub(super) enum LinkRecipient {
    Contact(ContactId),
    Address {
        email: address::EmailAddress,
        /// Whether an unknown address becomes a contact.
        create: bool,
    },
}

impl LinkRecipient {
    pub(super) fn parse(ctx: &Context<'_>, contact: Option<ID>, email: Option<EmailAddress>) -> Result<Self> {
        match (contact, email) {
            (Some(id), None) => match id.parse() {
                Ok(id) => Ok(Self::Contact(id)),
                Err(_) => Err(Error::not_found("input.contactId", "contact")),
            },
            (None, Some(EmailAddress(text))) => {
                let raw = RawDetails {
                    email: Some(text),
                    ..RawDetails::default()
                };
                let email = raw.parse("input")?.email;
                Ok(Self::Address {
                    email: email.ok_or_else(|| Error::bad_input("input.email", "Write an address."))?,
                    create: ctx
                        .staff(Scope::Contacts)
                        .or_else(|_| ctx.staff(Scope::Invite))
                        .is_ok(),
                })
            }
            _ => Err(Error::bad_input(
                "input",
                "Pass contactId or email, and only one of them.",
            )),
        }
    }

    /// The path of the contact in the input.
    pub(super) fn field(&self) -> &'static str {
        match self {
            Self::Contact(_) => "input.contactId",
            Self::Address { .. } => "input.email",
        }
    }

    /// The contact, with its row locked.
    pub(super) async fn lock(
        &self,
        conn: &mut Conn,
        account: AccountId,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Contact> {
        let id = match self {
            Self::Contact(id) => Some(*id),
            Self::Address { email, create } => {
                let mut found = Contact::by_email(conn, account, email).await?;
                if found.is_none() && *create {
                    let details = ContactDetails {
                        email: Some(email.clone()),
                        ..ContactDetails::default()
                    };
                    // Another transaction may create it first.
                    found = match Contact::create(conn, account, details, requester, moment).await? {
                        None => Contact::by_email(conn, account, email).await?,
                        created => created,
                    };
                }
                found.map(|contact| contact.id)
            }
        };
        let contact = match id {
            Some(id) => Contact::lock(conn, account, id).await?,
            None => None,
        };
        contact.ok_or_else(|| Error::not_found(self.field(), "contact"))
    }
}
