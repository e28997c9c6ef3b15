//! The redirect flow of signing in with Google (OpenID Connect Core 1.0, 3.1; PKCE, RFC 7636).
//!
//! Google redirects to one address of this server, but portals may have their own hosts, to which the cookies belong. So
//! the flow begins and ends at the portal: `login/google` creates state, nonce and verifier and seals them in a cookie. The
//! callback at the server's own address reads the portal from the signed state and redirects there.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel_async::AsyncConnection;
use poem::{get, handler};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::accounts::model::section::PortalSection;
use crate::accounts::model::{Account, slug_is_well_formed};
use crate::base::actor::Audience;
use crate::base::error::{Error, Result};
use crate::base::locale::Locale;
use crate::pages::routes::Routes;
use crate::pages::{ErrorKind, OutcomeView, PageContext, Reply, SignInSite, Visit};
use crate::sign_in::google::provider::AuthorizationRequest;
use crate::sign_in::google::{self, GoogleAttempt, GoogleProof};
use crate::sign_in::open_session::SignedIn;
use crate::sign_in::pages::login::section_of;
use crate::sign_in::pages::refusal::refusal_text_or;
use crate::sign_in::pages::set_session;
use crate::sign_in::refusal::Refusal;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .at("/login/google", get(redirect_to_google))
        .at("/login/google/done", get(return_from_google))
}

/// At the server's own address, the only one that Google knows.
pub(crate) fn server_routes(routes: Routes) -> Routes {
    routes
        .at("/auth/google/start", get(start))
        .at("/auth/google/callback", get(callback))
}

/// The state of a redirect, kept in a cookie of the browser.
#[derive(Serialize, Deserialize)]
struct RedirectState {
    state: String,
    nonce: String,
    verifier: String,
    section: String,
    /// The pre-session cookie of the browser that started it.
    browser: String,
    /// Seconds since 1970.
    until: i64,
}

const LIFETIME: i64 = 600;

/// The address that Google redirects the browser to.
fn callback_url(context: &PageContext) -> String {
    format!(
        "{}/auth/google/callback",
        context.services().settings.addresses.public
    )
}

/// `/auth/google/start?portal=…&audience=…&section=…`: redirects to the portal's `login/google`.
#[handler]
async fn start(visit: Visit<'_>) -> Result<Reply> {
    let slug = visit.query("portal").unwrap_or_default();
    let audience = visit.query("audience").and_then(|word| word.parse().ok());
    let section = section_of(&visit).as_str();
    match base_url(&visit, &slug, audience.unwrap_or(Audience::Portal)).await? {
        Some(base) => Ok(Reply::see_other(format!("{base}/login/google?section={section}"))),
        None => Ok(visit.error(ErrorKind::NotFound)),
    }
}

/// The base URL of a portal or a dashboard; `None` if the account doesn't exist.
async fn base_url(context: &PageContext, slug: &str, audience: Audience) -> Result<Option<String>> {
    if !slug_is_well_formed(slug) {
        return Ok(None);
    }
    let mut conn = context.conn().await?;
    let Some(account) = Account::by_slug(&mut conn, slug).await? else {
        return Ok(None);
    };
    let (addresses, slug) = (&context.services().settings.addresses, &account.slug);
    Ok(Some(match audience {
        Audience::Portal => addresses.portal(slug).trim_end_matches('/').to_owned(),
        Audience::Dashboard => addresses.dashboard(slug),
    }))
}

/// `login/google`: redirects to Google.
#[handler]
async fn redirect_to_google(visit: Visit<'_>, site: SignInSite) -> Result<Reply> {
    let offered = site.sign_in_options(&visit).google;
    let Some(google) = visit.sign_in().google.as_ref().filter(|_| offered) else {
        return Ok(visit.error(ErrorKind::NotFound));
    };
    let moment = visit.services().clock.moment();
    let random = || URL_SAFE_NO_PAD.encode(moment.random::<32>());
    let audience = site.audience.as_str();
    let unsigned = format!("{}.{audience}.{}", site.account.slug, random());
    let redirect_key = &visit.sign_in().keys.redirect;
    let tag = redirect_key.tag(&[unsigned.as_bytes()]);
    let redirect = RedirectState {
        state: format!("{unsigned}.{tag}"),
        nonce: random(),
        verifier: random(),
        section: section_of(&visit).as_str().to_owned(),
        browser: visit.browser.value.clone(),
        until: moment.now.timestamp() + LIFETIME,
    };
    let address = google
        .authorization_url(&redirect.request(&callback_url(&visit)))
        .await?;
    let plain = serde_json::to_vec(&redirect).map_err(Error::internal)?;
    let sealed = redirect_key
        .seal(&plain, &moment)
        .ok_or_else(|| Error::internal("a redirect could not be sealed"))?;
    let (name, value) = (cookie_name(&site, visit.https()), URL_SAFE_NO_PAD.encode(sealed));
    let reply = Reply::see_other(address.as_str()).with_browser_cookie();
    Ok(reply.cookie(&name, &value, LIFETIME, visit.https()))
}

