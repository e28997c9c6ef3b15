//! Creating a magic link, and sending it by email if requested.

mod recipient;

use async_graphql::{Context, ID, InputObject, SimpleObject};
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncConnection;

use crate::accounts::model::Account;
use crate::accounts::model::budget;
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
use crate::invitations::model::skipped::SkipReason;
use crate::live::Topic;
use crate::magic_links::graphql::MagicLink;
use crate::magic_links::graphql::mutations::generate::recipient::LinkRecipient;
use crate::magic_links::model as magic_link;
use crate::magic_links::model::{NewLink, Purpose};
use crate::messages::model::suppression::Suppression;
use crate::messages::model::{Channel, Message, MessageKind, NewMessage};
use crate::services::Services;
use crate::sign_in::sessions::model::Holder;

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

/// The parsed input of `generateMagicLink`.
struct GenerateLinkRequest {
    recipient: LinkRecipient,
    section: PortalSection,
    resource_id: Option<String>,
    limit_to_section: Option<bool>,
    lifetime: TimeDelta,
    send_email: bool,
    replaces: Option<MagicLinkId>,
}

impl GenerateLinkRequest {
    fn parse(ctx: &Context<'_>, input: GenerateMagicLinkInput) -> Result<Self> {
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
            recipient: LinkRecipient::parse(ctx, input.contact_id, input.email)?,
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
        if self.send_email && contact.email.is_none() {
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

pub(crate) async fn generate(
    ctx: &Context<'_>,
    input: GenerateMagicLinkInput,
) -> Result<GenerateMagicLinkPayload> {
    let staff = ctx.staff(Scope::Links)?;
    let request = GenerateLinkRequest::parse(ctx, input)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let (account, contact, link, url, suppressed) = conn
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
            let suppressed = request.send_email && Suppression::holds(conn, &contact, moment.now).await?;
            if request.send_email && !suppressed {
                take_email_budget(services, conn, staff.account, &moment).await?;
                queue_email(conn, &contact, &link, &requester, &moment).await?;
            }
            let addresses = &services.settings.addresses;
            let url = (secrets.first()).map(|secret| addresses.magic_link(&account.slug, &secret.reveal()));
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

async fn take_email_budget(
    services: &Services,
    conn: &mut Conn,
    account: AccountId,
    moment: &Moment,
) -> Result<()> {
    let daily = services.settings.daily_messages;
    let taken = budget::take(conn, account, 1, daily, moment.now).await?;
    taken.map_err(|spent| spent.refusal(moment.now))
}

async fn queue_email(
    conn: &mut Conn,
    contact: &Contact,
    link: &magic_link::MagicLink,
    requester: &Requester,
    moment: &Moment,
) -> Result<()> {
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
    let recipient = name.unwrap_or("the contact");
    let sent = match (request.send_email, suppressed) {
        (true, false) => " It is also on its way by email.",
        (true, true) => " It was not emailed, because email to the contact's address is stopped.",
        (false, _) => "",
    };
    let lifetime = Lifetime(request.lifetime.num_minutes().unsigned_abs()).text(&Locale::DEFAULT);
    format!(
        "This link signs {recipient} in to {} once, within {lifetime}.{sent}",
        account.name
    )
}
