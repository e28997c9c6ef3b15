//! The statements of the document, by its fields. Each takes the account and the contact.

use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Jsonb, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{
    AffiliateSaleId, BulkJobId, ChallengeId, CommunityId, ContactEventId, CourseId, GrantId, InvitationId,
    LessonId, MagicLinkId, MessageId, OfferId, SessionId, WorkflowId, WorkflowRunId,
};
use crate::contacts::model::Contact;

/// How the API writes an id.
type Format = fn(Uuid) -> String;

/// Objects of which a contact has at most one.
pub(super) const ONES: [(&str, &str); 7] = [
    (
        "suppression",
        "select jsonb_build_object('reason', s.reason, 'createdAt', s.created_at, 'expiresAt', s.expires_at) as row \
         from contacts c join suppressions s on s.account_id = c.account_id and s.email_key = c.email_key \
         where c.account_id = ? and c.id = ?",
    ),
    (
        "smsSuppression",
        "select jsonb_build_object('reason', s.reason, 'createdAt', s.created_at, 'expiresAt', s.expires_at) as row \
         from contacts c join suppressions s on s.account_id = c.account_id and s.email_key = c.phone \
         where c.account_id = ? and c.id = ?",
    ),
    (
        "marketingOptOut",
        "select jsonb_build_object('createdAt', o.created_at) as row \
         from contacts c join marketing_opt_outs o on o.account_id = c.account_id and o.email_key = c.email_key \
         where c.account_id = ? and c.id = ?",
    ),
    (
        "invitation",
        "select jsonb_build_object('id', id, 'section', section, 'note', note, 'invitedBy', invited_by, 'createdAt', created_at, \
            'sentCount', sent_count, 'lastSentAt', last_sent_at, 'expiresAt', expires_at, 'acceptedAt', accepted_at, \
            'cancelledAt', cancelled_at) as row from invitations where account_id = ? and contact_id = ?",
    ),
    (
        "password",
        "select jsonb_build_object('setAt', set_at, 'disabledAt', disabled_at) as row from passwords where account_id = ? and holder_id = ?",
    ),
    (
        "identityProviders",
        "select jsonb_agg(jsonb_build_object('issuer', issuer, 'subject', subject, 'email', email, 'linkedAt', linked_at, \
            'lastUsedAt', last_used_at)) as row from identities where account_id = ? and holder_id = ? having count(*) > 0",
    ),
    (
        "affiliate",
        "select jsonb_build_object('code', a.code, 'codes', (select jsonb_agg(code order by code) from affiliate_codes \
                where account_id = a.account_id and affiliate_id = a.id), \
            'targetUrl', a.target_url, 'status', a.status, 'createdAt', a.created_at, 'updatedAt', a.updated_at, \
            'clicks', (select jsonb_object_agg(day, clicks) from (select day, sum(clicks) as clicks from affiliate_clicks \
                where account_id = a.account_id and affiliate_id = a.id group by day) d)) as row \
         from affiliates a where a.account_id = ? and a.contact_id = ?",
    ),
];

