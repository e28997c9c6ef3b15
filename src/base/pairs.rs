//! Rows of several accounts at once, for the worker.

/// The condition that a row's account and id are one of these pairs.
///
/// Two lists, `account_id = any(…) and id = any(…)`, are slow while a table has no statistics yet: the planner takes the account
/// for selective and reads all of its rows. Joined to the pairs, each row is one look-up by its key.
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
