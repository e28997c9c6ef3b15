//! The cost of a page of the audit log.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use vestibule::base::actor::Actor;
use vestibule::base::audit::{AuditEvent, AuditFilter, EventKind};
use vestibule::base::clock::Moment;
use vestibule::base::db::sql;
use vestibule::base::ids::{AccountId, ApiKeyId, ContactId};
use vestibule::base::page::{PageArgs, PageRequest};

use crate::support::TestAccount;

#[derive(QueryableByName)]
struct RowsRead {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// How many rows of the log the transaction has read so far, by any plan.
const ROWS_READ: &str = "select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint as rows \
     from pg_stat_xact_user_tables where relname = 'audit_events'";

/// 20,000 events, with few refusals, few actions of staff, few of another kind, and few of one contact and one subject.
async fn insert_events(test: &TestAccount, (contact, key): (ContactId, ApiKeyId)) {
    let account = test.account.id.0;
    let fill = format!(
        "insert into audit_events (account_id, id, at, kind, actor, contact_id, subject, outcome)
         select '{account}', ('019b0000-' || lpad(to_hex(i), 4, '0') || '-7000-8000-000000000000')::uuid, timestamptz '2026-01-01Z' + i * interval '1 s',
             case when i % 4000 = 7 then 'API_KEY_REVOKED' when i % 3000 = 5 then 'SETTINGS_CHANGED' else 'MESSAGE_SENT' end,
             case when i % 2500 = 3 then '{key}' else 'system' end, case when i % 2000 = 9 then '{contact}'::uuid end,
             case when i % 3500 = 2 then 'member_x' else 'message_' || i end,
             case when i % 5000 = 1 then 'LINK_EXPIRED' else 'OK' end
         from generate_series(1, 20000) i",
        contact = contact.0,
    );
    test.test.run(&fill).await;
    test.test.run("vacuum analyze audit_events").await;
}

async fn rows_read(
    test: &TestAccount,
    account: AccountId,
    of: &AuditFilter,
    page: &PageRequest,
) -> (usize, i64) {
    test.write(async |conn| {
        // The statistics of earlier transactions may not be flushed yet.
        let before: RowsRead = sql::statement(ROWS_READ).get_result(conn).await?;
        let rows = AuditEvent::list(conn, account, of, page).await?.rows.len();
        let after: RowsRead = sql::statement(ROWS_READ).get_result(conn).await?;
        Ok((rows, after.rows - before.rows))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_each_filter_reads_about_as_many_rows_as_it_shows() {
    let test = TestAccount::open().await;
    let moment: Moment = test.clock.moment();
    let (contact, key) = (ContactId::new(&moment), ApiKeyId::new(&moment));
    insert_events(&test, (contact, key)).await;
    let at = |seconds: i64| {
        Some("2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().expect("a time") + TimeDelta::seconds(seconds))
    };
    let all = AuditFilter::default;
    let filters = [
        all(),
        AuditFilter {
            kinds: vec![EventKind::ApiKeyRevoked],
            ..all()
        },
        AuditFilter {
            kinds: vec![
                EventKind::ApiKeyRevoked,
                EventKind::SettingsChanged,
                EventKind::MemberRemoved,
            ],
            ..all()
        },
        AuditFilter {
            kinds: EventKind::ALL.to_vec(),
            ..all()
        },
        AuditFilter {
            actor: Some(Actor::Key(key)),
            ..all()
        },
        AuditFilter {
            actor: Some(Actor::Contact(contact)),
            ..all()
        },
        AuditFilter {
            contact: Some(contact),
            ..all()
        },
        AuditFilter {
            subject: Some("member_x".to_owned()),
            ..all()
        },
        AuditFilter {
            refused: true,
            ..all()
        },
        AuditFilter {
            refused: true,
            kinds: vec![EventKind::MessageSent],
            ..all()
        },
        AuditFilter {
            contact: Some(contact),
            kinds: vec![EventKind::MessageSent],
            ..all()
        },
    ];
    for (first, last) in [(Some(5), None), (None, Some(5))] {
        let page = PageRequest::parse(
            "x",
            &PageArgs {
                first,
                last,
                ..PageArgs::default()
            },
        )
        .expect("a page");
        for of in &filters {
            let (shown, touched) = rows_read(&test, test.account.id, of, &page).await;
            assert!(touched <= 20, "{of:?}: {shown} rows shown, {touched} touched");
        }
    }
    let page = PageRequest::parse("x", &PageArgs::default()).expect("a page");
    let hour = AuditFilter {
        kinds: vec![EventKind::ApiKeyRevoked],
        since: at(0),
        until: at(10_000),
        ..all()
    };
    let (shown, touched) = rows_read(&test, test.account.id, &hour, &page).await;
    assert!(touched <= 20, "{shown} rows shown, {touched} touched");
}
