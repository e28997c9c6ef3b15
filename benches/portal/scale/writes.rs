//! Invitations by a filter, and an import.

use std::fmt::Write;
use std::time::{Duration, Instant};

use vestibule::base::clock::Clock;

use super::Scale;
use crate::contents;
use crate::http::Load;
use crate::row::{Row, per_second};

const INVITED: usize = 10_000;
/// When the rest of the emails are not waited for.
const PATIENCE: Duration = Duration::from_secs(180);
const IMPORTED: usize = 100_000;
const CHECK: &str = "mutation ($csv: Upload!) { checkImport(input: {csv: $csv}) { rowCount invalidCount } }";
const IMPORT: &str = "mutation ($csv: Upload!) { importContacts(input: {csv: $csv}) { bulkJob { id } } }";

pub async fn measure(scale: &Scale<'_>) {
    invite(scale).await;
    import(scale).await;
}

/// Tags contacts from all over the account, who were not invited, and invites them.
async fn invite(scale: &Scale<'_>) {
    let server = scale.server;
    let count = INVITED.min(scale.size.contacts / 10);
    let tag = format!("launch {}", Clock::System.now().timestamp());
    server
        .execute(&format!(
            "update contacts set tags = tags || '{{{tag}}}' where account_id = '{0}' and id in (
                 select id from contacts where account_id = '{0}' and status = 0 order by md5(id::text) limit {count})",
            server.account.0
        ))
        .await;
    let memory = server.memory();
    let start = server.cpu().await;
    let name = |rest: &str| {
        scale
            .size
            .at(&format!("invite {count} contacts by a tag: {rest}"))
    };
    let Ok((first, rate)) = tokio::time::timeout(PATIENCE, server.invite_tagged(&tag, count)).await else {
        Row {
            name: name("emails per second"),
            measured: format!("not all sent in {} s", PATIENCE.as_secs()),
            against: "5,000/s".to_owned(),
            ratio: None,
            limit: "≥ 1".to_owned(),
        }
        .print();
        return;
    };
    let used = server.cpu().await.since(start, count);
    Row {
        name: name(&format!("emails per second until the last ({used})")),
        measured: per_second(rate),
        against: "5,000/s".to_owned(),
        ratio: Some(rate / 5_000.0),
        limit: "≥ 1".to_owned(),
    }
    .print();
    Row {
        name: name("until the first email"),
        measured: format!("{first:.2} s"),
        against: "1 s".to_owned(),
        ratio: Some(first),
        limit: "≤ 1".to_owned(),
    }
    .print();
    Row {
        name: name("server memory after"),
        measured: format!("{:.1} MiB", server.memory() / 1_024.0),
        against: format!("before {:.1} MiB", memory / 1_024.0),
        ratio: Some(server.memory() / memory),
        limit: "–".to_owned(),
    }
    .print();
}

/// New contacts from a file.
async fn import(scale: &Scale<'_>) {
    let server = scale.server;
    let count = IMPORTED.min(scale.size.contacts);
    let mut csv = "email,first_name,last_name,tags\n".to_owned();
    for number in 0..count {
        writeln!(
            csv,
            "import{number}@import.example,Ada{number},Lovelace,imported;customer"
        )
        .expect("it is text");
    }
    let print = |name: &str, outcome: Result<f64, String>| {
        Row {
            name: scale.size.at(name),
            measured: outcome.map_or_else(
                |refusal| format!("refused, {refusal}"),
                |seconds| format!("{seconds:.1} s, {} rows", per_second(count as f64 / seconds)),
            ),
            against: "–".to_owned(),
            ratio: None,
            limit: "–".to_owned(),
        }
        .print();
    };
    let started_at = Instant::now();
    let checked = server.send(&Load::upload(&server.key, CHECK, &csv)).await;
    let seconds = started_at.elapsed().as_secs_f64();
    print(
        &format!("`checkImport` of {count} rows"),
        checked.map(|_| seconds),
    );
    let before = server.memory();
    let started_at = Instant::now();
    let imported = match server.send(&Load::upload(&server.key, IMPORT, &csv)).await {
        Ok(sent) => {
            let job = &sent["importContacts"]["bulkJob"]["id"];
            Ok(contents::finished(server, started_at, job).await)
        }
        Err(refusal) => Err(refusal),
    };
    let memory = format!("{:.1} → {:.1} MiB", before / 1_024.0, server.memory() / 1_024.0);
    let name = format!("`importContacts` of {count} new rows, until the job ends (server memory {memory})");
    print(&name, imported);
}
