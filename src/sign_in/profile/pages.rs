//! The user's own profile, on the portal and on the dashboard: the password, the sessions, and the step-up.

pub(crate) mod details;
mod password;
pub(crate) mod step_up;

use askama::Template;
use diesel_async::AsyncConnection;
use poem::{FromRequest, Request, RequestBody, get, handler};

use crate::accounts::model::section::PortalSection;
use crate::base::actor::SignInMethod;
use crate::base::device;
use crate::base::error::Result;
use crate::base::locale::text::Text;
use crate::base::locale::{Language, Locale};
use crate::base::page::{PageArgs, PageRequest};
use crate::pages::routes::Routes;
use crate::pages::{Form, Layout, PageSession, Reply, SignInSite, Visit};
use crate::sign_in::password::model::Password;
use crate::sign_in::sessions::model::list::SessionsOf;
use crate::sign_in::sessions::model::sign_out::{SignOut, sign_out};
use crate::sign_in::sessions::model::{Session, SessionSelection};

use details::{DetailsField, DetailsForm};
use step_up::StepUpTarget;

pub(crate) fn routes(routes: Routes) -> Routes {
    let routes = routes
        .at("/profile", get(show))
        .at("/profile/details", get(redirect_to_profile).post(details::save))
        .at("/profile/password", get(redirect_to_profile).post(password::save))
        .at("/profile/end", get(redirect_to_profile).post(end_session))
        .at("/profile/end-all", get(redirect_to_profile).post(end_sessions));
    step_up::routes(routes)
}

/// One of the user's sessions.
#[derive(Clone, Debug)]
pub(crate) struct SessionRow {
    pub id: String,
    /// A description of the device, and its network.
    pub device: String,
    pub network: String,
    /// The method's label.
    pub method: String,
    /// RFC 3339, and human-readable.
    pub since: String,
    pub since_text: String,
    pub current: bool,
    /// The link that signed it in was seen by staff.
    pub made_by_staff: bool,
}

/// What the user can do about a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PasswordCard {
    /// The account doesn't use passwords.
    Off,
    /// The password can be changed.
    Change,
    /// There is none; one can be set now.
    Set,
    /// There is none; setting one requires a step-up.
    ProveFirst,
}

/// `GET /profile`: the user, their sessions and password.
#[derive(Debug, Template)]
#[template(path = "pages/profile.html")]
pub(crate) struct ProfileView<'a> {
    pub layout: Layout<'a>,
    pub base: &'a str,
    /// Where "Back" leads.
    pub back: &'a str,
    pub name: &'a str,
    pub email: &'a str,
    pub details: Option<DetailsForm>,
    pub details_error: Option<DetailsField>,
    pub password: PasswordCard,
    /// The minimum length.
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

/// A user whose session opens the whole portal; one that is limited to a section is redirected to the step-up.
struct FullSession(PageSession);

impl<'a> FromRequest<'a> for FullSession {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        let user = PageSession::from_request(request, body).await?;
        if user.session.section.is_some() {
            return Err(Reply::see_other(StepUpTarget::Profile.step_up(&user.site)).into());
        }
        Ok(Self(user))
    }
}

/// The result of a submitted form.
#[derive(Clone, Copy, Default)]
struct FormResult<'a> {
    notice: Option<&'a str>,
    /// What is wrong with the password.
    error: Option<&'a str>,
    /// The field of the details that is wrong.
    details_error: Option<DetailsField>,
}

fn method_label(method: SignInMethod, locale: Locale) -> Text {
    match method {
        SignInMethod::Link | SignInMethod::StaffLink => locale.text("method-link"),
        SignInMethod::Code => locale.text("method-code"),
        SignInMethod::Password => locale.text("password"),
        SignInMethod::Google => locale.text("method-google"),
        SignInMethod::Challenge => locale.text("method-challenge"),
        SignInMethod::StepUp => locale.text("method-step-up"),
    }
}

#[handler]
async fn show(visit: Visit<'_>, FullSession(user): FullSession) -> Result<Reply> {
    let saved = visit
        .query("saved")
        .map(|_| user.site.locale.text("profile-saved").to_string());
    let result = FormResult {
        notice: saved.as_deref(),
        ..FormResult::default()
    };
    profile(&visit, &user, result).await
}

