//! The facts that decide whether a contact gets in, and the steps that follow from them.

mod facts;
mod reason;
mod step;

pub(crate) use facts::Facts;
pub(crate) use reason::Reason;
pub(crate) use step::{Step, StepAction, StepKind, StepOutcome};

use chrono::{DateTime, Utc};

use crate::access::model::ContentStatus;
use crate::access::model::grant::{AccessGrant, GrantStatus};
use crate::invitations::model::InvitationStatus;
use crate::magic_links::model::{MagicLink, MagicLinkStatus, Purpose};
use crate::messages::model::MessageStatus;
use crate::sign_in::password::model::Password;
use facts::ItemFacts;

impl Facts {
    /// The steps, in the order in which a contact meets them.
    pub(crate) fn steps(&self, now: DateTime<Utc>) -> Vec<Step> {
        let mut steps = vec![
            self.address(),
            self.revocation(),
            self.method(now),
            self.invitation(now),
        ];
        steps.extend(self.email(now));
        steps.extend(self.delivery());
        steps.extend(self.link(now));
        steps.extend(self.password(now));
        if let Some(item) = &self.item {
            steps.push(self.section(item));
            steps.push(item.content());
            steps.push(item.grant(now));
        }
        steps
    }

    fn address(&self) -> Step {
        Step::new(match self.contact.email {
            Some(_) => Reason::HasAddress,
            None => Reason::NoAddress,
        })
    }

    fn revocation(&self) -> Step {
        match self.contact.revoked_at {
            None => Step::new(Reason::NotRevoked),
            Some(at) => Step::new(Reason::Revoked).at(at),
        }
    }

    /// Whether the contact can prove who they are without an email.
    fn has_other_method(&self, now: DateTime<Utc>) -> bool {
        let blocked = self.blocked_until.is_some_and(|until| until > now);
        let usable = |password: &Password| password.disabled_at.is_none() && !blocked;
        let password = self.account.password_allowed && self.password.as_ref().is_some_and(usable);
        password || (self.google && self.account.google_allowed)
    }

    fn method(&self, now: DateTime<Utc>) -> Step {
        let by_email = self.account.link_allowed || self.account.code_allowed;
        Step::new(if by_email && self.contact.email.is_some() {
            Reason::ByEmail
        } else if self.has_other_method(now) {
            Reason::WithoutEmail
        } else {
            Reason::NoMethod
        })
    }

    fn invitation(&self, now: DateTime<Utc>) -> Step {
        if let Some(at) = self.contact.joined_at {
            return Step::new(Reason::Joined).at(at);
        }
        let Some(invitation) = &self.invitation else {
            return Step::new(Reason::NeverInvited);
        };
        let (reason, at) = match invitation.status(now) {
            InvitationStatus::Open => (Reason::InvitationOpen, invitation.expires_at),
            InvitationStatus::Expired => (Reason::InvitationExpired, invitation.expires_at),
            InvitationStatus::Cancelled => {
                let at = invitation.cancelled_at.unwrap_or(invitation.expires_at);
                (Reason::InvitationCancelled, at)
            }
            InvitationStatus::Accepted => (Reason::Joined, invitation.accepted_at.unwrap_or(now)),
        };
        Step::new(reason).at(at).about(invitation.id)
    }

    fn email(&self, now: DateTime<Utc>) -> Option<Step> {
        self.contact.email.as_ref()?;
        let Some(suppression) = self.suppression.as_ref().filter(|found| found.live(now)) else {
            return Some(Step::new(Reason::EmailAllowed));
        };
        let (reason, at) = match suppression.expires_at {
            Some(ends) => (Reason::EmailPaused, ends),
            None => (Reason::EmailSuppressed, suppression.created_at),
        };
        let step = Step::new(reason).at(at);
        // A contact with a password or Google gets in without any email.
        Some(if self.has_other_method(now) {
            step.softened()
        } else {
            step
        })
    }

