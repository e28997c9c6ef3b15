//! Redeeming a magic link: the first request wins, the same browser may repeat it, and a link that only a mail scanner
//! redeemed may be redeemed once more.
//!
//! Every change of a contact's links locks the contact's row first, so redeeming a link and sending a newer one wait for each
//! other.

mod link_with_contact;
mod proof;
mod repeated_use;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::base::actor::SignInMethod;
use crate::base::actor::{Actor, Client, Requester};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::schema::magic_links;
use crate::base::db::{AnyConn, Conn};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ChallengeId, MagicLinkId, SessionId};
use crate::base::secrets::{PlainSecret, SecretHash};
use crate::magic_links::model::{MagicLink, Purpose};
use crate::sign_in::attempt;
use crate::sign_in::attempt::{Target, Targets};
use crate::sign_in::challenge::model::Challenge;
use crate::sign_in::open_session::open_session;
use crate::sign_in::person::Person;
use crate::sign_in::refusal::Refusal;
use crate::sign_in::sessions::model::{Holder, NewSession, Session};

pub use link_with_contact::LinkWithContact;
use repeated_use::{RepeatedUse, check_repeated_use, end_replaced};

/// Why a link was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkRefusal {
    /// No link has this secret.
    Invalid,
    Expired,
    /// With `retry_after`, in seconds, the link works again then if it turns out that only a mail scanner used it.
    Used {
        retry_after: Option<u64>,
    },
    /// A newer one was created.
    Superseded,
    /// Withdrawn by staff, the invitation was cancelled, or the address has changed.
    Revoked,
    /// The link is valid, but the contact's access was revoked.
    AccessRevoked,
    /// The link is valid, but the account has turned off signing in by link.
    MethodDisabled,
}

/// Where the request to redeem a link comes from.
#[derive(Clone, Debug)]
pub struct RedeemRequest<'a> {
    /// The hash of the browser's pre-session cookie; none over the API.
    pub browser: Option<SecretHash>,
    pub client: &'a Client,
}

#[derive(Debug)]
pub enum Redeemed {
    Session {
        session: Box<Session>,
        link: Box<LinkWithContact>,
        /// Whether the contact joined with this session.
        joined: bool,
    },
    Refused(RefusedLink),
}

/// A link that was refused.
#[derive(Debug)]
pub struct RefusedLink {
    pub refusal: LinkRefusal,
    /// None if no link has the secret.
    pub link: Option<Box<LinkWithContact>>,
}

/// Redeems a link: opens a session for its contact, or records why it was refused.
pub async fn redeem(
    conn: &mut Conn,
    secret: &PlainSecret,
    request: &RedeemRequest<'_>,
    moment: &Moment,
) -> Result<Redeemed> {
    let Some(found) = LinkWithContact::lock(conn, secret).await? else {
        return Ok(Redeemed::Refused(RefusedLink {
            refusal: LinkRefusal::Invalid,
            link: None,
        }));
    };
    let refusal = match found.first_use_refusal(moment.now) {
        None => return sign_in(conn, found, request, moment).await,
        Some(LinkRefusal::Used { .. }) => {
            match check_repeated_use(conn, &found, request, moment.now).await? {
                RepeatedUse::SameBrowser(session) => {
                    return Ok(Redeemed::Session {
                        session,
                        link: Box::new(found),
                        joined: false,
                    });
                }
                RepeatedUse::Replaces(first) => {
                    end_replaced(conn, &found.link, &first, moment).await?;
                    return sign_in(conn, found, request, moment).await;
                }
                RepeatedUse::Refused(refusal) => refusal,
            }
        }
        Some(refusal) => refusal,
    };
    record_refusal(conn, &found, request, refusal, moment).await?;
    Ok(Redeemed::Refused(RefusedLink {
        refusal,
        link: Some(Box::new(found)),
    }))
}

/// Why a link would be refused now. It changes nothing: the page with the button uses it.
pub(crate) async fn check(
    conn: &mut Conn,
    found: &LinkWithContact,
    request: &RedeemRequest<'_>,
    now: DateTime<Utc>,
) -> Result<Option<LinkRefusal>> {
    match found.first_use_refusal(now) {
        Some(LinkRefusal::Used { .. }) => match check_repeated_use(conn, found, request, now).await? {
            RepeatedUse::SameBrowser(_) | RepeatedUse::Replaces(_) => Ok(None),
            RepeatedUse::Refused(refusal) => Ok(Some(refusal)),
        },
        other => Ok(other),
    }
}

/// Counts the refusal and records it in the audit log. The count limits the entries, so that repeated requests with a refused
/// link can't fill the log.
///
/// Locks are taken in the order contact, source, link. Nothing that holds a counter waits for a contact, so this can't
/// deadlock.
async fn record_refusal(
    conn: &mut Conn,
    found: &LinkWithContact,
    request: &RedeemRequest<'_>,
    refusal: LinkRefusal,
    moment: &Moment,
) -> Result<()> {
    let (account, link) = (found.link.account_id, found.link.id);
    let targets = Targets {
        source: Target::source("link", request.client),
        target: Target::of("link", &[&link.to_string()]),
    };
    if !attempt::count_refusal(conn, account, targets, moment.now).await? {
        return Ok(());
    }
    let event = NewEvent::for_contact(EventKind::LinkRefused, found.contact.id)
        .on(link)
        .refused(Refusal::from(refusal).reason.as_str());
    let requester = Requester {
        actor: Actor::Contact(found.contact.id),
        client: request.client.clone(),
    };
    record(conn, account, &requester, &[event], moment).await
}

async fn sign_in(
    conn: &mut Conn,
    found: LinkWithContact,
    request: &RedeemRequest<'_>,
    moment: &Moment,
) -> Result<Redeemed> {
    let LinkWithContact { link, contact, .. } = &found;
    let holder = Holder::Contact(contact.id);
    let challenge = open_challenge(conn, link, moment.now).await?;
    let new = NewSession {
        section: link.limit_to_section.then_some(link.section),
        staff_seen: link.staff_seen,
        magic_link: Some(link.id),
        challenge,
        browser: request.browser,
        // A texted link proves only who holds a number, which staff can change.
        proves: found.proves_mailbox(),
        proves_mailbox: found.proves_mailbox(),
        ..NewSession::new(link.account_id, holder, SignInMethod::Link, request.client)
    };
    let joined = contact.joined_at.is_none();
    let person = Person::Contact(contact.clone());
    let session = open_session(conn, &person, &new, moment).await?;
    Ok(Redeemed::Session {
        session: Box::new(session),
        link: Box::new(found),
        joined,
    })
}

/// Marks the challenge that requested the link as opened. Redeeming signs in the browser that redeems; the requesting device is
/// signed in only after the second confirmation.
async fn open_challenge(
    conn: &mut Conn,
    link: &MagicLink,
    now: DateTime<Utc>,
) -> Result<Option<ChallengeId>> {
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
