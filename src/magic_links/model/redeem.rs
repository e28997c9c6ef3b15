//! Redeeming a magic link: the first request wins, the same browser may repeat it, and a link that only a mail scanner
//! redeemed may be redeemed once more.
//!
//! What changes a contact's links locks the contact's row first, so redeeming a link and sending a newer one wait for each
//! other.

mod fresh;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::join;

use crate::accounts::model::Account;
use crate::base::actor::SignInMethod;
use crate::base::actor::{Actor, Client, Requester};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::schema::{accounts, contacts, magic_link_secrets, magic_links};
use crate::base::db::{AnyConn, Conn};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ChallengeId, MagicLinkId, SessionId};
use crate::base::secrets::{PlainSecret, SecretHash};
use crate::contacts::model::Contact;
use crate::magic_links::model::{MOST_REDEEMS, MagicLink, MagicLinkStatus, Purpose};
use crate::sign_in::attempt;
use crate::sign_in::attempt::{Target, Targets};
use crate::sign_in::challenge::model::Challenge;
use crate::sign_in::open_session::open_session;
use crate::sign_in::person::Person;
use crate::sign_in::refusal::Refusal;
use crate::sign_in::sessions::model::{GRACE, Holder, NewSession, Session};

/// Why a link was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkRefusal {
    Invalid,
    Expired,
    /// Used; `retry_after` seconds from now it may turn out that only a scanner used it.
    Used {
        retry_after: Option<u64>,
    },
    Superseded,
    Revoked,
    /// The link is good, and the contact's access was revoked.
    AccessRevoked,
    /// The link is good, and the account has switched signing in by link off.
    MethodDisabled,
}

/// A link and whom it signs in.
#[derive(Clone, Debug)]
pub struct Presented {
    pub link: MagicLink,
    pub contact: Contact,
    /// Whether the account has people sign in by link.
    pub allowed: bool,
}

#[derive(Debug)]
pub enum Redeemed {
    /// `repeat`: the same browser redeemed it again, for the same session.
    Session {
        session: Box<Session>,
        presented: Box<Presented>,
        repeat: bool,
        joined: bool,
    },
    Refused {
        refusal: LinkRefusal,
        presented: Option<Box<Presented>>,
    },
}

/// Who redeems a link.
#[derive(Clone, Debug)]
pub struct RedeemRequest<'a> {
    /// The hash of the browser's pre-session cookie; none over the API.
    pub browser: Option<SecretHash>,
    pub client: &'a Client,
}

impl Presented {
    /// What a secret is the secret of, without spending anything.
    pub(crate) async fn find(conn: &mut Conn, secret: &PlainSecret) -> Result<Option<Self>> {
        let found = magic_link_secrets::table
            .inner_join(
                magic_links::table.on(magic_links::account_id
                    .eq(magic_link_secrets::account_id)
                    .and(magic_links::id.eq(magic_link_secrets::magic_link_id))),
            )
            .inner_join(
                contacts::table.on(contacts::account_id
                    .eq(magic_links::account_id)
                    .and(contacts::id.eq(magic_links::contact_id))),
            )
            .inner_join(accounts::table.on(accounts::id.eq(magic_links::account_id)))
            .filter(magic_link_secrets::account_id.eq(secret.account))
            .filter(magic_link_secrets::secret_hash.eq(secret.hash()))
            .select((
                MagicLink::as_select(),
                Contact::as_select(),
                accounts::link_allowed,
            ))
            .first::<(MagicLink, Contact, bool)>(conn)
            .await
            .optional()?;
        Ok(found.map(|(link, contact, allowed)| Self {
            link,
            contact,
            allowed,
        }))
    }

    /// PostgreSQL takes the rows in the order of the tables here, the contact's first, and reads what it had to wait for anew.
    async fn lock(conn: &mut Conn, secret: &PlainSecret) -> Result<Option<Self>> {
        let (mut one, mut two) = (&*conn, &*conn);
        let held = contacts::table
            .inner_join(
                magic_links::table.on(magic_links::account_id
                    .eq(contacts::account_id)
                    .and(magic_links::contact_id.eq(contacts::id))),
            )
            .inner_join(
                magic_link_secrets::table.on(magic_link_secrets::account_id
                    .eq(magic_links::account_id)
                    .and(magic_link_secrets::magic_link_id.eq(magic_links::id))),
            )
            .filter(magic_link_secrets::account_id.eq(secret.account))
            .filter(magic_link_secrets::secret_hash.eq(secret.hash()))
            .select((MagicLink::as_select(), Contact::as_select()))
            .for_update()
            .first::<(MagicLink, Contact)>(&mut one);
        let (held, account) = join!(held, Account::find(&mut two, secret.account));
        let Some((link, contact)) = held.optional()? else {
            return Ok(None);
        };
        Ok(Some(Self {
            link,
            contact,
            allowed: account?.link_allowed,
        }))
    }

