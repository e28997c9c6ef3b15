//! The rows of courses, communities and offers: what staff write, with a status.

use crate::access::model::ContentStatus;

/// Which of them a list shows.
#[derive(Clone, Debug)]
pub(crate) struct ContentFilter {
    pub statuses: Vec<ContentStatus>,
    /// A part of the title, in any letter case.
    pub search: Option<String>,
}

impl ContentFilter {
    /// For `ILIKE`; everything if nothing is searched for.
    pub(crate) fn pattern(&self) -> String {
        let text = self.search.as_deref().unwrap_or_default();
        let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        format!("%{escaped}%")
    }
}

/// The verbs and finders that these rows have in common. `$row` has the columns `account_id`, `id` and the times, and embeds
/// `$details`, whose `$title` is searched.
macro_rules! content_rows {
    ($row:ident, $id:ident, $details:ident, $table:ident, $title:ident) => {
        impl $row {
            pub(crate) async fn create(
                conn: &mut Conn,
                account: AccountId,
                details: &$details,
                moment: &Moment,
            ) -> Result<Self> {
                Ok(diesel::insert_into($table::table)
                    .values((
                        $table::account_id.eq(account),
                        $table::id.eq($id::new(moment)),
                        details,
                        $table::created_at.eq(moment.now),
                        $table::updated_at.eq(moment.now),
                    ))
                    .returning(Self::as_returning())
                    .get_result(conn)
                    .await?)
            }

            pub(crate) async fn find_many(
                conn: &mut Conn,
                account: AccountId,
                ids: &[$id],
            ) -> Result<Vec<Self>> {
                Ok($table::table
                    .filter($table::account_id.eq(account))
                    .filter($table::id.eq_any(ids))
                    .select(Self::as_select())
                    .load(conn)
                    .await?)
            }

            /// Locks the row. Every change of it, and of what belongs to it, does so first.
            pub(crate) async fn lock(conn: &mut Conn, account: AccountId, id: $id) -> Result<Option<Self>> {
                Ok($table::table
                    .find((account, id))
                    .select(Self::as_select())
                    .for_no_key_update()
                    .first(conn)
                    .await
                    .optional()?)
            }

            pub(crate) async fn update(
                &self,
                conn: &mut Conn,
                details: &$details,
                now: DateTime<Utc>,
            ) -> Result<Self> {
                Ok(
                    diesel::update($table::table.find((self.account_id, self.id)))
                        .set((details, $table::updated_at.eq(now)))
                        .returning(Self::as_returning())
                        .get_result(conn)
                        .await?,
                )
            }

            /// Newest first.
            pub(crate) async fn list(
                conn: &mut Conn,
                account: AccountId,
                filter: &ContentFilter,
                page: &PageRequest,
            ) -> Result<Page<Self>> {
                let query = $table::table
                    .filter($table::account_id.eq(account))
                    .filter($table::status.eq_any(filter.statuses.clone()))
                    .filter($table::$title.ilike(filter.pattern()))
                    .select(Self::as_select())
                    .into_boxed();
                $crate::base::page::page_newest_first!(conn, query, page, $table::id, $id)
            }

            pub(crate) async fn count(
                conn: &mut Conn,
                account: AccountId,
                filter: &ContentFilter,
            ) -> Result<i64> {
                Ok($table::table
                    .filter($table::account_id.eq(account))
                    .filter($table::status.eq_any(&filter.statuses))
                    .filter($table::$title.ilike(filter.pattern()))
                    .count()
                    .get_result(conn)
                    .await?)
            }
        }
    };
}
pub(crate) use content_rows;
