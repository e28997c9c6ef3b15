//! A person who can sign in: a contact to the portal, a team member to the dashboard. The proofs are the same for both.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::base::actor::Audience;
use crate::base::actor::{Actor, Role};
use crate::base::address::EmailAddress;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, TeamMemberId};
use crate::base::locale::Locale;
use crate::contacts::model::Contact;
use crate::sign_in::sessions::model::Holder;
use crate::team::model::TeamMember;

#[derive(Clone, Debug)]
pub enum Person {
    Contact(Contact),
    Member(TeamMember),
}

impl Person {
    /// Removed members are not found. Revoked contacts are: a right proof tells them that they are revoked.
    pub(crate) async fn by_email(
        conn: &mut Conn,
        account: AccountId,
        audience: Audience,
        email: &EmailAddress,
    ) -> Result<Option<Self>> {
        Ok(match audience {
            Audience::Portal => Contact::by_email(conn, account, email).await?.map(Self::Contact),
            Audience::Dashboard => TeamMember::by_email(conn, account, email)
                .await?
                .map(Self::Member),
        })
    }

    pub(crate) async fn find(conn: &mut Conn, account: AccountId, holder: Holder) -> Result<Option<Self>> {
        Ok(match holder {
            Holder::Contact(id) => Contact::find(conn, account, id).await?.map(Self::Contact),
            Holder::Member(id) => TeamMember::find(conn, account, id).await?.map(Self::Member),
        })
    }

    /// Locks the row. A transaction that changes the credentials of a person locks it first.
    pub(crate) async fn lock(conn: &mut Conn, account: AccountId, holder: Holder) -> Result<Option<Self>> {
        Ok(match holder {
            Holder::Contact(id) => Contact::lock(conn, account, id).await?.map(Self::Contact),
            Holder::Member(id) => TeamMember::lock(conn, account, id).await?.map(Self::Member),
        })
    }

    /// The person of an address, locked so that the address stays theirs. An unknown address takes the same statements.
    pub(crate) async fn lock_by_email(
        conn: &mut Conn,
        account: AccountId,
        audience: Audience,
        email: &EmailAddress,
        moment: &Moment,
    ) -> Result<Option<Self>> {
        let found = Self::by_email(conn, account, audience, email).await?;
        let unknown = || match audience {
            Audience::Portal => Holder::Contact(ContactId::new(moment)),
            Audience::Dashboard => Holder::Member(TeamMemberId::new(moment)),
        };
        let locked = Self::lock(conn, account, found.as_ref().map_or_else(unknown, Self::holder)).await?;
        Ok(locked.filter(|locked| locked.email_key() == Some(&email.key)))
    }

    pub(crate) fn account(&self) -> AccountId {
        match self {
            Self::Contact(contact) => contact.account_id,
            Self::Member(member) => member.account_id,
        }
    }

    pub fn holder(&self) -> Holder {
        match self {
            Self::Contact(contact) => Holder::Contact(contact.id),
            Self::Member(member) => Holder::Member(member.id),
        }
    }

    pub(crate) fn id(&self) -> Uuid {
        self.holder().id()
    }

    pub(crate) fn actor(&self) -> Actor {
        match self {
            Self::Contact(contact) => Actor::Contact(contact.id),
            Self::Member(member) => Actor::Member(member.id),
        }
    }

    pub(crate) fn role(&self) -> Option<Role> {
        match self {
            Self::Contact(_) => None,
            Self::Member(member) => Some(member.role),
        }
    }

    pub(crate) fn email(&self) -> Option<&str> {
        match self {
            Self::Contact(contact) => contact.email.as_deref(),
            Self::Member(member) => Some(&member.email),
        }
    }

    pub(crate) fn email_key(&self) -> Option<&str> {
        match self {
            Self::Contact(contact) => contact.email_key.as_deref(),
            Self::Member(member) => Some(&member.email_key),
        }
    }

    /// Team members have no phone numbers.
    pub(crate) fn phone(&self) -> Option<&str> {
        match self {
            Self::Contact(contact) => contact.phone.as_deref(),
            Self::Member(_) => None,
        }
    }

    pub(crate) fn name(&self) -> Option<String> {
        match self {
            Self::Contact(contact) => contact.name(),
            Self::Member(member) => member.name.clone(),
        }
    }

    /// Without their name, for an email that someone else may read.
    pub(crate) fn nameless(self) -> Self {
        match self {
            Self::Contact(contact) => Self::Contact(Contact {
                first_name: None,
                last_name: None,
                ..contact
            }),
            Self::Member(member) => Self::Member(TeamMember { name: None, ..member }),
        }
    }

    /// How the person reads: as they chose, else as given.
    pub(crate) fn locale(&self, otherwise: Locale) -> Locale {
        match self {
            Self::Contact(contact) => contact.locale(otherwise),
            Self::Member(_) => otherwise,
        }
    }

    /// The name in the greeting of an email.
    pub(crate) fn greeting(&self) -> Option<&str> {
        match self {
            Self::Contact(contact) => contact.first_name.as_deref(),
            Self::Member(member) => member.name.as_deref(),
        }
    }

    pub(crate) fn revoked(&self) -> bool {
        match self {
            Self::Contact(contact) => contact.revoked_at.is_some(),
            Self::Member(_) => false,
        }
    }

    /// Whether a credential that was set at this time counts: the first proof of a mailbox invalidates earlier ones.
    pub(crate) fn trusts(&self, set_at: DateTime<Utc>) -> bool {
        match self {
            Self::Contact(contact) => contact.email_proved_at.is_none_or(|proved| set_at >= proved),
            Self::Member(_) => true,
        }
    }
}
