//! A one-time URL that signs one contact in. Creating is in `create.rs`, superseding and revoking in `invalidate.rs`, redeeming
//! in `redeem.rs`.

mod create;
mod invalidate;
pub(crate) mod list;
pub(crate) mod login_email;
mod merge;
pub mod redeem;
mod scan;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

pub(crate) use create::NewLink;
pub(crate) use list::LinkFilter;

use crate::accounts::model::section::PortalSection;
use crate::base::actor::Actor;
use crate::base::db::Conn;
use crate::base::db::schema::magic_links;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, InvitationId, MagicLinkId, SessionId};
use crate::base::text_enum::text_enum;

/// How often a link may be redeemed: the second time only if the session of the first was not used.
pub(crate) const MAX_REDEEMS: i16 = 2;

text_enum! {
    /// What a magic link is for.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "MagicLinkPurpose")]
    Purpose {
        /// The link of an invitation.
        Invitation = "INVITATION",
        /// The link of a login email that staff or a server sent.
        LoginEmail = "LOGIN_EMAIL",
        /// Requested by the contact.
        Requested = "REQUESTED",
        /// Created by staff or a server to hand over.
        Generated = "GENERATED",
        /// Written into a message from a template or workflow.
        Message = "MESSAGE",
    }
}

text_enum! {
    /// Who requested the link.
    LinkOrigin {
        Contact = "CONTACT",
        Staff = "STAFF",
        ApiKey = "API_KEY",
        Workflow = "WORKFLOW",
        System = "SYSTEM",
    }
}

text_enum! {
    /// The status of a magic link.
    #[derive(async_graphql::Enum)]
    MagicLinkStatus {
        /// It can be used.
        Live = "LIVE",
        /// It was used to sign in.
        Used = "USED",
        /// It has expired.
        Expired = "EXPIRED",
        /// It was replaced by a newer link.
        Superseded = "SUPERSEDED",
        /// It was revoked before it was used.
        Revoked = "REVOKED",
    }
}

impl Purpose {
    /// How long a link is valid by default (OWASP ASVS 5.0, 6.5.5 and 6.4.1).
    pub(crate) fn lifetime(self) -> TimeDelta {
        match self {
            Self::Invitation => TimeDelta::days(7),
            Self::LoginEmail | Self::Message => TimeDelta::hours(24),
            Self::Requested => TimeDelta::minutes(10),
            Self::Generated => TimeDelta::minutes(15),
        }
    }
}

impl LinkOrigin {
    fn of(actor: Actor, purpose: Purpose) -> Self {
        match actor {
            _ if purpose == Purpose::Requested => Self::Contact,
            Actor::Member(_) => Self::Staff,
            Actor::Key(_) => Self::ApiKey,
            Actor::Contact(_) | Actor::Anonymous => Self::Contact,
            Actor::Workflow(_) | Actor::System => Self::System,
        }
    }
}

#[derive(Clone, Debug, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = magic_links)]
pub struct MagicLink {
    pub account_id: AccountId,
    pub id: MagicLinkId,
    pub contact_id: ContactId,
    pub purpose: Purpose,
    pub origin: LinkOrigin,
    pub section: PortalSection,
    pub resource_id: Option<String>,
    pub limit_to_section: bool,
    pub staff_seen: bool,
    pub email_key: Option<String>,
    pub invitation_id: Option<InvitationId>,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub lifetime_seconds: i32,
    pub expires_at: DateTime<Utc>,
    pub redeem_count: i16,
    pub used_at: Option<DateTime<Utc>>,
    pub session_id: Option<SessionId>,
    pub browser_hash: Option<Vec<u8>>,
    pub superseded_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

impl MagicLink {
    pub(crate) fn status(&self, now: DateTime<Utc>) -> MagicLinkStatus {
        if self.used_at.is_some() {
            MagicLinkStatus::Used
        } else if self.revoked_at.is_some() {
            MagicLinkStatus::Revoked
        } else if self.superseded_at.is_some() {
            MagicLinkStatus::Superseded
        } else if self.expires_at <= now {
            MagicLinkStatus::Expired
        } else {
            MagicLinkStatus::Live
        }
    }

    pub(crate) async fn find(conn: &mut Conn, account: AccountId, id: MagicLinkId) -> Result<Option<Self>> {
        Ok(magic_links::table
            .find((account, id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[MagicLinkId],
    ) -> Result<Vec<Self>> {
        Ok(magic_links::table
            .filter(magic_links::account_id.eq(account))
            .filter(magic_links::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }
}
