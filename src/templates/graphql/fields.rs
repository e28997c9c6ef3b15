//! The merge fields in the API.

use async_graphql::{Context, Object, SimpleObject};

use super::reader;
use crate::accounts::model::Account;
use crate::api::context::ContextExt;
use crate::base::error::Result;
use crate::messages::model::Channel;
use crate::templates::fields::{FIELDS, MergeFieldGroup, Usage};
use crate::templates::trigger::WorkflowTrigger;
use crate::templates::values::preview_values;

/// A value that templates show, filled in for each recipient when a message is sent.
#[derive(SimpleObject)]
pub(crate) struct MergeField {
    /// How templates name it: `{{ contact.first_name }}` for the name `contact.first_name`.
    name: &'static str,
    /// What it is, in English.
    label: &'static str,
    /// What it is about.
    group: MergeFieldGroup,
    /// A value that it could have.
    example: String,
    /// Whether some recipients have no value: then a use needs a default, `{{ contact.first_name | default("there") }}`.
    may_be_empty: bool,
    /// Whether it can be used here.
    available: bool,
    /// Why it can't be used here.
    reason: Option<String>,
}

#[derive(Default)]
pub(crate) struct MergeFieldQueries;

#[Object]
impl MergeFieldQueries {
    /// The merge fields, in the order of menus, with those that can't be used and the reason. Needs the scope `INVITE` or `ADMIN`.
    async fn merge_fields(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How the message is delivered.")] channel: Channel,
        #[graphql(desc = "The triggers of the workflow that sends it; none for other messages.")]
        triggers: Option<Vec<WorkflowTrigger>>,
    ) -> Result<Vec<MergeField>> {
        let staff = reader(&ctx.auth().viewer)?;
        let triggers = triggers.unwrap_or_default();
        let usage = Usage {
            channel,
            triggers: &triggers,
            marketing: false,
        };
        let services = ctx.services();
        let mut conn = services.db.conn().await?;
        let account = Account::find(&mut conn, staff.account).await?;
        let examples = preview_values(&mut conn, &account, &services.settings.addresses, None).await?;
        let fields = FIELDS.iter().map(|field| {
            let reason = field.available(usage).err();
            let example = examples.get(field.name).flatten().unwrap_or(field.example);
            MergeField {
                name: field.name,
                label: field.label,
                group: field.group,
                example: example.to_owned(),
                may_be_empty: field.may_be_empty(usage),
                available: reason.is_none(),
                reason,
            }
        });
        Ok(fields.collect())
    }
}
