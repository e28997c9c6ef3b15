//! Recipients and invitations that a request leaves as they are, and why.

use crate::base::ids::ContactId;
use crate::base::text_enum::text_enum;

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
        /// The contact's access was revoked.
        Revoked = "REVOKED",
        /// The address bounced, or its owner reported an email.
        Suppressed = "SUPPRESSED",
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
