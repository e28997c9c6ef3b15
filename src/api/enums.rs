//! The enums of the API, beside the words that the database keeps.

use async_graphql::Enum;

use crate::accounts::model::section;
use crate::base::audit;
use crate::bulk_jobs::model as bulk_job;
use crate::bulk_jobs::model::item as bulk_item;
use crate::contacts::model as contact;
use crate::contacts::model::list as contact_list;
use crate::invitations::model as invitation;
use crate::invitations::model::recipients;
use crate::magic_links::model as magic_link;
use crate::messages::model as message;
use crate::team::model::api_key;

macro_rules! api_enum {
    ($(#[$doc:meta])* $name:ident = $model:path { $($(#[$vdoc:meta])* $variant:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl From<$model> for $name {
            fn from(model: $model) -> Self {
                use $model as Model;
                match model { $(Model::$variant => Self::$variant),* }
            }
        }

        impl From<$name> for $model {
            fn from(api: $name) -> Self {
                match api { $($name::$variant => Self::$variant),* }
            }
        }
    };
}

pub(crate) use api_enum;

api_enum! {
    /// A part of the portal.
    PortalSection = section::PortalSection {
        /// The home page.
        Home,
        /// The courses.
        Courses,
        /// The communities.
        Communities,
        /// The affiliate centre.
        Affiliates,
    }
}

api_enum! {
    /// Where a contact stands with the portal.
    PortalStatus = contact::PortalStatus {
        /// Never invited, or the invitation was cancelled; and has not joined.
        NotInvited,
        /// Invited, and has not joined yet.
        Invited,
        /// Has joined: got into the portal at least once.
        Active,
        /// Its access was revoked.
        Revoked,
    }
}

api_enum! {
    /// Where an invitation stands.
    InvitationStatus = invitation::InvitationStatus {
        /// It can be accepted.
        Open,
        /// The contact has joined.
        Accepted,
        /// Its time is over; it can be sent anew.
        Expired,
        /// Staff took it back; it can be sent anew.
        Cancelled,
    }
}

api_enum! {
    /// Where a magic link stands.
    MagicLinkStatus = magic_link::MagicLinkStatus {
        /// It can be used.
        Live,
        /// It has signed somebody in.
        Used,
        /// Its time is over.
        Expired,
        /// A newer link took its place.
        Superseded,
        /// It was ended before it was used.
        Revoked,
    }
}

api_enum! {
    /// What a magic link is for.
    MagicLinkPurpose = magic_link::Purpose {
        /// An invitation's.
        Invitation,
        /// A login email's that staff or a server sent.
        LoginEmail,
        /// Asked for by the contact.
        Requested,
        /// Made by staff or a server to hand over.
        Generated,
        /// Written into a message from a template or workflow.
        Message,
    }
}

api_enum! {
    /// The way a message takes.
    Channel = message::Channel {
        /// By email.
        Email,
        /// By SMS.
        Sms,
    }
}

api_enum! {
    /// How far a message has come.
    MessageStatus = message::MessageStatus {
        /// Waiting to be sent.
        Queued,
        /// Being sent now.
        Sending,
        /// Taken by the mail server.
        Sent,
        /// Kept as a file on this server, not sent: no mail server is configured.
        Kept,
        /// Could not be sent yet; it is tried again.
        Deferred,
        /// The address can't receive mail; nothing more is sent to it.
        Bounced,
        /// Given up.
        Failed,
        /// Not sent: the address bounced or complained before.
        Suppressed,
        /// Not sent: it had become pointless, as when a newer link was sent.
        Cancelled,
    }
}

api_enum! {
    /// What a bulk job does.
    BulkJobKind = bulk_job::BulkJobKind {
        /// Invites contacts.
        Invite,
        /// Sends login emails.
        LoginEmail,
        /// Imports contacts from a CSV file.
        Import,
        /// Changes what contacts may open.
        Access,
        /// Sends a message.
        Message,
    }
}

api_enum! {
    /// Where a bulk job stands.
    BulkJobStatus = bulk_job::BulkJobStatus {
        /// Waiting for its turn.
        Queued,
        /// At work.
        Running,
        /// Resting until it is resumed.
        Paused,
        /// Done; its items tell the outcome of each.
        Succeeded,
        /// Given up after several tries.
        Failed,
        /// Ended by staff; what it had done stays done.
        Cancelled,
    }
}

api_enum! {
    /// What became of one recipient or row of a bulk job.
    BulkItemOutcome = bulk_item::BulkItemOutcome {
        /// Done: invited, mailed or created.
        Done,
        /// Left out, for the reason given.
        Skipped,
        /// Faulty, for the reason given.
        Failed,
        /// The contact existed, and what was empty was filled.
        Updated,
        /// The contact existed, and nothing was empty that the row fills.
        Unchanged,
    }
}

api_enum! {
    /// Why a recipient gets nothing.
    SkipReason = recipients::SkipReason {
        /// The contact has joined already.
        AlreadyActive,
        /// The contact's invitation is open.
        AlreadyInvited,
        /// The recipient is named twice in the request.
        Duplicate,
        /// It is not an email address.
        InvalidEmail,
        /// The contact has no email address.
        NoEmail,
        /// The contact's access was revoked.
        Revoked,
        /// The address bounced or complained before.
        Suppressed,
        /// There is no such contact.
        NotFound,
    }
}

