//! The email that invites a team member.

use chrono::{DateTime, Utc};

use crate::base::actor::Role;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::StaffLinkId;
use crate::base::locale::Locale;
use crate::base::locale::text::Text;
use crate::messages::emails::{EmailContext, SystemEmail, system_email};
use crate::team::model::staff_link::StaffLink;

/// The account invites a person to join its staff.
pub(crate) struct TeamInvitationEmail {
    pub link: String,
    pub role: Role,
    pub expires_at: DateTime<Utc>,
}

impl TeamInvitationEmail {
    pub(crate) async fn load(conn: &mut Conn, context: &EmailContext<'_>) -> Result<Option<Self>> {
        let Some(id) = context.message.about else {
            return Ok(None);
        };
        let secrets = &context.secrets;
        let link = StaffLink::find(conn, context.account.id, StaffLinkId(id)).await?;
        let live = link.filter(|link| link.live(secrets.moment.now));
        Ok(live.map(|link| {
            let secret = StaffLink::emailed_secret(&secrets.keys.staff_link, context.account.id, link.id);
            Self {
                link: secrets.addresses.staff_link(&secret.reveal()),
                role: context.recipient.role().unwrap_or(Role::Staff),
                expires_at: link.expires_at,
            }
        }))
    }
}

system_email!(
    TeamInvitationEmail,
    "team/team_invitation.html",
    "team/team_invitation.txt"
);

impl SystemEmail for TeamInvitationEmail {
    fn subject(&self, locale: Locale) -> Text {
        locale.text("team-invitation-subject")
    }

    fn link(&self) -> Option<&str> {
        Some(&self.link)
    }
}

impl TeamInvitationEmail {
    fn role(&self, locale: &Locale) -> Text {
        match self.role {
            Role::Owner => locale.text("role-owner"),
            Role::Admin => locale.text("role-admin"),
            Role::Staff => locale.text("role-staff"),
            Role::ReadOnly => locale.text("role-read-only"),
        }
    }
}
