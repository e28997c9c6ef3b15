//! One's own profile, on the portal and on the dashboard: the password, where one is signed in, and the fresh proof that some
//! of it takes.

mod proving;
pub mod views;

use diesel_async::AsyncConnection;
use poem::http::Method;

use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::base::actor::SignInMethod;
use crate::base::device;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::SessionId;
use crate::base::page::{PageArgs, PageRequest};
use crate::pages::portal::{Portal, Resident};
use crate::pages::views::{ErrorKind, Layout, PasswordCard, ProfileView, SessionRow};
pub(crate) use crate::pages::{Reply, Site, Visit};
use crate::sign_in::auth_context::Viewer;
use crate::sign_in::pages::Doorstep;
use crate::sign_in::pages::login::words_or;
use crate::sign_in::password::change::{self, PasswordField};
use crate::sign_in::password::model::Password;
use crate::sign_in::person::Person;
use crate::sign_in::refusal::Refusal;
use crate::sign_in::sessions::OwnSession;
use crate::sign_in::sessions::model::list::SessionsOf;
use crate::sign_in::sessions::model::sign_out::sign_out;
use crate::sign_in::sessions::model::{Session, Which};
use crate::team::pages::Keeper;

use proving::Goal;

/// Who is signed in, and where, in this browser.
pub(crate) struct AtHome {
    door: Doorstep,
    account: Account,
    person: Person,
    session: Session,
    viewer: Viewer,
}

impl AtHome {
    fn of_portal(portal: &Portal, resident: Resident) -> Self {
        Self {
            door: Doorstep::of_portal(portal),
            account: portal.account.clone(),
            viewer: resident.viewer(),
            person: Person::Contact(resident.contact),
            session: resident.session,
        }
    }

    fn of_dashboard(door: Doorstep, keeper: Keeper) -> Self {
        Self {
            door,
            viewer: keeper.viewer(),
            account: keeper.account,
            person: Person::Member(keeper.member),
            session: keeper.session,
        }
    }

    fn path(&self, rest: &str) -> String {
        self.door.path(rest)
    }

    fn layout(&self) -> Layout<'_> {
        crate::pages::portal::layout(&self.account, &self.door.base)
    }

    fn name(&self) -> Option<String> {
        match &self.person {
            Person::Contact(contact) => contact.name(),
            Person::Member(member) => member.name.clone(),
        }
    }
}

/// What the page says of what was just done.
#[derive(Clone, Copy, Default)]
struct Said<'a> {
    notice: Option<&'a str>,
    error: Option<&'a str>,
}

fn method(method: SignInMethod) -> &'static str {
    match method {
        SignInMethod::Link | SignInMethod::StaffLink => "Link",
        SignInMethod::Code => "Emailed code",
        SignInMethod::Password => "Password",
        SignInMethod::Google => "Google",
        SignInMethod::Challenge => "Confirmed on another device",
        SignInMethod::StepUp => "Confirmed again",
    }
}

impl Site {
    /// `/profile…` and `/step-up…` of a portal.
    pub(crate) async fn portal_profile(
        &self,
        portal: &Portal,
        visit: Visit,
        parts: &[&str],
    ) -> Result<Reply> {
        let mut conn = self.services.db.conn().await?;
        let resident = self.resident(&mut conn, portal, &visit).await?;
        drop(conn);
        match resident {
            Some(resident) => {
                self.at_home(&AtHome::of_portal(portal, resident), visit, parts)
                    .await
            }
            None => Ok(Reply::see_other(portal.path("login"))),
        }
    }

    /// The same of a dashboard.
    pub(crate) async fn dashboard_profile(&self, slug: &str, visit: Visit, parts: &[&str]) -> Result<Reply> {
        let Some(door) = self.dashboard_doorstep(slug).await? else {
            return Ok(visit.error(ErrorKind::NotFound));
        };
        match self.keeper(&visit, slug).await? {
            Some(keeper) => {
                self.at_home(&AtHome::of_dashboard(door, keeper), visit, parts)
                    .await
            }
            None => Ok(self.to_dashboard_login(&visit, slug)),
        }
    }

