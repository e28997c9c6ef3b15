//! A contact's own profile: its password, where it is signed in, and the fresh proof that some of it takes.

use poem::http::Method;

use super::doorstep::{AskedHere, Doorstep};
use super::login::words;
use super::portal::{Portal, Resident};
use super::{Reply, Site, Visit};
use crate::address::EmailAddress;
use crate::auth::own::Own;
use crate::auth::refusal::Refusal;
use crate::auth::set_password::{NewPassword, SignedInAs};
use crate::auth::sign_in::{Browser, Outlet};
use crate::auth::step_up::Proof;
use crate::device;
use crate::error::{Code, Error, Result};
use crate::http::views::{ErrorKind, PasswordCard, ProfileView, SessionRow, StepUpView};
use crate::mask;
use crate::models::challenge;
use crate::models::page::{PageArgs, PageRequest};
use crate::models::password::Password;
use crate::models::person::Person;
use crate::models::section::PortalSection;
use crate::models::session::{Session, SignInMethod};

/// What the page says of what was just done.
#[derive(Clone, Copy, Default)]
struct Said<'a> {
    notice: Option<&'a str>,
    error: Option<&'a str>,
}

fn method(method: SignInMethod) -> &'static str {
    match method {
        SignInMethod::Link | SignInMethod::StaffLink => "Link",
        SignInMethod::Code => "Code by mail",
        SignInMethod::Password => "Password",
        SignInMethod::Google => "Google",
        SignInMethod::Challenge => "Confirmed on another device",
        SignInMethod::StepUp => "Fresh proof",
    }
}

impl Site {
    /// `/profile…` and `/step-up…` of a portal, for who is signed in to the whole of it.
    pub(super) async fn at_home(&self, portal: &Portal, visit: Visit, parts: &[&str]) -> Result<Reply> {
        let mut conn = self.services.db.conn().await?;
        let resident = self.resident(&mut conn, portal, &visit).await?;
        drop(conn);
        let Some(resident) = resident else {
            return Ok(Reply::see_other(portal.path("login")));
        };
        let whole = resident.session.section.is_none();
        match (&visit.method, parts) {
            (&Method::GET, ["step-up"]) => self.step_up_form(portal, &visit, &resident, None).await,
            (&Method::POST, ["step-up"]) => self.step_up(portal, visit, &resident).await,
            (&Method::POST, ["step-up", "mail"]) => self.step_up_mail(portal, visit, &resident).await,
            (_, ["profile", ..]) if !whole => Ok(Reply::see_other(portal.path("step-up"))),
            (&Method::GET, ["profile"]) => self.profile(portal, &visit, &resident, Said::default()).await,
            (&Method::POST, ["profile", "password"]) => self.save_password(portal, visit, &resident).await,
            (&Method::POST, ["profile", "end"]) => self.end_session(portal, visit, &resident).await,
            (&Method::POST, ["profile", "end-all"]) => self.end_sessions(portal, visit, &resident).await,
            _ => Ok(Reply::error(&portal.layout(), ErrorKind::NotFound)),
        }
    }

    async fn profile(
        &self,
        portal: &Portal,
        visit: &Visit,
        resident: &Resident,
        said: Said<'_>,
    ) -> Result<Reply> {
        let sessions = self.session_rows(resident).await?;
        let email = resident.contact.email.as_deref().unwrap_or_default();
        let name = resident.contact.name().unwrap_or_else(|| email.to_owned());
        let token = |path: &str| self.form_token(visit, &portal.path(path));
        let view = ProfileView {
            layout: portal.layout(),
            base: &portal.base,
            name: &name,
            email,
            password: self.password_card(portal, resident).await?,
            shortest: portal.account.shortest_password,
            password_token: &token("profile/password"),
            sessions: &sessions,
            end_token: &token("profile/end"),
            end_all_token: &token("profile/end-all"),
            sign_out_token: &token("sign-out"),
            notice: said.notice,
            error: said.error,
        };
        Reply::view(if said.error.is_some() { 400 } else { 200 }, &view, &view.layout)
    }

    async fn password_card(&self, portal: &Portal, resident: &Resident) -> Result<PasswordCard> {
        if !portal.account.password_allowed {
            return Ok(PasswordCard::Off);
        }
        let mut conn = self.services.db.conn().await?;
        let person = Person::Contact(resident.contact.clone());
        let there = Password::of(&mut conn, &person).await?;
        Ok(match there.filter(|password| password.disabled_at.is_none()) {
            Some(_) => PasswordCard::Change,
            None if resident.session.proved(self.services.clock.now()) => PasswordCard::Set,
            None => PasswordCard::ProveFirst,
        })
    }

    async fn session_rows(&self, resident: &Resident) -> Result<Vec<SessionRow>> {
        let newest = PageArgs {
            first: Some(100),
            ..PageArgs::default()
        };
        let page = PageRequest::parse("sessions", &newest)?;
        let sign_in = &self.services.sign_in;
        let sessions = sign_in.own_sessions(&resident.viewer(), &page).await?;
        let row = |session: &Session| SessionRow {
            id: session.id.to_string(),
            device: device::words(session.user_agent.as_deref()),
            network: (session.ip.as_deref().and_then(device::network)).map_or_else(
                || "an unknown network".to_owned(),
                |network| format!("network {network}"),
            ),
            method: method(session.method),
            since: session.created_at.to_rfc3339(),
            since_text: session.created_at.format("%-d %B %Y, %H:%M UTC").to_string(),
            current: session.id == resident.session.id,
            made_by_staff: session.staff_seen,
        };
        Ok(sessions.rows.iter().map(row).collect())
    }