    /// Why it can't be redeemed for the first time; whether it can be redeemed again is a question of [`again`].
    pub(crate) fn refusal(&self, now: DateTime<Utc>) -> Option<LinkRefusal> {
        match self.link.status(now) {
            MagicLinkStatus::Used => Some(LinkRefusal::Used { retry_after: None }),
            MagicLinkStatus::Superseded => Some(LinkRefusal::Superseded),
            MagicLinkStatus::Expired => Some(LinkRefusal::Expired),
            _ if self.contact.revoked_at.is_some() => Some(LinkRefusal::AccessRevoked),
            MagicLinkStatus::Revoked => Some(LinkRefusal::Revoked),
            MagicLinkStatus::Live if self.stale() => Some(LinkRefusal::Revoked),
            MagicLinkStatus::Live if self.switched_off() => Some(LinkRefusal::MethodDisabled),
            MagicLinkStatus::Live => None,
        }
    }

    /// An invitation's link is for those who have not joined; a mailed one for the address that it was mailed to.
    fn stale(&self) -> bool {
        let joined = self.link.purpose == Purpose::Invitation && self.contact.joined_at.is_some();
        joined || self.moved()
    }

    /// An invitation is not a sign-in method: contacts join by it, whatever methods are allowed afterwards.
    fn switched_off(&self) -> bool {
        !self.allowed && self.link.purpose != Purpose::Invitation
    }

    /// Only who reads the mail to the contact's present address can know the secret.
    fn mail_read(&self) -> bool {
        !self.link.staff_seen && self.link.email_key.is_some() && !self.moved()
    }

    /// The contact has another address than the one that it was mailed to.
    fn moved(&self) -> bool {
        self.link.email_key.is_some() && self.link.email_key != self.contact.email_key
    }
}

/// Redeems a link: opens the session of its contact.
pub async fn redeem(
    conn: &mut Conn,
    secret: &PlainSecret,
    request: &RedeemRequest<'_>,
    moment: &Moment,
) -> Result<Redeemed> {
    let Some(presented) = Presented::lock(conn, secret).await? else {
        return Ok(Redeemed::Refused {
            refusal: LinkRefusal::Invalid,
            presented: None,
        });
    };
    let refusal = match presented.refusal(moment.now) {
        None => return sign_in(conn, presented, request, moment).await,
        Some(LinkRefusal::Used { .. }) => match again(conn, &presented, request, moment.now).await? {
            Again::Repeat(session) => {
                let presented = Box::new(presented);
                return Ok(Redeemed::Session {
                    session,
                    presented,
                    repeat: true,
                    joined: false,
                });
            }
            Again::Once(first) => {
                Session::end(
                    conn,
                    first.account_id,
                    first.id,
                    "LINK_REDEEMED_AGAIN",
                    moment.now,
                )
                .await?;
                return sign_in(conn, presented, request, moment).await;
            }
            Again::No(refusal) => refusal,
        },
        Some(refusal) => refusal,
    };
    Ok(Redeemed::Refused {
        refusal,
        presented: Some(Box::new(presented)),
    })
}

/// Counts a refusal and writes it down, so that whoever goes on with a link that is no good can't fill the audit log. In a
/// transaction after the one that refused, so that the contact is not held meanwhile.
pub(crate) async fn note_refusal(
    conn: &mut Conn,
    presented: &Presented,
    request: &RedeemRequest<'_>,
    refusal: LinkRefusal,
    moment: &Moment,
) -> Result<()> {
    let (account, link) = (presented.link.account_id, presented.link.id);
    let targets = Targets {
        source: Target::source("link", request.client),
        target: Target::of("link", &[&link.to_string()]),
    };
    if !attempt::count_refusal(conn, account, targets, moment.now).await? {
        return Ok(());
    }
    let event = NewEvent::for_contact(EventKind::LinkRefused, presented.contact.id)
        .on(link)
        .refused(Refusal::from(refusal).reason.as_str());
    record(conn, account, &requester(presented, request), &[event], moment).await
}

