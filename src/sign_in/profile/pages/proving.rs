//! Confirming who one is once more: with an emailed code, or the password.

use diesel_async::AsyncConnection;

use super::AtHome;
use crate::accounts::model::section::PortalSection;
use crate::base::actor::Audience;
use crate::base::address::EmailAddress;
use crate::base::error::{Error, Result};
use crate::base::mask;
use crate::pages::portal::section_name;
use crate::pages::views::StepUpView;
pub(crate) use crate::pages::{Reply, Site, Visit};
use crate::sign_in::open_session::{Browser, SessionTransport};
use crate::sign_in::pages::login::{MailRequest, words_or};
use crate::sign_in::password::model::Password;
use crate::sign_in::sessions::OwnSession;
use crate::sign_in::step_up::{self, Proof};

/// What a step-up is for: where it leads.
#[derive(Clone, Copy)]
pub(crate) enum Goal {
    Profile,
    Section(PortalSection),
}

impl Goal {
    /// As the page's address names it, in `to`.
    pub fn of(visit: &Visit) -> Self {
        let query = visit.request.uri().query().unwrap_or_default();
        let to = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "to");
        to.and_then(|(_, value)| value.parse().ok())
            .map_or(Self::Profile, Self::Section)
    }

    fn query(self) -> String {
        match self {
            Self::Profile => String::new(),
            Self::Section(section) => format!("?to={}", section.as_str()),
        }
    }

    /// The page of the step-up.
    pub fn step_up(self, home: &AtHome) -> String {
        format!("{}{}", home.path("step-up"), self.query())
    }

    pub fn landing(self, home: &AtHome) -> String {
        match (self, home.door.audience) {
            (Self::Section(section), Audience::Portal) => home.door.landing(section),
            _ => home.path("profile"),
        }
    }

    /// Why it takes a proof, and how to go on, as sentences.
    fn reason(self, home: &AtHome) -> String {
        let wanted = match self {
            Self::Profile => "your profile",
            Self::Section(section) => section_name(section).phrase(),
        };
        match home.session.section {
            Some(only) => {
                let open = section_name(only).phrase();
                format!(
                    "You signed in with a link that opens only {open}. To open {wanted}, confirm it\u{2019}s you."
                )
            }
            None => "To set a password, confirm it\u{2019}s you first.".to_owned(),
        }
    }
}

impl Site {
    pub(crate) async fn step_up_form(
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
        let goal = Goal::of(visit);
        let (back, back_href) = match home.session.section {
            Some(only) => (section_name(only).phrase(), home.door.landing(only)),
            None => ("your profile", home.path("profile")),
        };
        let view = StepUpView {
            layout: home.layout(),
            base: &home.door.base,
            reason: &goal.reason(home),
            query: &goal.query(),
            back,
            back_href: &back_href,
            masked_email: &email.unwrap_or_default(),
            code_sent: self.asked_here(&visit.request, &home.door).is_some(),
            password,
            mail_token: &self.form_token(visit, &home.path("step-up/mail")),
            form_token: &self.form_token(visit, &home.path("step-up")),
            error,
        };
        Reply::view(if error.is_some() { 400 } else { 200 }, &view, &view.layout)
    }

    pub(crate) async fn step_up_mail(&self, home: &AtHome, mut visit: Visit) -> Result<Reply> {
        let (action, page) = (home.path("step-up/mail"), Goal::of(&visit).step_up(home));
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

    pub(crate) async fn step_up(&self, home: &AtHome, mut visit: Visit) -> Result<Reply> {
        let (action, goal) = (home.path("step-up"), Goal::of(&visit));
        let form = match visit.form(self.form_key(), &action, &goal.step_up(home)).await? {
            Ok(form) => form,
            Err(reply) => return Ok(reply),
        };
        let own = OwnSession::of(&home.session).ok_or_else(Error::unauthenticated)?;
        let asked = self.asked_here(&visit.request, &home.door);
        let proof = match &asked {
            Some(asked) if !form.get("code").is_empty() => Proof::Code {
                challenge: &asked.challenge,
                code: form.get("code"),
            },
            _ => Proof::Password(form.get("password")),
        };
        let context = &self.services.sign_in;
        let verified = step_up::verify(context, &own, proof, &visit.client).await?;
        let transport = SessionTransport::Cookie(Browser(&visit.visitor.browser));
        let moment = self.services.clock.moment();
        let mut conn = self.services.db.conn().await?;
        let done = conn
            .transaction(async |conn| {
                let to = (transport, &visit.client);
                step_up::complete(conn, context, (&own, verified), to, &moment).await
            })
            .await?;
        drop(conn);
        self.services.live.stepped_up(&own, done.as_ref().ok());
        match done {
            Ok(signed_in) => {
                let landing = self.set_session(&signed_in, goal.landing(home))?;
                Ok(self.forget_asked(landing, &home.door))
            }
            Err(refusal) => {
                let words = words_or(refusal, "Wrong password or code.");
                self.step_up_form(home, &visit, Some(&words)).await
            }
        }
    }
}