    async fn save_password(&self, portal: &Portal, mut visit: Visit, resident: &Resident) -> Result<Reply> {
        let (action, page) = (portal.path("profile/password"), portal.path("profile"));
        let form = match visit.form(self.form_key(), &action, &page).await? {
            Ok(form) => form,
            Err(reply) => return Ok(reply),
        };
        let done = self
            .write_password(&visit, resident, (form.get("current"), form.get("new")))
            .await;
        match done {
            Ok(None) => {
                let said = Said {
                    notice: Some("Your password is saved."),
                    error: None,
                };
                self.profile(portal, &visit, resident, said).await
            }
            Ok(Some(refusal)) => {
                self.profile_refused(portal, &visit, resident, &words(refusal))
                    .await
            }
            Err(error) if matches!(error.code, Code::BadUserInput | Code::Conflict) => {
                self.profile_refused(portal, &visit, resident, error.message())
                    .await
            }
            Err(error) => Err(error),
        }
    }

    async fn profile_refused(
        &self,
        portal: &Portal,
        visit: &Visit,
        resident: &Resident,
        words: &str,
    ) -> Result<Reply> {
        let said = Said {
            notice: None,
            error: Some(words),
        };
        self.profile(portal, visit, resident, said).await
    }

    /// Sets one where the form names no current one, else changes it.
    async fn write_password(
        &self,
        visit: &Visit,
        resident: &Resident,
        (current, new): (&str, &str),
    ) -> Result<Option<Refusal>> {
        let own = Own::of(&resident.session).ok_or_else(Error::unauthenticated)?;
        let who = SignedInAs {
            account: own.account,
            holder: own.holder,
            session: own.session,
            client: &visit.client,
        };
        let new = NewPassword {
            field: "new",
            text: new,
        };
        let sign_in = &self.services.sign_in;
        if current.is_empty() {
            return sign_in.set_password(&who, new).await;
        }
        let current = NewPassword {
            field: "current",
            text: current,
        };
        sign_in.change_password(&who, current, new).await
    }

    async fn end_session(&self, portal: &Portal, mut visit: Visit, resident: &Resident) -> Result<Reply> {
        let (action, page) = (portal.path("profile/end"), portal.path("profile"));
        let form = match visit.form(self.form_key(), &action, &page).await? {
            Ok(form) => form,
            Err(reply) => return Ok(reply),
        };
        if let Ok(id) = form.get("session").parse() {
            let sign_in = &self.services.sign_in;
            sign_in.end_own(&resident.viewer(), id, &visit.client).await?;
        }
        Ok(Reply::see_other(page))
    }

    async fn end_sessions(&self, portal: &Portal, mut visit: Visit, resident: &Resident) -> Result<Reply> {
        let (action, page) = (portal.path("profile/end-all"), portal.path("profile"));
        if let Err(reply) = visit.form(self.form_key(), &action, &page).await? {
            return Ok(reply);
        }
        let sign_in = &self.services.sign_in;
        sign_in.end_all_own(&resident.viewer(), &visit.client).await?;
        Ok(Reply::see_other(portal.path("login")))
    }

    async fn step_up_form(
        &self,
        portal: &Portal,
        visit: &Visit,
        resident: &Resident,
        error: Option<&str>,
    ) -> Result<Reply> {
        let door = Doorstep::of_portal(portal);
        let mut conn = self.services.db.conn().await?;
        let person = Person::Contact(resident.contact.clone());
        let password = portal.account.password_allowed && Password::of(&mut conn, &person).await?.is_some();
        drop(conn);
        let email = resident.contact.email.as_deref().map(mask::address);
        let view = StepUpView {
            layout: portal.layout(),
            base: &portal.base,
            masked_email: &email.unwrap_or_default(),
            code_sent: self.asked_here(&visit.request, &door).is_some(),
            password,
            mail_token: &self.form_token(visit, &portal.path("step-up/mail")),
            form_token: &self.form_token(visit, &portal.path("step-up")),
            error,
        };
        Reply::view(if error.is_some() { 400 } else { 200 }, &view, &view.layout)
    }

    async fn step_up_mail(&self, portal: &Portal, mut visit: Visit, resident: &Resident) -> Result<Reply> {
        let (action, page) = (portal.path("step-up/mail"), portal.path("step-up"));
        if let Err(reply) = visit.form(self.form_key(), &action, &page).await? {
            return Ok(reply);
        }
        let email = resident.contact.email.as_deref().map(EmailAddress::parse);
        let Some(Ok(email)) = email else {
            return Ok(Reply::see_other(page));
        };
        let door = Doorstep::of_portal(portal);
        let request = challenge::Request {
            account: &portal.account,
            audience: door.audience,
            email: &email,
            section: PortalSection::Home,
            by_code: true,
            client: &visit.client,
        };
        let asked = self.services.sign_in.ask(&request).await?;
        let here = AskedHere::new(&asked, &mask::address(&email.text), PortalSection::Home);
        self.keep_asked(Reply::see_other(page), &door, &here)
    }

    async fn step_up(&self, portal: &Portal, mut visit: Visit, resident: &Resident) -> Result<Reply> {
        let action = portal.path("step-up");
        let form = match visit.form(self.form_key(), &action, &action).await? {
            Ok(form) => form,
            Err(reply) => return Ok(reply),
        };
        let door = Doorstep::of_portal(portal);
        let own = Own::of(&resident.session).ok_or_else(Error::unauthenticated)?;
        let asked = self.asked_here(&visit.request, &door);
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
                let landing = self.let_in(&entered, portal.path("profile"))?;
                Ok(self.forget_asked(landing, &door))
            }
            Err(refusal) => {
                let words = words(refusal);
                self.step_up_form(portal, &visit, resident, Some(&words)).await
            }
        }
    }
}
