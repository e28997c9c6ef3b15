//! Whether a message may still go to its recipient.

use super::outcome::Outcome;
use super::suppression::Suppression;
use super::{Channel, Message, MessageKind};
use crate::base::address::EmailAddress;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::contacts::model::{Contact, ContactDetails};
use crate::sign_in::person::Person;
use crate::sign_in::sessions::model::Holder;

impl Message {
    /// The recipient, or the outcome if nothing may be sent.
    pub(crate) async fn recipient(
        &self,
        conn: &mut Conn,
        moment: &Moment,
    ) -> Result<Result<Person, Outcome>> {
        let now = moment.now;
        let holder = (self.contact_id.map(Holder::Contact)).or(self.team_member_id.map(Holder::Member));
        let recipient = match holder {
            Some(holder) => Person::find(conn, self.account_id, holder).await?,
            None => self.newcomer(moment),
        };
        let Some(recipient) = recipient else {
            return Ok(Err(Outcome::Cancelled));
        };
        let key = self.address.to_ascii_lowercase();
        // A warning goes to the address that it was queued for; a secret only to the current address.
        let warning = self.kind.properties().warning;
        let current = match self.channel {
            Channel::Email => recipient.email_key(),
            Channel::Sms => recipient.phone(),
        };
        let elsewhere = current != Some(key.as_str());
        if (recipient.revoked() || elsewhere) && !warning {
            return Ok(Err(Outcome::Cancelled));
        }
        // Another person may read an address that is no longer the recipient's.
        let recipient = if elsewhere {
            recipient.nameless()
        } else {
            recipient
        };
        let suppression = Suppression::find(conn, self.account_id, &key).await?;
        // A pause stops email that any caller can trigger; a warning is sent only after a successful sign-in.
        let suppressed =
            suppression.is_some_and(|suppression| suppression.live(now) && !(warning && suppression.pause()));
        Ok(if suppressed {
            Err(Outcome::Suppressed)
        } else {
            Ok(recipient)
        })
    }

    /// Someone who wants to sign up: only their address is known.
    fn newcomer(&self, moment: &Moment) -> Option<Person> {
        if self.kind != MessageKind::SignUpCode {
            return None;
        }
        let details = ContactDetails {
            email: EmailAddress::parse(&self.address).ok(),
            ..ContactDetails::default()
        };
        Some(Person::Contact(Contact::unsaved(
            self.account_id,
            &details,
            moment,
        )))
    }
}
