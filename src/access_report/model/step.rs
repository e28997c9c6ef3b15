//! One step of the report.

use chrono::{DateTime, Utc};

use super::Reason;

/// What a step looks at.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "AccessStepKind")]
pub(crate) enum StepKind {
    /// The contact's email address.
    Address,
    /// Whether staff revoked the contact's access.
    Revocation,
    /// The ways to sign in that the account allows and the contact can use.
    Method,
    /// The invitation.
    Invitation,
    /// Whether email to the address is suppressed.
    Email,
    /// The delivery of the newest message.
    Delivery,
    /// The newest magic link.
    Link,
    /// The password, and the wait after too many failed attempts.
    Password,
    /// The section of the portal with the course or community that the report is about.
    Section,
    /// The course or community.
    Content,
    /// The grants of it.
    Grant,
}

/// Whether a step lets the contact in.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "AccessStepOutcome")]
pub(crate) enum StepOutcome {
    /// It lets the contact in.
    Pass,
    /// It may be why the contact doesn't get in, but there is another way.
    Warn,
    /// It stops the contact.
    Fail,
}

/// What staff can do about a step.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "AccessStepAction")]
pub(crate) enum StepAction {
    /// Give the contact an address that works: `updateContact`.
    EditContact,
    /// Restore the contact's access: `restorePortalAccess`.
    RestoreAccess,
    /// Turn on another way to sign in, or the section: `updatePortalSettings`.
    ChangeSettings,
    /// Invite the contact: `inviteContacts`.
    Invite,
    /// Send the invitation again: `resendInvitation`.
    ResendInvitation,
    /// Resume email to the address: `resumeMail`.
    ResumeEmail,
    /// Send a login email: `sendLoginEmails`.
    SendLoginEmail,
    /// Publish the course or community: `updateCourse`, `updateCommunity`.
    Publish,
    /// Grant access: `assignCourses`, `updateCommunityAccess` or `grantOffer`.
    Grant,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub reason: Reason,
    pub outcome: StepOutcome,
    pub at: Option<DateTime<Utc>>,
    /// The id of what it is about.
    pub target: Option<String>,
}

impl Step {
    pub(super) fn new(reason: Reason) -> Self {
        Self {
            reason,
            outcome: reason.properties().outcome,
            at: None,
            target: None,
        }
    }

    pub(super) fn at(self, at: DateTime<Utc>) -> Self {
        Self { at: Some(at), ..self }
    }

    pub(super) fn about(self, id: impl ToString) -> Self {
        Self {
            target: Some(id.to_string()),
            ..self
        }
    }

    /// There is another way in.
    pub(super) fn softened(self) -> Self {
        Self {
            outcome: StepOutcome::Warn,
            ..self
        }
    }
}
