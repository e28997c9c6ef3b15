//! A view of the portal as a contact, and whether it still works.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::base::actor::{Actor, Client, Requester, Role};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::portal_views;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, PortalViewId, SessionId, TeamMemberId};
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::contacts::model::Contact;
use crate::sign_in::sessions::model::Session;
use crate::team::model::TeamMember;

/// How long its link is open.
pub(crate) const LINK_LIFETIME: TimeDelta = TimeDelta::minutes(1);

/// How long a view lasts.
pub(crate) const LIFETIME: TimeDelta = TimeDelta::minutes(15);

#[derive(Clone, Debug, Queryable, Selectable)]
pub(crate) struct PortalView {
    pub account_id: AccountId,
    pub id: PortalViewId,
    pub team_member_id: TeamMemberId,
    pub session_id: SessionId,
    pub contact_id: ContactId,
    pub expires_at: DateTime<Utc>,
    pub opened_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// Who views the portal, and as whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewView {
    pub account: AccountId,
    pub member: TeamMemberId,
    /// The session of the dashboard that asks for it.
    pub session: SessionId,
    pub contact: ContactId,
}

/// A view that works.
#[derive(Clone, Debug)]
pub(crate) struct LiveView {
    pub view: PortalView,
    pub member: TeamMember,
    pub contact: Contact,
}

/// Why a view, or the link to it, doesn't work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ViewRefusal {
    /// The link is unknown, or the browser has no view.
    Unknown,
    /// The link was opened before.
    Used,
    /// The time of the link is over.
    LinkExpired,
    /// The time of the view is over, or the team member ended it.
    Ended,
    /// The team member signed out, or may not view the portal any more.
    NotAllowed,
    /// The contact's access was revoked.
    ContactRevoked,
    ContactDeleted,
}

impl LiveView {
    /// The contact's name, or else their address.
    pub(crate) fn contact_name(&self) -> String {
        let email = || self.contact.email.clone();
        self.contact.name().or_else(email).unwrap_or_default()
    }
}

impl PortalView {
    pub(crate) async fn create(
        conn: &mut Conn,
        new: NewView,
        client: &Client,
        moment: &Moment,
    ) -> Result<(Self, PlainSecret)> {
        let secret = PlainSecret::generate(SecretKind::ViewLink, new.account, moment);
        let view: Self = diesel::insert_into(portal_views::table)
            .values((
                portal_views::account_id.eq(new.account),
                portal_views::id.eq(PortalViewId::new(moment)),
                portal_views::team_member_id.eq(new.member),
                portal_views::session_id.eq(new.session),
                portal_views::contact_id.eq(new.contact),
                portal_views::link_hash.eq(secret.hash()),
                portal_views::created_at.eq(moment.now),
                portal_views::expires_at.eq(moment.now + LINK_LIFETIME),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?;
        view.audit(conn, EventKind::PortalViewCreated, client, moment)
            .await?;
        Ok((view, secret))
    }

    pub(crate) async fn by_link(conn: &mut Conn, secret: &PlainSecret) -> Result<Option<Self>> {
        Ok(portal_views::table
            .filter(portal_views::account_id.eq(secret.account))
            .filter(portal_views::link_hash.eq(secret.hash()))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    pub(crate) async fn by_cookie(conn: &mut Conn, secret: &PlainSecret) -> Result<Option<Self>> {
        Ok(portal_views::table
            .filter(portal_views::account_id.eq(secret.account))
            .filter(portal_views::cookie_hash.eq(secret.hash()))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    /// Opens it in a browser, which gets the secret. The first request wins; `None` for every later one.
    pub(crate) async fn open(
        &self,
        conn: &mut Conn,
        client: &Client,
        moment: &Moment,
    ) -> Result<Option<(Self, PlainSecret)>> {
        let secret = PlainSecret::generate(SecretKind::View, self.account_id, moment);
        let opened: Option<Self> = diesel::update(portal_views::table.find((self.account_id, self.id)))
            .filter(
                portal_views::opened_at
                    .is_null()
                    .and(portal_views::expires_at.gt(moment.now)),
            )
            .set((
                portal_views::opened_at.eq(moment.now),
                portal_views::expires_at.eq(moment.now + LIFETIME),
                portal_views::cookie_hash.eq(secret.hash()),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await
            .optional()?;
        let Some(view) = opened else {
            return Ok(None);
        };
        view.audit(conn, EventKind::PortalViewStarted, client, moment)
            .await?;
        Ok(Some((view, secret)))
    }

    /// Ends it; a second time, or after its time, changes nothing.
    pub(crate) async fn end(&self, conn: &mut Conn, client: &Client, moment: &Moment) -> Result<()> {
        let ended = diesel::update(portal_views::table.find((self.account_id, self.id)))
            .filter(portal_views::opened_at.is_not_null())
            .filter(
                portal_views::ended_at
                    .is_null()
                    .and(portal_views::expires_at.gt(moment.now)),
            )
            .set(portal_views::ended_at.eq(moment.now))
            .execute(conn)
            .await?;
        if ended == 1 {
            self.audit(conn, EventKind::PortalViewEnded, client, moment)
                .await?;
        }
        Ok(())
    }

    /// The view with its people, or why it doesn't work: it ends with the rights of the team member, and with the access of the contact.
    pub(crate) async fn check(
        self,
        conn: &mut Conn,
        now: DateTime<Utc>,
    ) -> Result<std::result::Result<LiveView, ViewRefusal>> {
        if self.ended_at.is_some() || self.expires_at <= now {
            return Ok(Err(ViewRefusal::Ended));
        }
        let account = self.account_id;
        let session = Session::find(conn, account, self.session_id).await?;
        let member = TeamMember::find(conn, account, self.team_member_id).await?;
        let member = member.filter(|member| matches!(member.role, Role::Owner | Role::Admin));
        let member = member.filter(|_| session.is_some_and(|session| session.live(now)));
        let Some(member) = member else {
            return Ok(Err(ViewRefusal::NotAllowed));
        };
        Ok(match Contact::find(conn, account, self.contact_id).await? {
            None => Err(ViewRefusal::ContactDeleted),
            Some(contact) if contact.revoked_at.is_some() => Err(ViewRefusal::ContactRevoked),
            Some(contact) => Ok(LiveView {
                view: self,
                member,
                contact,
            }),
        })
    }

    /// As [`PortalView::check`], for its link.
    pub(crate) async fn check_link(
        self,
        conn: &mut Conn,
        now: DateTime<Utc>,
    ) -> Result<std::result::Result<LiveView, ViewRefusal>> {
        if self.opened_at.is_some() {
            return Ok(Err(ViewRefusal::Used));
        }
        if self.expires_at <= now {
            return Ok(Err(ViewRefusal::LinkExpired));
        }
        self.check(conn, now).await
    }

    async fn audit(&self, conn: &mut Conn, kind: EventKind, client: &Client, moment: &Moment) -> Result<()> {
        let requester = Requester {
            actor: Actor::Member(self.team_member_id),
            client: client.clone(),
        };
        let event = NewEvent::for_contact(kind, self.contact_id).on(self.id);
        record(conn, self.account_id, &requester, &[event], moment).await
    }
}