    async fn at_home(&self, home: &AtHome, visit: Visit, parts: &[&str]) -> Result<Reply> {
        let whole = home.session.section.is_none();
        match (&visit.method, parts) {
            (&Method::GET, ["step-up"]) => match Goal::of(&visit) {
                goal @ Goal::Section(_) if whole => Ok(Reply::see_other(goal.landing(home))),
                _ => self.step_up_form(home, &visit, None).await,
            },
            (&Method::POST, ["step-up"]) => self.step_up(home, visit).await,
            (&Method::POST, ["step-up", "mail"]) => self.step_up_mail(home, visit).await,
            (&Method::GET, ["step-up", "mail"]) => Ok(Reply::see_other(Goal::of(&visit).step_up(home))),
            (_, ["profile", ..]) if !whole => Ok(Reply::see_other(Goal::Profile.step_up(home))),
            (&Method::GET, ["profile"]) => self.profile(home, &visit, Said::default()).await,
            (&Method::POST, ["profile", "password"]) => self.save_password(home, visit).await,
            (&Method::POST, ["profile", "end"]) => self.end_session(home, visit).await,
            (&Method::POST, ["profile", "end-all"]) => self.end_sessions(home, visit).await,
            (&Method::GET, ["profile", "password" | "end" | "end-all"]) => {
                Ok(Reply::see_other(home.path("profile")))
            }
            _ => Ok(Reply::error(&home.layout(), ErrorKind::NotFound)),
        }
    }

