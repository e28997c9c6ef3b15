//! Which statements are not about one account. While they are known and few, accounts can be divided among databases (docs/scale.md).

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::access::cases::{CASES, create_objects};
use crate::headers::ROUTES;
use crate::support::{PostgresServer, TestServer, wait_until};

/// Why they are not about one account, and how they begin. Names have no quotes, each value is `?`, and columns that are read are left out.
const ACROSS_ACCOUNTS: &[(&str, &[&str])] = &[
    (
        "find out which account it is",
        &[
            "select … from (accounts inner join account_slugs on",
            "select … from sending_domains where (((sending_domains.domain = ?)",
        ],
    ),
    ("create an account", &["insert into accounts (id, slug,"]),
    (
        "claim what is due, of any account",
        &[
            "select … from bulk_jobs where ((bulk_jobs.status = any(?)) and (bulk_jobs.due_at <= ?))",
            "select … from messages where (((status in",
            "select … from workflow_events where (workflow_events.account_id != all(?))",
            "select … from workflow_runs where ((status = 'running' and not resting",
            "select … from workflow_timers where ((workflow_timers.checked_until <= ?)",
            "update sending_domains set next_check_at = ?, checked_at = ?",
            "with due as materialized ( select account_id, case channel",
            "with due as materialized ( select m.account_id, m.id from unnest(?, ?, ?)",
        ],
    ),
    (
        "read or change what was claimed together, each by its whole key",
        &[
            "delete from messages where (account_id, id) in",
            "insert into magic_link_secrets (account_id, secret_hash, magic_link_id, created_at) select s.account_id",
            "select … from accounts where (accounts.id = any(?))",
            "select … from affiliates where (account_id, contact_id) in",
            "select … from contacts where (account_id, id) in",
            "select … from invitations where (account_id, id) in",
            "select … from magic_links where (account_id, id) in",
            "select … from mailings where (account_id, id) in",
            "select … from marketing_opt_outs where ((marketing_opt_outs.account_id = any(?))",
            "select … from sending_domains where ((sending_domains.account_id = any(?))",
            "select … from suppressions where (((suppressions.account_id = any(?))",
            "select … from system_emails where ((system_emails.account_id = any(?))",
            "select … from unnest(?, ?) as c (account_id, id) join messages m",
            "update magic_links set expires_at = ? where (account_id, id) in",
            "update messages m set status = s.status",
        ],
    ),
    (
        "give back what a worker had claimed",
        &[
            "update messages set due_at = ? where status = 'sending'",
            "update messages set status = ?, due_at = ?, lease_owner = ?",
        ],
    ),
    (
        "read what is watched, for all accounts at once",
        &[
            "select … from account_counts c where c.account_id = any(?)",
            "select … from account_seen_days d where d.account_id = c.account_id",
            "select … from audit_events where ((audit_events.account_id = any(?))",
            "select … from revocations where (revocations.at > ?)",
        ],
    ),
    (
        "delete what is old",
        &[
            "delete from affiliate_visitors where ctid =",
            "delete from attempts where ctid =",
            "delete from challenges where ctid =",
            "delete from idempotency_keys where ctid =",
            "delete from messages where ctid =",
            "delete from password_resets where ctid =",
            "delete from portal_views where ctid =",
            "delete from revocations where ctid =",
            "delete from sessions where ctid =",
            "delete from staff_links where ctid =",
            "delete from suppressions where ctid =",
            "delete from test_messages where ctid =",
            "delete from used_id_tokens where ctid =",
            "delete from workflow_runs where ctid =",
            "select … from accounts where (accounts.audit_days is not null)",
            "update idempotency_keys set answer = null",
            "with due as (select account_id, id, ended_at, step_count + 1 as steps from workflow_runs",
        ],
    ),
    (
        "are about the installation",
        &[
            "insert into signing_keys",
            "lock table signing_keys",
            "select … from __diesel_schema_migrations",
            "select … from pg_locks",
            "select … from signing_keys",
            "select current_timestamp",
            "select pg_advisory_lock_shared(",
            "select pg_advisory_xact_lock(",
            "select pg_notify(",
            "select pg_try_advisory_xact_lock(",
            "select to_regclass('__diesel_schema_migrations')",
            "set client_encoding",
            "set time zone",
        ],
    ),
];

