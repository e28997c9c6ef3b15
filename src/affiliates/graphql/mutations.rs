//! Making contacts affiliates, and changing their code, target and status.

use async_graphql::{
    Context, ID, InputObject, MaybeUndefined, Object, Result as GraphqlResult, SimpleObject,
};
use diesel_async::AsyncConnection;

use crate::affiliates::graphql::Affiliate;
use crate::affiliates::model as affiliate;
use crate::affiliates::model::code::Code;
use crate::affiliates::model::target::parse_target;
use crate::affiliates::model::{AffiliateChanges, AffiliateStatus};
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::input::change;
use crate::api::mutation::mutate;
use crate::api::scalars::Url;
use crate::base::actor::Scope;
use crate::base::error::{Error, Result};
use crate::base::ids::ContactId;
use crate::contacts::model::Contact;
use crate::live::Topic;

/// The fields of an affiliate that need the scope `READ` and can't be null.
const FIGURES: [&str; 4] = ["clickCount", "clickHistory", "sales", "commission"];

#[derive(Default)]
pub(crate) struct AffiliateMutations;

/// A contact, and what they get as an affiliate. An omitted field of an affiliate stays as it is.
#[derive(InputObject)]
pub(crate) struct SetAffiliateInput {
    /// The contact.
    contact_id: ID,
    /// The last part of the link: 3 to 40 of `a-z 0-9 - _`; unique in the account, whatever its case. A new affiliate without one gets
    /// a code that is made from their name, or is random. Links with earlier codes still work.
    code: Option<String>,
    /// Where the link leads: an https URL that is not itself the link of an affiliate; `null`: where the account's `affiliateTargetUrl`
    /// says, or else to the portal.
    target_url: MaybeUndefined<Url>,
    /// Whether the link works; for a new affiliate it does by default.
    status: Option<AffiliateStatus>,
}

/// The affiliate.
#[derive(SimpleObject)]
pub(crate) struct SetAffiliatePayload {
    /// The affiliate as it is now.
    affiliate: Affiliate,
    /// Whether the contact has become an affiliate by this.
    enrolled: bool,
}

#[Object]
impl AffiliateMutations {
    /// Makes a contact an affiliate, or changes the code, target or status of one. Needs the scope `CONTACTS`.
    async fn set_affiliate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contact, and what to set.")] input: SetAffiliateInput,
    ) -> Option<GraphqlResult<SetAffiliatePayload>> {
        mutate(set(ctx, input)).await
    }
}

async fn set(ctx: &Context<'_>, input: SetAffiliateInput) -> Result<SetAffiliatePayload> {
    let staff = ctx.staff(Scope::Contacts)?;
    for figure in FIGURES {
        ctx.require_read_if_selected(&["affiliate", figure])?;
    }
    let missing = || Error::not_found("input.contactId", "contact");
    let id: ContactId = input.contact_id.parse().map_err(|_| missing())?;
    let services = ctx.services();
    let addresses = &services.settings.addresses;
    let wanted = AffiliateChanges {
        code: input.code.as_deref().map(Code::parse).transpose()?,
        target_url: change(&input.target_url, |url| {
            parse_target("input.targetUrl", &url.0, addresses)
        })?,
        status: input.status,
    };
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let (affiliate, enrolled) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let contact = Contact::lock(conn, staff.account, id)
                .await?
                .ok_or_else(missing)?;
            let found = affiliate::Affiliate::of_contacts(conn, staff.account, &[id])
                .await?
                .pop();
            Ok(match found {
                Some(found) => (found.change(conn, &wanted, &requester, &moment).await?, false),
                None => {
                    let new =
                        affiliate::Affiliate::enroll(conn, &contact, &wanted, &requester, &moment).await?;
                    (new, true)
                }
            })
        })
        .await?;
    services.live.nudge(staff.account, &[Topic::Activity]);
    Ok(SetAffiliatePayload {
        affiliate: affiliate.into(),
        enrolled,
    })
}
