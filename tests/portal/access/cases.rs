//! Every operation, with the expected outcome for each caller.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use vestibule::base::actor::{Role, Scope};
use vestibule::base::clock::Moment;
use vestibule::base::ids::{
    AffiliateId, AffiliateSaleId, AnnouncementId, ApiKeyId, BulkJobId, CommunityId, ContactId, CourseId,
    GrantId, InvitationId, LessonId, MagicLinkId, MenuItemId, MessageId, ModuleId, OfferId, SessionId,
    SmartListId, TeamMemberId, TemplateId, WorkflowId, WorkflowRunId,
};

use crate::support::{TestServer, wait_until};

/// The expected outcome: the code of an error, or success.
pub type Expected = &'static str;

/// The required permission, as in docs/integrate/permissions.md, *Who may call what*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// None: open to everyone.
    Anyone,
    /// A team member's or a contact's own session.
    Session,
    /// A key with this scope, or a role that includes it.
    Scope(Scope),
    /// One of two scopes.
    Either(Scope, Scope),
    /// Two scopes.
    Both(Scope, Scope),
    /// An owner or an admin, but no key.
    Team,
    /// A session, or a key with this scope. Objects of others are not found.
    SessionOr(Scope),
    /// A team member whose role has this scope, but no key.
    Member(Scope),
    /// The session that the emailed link opened, which no caller of the table has.
    Press,
    /// A contact's session.
    Contact,
}

impl Permission {
    pub fn allow_role(self, role: Role) -> bool {
        match self {
            Self::Anyone | Self::Session | Self::SessionOr(_) => true,
            Self::Press | Self::Contact => false,
            Self::Team => matches!(role, Role::Owner | Role::Admin),
            Self::Member(scope) => Self::Scope(scope).allow_role(role),
            Self::Scope(Scope::Read) => true,
            Self::Scope(Scope::Invite | Scope::Links | Scope::Contacts | Scope::Content) => {
                role != Role::ReadOnly
            }
            Self::Scope(Scope::Affiliates | Scope::Admin) => matches!(role, Role::Owner | Role::Admin),
            Self::Either(one, other) => {
                Self::Scope(one).allow_role(role) || Self::Scope(other).allow_role(role)
            }
            Self::Both(one, other) => {
                Self::Scope(one).allow_role(role) && Self::Scope(other).allow_role(role)
            }
        }
    }

    pub fn allow_key(self, scope: Scope) -> bool {
        match self {
            Self::Anyone => true,
            Self::Session | Self::Team | Self::Member(_) | Self::Press | Self::Contact => false,
            Self::Both(one, other) => one == scope && other == scope,
            Self::Scope(needed) | Self::SessionOr(needed) => needed == scope,
            Self::Either(one, other) => one == scope || other == scope,
        }
    }
}

pub struct Case {
    pub query: &'static str,
    pub variables: fn(&Ids) -> Value,
    pub needs: Permission,
    pub anonymous: Expected,
    pub reader: Expected,
    pub contact: Expected,
    pub owner: Expected,
    pub foreign: Expected,
}

/// Ids of the account acme.
pub struct Ids {
    pub contact: String,
    /// Another contact, who has nothing.
    pub duplicate: String,
    pub invitation: String,
    pub link: String,
    pub job: String,
    /// One that is only cancelled: a resumed job is finished by a worker.
    pub idle_job: String,
    pub message: String,
    /// The contact's own session.
    pub session: String,
    pub member: String,
    pub api_key: String,
    pub course: String,
    pub module: String,
    pub lesson: String,
    pub community: String,
    pub announcement: String,
    pub offer: String,
    pub grant: String,
    pub affiliate: String,
    pub sale: String,
    pub menu_item: String,
    pub smart_list: String,
    pub template: String,
    /// It is published, and the contact is on its way through it.
    pub workflow: String,
    pub run: String,
}

impl Ids {
    /// Ids of missing objects: an authorised operation on them is `NOT_FOUND`.
    pub fn missing(moment: &Moment) -> Self {
        Self {
            contact: ContactId::new(moment).to_string(),
            duplicate: ContactId::new(moment).to_string(),
            invitation: InvitationId::new(moment).to_string(),
            link: MagicLinkId::new(moment).to_string(),
            job: BulkJobId::new(moment).to_string(),
            idle_job: BulkJobId::new(moment).to_string(),
            message: MessageId::new(moment).to_string(),
            session: SessionId::new(moment).to_string(),
            member: TeamMemberId::new(moment).to_string(),
            api_key: ApiKeyId::new(moment).to_string(),
            course: CourseId::new(moment).to_string(),
            module: ModuleId::new(moment).to_string(),
            lesson: LessonId::new(moment).to_string(),
            community: CommunityId::new(moment).to_string(),
            announcement: AnnouncementId::new(moment).to_string(),
            offer: OfferId::new(moment).to_string(),
            grant: GrantId::new(moment).to_string(),
            affiliate: AffiliateId::new(moment).to_string(),
            sale: AffiliateSaleId::new(moment).to_string(),
            menu_item: MenuItemId::new(moment).to_string(),
            smart_list: SmartListId::new(moment).to_string(),
            template: TemplateId::new(moment).to_string(),
            workflow: WorkflowId::new(moment).to_string(),
            run: WorkflowRunId::new(moment).to_string(),
        }
    }
}

pub const OK: Expected = "OK";
pub const NULL: Expected = "NULL";
pub const UNAUTHENTICATED: Expected = "UNAUTHENTICATED";
pub const FORBIDDEN: Expected = "FORBIDDEN";
pub const NOT_FOUND: Expected = "NOT_FOUND";

const fn read(query: &'static str, variables: fn(&Ids) -> Value) -> Case {
    Case {
        query,
        variables,
        needs: Permission::Scope(Scope::Read),
        anonymous: UNAUTHENTICATED,
        reader: OK,
        contact: FORBIDDEN,
        owner: OK,
        foreign: OK,
    }
}

/// A query of one object, which is not visible to another account.
const fn find(query: &'static str, variables: fn(&Ids) -> Value) -> Case {
    Case {
        query,
        variables,
        needs: Permission::Scope(Scope::Read),
        anonymous: UNAUTHENTICATED,
        reader: OK,
        contact: FORBIDDEN,
        owner: OK,
        foreign: NULL,
    }
}

/// A query of a course or community, which the contact has.
const fn open_to_holder(query: &'static str, variables: fn(&Ids) -> Value) -> Case {
    Case {
        query,
        variables,
        needs: Permission::Either(Scope::Read, Scope::Content),
        anonymous: UNAUTHENTICATED,
        reader: OK,
        contact: OK,
        owner: OK,
        foreign: NULL,
    }
}

/// A change of an existing object, with the scope `CONTACTS` by default.
const fn change(query: &'static str, variables: fn(&Ids) -> Value) -> Case {
    Case {
        query,
        variables,
        needs: Permission::Scope(Scope::Contacts),
        anonymous: UNAUTHENTICATED,
        reader: FORBIDDEN,
        contact: FORBIDDEN,
        owner: OK,
        foreign: NOT_FOUND,
    }
}