/// `/auth/google/callback`: redirects to the portal that the state names, if we signed it.
#[handler]
async fn callback(visit: Visit<'_>) -> Result<Reply> {
    let state = visit.query("state").unwrap_or_default();
    let base = match read_state(&visit, &state) {
        Some((slug, audience)) => base_url(&visit, slug, audience).await?,
        None => None,
    };
    let Some(base) = base else {
        let words = visit.server_layout().text("google-foreign").to_string();
        return Ok(visit.error(ErrorKind::BadRequest(Some(&words))));
    };
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("state", &state);
    for name in ["code", "error"] {
        if let Some(value) = visit.query(name) {
            query.append_pair(name, &value);
        }
    }
    Ok(Reply::see_other(format!(
        "{base}/login/google/done?{}",
        query.finish()
    )))
}

fn read_state<'a>(context: &PageContext, state: &'a str) -> Option<(&'a str, Audience)> {
    let (unsigned, tag) = state.rsplit_once('.')?;
    let ours = (context.sign_in().keys.redirect).verify_tag(tag, &[unsigned.as_bytes()]);
    let mut parts = unsigned.split('.');
    let (slug, audience) = (parts.next()?, parts.next()?.parse().ok()?);
    ours.then_some((slug, audience))
}

/// `login/google/done`: back at the portal, with the browser's cookie.
#[handler]
async fn return_from_google(visit: Visit<'_>, site: SignInSite) -> Result<Reply> {
    let name = cookie_name(&site, visit.https());
    let reply = match RedirectState::of(&visit, &site, &name) {
        Some(redirect) => finish(&visit, &site, &redirect).await?,
        None => refused(&site, site.locale.text("google-other-browser"))?,
    };
    Ok(reply.cookie(&name, "", 0, visit.https()))
}

async fn finish(visit: &Visit<'_>, site: &SignInSite, redirect: &RedirectState) -> Result<Reply> {
    if visit.sign_in().google.is_none() {
        return Ok(visit.error(ErrorKind::NotFound));
    }
    let Some(code) = visit.query("code") else {
        return refused(site, site.locale.text("google-refused"));
    };
    let section: PortalSection = redirect.section.parse().unwrap_or(PortalSection::Home);
    let redirect_uri = callback_url(visit);
    let attempt = GoogleAttempt {
        account: &site.account,
        audience: site.audience,
        proof: GoogleProof::Code {
            code: &code,
            request: redirect.request(&redirect_uri),
        },
        section,
        client: &visit.client,
    };
    match sign_in_with_google(visit, attempt).await? {
        Ok(opened) => set_session(visit, &opened, site.landing(section)),
        Err(refusal) => refused(site, google_refusal(refusal, site.locale)),
    }
}

async fn sign_in_with_google(
    visit: &Visit<'_>,
    attempt: GoogleAttempt<'_>,
) -> Result<std::result::Result<SignedIn, Refusal>> {
    let context = visit.sign_in();
    let verified = match google::verify(context, attempt).await? {
        Ok(verified) => verified,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (transport, moment) = (visit.transport(), visit.moment());
    let mut conn = visit.conn().await?;
    let outcome = conn
        .transaction(async |conn| google::complete(conn, context, verified, transport, &moment).await)
        .await?;
    visit
        .live()
        .nudge_sign_in(attempt.account.id, outcome.as_ref().ok());
    Ok(outcome)
}

impl RedirectState {
    /// The browser's state, if it belongs to this response.
    fn of(visit: &Visit<'_>, site: &SignInSite, name: &str) -> Option<Self> {
        let state = visit.query("state")?;
        let sealed = URL_SAFE_NO_PAD.decode(visit.cookie(name)?).ok()?;
        let plain = visit.sign_in().keys.redirect.open(&sealed)?;
        let redirect: Self = serde_json::from_slice(&plain).ok()?;
        let same: bool = redirect.state.as_bytes().ct_eq(state.as_bytes()).into();
        let here = read_state(visit, &state) == Some((&site.account.slug, site.audience));
        let in_time = visit.now().timestamp() < redirect.until;
        (same && here && in_time && redirect.browser == visit.browser.value).then_some(redirect)
    }

    fn request<'a>(&'a self, redirect_uri: &'a str) -> AuthorizationRequest<'a> {
        AuthorizationRequest {
            redirect_uri,
            state: &self.state,
            nonce: &self.nonce,
            verifier: &self.verifier,
        }
    }
}

fn cookie_name(site: &SignInSite, https: bool) -> String {
    let host = if https { "__Host-" } else { "" };
    let audience = site.audience.as_str().to_ascii_lowercase();
    format!("{host}vestibule_google_{audience}_{}", site.account.slug)
}

/// Doesn't disclose whether a contact has that address.
fn google_refusal(refusal: Refusal, locale: Locale) -> String {
    refusal_text_or(refusal, locale, locale.text("google-unknown"))
}

fn refused(site: &SignInSite, words: impl ToString) -> Result<Reply> {
    let view = OutcomeView {
        layout: site.layout(),
        heading: site.locale.text("google-not-signed-in"),
        words: words.to_string(),
        next: site.locale.text("forgot-back"),
        next_href: &site.path("login"),
    };
    Reply::view(403, &view, &view.layout)
}
