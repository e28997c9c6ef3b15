//! Spending a proof: the person and the session are held, and everything is looked at once more.

use super::Stage;
use crate::base::actor::SignInMethod;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::ChallengeId;
use crate::base::secrets::PlainSecret;
use crate::magic_links::model::Purpose;
use crate::magic_links::model::redeem::{Presented, Press};
use crate::sign_in::challenge::model::Challenge;
use crate::sign_in::challenge::{barred, end_link};
use crate::sign_in::open_session::{Renewal, renew};
use crate::sign_in::person::Person;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::sessions::model::{Holder, Opening, Session};
use crate::sign_in::sessions::own::Own;
use crate::team::model::staff_link::StaffLink;

/// A proof that was good.
pub(crate) struct Spent {
    pub person: Person,
    pub by: SignInMethod,
    /// It was mailed to the present address.
    pub mail_read: bool,
    pub challenge: Option<ChallengeId>,
    pub link: Option<Box<Presented>>,
}

impl Spent {
    fn new(person: Person, by: SignInMethod) -> Self {
        Self {
            person,
            by,
            mail_read: false,
            challenge: None,
            link: None,
        }
    }

    /// The whole session in the place of the old one.
    pub async fn renew(
        &self,
        conn: &mut Conn,
        own: &Own,
        press: &Press<'_>,
        moment: &Moment,
    ) -> Result<Session> {
        let opening = Opening {
            magic_link: self.link.as_ref().map(|presented| presented.link.id),
            challenge: self.challenge,
            browser: press.browser,
            ..Opening::new(own.account, own.holder, SignInMethod::StepUp, press.client)
        };
        let renewal = Renewal {
            person: &self.person,
            old: own.session,
            by: self.by,
            mail_read: self.mail_read,
        };
        let session = renew(conn, &renewal, &opening, moment).await?;
        if let Some(link) = &self.link {
            link.spend(conn, session.id, press, moment).await?;
        }
        Ok(session)
    }
}

pub(crate) async fn spend(
    conn: &mut Conn,
    own: &Own,
    stage: &Stage,
    press: &Press<'_>,
    moment: &Moment,
) -> Result<Result<Spent, Refusal>> {
    // A link's contact is held together with it, before anything else is.
    let link = match (stage, own.holder) {
        (Stage::Refused(refusal) | Stage::Blocked(refusal), _) => return Ok(Err(*refusal)),
        (Stage::Link(secret), Holder::Contact(contact)) => {
            match Presented::as_proof(conn, secret, contact, press, moment).await? {
                Ok(presented) => Some(presented),
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        _ => None,
    };
    let person = match signed_in(conn, own, moment).await? {
        Ok(person) => person,
        Err(reason) => return Ok(Err(reason.into())),
    };
    let spent = match (stage, link) {
        (Stage::Checked(by), _) => Ok(Spent::new(person, *by)),
        (Stage::Code(challenge), _) => by_code(conn, person, challenge, moment).await?,
        (Stage::StaffLink(secret), _) => by_staff_link(conn, person, secret, moment).await?,
        (Stage::Link(_), Some(link)) => Ok(by_link(conn, person, link, moment).await?),
        (Stage::Link(_) | Stage::Refused(_) | Stage::Blocked(_), _) => Err(Reason::LinkInvalid),
    };
    Ok(spent.map_err(Into::into))
}

/// The person of a session that has not ended meanwhile, both held.
async fn signed_in(conn: &mut Conn, own: &Own, moment: &Moment) -> Result<Result<Person, Reason>> {
    let person = Person::lock(conn, own.account, own.holder).await?;
    let session = Session::lock(conn, own.account, own.session).await?;
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
) -> Result<Result<Spent, Reason>> {
    if let Some(reason) = barred(conn, &person, true).await? {
        return Ok(Err(reason));
    }
    let theirs = person.email_key() == Some(&challenge.email_key);
    if !theirs || !challenge.complete(conn, moment.now).await? {
        return Ok(Err(Reason::CodeExpired));
    }
    end_link(conn, challenge, moment.now).await?;
    Ok(Ok(Spent {
        mail_read: true,
        challenge: Some(challenge.id),
        ..Spent::new(person, SignInMethod::Code)
    }))
}

async fn by_link(conn: &mut Conn, person: Person, link: Box<Presented>, moment: &Moment) -> Result<Spent> {
    let of = &link.link;
    let challenge = if of.purpose == Purpose::Requested {
        Challenge::complete_by_link(conn, of.account_id, of.id, moment.now).await?
    } else {
        None
    };
    Ok(Spent {
        mail_read: link.shows_mail_read(),
        challenge,
        link: Some(link),
        ..Spent::new(person, SignInMethod::Link)
    })
}

/// One that the member asked for was mailed to them and to nobody else; the command line's was seen by whoever ran it.
async fn by_staff_link(
    conn: &mut Conn,
    person: Person,
    secret: &PlainSecret,
    moment: &Moment,
) -> Result<Result<Spent, Reason>> {
    let found = StaffLink::by_secret(conn, secret).await?;
    let Some(link) = found.filter(|link| Holder::Member(link.team_member_id) == person.holder()) else {
        return Ok(Err(Reason::LinkInvalid));
    };
    let Some(challenge) = link.challenge_id else {
        return Ok(Err(Reason::StepUpRequired));
    };
    let asked = Challenge::find(conn, link.account_id, challenge).await?;
    let good = match asked.filter(|asked| asked.live(moment.now)) {
        Some(asked) => link.spend(conn, moment.now).await? && asked.complete(conn, moment.now).await?,
        None => false,
    };
    Ok(match (good, link.used_at) {
        (true, _) => Ok(Spent {
            mail_read: true,
            challenge: Some(challenge),
            ..Spent::new(person, SignInMethod::StaffLink)
        }),
        (false, Some(_)) => Err(Reason::LinkUsed),
        (false, None) => Err(Reason::LinkExpired),
    })
}