/// A creation, which each account may do for itself, with the scope `CONTACTS` by default.
const fn make(query: &'static str, variables: fn(&Ids) -> Value) -> Case {
    Case {
        query,
        variables,
        needs: Permission::Scope(Scope::Contacts),
        anonymous: UNAUTHENTICATED,
        reader: FORBIDDEN,
        contact: FORBIDDEN,
        owner: OK,
        foreign: OK,
    }
}

/// Open to everyone, with the same response for all.
const fn open(query: &'static str, variables: fn(&Ids) -> Value) -> Case {
    Case {
        query,
        variables,
        needs: Permission::Anyone,
        anonymous: OK,
        reader: OK,
        contact: OK,
        owner: OK,
        foreign: OK,
    }
}

/// For signed-in callers, about themselves.
const fn own(query: &'static str) -> Case {
    Case {
        query,
        variables: none,
        needs: Permission::Session,
        anonymous: UNAUTHENTICATED,
        reader: FORBIDDEN,
        contact: OK,
        owner: OK,
        foreign: OK,
    }
}

fn none(_: &Ids) -> Value {
    json!({})
}

/// A name that no other object has.
fn fresh_name(_: &Ids) -> Value {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    json!({"name": format!("Made {}", COUNT.fetch_add(1, Ordering::Relaxed))})
}

