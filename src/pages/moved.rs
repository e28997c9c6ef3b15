//! What an account's former slugs still do: addresses with them redirect, and session cookies with their names go on.

use poem::http::{HeaderValue, header};
use poem::{IntoResponse, Response};

use super::target::TargetKind;
use super::{PageContext, Reply, SignInSite, Visit};
use crate::accounts::model::Account;
use crate::accounts::urls::VIEW_PATH;
use crate::base::actor::Audience;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::pages::credentials::cookie_name;
use crate::pages::reply::set_cookie;
use crate::sign_in::sessions::model::Session;

/// A session's cookie, as the browser sent it.
pub(super) struct SessionCookie {
    pub secret: PlainSecret,
    /// It has the name of a former slug.
    pub renamed: bool,
}

impl SessionCookie {
    /// The one with the site's own name, or else one of the account with another name.
    pub(super) fn of(site: &SignInSite, visit: &Visit<'_>) -> Option<Self> {
        let own = own_name(site, visit);
        let mut of_account = of_account(site, visit).collect::<Vec<_>>();
        let at = of_account.iter().position(|(name, _)| *name == own).unwrap_or(0);
        let renamed = of_account.get(at)?.0 != own;
        let (_, secret) = of_account.swap_remove(at);
        Some(Self { secret, renamed })
    }
}

fn own_name(site: &SignInSite, visit: &Visit<'_>) -> String {
    cookie_name(site.audience, &site.account.slug, visit.https())
}

/// The session cookies of an account: after a change of its slug there may be several.
fn of_account<'a>(site: &SignInSite, visit: &Visit<'a>) -> impl Iterator<Item = (&'a str, PlainSecret)> {
    let (prefix, account) = (cookie_name(site.audience, "", visit.https()), site.account.id);
    visit.cookies().filter_map(move |(name, value)| {
        name.strip_prefix(prefix.as_str())?;
        let secret = PlainSecret::parse(SecretKind::Cookie, value)?;
        (secret.account == account).then_some((name, secret))
    })
}

/// Removes every session cookie of the account.
pub(super) fn remove_session_cookies(mut reply: Reply, site: &SignInSite, visit: &Visit<'_>) -> Reply {
    let own = own_name(site, visit);
    for (name, _) in of_account(site, visit).filter(|(name, _)| *name != own) {
        reply = reply.cookie(name, "", 0, visit.https());
    }
    reply.cookie(&own, "", 0, visit.https())
}

impl PageContext {
    /// Whether the request has the account's slug, and not a former one. If it has, it will be redirected.
    pub(super) fn is_current(&self, account: &Account) -> bool {
        match &self.target.kind {
            TargetKind::Account { slug, .. } if *slug != account.slug => {
                self.moved_to.get_or_init(|| account.slug.clone());
                false
            }
            TargetKind::Account { .. } | TargetKind::Server => true,
        }
    }

    /// Gives the session's cookie its present name with the response, for scripts that name the account by its slug.
    pub(super) fn rename_cookie(&self, site: &SignInSite, session: &Session, secret: &PlainSecret) {
        let name = cookie_name(site.audience, &site.account.slug, self.https());
        let seconds = (session.expires_at - self.now()).num_seconds();
        self.renamed_cookie
            .get_or_init(|| set_cookie(&name, &secret.reveal(), seconds, self.https()));
    }

    /// The redirect of an address with a former slug, if the request has one.
    pub(super) fn redirect_of_former_slug(&self) -> Option<Response> {
        let (slug, addresses) = (self.moved_to.get()?, &self.services().settings.addresses);
        let TargetKind::Account { audience, .. } = &self.target.kind else {
            return None;
        };
        let base = match audience {
            Audience::Portal => addresses.portal(slug),
            Audience::Dashboard => addresses.dashboard(slug),
        };
        let view = if self.target.viewing { VIEW_PATH } else { "" };
        let path = [view, &self.target.path[1..]]
            .into_iter()
            .filter(|part| !part.is_empty());
        let path: String = path.map(|part| format!("/{part}")).collect();
        Some(Reply::moved(format!("{base}{path}{}", self.query)).into_response())
    }

    pub(super) fn add_renamed_cookie(&self, response: &mut Response) {
        let cookie = self.renamed_cookie.get();
        if let Some(Ok(cookie)) = cookie.map(|cookie| HeaderValue::from_str(cookie)) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}
