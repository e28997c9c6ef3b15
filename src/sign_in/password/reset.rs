//! Another password by mail: the wish, and the link that is spent for it (OWASP Forgot Password).

use diesel_async::AsyncConnection;

use crate::accounts::model::Account;
use crate::base::actor::Audience;
use crate::base::actor::Client;
use crate::base::address::EmailAddress;
use crate::base::audit::EventKind;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::SessionId;
use crate::base::secrets::PlainSecret;
use crate::contacts::model::Contact;
use crate::live::Topic;
use crate::sign_in::attempt;
use crate::sign_in::attempt::{Target, Try};
use crate::sign_in::password::hashing::Password as Typed;
use crate::sign_in::password::model::reset::{PasswordReset, Wish};
use crate::sign_in::password::set::{Done, NewPassword, barred, write};
use crate::sign_in::person::Person;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::service::SignIn;

impl SignIn {
    /// Mails a link to choose another password, if the address is somebody's. The answer is the same in any case.
    pub async fn request_reset(
        &self,
        account: &Account,
        audience: Audience,
        email: &EmailAddress,
        client: &Client,
    ) -> Result<()> {
        let moment = self.clock.moment();
        let mut conn = self.db.conn().await?;
        if let Some(source) = Target::source("mail", client) {
            let taken = attempt::take_in_window(&mut conn, account.id, source, attempt::MAILS, moment.now);
            if let Try::Blocked { retry_after } = taken.await? {
                let words = "Too many emails were requested from your network. Try again later.";
                return Err(Error::rate_limited(words, retry_after.unwrap_or(60)));
            }
        }
        let wish = Wish {
            account,
            audience,
            email,
            client,
        };
        conn.transaction(async |conn| -> Result<_> {
            PasswordReset::request(conn, &wish, &self.keys.reset, &moment).await
        })
        .await?;
        self.live.nudge(account.id, &[Topic::Activity, Topic::Messages]);
        Ok(())
    }

    /// Spends a reset's link. It ends all sessions and signs nobody in. `None`: it is done.
    pub async fn reset_password(
        &self,
        secret: &PlainSecret,
        new: NewPassword<'_>,
        client: &Client,
    ) -> Result<Option<Refusal>> {
        let typed = Typed::read(new.field, new.text)?;
        let moment = self.clock.moment();
        let mut conn = self.db.conn().await?;
        let reset = match standing(&mut conn, secret, &moment).await? {
            Ok(reset) => reset,
            Err(reason) => return Ok(Some(reason.into())),
        };
        let person = match reset.holder() {
            Some(holder) => Person::find(&mut conn, secret.account, holder).await?,
            None => None,
        };
        drop(conn);
        let Some(person) = person else {
            return Ok(Some(Reason::LinkRevoked.into()));
        };
        let seat = self.passwords.seat().await?;
        if let Some(refusal) = self.unfit(&seat, &person, &typed).await? {
            return Ok(Some(refusal));
        }
        let hash = seat.hash(&typed, &moment).await?;
        let mut conn = self.db.conn().await?;
        let done = conn
            .transaction(async |conn| -> Result<_> { spend(conn, &reset, &hash, client, &moment).await })
            .await?;
        Ok(self.announce(secret.account, done))
    }
}

async fn standing(
    conn: &mut Conn,
    secret: &PlainSecret,
    moment: &Moment,
) -> Result<std::result::Result<PasswordReset, Reason>> {
    let Some(reset) = PasswordReset::by_secret(conn, secret).await? else {
        return Ok(Err(Reason::LinkInvalid));
    };
    Ok(match reset.refusal(moment.now) {
        Some(reason) => Err(reason),
        None => Ok(reset),
    })
}

async fn spend(
    conn: &mut Conn,
    reset: &PasswordReset,
    hash: &str,
    client: &Client,
    moment: &Moment,
) -> Result<Result<Vec<SessionId>, Refusal>> {
    let holder = reset.holder();
    let person = match holder {
        Some(holder) => Person::lock(conn, reset.account_id, holder).await?,
        None => None,
    };
    // The mail went to the address of then.
    let same = person.filter(|person| person.email_key() == Some(&reset.email_key));
    let Some(person) = same else {
        return Ok(Err(Reason::LinkRevoked.into()));
    };
    if person.revoked() {
        return Ok(Err(Reason::AccessRevoked.into()));
    }
    if let Some(reason) = barred(conn, reset.account_id).await? {
        return Ok(Err(reason.into()));
    }
    if !reset.spend(conn, moment.now).await? {
        return Ok(Err(Reason::LinkUsed.into()));
    }
    if let Person::Contact(contact) = &person {
        Contact::prove_mailbox(conn, contact.account_id, contact.id, moment.now).await?;
    }
    let done = Done {
        kind: EventKind::PasswordReset,
        keep: None,
        client,
    };
    Ok(Ok(write(conn, &person, hash, &done, moment).await?))
}
