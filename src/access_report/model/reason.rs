//! What a step may find, and what follows from it.

use super::{StepAction, StepKind, StepOutcome};
use crate::base::text_enum::text_enum;

text_enum! {
    /// What a step found.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "AccessStepReason")]
    Reason {
        /// The contact has an email address.
        HasAddress = "HAS_ADDRESS",
        /// The contact has no email address, so nothing can be sent to them.
        NoAddress = "NO_ADDRESS",
        /// The contact's access was not revoked.
        NotRevoked = "NOT_REVOKED",
        /// Staff revoked the contact's access, at `at`.
        Revoked = "REVOKED",
        /// The contact can sign in by email.
        ByEmail = "BY_EMAIL",
        /// Sign-in by email is turned off; the contact has a password or Google.
        WithoutEmail = "WITHOUT_EMAIL",
        /// Sign-in by email is turned off, and the contact has neither a password nor Google that they could use.
        NoMethod = "NO_METHOD",
        /// The contact joined, at `at`.
        Joined = "JOINED",
        /// The invitation is open until `at`.
        InvitationOpen = "INVITATION_OPEN",
        /// The invitation expired at `at`. The contact can still ask for a login email.
        InvitationExpired = "INVITATION_EXPIRED",
        /// Staff cancelled the invitation, at `at`.
        InvitationCancelled = "INVITATION_CANCELLED",
        /// The contact was never invited. They can still ask for a login email.
        NeverInvited = "NEVER_INVITED",
        /// Email to the address is not suppressed.
        EmailAllowed = "EMAIL_ALLOWED",
        /// The address bounced or its owner reported an email, at `at`: nothing is sent to it.
        EmailSuppressed = "EMAIL_SUPPRESSED",
        /// The owner of the address said that an email wasn't for them: nothing is sent until `at`.
        EmailPaused = "EMAIL_PAUSED",
        /// The newest message is waiting to be sent, since `at`.
        MessageQueued = "MESSAGE_QUEUED",
        /// The mail server accepted the newest message at `at`. It may lie in the spam folder.
        MessageSent = "MESSAGE_SENT",
        /// The newest message was kept on the server: no mail server is configured.
        MessageKept = "MESSAGE_KEPT",
        /// The newest message could not be delivered yet; the next try is at `at`.
        MessageDeferred = "MESSAGE_DEFERRED",
        /// The newest message bounced.
        MessageBounced = "MESSAGE_BOUNCED",
        /// The newest message could not be sent and is not tried again.
        MessageFailed = "MESSAGE_FAILED",
        /// The newest message was not sent: email to the address was suppressed.
        MessageSuppressed = "MESSAGE_SUPPRESSED",
        /// The newest link works until `at`.
        LinkLive = "LINK_LIVE",
        /// The newest link was used at `at`.
        LinkUsed = "LINK_USED",
        /// The newest link expired at `at`.
        LinkExpired = "LINK_EXPIRED",
        /// The newest link was replaced by a newer one, at `at`.
        LinkSuperseded = "LINK_SUPERSEDED",
        /// The newest link was revoked, at `at`.
        LinkRevoked = "LINK_REVOKED",
        /// The contact has a password that works.
        PasswordSet = "PASSWORD_SET",
        /// After too many failed attempts, passwords are not accepted until `at`.
        TooManyAttempts = "TOO_MANY_ATTEMPTS",
        /// The password is disabled until the contact resets it by email.
        PasswordDisabled = "PASSWORD_DISABLED",
        /// The portal shows the section of the course or community.
        SectionOn = "SECTION_ON",
        /// The section of the course or community is turned off: the portal shows nothing of it.
        SectionOff = "SECTION_OFF",
        /// The course or community is published.
        ContentPublished = "CONTENT_PUBLISHED",
        /// It is a draft: contacts don't see it.
        ContentDraft = "CONTENT_DRAFT",
        /// It is archived.
        ContentArchived = "CONTENT_ARCHIVED",
        /// The contact may open it; until `at`, if that is set.
        Granted = "GRANTED",
        /// A grant opens it, but only at `at`.
        GrantNotStarted = "GRANT_NOT_STARTED",
        /// The last grant of it ended at `at`.
        GrantEnded = "GRANT_ENDED",
        /// The last grant of it was revoked, at `at`.
        GrantRevoked = "GRANT_REVOKED",
        /// Nothing grants it to the contact.
        NotGranted = "NOT_GRANTED",
    }
}

/// What follows from a reason.
pub(crate) struct Properties {
    pub kind: StepKind,
    pub outcome: StepOutcome,
    pub action: Option<StepAction>,
    /// For staff.
    pub message: &'static str,
}

