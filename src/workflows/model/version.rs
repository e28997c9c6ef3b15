//! What was published.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Integer, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::definition::Definition;
use crate::base::actor::Actor;
use crate::base::clock::Moment;
use crate::base::db::schema::workflow_versions;
use crate::base::db::{Conn, sql};
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, MailingId, WorkflowId};
use crate::mailings::model::Mailing;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = workflow_versions)]
pub(crate) struct WorkflowVersion {
    pub workflow_id: WorkflowId,
    pub version: i32,
    definition: Value,
    mailings: Value,
    pub published_at: DateTime<Utc>,
}

/// A workflow and the number of a version.
pub(crate) type VersionKey = (WorkflowId, i32);

impl WorkflowVersion {
    /// `mailings`: those of the steps that send, by their keys.
    pub(super) async fn add(
        conn: &mut Conn,
        account: AccountId,
        (workflow, version): VersionKey,
        (definition, mailings): (&Definition, &HashMap<String, MailingId>),
        (author, moment): (Actor, &Moment),
    ) -> Result<()> {
        let mailings: HashMap<&String, String> =
            mailings.iter().map(|(key, id)| (key, id.to_string())).collect();
        diesel::insert_into(workflow_versions::table)
            .values((
                workflow_versions::account_id.eq(account),
                workflow_versions::workflow_id.eq(workflow),
                workflow_versions::version.eq(version),
                workflow_versions::definition.eq(serde_json::to_value(definition).map_err(Error::internal)?),
                workflow_versions::mailings.eq(serde_json::to_value(mailings).map_err(Error::internal)?),
                workflow_versions::published_at.eq(moment.now),
                workflow_versions::published_by.eq(author.to_string()),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }

    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        keys: &[VersionKey],
    ) -> Result<Vec<Self>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let (ids, versions): (Vec<WorkflowId>, Vec<i32>) = keys.iter().copied().unzip();
        let named = sql::fragment::<Bool>("(workflow_id, version) in (select * from unnest(?, ?))")
            .bind::<Array<SqlUuid>, _>(ids)
            .bind::<Array<Integer>, _>(versions);
        Ok(workflow_versions::table
            .filter(workflow_versions::account_id.eq(account))
            .filter(named)
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    pub(crate) async fn find(conn: &mut Conn, account: AccountId, key: VersionKey) -> Result<Option<Self>> {
        Ok(Self::find_many(conn, account, &[key]).await?.pop())
    }

    pub(crate) fn definition(&self) -> Result<Definition> {
        serde_json::from_value(self.definition.clone()).map_err(Error::internal)
    }

    /// What the step with this key sends.
    pub(crate) fn mailing(&self, key: &str) -> Option<MailingId> {
        self.mailings.get(key)?.as_str()?.parse().ok()
    }

    /// What the steps with the keys of this definition's send.
    pub(super) async fn mailings(
        &self,
        conn: &mut Conn,
        account: AccountId,
        definition: &Definition,
    ) -> Result<Vec<Mailing>> {
        let ids = definition.steps.iter().filter_map(|step| self.mailing(&step.key));
        let keys: Vec<_> = ids.map(|id| (account, id.0)).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        Mailing::find_pairs(conn, keys).await
    }
}
