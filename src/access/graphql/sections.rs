//! Which sections of the portal a contact sees.

use async_graphql::{Context, SimpleObject};

use crate::access::model::portal::{PortalContents, SectionHiddenReason};
use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::api::context::ContextExt;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId};

/// Whether the portal shows a section to the contact.
#[derive(SimpleObject)]
pub(crate) struct SectionAccess {
    /// The section.
    section: PortalSection,
    /// Whether it is in the portal's menu. A link to a section that is switched off opens the home page.
    visible: bool,
    /// Why it isn't; null if it is.
    reason: Option<SectionHiddenReason>,
}

impl SectionAccess {
    /// Every section, in the menu's order. `limited_to` is the only one that the session opens.
    pub(crate) async fn all(
        ctx: &Context<'_>,
        account: AccountId,
        contact: ContactId,
        limited_to: Option<PortalSection>,
    ) -> Result<Vec<Self>> {
        let services = ctx.services();
        let mut conn = services.db.conn().await?;
        let account = Account::find(&mut conn, account).await?;
        let contents = PortalContents::load(&mut conn, account.id, contact, services.clock.now()).await?;
        let of_section = |section: &PortalSection| {
            let reason = contents.hidden(*section, &account, limited_to);
            Self {
                section: *section,
                visible: reason.is_none(),
                reason,
            }
        };
        Ok(PortalSection::ALL.iter().map(of_section).collect())
    }
}
