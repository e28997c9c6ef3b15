//! "This wasn't me": the reader of an email reports that another person caused it. The report ends what the email was about.
//!
//! | email | what ends |
//! | --- | --- |
//! | a requested link or code | the sign-in, its link, the sessions that they opened; email to the address is paused |
//! | a link to choose a new password | that link; email to the address is paused |
//! | a new device | its session, and the credential that opened it: the password, the Google account, the link |
//! | the password was changed | every session, and the password |
//!
//! Reporting a warning does not pause email: its reader needs email to reset the password. Each email can be reported once,
//! so that a later report doesn't affect the person's own new sessions and password.

mod effects;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::json;

use crate::base::actor::{Actor, Audience, Client, Requester};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::messages;
use crate::base::error::Result;
use crate::base::ids::{ChallengeId, SessionId};
use crate::base::secrets::{PlainSecret, ServerKey};
use crate::messages::model::suppression;
use crate::messages::model::{Message, MessageKind, ReportedEmail};
use crate::sign_in::challenge::model::Challenge;
use crate::sign_in::person::Person;
use crate::sign_in::sessions::model::{Holder, Session};

/// How long after an email its reader may report it.
const REPORTABLE_FOR: TimeDelta = TimeDelta::days(7);

/// The email that a token identifies.
#[derive(Clone, Debug)]
pub(crate) struct ReportableEmail {
    pub message: Message,
    pub reported: ReportedEmail,
    /// `None` for a code to sign up that was not used.
    pub holder: Option<Holder>,
    pub reported_at: Option<DateTime<Utc>>,
}

/// The outcome of a report.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The sessions that the report ended; none if the email was reported before.
    pub ended: Vec<Session>,
    pub challenge: Option<ChallengeId>,
    pub paused_until: Option<DateTime<Utc>>,
}

impl ReportableEmail {
    /// `None` for an invalid token, and for an email that was deleted, is too old or can't be reported.
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
            .filter(messages::created_at.gt(now - REPORTABLE_FOR))
            .select((Message::as_select(), messages::not_me_at))
            .first(conn)
            .await
            .optional()?;
        Ok(found.and_then(|(message, reported_at)| {
            let contact = message.contact_id.map(Holder::Contact);
            let holder = contact.or(message.team_member_id.map(Holder::Member));
            if holder.is_none() && message.kind != MessageKind::SignUpCode {
                return None;
            }
            Some(Self {
                reported: message.kind.properties().reported?,
                message,
                holder,
                reported_at,
            })
        }))
    }

    /// Reports the email. Only the first report has an effect.
    pub(crate) async fn report(&self, conn: &mut Conn, client: &Client, moment: &Moment) -> Result<Report> {
        if let Some(holder) = self.holder {
            Person::lock(conn, self.message.account_id, holder).await?;
        }
        if !self.mark_reported(conn, moment.now).await? {
            let suppression =
                suppression::Suppression::find(conn, self.message.account_id, &self.email_key()).await?;
            let pause = suppression.filter(|suppression| suppression.live(moment.now));
            return Ok(Report {
                paused_until: pause.and_then(|pause| pause.expires_at),
                ..Report::default()
            });
        }
        let requester = Requester {
            actor: match self.holder {
                Some(Holder::Contact(id)) => Actor::Contact(id),
                Some(Holder::Member(id)) => Actor::Member(id),
                None => Actor::Anonymous,
            },
            client: client.clone(),
        };
        let mut report = self.apply(conn, &requester, moment).await?;
        let kind = self.message.kind.as_str();
        let event = self.event(EventKind::SignInDenied);
        let mut events = vec![event.on(self.message.id).with(json!({ "message": kind }))];
        if self.reported.pauses_email() {
            let until = suppression::pause(conn, self.message.account_id, &self.email_key(), moment).await?;
            report.paused_until = Some(until);
            events.push(
                self.event(EventKind::MailPaused)
                    .with(json!({ "until": until.to_rfc3339() })),
            );
        }
        record(conn, self.message.account_id, &requester, &events, moment).await?;
        Ok(report)
    }

    async fn mark_reported(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<bool> {
        let marked = diesel::update(messages::table.find((self.message.account_id, self.message.id)))
            .filter(messages::not_me_at.is_null())
            .set(messages::not_me_at.eq(now))
            .execute(conn)
            .await?;
        Ok(marked == 1)
    }

    async fn apply(&self, conn: &mut Conn, requester: &Requester, moment: &Moment) -> Result<Report> {
        let Some(holder) = self.holder else {
            return self.end_sign_up(conn, moment.now).await;
        };
        let effects = effects::ReportEffects {
            account: self.message.account_id,
            holder,
            requester,
            moment,
        };
        let about = self.message.about;
        match self.reported {
            ReportedEmail::Reset => {
                effects.end_reset(conn, about).await?;
                Ok(Report::default())
            }
            ReportedEmail::PasswordChanged => effects.end_everything(conn).await,
            ReportedEmail::NewDevice => effects.end_device(conn, about.map(SessionId)).await,
            ReportedEmail::SignIn => {
                let challenge = match about {
                    Some(id) => Challenge::find(conn, effects.account, ChallengeId(id)).await?,
                    None => None,
                };
                effects
                    .end_sign_in(conn, self.message.magic_link_id, challenge.as_ref())
                    .await
            }
        }
    }

    /// Ends the challenge of an address that belongs to no contact: nothing else came of it.
    async fn end_sign_up(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<Report> {
        let (account, about) = (self.message.account_id, self.message.about.map(ChallengeId));
        let challenge = match about {
            Some(id) => Challenge::find(conn, account, id).await?,
            None => None,
        };
        if let Some(challenge) = &challenge {
            challenge.end(conn, now).await?;
        }
        Ok(Report {
            challenge: challenge.map(|challenge| challenge.id),
            ..Report::default()
        })
    }

    /// Where its recipient signs in.
    pub(crate) fn audience(&self) -> Audience {
        self.holder.map_or(Audience::Portal, Holder::audience)
    }

    fn email_key(&self) -> String {
        self.message.address.to_ascii_lowercase()
    }

    fn event(&self, kind: EventKind) -> NewEvent {
        match self.holder {
            Some(Holder::Contact(contact)) => NewEvent::for_contact(kind, contact),
            Some(Holder::Member(member)) => NewEvent::new(kind).on(member),
            None => NewEvent::new(kind).on(self.message.id),
        }
    }
}