pub const CASES: &[Case] = &[
    read("{ r: portal { id name stats { invited } } }", none),
    read("{ r: portalStats { invited active version } }", none),
    read(
        "{ r: portalStatsHistory(from: \"2026-01-01\", to: \"2026-01-31\", interval: WEEK) { date invited joined active } }",
        none,
    ),
    read("{ r: contactTags { tag count } }", none),
    read("{ r: invitedUsers { totalCount nodes { id } } }", none),
    read("{ r: activeUsers { totalCount nodes { id } } }", none),
    read(
        "{ r: contacts { totalCount nodes { id invitation { id } magicLinks { totalCount } messages { totalCount } } } }",
        none,
    ),
    read(
        "{ r: invitations { totalCount nodes { id contact { id } } } }",
        none,
    ),
    read(
        "{ r: invitations(filter: {statuses: [OPEN], search: \"anna\"}) { totalCount nodes { id } } }",
        none,
    ),
    read(
        "{ r: magicLinks { totalCount nodes { id contact { id } message { id } } } }",
        none,
    ),
    read(
        "{ r: messages { totalCount nodes { id contact { id } magicLink { id } invitation { id } } } }",
        none,
    ),
    read(
        "{ r: messages(filter: {search: \"anna\", statuses: [QUEUED, SENT]}) { totalCount nodes { id } } }",
        none,
    ),
    read(
        "{ r: bulkJobs { totalCount nodes { id items { totalCount } } } }",
        none,
    ),
    read(
        "{ r: recentActivity { totalCount nodes { id kind contact { id } } } }",
        none,
    ),
    read(
        "query ($id: ID!) { r: nodes(ids: [$id]) { id } }",
        |ids| json!({"id": ids.contact}),
    ),
    find(
        "query ($id: ID!) { r: node(id: $id) { id } }",
        |ids| json!({"id": ids.contact}),
    ),
    find(
        "query ($id: ID!) { r: node(id: $id) { id } }",
        |ids| json!({"id": ids.invitation}),
    ),
    find(
        "query ($id: ID!) { r: node(id: $id) { id } }",
        |ids| json!({"id": ids.link}),
    ),
    find(
        "query ($id: ID!) { r: node(id: $id) { id } }",
        |ids| json!({"id": ids.message}),
    ),
    find(
        "query ($id: ID!) { r: node(id: $id) { id } }",
        |ids| json!({"id": ids.job}),
    ),
    find(
        "query ($id: ID!) { r: contact(id: $id) { id email } }",
        |ids| json!({"id": ids.contact}),
    ),
    find("{ r: contact(email: \"ANNA@acme.example\") { id } }", none),
    find(
        "query ($id: ID!) { r: bulkJob(id: $id) { id status } }",
        |ids| json!({"id": ids.job}),
    ),
    make(
        "{ r: checkRecipients(emails: [\"anna@acme.example\"]) { email state contact { id } } }",
        none,
    )
    .needs(Permission::Both(Scope::Invite, Scope::Read)),
    make(
        "mutation { r: inviteContacts(input: {emails: [\"new@example.com\"]}) { count } }",
        none,
    )
    .needs(Permission::Scope(Scope::Invite)),
    make(
        "mutation ($id: ID!) { r: sendLoginEmails(input: {contactIds: [$id]}) { count } }",
        |ids| json!({"id": ids.contact}),
    )
    .needs(Permission::Scope(Scope::Invite)),
    make(
        "mutation ($id: ID!) { r: sendMessage(input: {selection: {contactIds: [$id]}, channel: EMAIL, format: MARKDOWN, subject: \"News\", body: \"Hello\"}) { count } }",
        |ids| json!({"id": ids.contact}),
    )
    .needs(Permission::Scope(Scope::Invite)),
    make(
        "mutation { r: sendMessage(input: {selection: {filter: {}}, channel: EMAIL, format: MARKDOWN, subject: \"News\", body: \"Hello\", dryRun: true}) { count skippedCounts { reason count } } }",
        none,
    )
    .needs(Permission::Scope(Scope::Invite)),
    make(
        "mutation { r: sendMessage(input: {selection: {filter: {}}, channel: EMAIL, format: MARKDOWN, subject: \"News\", body: \"Hello\", marketing: true, perMinute: 1}) { count bulkJob { id startsAt } } }",
        none,
    )
    .needs(Permission::Scope(Scope::Invite)),
    make(
        "mutation { r: createContact(input: {email: \"made@example.com\"}) { contact { id } } }",
        none,
    ),
    make(
        "mutation { r: generateCustomMenuLink(input: {section: COURSES}) { url } }",
        none,
    )
    .needs(Permission::Scope(Scope::Links)),
    change(
        "mutation ($id: ID!) { r: generateMagicLink(input: {contactId: $id}) { url } }",
        |ids| json!({"id": ids.contact}),
    )
    .needs(Permission::Scope(Scope::Links)),
    change(
        "mutation ($id: ID!) { r: generateMagicLink(input: {contactId: $id, sendBy: SMS}) { skipped { reason } } }",
        |ids| json!({"id": ids.contact}),
    )
    .needs(Permission::Scope(Scope::Links)),
    make(
        "mutation { r: generateMagicLink(input: {email: \"new@example.com\"}) { url } }",
        none,
    )
    .needs(Permission::Scope(Scope::Links)),
    make(
        "mutation { r: sendLoginEmails(input: {emails: [\"anna@acme.example\"]}) { count } }",
        none,
    )
    .needs(Permission::Scope(Scope::Invite)),
    change(
        "mutation ($id: ID!) { r: revokeMagicLink(input: {magicLinkId: $id}) { magicLink { status } } }",
        |ids| json!({"id": ids.link}),
    )
    .needs(Permission::Scope(Scope::Links)),
    change(
        "mutation ($id: ID!) { r: resendInvitation(input: {invitationId: $id}) { invitation { sentCount } } }",
        |ids| json!({"id": ids.invitation}),
    )
    .needs(Permission::Scope(Scope::Invite)),
    change(
        "mutation ($id: ID!) { r: cancelInvitation(input: {invitationId: $id}) { invitation { status } } }",
        |ids| json!({"id": ids.invitation}),
    )
    .needs(Permission::Scope(Scope::Invite)),
    make(
        "mutation ($id: ID!) { r: resendInvitations(input: {invitationIds: [$id]}) { count skipped { reason } } }",
        |ids| json!({"id": ids.invitation}),
    )
    .needs(Permission::Scope(Scope::Invite)),
    make(
        "mutation ($id: ID!) { r: cancelInvitations(input: {invitationIds: [$id]}) { count skipped { reason } } }",
        |ids| json!({"id": ids.invitation}),
    )
    .needs(Permission::Scope(Scope::Invite)),
    read(
        "{ r: courses { totalCount nodes { id title status lessonCount memberCount modules { id lessons { id } } members { totalCount } } } }",
        none,
    ),
    read(
        "{ r: communities { totalCount nodes { id name memberCount announcements { nodes { id author } } members { totalCount } } } }",
        none,
    ),
    read(
        "{ r: offers { totalCount nodes { id title courses { id } communities { id } holders { totalCount nodes { id } } } } }",
        none,
    ),
    find(
        "query ($id: ID!) { r: contact(id: $id) { courses { totalCount edges { open progress { completedLessonCount } grants { id status } node { id } } } \
            communities { edges { open node { id } } } grants { totalCount nodes { id source target { __typename } } } } }",
        |ids| json!({"id": ids.contact}),
    ),
    find(
        "query ($id: ID!) { r: contact(id: $id) { offers { totalCount edges { open opensAt endsAt grants { id } node { id courses { id } } } } } }",
        |ids| json!({"id": ids.contact}),
    ),
    read(
        "{ r: grants(statuses: [ACTIVE]) { totalCount nodes { id status contact { id } target { __typename } } } }",
        none,
    ),
    find("query ($id: ID!) { r: node(id: $id) { id } }", |ids| {
        json!({"id": ids.module})
    }),
    find("query ($id: ID!) { r: node(id: $id) { id } }", |ids| {
        json!({"id": ids.lesson})
    }),
    find("query ($id: ID!) { r: node(id: $id) { id } }", |ids| {
        json!({"id": ids.grant})
    }),
    open_to_holder("query ($id: ID!) { r: course(id: $id) { id } }", |ids| {
        json!({"id": ids.course})
    }),
    open_to_holder("query ($id: ID!) { r: community(id: $id) { id } }", |ids| {
        json!({"id": ids.community})
    }),
    read(
        "{ r: affiliates { totalCount nodes { id link clickCount commission { amount } sales { totalCount nodes { id affiliate { id } } } contact { id } } } }",
        none,
    ),
    find(
        "query ($id: ID!) { r: affiliate(id: $id) { id clickHistory(from: \"2026-01-01\", to: \"2026-01-02\") { count } } }",
        |ids| json!({"id": ids.affiliate}),
    ),
    find("query ($id: ID!) { r: node(id: $id) { id } }", |ids| {
        json!({"id": ids.affiliate})
    }),
    find("query ($id: ID!) { r: node(id: $id) { id } }", |ids| {
        json!({"id": ids.sale})
    }),
    change(
        "mutation ($id: ID!) { r: setAffiliate(input: {contactId: $id, status: PAUSED}) { affiliate { id code } } }",
        |ids| json!({"id": ids.contact}),
    ),
    change(
        "mutation ($id: ID!) { r: recordAffiliateSale(input: {affiliateId: $id, externalId: \"made\", amount: \"2\", commission: \"1\", \
            currencyCode: \"EUR\", soldAt: \"2026-01-01T00:00:00Z\"}) { recorded } }",
        |ids| json!({"id": ids.affiliate}),
    )
    .needs(Permission::Scope(Scope::Affiliates)),
    change(
        "mutation ($id: ID!) { r: updateAffiliateSale(input: {affiliateSaleId: $id, status: APPROVED}) { sale { id } } }",
        |ids| json!({"id": ids.sale}),
    )
    .needs(Permission::Scope(Scope::Affiliates)),
    make(
        "{ r: menuItems(audience: PORTAL) { id visibleTo { minimumRole target { __typename } } } }",
        none,
    )
    .readable(Permission::Either(Scope::Read, Scope::Content)),
    find("query ($id: ID!) { r: node(id: $id) { id } }", |ids| {
        json!({"id": ids.menu_item})
    }),
    make(
        "mutation { r: createMenuItem(input: {audience: DASHBOARD, title: \"Made\", url: \"https://shop.example\"}) { menuItem { id } } }",
        none,
    )
    .needs(Permission::Scope(Scope::Content)),
    change(
        "mutation ($id: ID!) { r: updateMenuItem(input: {menuItemId: $id, title: \"New\"}) { menuItem { id } } }",
        |ids| json!({"id": ids.menu_item}),
    )
    .needs(Permission::Scope(Scope::Content)),
    Case {
        query: "mutation ($id: ID!) { r: reorderMenuItems(input: {audience: PORTAL, menuItemIds: [$id]}) { menuItems { id } } }",
        variables: |ids| json!({"id": ids.menu_item}),
        needs: Permission::Scope(Scope::Content),
        anonymous: UNAUTHENTICATED,
        reader: FORBIDDEN,
        contact: FORBIDDEN,
        owner: OK,
        foreign: "CONFLICT",
    },
    change(
        "mutation ($id: ID!) { r: deleteMenuItem(input: {menuItemId: $id}) { deletedMenuItemId } }",
        |ids| json!({"id": ids.menu_item}),
    )
    .needs(Permission::Scope(Scope::Content)),
    make("{ r: smartLists { totalCount nodes { id } } }", none).readable(Permission::Scope(Scope::Read)),
    find("query ($id: ID!) { r: smartList(id: $id) { id count filter { courseIds } contacts { totalCount } } }", |ids| {
        json!({"id": ids.smart_list})
    }),
    find("query ($id: ID!) { r: node(id: $id) { id } }", |ids| {
        json!({"id": ids.smart_list})
    }),
    make(
        "mutation { r: createSmartList(input: {name: \"Made\", filter: {}}) { __typename } }",
        none,
    ),
    change(
        "mutation ($id: ID!) { r: updateSmartList(input: {smartListId: $id, name: \"New\"}) { __typename } }",
        |ids| json!({"id": ids.smart_list}),
    ),
    change(
        "mutation ($id: ID!) { r: deleteSmartList(input: {smartListId: $id}) { deletedSmartListId } }",
        |ids| json!({"id": ids.smart_list}),
    ),
    make(
        "{ r: templates { totalCount nodes { id problems { message } versions { totalCount nodes { version } } } } }",
        none,
    )
    .needs(Permission::Either(Scope::Invite, Scope::Admin)),
    find("query ($id: ID!) { r: template(id: $id) { id } }", |ids| {
        json!({"id": ids.template})
    })
    .refused_to_readers(Permission::Either(Scope::Invite, Scope::Admin)),
    make("{ r: mergeFields(channel: EMAIL) { name } }", none)
        .needs(Permission::Either(Scope::Invite, Scope::Admin)),
    make(
        "{ r: previewTemplate(input: {channel: SMS, format: TEXT, body: \"Hello\"}) { text } }",
        none,
    )
    .needs(Permission::Either(Scope::Invite, Scope::Admin)),
    make(
        "mutation { r: sendTestMessage(input: {channel: EMAIL, format: MARKDOWN, subject: \"Hi\", body: \"Hello\"}) { problems { message } } }",
        none,
    )
    .needs(Permission::Member(Scope::Invite)),
    make(
        "mutation ($name: String!) { r: createTemplate(input: {name: $name, channel: SMS, format: TEXT, body: \"Hello\"}) { template { id } } }",
        fresh_name,
    )
    .needs(Permission::Scope(Scope::Admin)),
    change(
        "mutation ($id: ID!) { r: updateTemplate(input: {templateId: $id, expectedVersion: 1, name: \"New\"}) { template { id } } }",
        |ids| json!({"id": ids.template}),
    )
    .needs(Permission::Scope(Scope::Admin)),
    change(
        "mutation ($id: ID!) { r: restoreTemplateVersion(input: {templateId: $id, version: 1}) { template { id } } }",
        |ids| json!({"id": ids.template}),
    )
    .needs(Permission::Scope(Scope::Admin)),
    change(
        "mutation ($id: ID!) { r: archiveTemplate(input: {templateId: $id}) { template { id } } }",
        |ids| json!({"id": ids.template}),
    )
    .needs(Permission::Scope(Scope::Admin)),
    make("{ r: systemEmails { kind language subject custom problems { message } updatedAt } }", none)
        .needs(Permission::Scope(Scope::Admin)),
    make("{ r: systemEmail(kind: INVITATION, language: ENGLISH) { subject body } }", none)
        .needs(Permission::Scope(Scope::Admin)),
    make(
        "{ r: previewSystemEmail(input: {kind: LOGIN_CODE, locale: GERMAN, subject: \"Hi\", body: \"Hello\"}) { text } }",
        none,
    )
    .needs(Permission::Scope(Scope::Admin)),
    make(
        "mutation ($name: String!) { r: setSystemEmail(input: {kind: LOGIN_EMAIL, locale: ENGLISH, subject: \"Hi\", body: $name}) { systemEmail { custom } } }",
        fresh_name,
    )
    .needs(Permission::Scope(Scope::Admin)),
    make(
        "mutation { r: resetSystemEmail(input: {kind: LOGIN_EMAIL, locale: ENGLISH}) { systemEmail { custom } } }",
        none,
    )
    .needs(Permission::Scope(Scope::Admin)),
    make(
        "{ r: workflows { totalCount nodes { id problems { message } counts { waiting } runs { totalCount nodes { id } } } } }",
        none,
    )
    .needs(Permission::Scope(Scope::Admin)),
    find(
        "query ($id: ID!) { r: workflow(id: $id) { id hasChanges publishedAt steps { key } } }",
        |ids| json!({"id": ids.workflow}),
    )
    .refused_to_readers(Permission::Scope(Scope::Admin)),
    make(
        "mutation { r: createWorkflow(input: {name: \"Made\"}) { workflow { id } problems { message } } }",
        none,
    )
    .needs(Permission::Scope(Scope::Admin)),
    change(
        "mutation ($id: ID!) { r: updateWorkflow(input: {workflowId: $id, name: \"New\"}) { workflow { id } } }",
        |ids| json!({"id": ids.workflow}),
    )
    .needs(Permission::Scope(Scope::Admin)),
    change(
        "mutation ($id: ID!) { r: duplicateWorkflow(input: {workflowId: $id}) { workflow { id } problems { message } } }",
        |ids| json!({"id": ids.workflow}),
    )
    .needs(Permission::Scope(Scope::Admin)),
    change(
        "mutation ($id: ID!, $contact: ID!) { r: testWorkflow(input: {workflowId: $id, contactId: $contact}) { steps { key } } }",
        |ids| json!({"id": ids.workflow, "contact": ids.contact}),
    )
    .needs(Permission::Both(Scope::Admin, Scope::Read)),
    change(
        "mutation ($id: ID!) { r: publishWorkflow(input: {workflowId: $id}) { workflow { id } inFlight { finishing } } }",
        |ids| json!({"id": ids.workflow}),
    )
    .needs(Permission::Scope(Scope::Admin)),
    change(
        "mutation ($id: ID!) { r: pauseWorkflow(input: {workflowId: $id}) { workflow { id } } }",
        |ids| json!({"id": ids.workflow}),
    )
    .needs(Permission::Scope(Scope::Admin)),
    change(
        "mutation ($id: ID!) { r: resumeWorkflow(input: {workflowId: $id}) { workflow { id } } }",
        |ids| json!({"id": ids.workflow}),
    )
    .needs(Permission::Scope(Scope::Admin)),
    change(
        "mutation ($id: ID!) { r: stopWorkflowRuns(input: {workflowId: $id, all: true}) { stopped } }",
        |ids| json!({"id": ids.workflow}),
    )
    .needs(Permission::Scope(Scope::Admin)),
    change(
        "mutation ($id: ID!) { r: archiveWorkflow(input: {workflowId: $id}) { workflow { id } stopped } }",
        |ids| json!({"id": ids.workflow}),
    )
    .needs(Permission::Scope(Scope::Admin)),
    find("query ($id: ID!) { r: offer(id: $id) { id } }", |ids| {
        json!({"id": ids.offer})
    }),
    make("mutation { r: createCourse(input: {title: \"Made\"}) { course { id modules { id } } } }", none)
        .needs(Permission::Scope(Scope::Content)),
    change(
        "mutation ($id: ID!) { r: updateCourse(input: {courseId: $id, description: \"New\"}) { course { id } } }",
        |ids| json!({"id": ids.course}),
    )
    .needs(Permission::Scope(Scope::Content)),
    change(
        "mutation ($id: ID!) { r: createCourseModule(input: {courseId: $id, title: \"Made\"}) { module { id } } }",
        |ids| json!({"id": ids.course}),
    )
    .needs(Permission::Scope(Scope::Content)),
    change(
        "mutation ($id: ID!) { r: updateCourseModule(input: {moduleId: $id, title: \"New\"}) { module { id } } }",
        |ids| json!({"id": ids.module}),
    )
    .needs(Permission::Scope(Scope::Content)),
    change(
        "mutation ($id: ID!) { r: createLesson(input: {moduleId: $id, title: \"Made\", kind: TEXT}) { lesson { id } } }",
        |ids| json!({"id": ids.module}),
    )
    .needs(Permission::Scope(Scope::Content)),
    change(
        "mutation ($id: ID!) { r: updateLesson(input: {lessonId: $id, title: \"New\"}) { lesson { id } } }",
        |ids| json!({"id": ids.lesson}),
    )
    .needs(Permission::Scope(Scope::Content)),
    find(
        "query ($id: ID!, $course: ID!) { r: contact(id: $id) { course(id: $course) { open progress { startedAt } } } }",
        |ids| json!({"id": ids.contact, "course": ids.course}),
    ),
    find(
        "query ($id: ID!) { r: contact(id: $id) { accessReport { canSignIn steps { kind reason } } } }",
        |ids| json!({"id": ids.contact}),
    ),
    Case {
        query: "mutation { r: updateOwnDetails(input: {lastName: \"Berg\"}) { me { id } } }",
        variables: none,
        needs: Permission::Contact,
        anonymous: UNAUTHENTICATED,
        reader: FORBIDDEN,
        contact: OK,
        owner: FORBIDDEN,
        foreign: FORBIDDEN,
    },
    Case {
        query: "mutation ($id: ID!) { r: startLesson(input: {lessonId: $id}) { lesson { id progress { startedAt } } } }",
        variables: |ids| json!({"id": ids.lesson}),
        needs: Permission::Contact,
        anonymous: UNAUTHENTICATED,
        reader: FORBIDDEN,
        contact: OK,
        owner: FORBIDDEN,
        foreign: FORBIDDEN,
    },
    Case {
        query: "mutation ($id: ID!) { r: completeLesson(input: {lessonId: $id}) { courseCompleted } }",
        variables: |ids| json!({"id": ids.lesson}),
        needs: Permission::Contact,
        anonymous: UNAUTHENTICATED,
        reader: FORBIDDEN,
        contact: OK,
        owner: FORBIDDEN,
        foreign: FORBIDDEN,
    },
    change(
        "mutation ($id: ID!) { r: deleteLesson(input: {lessonId: $id}) { deletedLessonId } }",
        |ids| json!({"id": ids.lesson}),
    )
    .needs(Permission::Scope(Scope::Content)),
    change(
        "mutation ($id: ID!) { r: deleteCourseModule(input: {moduleId: $id}) { deletedModuleId } }",
        |ids| json!({"id": ids.module}),
    )
    .needs(Permission::Scope(Scope::Content)),
    change(
        "mutation ($id: ID!, $course: ID!) { r: updateCommunityAccess(input: {contactId: $id, add: [$course]}) { count } }",
        |ids| json!({"id": ids.contact, "course": ids.community}),
    ),
    change(
        "mutation ($id: ID!, $course: ID!) { r: assignCourses(input: {contactId: $id, add: [$course]}) { count } }",
        |ids| json!({"id": ids.contact, "course": ids.course}),
    ),
    change(
        "mutation ($id: ID!) { r: reorderCourse(input: {courseId: $id, modules: []}) { course { id } } }",
        |ids| json!({"id": ids.course}),
    )
    .needs(Permission::Scope(Scope::Content))
    .ends_in("CONFLICT"),
    change(
        "mutation ($id: ID!, $offer: ID!) { r: grantOffer(input: {offerId: $offer, selection: {contactIds: [$id]}}) { count } }",
        |ids| json!({"id": ids.contact, "offer": ids.offer}),
    ),
    change(
        "mutation ($id: ID!) { r: revokeAccessGrant(input: {grantId: $id}) { grant { status } } }",
        |ids| json!({"id": ids.grant}),
    ),
    change(
        "mutation ($id: ID!, $offer: ID!) { r: revokeOffer(input: {offerId: $offer, selection: {contactIds: [$id]}}) { count } }",
        |ids| json!({"id": ids.contact, "offer": ids.offer}),
    ),
    make("mutation { r: createCommunity(input: {name: \"Made\"}) { community { id } } }", none)
        .needs(Permission::Scope(Scope::Content)),
    change(
        "mutation ($id: ID!) { r: updateCommunity(input: {communityId: $id, description: \"New\"}) { community { id } } }",
        |ids| json!({"id": ids.community}),
    )
    .needs(Permission::Scope(Scope::Content)),
    change(
        "mutation ($id: ID!) { r: createAnnouncement(input: {communityId: $id, title: \"Made\", body: \"Text\"}) { announcement { id } } }",
        |ids| json!({"id": ids.community}),
    )
    .needs(Permission::Scope(Scope::Content)),
    change(
        "mutation ($id: ID!) { r: updateAnnouncement(input: {announcementId: $id, title: \"New\"}) { announcement { id } } }",
        |ids| json!({"id": ids.announcement}),
    )
    .needs(Permission::Scope(Scope::Content)),
    change(
        "mutation ($id: ID!) { r: deleteAnnouncement(input: {announcementId: $id}) { deletedAnnouncementId } }",
        |ids| json!({"id": ids.announcement}),
    )
    .needs(Permission::Scope(Scope::Content)),
    make("mutation { r: createOffer(input: {title: \"Made\"}) { offer { id } } }", none)
        .needs(Permission::Scope(Scope::Content)),
    change(
        "mutation ($id: ID!) { r: updateOffer(input: {offerId: $id, description: \"New\"}) { offer { id } } }",
        |ids| json!({"id": ids.offer}),
    )
    .needs(Permission::Scope(Scope::Content)),
    change(
        "mutation ($id: ID!) { r: archiveOffer(input: {offerId: $id}) { offer { status } } }",
        |ids| json!({"id": ids.offer}),
    )
    .needs(Permission::Scope(Scope::Content)),
    change(
        "mutation ($id: ID!) { r: archiveCourse(input: {courseId: $id}) { course { status } } }",
        |ids| json!({"id": ids.course}),
    )
    .needs(Permission::Scope(Scope::Content)),
    change(
        "mutation ($id: ID!) { r: archiveCommunity(input: {communityId: $id}) { community { status } } }",
        |ids| json!({"id": ids.community}),
    )
    .needs(Permission::Scope(Scope::Content)),
    change(
        "mutation ($id: ID!) { r: updateContact(input: {contactId: $id, firstName: \"Ann\"}) { contact { firstName } } }",
        |ids| json!({"id": ids.contact}),
    ),
    change(
        "mutation ($id: ID!) { r: pauseBulkJob(input: {bulkJobId: $id}) { bulkJob { status } } }",
        |ids| json!({"id": ids.job}),
    )
    .needs(Permission::Either(Scope::Invite, Scope::Contacts)),
    change(
        "mutation ($id: ID!) { r: resumeBulkJob(input: {bulkJobId: $id}) { bulkJob { status } } }",
        |ids| json!({"id": ids.job}),
    )
    .needs(Permission::Either(Scope::Invite, Scope::Contacts)),
    change(
        "mutation ($id: ID!) { r: cancelBulkJob(input: {bulkJobId: $id}) { bulkJob { status } } }",
        |ids| json!({"id": ids.idle_job}),
    )
    .needs(Permission::Either(Scope::Invite, Scope::Contacts)),
    read(
        "{ r: teamMembers { totalCount nodes { id email name role createdAt joinedAt lastSeenAt } } }",
        none,
    )
    .for_team(),
    read(
        "{ r: apiKeys { totalCount nodes { id name scopes hint status createdBy expiresAt revokedAt lastUsedAt } } }",
        none,
    )
    .for_team(),
    read(
        "{ r: auditLog { totalCount nodes { id kind at outcome details actor { id display } contact { id } } } }",
        none,
    )
    .refused_to_readers(Permission::Scope(Scope::Admin)),
    find(
        "query ($id: ID!) { r: contact(id: $id) { timeline { totalCount nodes { id kind by device network magicLink { id } invitation { id } message { id } course { id } lesson { id } community { id } offer { id } } } } }",
        |ids| json!({"id": ids.contact}),
    ),
    make(
        "mutation { r: inviteTeamMember(input: {email: \"made@example.com\", role: STAFF}) { teamMember { id } } }",
        none,
    )
    .needs(Permission::Team),
    change(
        "mutation ($id: ID!) { r: resendTeamInvitation(input: {teamMemberId: $id}) { teamMember { id } } }",
        |ids| json!({"id": ids.member}),
    )
    .needs(Permission::Team),
    change(
        "mutation ($id: ID!) { r: updateTeamMember(input: {teamMemberId: $id, role: READ_ONLY}) { teamMember { role } revokedApiKeys { id } } }",
        |ids| json!({"id": ids.member}),
    )
    .needs(Permission::Team),
    change(
        "mutation ($id: ID!) { r: removeTeamMember(input: {teamMemberId: $id}) { teamMember { id } revokedApiKeys { id } } }",
        |ids| json!({"id": ids.member}),
    )
    .needs(Permission::Team),
    change(
        "mutation ($id: ID!) { r: viewPortalAs(input: {contactId: $id}) { url expiresAt } }",
        |ids| json!({"id": ids.contact}),
    )
    .needs(Permission::Team),
    make(
        "mutation { r: createApiKey(input: {name: \"made\", scopes: [READ]}) { secret } }",
        none,
    )
    .needs(Permission::Team),
    change(
        "mutation ($id: ID!) { r: revokeApiKey(input: {apiKeyId: $id}) { apiKey { status } } }",
        |ids| json!({"id": ids.api_key}),
    )
    .needs(Permission::Team),
    make(
        "mutation { r: updatePortalSettings(input: {accentColor: \"#123456\"}) { portal { settings { accentColor } } } }",
        none,
    )
    .needs(Permission::Scope(Scope::Admin)),
    Case {
        foreign: "CONFLICT",
        ..make(
            "mutation { r: updatePortalSettings(input: {slug: \"acme\"}) { portal { slug formerSlugs } } }",
            none,
        )
    }
    .needs(Permission::Team),
    change(
        "mutation ($id: ID!) { r: revokePortalAccess(input: {contactId: $id}) { contact { revokedAt } } }",
        |ids| json!({"id": ids.contact}),
    ),
    make(
        "mutation ($id: ID!) { r: updateContactTags(input: {contactIds: [$id], add: [\"vip\"]}) { count skipped { reason } } }",
        |ids| json!({"id": ids.contact}),
    ),
    make(
        "mutation ($id: ID!) { r: revokePortalAccessForMany(input: {contactIds: [$id]}) { count skipped { reason } } }",
        |ids| json!({"id": ids.contact}),
    ),
    make(
        "mutation ($id: ID!) { r: restorePortalAccessForMany(input: {contactIds: [$id]}) { count skipped { reason } } }",
        |ids| json!({"id": ids.contact}),
    ),
    change(
        "mutation ($id: ID!) { r: restorePortalAccess(input: {contactId: $id}) { contact { revokedAt } } }",
        |ids| json!({"id": ids.contact}),
    ),
    change(
        "mutation ($id: ID!, $duplicate: ID!) { r: mergeContacts(input: {contactId: $id, duplicateId: $duplicate, dryRun: true}) { deletedContactId } }",
        |ids| json!({"id": ids.contact, "duplicate": ids.duplicate}),
    ),
    change(
        "mutation ($id: ID!) { r: exportContactData(input: {contactId: $id}) { fileName content } }",
        |ids| json!({"id": ids.contact}),
    )
    .needs(Permission::Team),
    change(
        "mutation ($id: ID!) { r: eraseContact(input: {contactId: $id, confirmEmail: \"anna@acme.example\"}) { erasedContactId } }",
        |ids| json!({"id": ids.contact}),
    )
    .needs(Permission::Team),
    change(
        "mutation ($id: ID!) { r: deleteContact(input: {contactId: $id}) { deletedContactId } }",
        |ids| json!({"id": ids.contact}),
    ),
    change(
        "mutation ($id: ID!) { r: resumeMail(input: {contactId: $id}) { contact { id suppression { reason } } } }",
        |ids| json!({"id": ids.contact}),
    ),
    change(
        "mutation ($id: ID!) { r: updateSubscription(input: {contactId: $id, subscribed: false}) { contact { id unsubscribedAt } } }",
        |ids| json!({"id": ids.contact}),
    ),
    change(
        "mutation ($id: ID!) { r: resumeMail(input: {contactId: $id, channel: SMS}) { contact { id smsSuppression { reason } } } }",
        |ids| json!({"id": ids.contact}),
    ),
    Case {
        query: "query ($id: ID!) { r: node(id: $id) { id } }",
        variables: |ids| json!({"id": ids.session}),
        needs: Permission::Scope(Scope::Read),
        anonymous: UNAUTHENTICATED,
        reader: OK,
        contact: OK,
        owner: OK,
        foreign: NULL,
    },
    Case {
        query: "mutation ($id: ID!) { r: revokeSession(input: {sessionId: $id}) { session { endedAt } } }",
        variables: |ids| json!({"id": ids.session}),
        needs: Permission::SessionOr(Scope::Contacts),
        anonymous: UNAUTHENTICATED,
        reader: FORBIDDEN,
        contact: OK,
        owner: OK,
        foreign: NOT_FOUND,
    },
    Case {
        query: "mutation { r: signOutEverywhere { ended } }",
        variables: none,
        needs: Permission::Session,
        anonymous: UNAUTHENTICATED,
        reader: FORBIDDEN,
        contact: OK,
        owner: OK,
        foreign: OK,
    },
    // Each account for itself.
    make("{ r: portal { sendingDomain { domain status problem records { name value found ok } } } }", none).for_team(),
    make("mutation { r: setSendingDomain(input: {domain: \"acme.example\"}) { sendingDomain { domain } } }", none).for_team(),
    make("mutation { r: verifySendingDomain(input: {domain: \"acme.example\"}) { sendingDomain { status } } }", none).for_team(),
    make("mutation { r: removeSendingDomain(input: {domain: \"acme.example\"}) { removedDomain } }", none).for_team(),
    open(
        "mutation { r: reportNotMe(input: {token: \"notme_no\"}) { refusal { reason } } }",
        none,
    ),
    open("{ r: publicPortal(portal: \"acme\") { name slug url } }", none),
    open(
        "mutation { r: requestLoginEmail(input: {portal: \"acme\", email: \"who@example.com\"}) { challengeId } }",
        none,
    ),
    open(
        "mutation { r: requestLoginCode(input: {portal: \"acme\", email: \"who@example.com\"}) { challengeId } }",
        none,
    ),
    open(
        "mutation { r: signInWithCode(input: {challengeId: \"challenge_no\", code: \"123456\"}) { refusal { reason } } }",
        none,
    ),
    open(
        "mutation { r: signInWithChallenge(input: {challengeId: \"challenge_no\", deviceSecret: \"device_no\"}) { refusal { reason } } }",
        none,
    ),
    // Only the session opened by the link may do it.
    Case {
        query: "mutation { r: confirmSignIn(input: {challengeId: \"challenge_no\", deny: true}) { state } }",
        variables: none,
        needs: Permission::Press,
        anonymous: UNAUTHENTICATED,
        reader: FORBIDDEN,
        contact: FORBIDDEN,
        owner: FORBIDDEN,
        foreign: FORBIDDEN,
    },
    Case {
        query: "mutation { r: stepUp(input: {challengeId: \"challenge_no\", code: \"123456\"}) { refusal { reason } } }",
        variables: none,
        needs: Permission::Session,
        anonymous: UNAUTHENTICATED,
        reader: FORBIDDEN,
        contact: OK,
        owner: OK,
        foreign: OK,
    },
    open(
        "mutation { r: signInWithMagicLink(input: {token: \"link_no\"}) { refusal { reason } } }",
        none,
    ),
    open(
        "mutation { r: refreshSession(input: {refreshToken: \"refresh_no\"}) { refusal { reason } } }",
        none,
    ),
    open(
        "mutation { r: signInWithPassword(input: {portal: \"acme\", email: \"who@example.com\", password: \"x\"}) { refusal { reason } } }",
        none,
    ),
    open(
        "mutation { r: signInWithGoogle(input: {portal: \"acme\", idToken: \"x\", nonce: \"y\"}) { refusal { reason } } }",
        none,
    ),
    open(
        "mutation { r: requestPasswordReset(input: {portal: \"acme\", email: \"who@example.com\"}) { accepted } }",
        none,
    ),
    open(
        "mutation { r: resetPassword(input: {token: \"reset_no\", newPassword: \"x\"}) { refusal { reason } } }",
        none,
    ),
    own("mutation { r: setPassword(input: {newPassword: \"x\"}) { refusal { reason } } }"),
    own(
        "mutation { r: changePassword(input: {currentPassword: \"x\", newPassword: \"y\"}) { refusal { reason } } }",
    ),
    Case {
        query: "{ r: viewer { __typename } }",
        variables: none,
        needs: Permission::Anyone,
        anonymous: NULL,
        reader: OK,
        contact: OK,
        owner: OK,
        foreign: OK,
    },
    Case {
        query: "{ r: me { sectionAccess { section visible reason } continueWith { id } } }",
        variables: none,
        needs: Permission::Anyone,
        anonymous: NULL,
        reader: NULL,
        contact: OK,
        owner: NULL,
        foreign: NULL,
    },
    Case {
        query: "{ r: me { id offers { nodes { id courses { id } communities { id } } edges { open opensAt endsAt } } } }",
        variables: none,
        needs: Permission::Anyone,
        anonymous: NULL,
        reader: NULL,
        contact: OK,
        owner: NULL,
        foreign: NULL,
    },
    Case {
        query: "{ r: me { id } }",
        variables: none,
        needs: Permission::Anyone,
        anonymous: NULL,
        reader: NULL,
        contact: OK,
        owner: NULL,
        foreign: NULL,
    },
    Case {
        query: "mutation { r: signOut { signedOut } }",
        variables: none,
        needs: Permission::Session,
        anonymous: UNAUTHENTICATED,
        reader: FORBIDDEN,
        contact: OK,
        owner: OK,
        foreign: OK,
    },
];