    fn delivery(&self) -> Option<Step> {
        let message = self.message.as_ref()?;
        let (reason, at) = match message.status {
            MessageStatus::Queued | MessageStatus::Sending => (Reason::MessageQueued, message.created_at),
            MessageStatus::Sent | MessageStatus::Delivered => {
                (Reason::MessageSent, message.sent_at.unwrap_or(message.created_at))
            }
            MessageStatus::Kept => (Reason::MessageKept, message.created_at),
            MessageStatus::Deferred => (Reason::MessageDeferred, message.due_at),
            MessageStatus::Bounced => (Reason::MessageBounced, message.created_at),
            MessageStatus::Failed => (Reason::MessageFailed, message.created_at),
            MessageStatus::Suppressed => (Reason::MessageSuppressed, message.created_at),
            MessageStatus::Cancelled => return None,
        };
        Some(Step::new(reason).at(at).about(message.id))
    }

    fn link(&self, now: DateTime<Utc>) -> Option<Step> {
        let works = |link: &&MagicLink| self.account.link_allowed || link.purpose == Purpose::Invitation;
        let link = self.link.as_ref().filter(works)?;
        let (reason, at) = match link.status(now) {
            MagicLinkStatus::Live => (Reason::LinkLive, link.expires_at),
            MagicLinkStatus::Used => (Reason::LinkUsed, link.used_at.unwrap_or(link.created_at)),
            MagicLinkStatus::Expired => (Reason::LinkExpired, link.expires_at),
            MagicLinkStatus::Superseded => (Reason::LinkSuperseded, link.superseded_at.unwrap_or(now)),
            MagicLinkStatus::Revoked => (Reason::LinkRevoked, link.revoked_at.unwrap_or(now)),
        };
        Some(Step::new(reason).at(at).about(link.id))
    }

    fn section(&self, item: &ItemFacts) -> Step {
        Step::new(if self.account.sections.contains(&item.section) {
            Reason::SectionOn
        } else {
            Reason::SectionOff
        })
    }

    fn password(&self, now: DateTime<Utc>) -> Option<Step> {
        let password = self.password.as_ref().filter(|_| self.account.password_allowed)?;
        Some(match (password.disabled_at, self.blocked_until) {
            (Some(at), _) => Step::new(Reason::PasswordDisabled).at(at),
            (None, Some(until)) if until > now => Step::new(Reason::TooManyAttempts).at(until),
            (None, _) => Step::new(Reason::PasswordSet),
        })
    }
}

impl ItemFacts {
    fn content(&self) -> Step {
        let reason = match self.status {
            ContentStatus::Published => Reason::ContentPublished,
            ContentStatus::Draft => Reason::ContentDraft,
            ContentStatus::Archived => Reason::ContentArchived,
        };
        Step::new(reason).about(&self.id)
    }

    fn grant(&self, now: DateTime<Utc>) -> Step {
        if let Some(access) = &self.access {
            return if access.is_open {
                let step = Step::new(Reason::Granted);
                access
                    .ends_at
                    .map_or_else(|| Step::new(Reason::Granted), |ends| step.at(ends))
            } else {
                Step::new(Reason::GrantNotStarted).at(access.opens_at)
            };
        }
        let Some(grant) = &self.last_grant else {
            return Step::new(Reason::NotGranted);
        };
        let (reason, at) = ended(grant, now);
        let step = Step::new(reason).about(grant.id);
        // A grant that ends before its offer opens gives nothing, though its end is still to come.
        if at <= now || reason == Reason::GrantNotStarted {
            step.at(at)
        } else {
            step
        }
    }
}

/// Why a grant of a contact who has no access gives none.
fn ended(grant: &AccessGrant, now: DateTime<Utc>) -> (Reason, DateTime<Utc>) {
    match grant.status(None, now) {
        GrantStatus::Revoked => (Reason::GrantRevoked, grant.revoked_at.unwrap_or(now)),
        GrantStatus::Scheduled => (Reason::GrantNotStarted, grant.starts_at),
        GrantStatus::Active | GrantStatus::Ended => (Reason::GrantEnded, grant.ends_at.unwrap_or(now)),
    }
}
