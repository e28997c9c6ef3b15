//! Recipients and invitations that a request leaves as they are, and why.

use sms::PhoneNumber;

use crate::base::ids::ContactId;
use crate::base::text_enum::text_enum;
use crate::contacts::model::Contact;
use crate::messages::model::Channel;

text_enum! {
    /// Why a recipient is skipped.
    #[derive(async_graphql::Enum)]
    SkipReason {
        /// The contact has joined already.
        AlreadyActive = "ALREADY_ACTIVE",
        /// The contact's invitation is open.
        AlreadyInvited = "ALREADY_INVITED",
        /// The request names the recipient twice.
        Duplicate = "DUPLICATE",
        /// It is not an email address.
        InvalidEmail = "INVALID_EMAIL",
        /// The contact has no email address.
        NoEmail = "NO_EMAIL",
        /// The contact has no phone number.
        NoPhone = "NO_PHONE",
        /// The contact's phone number is not valid.
        InvalidPhone = "INVALID_PHONE",
        /// The contact's access was revoked.
        Revoked = "REVOKED",
        /// The address bounced, or its owner reported an email or answered STOP to a text message.
        Suppressed = "SUPPRESSED",
        /// The contact unsubscribed from marketing emails.
        Unsubscribed = "UNSUBSCRIBED",
        /// There is no such contact.
        NotFound = "NOT_FOUND",
        /// The contact's access is revoked already.
        AlreadyRevoked = "ALREADY_REVOKED",
        /// The contact's access is not revoked.
        NotRevoked = "NOT_REVOKED",
        /// The contact would have more than 50 tags.
        TooManyTags = "TOO_MANY_TAGS",
    }
}

/// A recipient, or an invitation, that is left as it is, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Skipped {
    /// Its index among the requested ones.
    pub index: usize,
    pub contact: Option<ContactId>,
    pub email: Option<String>,
    pub reason: SkipReason,
}

/// Where a message reaches the contact, or why it can't.
pub(crate) fn deliverable_address(contact: &Contact, channel: Channel) -> Result<&str, SkipReason> {
    match channel {
        Channel::Email => contact.email.as_deref().ok_or(SkipReason::NoEmail),
        Channel::Sms => {
            let phone = contact.phone.as_deref().ok_or(SkipReason::NoPhone)?;
            let valid = PhoneNumber::parse(phone, None).is_ok_and(|number| number.as_str() == phone);
            valid.then_some(phone).ok_or(SkipReason::InvalidPhone)
        }
    }
}