impl Reason {
    pub(crate) fn properties(self) -> Properties {
        use StepAction as Do;
        use StepKind as On;
        use StepOutcome::{Fail, Pass, Warn};
        let (kind, outcome, action, message) = match self {
            Self::HasAddress => (On::Address, Pass, None, "Has an email address."),
            Self::NoAddress => (
                On::Address,
                Fail,
                Some(Do::EditContact),
                "Has no email address: nothing can be sent.",
            ),
            Self::NotRevoked => (On::Revocation, Pass, None, "Access was not revoked."),
            Self::Revoked => (
                On::Revocation,
                Fail,
                Some(Do::RestoreAccess),
                "Access was revoked.",
            ),
            Self::ByEmail => (On::Method, Pass, None, "Can sign in by email."),
            Self::WithoutEmail => (On::Method, Pass, None, "Can sign in with a password or Google."),
            Self::NoMethod => (
                On::Method,
                Fail,
                Some(Do::ChangeSettings),
                "Has no way to sign in: none that the account allows, or no address.",
            ),
            Self::Joined => (On::Invitation, Pass, None, "Has joined."),
            Self::InvitationOpen => (On::Invitation, Pass, None, "The invitation is open."),
            Self::InvitationExpired => (
                On::Invitation,
                Warn,
                Some(Do::ResendInvitation),
                "The invitation has expired.",
            ),
            Self::InvitationCancelled => (
                On::Invitation,
                Warn,
                Some(Do::Invite),
                "The invitation was cancelled.",
            ),
            Self::NeverInvited => (On::Invitation, Warn, Some(Do::Invite), "Was never invited."),
            Self::EmailAllowed => (On::Email, Pass, None, "Email to the address is not suppressed."),
            Self::EmailSuppressed => (
                On::Email,
                Fail,
                Some(Do::ResumeEmail),
                "Nothing is sent to the address: it bounced, or its owner reported an email.",
            ),
            Self::EmailPaused => (
                On::Email,
                Fail,
                Some(Do::ResumeEmail),
                "Email is paused: the owner of the address said that an email wasn't for them.",
            ),
            Self::MessageQueued => (
                On::Delivery,
                Pass,
                None,
                "The newest message is waiting to be sent.",
            ),
            Self::MessageSent => (
                On::Delivery,
                Pass,
                None,
                "The mail server accepted the newest message. It may lie in the spam folder.",
            ),
            Self::MessageKept => (
                On::Delivery,
                Warn,
                None,
                "The newest message was kept on the server: no mail server is configured.",
            ),
            Self::MessageDeferred => (
                On::Delivery,
                Warn,
                None,
                "The newest message could not be delivered yet. It is tried again.",
            ),
            Self::MessageBounced => (
                On::Delivery,
                Warn,
                Some(Do::EditContact),
                "The newest message bounced.",
            ),
            Self::MessageFailed => (
                On::Delivery,
                Warn,
                Some(Do::SendLoginEmail),
                "The newest message could not be sent.",
            ),
            Self::MessageSuppressed => (
                On::Delivery,
                Warn,
                Some(Do::ResumeEmail),
                "The newest message was not sent: email was suppressed.",
            ),
            Self::LinkLive => (On::Link, Pass, None, "The newest link works."),
            Self::LinkUsed => (On::Link, Pass, None, "The newest link was used."),
            Self::LinkExpired => (
                On::Link,
                Warn,
                Some(Do::SendLoginEmail),
                "The newest link has expired.",
            ),
            Self::LinkSuperseded => (
                On::Link,
                Warn,
                Some(Do::SendLoginEmail),
                "The newest link was replaced.",
            ),
            Self::LinkRevoked => (
                On::Link,
                Warn,
                Some(Do::SendLoginEmail),
                "The newest link was revoked.",
            ),
            Self::PasswordSet => (On::Password, Pass, None, "Has a password."),
            Self::TooManyAttempts => (
                On::Password,
                Warn,
                Some(Do::SendLoginEmail),
                "Passwords are not accepted for a while, after too many failed attempts.",
            ),
            Self::PasswordDisabled => (
                On::Password,
                Warn,
                Some(Do::SendLoginEmail),
                "The password is disabled until it is reset by email.",
            ),
            Self::SectionOn => (On::Section, Pass, None, "The portal has the section."),
            Self::SectionOff => (
                On::Section,
                Fail,
                Some(Do::ChangeSettings),
                "The section is turned off.",
            ),
            Self::ContentPublished => (On::Content, Pass, None, "It is published."),
            Self::ContentDraft => (On::Content, Fail, Some(Do::Publish), "It is a draft."),
            Self::ContentArchived => (On::Content, Fail, Some(Do::Publish), "It is archived."),
            Self::Granted => (On::Grant, Pass, None, "May open it."),
            Self::GrantNotStarted => (On::Grant, Fail, Some(Do::Grant), "May open it only later."),
            Self::GrantEnded => (On::Grant, Fail, Some(Do::Grant), "The grant has ended."),
            Self::GrantRevoked => (On::Grant, Fail, Some(Do::Grant), "The grant was revoked."),
            Self::NotGranted => (On::Grant, Fail, Some(Do::Grant), "Nothing grants it."),
        };
        Properties {
            kind,
            outcome,
            action,
            message,
        }
    }
}
