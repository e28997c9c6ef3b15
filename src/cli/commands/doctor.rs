//! `vestibule doctor`: what is wrong, and how to mend it.

use std::process::ExitCode;

use crate::app::config::Config;
use crate::app::{App, Base, mailer};
use crate::base::clock::Clock;
use crate::base::db::server_clock;
use crate::base::error::Result;
use crate::contacts::model::portal_stats::PortalStats;

use super::exit;

/// Prints one line for each check, and what to do where one fails.
struct Report {
    fine: bool,
}

impl Report {
    fn line(&mut self, what: &str, found: std::result::Result<String, (String, &str)>) {
        match found {
            Ok(words) => println!("ok    {what}: {words}"),
            Err((fault, mend)) => {
                self.fine = false;
                println!("WRONG {what}: {fault}\n      {mend}");
            }
        }
    }
}

pub async fn doctor(config: &Config) -> ExitCode {
    let mut report = Report { fine: true };
    report.line(
        "settings",
        Ok(format!(
            "public address {}, data in {}",
            config.addresses.public,
            config.data_dir.display()
        )),
    );
    let declared = match config.undeclared_proxy() {
        None => Ok("every proxy is declared".to_owned()),
        Some(fault) => Err((
            fault,
            "Set VESTIBULE_TRUSTED_PROXIES to the address of the proxy, such as 127.0.0.1, or its network.",
        )),
    };
    report.line("proxies", declared);
    let base = match Base::beside(config).await {
        Ok(base) => base,
        Err(error) => {
            let mend = "Start PostgreSQL or correct DATABASE_URL. Without DATABASE_URL, PostgreSQL's server programs must be installed.";
            report.line("database", Err((error.in_full(), mend)));
            return exit(false);
        }
    };
    report.line("database", Ok("reached, migrations are up to date".to_owned()));
    let mend = "Free space on the database's disk, or make it writable again; see its log.";
    let writes = base.db.probe().await;
    report.line(
        "writes",
        writes
            .map(|()| "the database accepts writes".to_owned())
            .map_err(|fault| (fault.to_string(), mend)),
    );
    counts(&mut report, &base).await;
    clock(&mut report, &base).await;
    mail(&mut report, config).await;
    keys(&mut report, config, &base).await;
    base.close().await;
    exit(report.fine)
}

async fn counts(report: &mut Report, base: &Base) {
    let check = async {
        let mut conn = base.db.conn().await?;
        PortalStats::drifted(&mut conn).await
    };
    let found: Result<Vec<_>> = check.await;
    let mend = "The triggers on the table contacts were disabled: enable them, and report this.";
    report.line(
        "counts",
        match found {
            Ok(drifted) if drifted.is_empty() => Ok("match the rows".to_owned()),
            Ok(drifted) => Err((
                format!(
                    "{} accounts have counts that differ from their rows",
                    drifted.len()
                ),
                mend,
            )),
            Err(error) => Err((error.in_full(), "See the log of the database.")),
        },
    );
}

async fn clock(report: &mut Report, base: &Base) {
    let check = async {
        let mut conn = base.db.conn().await?;
        server_clock(&mut conn).await
    };
    let found: Result<chrono::DateTime<chrono::Utc>> = check.await;
    let mend = "Turn on time synchronisation on this machine and on the database's.";
    report.line(
        "clock",
        match found {
            Ok(theirs) => {
                let apart = (Clock::System.now() - theirs).num_milliseconds().abs();
                if apart < 2_000 {
                    Ok(format!("differs from the database's by {apart} ms"))
                } else {
                    Err((format!("differs from the database's by {apart} ms"), mend))
                }
            }
            Err(error) => Err((error.in_full(), "See the log of the database.")),
        },
    );
}

async fn mail(report: &mut Report, config: &Config) {
    let mend = "Correct SMTP_URL, or unset it to keep emails as files.";
    let found = match mailer(config) {
        Err(error) => Err((error.to_string(), mend)),
        Ok(mailer) => match mailer.check().await {
            Ok(()) if mailer.outbox().is_some() => {
                Ok("kept as files in the data folder (no SMTP_URL)".to_owned())
            }
            Ok(()) => Ok("the SMTP server answers".to_owned()),
            Err(error) => Err((error.reason().to_owned(), mend)),
        },
    };
    report.line("mail", found);
}

async fn keys(report: &mut Report, config: &Config, base: &Base) {
    let mend = "Set the VESTIBULE_SECRET that the keys were made with, or correct VESTIBULE_SIGNING_KEYS.";
    let made = async {
        let app = App::new(config, base.db.clone(), Clock::System, mailer(config)?).await?;
        let stock = app.services.sign_in.tokens.stock();
        app.stop().await;
        Ok::<_, crate::base::error::Error>(stock)
    };
    report.line(
        "keys",
        match made.await {
            Ok((count, newest)) => {
                let age = newest.map(|made| (Clock::System.now() - made).num_days());
                let age = age.map(|days| format!(", the newest is {days} days old"));
                let age = age.unwrap_or_default();
                Ok(format!("access tokens can be signed; keys: {count}{age}"))
            }
            Err(error) => Err((error.in_full(), mend)),
        },
    );
}
