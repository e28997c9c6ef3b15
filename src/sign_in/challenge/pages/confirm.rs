//! The second confirmation: the browser that pressed the link says whether the device that asked is its own too.

use crate::base::error::{Code, Result};
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::pages::views::{ErrorKind, LoginConfirmView, ToldView};
pub(crate) use crate::pages::{Reply, Site, Visit};
use crate::sign_in::challenge::confirming::{Choice, Confirmation, Decided};
use crate::sign_in::pages::Doorstep;
use crate::sign_in::service::SignedIn;
use crate::sign_in::sessions::model::Session;
use crate::sign_in::sessions::own::Own;

impl Site {
    /// Where a press leads: home, or to the question whether the asking device may come in too.
    pub(crate) async fn after_press(
        &self,
        door: &Doorstep,
        visit: &Visit,
        entered: &SignedIn,
    ) -> Result<Reply> {
        let asked = self.asked_here(&visit.request, door);
        let secret = asked.and_then(|asked| PlainSecret::parse(SecretKind::Device, &asked.device_secret));
        let sign_in = &self.services.sign_in;
        let confirmation = sign_in.after_press(&entered.session, secret.as_ref()).await?;
        let landing = match confirmation {
            Some(confirmation) => door.path(&format!("login/confirm/{}", confirmation.challenge)),
            None => door.landing(entered.section),
        };
        self.let_in(entered, landing)
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
        let asked = self.services.sign_in.confirmation(&session).await?;
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
        let Some(own) = Own::of(&session) else {
            return Ok(Reply::see_other(door.path("login")));
        };
        let choice = if form.get("deny") == "yes" {
            Choice::Deny
        } else {
            Choice::Number(form.get("number"))
        };
        let sign_in = &self.services.sign_in;
        match sign_in.confirm(&own, challenge, choice, &visit.client).await {
            Ok(decided) => self.confirmed(door, &session, decided),
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

    /// The session of this browser, at this door.
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
