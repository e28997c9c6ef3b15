//! 'This was not me', over the API and on its page: what ends is said in `models/not_me.rs`.

pub mod model;
pub mod pages;

use diesel_async::AsyncConnection;

use crate::base::actor::Client;
use crate::base::error::Result;
use crate::base::secrets::PlainSecret;
use crate::live::Topic;
use crate::sign_in::not_me::model::{Mail, Said};
use crate::sign_in::service::SignIn;

impl SignIn {
    /// The mail that a token names, without doing anything; `None` where it is none of ours, or too old.
    pub async fn not_me_mail(&self, secret: &PlainSecret) -> Result<Option<Mail>> {
        let mut conn = self.db.conn().await?;
        Mail::find(&mut conn, secret, &self.keys.not_me, self.clock.now()).await
    }

    /// The press: once for each mail, and the same answer to a repeat.
    pub async fn say_not_me(&self, secret: &PlainSecret, client: &Client) -> Result<Option<Said>> {
        let moment = self.clock.moment();
        let mut conn = self.db.conn().await?;
        let said = conn
            .transaction(async |conn| -> Result<_> {
                match Mail::find(conn, secret, &self.keys.not_me, moment.now).await? {
                    Some(mail) => Ok(Some(mail.say(conn, client, &moment).await?)),
                    None => Ok(None),
                }
            })
            .await?;
        if let Some(said) = &said {
            self.nudge_ended(secret.account, &said.ended);
            if let Some(challenge) = said.challenge {
                self.live.nudge(secret.account, &[Topic::Challenge(challenge)]);
            }
        }
        Ok(said)
    }
}
