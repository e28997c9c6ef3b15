//! What the audit log tells of.

use crate::base::text_enum::text_enum;

text_enum! {
    /// The kind of an audit event. More kinds will be added.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "AuditEventKind")]
    EventKind {
        /// The account was made.
        AccountCreated = "ACCOUNT_CREATED",
        /// An API key was made.
        ApiKeyCreated = "API_KEY_CREATED",
        /// A sign-in link for a team member was made by the command line.
        StaffLinkCreated = "STAFF_LINK_CREATED",
        /// A team member signed in.
        StaffSignedIn = "STAFF_SIGNED_IN",
        /// A team member signed out.
        StaffSignedOut = "STAFF_SIGNED_OUT",
        /// A contact was added.
        ContactCreated = "CONTACT_CREATED",
        /// A contact was changed.
        ContactUpdated = "CONTACT_UPDATED",
        /// A contact was erased.
        ContactDeleted = "CONTACT_DELETED",
        /// A contact got another address: its links, codes, resets, sessions, Google accounts and password ended with the old
        /// one. `details` has both addresses, masked.
        AddressChanged = "ADDRESS_CHANGED",
        /// A contact was invited.
        Invited = "INVITED",
        /// An invitation was sent anew.
        InvitationResent = "INVITATION_RESENT",
        /// An invitation was taken back.
        InvitationCancelled = "INVITATION_CANCELLED",
        /// A contact got into the portal for the first time.
        Joined = "JOINED",
        /// A login email was queued by staff or a server.
        LoginEmailQueued = "LOGIN_EMAIL_QUEUED",
        /// A contact asked for a login email or a code.
        LoginRequested = "LOGIN_REQUESTED",
        /// A magic link was made.
        LinkCreated = "LINK_CREATED",
        /// A contact signed in by a link.
        LinkUsed = "LINK_USED",
        /// A link was pressed and refused: `outcome` says why.
        LinkRefused = "LINK_REFUSED",
        /// A magic link was ended.
        LinkRevoked = "LINK_REVOKED",
        /// A contact signed in another way than by a link.
        SignedIn = "SIGNED_IN",
        /// A try at signing in to the portal failed: `outcome` says why.
        SignInRefused = "SIGN_IN_REFUSED",
        /// A try at signing in to the dashboard failed: `outcome` says why.
        StaffSignInRefused = "STAFF_SIGN_IN_REFUSED",
        /// A sign-in was confirmed on another device than the one that asked.
        SignInConfirmed = "SIGN_IN_CONFIRMED",
        /// The reader of a mail said that they had not asked for it.
        SignInDenied = "SIGN_IN_DENIED",
        /// A signed-in person gave a fresh proof (step-up).
        SteppedUp = "STEPPED_UP",
        /// A contact signed out.
        SignedOut = "SIGNED_OUT",
        /// A session was ended: by its holder, or because its refresh token was used twice.
        SessionEnded = "SESSION_ENDED",
        /// A password was set where there was none.
        PasswordSet = "PASSWORD_SET",
        /// A password was changed.
        PasswordChanged = "PASSWORD_CHANGED",
        /// A password was disabled: after too many failed tries, by a change of address, or because its owner said that
        /// somebody else knew it.
        PasswordDisabled = "PASSWORD_DISABLED",
        /// A mail to choose another password was asked for.
        PasswordResetRequested = "PASSWORD_RESET_REQUESTED",
        /// A password was reset by email.
        PasswordReset = "PASSWORD_RESET",
        /// A Google account was linked.
        GoogleLinked = "GOOGLE_LINKED",
        /// A contact's access to the portal was taken away.
        AccessRevoked = "ACCESS_REVOKED",
        /// A contact's access to the portal was given back.
        AccessRestored = "ACCESS_RESTORED",
        /// Email to an address was paused: its reader had not requested it.
        MailPaused = "MAIL_PAUSED",
        /// Email to an address was resumed.
        MailResumed = "MAIL_RESUMED",
        /// A team member was invited.
        MemberInvited = "MEMBER_INVITED",
        /// A team member's role or name was changed.
        MemberChanged = "MEMBER_CHANGED",
        /// A team member was removed.
        MemberRemoved = "MEMBER_REMOVED",
        /// An API key was revoked.
        ApiKeyRevoked = "API_KEY_REVOKED",
        /// Settings of the account were changed: `details` names them.
        SettingsChanged = "SETTINGS_CHANGED",
        /// A signing key was made.
        SigningKeyMade = "SIGNING_KEY_MADE",
        /// The mail server took a message.
        MessageSent = "MESSAGE_SENT",
        /// A message was kept on this server: no mail server is configured.
        MessageKept = "MESSAGE_KEPT",
        /// An address can't receive mail.
        MessageBounced = "MESSAGE_BOUNCED",
        /// A message failed and will not be retried.
        MessageFailed = "MESSAGE_FAILED",
        /// A bulk job was begun.
        JobCreated = "JOB_CREATED",
        /// A bulk job was paused.
        JobPaused = "JOB_PAUSED",
        /// A bulk job was resumed.
        JobResumed = "JOB_RESUMED",
        /// A bulk job was cancelled.
        JobCancelled = "JOB_CANCELLED",
        /// A bulk job came to its end.
        JobFinished = "JOB_FINISHED",
    }
}

text_enum! {
    /// What happened in the portal. More kinds come with more features.
    #[derive(async_graphql::Enum)]
    PortalEventKind {
        /// A contact was added.
        ContactCreated = "CONTACT_CREATED",
        /// A contact was erased.
        ContactDeleted = "CONTACT_DELETED",
        /// A contact was invited.
        Invited = "INVITED",
        /// Its invitation was sent anew.
        InvitationResent = "INVITATION_RESENT",
        /// Its invitation was taken back.
        InvitationCancelled = "INVITATION_CANCELLED",
        /// It got into the portal for the first time.
        Joined = "JOINED",
        /// A login email was queued for it by staff or a server.
        LoginEmailQueued = "LOGIN_EMAIL_QUEUED",
        /// It asked for a login email.
        LoginRequested = "LOGIN_REQUESTED",
        /// A magic link was made for it.
        LinkCreated = "LINK_CREATED",
        /// It signed in by a link.
        LinkUsed = "LINK_USED",
        /// A link of it was pressed and refused.
        LinkRefused = "LINK_REFUSED",
        /// A magic link of it was ended.
        LinkRevoked = "LINK_REVOKED",
        /// It signed in by a code, a password, Google, or a confirmation on another device.
        SignedIn = "SIGNED_IN",
        /// Its access was revoked.
        AccessRevoked = "ACCESS_REVOKED",
        /// Its access was given back.
        AccessRestored = "ACCESS_RESTORED",
        /// It said that it had not asked for a mail: mail to it rests for a day.
        MailPaused = "MAIL_PAUSED",
        /// The mail server took a message to it.
        MessageSent = "MESSAGE_SENT",
        /// A message to it was kept on this server: no mail server is configured.
        MessageKept = "MESSAGE_KEPT",
        /// Its address can't receive mail.
        MessageBounced = "MESSAGE_BOUNCED",
        /// A message to it was given up.
        MessageFailed = "MESSAGE_FAILED",
    }
}

impl EventKind {
    /// What `portalActivity` shows of it; `None` for what only the audit log shows.
    pub fn in_portal(self) -> Option<PortalEventKind> {
        self.as_str().parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_the_activity_is_one_of_the_audit_log() {
        for kind in PortalEventKind::ALL {
            let logged: EventKind = kind.as_str().parse().expect("a kind of the audit log");
            assert_eq!(logged.in_portal(), Some(*kind));
        }
    }
}
