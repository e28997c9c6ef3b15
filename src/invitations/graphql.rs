//! Invitations as staff see them.

pub(crate) mod check;
pub(crate) mod dry_run;
mod filter;
pub(crate) mod many;
pub(crate) mod mutations;
pub(crate) mod recipients;

use async_graphql::{Context, ID, Object};
use chrono::{DateTime as Time, Utc};

use crate::accounts::model::section::PortalSection;
use crate::api::connection::{Connection, Counted, Listed, by_id, field, nullable};
use crate::api::context::ContextExt;
use crate::api::scalars::DateTime;
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, InvitationId};
use crate::base::page::{PageArgs, PageRequest};
use crate::base::plain_text;
use crate::base::secrets::mask_secrets;
use crate::contacts::graphql::Contact;
use crate::invitations::graphql::filter::InvitationFilter;
use crate::invitations::model as invitation;
use crate::invitations::model::InvitationStatus;
use crate::messages::graphql::Message;

#[derive(Clone)]
pub(crate) struct Invitation(invitation::Invitation);

impl From<invitation::Invitation> for Invitation {
    fn from(invitation: invitation::Invitation) -> Self {
        Self(invitation)
    }
}

/// The offer to a contact to join. A contact has at most one; sending it again keeps its id.
#[Object]
impl Invitation {
    /// The id: `invitation_…`. Opaque; it survives resends.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// Who is invited.
    async fn contact(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Contact>> {
        nullable(Contact::load(ctx, Some(self.0.contact_id))).await
    }

    /// Where its link leads.
    async fn section(&self) -> PortalSection {
        self.0.section
    }

    /// The personal note in the email, plain text. Needs the scope `READ`, except for its author. Others see the token of a link
    /// of this server masked (`••••••`).
    async fn note(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<String>> {
        let own = self.0.invited_by == ctx.auth().viewer.actor().to_string();
        let note = self.0.note.as_deref();
        field(if own {
            Ok(note.map(str::to_owned))
        } else {
            ctx.readable(note.map(mask_secrets))
        })
    }

    /// The current status.
    async fn status(&self, ctx: &Context<'_>) -> InvitationStatus {
        self.0.status(ctx.services().clock.now())
    }

    /// Who invited: the id of a team member or API key, or `system`.
    async fn invited_by(&self) -> &str {
        &self.0.invited_by
    }

    /// When the contact was invited for the first time.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was last sent.
    async fn last_sent_at(&self) -> DateTime {
        DateTime(self.0.last_sent_at)
    }

    /// The newest message that carried it, with its delivery state. Needs the scope `READ`.
    async fn last_message(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Message>> {
        nullable(Message::newest(ctx, self.0.contact_id, true)).await
    }

    /// How often it was sent: 1, and one more for each resend.
    async fn sent_count(&self) -> i32 {
        self.0.sent_count
    }

    /// When it expires, unless it is sent again.
    async fn expires_at(&self) -> DateTime {
        DateTime(self.0.expires_at)
    }

    /// When the contact joined.
    async fn accepted_at(&self) -> Option<DateTime> {
        self.0.accepted_at.map(DateTime)
    }

    /// When staff cancelled it.
    async fn cancelled_at(&self) -> Option<DateTime> {
        self.0.cancelled_at.map(DateTime)
    }
}

impl Invitation {
    /// The invitation of a contact.
    pub(crate) async fn of_contact(ctx: &Context<'_>, contact: ContactId) -> Result<Option<Self>> {
        let found = ctx.loaders().invitation_of_contact.get(contact).await?;
        Ok(found.map(Self))
    }

    pub(crate) async fn load(ctx: &Context<'_>, id: Option<InvitationId>) -> Result<Option<Self>> {
        let Some(id) = id else { return Ok(None) };
        Ok(ctx.loaders().invitations.get(id).await?.map(Self))
    }
}

/// Parses `input.note`, the personal note in an invitation's email.
pub(crate) fn parse_note(note: Option<String>) -> Result<Option<String>> {
    let parse = |note: String| plain_text::paragraphs("input.note", &note, 1_000);
    Ok(note.map(parse).transpose()?.flatten())
}

/// Which invitations to list. Their status is that at `now`.
pub(crate) struct InvitationList {
    filter: invitation::InvitationFilter,
    now: Time<Utc>,
}

impl Listed for Invitation {
    type Of = InvitationList;
}

impl Counted for InvitationList {
    async fn count(&self, ctx: &Context<'_>, account: AccountId) -> Result<i64> {
        let mut conn = ctx.services().db.conn().await?;
        invitation::Invitation::count(&mut conn, account, &self.filter, self.now).await
    }
}

#[derive(Default)]
pub(crate) struct InvitationQueries;

#[Object]
impl InvitationQueries {
    /// All invitations, newest first. Needs the scope `READ`.
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those with this status now.")] status: Option<InvitationStatus>,
        #[graphql(desc = "Only those that meet all of its conditions.")] filter: Option<InvitationFilter>,
    ) -> Result<Connection<Invitation>> {
        let staff = ctx.staff(Scope::Read)?;
        let services = ctx.services();
        let mut filter = filter.unwrap_or_default().parse("filter")?;
        if let Some(status) = status {
            filter.require_status(status);
        }
        let of = InvitationList {
            filter,
            now: services.clock.now(),
        };
        let list = format!("invitations/{:?}", of.filter.statuses);
        let page = PageRequest::parse(&list, &PageArgs::new(first, after, last, before))?;
        let mut conn = services.db.conn().await?;
        let rows = invitation::Invitation::list(&mut conn, staff.account, &of.filter, &page, of.now).await?;
        Ok(Connection::new(
            &list,
            rows,
            |row| by_id(row.id.0),
            staff.account,
            of,
        ))
    }
}
