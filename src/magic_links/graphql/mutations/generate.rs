//! Creating a magic link, and sending it if requested.

mod recipient;
mod sending;

use async_graphql::{Context, ID, InputObject, SimpleObject};
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncConnection;

use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::scalars::{EmailAddress, Url};
use crate::base::actor::{Requester, Scope};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{AccountId, MagicLinkId};
use crate::base::lifetime::Lifetime;
use crate::base::locale::Locale;
use crate::base::plain_text;
use crate::contacts::model::Contact;
use crate::invitations::graphql::recipients::SkippedRecipient;
use crate::live::Topic;
use crate::magic_links::graphql::MagicLink;
use crate::magic_links::graphql::mutations::generate::recipient::LinkRecipient;
use crate::magic_links::graphql::mutations::generate::sending::{LinkToSend, Sending, send};
use crate::magic_links::model as magic_link;
use crate::magic_links::model::{NewLink, Purpose};
use crate::messages::model::Channel;

/// The contact and the destination of a magic link.
#[derive(InputObject)]
pub(crate) struct GenerateMagicLinkInput {
    /// The contact it signs in. Pass this or `email`.
    contact_id: Option<ID>,
    /// The address of the contact it signs in, instead of `contactId`. An address that is not known becomes a contact if the
    /// caller also has the scope `CONTACTS` or `INVITE`; otherwise it is `NOT_FOUND`.
    email: Option<EmailAddress>,
    /// Where it leads. Default: `HOME`.
    section: Option<PortalSection>,
    /// The one course or community in the section that it leads to: an id or a name, never a URL.
    resource_id: Option<ID>,
    /// Whether the session opens that section only, until a step-up. Default: the account's setting.
    limit_to_section: Option<bool>,
    /// How long it lives, in minutes: 5 to 10,080 (7 days), default 15; with `sendBy: SMS` 5 to 10, default 10, from the sending on.
    expires_in_minutes: Option<i32>,
    /// Also sends it to the contact this way. A text message goes to the contact's phone number.
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

/// The parsed input of `generateMagicLink`.
struct GenerateLinkRequest {
    recipient: LinkRecipient,
    section: PortalSection,
    resource_id: Option<String>,
    limit_to_section: Option<bool>,
    lifetime: TimeDelta,
    send_by: Option<Channel>,
    replaces: Option<MagicLinkId>,
}

impl GenerateLinkRequest {
    fn parse(ctx: &Context<'_>, input: GenerateMagicLinkInput) -> Result<Self> {
        let minutes = parse_minutes(input.expires_in_minutes, input.send_by)?;
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
            recipient: LinkRecipient::parse(ctx, input.contact_id, input.email)?,
            section: input.section.unwrap_or(PortalSection::Home),
            resource_id,
            limit_to_section: input.limit_to_section,
            lifetime: TimeDelta::minutes(minutes.into()),
            send_by: input.send_by,
            replaces: input
                .replaces
                .map(|id| {
                    id.parse()
                        .map_err(|_| Error::not_found("input.replaces", "magic link"))
                })
                .transpose()?,
        })
    }

    fn new_link(&self, account: &Account, contact: &Contact) -> NewLink {
        NewLink {
            resource_id: self.resource_id.clone(),
            limit_to_section: self.limit_to_section.unwrap_or(account.limit_copied_links)
                && self.section != PortalSection::Home,
            staff_seen: true,
            lifetime: self.lifetime,
            ..NewLink::new(contact.id, Purpose::Generated, self.section)
        }
    }

    async fn lock_contact(
        &self,
        conn: &mut Conn,
        account: AccountId,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Contact> {
        let contact = self.recipient.lock(conn, account, requester, moment).await?;
        if contact.revoked_at.is_some() {
            let message = "This contact's access was revoked. Restore it first.";
            return Err(Error::new(Code::Conflict, message).at(self.recipient.field()));
        }
        if self.send_by == Some(Channel::Email) && contact.email.is_none() {
            return Err(Error::bad_input(
                "input.sendBy",
                "This contact has no email address.",
            ));
        }
        Ok(contact)
    }

    /// Supersedes the link that the new one replaces, if any.
    async fn supersede_replaced(&self, conn: &mut Conn, contact: &Contact, now: DateTime<Utc>) -> Result<()> {
        let Some(replaced) = self.replaces else {
            return Ok(());
        };
        let found = magic_link::MagicLink::find(conn, contact.account_id, replaced)
            .await?
            .ok_or_else(|| Error::not_found("input.replaces", "magic link"))?;
        if found.contact_id != contact.id {
            return Err(Error::bad_input(
                "input.replaces",
                "That link belongs to another contact.",
            ));
        }
        magic_link::MagicLink::supersede_one(conn, contact.account_id, replaced, now).await
    }
}

