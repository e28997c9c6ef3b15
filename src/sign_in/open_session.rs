//! The last step of every way in but the link's: the session of a person who has proved who they are, and its traces.

use diesel_async::AsyncConnection;
use futures_util::try_join;
use serde_json::json;

use crate::base::actor::Audience;
use crate::base::actor::SignInMethod;
use crate::base::actor::{Acting, Actor, Client};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{AccountId, SessionId};
use crate::invitations::model::Invitation;
use crate::sign_in::attempt::{Target, note_block};
use crate::sign_in::person::Person;
use crate::sign_in::refusal::Reason;
use crate::sign_in::sessions::model::new_device;
use crate::sign_in::sessions::model::{Holder, Opening, Session};

/// Opens the session of a person whose row is held and who may come in. `mail_read`: they proved that they read the mail to
/// their present address. The first time is the day a contact joins.
pub async fn enter(
    conn: &mut Conn,
    person: &Person,
    opening: &Opening<'_>,
    mail_read: bool,
    moment: &Moment,
) -> Result<Session> {
    let session = Session::open(conn, opening, moment).await?;
    new_device::warn(conn, person, opening, session.id, moment).await?;
    let mut events = vec![signed_in(person, opening.method).on(session.id)];
    let joins = matches!(person, Person::Contact(contact) if contact.joined_at.is_none());
    if let (true, Some(contact)) = (joins, person.holder().contact()) {
        events.push(NewEvent::to(EventKind::Joined, contact).on(session.id));
    }
    let acting = Acting {
        actor: person.actor(),
        client: opening.client.clone(),
    };
    let (mut one, mut two) = (&*conn, &*conn);
    let seen = async {
        match person {
            Person::Contact(contact) => contact.mark_seen(&mut one, mail_read, moment.now).await,
            Person::Member(member) => member.mark_seen(&mut one, moment.now).await,
        }
    };
    try_join!(seen, record(&mut two, opening.account, &acting, &events, moment))?;
    if let (true, Person::Contact(contact)) = (joins, person) {
        Invitation::joined(conn, contact, moment.now).await?;
    }
    Ok(session)
}

fn signed_in(person: &Person, method: SignInMethod) -> NewEvent {
    let event = match person {
        Person::Contact(contact) => NewEvent::to(EventKind::SignedIn, contact.id),
        Person::Member(_) => NewEvent::of(EventKind::StaffSignedIn),
    };
    event.by(method)
}

/// Somebody who is signed in and has proved anew who they are.
#[derive(Clone, Copy, Debug)]
pub struct Renewal<'a> {
    pub person: &'a Person,
    /// The session that ends.
    pub old: SessionId,
    pub by: SignInMethod,
    pub mail_read: bool,
}

/// Opens a whole session in the place of another one, whose row is held.
pub async fn renew(
    conn: &mut Conn,
    renewal: &Renewal<'_>,
    opening: &Opening<'_>,
    moment: &Moment,
) -> Result<Session> {
    let session = Session::open(conn, opening, moment).await?;
    Session::end(conn, opening.account, renewal.old, "STEPPED_UP", moment.now).await?;
    let acting = Acting {
        actor: renewal.person.actor(),
        client: opening.client.clone(),
    };
    let mut events = vec![stepped_up(opening.holder, renewal.by).on(session.id)];
    if let (Some(link), Some(contact)) = (opening.magic_link, opening.holder.contact()) {
        events.push(NewEvent::to(EventKind::LinkUsed, contact).on(link));
    }
    match renewal.person {
        Person::Contact(contact) => contact.mark_seen(conn, renewal.mail_read, moment.now).await?,
        Person::Member(member) => member.mark_seen(conn, moment.now).await?,
    }
    record(conn, opening.account, &acting, &events, moment).await?;
    Ok(session)
}

/// Notes a step up that failed.
pub async fn step_up_refused(
    conn: &mut Conn,
    account: AccountId,
    acting: &Acting,
    (holder, reason): (Holder, Reason),
    moment: &Moment,
) -> Result<()> {
    let event = NewEvent {
        contact: holder.contact(),
        ..NewEvent::of(EventKind::SteppedUp).refused(reason.as_str())
    };
    record(conn, account, acting, &[event], moment).await
}

fn stepped_up(holder: Holder, by: SignInMethod) -> NewEvent {
    let event = NewEvent {
        contact: holder.contact(),
        ..NewEvent::of(EventKind::SteppedUp)
    };
    event.with(json!({"method": SignInMethod::StepUp.as_str(), "by": by.as_str()}))
}

/// A try at signing in.
#[derive(Clone, Copy, Debug)]
pub struct Attempted<'a> {
    pub account: AccountId,
    pub audience: Audience,
    pub method: SignInMethod,
    pub client: &'a Client,
}

/// Notes a try that was not even compared, the first time in its wait. For an unknown person as for a known one.
pub async fn blocked(
    conn: &mut Conn,
    attempted: &Attempted<'_>,
    target: Target,
    person: Option<&Person>,
    moment: &Moment,
) -> Result<()> {
    conn.transaction(async |conn| -> Result<_> {
        if !note_block(conn, attempted.account, target, moment.now).await? {
            return Ok(());
        }
        refused(conn, attempted, person, Reason::TooManyAttempts, moment).await
    })
    .await
}

/// Notes a try that failed. For an unknown person there is a row too, so that it costs the same.
pub async fn refused(
    conn: &mut Conn,
    attempted: &Attempted<'_>,
    person: Option<&Person>,
    reason: Reason,
    moment: &Moment,
) -> Result<()> {
    refused_to(conn, attempted, person.map(Person::holder), reason, moment).await
}

/// The same where only the id is at hand.
pub async fn refused_to(
    conn: &mut Conn,
    attempted: &Attempted<'_>,
    holder: Option<Holder>,
    reason: Reason,
    moment: &Moment,
) -> Result<()> {
    let acting = Acting {
        actor: Actor::Anonymous,
        client: attempted.client.clone(),
    };
    let kind = match attempted.audience {
        Audience::Portal => EventKind::SignInRefused,
        Audience::Dashboard => EventKind::StaffSignInRefused,
    };
    let mut event = NewEvent {
        contact: holder.and_then(Holder::contact),
        ..NewEvent::of(kind).refused(reason.as_str()).by(attempted.method)
    };
    if let Some(member) = holder.and_then(Holder::member) {
        event = event.on(member);
    }
    record(conn, attempted.account, &acting, &[event], moment).await
}
