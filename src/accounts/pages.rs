//! The logo of an account, at a path of its own host.

use poem::web::Path;
use poem::{get, handler};

use crate::accounts::model::Account;
use crate::base::error::Result;
use crate::pages::routes::Routes;
use crate::pages::{ErrorKind, Reply, SignInSite, Visit};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.at("/logo/:file", get(show))
}

/// A page that was opened before the logo changed gets the new one, and must not keep it under the old name.
#[handler]
async fn show(visit: Visit<'_>, site: SignInSite, Path(file): Path<String>) -> Result<Reply> {
    let mut conn = visit.conn().await?;
    let png = Account::logo_png(&mut conn, site.account.id).await?;
    let current = site.account.logo_file.as_deref() == Some(&file);
    Ok(match png {
        Some(png) => Reply::picture(png, current),
        None => visit.error(ErrorKind::NotFound),
    })
}