/// A link in a text message lives as long as codes do: the message waits on a locked screen.
fn parse_minutes(minutes: Option<i32>, send_by: Option<Channel>) -> Result<i32> {
    let (default, most, hint) = match send_by {
        Some(Channel::Sms) => (
            10,
            10,
            "It must be between 5 and 10 for a link that is sent by SMS.",
        ),
        Some(Channel::Email) | None => (15, 10_080, "It must be between 5 and 10080 (7 days)."),
    };
    let minutes = minutes.unwrap_or(default);
    if (5..=most).contains(&minutes) {
        Ok(minutes)
    } else {
        Err(Error::bad_input("input.expiresInMinutes", hint))
    }
}

pub(crate) async fn generate(
    ctx: &Context<'_>,
    input: GenerateMagicLinkInput,
) -> Result<GenerateMagicLinkPayload> {
    let staff = ctx.staff(Scope::Links)?;
    let request = GenerateLinkRequest::parse(ctx, input)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let (account, contact, link, url, sending) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let account = Account::find(conn, staff.account).await?;
            account.check_links()?;
            let contact = request
                .lock_contact(conn, staff.account, &requester, &moment)
                .await?;
            request.supersede_replaced(conn, &contact, moment.now).await?;
            let new = request.new_link(&account, &contact);
            let link = create_link(conn, account.id, new, &requester, &moment).await?;
            let secrets = magic_link::MagicLink::mint(conn, &[&link], &moment).await?;
            let to_send = request.send_by.map(|channel| LinkToSend {
                contact: &contact,
                link: &link,
                channel,
                daily_messages: services.settings.daily_messages,
            });
            let sending = match to_send {
                Some(to_send) => Some(send(conn, to_send, &requester, &moment).await?),
                None => None,
            };
            let addresses = &services.settings.addresses;
            let url = (secrets.first()).map(|secret| addresses.magic_link(&account.slug, &secret.reveal()));
            Ok((account, contact, link, url.unwrap_or_default(), sending))
        })
        .await?;
    services
        .live
        .nudge(staff.account, &[Topic::Activity, Topic::Messages]);
    let reason = sending.as_ref().and_then(Sending::skipped);
    let skipped = reason.map(|reason| SkippedRecipient::contact(ctx, &contact, reason));
    let name = contact.name().or(contact.email).filter(|_| ctx.may_read());
    let confirmation = confirmation(&account, name.as_deref(), &request, sending.as_ref());
    Ok(GenerateMagicLinkPayload {
        magic_link: link.into(),
        url: Url(url),
        confirmation,
        skipped,
    })
}

async fn create_link(
    conn: &mut Conn,
    account: AccountId,
    new: NewLink,
    requester: &Requester,
    moment: &Moment,
) -> Result<magic_link::MagicLink> {
    let created = magic_link::MagicLink::create_many(conn, account, requester, &[new], moment).await?;
    let link = created
        .into_iter()
        .next()
        .ok_or_else(|| Error::internal("the insert of a link returned no row"))?;
    let event = NewEvent::for_contact(EventKind::LinkCreated, link.contact_id).on(link.id);
    record(conn, account, requester, &[event], moment).await?;
    Ok(link)
}

fn confirmation(
    account: &Account,
    name: Option<&str>,
    request: &GenerateLinkRequest,
    sending: Option<&Sending>,
) -> String {
    let recipient = name.unwrap_or("the contact");
    let sent = sending.map_or("", Sending::sentence);
    let lifetime = Lifetime(request.lifetime.num_minutes().unsigned_abs()).text(&Locale::DEFAULT);
    format!(
        "This link signs {recipient} in to {} once, within {lifetime}.{sent}",
        account.name
    )
}
