//! Signing in by email: the page that waits for the link or the code, and the second confirmation.

pub(crate) mod confirm;
pub(crate) mod wait;

use crate::pages::routes::Routes;

pub(crate) fn routes(routes: Routes) -> Routes {
    confirm::routes(wait::routes(routes))
}