api_enum! {
    /// What a team member may do.
    Role = crate::base::actor::Role {
        /// Everything.
        Owner,
        /// Everything but owners.
        Admin,
        /// Invites, links and contacts.
        Staff,
        /// Looks only.
        ReadOnly,
    }
}

api_enum! {
    /// What an API key may do.
    ApiKeyScope = crate::base::actor::Scope {
        /// Read counts, contacts and messages.
        Read,
        /// Invite, send login emails and messages.
        Invite,
        /// Make magic links.
        Links,
        /// Change contacts and what they may open.
        Contacts,
        /// Change settings and templates, read the audit log.
        Admin,
    }
}

api_enum! {
    /// Whether an API key still opens anything.
    ApiKeyStatus = api_key::KeyStatus {
        /// It is good.
        Active,
        /// Its time is over.
        Expired,
        /// It was revoked.
        Revoked,
    }
}

api_enum! {
    /// What contacts are ordered by.
    ContactOrderField = contact_list::OrderField {
        /// When the contact was added.
        CreatedAt,
        /// When it was invited; those never invited count as oldest.
        InvitedAt,
        /// When it joined; those who have not count as oldest.
        JoinedAt,
        /// When it was last seen, to the day; those never seen count as oldest.
        LastSeenAt,
        /// By address.
        Email,
        /// By first and last name.
        Name,
    }
}

/// Upwards or downwards.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderDirection {
    /// The smallest or oldest first.
    Asc,
    /// The largest or newest first.
    Desc,
}

/// What a message is.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// An invitation.
    Invitation,
    /// A login email that staff or a server sent.
    LoginEmail,
    /// A login email that the contact asked for.
    RequestedLogin,
    /// A magic link that staff made and sent.
    MagicLink,
    /// A code that the contact asked for.
    LoginCode,
    /// A link to choose another password, that the contact asked for.
    PasswordReset,
    /// It says that the password was set or changed.
    PasswordChanged,
    /// It says that somebody signed in on a device that was not seen before.
    NewDevice,
    /// It tells the old address that the contact has another one.
    AddressChanged,
}

impl From<message::MessageKind> for MessageKind {
    fn from(kind: message::MessageKind) -> Self {
        use message::MessageKind as Kind;
        match kind {
            // What is written to staff or to nobody is never listed.
            Kind::Invitation | Kind::TeamInvitation => Self::Invitation,
            Kind::LoginEmail => Self::LoginEmail,
            Kind::RequestedLogin | Kind::StaffLogin | Kind::Decoy => Self::RequestedLogin,
            Kind::MagicLink => Self::MagicLink,
            Kind::LoginCode => Self::LoginCode,
            Kind::PasswordReset => Self::PasswordReset,
            Kind::PasswordChanged => Self::PasswordChanged,
            Kind::NewDevice => Self::NewDevice,
            Kind::AddressChanged => Self::AddressChanged,
        }
    }
}

/// What happened in the portal. More kinds come with more features.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortalEventKind {
    /// A contact was added.
    ContactCreated,
    /// A contact was erased.
    ContactDeleted,
    /// A contact was invited.
    Invited,
    /// Its invitation was sent anew.
    InvitationResent,
    /// Its invitation was taken back.
    InvitationCancelled,
    /// It got into the portal for the first time.
    Joined,
    /// A login email was queued for it by staff or a server.
    LoginEmailQueued,
    /// It asked for a login email.
    LoginRequested,
    /// A magic link was made for it.
    LinkCreated,
    /// It signed in by a link.
    LinkUsed,
    /// A link of it was pressed and refused.
    LinkRefused,
    /// A magic link of it was ended.
    LinkRevoked,
    /// It signed in by a code, a password, Google, or a confirmation on another device.
    SignedIn,
    /// Its access was revoked.
    AccessRevoked,
    /// Its access was given back.
    AccessRestored,
    /// It said that it had not asked for a mail: mail to it rests for a day.
    MailPaused,
    /// The mail server took a message to it.
    MessageSent,
    /// A message to it was kept on this server: no mail server is configured.
    MessageKept,
    /// Its address can't receive mail.
    MessageBounced,
    /// A message to it was given up.
    MessageFailed,
}

impl PortalEventKind {
    /// `None` for what only the audit log shows.
    pub fn of(kind: audit::EventKind) -> Option<Self> {
        use audit::EventKind as Kind;
        Some(match kind {
            Kind::ContactCreated => Self::ContactCreated,
            Kind::ContactDeleted => Self::ContactDeleted,
            Kind::Invited => Self::Invited,
            Kind::InvitationResent => Self::InvitationResent,
            Kind::InvitationCancelled => Self::InvitationCancelled,
            Kind::Joined => Self::Joined,
            Kind::LoginEmailQueued => Self::LoginEmailQueued,
            Kind::LoginRequested => Self::LoginRequested,
            Kind::LinkCreated => Self::LinkCreated,
            Kind::LinkUsed => Self::LinkUsed,
            Kind::LinkRefused => Self::LinkRefused,
            Kind::LinkRevoked => Self::LinkRevoked,
            Kind::SignedIn => Self::SignedIn,
            Kind::AccessRevoked => Self::AccessRevoked,
            Kind::AccessRestored => Self::AccessRestored,
            Kind::MailPaused => Self::MailPaused,
            Kind::MessageSent => Self::MessageSent,
            Kind::MessageKept => Self::MessageKept,
            Kind::MessageBounced => Self::MessageBounced,
            Kind::MessageFailed => Self::MessageFailed,
            _ => return None,
        })
    }
}
