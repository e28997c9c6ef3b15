//! Requesting a sign-in by email: the same statements for a known address and an unknown one, within the limits and beyond
//! them.
//!
//! A device that requests again keeps its open challenge until another email can be sent, so that the code that was emailed
//! stays valid. Any other device gets a challenge of its own.

mod email_limits;
mod requested;
mod sign_up;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Challenge, live_of};
use crate::accounts::model::Account;
use crate::accounts::model::email_lock;
use crate::accounts::model::section::PortalSection;
use crate::base::actor::Audience;
use crate::base::actor::{Actor, Client, Requester};
use crate::base::address::EmailAddress;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::challenges;
use crate::base::error::Result;
use crate::base::ids::ChallengeId;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::messages::model::suppression;
use crate::messages::model::{Message, MessageKind, NewMessage};
use crate::sign_in::person::Person;
use crate::sign_in::sessions::model::Holder;

use email_limits::EmailLimits;
pub use requested::{RequestedChallenge, seconds_until};

/// A request for a sign-in by email.
#[derive(Clone, Copy, Debug)]
pub struct LoginRequest<'a> {
    pub account: &'a Account,
    pub audience: Audience,
    pub email: &'a EmailAddress,
    pub section: PortalSection,
    /// A code alone, without a link.
    pub by_code: bool,
    pub device: RequestingDevice<'a>,
    pub client: &'a Client,
    /// The account's daily budget of messages.
    pub daily_messages: i64,
}

/// How the requesting device proves which challenge is its own.
#[derive(Clone, Copy, Debug)]
pub enum RequestingDevice<'a> {
    New,
    /// Over the API: the challenge that it requested, and the secret that came with it. A challenge with a code alone has no
    /// secret: its id is all that the device needs to finish it.
    Challenge {
        id: ChallengeId,
        secret: Option<&'a PlainSecret>,
    },
    /// A browser: one secret for everything that it requests for this address.
    Browser(&'a PlainSecret),
}

