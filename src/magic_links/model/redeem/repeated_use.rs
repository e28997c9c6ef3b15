//! Redeeming a link that was redeemed before.

use chrono::{DateTime, Utc};

use super::{LinkRefusal, LinkWithContact, RedeemRequest};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::magic_links::model::{MAX_REDEEMS, MagicLink, Purpose};
use crate::sign_in::sessions::model::{SCANNER_WINDOW, Session};

pub(super) enum RepeatedUse {
    /// The same browser redeems the link again, for the same session.
    SameBrowser(Box<Session>),
    /// The session of the first use was never used itself: probably a mail scanner opened it. A new one replaces it.
    Replaces(Box<Session>),
    Refused(LinkRefusal),
}

/// Ends the session of a link's first use, before a second use replaces it.
pub(super) async fn end_replaced(
    conn: &mut Conn,
    link: &MagicLink,
    first: &Session,
    moment: &Moment,
) -> Result<()> {
    Session::end(
        conn,
        first.account_id,
        first.id,
        "LINK_REDEEMED_AGAIN",
        moment.now,
    )
    .await?;
    link.record_scanner_use(conn, first, moment).await
}

/// Whether a used link can be redeemed again.
pub(super) async fn check_repeated_use(
    conn: &mut Conn,
    found: &LinkWithContact,
    request: &RedeemRequest<'_>,
    now: DateTime<Utc>,
) -> Result<RepeatedUse> {
    let refused = |refusal| Ok(RepeatedUse::Refused(refusal));
    let used = |retry_after| refused(LinkRefusal::Used { retry_after });
    let link = &found.link;
    if found.contact.revoked_at.is_some() {
        return refused(LinkRefusal::AccessRevoked);
    }
    if link.expires_at <= now {
        return used(None);
    }
    if link.revoked_at.is_some() || found.address_changed() {
        return refused(LinkRefusal::Revoked);
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
        return Ok(RepeatedUse::SameBrowser(Box::new(session)));
    }
    if link.redeem_count >= MAX_REDEEMS || session.first_used_at.is_some() || session.ended_at.is_some() {
        return used(None);
    }
    if link.superseded_at.is_some() {
        return refused(LinkRefusal::Superseded);
    }
    if found.method_disabled() {
        return refused(LinkRefusal::MethodDisabled);
    }
    // A contact who has signed in another way no longer needs the invitation. The sessions show it, so no sign-in method has to
    // remember to revoke the link.
    let invitation = link.purpose == Purpose::Invitation;
    if invitation && Session::has_others(conn, link.account_id, link.contact_id, session.id).await? {
        return refused(LinkRefusal::Revoked);
    }
    let elapsed = now - used_at;
    if elapsed < SCANNER_WINDOW {
        return used(Some(
            (SCANNER_WINDOW - elapsed).num_seconds().max(1).unsigned_abs(),
        ));
    }
    Ok(RepeatedUse::Replaces(Box::new(session)))
}
