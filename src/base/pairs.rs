//! Conditions on rows of several accounts, for the worker.

/// The condition that a row's `(account_id, id)` is one of these pairs.
///
/// `account_id = any(…) and id = any(…)` is slow while a table has no statistics: the planner assumes that the account is
/// selective and reads all of its rows. With the pairs, each row is one look-up by the primary key.
macro_rules! paired {
    ($pairs:expr) => {{
        let (accounts, ids): (Vec<_>, Vec<_>) = $pairs.unzip();
        $crate::base::db::sql::fragment::<diesel::sql_types::Bool>(
            "(account_id, id) in (select * from unnest(?, ?))",
        )
        .bind::<diesel::sql_types::Array<diesel::sql_types::Uuid>, Vec<$crate::base::ids::AccountId>>(
            accounts,
        )
        .bind::<diesel::sql_types::Array<diesel::sql_types::Uuid>, _>(ids)
    }};
}
pub(crate) use paired;
