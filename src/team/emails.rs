//! The email that invites a team member.

use crate::base::actor::Role;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::StaffLinkId;
use crate::messages::emails::parts::Time;
use crate::messages::emails::{EmailContext, SystemEmail, system_email};
use crate::team::model::staff_link::StaffLink;

/// The account invites a person to join its staff.
pub(crate) struct TeamInvitationEmail {
    pub link: String,
    pub role: &'static str,
    pub expires_at: Time,
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
                role: context.recipient.role().map_or("staff", role),
                expires_at: Time(link.expires_at),
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
    fn subject_pattern(&self) -> String {
        "{portal} invited you to join its team".to_owned()
    }

    fn link(&self) -> Option<&str> {
        Some(&self.link)
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Owner => "owner",
        Role::Admin => "admin",
        Role::Staff => "staff",
        Role::ReadOnly => "read only",
    }
}
