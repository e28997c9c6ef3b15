//! Links for the emails of requested sign-ins, created when the email is prepared: a request costs the same, no matter
//! whether the address belongs to a contact or team member.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::Challenge;
use crate::base::actor::{Actor, Client, Requester};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::{challenges, messages};
use crate::base::error::Result;
use crate::base::ids::{ChallengeId, StaffLinkId};
use crate::base::secrets::ServerKey;
use crate::contacts::model::Contact;
use crate::magic_links::model::{MagicLink, NewLink, Purpose};
use crate::messages::model::Message;
use crate::team::model::TeamMember;
use crate::team::model::staff_link::{NewStaffLink, StaffLink};

/// Creates the magic link of a login email that a contact requested. `false` if the request is no longer valid.
pub(crate) async fn create_requested_link(
    conn: &mut Conn,
    message: &mut Message,
    moment: &Moment,
) -> Result<bool> {
    let Some((contact, challenge)) = requested(conn, message, moment).await? else {
        return Ok(false);
    };
    let requester = Requester {
        actor: Actor::Anonymous,
        client: Client {
            ip: challenge.ip.clone(),
            user_agent: challenge.user_agent.clone(),
            ..Client::default()
        },
    };
    let plan = NewLink {
        email_key: contact.email_key.clone(),
        expires_at: Some(challenge.expires_at),
        ..NewLink::new(contact.id, Purpose::Requested, challenge.section)
    };
    let links = MagicLink::create_many(conn, message.account_id, &requester, &[plan], moment).await?;
    message.magic_link_id = links.into_iter().next().map(|link| link.id);
    diesel::update(messages::table.find((message.account_id, message.id)))
        .set(messages::magic_link_id.eq(message.magic_link_id))
        .execute(conn)
        .await?;
    diesel::update(challenges::table.find((challenge.account_id, challenge.id)))
        .set(challenges::magic_link_id.eq(message.magic_link_id))
        .execute(conn)
        .await?;
    Ok(true)
}

/// The contact and the live challenge of a request, if the address is still the same.
async fn requested(
    conn: &mut Conn,
    message: &Message,
    moment: &Moment,
) -> Result<Option<(Contact, Challenge)>> {
    let Some((contact, challenge)) = message.contact_id.zip(message.about) else {
        return Ok(None);
    };
    let contact = Contact::lock(conn, message.account_id, contact).await?;
    let challenge = Challenge::find(conn, message.account_id, ChallengeId(challenge)).await?;
    let challenge = challenge.filter(|challenge| challenge.live(moment.now));
    let same = |(contact, challenge): &(Contact, Challenge)| {
        contact.email_key.as_deref() == Some(&challenge.email_key)
    };
    Ok(contact.zip(challenge).filter(same))
}

impl Challenge {
    /// The team member's link of this sign-in, created by the first attempt to send its email.
    pub(crate) async fn mailed_staff_link(
        &self,
        conn: &mut Conn,
        member: &TeamMember,
        key: &ServerKey,
        moment: &Moment,
    ) -> Result<StaffLinkId> {
        if let Some(link) = self.staff_link_id {
            return Ok(link);
        }
        let new = NewStaffLink {
            member,
            expires_at: self.expires_at,
            challenge: Some(self.id),
        };
        let link = StaffLink::issue_for_email(conn, &new, key, moment).await?.id;
        diesel::update(challenges::table.find((self.account_id, self.id)))
            .set(challenges::staff_link_id.eq(link))
            .execute(conn)
            .await?;
        Ok(link)
    }
}
