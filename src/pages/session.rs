//! The account of a page, and the user of this browser who is signed in to it.

use diesel_async::AsyncConnection;
use poem::{FromRequest, Request, RequestBody};

use super::layout::Logo;
use super::moved::SessionCookie;
use super::target::TargetKind;
use super::{ErrorKind, Layout, PageContext, Reply, Visit, return_path};
use crate::accounts::model::section::PortalSection;
use crate::accounts::model::{Account, slug_is_well_formed};
use crate::base::actor::Audience;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::locale::Locale;
use crate::sign_in::person::Person;
use crate::sign_in::sessions::OwnSession;
use crate::sign_in::sessions::model::Session;
use crate::sign_in::sessions::model::sign_out::sign_out_own;

/// An account's portal or dashboard. Their sign-in pages are the same.
#[derive(Clone)]
pub(crate) struct SignInSite {
    pub account: Account,
    pub audience: Audience,
    /// The path of its pages, without a trailing slash; empty on its own host.
    pub base: String,
    pub(super) logo: Option<Logo>,
    /// The browser's language and the account's zone; those of the user, once one is signed in.
    pub locale: Locale,
}

impl SignInSite {
    pub(crate) fn new(account: Account, audience: Audience, base: String, context: &PageContext) -> Self {
        Self {
            locale: account.locale(context.language),
            logo: Logo::of(&account, &base),
            account,
            audience,
            base,
        }
    }

    /// What the user signs in to, in words.
    fn destination(&self) -> String {
        match self.audience {
            Audience::Portal => self.account.name.clone(),
            Audience::Dashboard => {
                let text = self.locale.text("the-dashboard");
                text.arg("account", &self.account.name).to_string()
            }
        }
    }

    /// The site of a request, if the account exists. Its branding is cached for error pages. A request with a former slug finds nothing: it
    /// is redirected.
    pub(crate) async fn find(conn: &mut Conn, context: &PageContext) -> Result<Option<Self>> {
        let TargetKind::Account { audience, slug } = &context.target.kind else {
            return Ok(None);
        };
        if !slug_is_well_formed(slug) {
            return Ok(None);
        }
        let account = Account::by_slug(conn, slug).await?;
        let account = account.filter(|account| context.is_current(account));
        Ok(account.map(|account| {
            let found = Self::new(account, *audience, context.target.base.clone(), context);
            if !context.target.viewing {
                let home = found.landing(PortalSection::Home);
                context.site.brandings.insert(*audience, &found.account, &home);
            }
            found
        }))
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        format!("{}/{rest}", self.base)
    }

    /// The page after signing in.
    pub(crate) fn landing(&self, section: PortalSection) -> String {
        match section.path() {
            "" if self.base.is_empty() => "/".to_owned(),
            "" => self.base.clone(),
            path => self.path(path),
        }
    }

    pub(crate) fn layout(&self) -> Layout<'_> {
        let home = if self.base.is_empty() { "/" } else { &self.base };
        Layout::portal(&self.account.name, home, self.account.colors(), self.locale)
            .with_logo(self.logo.as_ref())
    }

    pub(crate) fn sign_in_options(&self, context: &PageContext) -> SignInOptions<'_> {
        let account = &self.account;
        SignInOptions {
            destination: self.destination(),
            base: &self.base,
            by_email: account.link_allowed || account.code_allowed,
            password: account.password_allowed,
            google: context.sign_in().google.is_some() && account.google_allowed,
            sign_up: self.audience == Audience::Portal && account.takes_sign_ups(),
        }
    }

    /// Redirects to the sign-in page, which tells users of a dashboard if their session has ended and leads back to the page afterwards.
    fn redirect_to_login(&self, visit: &Visit<'_>) -> Reply {
        let login = self.path("login");
        let mut parts = visit.target.path.split('/').skip(1);
        let section = parts.next().and_then(PortalSection::from_path);
        let redirect = Reply::see_other(match (self.audience, section) {
            (Audience::Portal, Some(section)) if section != PortalSection::Home => {
                format!("{login}?section={}", section.as_str())
            }
            (Audience::Dashboard, _) if SessionCookie::of(self, visit).is_some() => format!("{login}?ended"),
            _ => login,
        });
        return_path::remember(redirect, self, visit)
    }
}

