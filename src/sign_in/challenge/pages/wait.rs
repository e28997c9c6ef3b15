//! The browser that requested a sign-in waits, takes the code, or signs in once it was confirmed on another device.

use diesel_async::AsyncConnection;

use crate::base::address::EmailAddress;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::pages::views::{LoginWaitView, Waiting};
pub(crate) use crate::pages::{Reply, Site, Visit};
use crate::sign_in::challenge::model::{ChallengeState, seconds_until};
use crate::sign_in::challenge::{self, VerifiedChallenge};
use crate::sign_in::open_session::{Browser, SessionTransport, SignedIn};
use crate::sign_in::pages::login::{MailRequest, words};
use crate::sign_in::pages::{AskedHere, Doorstep};
use crate::sign_in::refusal::{Reason, Refusal};

impl Site {
    pub(crate) async fn wait(&self, door: &Doorstep, visit: &Visit) -> Result<Reply> {
        if let Some(home) = self.signed_in_home(door, visit).await? {
            return Ok(Reply::see_other(home));
        }
        match self.asked_here(&visit.request, door) {
            Some(asked) => self.wait_page(door, visit, &asked, None).await,
            None => Ok(Reply::see_other(door.path("login"))),
        }
    }

    async fn wait_page(
        &self,
        door: &Doorstep,
        visit: &Visit,
        asked: &AskedHere,
        error: Option<&str>,
    ) -> Result<Reply> {
        let view = LoginWaitView {
            layout: door.layout(),
            door: door.doorway(self),
            email: &asked.shown,
            state: self.waiting(door, asked).await?,
            challenge_id: &asked.challenge,
            matching_number: &asked.matching_number,
            code_token: &self.form_token(visit, &door.path("login/code")),
            finish_token: &self.form_token(visit, &door.path("login/finish")),
            resend_token: &self.form_token(visit, &door.path("login/resend")),
            resend_after: seconds_until(asked.resend_at, self.services.clock.now()),
            error,
        };
        Reply::view(if error.is_some() { 400 } else { 200 }, &view, &view.layout)
    }

    async fn waiting(&self, door: &Doorstep, asked: &AskedHere) -> Result<Waiting> {
        if door.account.is_none() {
            return Ok(Waiting::Pending);
        }
        let mut conn = self.services.db.conn().await?;
        let now = self.services.clock.now();
        Ok(
            match challenge::state_of(&mut conn, &asked.challenge, now).await? {
                ChallengeState::Pending => Waiting::Pending,
                ChallengeState::LinkOpened => Waiting::Opened,
                ChallengeState::Confirmed => Waiting::Confirmed,
                ChallengeState::Completed | ChallengeState::Expired => Waiting::Over,
            },
        )
    }

    pub(crate) async fn type_code(&self, door: &Doorstep, mut visit: Visit) -> Result<Reply> {
        let (action, wait) = (door.path("login/code"), door.path("login/wait"));
        let form = match visit.form(self.form_key(), &action, &wait).await? {
            Ok(form) => form,
            Err(reply) => return Ok(reply),
        };
        let Some(asked) = self.asked_here(&visit.request, door) else {
            return Ok(Reply::see_other(door.path("login")));
        };
        let (keys, moment) = (&self.services.sign_in.keys, self.services.clock.moment());
        let typed = (&asked.challenge[..], form.get("code"));
        let mut conn = self.services.db.conn().await?;
        let verified = challenge::code::verify(&mut conn, keys, typed, &visit.client, &moment).await?;
        let done = self.complete(&mut conn, &visit, verified, &moment).await?;
        drop(conn);
        self.after_waiting(door, &visit, &asked, done).await
    }

    /// Asks again, for the address that this browser asked for before.
    pub(crate) async fn resend(&self, door: &Doorstep, mut visit: Visit) -> Result<Reply> {
        let (action, wait) = (door.path("login/resend"), door.path("login/wait"));
        if let Err(reply) = visit.form(self.form_key(), &action, &wait).await? {
            return Ok(reply);
        }
        let asked = self.asked_here(&visit.request, door);
        let email = asked.as_ref().map(|asked| EmailAddress::parse(&asked.email));
        let (Some(asked), Some(Ok(email))) = (&asked, email) else {
            return Ok(Reply::see_other(door.path("login")));
        };
        let wanted = MailRequest {
            email: &email,
            shown: &asked.shown,
            section: asked.section(),
            by_code: false,
        };
        let here = self.ask(door, &visit, &wanted).await?;
        self.keep_asked(Reply::see_other(wait), door, &here)
    }

    pub(crate) async fn finish(&self, door: &Doorstep, mut visit: Visit) -> Result<Reply> {
        let (action, wait) = (door.path("login/finish"), door.path("login/wait"));
        if let Err(reply) = visit.form(self.form_key(), &action, &wait).await? {
            return Ok(reply);
        }
        let Some(asked) = self.asked_here(&visit.request, door) else {
            return Ok(Reply::see_other(door.path("login")));
        };
        let (id, client) = (&asked.challenge, &visit.client);
        let moment = self.services.clock.moment();
        let mut conn = self.services.db.conn().await?;
        let verified = match PlainSecret::parse(SecretKind::Device, &asked.device_secret) {
            Some(secret) => challenge::device::verify(&mut conn, id, &secret, client, &moment).await?,
            None => Err(Reason::InvalidCredentials.into()),
        };
        let done = self.complete(&mut conn, &visit, verified, &moment).await?;
        drop(conn);
        self.after_waiting(door, &visit, &asked, done).await
    }

    /// Signs in with a challenge whose proof was right.
    async fn complete(
        &self,
        conn: &mut Conn,
        visit: &Visit,
        verified: std::result::Result<VerifiedChallenge<'_>, Refusal>,
        moment: &Moment,
    ) -> Result<std::result::Result<SignedIn, Refusal>> {
        let verified = match verified {
            Ok(verified) => verified,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let keys = &self.services.sign_in.keys;
        let transport = SessionTransport::Cookie(Browser(&visit.visitor.browser));
        let done = conn
            .transaction(async |conn| challenge::complete(conn, keys, &verified, transport, moment).await)
            .await?;
        let account = verified.challenge().account_id;
        self.services.live.attempted(account, done.as_ref().ok());
        Ok(done)
    }

    async fn after_waiting(
        &self,
        door: &Doorstep,
        visit: &Visit,
        asked: &AskedHere,
        done: std::result::Result<SignedIn, Refusal>,
    ) -> Result<Reply> {
        match done {
            Ok(entered) => {
                let landing = self.set_session(&entered, door.landing(asked.section()))?;
                Ok(self.forget_asked(landing, door))
            }
            Err(refusal) => self.wait_page(door, visit, asked, Some(&words(refusal))).await,
        }
    }
}
