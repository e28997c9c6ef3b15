//! The kinds of messages, and what is specific to each.
//!
//! To add a kind: *An email* in `docs/extend/adding-a-feature.md`.

use crate::base::text_enum::text_enum;

text_enum! {
    /// The kind of a message.
    MessageKind {
        Invitation = "INVITATION",
        LoginEmail = "LOGIN_EMAIL",
        RequestedLogin = "REQUESTED_LOGIN",
        MagicLink = "MAGIC_LINK",
        LoginCode = "LOGIN_CODE",
        SignUpCode = "SIGN_UP_CODE",
        StaffLogin = "STAFF_LOGIN",
        PasswordReset = "PASSWORD_RESET",
        PasswordChanged = "PASSWORD_CHANGED",
        NewDevice = "NEW_DEVICE",
        TeamInvitation = "TEAM_INVITATION",
        AddressChanged = "ADDRESS_CHANGED",
        ContactsMerged = "CONTACTS_MERGED",
        Test = "TEST",
        Written = "WRITTEN",
    }
}

/// What is specific to a kind of message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KindProperties {
    pub carries_magic_link: bool,
    /// It reports an event and contains nothing to sign in with. It goes to the address that it was queued for, even if the
    /// contact changes meanwhile.
    pub warning: bool,
    /// Its recipient or a team member waits for it: it is sent before what staff and bulk jobs send.
    pub urgent: bool,
    /// What its reader reports by "This wasn't me". `None`: the email can't be reported.
    pub reported: Option<ReportedEmail>,
}

/// What a reported email was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportedEmail {
    /// A link or a code to sign in.
    SignIn,
    /// A link to choose a new password.
    Reset,
    NewDevice,
    PasswordChanged,
}

impl MessageKind {
    pub(crate) const fn properties(self) -> KindProperties {
        /// Sent by staff or a server, with a link for a contact.
        const SENT_BY_STAFF: KindProperties = KindProperties {
            carries_magic_link: true,
            warning: false,
            urgent: false,
            reported: None,
        };
        const REQUESTED: KindProperties = KindProperties {
            carries_magic_link: false,
            warning: false,
            urgent: true,
            reported: Some(ReportedEmail::SignIn),
        };
        const WARNING: KindProperties = KindProperties {
            warning: true,
            ..REQUESTED
        };
        match self {
            Self::Invitation | Self::LoginEmail | Self::MagicLink => SENT_BY_STAFF,
            Self::Written => KindProperties {
                carries_magic_link: false,
                ..SENT_BY_STAFF
            },
            Self::RequestedLogin => KindProperties {
                carries_magic_link: true,
                ..REQUESTED
            },
            Self::LoginCode | Self::SignUpCode | Self::StaffLogin => REQUESTED,
            Self::PasswordReset => KindProperties {
                reported: Some(ReportedEmail::Reset),
                ..REQUESTED
            },
            Self::TeamInvitation | Self::Test => KindProperties {
                reported: None,
                ..REQUESTED
            },
            Self::PasswordChanged => KindProperties {
                reported: Some(ReportedEmail::PasswordChanged),
                ..WARNING
            },
            Self::NewDevice => KindProperties {
                reported: Some(ReportedEmail::NewDevice),
                ..WARNING
            },
            Self::AddressChanged | Self::ContactsMerged => KindProperties {
                reported: None,
                ..WARNING
            },
        }
    }
}

impl ReportedEmail {
    /// Whether a report pauses email to the address, because anyone can request such an email.
    pub(crate) fn pauses_email(self) -> bool {
        match self {
            Self::SignIn | Self::Reset => true,
            Self::NewDevice | Self::PasswordChanged => false,
        }
    }
}
