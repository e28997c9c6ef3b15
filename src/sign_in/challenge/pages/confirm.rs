//! Confirming another device: the browser that opened the link says whether the device that requested it is its own too.

use diesel_async::AsyncConnection;

use crate::base::db::Conn;
use crate::base::error::{Code, Result};
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::live::Topic;
use crate::pages::views::{ErrorKind, LoginConfirmView, ToldView};
pub(crate) use crate::pages::{Reply, Site, Visit};
use crate::sign_in::challenge::confirming::{
    Choice, Confirmation, Decided, after_redeem, confirmation, decide,
};
use crate::sign_in::open_session::SignedIn;
use crate::sign_in::pages::Doorstep;
use crate::sign_in::sessions::OwnSession;
use crate::sign_in::sessions::model::Session;

impl Site {
    /// Where a redeemed link leads: home, or to the question whether the requesting device may sign in too.
    pub(crate) async fn after_redeem(
        &self,
        conn: &mut Conn,
        door: &Doorstep,
        visit: &Visit,
        signed_in: &SignedIn,
    ) -> Result<Reply> {
        let asked = self.asked_here(&visit.request, door);
        let secret = asked.and_then(|asked| PlainSecret::parse(SecretKind::Device, &asked.device_secret));
        let (keys, now) = (&self.services.sign_in.keys, self.services.clock.now());
        let session = &signed_in.session;
        let confirmation = after_redeem(conn, keys, session, secret.as_ref(), now).await?;
        let landing = match (confirmation, session.challenge_id) {
            (Some(confirmation), _) => door.path(&format!("login/confirm/{}", confirmation.challenge)),
            (None, challenge) => {
                let completed: Vec<Topic> = challenge.map(Topic::Challenge).into_iter().collect();
                self.services.live.nudge(session.account_id, &completed);
                door.landing(signed_in.section)
            }
        };
        self.set_session(signed_in, landing)
    }

    pub(crate) async fn confirm_form(
        &self,
        door: &Doorstep,
        visit: &Visit,
        challenge: &str,
    ) -> Result<Reply> {
        let Some(session) = self.session_here(door, visit).await? else {
            return Ok(Reply::see_other(door.path("login")));
        };
        let (keys, now) = (&self.services.sign_in.keys, self.services.clock.now());
        let mut conn = self.services.db.conn().await?;
        let asked = confirmation(&mut conn, keys, &session, now).await?;
        match asked.filter(|asked| asked.challenge.to_string() == challenge) {
            Some(asked) => self.confirm_page(door, visit, &asked),
            None => Ok(Reply::see_other(door.landing(session.section_or_home()))),
        }
    }

    fn confirm_page(&self, door: &Doorstep, visit: &Visit, asked: &Confirmation) -> Result<Reply> {
        let action = door.path(&format!("login/confirm/{}", asked.challenge));
        let minutes = (self.services.clock.now() - asked.asked_at).num_minutes();
        let asked_at = match minutes {
            0 => "less than a minute ago".to_owned(),
            1 => "a minute ago".to_owned(),
            _ => format!("{minutes} minutes ago"),
        };
        let view = LoginConfirmView {
            layout: door.layout(),
            device: &asked.device,
            network: &asked.network,
            asked_at: &asked_at,
            numbers: &asked.numbers,
            action: &action,
            form_token: &self.form_token(visit, &action),
            home: &door.landing(crate::accounts::model::section::PortalSection::Home),
        };
        Reply::view(200, &view, &view.layout)
    }

    pub(crate) async fn choose(&self, door: &Doorstep, mut visit: Visit, challenge: &str) -> Result<Reply> {
        let action = door.path(&format!("login/confirm/{challenge}"));
        let form = match visit.form(self.form_key(), &action, &action).await? {
            Ok(form) => form,
            Err(reply) => return Ok(reply),
        };
        let Some(session) = self.session_here(door, &visit).await? else {
            return Ok(Reply::see_other(door.path("login")));
        };
        let Some(own) = OwnSession::of(&session) else {
            return Ok(Reply::see_other(door.path("login")));
        };
        let choice = if form.get("deny") == "yes" {
            Choice::Deny
        } else {
            Choice::Number(form.get("number"))
        };
        let moment = self.services.clock.moment();
        let mut conn = self.services.db.conn().await?;
        let answer = (challenge, choice);
        let decided = conn
            .transaction(async |conn| decide(conn, &own, answer, &visit.client, &moment).await)
            .await;
        match decided {
            Ok((id, decided)) => {
                self.services.live.nudge(own.account, &[Topic::Challenge(id)]);
                self.confirmed(door, &session, decided)
            }
            Err(error) if error.code == Code::Forbidden => {
                Ok(Reply::error(&door.layout(), ErrorKind::Forbidden))
            }
            Err(error) => Err(error),
        }
    }

    fn confirmed(&self, door: &Doorstep, session: &Session, decided: Decided) -> Result<Reply> {
        let (heading, words) = match decided {
            Decided::Confirmed => (
                "The other device is signed in",
                "It continues by itself, or with the link on its page.",
            ),
            Decided::Denied => (
                "The other device was not signed in",
                "The request was denied. You are still signed in on this device.",
            ),
            Decided::WrongNumber => (
                "Wrong number",
                "The other device was not signed in. If it is yours, start again on that device.",
            ),
            Decided::Over(_) => (
                "This sign-in has ended",
                "It was already completed, or it has expired. You are signed in on this device.",
            ),
        };
        let view = ToldView {
            layout: door.layout(),
            heading,
            words,
            next: "Continue",
            next_href: &door.landing(session.section_or_home()),
        };
        Reply::view(200, &view, &view.layout)
    }

    /// The session of this browser here.
    async fn session_here(&self, door: &Doorstep, visit: &Visit) -> Result<Option<Session>> {
        let https = self.services.settings.addresses.https();
        let audience = crate::sign_in::pages::cookie_audience(door.audience);
        let secret = crate::pages::forms::session_secret(&visit.request, audience, &door.slug, https);
        let account = door.account.as_ref().map(|account| account.id);
        let Some(secret) = secret.filter(|secret| Some(secret.account) == account) else {
            return Ok(None);
        };
        let mut conn = self.services.db.conn().await?;
        let session = Session::by_cookie(&mut conn, &secret, self.services.clock.now()).await?;
        Ok(session.filter(|session| session.audience == door.audience))
    }
}
