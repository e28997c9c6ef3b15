//! `vestibule bounces`: applies a report that the mail server pipes in. The exit codes are those of sysexits.h, which mail
//! servers understand. A running server shows the change within a second, as it reads new events at that interval.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use diesel_async::AsyncConnection;
use mailer::report::{REPORT_MAX_BYTES, Report};
use tokio::time::{Instant, sleep};

use super::print_line;
use crate::app::Database;
use crate::app::config::Config;
use crate::base::clock::Clock;
use crate::base::db::Db;
use crate::base::error::Result;
use crate::messages::model::Message;
use crate::messages::model::report::{ReportEffect, Reported};

/// `EX_DATAERR`: the mail server returns or drops the message.
const INVALID_INPUT: u8 = 65;
/// `EX_NOINPUT`.
const NO_INPUT: u8 = 66;
/// `EX_TEMPFAIL`: the mail server tries again later.
pub(crate) const TEMPORARY_FAILURE: u8 = 75;

/// Many reports may come at once. Each waits this long for a free connection.
const CONNECTION_WAIT: Duration = Duration::from_secs(15);
const RETRY_INTERVAL: Duration = Duration::from_millis(200);

pub(crate) async fn bounces(config: &Config, file: &Path) -> ExitCode {
    let raw = match read(file) {
        Ok(raw) => raw,
        Err(error) => return failed(NO_INPUT, &format!("{}: {error}", file.display())),
    };
    let report = match Report::parse(&raw) {
        Ok(report) => report,
        Err(error) => return failed(INVALID_INPUT, &format!("Not read: {error}")),
    };
    match apply_to_database(config, &report).await {
        Ok(Some((_, ReportEffect::TooEarly))) => {
            failed(TEMPORARY_FAILURE, "The message is being sent. Try again later.")
        }
        Ok(found) => {
            print_line!("{}", summary(found.as_ref()));
            ExitCode::SUCCESS
        }
        Err(error) => failed(TEMPORARY_FAILURE, &error.in_full()),
    }
}

fn failed(code: u8, reason: &str) -> ExitCode {
    eprintln!("{reason}");
    ExitCode::from(code)
}

/// Reads all of the input, so that the mail server can write it, and returns its beginning.
fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut input: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(file)?)
    };
    let mut raw = Vec::new();
    input.by_ref().take(REPORT_MAX_BYTES).read_to_end(&mut raw)?;
    io::copy(&mut input, &mut io::sink())?;
    Ok(raw)
}

/// A message and what the report changed.
type Applied = (Message, ReportEffect);

async fn apply_to_database(config: &Config, report: &Report) -> Result<Option<Applied>> {
    let give_up_at = Instant::now() + CONNECTION_WAIT;
    loop {
        match apply_once(config, report).await {
            Err(error) if error.no_free_connection() && Instant::now() < give_up_at => {
                sleep(RETRY_INTERVAL).await;
            }
            applied => return applied,
        }
    }
}

async fn apply_once(config: &Config, report: &Report) -> Result<Option<Applied>> {
    let database = Database::open_existing(config).await?;
    let applied = apply(&database.db, report).await;
    database.close().await;
    applied
}

async fn apply(db: &Db, report: &Report) -> Result<Option<Applied>> {
    let Some(message_id) = &report.message_id else {
        return Ok(None);
    };
    let moment = Clock::System.moment();
    // An error of the pool does not say that no connection is free.
    let mut conn = db.connect_unpooled().await?;
    conn.transaction(async |conn| -> Result<_> {
        let Some(message) = Message::lock_reported(conn, message_id).await? else {
            return Ok(None);
        };
        let reported = Reported::of(report, &message.address);
        let effect = message.apply_report(conn, &reported, &moment).await?;
        Ok(Some((message, effect)))
    })
    .await
}

fn summary(found: Option<&Applied>) -> String {
    let Some((message, effect)) = found else {
        return "The report returns no message of this server. Nothing changed.".to_owned();
    };
    let effect = match effect {
        ReportEffect::Bounced => "it bounced, and email to its address is suppressed",
        ReportEffect::Failed => "it was not delivered",
        ReportEffect::Delayed => "its delivery is delayed",
        ReportEffect::Complained => {
            "its recipient reported it as spam, and email to its address is suppressed"
        }
        ReportEffect::Unchanged | ReportEffect::TooEarly => "nothing changed",
    };
    format!("{}: {effect}.", message.id)
}
