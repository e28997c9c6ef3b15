//! Asking for a sign-in by mail, for the API and for the portal's pages.

use diesel_async::AsyncConnection;

use crate::base::actor::Audience;
use crate::base::address::EmailAddress;
use crate::base::error::{Error, Result};
use crate::base::ids::AccountId;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::live::Topic;
use crate::sign_in::attempt::{MAILS, Target, Try, take_in_window};
use crate::sign_in::challenge::model::{Asked, Request, request};
use crate::sign_in::service::{Browser, SignIn};

impl SignIn {
    /// Begins a sign-in: the answer is the same whoever the address belongs to. A source that has asked for too many mails
    /// is told so, for every address alike.
    pub async fn ask(&self, wish: &Request<'_>) -> Result<Asked> {
        let moment = self.clock.moment();
        let account = wish.account.id;
        let mut conn = self.db.conn().await?;
        if let Some(source) = Target::source("mail", wish.client) {
            let taken = take_in_window(&mut conn, account, source, MAILS, moment.now).await?;
            if let Try::Blocked { retry_after } = taken {
                let words = "Too many emails were requested from here. Try again later.";
                return Err(Error::rate_limited(words, retry_after.unwrap_or(60)));
            }
        }
        let asked = conn
            .transaction(async |conn| -> Result<_> { request(conn, wish, &moment).await })
            .await?;
        let mut topics = vec![Topic::Activity, Topic::Messages];
        topics.extend(asked.superseded.iter().map(|id| Topic::Challenge(*id)));
        self.live.nudge(account, &topics);
        Ok(asked)
    }

    /// The secret of a browser for everything that it asks for at an address. It is derived, so that both requests of a double
    /// click share it and lead to the challenge whose mail was sent.
    pub fn device_secret(
        &self,
        account: AccountId,
        audience: Audience,
        browser: Browser<'_>,
        email: &EmailAddress,
    ) -> PlainSecret {
        let from = [
            account.0.as_bytes(),
            audience.as_str().as_bytes(),
            browser.0.as_bytes(),
            email.key.as_bytes(),
        ];
        PlainSecret::derive(SecretKind::Device, account, &self.keys.device, &from)
    }
}