#[handler]
async fn redirect_to_profile(site: SignInSite) -> Reply {
    Reply::see_other(site.path("profile"))
}

async fn profile(visit: &Visit<'_>, user: &PageSession, result: FormResult<'_>) -> Result<Reply> {
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
        details: DetailsForm::of(visit, user),
        details_error: result.details_error,
        password: password_card(visit, user).await?,
        shortest: site.account.shortest_password,
        password_token: &token("profile/password"),
        sessions: &sessions,
        end_token: &token("profile/end"),
        end_all_token: &token("profile/end-all"),
        sign_out_token: &token("sign-out"),
        notice: result.notice,
        error: result.error,
    };
    let refused = result.error.is_some() || result.details_error.is_some();
    Reply::view(if refused { 400 } else { 200 }, &view, &view.layout)
}

async fn password_card(visit: &Visit<'_>, user: &PageSession) -> Result<PasswordCard> {
    if !user.site.account.password_allowed {
        return Ok(PasswordCard::Off);
    }
    let mut conn = visit.conn().await?;
    let password = Password::of(&mut conn, &user.person).await?;
    Ok(match password.filter(|password| password.disabled_at.is_none()) {
        Some(_) => PasswordCard::Change,
        None if user.session.has_fresh_proof(&user.person, visit.now()) => PasswordCard::Set,
        None => PasswordCard::ProveFirst,
    })
}

async fn session_rows(visit: &Visit<'_>, user: &PageSession) -> Result<Vec<SessionRow>> {
    let newest = PageArgs {
        first: Some(100),
        ..PageArgs::default()
    };
    let page = PageRequest::parse("sessions", &newest)?;
    let filter = SessionsOf {
        holder: user.own.holder,
        now: visit.now(),
    };
    let mut conn = visit.conn().await?;
    let sessions = Session::list(&mut conn, user.own.account, &filter, &page).await?;
    drop(conn);
    let locale = user.site.locale;
    let row = |session: &Session| SessionRow {
        id: session.id.to_string(),
        device: device::describe(session.user_agent.as_deref(), locale),
        network: match session.ip.as_deref().and_then(device::network_of) {
            Some(network) => locale.text("profile-network").arg("network", network),
            None => locale.text("profile-unknown-network"),
        }
        .to_string(),
        method: method_label(session.method, locale).to_string(),
        since: session.created_at.to_rfc3339(),
        since_text: locale.date_time(session.created_at).to_string(),
        current: session.id == user.session.id,
        // A sign-in link of the command line is visible to the operator, but was not created by staff.
        made_by_staff: session.staff_seen && session.method != SignInMethod::StaffLink,
    };
    Ok(sessions.rows.iter().map(row).collect())
}

#[handler]
async fn end_session(visit: Visit<'_>, FullSession(user): FullSession, form: Form) -> Result<Reply> {
    if let Ok(id) = form.get("session").parse() {
        end_own(&visit, &user, SessionSelection::One(id), "REVOKED").await?;
    }
    Ok(Reply::see_other(user.site.path("profile")))
}

#[handler]
async fn end_sessions(visit: Visit<'_>, FullSession(user): FullSession, _form: Form) -> Result<Reply> {
    let all = SessionSelection::AllOf(user.own.holder);
    end_own(&visit, &user, all, "SIGNED_OUT_EVERYWHERE").await?;
    Ok(Reply::see_other(user.site.path("login")))
}

async fn end_own(
    visit: &Visit<'_>,
    user: &PageSession,
    selection: SessionSelection,
    reason: &str,
) -> Result<()> {
    let own = &user.own;
    let mut conn = visit.conn().await?;
    if let SessionSelection::One(id) = selection {
        let found = Session::find(&mut conn, own.account, id).await?;
        if found.is_none_or(|session| session.holder() != Some(own.holder)) {
            return Ok(());
        }
    }
    let (moment, requester) = (visit.moment(), own.requester(&visit.client));
    let by = SignOut {
        requester: &requester,
        reason,
    };
    let ended = conn
        .transaction(async |conn| sign_out(conn, own.account, selection, by, &moment).await)
        .await?;
    let ended = ended.iter().map(|session| session.id);
    visit.live().nudge_sessions_ended(own.account, ended);
    Ok(())
}
