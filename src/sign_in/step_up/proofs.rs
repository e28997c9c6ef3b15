//! Consuming the proof of a step-up: the person and the session are locked, and everything is checked again.

use super::{StepUpAttempt, VerifiedProof};
use crate::base::actor::SignInMethod;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{ChallengeId, MagicLinkId};
use crate::base::secrets::PlainSecret;
use crate::magic_links::model::Purpose;
use crate::magic_links::model::redeem::{LinkWithContact, RedeemRequest};
use crate::sign_in::challenge::model::Challenge;
use crate::sign_in::challenge::{end_link, refusal_for};
use crate::sign_in::person::Person;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::sessions::OwnSession;
use crate::sign_in::sessions::model::{Holder, Session};
use crate::sign_in::{google, password};
use crate::team::model::staff_link::StaffLink;

/// A person who gave a valid proof, locked.
pub(crate) struct ProvedPerson {
    pub person: Person,
    pub by: SignInMethod,
    /// The proof was emailed to the current address.
    pub proves_mailbox: bool,
    pub challenge: Option<ChallengeId>,
    pub magic_link: Option<MagicLinkId>,
}

impl ProvedPerson {
    fn new(person: Person, by: SignInMethod) -> Self {
        Self {
            person,
            by,
            proves_mailbox: false,
            challenge: None,
            magic_link: None,
        }
    }
}

pub(crate) async fn consume(
    conn: &mut Conn,
    attempt: &StepUpAttempt<'_>,
    proof: VerifiedProof<'_>,
    moment: &Moment,
) -> Result<Result<ProvedPerson, Refusal>> {
    let own = attempt.own;
    let proved = match proof {
        VerifiedProof::Refused(refusal) => return Ok(Err(refusal)),
        VerifiedProof::Blocked(block) => return Ok(Err(block.into())),
        VerifiedProof::Password(verified) => {
            if let Err(refusal) = password::complete_step_up(conn, *verified, moment).await? {
                return Ok(Err(refusal));
            }
            let person = lock_holder(conn, own, moment).await?;
            person.map(|person| ProvedPerson::new(person, SignInMethod::Password))
        }
        VerifiedProof::Google(token) => {
            if let Err(reason) = google::complete_step_up(conn, own, &token, attempt.recipient.client).await?
            {
                return Ok(Err(reason.into()));
            }
            let person = lock_holder(conn, own, moment).await?;
            person.map(|person| ProvedPerson::new(person, SignInMethod::Google))
        }
        VerifiedProof::Code(challenge) => match lock_holder(conn, own, moment).await? {
            Ok(person) => by_code(conn, person, &challenge, moment).await?,
            Err(reason) => Err(reason),
        },
        VerifiedProof::StaffLink(secret) => match lock_holder(conn, own, moment).await? {
            Ok(person) => by_staff_link(conn, person, &secret, moment).await?,
            Err(reason) => Err(reason),
        },
        VerifiedProof::Link(secret) => return consume_link(conn, attempt, &secret, moment).await,
    };
    Ok(proved.map_err(Into::into))
}

async fn consume_link(
    conn: &mut Conn,
    attempt: &StepUpAttempt<'_>,
    secret: &PlainSecret,
    moment: &Moment,
) -> Result<Result<ProvedPerson, Refusal>> {
    let own = attempt.own;
    let Holder::Contact(contact) = own.holder else {
        return Ok(Err(Reason::LinkInvalid.into()));
    };
    let request = RedeemRequest::new(attempt.recipient.transport, attempt.recipient.client);
    // Locks the contact together with the link, before anything else is locked.
    let link = match LinkWithContact::lock_as_proof(conn, secret, contact, &request, moment).await? {
        Ok(link) => link,
        Err(refusal) => return Ok(Err(refusal)),
    };
    Ok(match lock_holder(conn, own, moment).await? {
        Ok(person) => Ok(by_link(conn, person, &link, moment).await?),
        Err(reason) => Err(reason.into()),
    })
}

/// Locks the holder and the session, which may have ended since the request began.
async fn lock_holder(conn: &mut Conn, own: &OwnSession, moment: &Moment) -> Result<Result<Person, Reason>> {
    let person = Person::lock(conn, own.account, own.holder).await?;
    let session = Session::lock(conn, own.account, own.id).await?;
    let live = session.is_some_and(|session| session.live(moment.now));
    Ok(match person.filter(|_| live) {
        None => Err(Reason::SessionExpired),
        Some(person) if person.revoked() => Err(Reason::AccessRevoked),
        Some(person) => Ok(person),
    })
}

async fn by_code(
    conn: &mut Conn,
    person: Person,
    challenge: &Challenge,
    moment: &Moment,
) -> Result<Result<ProvedPerson, Reason>> {
    if let Some(reason) = refusal_for(conn, &person, true).await? {
        return Ok(Err(reason));
    }
    let same_address = person.email_key() == Some(&challenge.email_key);
    if !same_address || !challenge.complete(conn, moment.now).await? {
        return Ok(Err(Reason::CodeExpired));
    }
    end_link(conn, challenge, moment.now).await?;
    Ok(Ok(ProvedPerson {
        proves_mailbox: true,
        challenge: Some(challenge.id),
        ..ProvedPerson::new(person, SignInMethod::Code)
    }))
}

async fn by_link(
    conn: &mut Conn,
    person: Person,
    link: &LinkWithContact,
    moment: &Moment,
) -> Result<ProvedPerson> {
    let magic_link = &link.link;
    let challenge = if magic_link.purpose == Purpose::Requested {
        Challenge::complete_by_link(conn, magic_link.account_id, magic_link.id, moment.now).await?
    } else {
        None
    };
    Ok(ProvedPerson {
        proves_mailbox: link.proves_mailbox(),
        challenge,
        magic_link: Some(magic_link.id),
        ..ProvedPerson::new(person, SignInMethod::Link)
    })
}

/// Only a link that the member requested is a proof: it was emailed to them alone. A link from the command line was seen by
/// the person who ran the command.
async fn by_staff_link(
    conn: &mut Conn,
    person: Person,
    secret: &PlainSecret,
    moment: &Moment,
) -> Result<Result<ProvedPerson, Reason>> {
    let found = StaffLink::by_secret(conn, secret).await?;
    let Some(link) = found.filter(|link| Holder::Member(link.team_member_id) == person.holder()) else {
        return Ok(Err(Reason::LinkInvalid));
    };
    let Some(challenge) = link.challenge_id else {
        return Ok(Err(Reason::StepUpRequired));
    };
    let requested = Challenge::find(conn, link.account_id, challenge).await?;
    let completed = match requested.filter(|requested| requested.live(moment.now)) {
        Some(requested) => {
            link.mark_used(conn, moment.now).await? && requested.complete(conn, moment.now).await?
        }
        None => false,
    };
    Ok(match (completed, link.used_at) {
        (true, _) => Ok(ProvedPerson {
            proves_mailbox: true,
            challenge: Some(challenge),
            ..ProvedPerson::new(person, SignInMethod::StaffLink)
        }),
        (false, Some(_)) => Err(Reason::LinkUsed),
        (false, None) => Err(Reason::LinkExpired),
    })
}
