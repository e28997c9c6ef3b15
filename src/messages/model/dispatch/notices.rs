//! Messages that are not about a link of a contact that exists already: they are few, and each is looked up by itself.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Content, Dispatch, Prepared, origin};
use crate::accounts::model::Account;
use crate::base::actor::{Acting, Actor, Client};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::{challenges, messages};
use crate::base::error::Result;
use crate::base::ids::{ChallengeId, PasswordResetId, SessionId, StaffLinkId};
use crate::contacts::model::Contact;
use crate::magic_links::model::{LinkPlan, MagicLink, Purpose};
use crate::messages::model::queue::Outcome;
use crate::messages::model::suppression::Suppression;
use crate::messages::model::{Message, MessageKind};
use crate::sign_in::challenge::code::Code;
use crate::sign_in::challenge::model::Challenge;
use crate::sign_in::keys::Keys;
use crate::sign_in::password::model::reset::PasswordReset;
use crate::sign_in::person::Person;
use crate::sign_in::sessions::model::{Holder, Session};
use crate::team::model::staff_link::{MailedTo, StaffLink};

/// What is found, or why the message is not sent.
type Found<T> = std::result::Result<T, Outcome>;

/// Makes the link of a login email that a contact asked for: not when it was asked for, so that asking costs the same,
/// whoever the address belongs to. The message comes back boxed where it is pointless by now.
pub async fn give_link(
    conn: &mut Conn,
    mut message: Message,
    moment: &Moment,
) -> Result<std::result::Result<Message, Box<Message>>> {
    let Some((contact, challenge)) = asked(conn, &message, moment).await? else {
        return Ok(Err(Box::new(message)));
    };
    let acting = Acting {
        actor: Actor::Anonymous,
        client: Client {
            ip: challenge.ip.clone(),
            user_agent: challenge.user_agent.clone(),
            ..Client::default()
        },
    };
    let plan = LinkPlan {
        email_key: contact.email_key.clone(),
        expires_at: Some(challenge.expires_at),
        ..LinkPlan::new(contact.id, Purpose::Requested, challenge.section)
    };
    let links = MagicLink::create_many(conn, message.account_id, &acting, &[plan], moment).await?;
    let link = links.into_iter().next().map(|link| link.id);
    diesel::update(messages::table.find((message.account_id, message.id)))
        .set(messages::magic_link_id.eq(link))
        .execute(conn)
        .await?;
    diesel::update(challenges::table.find((challenge.account_id, challenge.id)))
        .set(challenges::magic_link_id.eq(link))
        .execute(conn)
        .await?;
    message.magic_link_id = link;
    Ok(Ok(message))
}

