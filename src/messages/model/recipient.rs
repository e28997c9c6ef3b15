//! Whether a message may still go to its recipient.

use chrono::{DateTime, Utc};

use super::Message;
use super::outcome::Outcome;
use super::suppression::Suppression;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::sign_in::person::Person;
use crate::sign_in::sessions::model::Holder;

impl Message {
    /// The recipient, or the outcome if nothing may be sent.
    pub(crate) async fn recipient(
        &self,
        conn: &mut Conn,
        now: DateTime<Utc>,
    ) -> Result<Result<Person, Outcome>> {
        let holder = (self.contact_id.map(Holder::Contact)).or(self.team_member_id.map(Holder::Member));
        let Some(holder) = holder else {
            return Ok(Err(Outcome::Cancelled));
        };
        let Some(recipient) = Person::find(conn, self.account_id, holder).await? else {
            return Ok(Err(Outcome::Cancelled));
        };
        let key = self.address.to_ascii_lowercase();
        // A warning goes to the address that it was queued for; a secret only to the current address.
        let warning = self.kind.properties().warning;
        if (recipient.revoked() || recipient.email_key() != Some(&key)) && !warning {
            return Ok(Err(Outcome::Cancelled));
        }
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
}
