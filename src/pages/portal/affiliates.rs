//! The affiliate centre.

use askama::Template;
use poem::handler;

use super::shell::{PortalPage, Shell};
use crate::accounts::model::section::PortalSection;
use crate::pages::{Layout, PageSession, Reply, Visit};

/// `GET /affiliates`.
#[derive(Debug, Template)]
#[template(path = "pages/affiliates.html")]
pub(crate) struct AffiliatesView<'a> {
    pub layout: Layout<'a>,
    pub shell: &'a Shell,
}

#[handler]
pub(super) async fn show(visit: Visit<'_>, user: PageSession) -> poem::Result<Reply> {
    let page = PortalPage::open(&visit, &user, PortalSection::Affiliates).await?;
    let view = AffiliatesView {
        layout: user.site.layout(),
        shell: &page.shell,
    };
    Ok(Reply::view(200, &view, &view.layout)?)
}
