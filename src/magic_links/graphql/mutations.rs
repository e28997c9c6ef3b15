//! Magic links that staff make, and menu links, which hold no credential.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use chrono::TimeDelta;
use diesel_async::AsyncConnection;

use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::api::scalars::Url;
use crate::base::actor::{Requester, Scope, Staff};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{ContactId, MagicLinkId};
use crate::invitations::graphql::recipients::SkippedRecipient;
use crate::live::Topic;
use crate::magic_links::graphql::MagicLink;
use crate::services::Services;

use crate::accounts::model::Account;
use crate::accounts::model::budget;
use crate::accounts::model::section::PortalSection;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::plain_text;
use crate::contacts::model::Contact;
use crate::invitations::model::recipients::SkipReason;
use crate::magic_links::model::{LinkPlan, Purpose};
use crate::messages::model::suppression::Suppression;
use crate::messages::model::{Channel, Message, MessageKind, NewMessage};
use crate::sign_in::sessions::model::Holder;

/// The answer holds a secret: a kept one is deleted early.
pub(crate) const SECRET_RESPONSE: &[&str] = &["generateMagicLink"];

#[derive(Default)]
pub(crate) struct LinkMutations;

/// The contact and the destination of a magic link.
#[derive(InputObject)]
pub(crate) struct GenerateMagicLinkInput {
    /// The contact it signs in.
    contact_id: ID,
    /// Where it leads. Default: `HOME`.
    section: Option<PortalSection>,
    /// The one course or community in the section that it leads to: an id or a name, never a URL.
    resource_id: Option<ID>,
    /// Whether the session opens that section only, until a step up. Default: the account's setting.
    limit_to_section: Option<bool>,
    /// How long it lives, in minutes: 5 to 10,080 (7 days). Default: 15.
    expires_in_minutes: Option<i32>,
    /// Also sends it to the contact this way. Only `EMAIL` is available yet.
    send_by: Option<Channel>,
    /// The link that this one regenerates: it stops working.
    replaces: Option<ID>,
}

/// The new link. Its URL is readable here and never again.
#[derive(SimpleObject)]
pub(crate) struct GenerateMagicLinkPayload {
    /// The link.
    magic_link: MagicLink,
    /// The URL. Give it to the contact only: it signs in the first person who opens it.
    url: Url,
    /// What was done, as a sentence to show. Names the contact to callers with the scope `READ`.
    confirmation: String,
    /// Why `sendBy` sent nothing; null if it did, or if it was not requested. The link is created in any case.
    skipped: Option<SkippedRecipient>,
}

/// The section that a menu entry leads to.
#[derive(InputObject)]
pub(crate) struct GenerateCustomMenuLinkInput {
    /// The section.
    section: PortalSection,
}

/// A link for menus. It holds no credential: a visitor with a session goes straight in, any other visitor signs in first.
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

    /// Gives the URL of a section for menus; it holds no credential. Needs the scope `LINKS`.
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

/// The parsed input of `generateMagicLink`.
struct GenerateLinkRequest {
    contact: ContactId,
    section: PortalSection,
    resource_id: Option<String>,
    limit_to_section: Option<bool>,
    lifetime: TimeDelta,
    send_email: bool,
    replaces: Option<MagicLinkId>,
}

impl GenerateLinkRequest {
    fn parse(input: GenerateMagicLinkInput) -> Result<Self> {
        let minutes = input.expires_in_minutes.unwrap_or(15);
        if !(5..=10_080).contains(&minutes) {
            return Err(Error::bad_input(
                "input.expiresInMinutes",
                "It must be between 5 and 10080 (7 days).",
            ));
        }
        if input.send_by == Some(Channel::Sms) {
            return Err(Error::bad_input(
                "input.sendBy",
                "SMS is not available on this server. Use EMAIL.",
            ));
        }
        let resource_id = input
            .resource_id
            .map(|id| plain_text::line("input.resourceId", &id, 120))
            .transpose()?
            .flatten();
        if resource_id
            .as_deref()
            .is_some_and(|id| id.contains(['/', ':', '\\', '?', '#']))
        {
            return Err(Error::bad_input(
                "input.resourceId",
                "Pass the id or name of a course or community, not a URL.",
            ));
        }
        Ok(Self {
            contact: input
                .contact_id
                .parse()
                .map_err(|_| Error::not_found("input.contactId", "contact"))?,
            section: input.section.unwrap_or(PortalSection::Home),
            resource_id,
            limit_to_section: input.limit_to_section,
            lifetime: TimeDelta::minutes(minutes.into()),
            send_email: input.send_by == Some(Channel::Email),
            replaces: input
                .replaces
                .map(|id| {
                    id.parse()
                        .map_err(|_| Error::not_found("input.replaces", "magic link"))
                })
                .transpose()?,
        })
    }

    fn plan(&self, account: &Account, contact: &Contact) -> LinkPlan {
        LinkPlan {
            resource_id: self.resource_id.clone(),
            limit_to_section: self.limit_to_section.unwrap_or(account.limit_copied_links)
                && self.section != PortalSection::Home,
            staff_seen: true,
            lifetime: self.lifetime,
            ..LinkPlan::new(contact.id, Purpose::Generated, self.section)
        }
    }
}

