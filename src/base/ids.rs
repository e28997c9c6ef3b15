//! Typed, prefixed ids that sort by time: TypeID 0.3 around UUIDv7 (RFC 9562, section 5.7); `contact_01h…` in the API, `uuid` in
//! the database.
//!
//! To add a kind of id: a line in `ids!`, and `XId::new(&moment)` where its row is created.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types;
use type_safe_id::{StaticType, TypeSafeId};
use uuid::Uuid;

use crate::base::clock::Moment;

/// The lowest id of this time: no id created then or later sorts before it.
pub(crate) fn lowest_uuid_at(at: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

/// The text is not an id of that kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not {kind} id: expected {prefix}_ and 26 characters")]
pub struct InvalidId {
    pub prefix: &'static str,
    kind: &'static str,
}

#[derive(Default)]
struct NoPrefix;

impl StaticType for NoPrefix {
    const TYPE: &'static str = "";
}

/// The 26 characters of a TypeID without its prefix.
fn suffix(id: Uuid) -> String {
    let text = TypeSafeId::<NoPrefix>::from_uuid(id).to_string();
    text.trim_start_matches('_').to_owned()
}

fn parse(prefix: &str, text: &str) -> Option<Uuid> {
    let rest = text.strip_prefix(prefix)?.strip_prefix('_')?;
    from_suffix(rest)
}

fn from_suffix(text: &str) -> Option<Uuid> {
    if text.len() != 26 {
        return None;
    }
    TypeSafeId::<NoPrefix>::from_str(text).ok().map(|id| id.uuid())
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal, $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow)]
        #[diesel(sql_type = sql_types::Uuid)]
        pub struct $name(pub Uuid);

        impl $name {
            pub const PREFIX: &'static str = $prefix;

            pub fn new(moment: &Moment) -> Self {
                Self(moment.uuid())
            }

            /// The id without its prefix: 26 characters of base32.
            pub fn suffix(self) -> String {
                suffix(self.0)
            }

            pub fn from_suffix(text: &str) -> Option<Self> {
                from_suffix(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", Self::PREFIX, suffix(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse(Self::PREFIX, text).map(Self).ok_or(InvalidId { prefix: $prefix, kind: $kind })
            }
        }

        impl ToSql<sql_types::Uuid, Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                ToSql::<sql_types::Uuid, Pg>::to_sql(&self.0, out)
            }
        }

        impl FromSql<sql_types::Uuid, Pg> for $name {
            fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
                <Uuid as FromSql<sql_types::Uuid, Pg>>::from_sql(bytes).map(Self)
            }
        }
    )*};
}

ids! {
    AccountId = "account", "an account";
    TeamMemberId = "member", "a team member";
    ApiKeyId = "key", "an API key";
    ContactId = "contact", "a contact";
    InvitationId = "invitation", "an invitation";
    MagicLinkId = "magiclink", "a magic link";
    MessageId = "message", "a message";
    SessionId = "session", "a session";
    ChallengeId = "challenge", "a challenge";
    BulkJobId = "job", "a bulk job";
    /// An entry of the audit log, and of the portal's activity.
    EventId = "event", "an event";
    PasswordResetId = "reset", "a password reset";
    /// The same entry in the API of the audit log; [`ContactEventId`] in a contact's timeline.
    AuditId = "audit", "a line of the audit log";
    ContactEventId = "contactevent", "an event of a contact";
    StaffLinkId = "stafflink", "a staff sign-in link";
    CourseId = "course", "a course";
    ModuleId = "module", "a course module";
    LessonId = "lesson", "a lesson";
    CommunityId = "community", "a community";
    AnnouncementId = "announcement", "an announcement";
    WorkflowId = "workflow", "a workflow";
    WorkflowRunId = "workflowrun", "a run of a workflow";
    OfferId = "offer", "an offer";
    GrantId = "grant", "an access grant";
    AffiliateId = "affiliate", "an affiliate";
    MenuItemId = "menuitem", "a menu item";
    SmartListId = "smartlist", "a smart list";
    TemplateId = "template", "a template";
    MailingId = "mailing", "a mailing";
    TestMessageId = "testmessage", "a test message";
    AffiliateSaleId = "affiliatesale", "a sale of an affiliate";
    PortalViewId = "view", "a view of the portal";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Clock;

    #[test]
    fn an_id_parses_back_as_its_own_kind_only() {
        let id = ContactId::new(&Clock::System.moment());
        let text = id.to_string();
        assert!(text.starts_with("contact_0"), "{text}");
        assert_eq!(text.parse(), Ok(id));
        assert_eq!(ContactId::from_suffix(&id.suffix()), Some(id));
        assert!(text.parse::<MessageId>().is_err());
    }

    #[test]
    fn malformed_text_is_no_id() {
        for text in [
            "",
            "contact",
            "contact_",
            "contact_zzz",
            "contact_\0",
            "contact_8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "contact__01h",
        ] {
            assert!(text.parse::<ContactId>().is_err(), "{text:?}");
        }
        assert_eq!(
            "x".parse::<ContactId>().map_err(|e| e.to_string()),
            Err("it is not a contact id: expected contact_ and 26 characters".to_owned())
        );
    }
}
