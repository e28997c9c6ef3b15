//! The audit log: who did what, to whom, when, from where.

use async_graphql::{Context, ID, InputObject, Object};
use serde_json::Value;

use crate::api::connection::{Connection, Counted, Listed, by_id, nullable};
use crate::api::context::ContextExt;
use crate::api::scalars::DateTime;
use crate::base::actor::{Actor, Scope};
use crate::base::audit;
use crate::base::audit::EventKind;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, AuditId};
use crate::base::page::{PageArgs, PageRequest};
use crate::base::plain_text;
use crate::contacts::graphql::Contact;

#[derive(Clone)]
pub(crate) struct AuditEvent(audit::AuditEvent);

impl From<audit::AuditEvent> for AuditEvent {
    fn from(event: audit::AuditEvent) -> Self {
        Self(event)
    }
}

/// Who did something.
pub(crate) struct AuditActor(String);

/// Which events of the audit log to list: those that meet all conditions.
#[derive(InputObject, Default)]
pub struct AuditFilter {
    /// Only these kinds.
    kinds: Option<Vec<EventKind>>,
    /// Only what this team member, API key, contact or workflow did.
    actor_id: Option<ID>,
    /// Only what happened to this contact.
    contact_id: Option<ID>,
    /// Only what was done to this: the id of a team member, an API key, a link, an invitation, a session, a message.
    subject_id: Option<ID>,
    /// Only what was refused.
    refused_only: Option<bool>,
    /// Only what happened at this time or later.
    since: Option<DateTime>,
    /// Only what happened before this time.
    until: Option<DateTime>,
}

/// Something that happened in the account. Events are never changed; the account's setting `auditDays` says how long they
/// are kept.
#[Object]
impl AuditEvent {
    /// The id: `audit_…`. Opaque; later events have greater ids.
    pub(crate) async fn id(&self) -> ID {
        ID(AuditId(self.0.id.0).to_string())
    }

    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }

    /// What happened.
    async fn kind(&self) -> EventKind {
        self.0.kind
    }

    /// Who did it.
    async fn actor(&self) -> AuditActor {
        AuditActor(self.0.actor.clone())
    }

    /// The contact concerned; null if there is none, or if they no longer exist.
    async fn contact(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Contact>> {
        nullable(Contact::load(ctx, self.0.contact_id)).await
    }

    /// The contact's id, also if the contact no longer exists.
    async fn contact_id(&self) -> Option<ID> {
        self.0.contact_id.map(|id| ID(id.to_string()))
    }

    /// The id of the object concerned, if it is not the contact.
    async fn subject_id(&self) -> Option<ID> {
        self.0.subject.clone().map(ID)
    }

    /// `OK`, or why it was refused, such as `LINK_EXPIRED`.
    async fn outcome(&self) -> &str {
        &self.0.outcome
    }

    /// The sign-in method, such as `PASSWORD`; null if it was not a sign-in.
    async fn method(&self) -> Option<&str> {
        self.0.detail_text("method")
    }

    /// The reason that the actor gave.
    async fn reason(&self) -> Option<&str> {
        self.0.detail_text("reason")
    }

    /// Other details, such as `role: STAFF` or `changed: name, replyTo`.
    async fn details(&self) -> Vec<String> {
        details(self.0.detail.as_ref())
    }

    /// The IP address that it came from; null if it came from the server itself.
    async fn ip(&self) -> Option<&str> {
        self.0.ip.as_deref()
    }

    /// The user agent of the request.
    async fn user_agent(&self) -> Option<&str> {
        self.0.user_agent.as_deref()
    }
}

/// Who caused an event of the audit log.
#[Object]
impl AuditActor {
    /// The id of a team member, API key, contact or workflow, or `anonymous` or `system`.
    async fn id(&self) -> ID {
        ID(self.0.clone())
    }