/// Rows of which a contact can have many.
pub(super) struct List {
    pub name: &'static str,
    /// The name of the key in a row, and how it is written; none if it is not shown.
    id: Option<(&'static str, Format)>,
    columns: &'static str,
    from: &'static str,
    /// A column that is unique among the contact's rows.
    key: &'static str,
}

pub(super) const LISTS: [List; 11] = [
    List {
        name: "messages",
        id: Some(("id", |id| MessageId(id).to_string())),
        columns: "'kind', kind, 'channel', channel, 'address', address, 'subject', subject, 'status', status, 'createdAt', created_at, \
            'sentAt', sent_at, 'attempts', attempt_count, 'lastError', last_error, 'requestedBy', requested_by, \
            'magicLinkId', magic_link_id, 'invitationId', invitation_id, \
            'template', (select body from mailings g where g.account_id = messages.account_id and g.id = messages.about \
                and messages.kind = 'WRITTEN')",
        from: "messages where account_id = ? and contact_id = ?",
        key: "id",
    },
    List {
        name: "magicLinks",
        id: Some(("id", |id| MagicLinkId(id).to_string())),
        columns: "'purpose', purpose, 'origin', origin, 'section', section, 'resourceId', resource_id, \
            'limitedToSection', limit_to_section, 'seenByStaff', staff_seen, 'createdBy', created_by, 'createdAt', created_at, \
            'expiresAt', expires_at, 'usedAt', used_at, 'supersededAt', superseded_at, 'revokedAt', revoked_at",
        from: "magic_links where account_id = ? and contact_id = ?",
        key: "id",
    },
    List {
        name: "sessions",
        id: Some(("id", |id| SessionId(id).to_string())),
        columns: "'method', method, 'section', section, 'madeByStaff', staff_seen, 'createdAt', created_at, 'expiresAt', expires_at, \
            'firstUsedAt', first_used_at, 'lastSeenAt', last_seen_at, 'endedAt', ended_at, 'endReason', end_reason, 'ip', ip, \
            'userAgent', user_agent",
        from: "sessions where account_id = ? and contact_id = ?",
        key: "id",
    },
    List {
        name: "signInRequests",
        id: Some(("id", |id| ChallengeId(id).to_string())),
        columns: "'byCode', by_code, 'createdAt', created_at, 'completedAt', completed_at, 'ip', ip, 'userAgent', user_agent",
        from: "challenges where account_id = ? and contact_id = ?",
        key: "id",
    },
    List {
        name: "passwordResets",
        id: None,
        columns: "'createdAt', created_at, 'expiresAt', expires_at, 'usedAt', used_at",
        from: "password_resets where account_id = ? and contact_id = ?",
        key: "id",
    },
    List {
        name: "grants",
        id: Some(("id", |id| GrantId(id).to_string())),
        columns: "'courseId', course_id, 'communityId', community_id, 'offerId', offer_id, 'source', source, 'startsAt', starts_at, \
            'endsAt', ends_at, 'revokedAt', revoked_at, 'grantedBy', granted_by, 'createdAt', created_at",
        from: "access_grants where account_id = ? and contact_id = ?",
        key: "id",
    },
    List {
        name: "progress",
        id: Some(("lessonId", |id| LessonId(id).to_string())),
        columns: "'courseId', course_id, 'startedAt', started_at, 'completedAt', completed_at",
        from: "lesson_progress where account_id = ? and contact_id = ?",
        key: "lesson_id",
    },
    List {
        name: "affiliateSales",
        id: Some(("id", |id| AffiliateSaleId(id).to_string())),
        columns: "'externalId', external_id, 'amount', amount, 'commission', commission, 'currencyCode', currency_code, 'status', status, \
            'soldAt', sold_at, 'paidAt', paid_at, 'createdAt', created_at",
        from: "affiliate_sales where account_id = ? and affiliate_id = (select a.id from affiliates a \
            where a.account_id = affiliate_sales.account_id and a.contact_id = ?)",
        key: "id",
    },
    List {
        name: "bulkJobs",
        id: Some(("id", |id| BulkJobId(id).to_string())),
        columns: "'outcomes', outcomes",
        from: "(select bulk_job_id, jsonb_agg(jsonb_build_object('line', line, 'outcome', outcome, 'reason', reason, 'email', email) \
            order by position) as outcomes from bulk_job_items where account_id = ? and contact_id = ? group by bulk_job_id) j where true",
        key: "bulk_job_id",
    },
    List {
        name: "workflowRuns",
        id: Some(("id", |id| WorkflowRunId(id).to_string())),
        columns: "'workflowId', workflow_id, 'trigger', trigger, 'status', status, 'startedAt', started_at, 'endedAt', ended_at, \
            'endReason', end_reason, 'steps', (select jsonb_agg(jsonb_build_object('key', s.step_key, 'outcome', s.outcome, \
                'reason', s.reason, 'enteredAt', s.entered_at, 'doneAt', s.done_at) order by s.entered_at) from workflow_steps s \
                where s.account_id = workflow_runs.account_id and s.run_id = workflow_runs.id)",
        from: "workflow_runs where account_id = ? and contact_id = ?",
        key: "id",
    },
    List {
        name: "timeline",
        id: Some(("id", |id| ContactEventId(id).to_string())),
        columns: "'at', at, 'kind', kind, 'by', actor, 'subjectId', subject, 'outcome', outcome, 'details', detail, \
            'ip', case when actor like 'contact\\_%' then ip end, 'userAgent', case when actor like 'contact\\_%' then user_agent end",
        from: "audit_events where account_id = ? and contact_id = ?",
        key: "id",
    },
];

/// The ids of other objects in a row.
const REFERENCES: [(&str, Format); 6] = [
    ("magicLinkId", |id| MagicLinkId(id).to_string()),
    ("invitationId", |id| InvitationId(id).to_string()),
    ("courseId", |id| CourseId(id).to_string()),
    ("communityId", |id| CommunityId(id).to_string()),
    ("offerId", |id| OfferId(id).to_string()),
    ("workflowId", |id| WorkflowId(id).to_string()),
];

#[derive(QueryableByName)]
struct One {
    #[diesel(sql_type = Jsonb)]
    row: Value,
}

#[derive(QueryableByName)]
struct Keyed {
    #[diesel(sql_type = SqlUuid)]
    key: Uuid,
    #[diesel(sql_type = Jsonb)]
    row: Value,
}

pub(super) async fn read_one(
    conn: &mut Conn,
    statement: &'static str,
    contact: &Contact,
) -> Result<Option<Value>> {
    let found: Option<One> = sql::statement(statement)
        .bind::<SqlUuid, _>(contact.account_id)
        .bind::<SqlUuid, _>(contact.id)
        .get_result(conn)
        .await
        .optional()?;
    Ok(found.map(|mut found| {
        if let Some(id) = found.row.get_mut("id") {
            write_id(id, |id| InvitationId(id).to_string());
        }
        found.row
    }))
}

/// The rows after a key, in the order of their keys.
pub(super) async fn read_list(
    conn: &mut Conn,
    list: &List,
    contact: &Contact,
    after: Uuid,
    limit: usize,
) -> Result<Vec<(Uuid, Value)>> {
    let List {
        columns, from, key, ..
    } = list;
    let statement = format!(
        "select {key} as key, jsonb_build_object({columns}) as row from {from} and {key} > ? order by {key} limit ?"
    );
    let rows: Vec<Keyed> = sql::statement(statement)
        .bind::<SqlUuid, _>(contact.account_id)
        .bind::<SqlUuid, _>(contact.id)
        .bind::<SqlUuid, _>(after)
        .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
        .load(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.key, with_ids(list, row)))
        .collect())
}

/// The row with its own id, and with the other ids as the API writes them.
fn with_ids(list: &List, Keyed { key, mut row }: Keyed) -> Value {
    if let Some((name, format)) = list.id
        && let Some(fields) = row.as_object_mut()
    {
        fields.insert(name.to_owned(), format(key).into());
    }
    for (name, format) in REFERENCES {
        if let Some(id) = row.get_mut(name) {
            write_id(id, format);
        }
    }
    row
}

fn write_id(value: &mut Value, format: Format) {
    if let Some(id) = value.as_str().and_then(|text| Uuid::parse_str(text).ok()) {
        *value = format(id).into();
    }
}