/// Why a link could not be redeemed now, without redeeming it: for the page with the button.
pub(crate) async fn standing(
    conn: &mut Conn,
    presented: &Presented,
    request: &RedeemRequest<'_>,
    now: DateTime<Utc>,
) -> Result<Option<LinkRefusal>> {
    match presented.refusal(now) {
        Some(LinkRefusal::Used { .. }) => match again(conn, presented, request, now).await? {
            Again::Repeat(_) | Again::Once(_) => Ok(None),
            Again::No(refusal) => Ok(Some(refusal)),
        },
        other => Ok(other),
    }
}

fn requester(presented: &Presented, request: &RedeemRequest<'_>) -> Requester {
    Requester {
        actor: Actor::Contact(presented.contact.id),
        client: request.client.clone(),
    }
}

enum Again {
    Repeat(Box<Session>),
    Once(Box<Session>),
    No(LinkRefusal),
}

/// A link that was redeemed before is redeemed again.
async fn again(
    conn: &mut Conn,
    presented: &Presented,
    request: &RedeemRequest<'_>,
    now: DateTime<Utc>,
) -> Result<Again> {
    let used = |retry_after| Ok(Again::No(LinkRefusal::Used { retry_after }));
    let link = &presented.link;
    if presented.contact.revoked_at.is_some() {
        return Ok(Again::No(LinkRefusal::AccessRevoked));
    }
    if link.expires_at <= now {
        return used(None);
    }
    if link.revoked_at.is_some() || presented.moved() {
        return Ok(Again::No(LinkRefusal::Revoked));
    }
    let Some((id, used_at)) = link.session_id.zip(link.used_at) else {
        return used(None);
    };
    let Some(session) = Session::find(conn, link.account_id, id).await? else {
        return used(None);
    };
    let same_browser = request
        .browser
        .is_some_and(|browser| link.browser_hash.as_deref() == Some(browser.as_bytes()));
    if same_browser && session.live(now) {
        return Ok(Again::Repeat(Box::new(session)));
    }
    if link.redeem_count >= MOST_REDEEMS || session.first_used_at.is_some() || session.ended_at.is_some() {
        return used(None);
    }
    if link.superseded_at.is_some() {
        return Ok(Again::No(LinkRefusal::Superseded));
    }
    if presented.switched_off() {
        return Ok(Again::No(LinkRefusal::MethodDisabled));
    }
    // Whoever has come in in another way needs no invitation any more: it follows from the sessions, so that no way in can forget it.
    let invitation = link.purpose == Purpose::Invitation;
    if invitation && Session::has_others(conn, link.account_id, link.contact_id, session.id).await? {
        return Ok(Again::No(LinkRefusal::Revoked));
    }
    let waited = now - used_at;
    if waited < GRACE {
        return used(Some((GRACE - waited).num_seconds().max(1).unsigned_abs()));
    }
    Ok(Again::Once(Box::new(session)))
}

async fn sign_in(
    conn: &mut Conn,
    presented: Presented,
    request: &RedeemRequest<'_>,
    moment: &Moment,
) -> Result<Redeemed> {
    let Presented { link, contact, .. } = &presented;
    let holder = Holder::Contact(contact.id);
    let challenge = opened(conn, link, moment.now).await?;
    let new = NewSession {
        section: link.limit_to_section.then_some(link.section),
        staff_seen: link.staff_seen,
        magic_link: Some(link.id),
        challenge,
        browser: request.browser,
        mail_read: presented.mail_read(),
        ..NewSession::new(link.account_id, holder, SignInMethod::Link, request.client)
    };
    let joined = contact.joined_at.is_none();
    let person = Person::Contact(contact.clone());
    let session = open_session(conn, &person, &new, moment).await?;
    Ok(Redeemed::Session {
        session: Box::new(session),
        presented: Box::new(presented),
        repeat: false,
        joined,
    })
}

/// The challenge that requested the link. Redeeming signs in the browser that redeems; what it means for the device that asked
/// is the second confirmation's matter.
async fn opened(conn: &mut Conn, link: &MagicLink, now: DateTime<Utc>) -> Result<Option<ChallengeId>> {
    if link.purpose != Purpose::Requested {
        return Ok(None);
    }
    Challenge::open_by_link(conn, link.account_id, link.id, now).await
}

/// Marks a link as used by the session that it opened.
pub(crate) async fn mark_used(
    conn: &mut impl AnyConn,
    link: (AccountId, MagicLinkId),
    session: SessionId,
    browser: Option<SecretHash>,
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::update(magic_links::table.find(link))
        .set((
            magic_links::used_at.eq(now),
            magic_links::redeem_count.eq(magic_links::redeem_count + 1),
            magic_links::session_id.eq(session),
            magic_links::browser_hash.eq(browser),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
