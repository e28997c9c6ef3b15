//! The redirect flow of signing in with Google (OpenID Connect Core 1.0, 3.1; PKCE, RFC 7636).
//!
//! Google knows one address of this server to come back to, and portals may have hosts of their own, where the cookies are. So
//! it begins and ends at the portal: `login/google` makes state, nonce and verifier, sealed in a cookie; the callback at the
//! server's own address reads from the state, which is signed, which portal it belongs to, and leads there.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel_async::AsyncConnection;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::accounts::model::section::PortalSection;
use crate::accounts::model::{Account, slug_is_well_formed};
use crate::base::actor::Audience;
use crate::base::error::{Error, Result};
use crate::pages::forms::cookie;
use crate::pages::views::{ErrorKind, Layout, ToldView};
pub(crate) use crate::pages::{Reply, Site, Visit};
use crate::sign_in::google::provider::AuthorizationRequest;
use crate::sign_in::google::{self, GoogleAttempt, GoogleProof};
use crate::sign_in::open_session::{Browser, SessionTransport, SignedIn};
use crate::sign_in::pages::Doorstep;
use crate::sign_in::pages::login::{section_of, words};
use crate::sign_in::refusal::{Reason, Refusal};

/// What the browser keeps meanwhile.
#[derive(Serialize, Deserialize)]
struct Kept {
    state: String,
    nonce: String,
    verifier: String,
    section: String,
    /// The pre-session cookie of the browser that began.
    browser: String,
    /// Seconds since 1970.
    until: i64,
}

const LIFETIME: i64 = 600;