    async fn profile(&self, home: &AtHome, visit: &Visit, said: Said<'_>) -> Result<Reply> {
        let sessions = self.session_rows(home).await?;
        let email = home.person.email().unwrap_or_default();
        let name = home.name().unwrap_or_else(|| email.to_owned());
        let token = |path: &str| self.form_token(visit, &home.path(path));
        let view = ProfileView {
            layout: home.layout(),
            base: &home.door.base,
            back: &home.door.landing(PortalSection::Home),
            name: &name,
            email,
            password: self.password_card(home).await?,
            shortest: home.account.shortest_password,
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

    async fn password_card(&self, home: &AtHome) -> Result<PasswordCard> {
        if !home.account.password_allowed {
            return Ok(PasswordCard::Off);
        }
        let mut conn = self.services.db.conn().await?;
        let there = Password::of(&mut conn, &home.person).await?;
        Ok(match there.filter(|password| password.disabled_at.is_none()) {
            Some(_) => PasswordCard::Change,
            None if home.session.proved(&home.person, self.services.clock.now()) => PasswordCard::Set,
            None => PasswordCard::ProveFirst,
        })
    }

    async fn session_rows(&self, home: &AtHome) -> Result<Vec<SessionRow>> {
        let newest = PageArgs {
            first: Some(100),
            ..PageArgs::default()
        };
        let page = PageRequest::parse("sessions", &newest)?;
        let own = home.viewer.own_session()?.unrestricted()?;
        let of = SessionsOf {
            holder: own.holder,
            now: self.services.clock.now(),
        };
        let mut conn = self.services.db.conn().await?;
        let sessions = Session::list(&mut conn, own.account, &of, &page).await?;
        let row = |session: &Session| SessionRow {
            id: session.id.to_string(),
            device: device::words(session.user_agent.as_deref()),
            network: (session.ip.as_deref().and_then(device::network)).map_or_else(
                || "Unknown network".to_owned(),
                |network| format!("Network {network}"),
            ),
            method: method(session.method),
            since: session.created_at.to_rfc3339(),
            since_text: session.created_at.format("%-d %B %Y, %H:%M UTC").to_string(),
            current: session.id == home.session.id,
            // A link of the command line was seen by whoever ran it, and staff did not create it.
            made_by_staff: session.staff_seen && session.method != SignInMethod::StaffLink,
        };
        Ok(sessions.rows.iter().map(row).collect())
    }

    async fn save_password(&self, home: &AtHome, mut visit: Visit) -> Result<Reply> {
        let (action, page) = (home.path("profile/password"), home.path("profile"));
        let form = match visit.form(self.form_key(), &action, &page).await? {
            Ok(form) => form,
            Err(reply) => return Ok(reply),
        };
        let done = self
            .write_password(home, &visit, (form.get("current"), form.get("new")))
            .await;
        match done {
            Ok(None) => {
                let said = Said {
                    notice: Some("Your password is saved."),
                    error: None,
                };
                self.profile(home, &visit, said).await
            }
            Ok(Some(refusal)) => {
                self.profile_refused(home, &visit, &words_or(refusal, "Wrong current password."))
                    .await
            }
            Err(error) if matches!(error.code, Code::BadUserInput | Code::Conflict) => {
                self.profile_refused(home, &visit, error.message()).await
            }
            Err(error) => Err(error),
        }
    }

    async fn profile_refused(&self, home: &AtHome, visit: &Visit, words: &str) -> Result<Reply> {
        let said = Said {
            notice: None,
            error: Some(words),
        };
        self.profile(home, visit, said).await
    }

    /// Sets one where the form names no current one, else changes it.
    async fn write_password(
        &self,
        home: &AtHome,
        visit: &Visit,
        (current, new): (&str, &str),
    ) -> Result<Option<Refusal>> {
        let own = OwnSession::of(&home.session).ok_or_else(Error::unauthenticated)?;
        let new = PasswordField {
            field: "new",
            text: new,
        };
        let done = if current.is_empty() {
            self.set_password(&own, visit, new).await?
        } else {
            let current = PasswordField {
                field: "current",
                text: current,
            };
            self.change_password(&own, visit, (current, new)).await?
        };
        match done {
            Ok(ended) => {
                self.services.live.password_changed(own.account, ended);
                Ok(None)
            }
            Err(refusal) => Ok(Some(refusal)),
        }
    }

    async fn set_password(
        &self,
        own: &OwnSession,
        visit: &Visit,
        new: PasswordField<'_>,
    ) -> Result<std::result::Result<Vec<SessionId>, Refusal>> {
        let moment = self.services.clock.moment();
        let hashed = match change::verify_set(&self.services.sign_in, own, new, &moment).await? {
            Ok(hashed) => hashed,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut conn = self.services.db.conn().await?;
        let who = (own, &visit.client);
        conn.transaction(async |conn| change::set(conn, who, &hashed, &moment).await)
            .await
    }

    async fn change_password(
        &self,
        own: &OwnSession,
        visit: &Visit,
        passwords: (PasswordField<'_>, PasswordField<'_>),
    ) -> Result<std::result::Result<Vec<SessionId>, Refusal>> {
        let (context, moment) = (&self.services.sign_in, self.services.clock.moment());
        let who = (own, &visit.client);
        let verified = match change::verify_change(context, who, passwords, &moment).await? {
            Ok(verified) => verified,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut conn = self.services.db.conn().await?;
        conn.transaction(async |conn| change::change(conn, own, verified, &moment).await)
            .await
    }

    async fn end_session(&self, home: &AtHome, mut visit: Visit) -> Result<Reply> {
        let (action, page) = (home.path("profile/end"), home.path("profile"));
        let form = match visit.form(self.form_key(), &action, &page).await? {
            Ok(form) => form,
            Err(reply) => return Ok(reply),
        };
        if let Ok(id) = form.get("session").parse() {
            self.end_own(home, &visit, Which::One(id), "REVOKED").await?;
        }
        Ok(Reply::see_other(page))
    }

    async fn end_sessions(&self, home: &AtHome, mut visit: Visit) -> Result<Reply> {
        let (action, page) = (home.path("profile/end-all"), home.path("profile"));
        if let Err(reply) = visit.form(self.form_key(), &action, &page).await? {
            return Ok(reply);
        }
        let own = home.viewer.own_session()?;
        self.end_own(home, &visit, Which::AllOf(own.holder), "SIGNED_OUT_EVERYWHERE")
            .await?;
        Ok(Reply::see_other(home.path("login")))
    }

    async fn end_own(&self, home: &AtHome, visit: &Visit, which: Which, reason: &str) -> Result<()> {
        let own = home.viewer.own_session()?.unrestricted()?;
        let mut conn = self.services.db.conn().await?;
        if let Which::One(id) = which {
            let found = Session::find(&mut conn, own.account, id).await?;
            if found.is_none_or(|session| session.holder() != Some(own.holder)) {
                return Ok(());
            }
        }
        let (moment, acting) = (self.services.clock.moment(), own.acting(&visit.client));
        let by = (&acting, reason);
        let ended = conn
            .transaction(async |conn| sign_out(conn, own.account, which, by, &moment).await)
            .await?;
        let ended = ended.iter().map(|session| session.id);
        self.services.live.sessions_ended(own.account, ended);
        Ok(())
    }
}