    /// A name to show, also of removed members and keys; the id if there is none.
    async fn display(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<String>> {
        nullable(async {
            Ok(Some(
                display(ctx, &self.0).await?.unwrap_or_else(|| self.0.clone()),
            ))
        })
        .await
    }
}

async fn display(ctx: &Context<'_>, actor: &str) -> Result<Option<String>> {
    let loaders = ctx.loaders();
    Ok(match actor.parse() {
        Ok(Actor::Member(id)) => {
            let member = loaders.members.get(id).await?;
            member.map(|member| member.name.unwrap_or(member.email))
        }
        Ok(Actor::Key(id)) => loaders.keys.get(id).await?.map(|key| key.name),
        Ok(Actor::Contact(_)) if !ctx.may_read() => None,
        Ok(Actor::Contact(id)) => {
            let contact = loaders.contacts.get(id).await?;
            contact.and_then(|contact| contact.name().or(contact.email))
        }
        Ok(Actor::Anonymous) => Some("A visitor who was not signed in".to_owned()),
        Ok(Actor::System) => Some("Vestibule".to_owned()),
        Ok(Actor::Workflow(id)) => loaders.workflows.get(id).await?.map(|workflow| workflow.name),
        Err(_) => None,
    })
}

/// The other entries of the details, one line each.
fn details(detail: Option<&Value>) -> Vec<String> {
    let shown = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let entries = detail.and_then(Value::as_object).into_iter().flatten();
    entries
        .filter(|(name, _)| !matches!(&name[..], "method" | "reason"))
        .map(|(name, value)| match value {
            Value::Array(values) => {
                format!(
                    "{name}: {}",
                    values.iter().map(shown).collect::<Vec<_>>().join(", ")
                )
            }
            value => format!("{name}: {}", shown(value)),
        })
        .collect()
}

impl AuditFilter {
    fn parse(self) -> Result<audit::AuditFilter> {
        let wrong = |field: &str, what: &str| {
            Error::bad_input(
                format!("filter.{field}"),
                format!("This can't be the id of {what}."),
            )
        };
        let actor = self.actor_id.map(|id| match id.parse() {
            Ok(actor @ (Actor::Member(_) | Actor::Key(_) | Actor::Contact(_) | Actor::Workflow(_))) => {
                Ok(actor)
            }
            _ => Err(wrong(
                "actorId",
                "a team member, an API key, a contact or a workflow",
            )),
        });
        let contact = self
            .contact_id
            .map(|id| id.parse().map_err(|_| wrong("contactId", "a contact")));
        let subject = self
            .subject_id
            .map(|id| plain_text::line("filter.subjectId", &id, 100));
        let mut kinds: Vec<EventKind> = Vec::new();
        for kind in self.kinds.into_iter().flatten() {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        Ok(audit::AuditFilter {
            kinds,
            actor: actor.transpose()?,
            contact: contact.transpose()?,
            subject: subject.transpose()?.flatten(),
            refused: self.refused_only == Some(true),
            since: self.since.map(|at| at.0),
            until: self.until.map(|at| at.0),
        })
    }
}

impl Listed for AuditEvent {
    type Of = audit::AuditFilter;
}

impl Counted for audit::AuditFilter {
    async fn count(&self, ctx: &Context<'_>, account: AccountId) -> Result<i64> {
        ctx.reader()
            .run(|mut conn| async move { audit::AuditEvent::count(&mut conn, account, self).await })
            .await
    }
}

async fn list(ctx: &Context<'_>, args: PageArgs, filter: AuditFilter) -> Result<Connection<AuditEvent>> {
    let staff = ctx.staff(Scope::Admin)?;
    let page = PageRequest::parse("auditLog", &args)?;
    let of = filter.parse()?;
    let (account, filter, page) = (staff.account, &of, &page);
    let rows = ctx
        .reader()
        .run(|mut conn| async move { audit::AuditEvent::list(&mut conn, account, filter, page).await })
        .await?;
    let position = |row: &audit::AuditEvent| by_id(row.id.0);
    Ok(Connection::new("auditLog", rows, position, staff.account, of))
}

#[derive(Default)]
pub(crate) struct AuditQueries;

#[Object]
impl AuditQueries {
    /// What happened in the account, newest first: sign-ins, refusals, links, invitations, changes of access, settings,
    /// keys and roles. May be a few seconds old. Needs the scope `ADMIN`.
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "The conditions. Default: all events.")] filter: Option<AuditFilter>,
    ) -> Option<async_graphql::Result<Connection<AuditEvent>>> {
        let args = PageArgs::new(first, after, last, before);
        nullable(async { list(ctx, args, filter.unwrap_or_default()).await.map(Some) }).await
    }
}