impl LoginRequest<'_> {
    fn allowed(&self) -> bool {
        if self.by_code {
            self.account.code_allowed
        } else {
            self.account.link_allowed
        }
    }

    /// A known device keeps its secret, so that it can repeat a request whose response was lost.
    fn device_secret(&self, known: bool, moment: &Moment) -> PlainSecret {
        match self.device {
            RequestingDevice::Browser(secret) => secret.clone(),
            RequestingDevice::Challenge {
                secret: Some(secret), ..
            } if known => secret.clone(),
            RequestingDevice::New | RequestingDevice::Challenge { .. } => {
                PlainSecret::generate(SecretKind::Device, self.account.id, moment)
            }
        }
    }

    fn message_kind(&self, recipient: Option<Holder>) -> MessageKind {
        match recipient {
            Some(Holder::Member(_)) => MessageKind::StaffLogin,
            _ if self.by_code => MessageKind::LoginCode,
            _ => MessageKind::RequestedLogin,
        }
    }

    /// Stores a challenge and queues its email if the address belongs to a person who may have one. Older challenges are
    /// superseded. The link is created when the email is sent.
    async fn create_challenge(
        &self,
        conn: &mut Conn,
        mut limits: EmailLimits,
        (person, may_sign_up): (Option<&Person>, bool),
        device_secret: PlainSecret,
        moment: &Moment,
    ) -> Result<RequestedChallenge> {
        let mailed = limits.count_email(moment.now);
        let suppressed = suppression::stops_mail(conn, self.account.id, &self.email.key, moment.now).await?;
        let silent = !mailed || suppressed;
        let recipient = person.filter(|person| !silent && self.allowed() && !person.revoked());
        let signs_up = may_sign_up && person.is_none() && !silent;
        let holder = recipient.map(Person::holder);
        let mut requested = RequestedChallenge {
            resend_at: limits.resend_at(moment.now),
            ..RequestedChallenge::new(device_secret, moment)
        };
        if mailed {
            requested.superseded = self.supersede_older(conn, moment.now).await?;
        }
        let new = NewChallenge {
            requested: &requested,
            recipient: holder,
            signs_up,
            mailed,
        };
        self.insert(conn, &new, moment).await?;
        let (kind, address) = if signs_up {
            (MessageKind::SignUpCode, &self.email.text[..])
        } else {
            let address = recipient.and_then(Person::email).unwrap_or_default();
            (self.message_kind(holder), address)
        };
        let message = NewMessage {
            about: Some(requested.id.0),
            give_up_at: Some(requested.expires_at),
            ..NewMessage::new(kind, address, holder)
        };
        Message::queue(conn, self.account.id, &message, Actor::Anonymous, moment).await?;
        let event = self.event(&requested, person);
        self.record(conn, if mailed { event } else { event.refused(LIMITED) }, moment)
            .await?;
        Ok(requested)
    }

    /// The newest challenge of the requesting device at this address, if it proves that it has one.
    async fn own_challenge(&self, conn: &mut Conn) -> Result<Option<Challenge>> {
        let account = self.account.id;
        let secret = match self.device {
            RequestingDevice::New => return Ok(None),
            RequestingDevice::Browser(secret) => secret,
            RequestingDevice::Challenge { id, secret } => {
                let found = Challenge::find(conn, account, id).await?;
                let found = found
                    .filter(|found| found.email_key == self.email.key && found.audience == self.audience);
                match (found, secret) {
                    (Some(found), Some(secret)) if found.requested_with(secret) => secret,
                    (Some(found), None) if found.by_code => return Ok(Some(found)),
                    _ => return Ok(None),
                }
            }
        };
        Ok(challenges::table
            .filter(challenges::account_id.eq(account))
            .filter(challenges::email_key.eq(&self.email.key))
            .filter(challenges::audience.eq(self.audience))
            .filter(challenges::device_secret_hash.eq(secret.hash()))
            .order(challenges::created_at.desc())
            .select(Challenge::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    async fn supersede_older(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<ChallengeId>> {
        Ok(diesel::update(live_of(self.account.id, now))
            .filter(challenges::email_key.eq(&self.email.key))
            .filter(challenges::audience.eq(self.audience))
            .set(challenges::superseded_at.eq(now))
            .returning(challenges::id)
            .get_results(conn)
            .await?)
    }

    async fn insert(&self, conn: &mut Conn, new: &NewChallenge<'_>, moment: &Moment) -> Result<()> {
        diesel::insert_into(challenges::table)
            .values((
                challenges::account_id.eq(self.account.id),
                challenges::id.eq(new.requested.id),
                challenges::audience.eq(self.audience),
                challenges::contact_id.eq(new.recipient.and_then(Holder::contact)),
                challenges::team_member_id.eq(new.recipient.and_then(Holder::member)),
                challenges::email_key.eq(&self.email.key),
                challenges::sign_up_email.eq(new.signs_up.then_some(&self.email.text)),
                challenges::section.eq(self.section),
                challenges::by_code.eq(self.by_code),
                challenges::device_secret_hash.eq(new.requested.device_secret.hash()),
                challenges::matching_number.eq(&new.requested.matching_number),
                challenges::mailed.eq(new.mailed),
                challenges::created_at.eq(moment.now),
                challenges::expires_at.eq(new.requested.expires_at),
                challenges::ip.eq(&self.client.ip),
                challenges::user_agent.eq(&self.client.user_agent),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }

    fn event(&self, requested: &RequestedChallenge, person: Option<&Person>) -> NewEvent {
        NewEvent {
            contact: person.and_then(|person| person.holder().contact()),
            ..NewEvent::new(EventKind::LoginRequested).on(requested.id)
        }
    }

    async fn record(&self, conn: &mut Conn, event: NewEvent, moment: &Moment) -> Result<()> {
        let requester = Requester {
            actor: Actor::Anonymous,
            client: self.client.clone(),
        };
        record(conn, self.account.id, &requester, &[event], moment).await
    }
}

/// The refusal in the audit event of a request that sent no email.
const LIMITED: &str = "RATE_LIMITED";

struct NewChallenge<'a> {
    requested: &'a RequestedChallenge,
    /// `None` if nothing is emailed.
    recipient: Option<Holder>,
    /// The code creates a contact.
    signs_up: bool,
    /// Whether the request counts as an email: an unknown address counts like a known one.
    mailed: bool,
}

impl Challenge {
    /// Keeps the device's open challenge until another email can be sent to the address; else creates a new one.
    pub async fn request(
        conn: &mut Conn,
        request: &LoginRequest<'_>,
        moment: &Moment,
    ) -> Result<RequestedChallenge> {
        // One at a time for an address, known or not, so that the limits hold.
        email_lock::acquire(conn, request.account.id, &request.email.key).await?;
        let limits = EmailLimits::load(conn, request, moment.now).await?;
        let own = request.own_challenge(conn).await?;
        let waits = own.as_ref().is_some_and(|own| limits.must_wait(own, moment.now));
        let person =
            Person::lock_by_email(conn, request.account.id, request.audience, request.email, moment).await?;
        let may_sign_up =
            sign_up::allowed(conn, request, &limits, person.as_ref(), waits, moment.now).await?;
        let device_secret = request.device_secret(own.is_some(), moment);
        let Some(open) = own.filter(|_| waits) else {
            let person = (person.as_ref(), may_sign_up);
            return request
                .create_challenge(conn, limits, person, device_secret, moment)
                .await;
        };
        let resend_at = limits.resend_at(open.created_at);
        let existing = RequestedChallenge::existing(open, device_secret, resend_at);
        let event = request.event(&existing, person.as_ref()).refused(LIMITED);
        request.record(conn, event, moment).await?;
        Ok(existing)
    }
}