async fn asked(conn: &mut Conn, message: &Message, moment: &Moment) -> Result<Option<(Contact, Challenge)>> {
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

pub async fn prepare(conn: &mut Conn, message: Message, keys: &Keys, moment: &Moment) -> Result<Prepared> {
    let found = match recipient(conn, &message, moment.now).await? {
        Ok(to) => content(conn, &message, &to, keys, moment)
            .await?
            .map(|content| (to, content)),
        Err(outcome) => Err(outcome),
    };
    Ok(match found {
        Ok((to, content)) => {
            let account = Account::find(conn, message.account_id).await?;
            Prepared::Letter(Box::new(Dispatch {
                message,
                account,
                to,
                content,
            }))
        }
        Err(outcome) => Prepared::Over(Box::new(message), outcome),
    })
}

async fn recipient(conn: &mut Conn, message: &Message, now: DateTime<Utc>) -> Result<Found<Person>> {
    let holder = (message.contact_id.map(Holder::Contact)).or(message.team_member_id.map(Holder::Member));
    let Some(holder) = holder else {
        return Ok(Err(Outcome::Cancelled));
    };
    let Some(to) = Person::find(conn, message.account_id, holder).await? else {
        return Ok(Err(Outcome::Cancelled));
    };
    let key = message.address.to_ascii_lowercase();
    // A warning goes to the address that it was promised to; a secret only to the present one.
    let warning = message.kind.warning();
    if (to.revoked() || to.email_key() != Some(&key)) && !warning {
        return Ok(Err(Outcome::Cancelled));
    }
    let stop = Suppression::find(conn, message.account_id, &key).await?;
    // A pause is against what strangers can have sent; a warning comes from a sign-in that went well.
    let stopped = stop.is_some_and(|stop| stop.live(now) && !(warning && stop.pause()));
    Ok(if stopped { Err(Outcome::Suppressed) } else { Ok(to) })
}

async fn content(
    conn: &mut Conn,
    message: &Message,
    to: &Person,
    keys: &Keys,
    moment: &Moment,
) -> Result<Found<Content>> {
    let account = message.account_id;
    if message.kind == MessageKind::PasswordChanged {
        return Ok(Ok(Content::PasswordChanged(
            origin::of_change(conn, message, to).await?,
        )));
    }
    if message.kind == MessageKind::AddressChanged {
        return Ok(Ok(Content::AddressChanged {
            now: origin::new_address(conn, message).await?,
        }));
    }
    let Some(about) = message.about else {
        return Ok(Err(Outcome::Cancelled));
    };
    let content = match message.kind {
        MessageKind::LoginCode => {
            let challenge = Challenge::find(conn, account, ChallengeId(about)).await?;
            let live = challenge.filter(|challenge| challenge.live(moment.now));
            live.map(|challenge| Content::Code(Code::of(&keys.code, account, challenge.id)))
        }
        MessageKind::StaffLogin => staff_login(conn, message, to, keys, moment).await?,
        MessageKind::TeamInvitation => {
            let link = StaffLink::find(conn, account, StaffLinkId(about)).await?;
            let live = link.filter(|link| link.live(moment.now));
            live.map(|link| Content::TeamInvitation {
                secret: StaffLink::mailed_secret(&keys.staff_link, account, link.id),
                valid_until: link.expires_at,
            })
        }
        MessageKind::PasswordReset => {
            let reset = PasswordReset::find(conn, account, PasswordResetId(about)).await?;
            let good = reset.filter(|reset| reset.refusal(moment.now).is_none());
            good.map(|reset| Content::PasswordReset(PasswordReset::secret(&keys.reset, account, reset.id)))
        }
        MessageKind::NewDevice => {
            let session = Session::find(conn, account, SessionId(about)).await?;
            session.map(|session| Content::NewDevice(Box::new(session)))
        }
        _ => None,
    };
    Ok(content.ok_or(Outcome::Cancelled))
}

/// As much as the account allows. A team member's link is made when its mail is sent, once for all tries.
async fn staff_login(
    conn: &mut Conn,
    message: &Message,
    to: &Person,
    keys: &Keys,
    moment: &Moment,
) -> Result<Option<Content>> {
    let (Person::Member(member), Some(about)) = (to, message.about) else {
        return Ok(None);
    };
    let challenge = Challenge::find(conn, message.account_id, ChallengeId(about)).await?;
    let Some(challenge) = challenge.filter(|challenge| challenge.live(moment.now)) else {
        return Ok(None);
    };
    let allowed = Account::find(conn, challenge.account_id).await?;
    let code = allowed
        .code_allowed
        .then(|| Code::of(&keys.code, challenge.account_id, challenge.id));
    if !allowed.link_allowed {
        return Ok(code.map(Content::Code));
    }
    let link = match challenge.staff_link_id {
        Some(link) => link,
        None => {
            let to = MailedTo {
                member,
                expires_at: challenge.expires_at,
                challenge: Some(challenge.id),
            };
            let link = StaffLink::issue_for_mail(conn, &to, &keys.staff_link, moment)
                .await?
                .id;
            diesel::update(challenges::table.find((challenge.account_id, challenge.id)))
                .set(challenges::staff_link_id.eq(link))
                .execute(conn)
                .await?;
            link
        }
    };
    Ok(Some(Content::StaffLogin {
        secret: StaffLink::mailed_secret(&keys.staff_link, challenge.account_id, link),
        code,
    }))
}
