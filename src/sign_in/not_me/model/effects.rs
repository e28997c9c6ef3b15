//! The effects of a report: what the email was about ends.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::Report;
use crate::base::actor::{Requester, SignInMethod};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::{challenges, identities, password_resets, passwords, staff_links};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ChallengeId, MagicLinkId, SessionId, StaffLinkId};
use crate::magic_links::model::MagicLink;
use crate::sign_in::challenge::model::Challenge;
use crate::sign_in::sessions::model::sign_out::{SignOut, sign_out};
use crate::sign_in::sessions::model::{Holder, Session, SessionSelection};

/// The reason that is stored with ended sessions.
const REASON: &str = "NOT_ME";

pub(crate) struct ReportEffects<'a> {
    pub account: AccountId,
    pub holder: Holder,
    pub requester: &'a Requester,
    pub moment: &'a Moment,
}

impl ReportEffects<'_> {
    /// Ends a requested sign-in, its link, and the sessions that they opened.
    pub(crate) async fn end_sign_in(
        &self,
        conn: &mut Conn,
        link: Option<MagicLinkId>,
        challenge: Option<&Challenge>,
    ) -> Result<Report> {
        let link = link.or(challenge.and_then(|challenge| challenge.magic_link_id));
        if let Some(link) = link {
            MagicLink::revoke(conn, self.account, link, self.moment.now).await?;
        }
        if let Some(staff_link) = challenge.and_then(|challenge| challenge.staff_link_id) {
            self.expire_staff_link(conn, staff_link).await?;
        }
        let mut challenge = challenge.map(|challenge| challenge.id);
        if let (None, Some(link)) = (challenge, link) {
            challenge = self.find_challenge(conn, link).await?;
        }
        if let Some(challenge) = challenge {
            self.end_challenge(conn, challenge).await?;
        }
        let opened = SessionSelection::OpenedBy {
            holder: self.holder,
            link,
            challenge,
        };
        Ok(Report {
            ended: self.sign_out(conn, opened).await?,
            challenge,
            paused_until: None,
        })
    }

    pub(crate) async fn end_reset(&self, conn: &mut Conn, reset: Option<Uuid>) -> Result<()> {
        diesel::update(password_resets::table)
            .filter(password_resets::account_id.eq(self.account))
            .filter(password_resets::id.eq_any(reset))
            .filter(password_resets::ended_at.is_null())
            .set(password_resets::ended_at.eq(self.moment.now))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Ends the session of a device, and the credential that opened it.
    pub(crate) async fn end_device(&self, conn: &mut Conn, session: Option<SessionId>) -> Result<Report> {
        let session = match session {
            Some(id) => Session::find(conn, self.account, id).await?,
            None => None,
        };
        let Some(session) = session else {
            return Ok(Report::default());
        };
        match session.method {
            SignInMethod::Password => self.disable_password(conn, Some(session.created_at)).await?,
            SignInMethod::Google => self.unlink_google(conn, session.created_at).await?,
            _ => {}
        }
        let challenge = match session.challenge_id {
            Some(id) => Challenge::find(conn, self.account, id).await?,
            None => None,
        };
        let mut report = self
            .end_sign_in(conn, session.magic_link_id, challenge.as_ref())
            .await?;
        report
            .ended
            .extend(self.sign_out(conn, SessionSelection::One(session.id)).await?);
        Ok(report)
    }

    /// Ends every session, and disables the password.
    pub(crate) async fn end_everything(&self, conn: &mut Conn) -> Result<Report> {
        self.disable_password(conn, None).await?;
        let ended = self.sign_out(conn, SessionSelection::AllOf(self.holder)).await?;
        Ok(Report {
            ended,
            ..Report::default()
        })
    }

    /// Disables the password until it is reset by email. A password that was set after `until` is not the one that was used.
    async fn disable_password(&self, conn: &mut Conn, until: Option<DateTime<Utc>>) -> Result<()> {
        let until = until.unwrap_or(self.moment.now);
        let disabled = diesel::update(passwords::table.find((self.account, self.holder.id())))
            .filter(passwords::disabled_at.is_null())
            .filter(passwords::set_at.le(until))
            .set(passwords::disabled_at.eq(self.moment.now))
            .execute(conn)
            .await?;
        if disabled == 0 {
            return Ok(());
        }
        let event = match self.holder {
            Holder::Contact(contact) => NewEvent::for_contact(EventKind::PasswordDisabled, contact),
            Holder::Member(member) => NewEvent::new(EventKind::PasswordDisabled).on(member),
        };
        let event = event.with(serde_json::json!({ "reason": REASON }));
        record(conn, self.account, self.requester, &[event], self.moment).await
    }

    /// Unlinks Google accounts. Only an account with the person's address can be linked again.
    async fn unlink_google(&self, conn: &mut Conn, until: DateTime<Utc>) -> Result<()> {
        diesel::delete(identities::table)
            .filter(identities::account_id.eq(self.account))
            .filter(identities::holder_id.eq(self.holder.id()))
            .filter(identities::linked_at.le(until))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Lets an unused link expire.
    async fn expire_staff_link(&self, conn: &mut Conn, link: StaffLinkId) -> Result<()> {
        diesel::update(staff_links::table.find((self.account, link)))
            .filter(staff_links::used_at.is_null())
            .filter(staff_links::expires_at.gt(self.moment.now))
            .set(staff_links::expires_at.eq(self.moment.now))
            .execute(conn)
            .await?;
        Ok(())
    }

    async fn find_challenge(&self, conn: &mut Conn, link: MagicLinkId) -> Result<Option<ChallengeId>> {
        Ok(challenges::table
            .filter(challenges::account_id.eq(self.account))
            .filter(challenges::magic_link_id.eq(link))
            .select(challenges::id)
            .first(conn)
            .await
            .optional()?)
    }

    async fn end_challenge(&self, conn: &mut Conn, challenge: ChallengeId) -> Result<()> {
        diesel::update(challenges::table.find((self.account, challenge)))
            .filter(challenges::ended_at.is_null())
            .set(challenges::ended_at.eq(self.moment.now))
            .execute(conn)
            .await?;
        Ok(())
    }

    async fn sign_out(&self, conn: &mut Conn, selection: SessionSelection) -> Result<Vec<Session>> {
        let by = SignOut {
            requester: self.requester,
            reason: REASON,
        };
        sign_out(conn, self.account, selection, by, self.moment).await
    }
}
