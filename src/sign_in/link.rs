//! Signing in with a link: a magic link of a contact, or a staff sign-in link of a team member. There is nothing to guess, so
//! nothing is verified beforehand.

use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::base::actor::{Client, SignInMethod};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::secrets::PlainSecret;
use crate::magic_links::model::redeem::{RedeemRequest, Redeemed, RefusedLink, redeem};
use crate::sign_in::keys::Keys;
use crate::sign_in::open_session::{SessionTransport, SignedIn, issue_credential, open_session};
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
    (transport, client): (SessionTransport<'_>, &Client),
    moment: &Moment,
) -> Result<Result<SignedIn, RefusedLink>> {
    let request = RedeemRequest::new(transport, client);
    match redeem(conn, secret, &request, moment).await? {
        Redeemed::Refused(refused) => Ok(Err(refused)),
        Redeemed::Session { session, link, .. } => {
            let landing = (link.link.section, None);
            let signed_in = issue_credential(conn, keys, *session, transport, landing, moment);
            Ok(Ok(signed_in.await?))
        }
    }
}

/// Uses a staff sign-in link; `None` if it is not valid. A requested one ends with its challenge.
pub async fn complete_staff(
    conn: &mut Conn,
    keys: &Keys,
    secret: &PlainSecret,
    (transport, client): (SessionTransport<'_>, &Client),
    moment: &Moment,
) -> Result<Option<SignedIn>> {
    let Some(link) = StaffLink::by_secret(conn, secret).await? else {
        return Ok(None);
    };
    let holder = Holder::Member(link.team_member_id);
    let Some(person) = Person::lock(conn, secret.account, holder).await? else {
        return Ok(None);
    };
    // A link of the command line always works, so that an owner can't be locked out; the settings apply to requested ones.
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
        browser: transport.browser_hash(),
        ..NewSession::new(secret.account, holder, SignInMethod::StaffLink, client)
    };
    let session = open_session(conn, &person, &new, moment).await?;
    let landing = (PortalSection::Home, person.role());
    Ok(Some(
        issue_credential(conn, keys, session, transport, landing, moment).await?,
    ))
}
