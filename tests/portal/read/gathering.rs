use std::sync::Arc;

use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};
use serde_json::Value;
use vestibule::api::loaders::{ContactById, Lookup};
use vestibule::base::db::Db;
use vestibule::base::ids::{AccountId, ContactId};

use crate::support::TestAccount;

/// Twenty rows of one batch, some of which fail.
struct Rows(Vec<Row>);

#[derive(Clone)]
struct Row {
    lookup: Arc<Lookup<ContactById>>,
    id: ContactId,
    fails: bool,
}

#[Object]
impl Rows {
    async fn rows(&self) -> Vec<Option<Row>> {
        self.0.iter().cloned().map(Some).collect()
    }
}

#[Object]
impl Row {
    async fn email(&self) -> async_graphql::Result<Option<String>> {
        let found = self.lookup.get(self.id).await?;
        Ok(found.and_then(|contact| contact.email))
    }

    async fn sound(&self) -> async_graphql::Result<bool> {
        if self.fails {
            Err("unsound".into())
        } else {
            Ok(true)
        }
    }
}

struct BatchOfTwenty {
    test: TestAccount,
    db: Db,
    ids: Vec<ContactId>,
}

impl BatchOfTwenty {
    async fn new() -> Self {
        let test = TestAccount::open().await;
        let emails = (0..20).map(|n| format!("person{n}@example.com"));
        let ids = test
            .add_contacts(emails)
            .await
            .iter()
            .map(|contact| contact.id)
            .collect();
        let db = Db::new(&test.test.url, 2).expect("a pool");
        Self { test, db, ids }
    }

    fn lookup(&self, account: AccountId) -> Arc<Lookup<ContactById>> {
        Arc::new(Lookup::new(&self.db, Some(account)))
    }

    async fn ask(&self, fails: impl Fn(usize) -> bool) -> Value {
        let lookup = self.lookup(self.test.account.id);
        let row = |(place, id): (usize, &ContactId)| Row {
            lookup: Arc::clone(&lookup),
            id: *id,
            fails: fails(place),
        };
        let rows = self.ids.iter().enumerate().map(row).collect();
        let schema = Schema::new(Rows(rows), EmptyMutation, EmptySubscription);
        let answer = schema.execute("{ rows { email sound } }").await;
        serde_json::to_value(&answer).expect("JSON")
    }
}

fn answered(answer: &Value) -> usize {
    let rows = answer["data"]["rows"].as_array().expect("rows");
    rows.iter().filter(|row| row["email"].is_string()).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_failing_row_of_twenty_does_not_affect_the_others() {
    let batch = BatchOfTwenty::new().await;
    for failing in [0, 7, 19] {
        let before = batch.db.statement_count();
        let answer = batch.ask(|place| place == failing).await;
        assert_eq!(answered(&answer), 19, "{answer}");
        assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1));
        assert_eq!(batch.db.statement_count() - before, 1, "one statement for all");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_failing_rows_do_not_affect_the_last_one() {
    let batch = BatchOfTwenty::new().await;
    assert_eq!(answered(&batch.ask(|place| place != 12).await), 1);
    assert_eq!(answered(&batch.ask(|_| true).await), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_waiter_does_not_cancel_the_others() {
    let batch = BatchOfTwenty::new().await;
    let lookup = batch.lookup(batch.test.account.id);
    for id in &batch.ids {
        // Polled once, then dropped: it has joined the batch and never polls again.
        let mut left = Box::pin(lookup.get(*id));
        assert!(futures_util::poll!(left.as_mut()).is_pending());
    }
    let found = lookup.get(batch.ids[3]).await.expect("an answer");
    assert_eq!(found.map(|contact| contact.id), Some(batch.ids[3]));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_cached_between_batches() {
    let batch = BatchOfTwenty::new().await;
    let lookup = batch.lookup(batch.test.account.id);
    let email = async || {
        let found = lookup.get(batch.ids[0]).await.expect("an answer");
        found.and_then(|contact| contact.first_name)
    };
    assert_eq!(email().await, None);
    batch
        .test
        .test
        .run("update contacts set first_name = 'Anna'")
        .await;
    assert_eq!(email().await.as_deref(), Some("Anna"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_batch_fails_for_each_waiter() {
    let batch = BatchOfTwenty::new().await;
    batch.db.close();
    let answer = batch.ask(|_| false).await;
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(20), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lookup_finds_nothing_of_another_account() {
    let batch = BatchOfTwenty::new().await;
    let other = AccountId::new(&batch.test.clock.moment());
    let found = batch.lookup(other).get(batch.ids[0]).await.expect("an answer");
    assert!(found.is_none());
}