fn asked(visit: &Visit, name: &str) -> Option<String> {
    let query = visit.request.uri().query().unwrap_or_default();
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

impl Site {
    /// Whether Google is offered at all; an account may switch it off.
    pub(crate) fn google_offered(&self) -> bool {
        self.services.sign_in.google.is_some()
    }

    fn google_return(&self) -> String {
        format!("{}/auth/google/callback", self.services.settings.addresses.public)
    }

    /// `/auth/google/start?portal=…&audience=…&section=…`: to the portal's own beginning.
    pub(crate) async fn google_start(&self, visit: &Visit) -> Result<Reply> {
        let slug = asked(visit, "portal").unwrap_or_default();
        let audience = asked(visit, "audience").and_then(|word| word.parse().ok());
        let section = section_of(visit).as_str();
        match self
            .google_home(&slug, audience.unwrap_or(Audience::Portal))
            .await?
        {
            Some(home) => Ok(Reply::see_other(format!("{home}/login/google?section={section}"))),
            None => Ok(Reply::error(&Layout::SERVER, ErrorKind::NotFound)),
        }
    }

    /// The address under which a portal's or a dashboard's pages are; none where there is no such account.
    async fn google_home(&self, slug: &str, audience: Audience) -> Result<Option<String>> {
        if !slug_is_well_formed(slug) {
            return Ok(None);
        }
        let mut conn = self.services.db.conn().await?;
        if Account::by_slug(&mut conn, slug).await?.is_none() {
            return Ok(None);
        }
        let addresses = &self.services.settings.addresses;
        Ok(Some(match audience {
            Audience::Portal => addresses.portal(slug).trim_end_matches('/').to_owned(),
            Audience::Dashboard => addresses.dashboard(slug),
        }))
    }

    /// `login/google`: off to Google.
    pub(crate) async fn google_begin(&self, door: &Doorstep, visit: &Visit) -> Result<Reply> {
        let offered = door.doorway(self).google && door.account.is_some();
        let Some(google) = self.services.sign_in.google.as_ref().filter(|_| offered) else {
            return Ok(Reply::error(&door.layout(), ErrorKind::NotFound));
        };
        let moment = self.services.clock.moment();
        let random = || URL_SAFE_NO_PAD.encode(moment.random::<32>());
        let audience = door.audience.as_str();
        let unsigned = format!("{}.{audience}.{}", door.slug, random());
        let tag = self.services.sign_in.keys.redirect.tag(&[unsigned.as_bytes()]);
        let kept = Kept {
            state: format!("{unsigned}.{tag}"),
            nonce: random(),
            verifier: random(),
            section: section_of(visit).as_str().to_owned(),
            browser: visit.visitor.browser.clone(),
            until: moment.now.timestamp() + LIFETIME,
        };
        let address = google.address(&kept.request(&self.google_return())).await?;
        let plain = serde_json::to_vec(&kept).map_err(Error::internal)?;
        let sealed = (self.services.sign_in.keys.redirect)
            .seal(&plain, &moment)
            .ok_or_else(|| Error::internal("a redirect could not be sealed"))?;
        let https = self.services.settings.addresses.https();
        let away = Reply::see_other(address.as_str());
        let name = google_cookie(door, https);
        Ok(away
            .with_browser()
            .cookie(&name, &URL_SAFE_NO_PAD.encode(sealed), LIFETIME, https))
    }

    /// `/auth/google/callback`: to the portal that the state names, if it is a state of ours.
    pub(crate) async fn google_back(&self, visit: &Visit) -> Result<Reply> {
        let state = asked(visit, "state").unwrap_or_default();
        let home = match self.read_state(&state) {
            Some((slug, audience)) => self.google_home(slug, audience).await?,
            None => None,
        };
        let Some(home) = home else {
            let words = "This answer from Google doesn\u{2019}t belong to a sign-in that was started here. Please start again.";
            return Ok(Reply::error(&Layout::SERVER, ErrorKind::BadRequest(Some(words))));
        };
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("state", &state);
        for name in ["code", "error"] {
            if let Some(value) = asked(visit, name) {
                query.append_pair(name, &value);
            }
        }
        Ok(Reply::see_other(format!(
            "{home}/login/google/done?{}",
            query.finish()
        )))
    }

    fn read_state<'a>(&self, state: &'a str) -> Option<(&'a str, Audience)> {
        let (unsigned, tag) = state.rsplit_once('.')?;
        let ours = (self.services.sign_in.keys.redirect).verify_tag(tag, &[unsigned.as_bytes()]);
        let mut parts = unsigned.split('.');
        let (slug, audience) = (parts.next()?, parts.next()?.parse().ok()?);
        ours.then_some((slug, audience))
    }

    /// `login/google/done`: back at the portal, where the browser's cookie is.
    pub(crate) async fn google_done(&self, door: &Doorstep, visit: &Visit) -> Result<Reply> {
        let https = self.services.settings.addresses.https();
        let name = google_cookie(door, https);
        let reply = match self.google_kept(door, visit, &name) {
            Some(kept) => self.google_finish(door, visit, &kept).await?,
            None => refused(
                door,
                "This sign-in was started in another browser, or it has expired. Please start again.",
            )?,
        };
        Ok(reply.cookie(&name, "", 0, https))
    }

    fn google_kept(&self, door: &Doorstep, visit: &Visit, name: &str) -> Option<Kept> {
        let state = asked(visit, "state")?;
        let sealed = URL_SAFE_NO_PAD.decode(cookie(&visit.request, name)?).ok()?;
        let plain = self.services.sign_in.keys.redirect.open(&sealed)?;
        let kept: Kept = serde_json::from_slice(&plain).ok()?;
        let same: bool = kept.state.as_bytes().ct_eq(state.as_bytes()).into();
        let here = self.read_state(&state) == Some((&door.slug, door.audience));
        let in_time = self.services.clock.now().timestamp() < kept.until;
        (same && here && in_time && kept.browser == visit.visitor.browser).then_some(kept)
    }

    async fn google_finish(&self, door: &Doorstep, visit: &Visit, kept: &Kept) -> Result<Reply> {
        let sign_in = &self.services.sign_in;
        let (Some(_), Some(account)) = (&sign_in.google, &door.account) else {
            return Ok(Reply::error(&door.layout(), ErrorKind::NotFound));
        };
        let Some(code) = asked(visit, "code") else {
            return refused(
                door,
                "Google didn\u{2019}t sign you in. Try again, or sign in another way.",
            );
        };
        let section: PortalSection = kept.section.parse().unwrap_or(PortalSection::Home);
        let redirect_uri = self.google_return();
        let attempt = GoogleAttempt {
            account,
            audience: door.audience,
            proof: GoogleProof::Code {
                code: &code,
                request: kept.request(&redirect_uri),
            },
            section,
            client: &visit.client,
        };
        match self.sign_in_with_google(visit, &attempt).await? {
            Ok(signed_in) => self.set_session(&signed_in, door.landing(section)),
            Err(refusal) => refused(door, &said(refusal)),
        }
    }

    async fn sign_in_with_google(
        &self,
        visit: &Visit,
        attempt: &GoogleAttempt<'_>,
    ) -> Result<std::result::Result<SignedIn, Refusal>> {
        let context = &self.services.sign_in;
        let verified = match google::verify(context, attempt).await? {
            Ok(verified) => verified,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let transport = SessionTransport::Cookie(Browser(&visit.visitor.browser));
        let moment = self.services.clock.moment();
        let mut conn = self.services.db.conn().await?;
        let done = conn
            .transaction(async |conn| {
                google::complete(conn, context, (attempt, verified), transport, &moment).await
            })
            .await?;
        self.services
            .live
            .attempted(attempt.account.id, done.as_ref().ok());
        Ok(done)
    }
}

impl Kept {
    fn request<'a>(&'a self, redirect_uri: &'a str) -> AuthorizationRequest<'a> {
        AuthorizationRequest {
            redirect_uri,
            state: &self.state,
            nonce: &self.nonce,
            verifier: &self.verifier,
        }
    }
}

fn google_cookie(door: &Doorstep, https: bool) -> String {
    let host = if https { "__Host-" } else { "" };
    let audience = door.audience.as_str().to_ascii_lowercase();
    format!("{host}vestibule_google_{audience}_{}", door.slug)
}

/// Whether there is a contact of that address is not said.
fn said(refusal: Refusal) -> String {
    match refusal.reason {
        Reason::InvalidCredentials => {
            "The email address of that Google account can\u{2019}t sign in here. Use another one, or sign in another way.".to_owned()
        }
        _ => words(refusal),
    }
}

fn refused(door: &Doorstep, words: &str) -> Result<Reply> {
    let view = ToldView {
        layout: door.layout(),
        heading: "You are not signed in",
        words,
        next: "Back to sign in",
        next_href: &door.path("login"),
    };
    Reply::view(403, &view, &view.layout)
}
