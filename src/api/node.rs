//! `node` and `nodes`: objects by their global id.

use std::collections::HashMap;

use async_graphql::{Context, ID, Interface, Object};

use super::connection::nullable;
use super::context::ContextExt;
use crate::access::graphql::grant::AccessGrant;
use crate::access::model::grant;
use crate::affiliates::graphql::Affiliate;
use crate::affiliates::graphql::sale::AffiliateSale;
use crate::affiliates::model as affiliate;
use crate::affiliates::model::sale;
use crate::audit_log::graphql::AuditEvent;
use crate::base::actor::{Role, Scope};
use crate::base::audit;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::{
    AccountId, AffiliateId, AffiliateSaleId, AnnouncementId, ApiKeyId, AuditId, BulkJobId, CommunityId,
    ContactEventId, ContactId, CourseId, EventId, GrantId, InvitationId, LessonId, MagicLinkId, MenuItemId,
    MessageId, ModuleId, OfferId, SessionId, SmartListId, TeamMemberId, TemplateId, WorkflowId,
    WorkflowRunId,
};
use crate::bulk_jobs::graphql::BulkJob;
use crate::bulk_jobs::model as bulk_job;
use crate::communities::graphql::Community;
use crate::communities::graphql::announcement::Announcement;
use crate::communities::model as community;
use crate::communities::model::announcement;
use crate::contacts::graphql::Contact;
use crate::contacts::graphql::activity::PortalEvent;
use crate::contacts::graphql::timeline::ContactEvent;
use crate::contacts::model as contact;
use crate::courses::graphql::Course;
use crate::courses::graphql::outline::{CourseModule, Lesson};
use crate::courses::model as course;
use crate::courses::model::{lesson, outline};
use crate::invitations::graphql::Invitation;
use crate::invitations::model as invitation;
use crate::magic_links::graphql::MagicLink;
use crate::magic_links::model as magic_link;
use crate::menu::graphql::MenuItem;
use crate::menu::model as menu_item;
use crate::messages::graphql::Message;
use crate::messages::model as message;
use crate::offers::graphql::Offer;
use crate::offers::model as offer;
use crate::sign_in::auth_context::Viewer;
use crate::sign_in::sessions::graphql::{Session, may_see};
use crate::sign_in::sessions::model as session;
use crate::smart_lists::graphql::SmartList;
use crate::smart_lists::model as smart_list;
use crate::team::graphql::TeamMember;
use crate::team::graphql::api_key::ApiKey;
use crate::team::model as team_member;
use crate::team::model::api_key;
use crate::templates::{graphql::Template, model as template};
use crate::workflows::graphql::{Workflow, run::WorkflowRun};
use crate::workflows::model as workflow;

/// The maximum number of ids in one request.
const MAX_IDS: usize = 100;

/// An object with a global id.
#[derive(Interface, Clone)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "The id, which says its kind: `contact_…`, `message_…`. Opaque."
))]
pub(crate) enum Node {
    Contact(Contact),
    Invitation(Invitation),
    MagicLink(MagicLink),
    Message(Message),
    BulkJob(BulkJob),
    TeamMember(TeamMember),
    ApiKey(ApiKey),
    PortalEvent(PortalEvent),
    Session(Session),
    ContactEvent(ContactEvent),
    AuditEvent(AuditEvent),
    Course(Course),
    CourseModule(CourseModule),
    Lesson(Lesson),
    Community(Community),
    Announcement(Announcement),
    Offer(Offer),
    AccessGrant(AccessGrant),
    Affiliate(Affiliate),
    AffiliateSale(AffiliateSale),
    MenuItem(MenuItem),
    SmartList(SmartList),
    Template(Template),
    Workflow(Workflow),
    WorkflowRun(WorkflowRun),
}

type Found = HashMap<String, Node>;

/// The texts that are ids of one kind. Text that is no id is not found at all.
fn parse_ids<T: std::str::FromStr>(texts: &[String]) -> Vec<T> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

