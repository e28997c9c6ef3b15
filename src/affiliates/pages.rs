//! The link of an affiliate: `GET /r/{code}` leads to the target. It redirects to stored targets only, never to what a request names.
//! And the page with the figures of an affiliate.

pub(crate) mod figures;

use poem::web::Path;
use poem::{get, handler};

use crate::accounts::model::Account;
use crate::affiliates::model::click::Visitor;
use crate::affiliates::model::code::Code;
use crate::affiliates::model::target::with_code;
use crate::affiliates::model::{Affiliate, AffiliateStatus};
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::pages::routes::Routes;
use crate::pages::{ErrorKind, Reply, SignInSite, Visit};

pub(crate) fn routes(routes: Routes) -> Routes {
    read_routes(routes).at("/r/:code", get(follow).head(look))
}

/// The page that a team member can view.
pub(crate) fn read_routes(routes: Routes) -> Routes {
    routes.at("/affiliates", get(figures::show))
}

#[handler]
async fn follow(visit: Visit<'_>, Path(code): Path<String>) -> Result<Reply> {
    let mut conn = visit.conn().await?;
    let Some((account, found)) = find(&mut conn, &visit, &code).await? else {
        return Ok(visit.error(ErrorKind::NotFound));
    };
    if let Some(affiliate) = found.as_ref().filter(|_| visit.opened) {
        count(&mut conn, &visit, affiliate).await;
    }
    Ok(redirect(&visit, account, found))
}

/// `HEAD`: what checks links is no visitor.
#[handler]
async fn look(visit: Visit<'_>, Path(code): Path<String>) -> Result<Reply> {
    let mut conn = visit.conn().await?;
    Ok(match find(&mut conn, &visit, &code).await? {
        Some((account, found)) => redirect(&visit, account, found),
        None => visit.error(ErrorKind::NotFound),
    })
}

/// An unknown or paused code leads where a code without a target of its own leads.
fn redirect(visit: &Visit<'_>, account: Account, found: Option<Affiliate>) -> Reply {
    let (code, own) = found
        .map(|found| (found.details.code, found.details.target_url))
        .unzip();
    let target = own.flatten().or(account.affiliate_target_url);
    let target = target.map(|target| with_code(&target, code.as_ref()));
    let home = || visit.services().settings.addresses.portal(&account.slug);
    Reply::found(target.unwrap_or_else(home))
}

/// The portal's account, and the affiliate whose link works.
async fn find(
    conn: &mut Conn,
    visit: &Visit<'_>,
    code: &str,
) -> Result<Option<(Account, Option<Affiliate>)>> {
    let Some(site) = SignInSite::find(conn, visit).await? else {
        return Ok(None);
    };
    let found = match Code::read(code) {
        Some(code) => Affiliate::by_code(conn, site.account.id, &code).await?,
        None => None,
    };
    let active = found.filter(|affiliate| affiliate.details.status == AffiliateStatus::Active);
    Ok(Some((site.account, active)))
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
