//! A fresh proof of who one is: a code by mail, or the password.

use super::AtHome;
use crate::address::EmailAddress;
use crate::auth::own::Own;
use crate::auth::sign_in::{Browser, Outlet};
use crate::auth::step_up::Proof;
use crate::error::{Error, Result};
use crate::http::site::login::{MailRequest, words};
use crate::http::site::{Reply, Site, Visit};
use crate::http::views::StepUpView;
use crate::mask;
use crate::models::password::Password;
use crate::models::section::PortalSection;

impl Site {
    pub(super) async fn step_up_form(
        &self,
        home: &AtHome,
        visit: &Visit,
        error: Option<&str>,
    ) -> Result<Reply> {
        let mut conn = self.services.db.conn().await?;
        let password =
            home.account.password_allowed && Password::of(&mut conn, &home.person).await?.is_some();
        drop(conn);
        let email = home.person.email().map(mask::address);
        let view = StepUpView {
            layout: home.layout(),
            base: &home.door.base,
            masked_email: &email.unwrap_or_default(),
            code_sent: self.asked_here(&visit.request, &home.door).is_some(),
            password,
            mail_token: &self.form_token(visit, &home.path("step-up/mail")),
            form_token: &self.form_token(visit, &home.path("step-up")),
            error,
        };
        Reply::view(if error.is_some() { 400 } else { 200 }, &view, &view.layout)
    }

    pub(super) async fn step_up_mail(&self, home: &AtHome, mut visit: Visit) -> Result<Reply> {
        let (action, page) = (home.path("step-up/mail"), home.path("step-up"));
        if let Err(reply) = visit.form(self.form_key(), &action, &page).await? {
            return Ok(reply);
        }
        let email = home.person.email().map(EmailAddress::parse);
        let Some(Ok(email)) = email else {
            return Ok(Reply::see_other(page));
        };
        let wanted = MailRequest {
            email: &email,
            shown: &mask::address(&email.text),
            section: PortalSection::Home,
            by_code: true,
        };
        let here = self.ask(&home.door, &visit, &wanted).await?;
        self.keep_asked(Reply::see_other(page), &home.door, &here)
    }

    pub(super) async fn step_up(&self, home: &AtHome, mut visit: Visit) -> Result<Reply> {
        let action = home.path("step-up");
        let form = match visit.form(self.form_key(), &action, &action).await? {
            Ok(form) => form,
            Err(reply) => return Ok(reply),
        };
        let own = Own::of(&home.session).ok_or_else(Error::unauthenticated)?;
        let asked = self.asked_here(&visit.request, &home.door);
        let proof = match &asked {
            Some(asked) if !form.get("code").is_empty() => Proof::Code {
                challenge: &asked.challenge,
                code: form.get("code"),
            },
            _ => Proof::Password(form.get("password")),
        };
        let outlet = Outlet::Browser(Browser(&visit.visitor.browser));
        let sign_in = &self.services.sign_in;
        match sign_in.step_up_with(&own, proof, outlet, &visit.client).await? {
            Ok(entered) => {
                let landing = self.let_in(&entered, home.path("profile"))?;
                Ok(self.forget_asked(landing, &home.door))
            }
            Err(refusal) => {
                let words = words(refusal);
                self.step_up_form(home, &visit, Some(&words)).await
            }
        }
    }
}