/// Reads all objects of a kind by one statement; none if no id is of that kind.
macro_rules! load_each {
    ($found:ident, $conn:ident, $account:ident, $texts:ident: $($id:ty => $find:path as $node:ident),* $(,)?) => {$(
        let ids: Vec<$id> = parse_ids($texts);
        if !ids.is_empty() {
            for row in $find($conn, $account, &ids).await? {
                $found.insert(row.id.to_string(), Node::$node(row.into()));
            }
        }
    )*};
}

/// Objects that staff may read.
async fn load_for_staff(
    conn: &mut Conn,
    account: AccountId,
    texts: &[String],
    found: &mut Found,
) -> Result<()> {
    load_each!(found, conn, account, texts:
        ContactId => contact::Contact::find_many as Contact,
        InvitationId => invitation::Invitation::find_many as Invitation,
        MagicLinkId => magic_link::MagicLink::find_many as MagicLink,
        MessageId => message::Message::find_many as Message,
        BulkJobId => bulk_job::BulkJob::find_many as BulkJob,
        EventId => audit::AuditEvent::find_activity as PortalEvent,
        CourseId => course::Course::find_many as Course,
        LessonId => lesson::Lesson::find_many as Lesson,
        CommunityId => community::Community::find_many as Community,
        AnnouncementId => announcement::Announcement::find_many as Announcement,
        OfferId => offer::Offer::find_many as Offer,
        GrantId => grant::AccessGrant::find_many as AccessGrant,
        AffiliateId => affiliate::Affiliate::find_many as Affiliate,
        AffiliateSaleId => sale::AffiliateSale::find_many as AffiliateSale,
        MenuItemId => menu_item::MenuItem::find_many as MenuItem,
        SmartListId => smart_list::SmartList::find_many as SmartList,
    );
    let ids: Vec<ModuleId> = parse_ids(texts);
    if !ids.is_empty() {
        for (module, lessons) in outline::find_modules(conn, account, &ids).await? {
            found.insert(
                module.id.to_string(),
                Node::CourseModule((module, lessons).into()),
            );
        }
    }
    let ids: Vec<EventId> = parse_ids(texts)
        .iter()
        .map(|id: &ContactEventId| EventId(id.0))
        .collect();
    for row in find_events(conn, account, &ids).await? {
        if row.contact_id.is_some() {
            let id = ContactEventId(row.id.0).to_string();
            found.insert(id, Node::ContactEvent(row.into()));
        }
    }
    Ok(())
}

async fn find_events(conn: &mut Conn, account: AccountId, ids: &[EventId]) -> Result<Vec<audit::AuditEvent>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    audit::AuditEvent::find_many(conn, account, ids).await
}

/// Audit events, for callers who may read the audit log.
async fn load_audit_events(
    conn: &mut Conn,
    viewer: &Viewer,
    texts: &[String],
    found: &mut Found,
) -> Result<()> {
    let Ok(staff) = viewer.staff(Scope::Admin) else {
        return Ok(());
    };
    let ids: Vec<EventId> = parse_ids(texts)
        .iter()
        .map(|id: &AuditId| EventId(id.0))
        .collect();
    for row in find_events(conn, staff.account, &ids).await? {
        let id = AuditId(row.id.0).to_string();
        found.insert(id, Node::AuditEvent(row.into()));
    }
    Ok(())
}

/// The team and its keys: owners and admins see all, other callers only themselves.
async fn load_team(conn: &mut Conn, viewer: &Viewer, texts: &[String], found: &mut Found) -> Result<()> {
    let Some(account) = viewer.account() else {
        return Ok(());
    };
    let all = matches!(
        viewer,
        Viewer::Member {
            role: Role::Owner | Role::Admin,
            ..
        }
    );
    let own = viewer.actor().to_string();
    let texts: Vec<String> = texts
        .iter()
        .filter(|text| all || **text == own)
        .cloned()
        .collect();
    let texts = &texts[..];
    load_each!(found, conn, account, texts:
        TeamMemberId => team_member::TeamMember::find_many as TeamMember,
        ApiKeyId => api_key::ApiKey::find_many as ApiKey,
    );
    Ok(())
}

