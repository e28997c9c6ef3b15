//! The kinds of messages in the API: those that contacts get.

use crate::messages::model as message;

/// What a message is.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MessageKind {
    /// An invitation.
    Invitation,
    /// A login email that staff or a server sent.
    LoginEmail,
    /// A login email requested by the contact.
    RequestedLogin,
    /// A magic link that staff created and sent.
    MagicLink,
    /// A code requested by the contact.
    LoginCode,
    /// A code with which the contact signed up.
    SignUpCode,
    /// A password reset link requested by the contact.
    PasswordReset,
    /// A notice that the password was set or changed.
    PasswordChanged,
    /// A notice of a sign-in from a device that was not seen before.
    NewDevice,
    /// A notice to the previous address that the contact's address changed.
    AddressChanged,
    /// A notice that two contacts were merged, to the address of each.
    ContactsMerged,
    /// What staff wrote, to one or many contacts.
    Written,
}

impl From<message::MessageKind> for MessageKind {
    fn from(kind: message::MessageKind) -> Self {
        use message::MessageKind as Kind;
        match kind {
            // Messages to team members are not listed.
            Kind::Invitation | Kind::TeamInvitation | Kind::Test => Self::Invitation,
            Kind::LoginEmail => Self::LoginEmail,
            Kind::RequestedLogin | Kind::StaffLogin => Self::RequestedLogin,
            Kind::MagicLink => Self::MagicLink,
            Kind::LoginCode => Self::LoginCode,
            Kind::SignUpCode => Self::SignUpCode,
            Kind::PasswordReset => Self::PasswordReset,
            Kind::PasswordChanged => Self::PasswordChanged,
            Kind::NewDevice => Self::NewDevice,
            Kind::AddressChanged => Self::AddressChanged,
            Kind::ContactsMerged => Self::ContactsMerged,
            Kind::Written => Self::Written,
        }
    }
}
