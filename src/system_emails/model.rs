//! The own texts of accounts. An email without one has the built-in text.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::base::actor::Actor;
use crate::base::db::Conn;
use crate::base::db::schema::system_emails;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::base::locale::Language;
use crate::base::text_enum::text_enum;
use crate::messages::model::MessageKind;
use crate::templates::model::version::{TemplateContent, TemplateFormat};

text_enum! {
    /// An email that the system sends. More will be added.
    #[derive(async_graphql::Enum)]
    SystemEmailKind {
        /// Staff invites a contact.
        Invitation = "INVITATION",
        /// A link to sign in that staff sends.
        LoginEmail = "LOGIN_EMAIL",
        /// A link to a section of the portal that staff sends.
        MagicLink = "MAGIC_LINK",
        /// A link to sign in that the contact asked for, with a code if codes are allowed.
        RequestedLogin = "REQUESTED_LOGIN",
        /// A code to sign in that the contact asked for.
        LoginCode = "LOGIN_CODE",
        /// A code for an address that signs up.
        SignUpCode = "SIGN_UP_CODE",
        /// A link to choose a new password, for contacts and team members.
        PasswordReset = "PASSWORD_RESET",
        /// The password was set or changed, for contacts and team members.
        PasswordChanged = "PASSWORD_CHANGED",
        /// A sign-in on a new device, for contacts and team members.
        NewDevice = "NEW_DEVICE",
        /// The address of a contact was changed: to the earlier one.
        AddressChanged = "ADDRESS_CHANGED",
        /// Two contacts were merged: to the address of each.
        ContactsMerged = "CONTACTS_MERGED",
        /// A link or a code for the dashboard that a team member asked for.
        StaffLogin = "STAFF_LOGIN",
        /// A person is invited to the team.
        TeamInvitation = "TEAM_INVITATION",
    }
}

/// Who gets an email.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    Contacts,
    /// The earlier address of a contact may belong to someone else by now.
    EarlierAddresses,
    Team,
    ContactsAndTeam,
}

impl SystemEmailKind {
    /// `None` for emails whose whole text is written by staff.
    pub(crate) fn of(kind: MessageKind) -> Option<Self> {
        Some(match kind {
            MessageKind::Invitation => Self::Invitation,
            MessageKind::LoginEmail => Self::LoginEmail,
            MessageKind::RequestedLogin => Self::RequestedLogin,
            MessageKind::MagicLink => Self::MagicLink,
            MessageKind::LoginCode => Self::LoginCode,
            MessageKind::SignUpCode => Self::SignUpCode,
            MessageKind::StaffLogin => Self::StaffLogin,
            MessageKind::PasswordReset => Self::PasswordReset,
            MessageKind::PasswordChanged => Self::PasswordChanged,
            MessageKind::NewDevice => Self::NewDevice,
            MessageKind::TeamInvitation => Self::TeamInvitation,
            MessageKind::AddressChanged => Self::AddressChanged,
            MessageKind::ContactsMerged => Self::ContactsMerged,
            MessageKind::Test | MessageKind::Written => return None,
        })
    }

    pub(crate) fn readers(self) -> Readers {
        match self {
            Self::Invitation
            | Self::LoginEmail
            | Self::MagicLink
            | Self::RequestedLogin
            | Self::LoginCode
            | Self::SignUpCode => Readers::Contacts,
            Self::AddressChanged | Self::ContactsMerged => Readers::EarlierAddresses,
            Self::StaffLogin | Self::TeamInvitation => Readers::Team,
            Self::PasswordReset | Self::PasswordChanged | Self::NewDevice => Readers::ContactsAndTeam,
        }
    }
}

/// An account's own text of an email.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = system_emails)]
pub(crate) struct OwnText {
    pub account_id: AccountId,
    pub kind: SystemEmailKind,
    pub language: Language,
    pub subject: String,
    pub body: String,
    pub updated_at: DateTime<Utc>,
    /// The member or key that wrote it.
    pub updated_by: String,
}

/// Which email of an account, in which language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TextOf {
    pub account: AccountId,
    pub kind: SystemEmailKind,
    pub language: Language,
}

impl OwnText {
    pub(crate) async fn all(conn: &mut Conn, account: AccountId) -> Result<Vec<Self>> {
        Ok(system_emails::table
            .filter(system_emails::account_id.eq(account))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    pub(crate) async fn find(conn: &mut Conn, of: TextOf) -> Result<Option<Self>> {
        Ok(system_emails::table
            .find((of.account, of.kind, of.language))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    /// Those of these accounts that emails of these kinds may need, by one statement.
    pub(crate) async fn of_messages(
        conn: &mut Conn,
        messages: impl Iterator<Item = (AccountId, MessageKind)>,
    ) -> Result<Vec<Self>> {
        let of_kinds = messages.filter_map(|(account, kind)| Some((account, SystemEmailKind::of(kind)?)));
        let (accounts, kinds): (Vec<AccountId>, Vec<SystemEmailKind>) = of_kinds.unzip();
        if accounts.is_empty() {
            return Ok(Vec::new());
        }
        Ok(system_emails::table
            .filter(system_emails::account_id.eq_any(accounts))
            .filter(system_emails::kind.eq_any(kinds))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    pub(crate) fn of(&self) -> TextOf {
        TextOf {
            account: self.account_id,
            kind: self.kind,
            language: self.language,
        }
    }

    /// Writes the text in place of an earlier one. The account must be locked, so that the caller knows which.
    pub(crate) async fn set(
        conn: &mut Conn,
        of: TextOf,
        (subject, body): (&str, &str),
        (author, now): (Actor, DateTime<Utc>),
    ) -> Result<Self> {
        let text = (
            system_emails::subject.eq(subject),
            system_emails::body.eq(body),
            system_emails::updated_at.eq(now),
            system_emails::updated_by.eq(author.to_string()),
        );
        Ok(diesel::insert_into(system_emails::table)
            .values((
                system_emails::account_id.eq(of.account),
                system_emails::kind.eq(of.kind),
                system_emails::language.eq(of.language),
                text.clone(),
            ))
            .on_conflict((
                system_emails::account_id,
                system_emails::kind,
                system_emails::language,
            ))
            .do_update()
            .set(text)
            .returning(Self::as_returning())
            .get_result(conn)
            .await?)
    }

    /// Whether there was one.
    pub(crate) async fn reset(conn: &mut Conn, of: TextOf) -> Result<bool> {
        let deleted = diesel::delete(system_emails::table.find((of.account, of.kind, of.language)))
            .execute(conn)
            .await?;
        Ok(deleted > 0)
    }

    pub(crate) fn content(&self) -> TemplateContent {
        self.clone().into_content()
    }

    pub(crate) fn into_content(self) -> TemplateContent {
        TemplateContent {
            format: TemplateFormat::Markdown,
            subject: Some(self.subject),
            body: self.body,
            text_part: None,
        }
    }
}
