//! The last step of every method: the session of a person who has proved who they are, with its audit events, and the
//! credential that carries it.

use futures_util::try_join;
use serde_json::json;

use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::base::actor::{Client, Requester, Role, SignInMethod};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::secrets::{PlainSecret, SecretHash};
use crate::contacts::model::Contact;
use crate::invitations::model::Invitation;
use crate::magic_links::model::redeem::mark_used;
use crate::sign_in::keys::Keys;
use crate::sign_in::person::Person;
use crate::sign_in::sessions::model::refresh::{TokenPair, first_pair};
use crate::sign_in::sessions::model::{NewSession, Session, new_device};

/// A session that a sign-in opened, with the credential of its holder.
#[derive(Debug)]
pub struct SignedIn {
    pub session: Session,
    pub credential: SessionCredential,
    pub section: PortalSection,
    pub role: Option<Role>,
    /// The account's slug.
    pub slug: String,
}

/// What the holder of a session authenticates with.
#[derive(Debug)]
pub enum SessionCredential {
    Tokens(Box<TokenPair>),
    Cookie(PlainSecret),
}

/// How a session is delivered.
#[derive(Clone, Copy)]
pub enum SessionTransport<'a> {
    /// As a pair of tokens, over the API.
    Bearer,
    /// As a cookie of this browser.
    Cookie(Browser<'a>),
}

impl SessionTransport<'_> {
    pub(crate) fn browser_hash(self) -> Option<SecretHash> {
        match self {
            Self::Bearer => None,
            Self::Cookie(browser) => Some(browser.hash()),
        }
    }
}

/// The client that a new session is delivered to.
#[derive(Clone, Copy)]
pub struct SessionRecipient<'a> {
    pub transport: SessionTransport<'a>,
    pub client: &'a Client,
}

/// A browser, by the value of its pre-session cookie.
#[derive(Clone, Copy)]
pub struct Browser<'a>(pub &'a str);

impl Browser<'_> {
    pub(crate) fn hash(self) -> SecretHash {
        SecretHash::of(&[b"browser", self.0.as_bytes()])
    }
}

/// Opens a session for a person whose row is locked and who may sign in. A contact joins with the first session.
pub async fn open_session(
    conn: &mut Conn,
    person: &Person,
    new: &NewSession<'_>,
    moment: &Moment,
) -> Result<Session> {
    let session = Session::open(conn, new, moment).await?;
    if let Some(step_up) = new.step_up {
        Session::end(conn, new.account, step_up.replaces, "STEPPED_UP", moment.now).await?;
    }
    let joining = joining(person);
    // Joining by a link is not a sign-in on an unknown device, even if staff opened a session for the contact before.
    if joining.is_none() || new.method != SignInMethod::Link {
        new_device::warn(conn, person, new, session.id, moment).await?;
    }
    record_opening(conn, person, new, &session, moment).await?;
    if let Some(contact) = joining {
        Invitation::accept_on_join(conn, contact, moment.now).await?;
    }
    Ok(session)
}

/// The contact, if this is their first session.
fn joining(person: &Person) -> Option<&Contact> {
    match person {
        Person::Contact(contact) if contact.joined_at.is_none() => Some(contact),
        Person::Contact(_) | Person::Member(_) => None,
    }
}

/// Marks the person as seen and the link as used, and records the events, in one round trip.
async fn record_opening(
    conn: &Conn,
    person: &Person,
    new: &NewSession<'_>,
    session: &Session,
    moment: &Moment,
) -> Result<()> {
    let mut events = events(new, session);
    events.extend(
        joining(person).map(|contact| NewEvent::for_contact(EventKind::Joined, contact.id).on(session.id)),
    );
    let requester = Requester {
        actor: person.actor(),
        client: new.client.clone(),
    };
    let (mut first, mut second, mut third) = (conn, conn, conn);
    let mark_seen = async {
        match person {
            Person::Contact(contact) => {
                contact
                    .mark_seen(&mut first, new.proves_mailbox, moment.now)
                    .await
            }
            Person::Member(member) => member.mark_seen(&mut first, moment.now).await,
        }
    };
    let mark_link_used = async {
        match new.magic_link {
            Some(link) => {
                mark_used(
                    &mut second,
                    (new.account, link),
                    session.id,
                    new.browser,
                    moment.now,
                )
                .await
            }
            None => Ok(()),
        }
    };
    try_join!(
        mark_link_used,
        mark_seen,
        record(&mut third, new.account, &requester, &events, moment)
    )?;
    Ok(())
}

fn events(new: &NewSession<'_>, session: &Session) -> Vec<NewEvent> {
    let contact = new.holder.contact();
    let link_used = new
        .magic_link
        .zip(contact)
        .map(|(link, contact)| NewEvent::for_contact(EventKind::LinkUsed, contact).on(link));
    let signed_in = match (new.step_up, new.method, contact) {
        (Some(step_up), ..) => {
            let event = NewEvent {
                contact,
                ..NewEvent::new(EventKind::SteppedUp)
            };
            let detail = json!({"method": SignInMethod::StepUp.as_str(), "by": step_up.by.as_str()});
            Some(event.with(detail))
        }
        // The link's own event records the sign-in.
        (None, SignInMethod::Link, _) => None,
        (None, method, Some(contact)) => Some(NewEvent::for_contact(EventKind::SignedIn, contact).by(method)),
        (None, method, None) => Some(NewEvent::new(EventKind::StaffSignedIn).by(method)),
    };
    let signed_in = signed_in.map(|event| event.on(session.id));
    signed_in.into_iter().chain(link_used).collect()
}

/// A session that was opened, before its credential is issued.
pub(crate) struct OpenedSession {
    pub session: Session,
    /// Where it lands.
    pub section: PortalSection,
    pub role: Option<Role>,
}

/// Issues the credential of a session, in the transaction that opened it.
pub(crate) async fn issue_credential(
    conn: &mut Conn,
    keys: &Keys,
    opened: OpenedSession,
    transport: SessionTransport<'_>,
    moment: &Moment,
) -> Result<SignedIn> {
    let OpenedSession {
        session,
        section,
        role,
    } = opened;
    let (mut first, mut second): (&Conn, &Conn) = (conn, conn);
    let issue = async {
        Ok(match transport {
            SessionTransport::Bearer => {
                let pair = first_pair(&mut first, session.clone(), moment).await?;
                SessionCredential::Tokens(Box::new(pair))
            }
            SessionTransport::Cookie(browser) => {
                let secret = session.issue_cookie(&mut first, &keys.cookie, browser.0).await?;
                SessionCredential::Cookie(secret)
            }
        })
    };
    let (credential, account) = try_join!(issue, Account::find(&mut second, session.account_id))?;
    Ok(SignedIn {
        session,
        credential,
        section,
        role,
        slug: account.slug,
    })
}
