//! The user's own profile, on the portal and on the dashboard: the password, the sessions, and the fresh proof that some of it
//! takes.

pub(crate) mod proving;
use askama::Template;
use poem::{FromRequest, Request, RequestBody, get, handler};

use crate::accounts::model::section::PortalSection;
use crate::base::actor::SignInMethod;
use crate::base::device;
use crate::base::error::{Code, Error, Result};
use crate::base::page::{PageArgs, PageRequest};
use crate::pages::routes::Routes;
use crate::pages::{Form, Layout, PageSession, Reply, SignInSite, Visit};
use crate::sign_in::pages::login::words_or;
use crate::sign_in::password::model::Password;
use crate::sign_in::password::set::{NewPassword, SignedInAs};
use crate::sign_in::refusal::Refusal;
use crate::sign_in::sessions::model::Session;
use crate::sign_in::sessions::own::Own;

use proving::Goal;

pub(crate) fn routes(routes: Routes) -> Routes {
    let routes = routes
        .at("/profile", get(show))
        .at("/profile/password", get(to_profile).post(save_password))
        .at("/profile/end", get(to_profile).post(end_session))
        .at("/profile/end-all", get(to_profile).post(end_sessions));
    proving::routes(routes)
}

/// One of the person's sessions.
#[derive(Clone, Debug)]
pub(crate) struct SessionRow {
    pub id: String,
    /// The device as words, and its network.
    pub device: String,
    pub network: String,
    /// How it signed in, as words.
    pub method: &'static str,
    /// RFC 3339, and as people read it.
    pub since: String,
    pub since_text: String,
    pub current: bool,
    /// The link that signed it in was seen by staff.
    pub made_by_staff: bool,
}

/// What the person may do about a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PasswordCard {
    /// The account doesn't use passwords.
    Off,
    /// There is one: it can be changed.
    Change,
    /// There is none, and one may be set now.
    Set,
    /// There is none, and it takes a fresh proof first.
    ProveFirst,
}

/// `GET /profile`: who one is, where one is signed in, the password.
#[derive(Debug, Template)]
#[template(path = "pages/profile.html")]
pub(crate) struct ProfileView<'a> {
    pub layout: Layout<'a>,
    pub base: &'a str,
    /// Where "Back" leads.
    pub back: &'a str,
    pub name: &'a str,
    pub email: &'a str,
    pub password: PasswordCard,
    /// The fewest characters.
    pub shortest: i16,
    /// Posts `current`, `new` to `{base}/profile/password`.
    pub password_token: &'a str,
    pub sessions: &'a [SessionRow],
    /// Posts `session` to `{base}/profile/end`.
    pub end_token: &'a str,
    /// Posts to `{base}/profile/end-all`.
    pub end_all_token: &'a str,
    pub sign_out_token: &'a str,
    pub notice: Option<&'a str>,
    pub error: Option<&'a str>,
}

/// A user whose session opens the whole portal; one that is limited to a section is led to the step-up.
struct FullSession(PageSession);

impl<'a> FromRequest<'a> for FullSession {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        let user = PageSession::from_request(request, body).await?;
        if user.session.section.is_some() {
            return Err(Reply::see_other(Goal::Profile.step_up(&user.site)).into());
        }
        Ok(Self(user))
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

#[handler]
async fn show(visit: Visit<'_>, FullSession(user): FullSession) -> Result<Reply> {
    profile(&visit, &user, Said::default()).await
}

#[handler]
async fn to_profile(site: SignInSite) -> Reply {
    Reply::see_other(site.path("profile"))
}

async fn profile(visit: &Visit<'_>, user: &PageSession, said: Said<'_>) -> Result<Reply> {
    let site = &user.site;
    let sessions = session_rows(visit, user).await?;
    let name = user.name();
    let token = |path: &str| visit.form_token(&site.path(path));
    let view = ProfileView {
        layout: site.layout(),
        base: &site.base,
        back: &site.landing(PortalSection::Home),
        name: &name,
        email: user.person.email().unwrap_or_default(),
        password: password_card(visit, user).await?,
        shortest: site.account.shortest_password,
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

async fn password_card(visit: &Visit<'_>, user: &PageSession) -> Result<PasswordCard> {
    if !user.site.account.password_allowed {
        return Ok(PasswordCard::Off);
    }
    let mut conn = visit.conn().await?;
    let there = Password::of(&mut conn, &user.person).await?;
    Ok(match there.filter(|password| password.disabled_at.is_none()) {
        Some(_) => PasswordCard::Change,
        None if user.session.proved(&user.person, visit.now()) => PasswordCard::Set,
        None => PasswordCard::ProveFirst,
    })
}

async fn session_rows(visit: &Visit<'_>, user: &PageSession) -> Result<Vec<SessionRow>> {
    let newest = PageArgs {
        first: Some(100),
        ..PageArgs::default()
    };
    let page = PageRequest::parse("sessions", &newest)?;
    let sessions = visit.sign_in().own_sessions(&user.viewer(), &page).await?;
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
        current: session.id == user.session.id,
        made_by_staff: session.staff_seen,
    };
    Ok(sessions.rows.iter().map(row).collect())
}

#[handler]
async fn save_password(visit: Visit<'_>, FullSession(user): FullSession, form: Form) -> Result<Reply> {
    let refused = |error| Said {
        notice: None,
        error: Some(error),
    };
    match write_password(&visit, &user, &form).await {
        Ok(None) => {
            let said = Said {
                notice: Some("Your password is saved."),
                error: None,
            };
            profile(&visit, &user, said).await
        }
        Ok(Some(refusal)) => {
            let words = words_or(refusal, "Wrong current password.");
            profile(&visit, &user, refused(&words)).await
        }
        Err(error) if matches!(error.code, Code::BadUserInput | Code::Conflict) => {
            profile(&visit, &user, refused(error.message())).await
        }
        Err(error) => Err(error),
    }
}

/// Sets one where the form names no current one, else changes it.
async fn write_password(visit: &Visit<'_>, user: &PageSession, form: &Form) -> Result<Option<Refusal>> {
    let own = Own::of(&user.session).ok_or_else(Error::unauthenticated)?;
    let who = SignedInAs {
        account: own.account,
        holder: own.holder,
        session: own.session,
        client: &visit.client,
    };
    let typed = |field| NewPassword {
        field,
        text: form.get(field),
    };
    let sign_in = visit.sign_in();
    if form.get("current").is_empty() {
        return sign_in.set_password(&who, typed("new")).await;
    }
    sign_in
        .change_password(&who, typed("current"), typed("new"))
        .await
}

#[handler]
async fn end_session(visit: Visit<'_>, FullSession(user): FullSession, form: Form) -> Result<Reply> {
    if let Ok(id) = form.get("session").parse() {
        let sign_in = visit.sign_in();
        sign_in.end_own(&user.viewer(), id, &visit.client).await?;
    }
    Ok(Reply::see_other(user.site.path("profile")))
}

#[handler]
async fn end_sessions(visit: Visit<'_>, FullSession(user): FullSession, _form: Form) -> Result<Reply> {
    let sign_in = visit.sign_in();
    sign_in.end_all_own(&user.viewer(), &visit.client).await?;
    Ok(Reply::see_other(user.site.path("login")))
}
