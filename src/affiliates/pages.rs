//! The link of an affiliate: `GET /r/{code}` leads to the target. It redirects to stored targets only, never to what a request names.

use poem::http::Method;
use poem::web::Path;
use poem::{get, handler};

use crate::accounts::model::Account;
use crate::affiliates::model::click::Visitor;
use crate::affiliates::model::code::Code;
use crate::affiliates::model::{Affiliate, AffiliateStatus};
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::pages::routes::Routes;
use crate::pages::{ErrorKind, Reply, SignInSite, Visit};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.at("/r/:code", get(follow))
}

/// An unknown or paused code leads to the portal, so that the response doesn't tell which codes there are.
#[handler]
async fn follow(visit: Visit<'_>, Path(code): Path<String>) -> Result<Reply> {
    let mut conn = visit.conn().await?;
    let Some(site) = SignInSite::find(&mut conn, &visit).await? else {
        return Ok(visit.error(ErrorKind::NotFound));
    };
    let found = find(&mut conn, &site.account, &code).await?;
    if let Some(affiliate) = &found
        && visit.request().method() != Method::HEAD
    {
        count(&mut conn, &visit, affiliate).await;
    }
    let own = found.and_then(|affiliate| affiliate.details.target_url.or(site.account.affiliate_target_url));
    let home = || visit.services().settings.addresses.portal(&site.account.slug);
    Ok(Reply::found(own.unwrap_or_else(home)))
}

/// The affiliate whose link works.
async fn find(conn: &mut Conn, account: &Account, code: &str) -> Result<Option<Affiliate>> {
    let Some(code) = Code::read(code) else {
        return Ok(None);
    };
    let found = Affiliate::by_code(conn, account.id, &code).await?;
    Ok(found.filter(|affiliate| affiliate.details.status == AffiliateStatus::Active))
}

/// Counts the click. The visitor gets to the target whether or not it can be counted.
async fn count(conn: &mut Conn, visit: &Visit<'_>, affiliate: &Affiliate) {
    let client = &visit.client;
    let visitor = if visit.browser.new {
        let [address, agent] =
            [&client.ip, &client.user_agent].map(|text| text.as_deref().unwrap_or_default());
        Visitor::Client(address, agent)
    } else {
        Visitor::Browser(&visit.browser.value)
    };
    let key = &visit.sign_in().keys.visitor;
    if let Err(error) = affiliate.count_click(conn, visitor, key, &visit.moment()).await {
        error.report();
    }
}