pub fn outcome(answer: &Value) -> &str {
    match answer["errors"][0]["extensions"]["code"].as_str() {
        Some(code) => code,
        None if answer["data"]["r"].is_null() => "NULL",
        None => "OK",
    }
}

/// Creates one object of each kind in acme. The jobs don't run, so that they can be paused, resumed and cancelled.
pub async fn create_objects(server: &TestServer) -> Ids {
    let key = &server.acme.key;
    let contact = server.acme.contact.to_string();
    let invited = server
        .data(
            key,
            "mutation ($id: ID!) { inviteContacts(input: {contactIds: [$id]}) { invitations { id } } }",
            json!({"id": contact}),
        )
        .await;
    let created = server
        .data(
            key,
            "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { magicLink { id } } }",
            json!({"id": contact}),
        )
        .await;
    let hired = server
        .data(
            &server.acme.owner,
            "mutation { inviteTeamMember(input: {email: \"hired@example.com\", role: STAFF}) { teamMember { id } }
                createApiKey(input: {name: \"a server\", scopes: [READ]}) { apiKey { id } } }",
            json!({}),
        )
        .await;
    let copied = server
        .data(
            key,
            "mutation { createContact(input: {email: \"copy@example.com\"}) { contact { id } } }",
            json!({}),
        )
        .await;
    let messages = server.data(key, "{ messages { nodes { id } } }", json!({})).await;
    let sessions = server
        .data(
            key,
            "query ($id: ID!) { contact(id: $id) { sessions { nodes { id } } } }",
            json!({"id": contact}),
        )
        .await;
    let (job, idle_job) = (idle_job(server).await, idle_job(server).await);
    let contents = create_contents(server, &contact).await;
    let text = |value: &Value| value.as_str().expect("an id").to_owned();
    Ids {
        contact,
        duplicate: text(&copied["createContact"]["contact"]["id"]),
        invitation: text(&invited["inviteContacts"]["invitations"][0]["id"]),
        link: text(&created["generateMagicLink"]["magicLink"]["id"]),
        job,
        idle_job,
        message: text(&messages["messages"]["nodes"][0]["id"]),
        session: text(&sessions["contact"]["sessions"]["nodes"][0]["id"]),
        member: text(&hired["inviteTeamMember"]["teamMember"]["id"]),
        api_key: text(&hired["createApiKey"]["apiKey"]["id"]),
        course: text(&contents["createCourse"]["course"]["id"]),
        module: text(&contents["createCourseModule"]["module"]["id"]),
        lesson: text(&contents["createLesson"]["lesson"]["id"]),
        community: text(&contents["createCommunity"]["community"]["id"]),
        announcement: text(&contents["createAnnouncement"]["announcement"]["id"]),
        offer: text(&contents["createOffer"]["offer"]["id"]),
        grant: text(&contents["contact"]["grants"]["nodes"][0]["id"]),
        affiliate: text(&contents["setAffiliate"]["affiliate"]["id"]),
        sale: text(&contents["recordAffiliateSale"]["sale"]["id"]),
        menu_item: text(&contents["createMenuItem"]["menuItem"]["id"]),
        smart_list: text(&contents["createSmartList"]["smartList"]["id"]),
        template: text(&contents["createTemplate"]["template"]["id"]),
        workflow: text(&contents["createWorkflow"]["workflow"]["id"]),
        run: text(&contents["run"]),
    }
}

/// A course with a lesson, a community with an announcement and an offer of both, which the contact has. The contact is an affiliate
/// with a sale, and sees a menu item. There are a template and a workflow, which the contact has entered.
async fn create_contents(server: &TestServer, contact: &str) -> Value {
    let mut created = json!({});
    let steps = [
        (
            "createCourse",
            "(input: {title: \"A course\", status: PUBLISHED}) { course { id } }",
        ),
        (
            "createCourseModule",
            "(input: {courseId: $course, title: \"A module\"}) { module { id } }",
        ),
        (
            "createLesson",
            "(input: {moduleId: $module, title: \"A lesson\", kind: TEXT, body: \"*Hello*\"}) { lesson { id } }",
        ),
        (
            "createCommunity",
            "(input: {name: \"A community\", status: PUBLISHED}) { community { id } }",
        ),
        (
            "createAnnouncement",
            "(input: {communityId: $community, title: \"News\", body: \"Hello\"}) { announcement { id } }",
        ),
        (
            "createOffer",
            "(input: {title: \"An offer\", courseIds: [$course], communityIds: [$community], status: PUBLISHED}) \
                { offer { id } }",
        ),
        (
            "createWorkflow",
            "(input: {name: \"A workflow\", triggers: [{trigger: OFFER_ACCESS_GRANTED, targetIds: [$offer]}], \
                steps: [{wait: {key: \"pause\", duration: {amount: 30, unit: DAYS}, next: \"tag\"}}, \
                    {addTags: {key: \"tag\", tags: [\"waited\"]}}]}) { workflow { id } }",
        ),
        (
            "publishWorkflow",
            "(input: {workflowId: $workflow}) { workflow { id } }",
        ),
        (
            "grantOffer",
            "(input: {offerId: $offer, selection: {contactIds: [$contact]}}) { count }",
        ),
        (
            "setAffiliate",
            "(input: {contactId: $contact}) { affiliate { id } }",
        ),
        (
            "createMenuItem",
            "(input: {audience: PORTAL, title: \"An item\", section: COURSES, visibleTo: {courseId: $course}}) { menuItem { id } }",
        ),
        (
            "createSmartList",
            "(input: {name: \"A list\", filter: {courseIds: [$course]}}) { smartList { id } }",
        ),
        (
            "createTemplate",
            "(input: {name: \"A template\", channel: SMS, format: TEXT, body: \"Hello\"}) { template { id } }",
        ),
        (
            "recordAffiliateSale",
            "(input: {affiliateId: $affiliate, externalId: \"order\", amount: \"10\", commission: \"1\", currencyCode: \"EUR\", \
                soldAt: \"2026-01-01T00:00:00Z\"}) { sale { id } }",
        ),
    ];
    for (mutation, rest) in steps {
        let mut rest = rest.replace("$contact", &json!(contact).to_string());
        for (name, of) in [
            ("course", "createCourse"),
            ("module", "createCourseModule"),
            ("community", "createCommunity"),
            ("offer", "createOffer"),
            ("workflow", "createWorkflow"),
            ("affiliate", "setAffiliate"),
        ] {
            rest = rest.replace(&format!("${name}"), &created[of][name]["id"].to_string());
        }
        let done = server
            .data(
                &server.acme.owner,
                &format!("mutation {{ {mutation}{rest} }}"),
                json!({}),
            )
            .await;
        created[mutation] = done[mutation].clone();
    }
    let query = "query ($id: ID!) { contact(id: $id) { grants { nodes { id } } } }";
    let found = server
        .data(&server.acme.owner, query, json!({"id": contact}))
        .await;
    created["contact"] = found["contact"].clone();
    let waiting = "select count(*) from workflow_steps";
    wait_until("the contact waits in the workflow", async || {
        server.test.number(waiting).await == 1
    })
    .await;
    let query = "query ($id: ID!) { workflow(id: $id) { runs { nodes { id } } } }";
    let workflow = json!({"id": created["createWorkflow"]["workflow"]["id"]});
    let found = server.data(&server.acme.owner, query, workflow).await;
    created["run"] = found["workflow"]["runs"]["nodes"][0]["id"].clone();
    created
}

impl Case {
    const fn needs(mut self, needs: Permission) -> Self {
        self.needs = needs;
        self
    }

    /// For readers too.
    const fn readable(mut self, needs: Permission) -> Self {
        self.reader = OK;
        self.needs(needs)
    }

    /// What the owner gets, if it is not success.
    const fn ends_in(mut self, owner: Expected) -> Self {
        self.owner = owner;
        self
    }

    /// A query for which `READ` is not enough.
    const fn refused_to_readers(mut self, needs: Permission) -> Self {
        self.reader = FORBIDDEN;
        self.needs(needs)
    }

    const fn for_team(self) -> Self {
        self.refused_to_readers(Permission::Team)
    }

    /// Whether the operation ends the caller's credential, so that it needs a separate server.
    pub fn ends_a_credential(&self) -> bool {
        [
            "signOut",
            "deleteContact",
            "eraseContact",
            "revokeSession",
            "revokePortalAccess",
        ]
        .iter()
        .any(|name| self.query.contains(name))
    }
}

async fn idle_job(server: &TestServer) -> String {
    let job = BulkJobId::new(&server.clock.moment());
    server
        .test
        .run(&format!(
            "insert into bulk_jobs (account_id, id, kind, status, plan, total_count, requested_by, due_at, created_at)
             values ('{}', '{}', 'INVITE', 'QUEUED', '{{\"section\": \"HOME\"}}', 1, 'system', '2100-01-01Z', '2026-01-01Z')",
            server.acme.id.0, job.0
        ))
        .await;
    job.to_string()
}
