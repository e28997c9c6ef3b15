//! The page to unsubscribe from marketing emails. `GET` shows what the button does, and only a `POST` does it, because mail scanners open
//! URLs. Mail programs post without a page (RFC 8058): the token in the URL is all they have.

use askama::Template;
use diesel_async::AsyncConnection;
use poem::web::Path;
use poem::{FromRequest, Request, RequestBody, get, handler};

use crate::base::db::deadline;
use crate::base::error::{Error, Result};
use crate::base::mask;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::live::Topic;
use crate::mailings::model::opt_out::MarketingEmail;
use crate::pages::routes::Routes;
use crate::pages::{BODY_TIMEOUT, ErrorKind, Form, Layout, MAX_BODY_LEN, Reply, SignInSite, Visit};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.at("/unsubscribe/:token", get(show).post(change))
}

/// What the page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subscription {
    /// What the button does.
    Subscribed,
    /// That it is done, and how to undo it.
    Unsubscribed,
    /// That it is undone.
    SubscribedAgain,
}

/// `GET /unsubscribe/{token}`, and the answer to its `POST`.
#[derive(Debug, Template)]
#[template(path = "pages/unsubscribe.html")]
pub(crate) struct UnsubscribeView<'a> {
    pub layout: Layout<'a>,
    /// The masked recipient.
    pub masked_email: &'a str,
    pub state: Subscription,
    /// The path the button posts to: this page's own. Fields: `form_token`, `subscribe`.
    pub action: &'a str,
    pub form_token: &'a str,
}

/// The token is not of a marketing email of this portal, or its contact is gone.
#[derive(Debug, Template)]
#[template(path = "pages/unsubscribe_unknown.html")]
pub(crate) struct UnsubscribeUnknownView<'a> {
    pub layout: Layout<'a>,
}

/// What a `POST` asks for.
enum Change {
    Unsubscribe,
    Subscribe,
}

impl<'a> FromRequest<'a> for Change {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        if one_click(request, body).await? {
            return Ok(Self::Unsubscribe);
        }
        let form = Form::from_request(request, body).await?;
        Ok(match form.get("subscribe") {
            "1" => Self::Subscribe,
            _ => Self::Unsubscribe,
        })
    }
}

/// Whether a mail program sent the request, without the context of a browser: RFC 8058, section 3.1. It takes the body of such a
/// request; one that is not a mail program's is refused.
async fn one_click(request: &Request, body: &mut RequestBody) -> poem::Result<bool> {
    let headers = request.headers();
    let from_browser = ["cookie", "sec-fetch-site", "origin"]
        .iter()
        .any(|name| headers.contains_key(*name));
    if from_browser {
        return Ok(false);
    }
    let visit = Visit::of(request)?;
    let unreadable = |_| Error::bad_input("form", "The form could not be read.");
    let read = graphql_server::body::read(body.take()?, MAX_BODY_LEN, BODY_TIMEOUT);
    let body = deadline::paused(read).await.map_err(unreadable)?;
    // Form data of either encoding.
    let text = String::from_utf8_lossy(&body);
    if text.contains("List-Unsubscribe") && text.contains("One-Click") {
        return Ok(true);
    }
    let retry_href = visit.path();
    Err(visit
        .error(ErrorKind::FormExpired {
            retry_href: &retry_href,
        })
        .into())
}

#[handler]
async fn show(visit: Visit<'_>, site: SignInSite, Path(token): Path<String>) -> Result<Reply> {
    let Some(email) = marketing_email(&visit, &site, &token).await? else {
        return unknown(&site);
    };
    let mut conn = visit.conn().await?;
    let state = if email.unsubscribed(&mut conn).await? {
        Subscription::Unsubscribed
    } else {
        Subscription::Subscribed
    };
    page(&visit, &site, &email, state)
}

#[handler]
async fn change(
    visit: Visit<'_>,
    site: SignInSite,
    Path(token): Path<String>,
    change: Change,
) -> Result<Reply> {
    let Some(email) = marketing_email(&visit, &site, &token).await? else {
        return unknown(&site);
    };
    let subscribed = matches!(change, Change::Subscribe);
    let moment = visit.moment();
    let mut conn = visit.conn().await?;
    conn.transaction(async |conn| email.subscribe(conn, subscribed, &visit.client, &moment).await)
        .await?;
    visit.live().nudge(site.account.id, &[Topic::Activity]);
    let state = if subscribed {
        Subscription::SubscribedAgain
    } else {
        Subscription::Unsubscribed
    };
    page(&visit, &site, &email, state)
}

/// The email that a token identifies, if this account sent it.
async fn marketing_email(
    visit: &Visit<'_>,
    site: &SignInSite,
    token: &str,
) -> Result<Option<MarketingEmail>> {
    let secret = PlainSecret::parse(SecretKind::Unsubscribe, token);
    let Some(secret) = secret.filter(|secret| secret.account == site.account.id) else {
        return Ok(None);
    };
    let mut conn = visit.conn().await?;
    MarketingEmail::find(&mut conn, &secret, &visit.sign_in().keys.unsubscribe).await
}

fn page(visit: &Visit<'_>, site: &SignInSite, email: &MarketingEmail, state: Subscription) -> Result<Reply> {
    let action = visit.path();
    let view = UnsubscribeView {
        layout: site.layout(),
        masked_email: &mask::address(&email.message.address),
        state,
        action: &action,
        form_token: &visit.form_token(&action),
    };
    Reply::view(200, &view, &view.layout)
}

fn unknown(site: &SignInSite) -> Result<Reply> {
    let view = UnsubscribeUnknownView {
        layout: site.layout(),
    };
    Reply::view(404, &view, &view.layout)
}