async fn generate(ctx: &Context<'_>, input: GenerateMagicLinkInput) -> Result<GenerateMagicLinkPayload> {
    let staff = ctx.staff(Scope::Links)?;
    let request = GenerateLinkRequest::parse(input)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let (account, contact, link, url, suppressed) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let account = Account::find(conn, staff.account).await?;
            account.check_links()?;
            let contact = lock_recipient(conn, &staff, &request).await?;
            let link = create_link(conn, &account, &contact, (&request, &requester), &moment).await?;
            let secrets = crate::magic_links::model::MagicLink::mint(conn, &[&link], &moment).await?;
            let suppressed = request.send_email && Suppression::holds(conn, &contact, moment.now).await?;
            if request.send_email && !suppressed {
                queue_email(services, conn, &contact, &link, &requester, &moment).await?;
            }
            let url = secrets.first().map(|secret| {
                services
                    .settings
                    .addresses
                    .magic_link(&account.slug, &secret.reveal())
            });
            Ok((account, contact, link, url.unwrap_or_default(), suppressed))
        })
        .await?;
    services
        .live
        .nudge(staff.account, &[Topic::Activity, Topic::Messages]);
    let skipped = suppressed.then(|| SkippedRecipient::contact(ctx, &contact, SkipReason::Suppressed));
    let name = contact.name().or(contact.email).filter(|_| ctx.may_read());
    let confirmation = confirmation(&account, name.as_deref(), &request, suppressed);
    Ok(GenerateMagicLinkPayload {
        magic_link: link.into(),
        url: Url(url),
        confirmation,
        skipped,
    })
}

async fn lock_recipient(conn: &mut Conn, staff: &Staff, request: &GenerateLinkRequest) -> Result<Contact> {
    let contact = Contact::lock(conn, staff.account, request.contact)
        .await?
        .ok_or_else(|| Error::not_found("input.contactId", "contact"))?;
    if contact.revoked_at.is_some() {
        let message = "This contact's access was revoked. Restore it first.";
        return Err(Error::new(Code::Conflict, message).at("input.contactId"));
    }
    if request.send_email && contact.email.is_none() {
        return Err(Error::bad_input(
            "input.sendBy",
            "This contact has no email address.",
        ));
    }
    Ok(contact)
}

async fn create_link(
    conn: &mut Conn,
    account: &Account,
    contact: &Contact,
    (request, requester): (&GenerateLinkRequest, &Requester),
    moment: &Moment,
) -> Result<crate::magic_links::model::MagicLink> {
    if let Some(old) = request.replaces {
        let missing = || Error::not_found("input.replaces", "magic link");
        let found = crate::magic_links::model::MagicLink::find(conn, account.id, old)
            .await?
            .ok_or_else(missing)?;
        if found.contact_id != contact.id {
            return Err(Error::bad_input(
                "input.replaces",
                "That link belongs to another contact.",
            ));
        }
        crate::magic_links::model::MagicLink::replace(conn, account.id, old, moment.now).await?;
    }
    let plan = request.plan(account, contact);
    let made =
        crate::magic_links::model::MagicLink::create_many(conn, account.id, requester, &[plan], moment)
            .await?;
    let link = made
        .into_iter()
        .next()
        .ok_or_else(|| Error::internal("a link that was inserted did not come back"))?;
    let event = NewEvent::for_contact(EventKind::LinkCreated, contact.id).on(link.id);
    record(conn, account.id, requester, &[event], moment).await?;
    Ok(link)
}

async fn queue_email(
    services: &Services,
    conn: &mut Conn,
    contact: &Contact,
    link: &crate::magic_links::model::MagicLink,
    requester: &Requester,
    moment: &Moment,
) -> Result<()> {
    let daily = services.settings.daily_messages;
    let taken = budget::take(conn, contact.account_id, 1, daily, moment.now).await?;
    taken.map_err(|spent| spent.refusal(moment.now))?;
    let message = NewMessage {
        link: Some(link),
        give_up_at: Some(link.expires_at),
        ..NewMessage::new(
            MessageKind::MagicLink,
            contact.email.as_deref().unwrap_or_default(),
            Some(Holder::Contact(contact.id)),
        )
    };
    Message::queue(conn, contact.account_id, &message, requester.actor, moment).await?;
    Ok(())
}

fn confirmation(
    account: &Account,
    name: Option<&str>,
    request: &GenerateLinkRequest,
    suppressed: bool,
) -> String {
    let who = name.unwrap_or("the contact");
    let sent = match (request.send_email, suppressed) {
        (true, false) => " It is also on its way by email.",
        (true, true) => " It was not emailed, because email to the contact's address is stopped.",
        (false, _) => "",
    };
    let minutes = request.lifetime.num_minutes();
    format!(
        "This link signs {who} in to {} once, within {minutes} minutes.{sent}",
        account.name
    )
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
            let found = crate::magic_links::model::MagicLink::find(conn, staff.account, id)
                .await?
                .ok_or_else(missing)?;
            Contact::lock(conn, staff.account, found.contact_id).await?;
            let Some(link) =
                crate::magic_links::model::MagicLink::revoke(conn, staff.account, id, moment.now).await?
            else {
                return crate::magic_links::model::MagicLink::find(conn, staff.account, id)
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