/// Templates, for callers who may read them.
async fn load_templates(
    conn: &mut Conn,
    viewer: &Viewer,
    account: AccountId,
    texts: &[String],
    found: &mut Found,
) -> Result<()> {
    let ids: Vec<TemplateId> = parse_ids(texts);
    if ids.is_empty() || !Template::is_visible_to(viewer) {
        return Ok(());
    }
    for template in template::Template::find_many(conn, account, &ids).await? {
        found.insert(template.row.id.to_string(), Node::Template(template.into()));
    }
    Ok(())
}

/// Workflows and their runs, for callers who may change them.
async fn load_workflows(conn: &mut Conn, viewer: &Viewer, texts: &[String], found: &mut Found) -> Result<()> {
    let Ok(staff) = viewer.staff(Scope::Admin) else {
        return Ok(());
    };
    let account = staff.account;
    load_each!(found, conn, account, texts:
        WorkflowId => workflow::Workflow::find_many as Workflow,
        WorkflowRunId => workflow::run::WorkflowRun::find_many as WorkflowRun,
    );
    Ok(())
}

/// Sessions: staff see their contacts', owners and admins the team's, and everyone their own.
async fn load_sessions(
    conn: &mut Conn,
    viewer: &Viewer,
    account: AccountId,
    texts: &[String],
    found: &mut Found,
) -> Result<()> {
    let ids: Vec<SessionId> = parse_ids(texts);
    if ids.is_empty() {
        return Ok(());
    }
    let rows = session::Session::find_many(conn, account, &ids).await?;
    for row in rows.into_iter().filter(|row| may_see(viewer, row)) {
        found.insert(row.id.to_string(), Node::Session(row.into()));
    }
    Ok(())
}

/// The objects with these ids that the viewer may see. A contact may request their own sessions and nothing else.
async fn load_all(ctx: &Context<'_>, texts: &[String]) -> Result<Found> {
    let viewer = &ctx.auth().viewer;
    let only_sessions = !texts.is_empty() && texts.iter().all(|text| text.parse::<SessionId>().is_ok());
    let account = match viewer {
        Viewer::Contact { .. } if only_sessions => viewer.own_session()?.unrestricted()?.account,
        _ => ctx.staff(Scope::Read)?.account,
    };
    let mut found = Found::new();
    let mut conn = ctx.services().db.conn().await?;
    load_sessions(&mut conn, viewer, account, texts, &mut found).await?;
    if viewer.staff(Scope::Read).is_ok() {
        load_for_staff(&mut conn, account, texts, &mut found).await?;
        found.retain(|_, node| !matches!(node, Node::MenuItem(item) if !item.is_visible_to(viewer)));
        load_templates(&mut conn, viewer, account, texts, &mut found).await?;
        load_workflows(&mut conn, viewer, texts, &mut found).await?;
        load_team(&mut conn, viewer, texts, &mut found).await?;
        load_audit_events(&mut conn, viewer, texts, &mut found).await?;
    }
    Ok(found)
}

#[derive(Default)]
pub(crate) struct NodeQueries;

#[Object]
impl NodeQueries {
    /// The object with this id; null if there is none that the caller may see. Needs the scope `READ`; a contact may
    /// request their own sessions.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id, as any object gave it.")] id: ID,
    ) -> Option<async_graphql::Result<Node>> {
        nullable(async { Ok(load_all(ctx, std::slice::from_ref(&id.0)).await?.remove(&id.0)) }).await
    }

    /// The objects with these ids, in their order, with null if there is none that the caller may see. Needs the scope
    /// `READ`; a contact may request their own sessions.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ids, at most 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > MAX_IDS {
            let message = format!("Name at most {MAX_IDS} ids at once.");
            return Err(Error::bad_input("ids", message));
        }
        let texts: Vec<String> = ids.into_iter().map(|id| id.0).collect();
        let found = load_all(ctx, &texts).await?;
        Ok(texts.iter().map(|text| found.get(text).cloned()).collect())
    }
}
