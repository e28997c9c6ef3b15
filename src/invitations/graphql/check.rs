//! Checking addresses before they are invited or emailed.

use async_graphql::{Context, Object, SimpleObject};

use crate::api::context::ContextExt;
use crate::base::actor::Scope;
use crate::base::error::{Error, Result};
use crate::contacts::graphql::Contact;
use crate::invitations::model::check;
use crate::invitations::model::check::{CheckedRecipient, RecipientState};

/// The most addresses of one check.
const MAX_CHECKED: usize = 1_000;

/// One address of a list, and what it belongs to.
#[derive(SimpleObject)]
pub(crate) struct RecipientCheck {
    /// The address without its name. If it is invalid: the text as received, with invisible characters escaped.
    email: String,
    /// The contact's name, or else the name that was given with the address.
    name: Option<String>,
    /// The contact that it belongs to.
    contact: Option<Contact>,
    /// What it belongs to, or why no email can be sent to it.
    state: RecipientState,
}

impl From<CheckedRecipient> for RecipientCheck {
    fn from(checked: CheckedRecipient) -> Self {
        Self {
            email: checked.email,
            name: checked.name,
            contact: checked.contact.map(Into::into),
            state: checked.state,
        }
    }
}

#[derive(Default)]
pub(crate) struct RecipientQueries;

#[Object]
impl RecipientQueries {
    /// Which contacts these addresses belong to, and whether they can be invited, in the order given. Nothing is changed. Needs
    /// the scopes `INVITE` and `READ`.
    async fn check_recipients(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Addresses such as `anna@example.com` or `Anna Smith <anna@example.com>` (RFC 5322): at most 1,000."
        )]
        emails: Vec<String>,
    ) -> Result<Vec<RecipientCheck>> {
        let staff = ctx.staff(Scope::Invite)?;
        ctx.staff(Scope::Read)?;
        if emails.len() > MAX_CHECKED {
            let message = format!("Check at most {MAX_CHECKED} addresses at once.");
            return Err(Error::bad_input("emails", message));
        }
        let services = ctx.services();
        let mut conn = services.db.conn().await?;
        let now = services.clock.now();
        let checked = check::check(&mut conn, staff.account, &emails, now).await?;
        Ok(checked.into_iter().map(Into::into).collect())
    }
}
