//! Signing in with a link: a magic link of a contact, or a staff sign-in link of a team member. A link can't be guessed, so
//! there is no `verify` that counts attempts.

use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::base::actor::{Client, SignInMethod};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::secrets::PlainSecret;
use crate::magic_links::model::redeem::{RedeemRequest, Redeemed, RefusedLink, redeem};
use crate::sign_in::keys::Keys;
use crate::sign_in::open_session::{
    OpenedSession, SessionRecipient, SessionTransport, SignedIn, issue_credential, open_session,
};
use crate::sign_in::person::Person;
use crate::sign_in::sessions::model::{Holder, NewSession};
use crate::team::model::staff_link::StaffLink;

impl<'a> RedeemRequest<'a> {
    pub(crate) fn new(transport: SessionTransport<'_>, client: &'a Client) -> Self {
        Self {
            browser: transport.browser_hash(),
            client,
        }
    }
}

/// Redeems a magic link. A refusal is recorded too: the caller commits its transaction.
pub async fn complete(
    conn: &mut Conn,
    keys: &Keys,
    secret: &PlainSecret,
    recipient: SessionRecipient<'_>,
    moment: &Moment,
) -> Result<Result<SignedIn, RefusedLink>> {
    let request = RedeemRequest::new(recipient.transport, recipient.client);
    match redeem(conn, secret, &request, moment).await? {
        Redeemed::Refused(refused) => Ok(Err(refused)),
        Redeemed::Session { session, link, .. } => {
            let opened = OpenedSession {
                session: *session,
                section: link.link.section,
                role: None,
            };
            let signed_in = issue_credential(conn, keys, opened, recipient.transport, moment);
            Ok(Ok(signed_in.await?))
        }
    }
}

/// Uses a staff sign-in link; `None` if it is not valid. A link that was requested is valid only as long as its challenge.
pub async fn complete_staff(
    conn: &mut Conn,
    keys: &Keys,
    secret: &PlainSecret,
    recipient: SessionRecipient<'_>,
    moment: &Moment,
) -> Result<Option<SignedIn>> {
    let Some(link) = StaffLink::by_secret(conn, secret).await? else {
        return Ok(None);
    };
    let holder = Holder::Member(link.team_member_id);
    let Some(person) = Person::lock(conn, secret.account, holder).await? else {
        return Ok(None);
    };
    // The settings apply to requested links only. A link from the command line always works, so that an owner can't be
    // locked out.
    let requested = link.challenge_id.is_some();
    if requested && !Account::find(conn, secret.account).await?.link_allowed {
        return Ok(None);
    }
    if !link.mark_used(conn, moment.now).await? || !link.open_challenge(conn, moment.now).await? {
        return Ok(None);
    }
    let new = NewSession {
        challenge: link.challenge_id,
        staff_seen: !link.emailed(&keys.staff_link, secret),
        browser: recipient.transport.browser_hash(),
        ..NewSession::new(secret.account, holder, SignInMethod::StaffLink, recipient.client)
    };
    let session = open_session(conn, &person, &new, moment).await?;
    let opened = OpenedSession {
        session,
        section: PortalSection::Home,
        role: person.role(),
    };
    Ok(Some(
        issue_credential(conn, keys, opened, recipient.transport, moment).await?,
    ))
}
