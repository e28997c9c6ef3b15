//! What the audit log tells of.

use async_graphql::Enum;

use crate::api::enums::api_enum;
use crate::base::audit::EventKind;

api_enum! {
    /// What an event of the audit log tells of. More kinds come with more features.
    AuditEventKind = EventKind {
        /// The account was made.
        AccountCreated,
        /// An API key was made.
        ApiKeyCreated,
        /// A sign-in link for a team member was made by the command line.
        StaffLinkCreated,
        /// A team member signed in.
        StaffSignedIn,
        /// A team member signed out.
        StaffSignedOut,
        /// A contact was added.
        ContactCreated,
        /// A contact was changed.
        ContactUpdated,
        /// A contact was erased.
        ContactDeleted,
        /// A contact got another address: its links, codes, resets, sessions, Google accounts and password ended with the old
        /// one. `details` has both addresses, masked.
        AddressChanged,
        /// A contact was invited.
        Invited,
        /// An invitation was sent anew.
        InvitationResent,
        /// An invitation was taken back.
        InvitationCancelled,
        /// A contact got into the portal for the first time.
        Joined,
        /// A login email was queued by staff or a server.
        LoginEmailQueued,
        /// A contact asked for a login email or a code.
        LoginRequested,
        /// A magic link was made.
        LinkCreated,
        /// A contact signed in by a link.
        LinkUsed,
        /// A link was pressed and refused: `outcome` says why.
        LinkRefused,
        /// A magic link was ended.
        LinkRevoked,
        /// A contact signed in another way than by a link.
        SignedIn,
        /// A try at signing in to the portal failed: `outcome` says why.
        SignInRefused,
        /// A try at signing in to the dashboard failed: `outcome` says why.
        StaffSignInRefused,
        /// A sign-in was confirmed on another device than the one that asked.
        SignInConfirmed,
        /// The reader of a mail said that they had not asked for it.
        SignInDenied,
        /// Somebody signed in proved once more who they are.
        SteppedUp,
        /// A contact signed out.
        SignedOut,
        /// A session was ended: by its holder, or because its refresh token was used twice.
        SessionEnded,
        /// A password was set where there was none.
        PasswordSet,
        /// A password was changed.
        PasswordChanged,
        /// A password was disabled: after too many failed tries, by a change of address, or because its owner said that
        /// somebody else knew it.
        PasswordDisabled,
        /// A mail to choose another password was asked for.
        PasswordResetRequested,
        /// Another password was chosen by such a mail.
        PasswordReset,
        /// A Google account was linked.
        GoogleLinked,
        /// A contact's access to the portal was taken away.
        AccessRevoked,
        /// A contact's access to the portal was given back.
        AccessRestored,
        /// Mail to an address rests: its reader had not asked for it.
        MailPaused,
        /// Mail to an address goes out again.
        MailResumed,
        /// A team member was invited.
        MemberInvited,
        /// A team member's role or name was changed.
        MemberChanged,
        /// A team member was removed.
        MemberRemoved,
        /// An API key was revoked.
        ApiKeyRevoked,
        /// Settings of the account were changed: `details` names them.
        SettingsChanged,
        /// A signing key was made.
        SigningKeyMade,
        /// The mail server took a message.
        MessageSent,
        /// A message was kept on this server: no mail server is configured.
        MessageKept,
        /// An address can't receive mail.
        MessageBounced,
        /// A message was given up.
        MessageFailed,
        /// A bulk job was begun.
        JobCreated,
        /// A bulk job was paused.
        JobPaused,
        /// A bulk job was resumed.
        JobResumed,
        /// A bulk job was cancelled.
        JobCancelled,
        /// A bulk job came to its end.
        JobFinished,
    }
}