impl<'a> FromRequest<'a> for SignInSite {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let visit = Visit::of(request)?;
        let mut conn = visit.conn().await?;
        let found = Self::find(&mut conn, &visit).await?;
        Ok(found.ok_or_else(|| visit.error(ErrorKind::NotFound))?)
    }
}

/// The user who is signed in already, for pages of a link that belongs to another user.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CurrentUser<'a> {
    /// The user's name, or else their address.
    pub name: &'a str,
    /// Where "Stay signed in" leads: the portal's home path, or the section's.
    pub href: &'a str,
}

/// What the sign-in pages of a portal and of a dashboard share.
#[derive(Clone, Debug)]
pub(crate) struct SignInOptions<'a> {
    /// What the user signs in to: the portal's name, or "the dashboard of acme".
    pub destination: String,
    /// The common prefix of the pages, without a trailing slash: `/p/acme`, `/dashboard/acme`, or empty.
    pub base: &'a str,
    /// Which methods the account allows: an emailed link or code, a password, Google.
    pub by_email: bool,
    pub password: bool,
    pub google: bool,
    /// Visitors may sign up by themselves.
    pub sign_up: bool,
}

/// The signed-in user of a page: a contact in a portal, a team member in a dashboard. As an extractor it redirects everyone else to
/// the sign-in page.
pub(crate) struct PageSession {
    pub site: SignInSite,
    pub person: Person,
    pub session: Session,
    pub own: OwnSession,
}

impl PageSession {
    pub(crate) async fn find(conn: &mut Conn, visit: &Visit<'_>, site: &SignInSite) -> Result<Option<Self>> {
        let account = site.account.id;
        let Some(cookie) = SessionCookie::of(site, visit) else {
            return Ok(None);
        };
        let found = Session::by_cookie(conn, &cookie.secret, visit.now()).await?;
        let Some(session) = found.filter(|session| session.audience == site.audience) else {
            return Ok(None);
        };
        let Some(own) = OwnSession::of(&session) else {
            return Ok(None);
        };
        let Some(person) = Person::find(conn, account, own.holder)
            .await?
            .filter(|person| !person.revoked())
        else {
            return Ok(None);
        };
        session.record_first_use(conn, visit.now()).await?;
        visit.site.authenticator.record_cookie_use(&session, visit.now());
        if cookie.renamed && !visit.posted {
            visit.rename_cookie(site, &session, &cookie.secret);
        }
        let locale = person.locale(site.locale);
        Ok(Some(Self {
            site: SignInSite {
                locale,
                ..site.clone()
            },
            person,
            session,
            own,
        }))
    }

    /// Ends the session.
    pub(crate) async fn sign_out(&self, conn: &mut Conn, context: &PageContext) -> Result<()> {
        let moment = context.moment();
        conn.transaction(async |conn| sign_out_own(conn, &self.own, &context.client, &moment).await)
            .await?;
        context
            .live()
            .nudge_sessions_ended(self.own.account, [self.own.id]);
        Ok(())
    }

    /// The user's name, or else their email address.
    pub(crate) fn name(&self) -> String {
        let email = || self.person.email().map(str::to_owned);
        self.person.name().or_else(email).unwrap_or_default()
    }
}

impl<'a> FromRequest<'a> for PageSession {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let visit = Visit::of(request)?;
        let mut conn = visit.conn().await?;
        let Some(site) = SignInSite::find(&mut conn, &visit).await? else {
            return Err(visit.error(ErrorKind::NotFound).into());
        };
        let found = Self::find(&mut conn, &visit, &site).await?;
        Ok(found.ok_or_else(|| site.redirect_to_login(&visit))?)
    }
}
