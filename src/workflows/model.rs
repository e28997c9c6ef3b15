//! A workflow: its draft, and what of it is published.

pub(crate) mod advance;
pub(crate) mod check;
pub(crate) mod counts;
pub(crate) mod definition;
pub(crate) mod enter;
pub(crate) mod event;
pub(crate) mod named;
pub(crate) mod publish;
pub(crate) mod run;
pub(crate) mod state;
pub(crate) mod subject;
pub(crate) mod timed;
pub(crate) mod version;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use self::definition::Definition;
use self::version::{VersionKey, WorkflowVersion};
use crate::base::actor::Actor;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::workflows;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, TemplateId, WorkflowId};
use crate::base::page::{Page, PageRequest, page_newest_first};
use crate::base::text_enum::text_enum;

/// The most workflows of an account that are not archived.
pub(crate) const MAX_WORKFLOWS: i64 = 200;

text_enum! {
    /// Whether a workflow runs.
    #[derive(async_graphql::Enum)]
    WorkflowStatus {
        /// It was never published.
        Draft = "DRAFT",
        /// Events start it.
        Published = "PUBLISHED",
        /// Its runs rest until it is resumed.
        Paused = "PAUSED",
        /// It was put away: its runs are stopped.
        Archived = "ARCHIVED",
    }
}

#[derive(Clone, Debug, Queryable, Selectable)]
pub(crate) struct Workflow {
    pub account_id: AccountId,
    pub id: WorkflowId,
    pub name: String,
    pub status: WorkflowStatus,
    definition: Value,
    pub published_version: Option<i32>,
    pub keeps_events: bool,
    pub paused_at: Option<DateTime<Utc>>,
    pub skips_until: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub updated_by: String,
}

fn stored(definition: &Definition) -> Result<Value> {
    serde_json::to_value(definition).map_err(Error::internal)
}

impl Workflow {
    /// The account must be locked, so that the limit holds.
    pub(crate) async fn create(
        conn: &mut Conn,
        account: AccountId,
        (name, definition): (&str, &Definition),
        (author, moment): (Actor, &Moment),
    ) -> Result<Self> {
        let kept = workflows::table
            .filter(workflows::account_id.eq(account))
            .filter(workflows::status.ne(WorkflowStatus::Archived));
        let count: i64 = kept.count().get_result(conn).await?;
        if count >= MAX_WORKFLOWS {
            let message = format!("An account has at most {MAX_WORKFLOWS} workflows: archive some first.");
            return Err(Error::bad_input("input.name", message));
        }
        Ok(diesel::insert_into(workflows::table)
            .values((
                workflows::account_id.eq(account),
                workflows::id.eq(WorkflowId::new(moment)),
                workflows::name.eq(name),
                workflows::status.eq(WorkflowStatus::Draft),
                workflows::definition.eq(stored(definition)?),
                workflows::created_at.eq(moment.now),
                workflows::updated_at.eq(moment.now),
                workflows::updated_by.eq(author.to_string()),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?)
    }

    /// The draft.
    pub(crate) fn definition(&self) -> Result<Definition> {
        serde_json::from_value(self.definition.clone()).map_err(Error::internal)
    }

    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[WorkflowId],
    ) -> Result<Vec<Self>> {
        Ok(workflows::table
            .filter(workflows::account_id.eq(account))
            .filter(workflows::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// Locks the row. Whatever changes a workflow, starts its runs or stops them does so first.
    pub(crate) async fn lock(conn: &mut Conn, account: AccountId, id: WorkflowId) -> Result<Option<Self>> {
        Ok(workflows::table
            .find((account, id))
            .select(Self::as_select())
            .for_no_key_update()
            .first(conn)
            .await
            .optional()?)
    }

    /// Newest first.
    pub(crate) async fn list(
        conn: &mut Conn,
        account: AccountId,
        statuses: &[WorkflowStatus],
        page: &PageRequest,
    ) -> Result<Page<Self>> {
        let query = workflows::table
            .filter(workflows::account_id.eq(account))
            .filter(workflows::status.eq_any(statuses))
            .select(Self::as_select())
            .into_boxed();
        page_newest_first!(conn, query, page, workflows::id, WorkflowId)
    }

    pub(crate) async fn count(
        conn: &mut Conn,
        account: AccountId,
        statuses: &[WorkflowStatus],
    ) -> Result<i64> {
        let all = workflows::table.filter(workflows::account_id.eq(account));
        Ok(all
            .filter(workflows::status.eq_any(statuses))
            .count()
            .get_result(conn)
            .await?)
    }

    /// The published and paused ones that send a template, newest first.
    pub(crate) async fn sending(
        conn: &mut Conn,
        account: AccountId,
        template: TemplateId,
    ) -> Result<Vec<Self>> {
        let listed: Vec<Self> = workflows::table
            .filter(workflows::account_id.eq(account))
            .filter(workflows::status.eq_any([WorkflowStatus::Published, WorkflowStatus::Paused]))
            .order(workflows::id.desc())
            .select(Self::as_select())
            .load(conn)
            .await?;
        let published = listed.iter();
        let keys: Vec<VersionKey> = published
            .filter_map(|workflow| Some((workflow.id, workflow.published_version?)))
            .collect();
        let mut senders = Vec::new();
        for version in WorkflowVersion::find_many(conn, account, &keys).await? {
            let definition = version.definition()?;
            let mut sent = definition.steps.iter().filter_map(|step| step.template());
            if sent.any(|(_, id)| id == template) {
                senders.push(version.workflow_id);
            }
        }
        let sends = |workflow: &Self| senders.contains(&workflow.id);
        Ok(listed.into_iter().filter(sends).collect())
    }

    /// Changes the name and the draft of a workflow whose row is locked.
    pub(crate) async fn update(
        &self,
        conn: &mut Conn,
        (name, definition): (&str, &Definition),
        (author, moment): (Actor, &Moment),
    ) -> Result<Self> {
        Ok(diesel::update(workflows::table.find((self.account_id, self.id)))
            .set((
                workflows::name.eq(name),
                workflows::definition.eq(stored(definition)?),
                workflows::updated_at.eq(moment.now),
                workflows::updated_by.eq(author.to_string()),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?)
    }

    /// Whether its runs rest.
    pub(crate) fn rests(&self) -> bool {
        self.status == WorkflowStatus::Paused
    }

    /// Whether events start it: also during a pause that keeps them.
    pub(crate) fn listens(&self) -> bool {
        match self.status {
            WorkflowStatus::Published => true,
            WorkflowStatus::Paused => self.keeps_events,
            WorkflowStatus::Draft | WorkflowStatus::Archived => false,
        }
    }
}
