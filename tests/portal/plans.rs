//! Plans of prepared statements, where one account is much larger than the others.

use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use vestibule::base::db::sql;
use vestibule::contacts::model::list::Filter;
use vestibule::contacts::model::{Contact, PortalStatus};

use crate::support::TestAccount;

/// How often this connection's statements on contacts ran, by kind of plan.
#[derive(Debug, PartialEq, Eq, QueryableByName)]
struct Plans {
    #[diesel(sql_type = BigInt)]
    for_any_values: i64,
    #[diesel(sql_type = BigInt)]
    for_the_values: i64,
}

const PLANS: &str =
    "select sum(generic_plans)::bigint as for_any_values, sum(custom_plans)::bigint as for_the_values
     from pg_prepared_statements where statement like 'SELECT COUNT(*) FROM%'";

/// 3,000 contacts, and 300 accounts of one contact.
async fn fill(test: &TestAccount) {
    let statements = format!(
        "insert into accounts (id, slug, name, created_at)
         select ('01900000-0000-7000-9000-' || lpad(to_hex(i), 12, '0'))::uuid, 'other-' || i, 'Other', now()
         from generate_series(1, 300) i;
         insert into contacts (account_id, id, email, email_key, first_name, created_at, updated_at)
         select a.id, ('01900000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'c' || i || '@example.com', 'c' || i || '@example.com',
             'Name' || i % 10, now(), now()
         from accounts a, generate_series(1, case when a.id = '{}' then 3000 else 1 end) i;
         analyze contacts",
        test.account.id.0
    );
    test.test.run(&statements).await;
}

async fn counted_eight_times(filter: Filter) -> Plans {
    let test = TestAccount::open().await;
    fill(&test).await;
    test.write(async |conn| {
        for _ in 0..8 {
            Contact::count(conn, test.account.id, &filter).await?;
        }
        Ok(sql::statement(PLANS).get_result(conn).await?)
    })
    .await
}

const EACH_TIME: Plans = Plans {
    for_any_values: 0,
    for_the_values: 8,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_count_of_a_large_account_is_planned_for_it_however_often_it_runs() {
    assert_eq!(counted_eight_times(Filter::default()).await, EACH_TIME);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_in_a_large_account_is_planned_for_it_however_often_it_runs() {
    let search = Filter::status(PortalStatus::NotInvited, Some("name5".to_owned()));
    assert_eq!(counted_eight_times(search).await, EACH_TIME);
}
