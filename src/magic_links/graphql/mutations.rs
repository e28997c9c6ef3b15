//! Magic links that staff create, and menu links, which hold no credential.

mod generate;

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::api::scalars::Url;
use crate::base::actor::Scope;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::error::{Error, Result};
use crate::base::ids::MagicLinkId;
use crate::contacts::model::Contact;
use crate::live::Topic;
use crate::magic_links::graphql::MagicLink;
use crate::magic_links::graphql::mutations::generate::{
    GenerateMagicLinkInput, GenerateMagicLinkPayload, generate,
};
use crate::magic_links::model as magic_link;

/// Mutations whose response contains a secret. A response stored for an `Idempotency-Key` is deleted after 15 minutes.
pub(crate) const SECRET_RESPONSE: &[&str] = &["generateMagicLink"];

#[derive(Default)]
pub(crate) struct LinkMutations;

/// The section that a menu entry leads to.
#[derive(InputObject)]
pub(crate) struct GenerateCustomMenuLinkInput {
    /// The section.
    section: PortalSection,
}

/// A link for menus. It holds no credential: a visitor with a session sees the section at once, any other visitor signs in first.
#[derive(SimpleObject)]
pub(crate) struct GenerateCustomMenuLinkPayload {
    /// The URL to put into a menu.
    url: Url,
    /// The section it leads to.
    section: PortalSection,
    /// What it does, as a sentence to show.
    confirmation: String,
}

/// The link to revoke.
#[derive(InputObject)]
pub(crate) struct RevokeMagicLinkInput {
    /// The link's id.
    magic_link_id: ID,
}

/// The revoked link.
#[derive(SimpleObject)]
pub(crate) struct RevokeMagicLinkPayload {
    /// The link: it no longer works.
    magic_link: MagicLink,
}

#[Object]
impl LinkMutations {
    /// Creates a one-time URL that signs one contact in without a password. `CONFLICT` if signing in by link is turned
    /// off. Needs the scope `LINKS`.
    async fn generate_magic_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contact and the destination.")] input: GenerateMagicLinkInput,
    ) -> Option<GraphqlResult<GenerateMagicLinkPayload>> {
        mutate(generate(ctx, input)).await
    }

    /// Returns the URL of a section for menus; it holds no credential. Needs the scope `LINKS`.
    async fn generate_custom_menu_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: GenerateCustomMenuLinkInput,
    ) -> Option<GraphqlResult<GenerateCustomMenuLinkPayload>> {
        mutate(menu_link(ctx, input)).await
    }

    /// Revokes a magic link that was not used yet. Needs the scope `LINKS`.
    async fn revoke_magic_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: RevokeMagicLinkInput,
    ) -> Option<GraphqlResult<RevokeMagicLinkPayload>> {
        mutate(revoke(ctx, input)).await
    }
}

async fn menu_link(
    ctx: &Context<'_>,
    input: GenerateCustomMenuLinkInput,
) -> Result<GenerateCustomMenuLinkPayload> {
    let staff = ctx.staff(Scope::Links)?;
    let services = ctx.services();
    let mut conn = services.db.conn().await?;
    let account = Account::find(&mut conn, staff.account).await?;
    let confirmation =
        "You can put this link into a menu: it holds no credential. Visitors who are not signed in sign in first."
            .to_owned();
    Ok(GenerateCustomMenuLinkPayload {
        url: Url(services.settings.addresses.section(&account.slug, input.section)),
        section: input.section,
        confirmation,
    })
}

async fn revoke(ctx: &Context<'_>, input: RevokeMagicLinkInput) -> Result<RevokeMagicLinkPayload> {
    let staff = ctx.staff(Scope::Links)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let missing = || Error::not_found("input.magicLinkId", "magic link");
    let id: MagicLinkId = input.magic_link_id.parse().map_err(|_| missing())?;
    let mut conn = services.db.conn().await?;
    let link = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let found = magic_link::MagicLink::find(conn, staff.account, id)
                .await?
                .ok_or_else(missing)?;
            Contact::lock(conn, staff.account, found.contact_id).await?;
            let Some(link) = magic_link::MagicLink::revoke(conn, staff.account, id, moment.now).await? else {
                return magic_link::MagicLink::find(conn, staff.account, id)
                    .await?
                    .ok_or_else(missing);
            };
            let event = NewEvent::for_contact(EventKind::LinkRevoked, link.contact_id).on(link.id);
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok(link)
        })
        .await?;
    services.live.nudge(staff.account, &[Topic::Activity]);
    Ok(RevokeMagicLinkPayload {
        magic_link: link.into(),
    })
}