/// Without quotes, values, extra spaces and the columns that are read: `select … from contacts where contacts.account_id = ?`.
fn normalised(statement: &str) -> String {
    let words = statement.replace('"', "").to_lowercase();
    let words: Vec<&str> = words.split_whitespace().collect();
    let mut text = String::new();
    for part in words.join(" ").split_inclusive('$') {
        let part = part.trim_start_matches(|c: char| text.ends_with('?') && c.is_ascii_digit());
        text.push_str(part.strip_suffix('$').unwrap_or(part));
        text.push_str(if part.ends_with('$') { "?" } else { "" });
    }
    match (text.starts_with("select "), text.split_once(" from ")) {
        (true, Some((_, rest))) => format!("select … from {rest}"),
        _ => text,
    }
}

/// Whether it names the account: reading it only goes to the database of that account.
fn is_about_one_account(statement: &str) -> bool {
    let names_it = ["account_id = ?", "accounts.id = ?", "? as account_id"];
    let inserts = ["values (?", "select ?"]
        .iter()
        .any(|values| statement.contains(values));
    names_it.iter().any(|name| statement.contains(name)) || statement.contains("(account_id, ") && inserts
}

/// The distinct statements of the server in PostgreSQL's log.
fn logged(postgres: &PostgresServer) -> BTreeSet<String> {
    let statement = |line: &str| {
        let (_, statement) = line.strip_prefix("vestibule LOG:  execute ")?.split_once(": ")?;
        Some(normalised(statement))
    };
    // A statement goes on in lines that begin with a tab.
    let log = postgres.log().replace("\n\t", " ");
    log.lines().filter_map(statement).collect()
}

/// A server whose statements are logged.
async fn open() -> (PostgresServer, TestServer) {
    let postgres = PostgresServer::primary().await;
    for setting in ["log_statement = 'all'", "log_parameter_max_length = 0"] {
        let client = postgres.superuser().await;
        let statement = format!("alter database portal set {setting}");
        client.batch_execute(&statement).await.expect("a setting");
    }
    let server = TestServer::open_on(postgres.database().await, &[]).await;
    (postgres, server)
}

/// Every field of the API and every page, once.
async fn use_everything(server: &TestServer) {
    let ids = create_objects(server).await;
    for case in CASES.iter().filter(|case| !case.ends_a_credential()) {
        for credential in [&server.acme.owner, &server.acme.contact_session] {
            server
                .request(Some(credential), case.query, (case.variables)(&ids))
                .await;
        }
    }
    for (method, path) in ROUTES {
        let method = method.parse().expect("a method");
        let request = server.http.request(method, format!("{}{path}", server.url));
        request.send().await.expect("an answer");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_statements_that_are_not_about_one_account_are_known() {
    let (postgres, server) = open().await;
    use_everything(&server).await;
    server.clock.advance(TimeDelta::days(2));
    wait_until("old rows are deleted", async || {
        let mut statements = logged(&postgres).into_iter();
        statements.any(|statement| statement.starts_with("delete from idempotency_keys"))
    })
    .await;
    server.stop().await;
    let known: Vec<&str> = ACROSS_ACCOUNTS
        .iter()
        .flat_map(|(_, known)| *known)
        .copied()
        .collect();
    let is_known = |statement: &String| known.iter().any(|known| statement.starts_with(known));
    let statements = logged(&postgres);
    assert!(statements.iter().any(is_known), "some are logged");
    let unknown: Vec<&String> = statements
        .iter()
        .filter(|statement| !is_about_one_account(statement) && !is_known(statement))
        // Of an empty list of values.
        .filter(|statement| !statement.ends_with("where 1=0"))
        .collect();
    assert!(
        unknown.is_empty(),
        "not about one account, and not known: {unknown:#?}"
    );
}
