//! "This wasn't me": the reader of an email reports that another person caused it, and what the email was about ends.
//!
//! | email | what ends |
//! | --- | --- |
//! | a link or a code that was requested | the sign-in, its link, the sessions that they opened; email to the address is paused |
//! | a link to choose a new password | that link; email to the address is paused |
//! | a new device | its session, and what it was opened with: the password, the Google account, the link |
//! | the password was changed | every session, and the password |
//!
//! A report of a warning does not pause email: its reader needs it to reset the password. A report works once for each email: a
//! later one leaves the person's own new sessions and password alone.

mod undoing;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::json;

use crate::base::actor::{Actor, Client, Requester};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::messages;
use crate::base::error::Result;
use crate::base::ids::{ChallengeId, SessionId};
use crate::base::secrets::{PlainSecret, ServerKey};
use crate::messages::model::suppression;
use crate::messages::model::{Message, MessageKind};
use crate::sign_in::challenge::model::Challenge;
use crate::sign_in::person::Person;
use crate::sign_in::sessions::model::{Holder, Session};

/// How long after an email its reader may report it.
const OPEN: TimeDelta = TimeDelta::days(7);

/// The emails that can be reported.
const KINDS: [MessageKind; 6] = [
    MessageKind::RequestedLogin,
    MessageKind::LoginCode,
    MessageKind::StaffLogin,
    MessageKind::PasswordReset,
    MessageKind::PasswordChanged,
    MessageKind::NewDevice,
];

/// The email that a token names.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub message: Message,
    pub holder: Holder,
    /// When it was reported.
    pub said_at: Option<DateTime<Utc>>,
}

/// The outcome of a report.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The sessions that it ended; none if it was reported before.
    pub ended: Vec<Session>,
    pub challenge: Option<ChallengeId>,
    pub paused_until: Option<DateTime<Utc>>,
}

impl Mail {
    /// `None` for invalid tokens, and for emails that are gone or too old.
    pub(crate) async fn find(
        conn: &mut Conn,
        secret: &PlainSecret,
        key: &ServerKey,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>> {
        let Some(id) = secret.verified_id(key) else {
            return Ok(None);
        };
        let found: Option<(Message, Option<DateTime<Utc>>)> = messages::table
            .filter(messages::account_id.eq(secret.account).and(messages::id.eq(id)))
            .filter(messages::kind.eq_any(KINDS))
            .filter(messages::created_at.gt(now - OPEN))
            .select((Message::as_select(), messages::not_me_at))
            .first(conn)
            .await
            .optional()?;
        Ok(found.and_then(|(message, said_at)| {
            let contact = message.contact_id.map(Holder::Contact);
            let holder = contact.or(message.team_member_id.map(Holder::Member))?;
            Some(Self {
                message,
                holder,
                said_at,
            })
        }))
    }

    /// Whether any caller can request such an email, so that a report pauses email to the address.
    pub(crate) fn rests(&self) -> bool {
        !self.message.kind.warning()
    }

    /// Reports it. Only the first report has an effect.
    pub(crate) async fn report(&self, conn: &mut Conn, client: &Client, moment: &Moment) -> Result<Report> {
        Person::lock(conn, self.message.account_id, self.holder).await?;
        if !self.note(conn, moment.now).await? {
            let stop = suppression::Suppression::find(conn, self.message.account_id, &self.key()).await?;
            let pause = stop.filter(|stop| stop.live(moment.now));
            return Ok(Report {
                paused_until: pause.and_then(|stop| stop.expires_at),
                ..Report::default()
            });
        }
        let requester = Requester {
            actor: match self.holder {
                Holder::Contact(id) => Actor::Contact(id),
                Holder::Member(id) => Actor::Member(id),
            },
            client: client.clone(),
        };
        let mut report = self.undo(conn, &requester, moment).await?;
        let kind = self.message.kind.as_str();
        let event = self.event(EventKind::SignInDenied);
        let mut events = vec![event.on(self.message.id).with(json!({ "message": kind }))];
        if self.rests() {
            let until = suppression::pause(conn, self.message.account_id, &self.key(), moment).await?;
            report.paused_until = Some(until);
            events.push(
                self.event(EventKind::MailPaused)
                    .with(json!({ "until": until.to_rfc3339() })),
            );
        }
        record(conn, self.message.account_id, &requester, &events, moment).await?;
        Ok(report)
    }

    async fn note(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<bool> {
        let noted = diesel::update(messages::table.find((self.message.account_id, self.message.id)))
            .filter(messages::not_me_at.is_null())
            .set(messages::not_me_at.eq(now))
            .execute(conn)
            .await?;
        Ok(noted == 1)
    }

    async fn undo(&self, conn: &mut Conn, requester: &Requester, moment: &Moment) -> Result<Report> {
        let undoing = undoing::Undoing {
            account: self.message.account_id,
            holder: self.holder,
            requester,
            moment,
        };
        let about = self.message.about;
        match self.message.kind {
            MessageKind::PasswordReset => {
                undoing.reset(conn, about).await?;
                Ok(Report::default())
            }
            MessageKind::PasswordChanged => undoing.everything(conn).await,
            MessageKind::NewDevice => undoing.device(conn, about.map(SessionId)).await,
            _ => {
                let challenge = match about {
                    Some(id) => Challenge::find(conn, undoing.account, ChallengeId(id)).await?,
                    None => None,
                };
                undoing
                    .sign_in(conn, self.message.magic_link_id, challenge.as_ref())
                    .await
            }
        }
    }

    fn key(&self) -> String {
        self.message.address.to_ascii_lowercase()
    }

    fn event(&self, kind: EventKind) -> NewEvent {
        match self.holder {
            Holder::Contact(contact) => NewEvent::for_contact(kind, contact),
            Holder::Member(member) => NewEvent::new(kind).on(member),
        }
    }
}
