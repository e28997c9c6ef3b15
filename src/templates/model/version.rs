//! What a template said from one change to the next.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::TemplateRow;
use crate::base::actor::Actor;
use crate::base::db::Conn;
use crate::base::db::lateral::owner;
use crate::base::db::schema::template_versions;
use crate::base::error::Result;
use crate::base::ids::{AccountId, TemplateId};
use crate::base::page::{OwnedList, newest_first, owned_list};
use crate::base::text_enum::text_enum;

text_enum! {
    /// How a template is written.
    #[derive(async_graphql::Enum)]
    TemplateFormat {
        /// An email in HTML.
        Html = "HTML",
        /// An email in Markdown.
        Markdown = "MARKDOWN",
        /// A text message.
        Text = "TEXT",
    }
}

/// What staff write, validated.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = template_versions)]
pub(crate) struct TemplateContent {
    pub format: TemplateFormat,
    /// Of an email.
    pub subject: Option<String>,
    pub body: String,
    /// An email's own text part; without one, it is made from the body.
    pub text_part: Option<String>,
}

#[derive(Clone, Debug, Queryable, Selectable)]
pub(crate) struct TemplateVersion {
    pub version: i32,
    #[diesel(embed)]
    pub content: TemplateContent,
    /// The member or key that wrote it.
    pub created_by: String,
    pub created_at: DateTime<Utc>,
}

impl TemplateVersion {
    /// Keeps what the template says now.
    pub(super) async fn add(
        conn: &mut Conn,
        template: &TemplateRow,
        content: &TemplateContent,
        author: Actor,
        now: DateTime<Utc>,
    ) -> Result<()> {
        diesel::insert_into(template_versions::table)
            .values((
                template_versions::account_id.eq(template.account_id),
                template_versions::template_id.eq(template.id),
                template_versions::version.eq(template.version),
                content,
                template_versions::created_by.eq(author.to_string()),
                template_versions::created_at.eq(now),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }

    pub(crate) async fn find(
        conn: &mut Conn,
        account: AccountId,
        template: TemplateId,
        version: i32,
    ) -> Result<Option<Self>> {
        Ok(template_versions::table
            .filter(template_versions::account_id.eq(account))
            .filter(template_versions::template_id.eq(template))
            .filter(template_versions::version.eq(version))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }
}

/// What these templates say now.
pub(super) async fn newest_of(
    conn: &mut Conn,
    account: AccountId,
    templates: &[TemplateId],
) -> Result<HashMap<TemplateId, TemplateContent>> {
    let rows: Vec<(TemplateId, TemplateContent)> = template_versions::table
        .filter(template_versions::account_id.eq(account))
        .filter(template_versions::template_id.eq_any(templates))
        .distinct_on(template_versions::template_id)
        .order((template_versions::template_id, template_versions::version.desc()))
        .select((template_versions::template_id, TemplateContent::as_select()))
        .load(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Where a version lies in its list: cursors hold ids.
pub(crate) fn position_of(version: i32) -> Uuid {
    Uuid::from_u128(u128::from(version.unsigned_abs()))
}

/// The version of a position, which may come from anywhere.
fn version_of(position: Uuid) -> i32 {
    i32::try_from(position.as_u128()).unwrap_or(i32::MAX)
}

/// The versions of a template, newest first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VersionsOf(pub TemplateId);

impl VersionsOf {
    #[expect(clippy::unused_self, reason = "as `owned_list` calls it")]
    fn of_owner<'a>(&self, account: AccountId) -> template_versions::BoxedQuery<'a, diesel::pg::Pg> {
        template_versions::table
            .into_boxed()
            .filter(template_versions::account_id.eq(account))
            .filter(template_versions::template_id.eq(owner::<SqlUuid>()))
    }
}

impl OwnedList for VersionsOf {
    type Row = TemplateVersion;
    type Filter = ();

    fn owner(&self) -> Option<Uuid> {
        Some(self.0.0)
    }

    fn filter(&self) {}

    owned_list!(TemplateVersion, |query, page| newest_first!(
        query,
        page,
        template_versions::version,
        version_of
    ));
}
