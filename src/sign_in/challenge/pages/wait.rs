//! The browser that asked for a sign-in waits, takes the code, or goes in when it was confirmed on another device; and the
//! browser that pressed the link says whether the asking one is its own.

use crate::base::address::EmailAddress;
use crate::base::error::Result;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::pages::views::{LoginWaitView, Waiting};
pub(crate) use crate::pages::{Reply, Site, Visit};
use crate::sign_in::challenge::model::{ChallengeState, seconds_until};
use crate::sign_in::pages::login::{MailRequest, words};
use crate::sign_in::pages::{AskedHere, Doorstep};
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::service::{Browser, Outlet, SignedIn};

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
        let state = self.services.sign_in.challenge_state(&asked.challenge).await?;
        Ok(match state {
            ChallengeState::Pending => Waiting::Pending,
            ChallengeState::LinkOpened => Waiting::Opened,
            ChallengeState::Confirmed => Waiting::Confirmed,
            ChallengeState::Completed | ChallengeState::Expired => Waiting::Over,
        })
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
        let outlet = Outlet::Browser(Browser(&visit.visitor.browser));
        let done = self
            .services
            .sign_in
            .with_code(&asked.challenge, form.get("code"), outlet, &visit.client)
            .await?;
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
        let outlet = Outlet::Browser(Browser(&visit.visitor.browser));
        let done = match PlainSecret::parse(SecretKind::Device, &asked.device_secret) {
            Some(secret) => {
                self.services
                    .sign_in
                    .with_challenge(&asked.challenge, &secret, outlet, &visit.client)
                    .await?
            }
            None => Err(Reason::InvalidCredentials.into()),
        };
        self.after_waiting(door, &visit, &asked, done).await
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
                let landing = self.let_in(&entered, door.landing(asked.section()))?;
                Ok(self.forget_asked(landing, door))
            }
            Err(refusal) => self.wait_page(door, visit, asked, Some(&words(refusal))).await,
        }
    }
}
