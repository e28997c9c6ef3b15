//! A template: a name, and versions of what it says.

pub(crate) mod test_message;
pub(crate) mod version;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_async::RunQueryDsl;

use crate::base::actor::Actor;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::templates;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{AccountId, TemplateId};
use crate::base::page::{Page, PageRequest, newest_first};
use crate::base::text_enum::text_enum;
use crate::messages::model::Channel;
use crate::templates::model::version::{TemplateContent, TemplateVersion, newest_of};

/// The most templates of an account, archived ones among them.
pub(crate) const MAX_TEMPLATES: i64 = 500;

text_enum! {
    /// Whether a template can be chosen.
    #[derive(async_graphql::Enum)]
    TemplateStatus {
        /// It can be chosen.
        Active = "ACTIVE",
        /// It was put away. What uses it already goes on using it.
        Archived = "ARCHIVED",
    }
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = templates)]
pub(crate) struct TemplateRow {
    pub account_id: AccountId,
    pub id: TemplateId,
    pub name: String,
    pub channel: Channel,
    pub status: TemplateStatus,
    /// The newest one.
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A template with what it says.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    pub row: TemplateRow,
    pub content: TemplateContent,
}

/// Which templates a list shows.
#[derive(Clone, Debug)]
pub(crate) struct TemplateFilter {
    pub channel: Option<Channel>,
    pub statuses: Vec<TemplateStatus>,
    /// A part of the name, whatever its case.
    pub search: Option<String>,
}

/// A name as it is compared.
fn name_key(name: &str) -> String {
    name.to_lowercase()
}

/// A text that `LIKE` takes literally.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_")
}

fn name_taken(field: &str) -> Error {
    Error::new(Code::Conflict, "Another active template has this name.").at(field)
}

/// `field` is what the error names if the name is taken.
fn unique_name<T>(result: QueryResult<T>, field: &str) -> Result<T> {
    match result {
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Err(name_taken(field)),
        other => Ok(other?),
    }
}

impl Template {
    /// The account must be locked, so that the limit holds.
    pub(crate) async fn create(
        conn: &mut Conn,
        account: AccountId,
        (name, channel): (&str, Channel),
        content: &TemplateContent,
        (author, moment): (Actor, &Moment),
    ) -> Result<Self> {
        let count: i64 = templates::table
            .filter(templates::account_id.eq(account))
            .count()
            .get_result(conn)
            .await?;
        if count >= MAX_TEMPLATES {
            let message = format!("An account has at most {MAX_TEMPLATES} templates.");
            return Err(Error::bad_input("input.name", message));
        }
        let inserted = diesel::insert_into(templates::table)
            .values((
                templates::account_id.eq(account),
                templates::id.eq(TemplateId::new(moment)),
                templates::name.eq(name),
                templates::name_key.eq(name_key(name)),
                templates::channel.eq(channel),
                templates::status.eq(TemplateStatus::Active),
                templates::version.eq(1),
                templates::created_at.eq(moment.now),
                templates::updated_at.eq(moment.now),
            ))
            .returning(TemplateRow::as_returning())
            .get_result(conn)
            .await;
        let row: TemplateRow = unique_name(inserted, "input.name")?;
        TemplateVersion::add(conn, &row, content, author, moment.now).await?;
        Ok(Self {
            row,
            content: content.clone(),
        })
    }

    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[TemplateId],
    ) -> Result<Vec<Self>> {
        let rows = templates::table
            .filter(templates::account_id.eq(account))
            .filter(templates::id.eq_any(ids))
            .select(TemplateRow::as_select())
            .load(conn)
            .await?;
        Self::with_contents(conn, account, rows).await
    }

    /// Locks the row. Every change of the template does so first.
    pub(crate) async fn lock(conn: &mut Conn, account: AccountId, id: TemplateId) -> Result<Option<Self>> {
        let row: Option<TemplateRow> = templates::table
            .find((account, id))
            .select(TemplateRow::as_select())
            .for_no_key_update()
            .first(conn)
            .await
            .optional()?;
        let found = Self::with_contents(conn, account, row.into_iter().collect()).await?;
        Ok(found.into_iter().next())
    }

    /// Newest first.
    pub(crate) async fn list(
        conn: &mut Conn,
        account: AccountId,
        filter: &TemplateFilter,
        page: &PageRequest,
    ) -> Result<Page<Self>> {
        let query = filter.of(account).select(TemplateRow::as_select());
        let rows = newest_first!(query, page, templates::id, TemplateId)
            .load(conn)
            .await?;
        let page = Page::cut(rows, page);
        Ok(Page {
            rows: Self::with_contents(conn, account, page.rows).await?,
            has_previous: page.has_previous,
            has_next: page.has_next,
        })
    }

    /// In the order of the rows.
    async fn with_contents(conn: &mut Conn, account: AccountId, rows: Vec<TemplateRow>) -> Result<Vec<Self>> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<TemplateId> = rows.iter().map(|row| row.id).collect();
        let mut contents = newest_of(conn, account, &ids).await?;
        let with_content = rows.into_iter().filter_map(|row| {
            let content = contents.remove(&row.id)?;
            Some(Self { row, content })
        });
        Ok(with_content.collect())
    }

    /// Gives the template another name, and what it says a new version if that changed.
    pub(crate) async fn update(
        &self,
        conn: &mut Conn,
        name: &str,
        content: &TemplateContent,
        (author, moment): (Actor, &Moment),
    ) -> Result<Self> {
        let changed = *content != self.content;
        let updated = diesel::update(templates::table.find((self.row.account_id, self.row.id)))
            .set((
                templates::name.eq(name),
                templates::name_key.eq(name_key(name)),
                templates::version.eq(self.row.version + i32::from(changed)),
                templates::updated_at.eq(moment.now),
            ))
            .returning(TemplateRow::as_returning())
            .get_result(conn)
            .await;
        let row: TemplateRow = unique_name(updated, "input.name")?;
        if changed {
            TemplateVersion::add(conn, &row, content, author, moment.now).await?;
        }
        Ok(Self {
            row,
            content: content.clone(),
        })
    }

    pub(crate) async fn set_status(
        &self,
        conn: &mut Conn,
        status: TemplateStatus,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let updated = diesel::update(templates::table.find((self.row.account_id, self.row.id)))
            .set((templates::status.eq(status), templates::updated_at.eq(now)))
            .returning(TemplateRow::as_returning())
            .get_result(conn)
            .await;
        Ok(Self {
            row: unique_name(updated, "input.archived")?,
            content: self.content.clone(),
        })
    }
}

impl TemplateFilter {
    fn of<'a>(&'a self, account: AccountId) -> templates::BoxedQuery<'a, diesel::pg::Pg> {
        let mut query = templates::table
            .into_boxed()
            .filter(templates::account_id.eq(account))
            .filter(templates::status.eq_any(&self.statuses));
        if let Some(channel) = self.channel {
            query = query.filter(templates::channel.eq(channel));
        }
        if let Some(search) = &self.search {
            query = query.filter(templates::name_key.like(format!("%{}%", escaped(&name_key(search)))));
        }
        query
    }

    pub(crate) async fn count(&self, conn: &mut Conn, account: AccountId) -> Result<i64> {
        Ok(self.of(account).count().get_result(conn).await?)
    }
}
