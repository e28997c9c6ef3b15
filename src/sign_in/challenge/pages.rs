//! The pages of signing in by email: waiting for the link or the code, and confirming another device.

pub(crate) mod confirm;
pub(crate) mod wait;

use crate::pages::routes::Routes;

pub(crate) fn routes(routes: Routes) -> Routes {
    confirm::routes(wait::routes(routes))
}
