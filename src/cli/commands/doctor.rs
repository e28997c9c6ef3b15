//! `vestibule doctor`: what is wrong, and how to fix it.

use std::process::ExitCode;

use crate::app::config::Config;
use crate::app::{App, Base, folder, mailer};
use crate::base::clock::Clock;
use crate::base::db::server_clock;
use crate::base::error::{Error, Result};
use crate::contacts::model::portal_stats::PortalStats;

use super::{exit, say};

/// A fault and how to fix it.
type Fault = (String, &'static str);

const SEE_DATABASE_LOG: &str = "See the log of the database.";

/// Prints one line for each check, and the fix if it fails.
struct Report {
    fine: bool,
}

impl Report {
    fn line(&mut self, what: &str, found: Result<String, Fault>) {
        match found {
            Ok(words) => say!("ok    {what}: {words}"),
            Err((fault, fix)) => {
                self.fine = false;
                say!("WRONG {what}: {fault}\n      {fix}");
            }
        }
    }
}

pub(crate) async fn doctor(config: &Config) -> ExitCode {
    let mut report = Report { fine: true };
    let settings = format!(
        "public address {}, data in {}",
        config.addresses.public,
        config.data_dir.display()
    );
    report.line("settings", Ok(settings));
    report.line("proxies", proxies(config));
    let base = match database(config).await {
        Ok(base) => base,
        Err(fault) => {
            report.line("database", Err(fault));
            return exit(false);
        }
    };
    report.line("database", Ok("reached, migrations are up to date".to_owned()));
    report.line("writes", writes(&base).await);
    report.line("counts", counts(&base).await);
    report.line("clock", clock(&base).await);
    report.line("mail", mail(config).await);
    report.line("keys", keys(config, &base).await);
    base.close().await;
    exit(report.fine)
}

fn proxies(config: &Config) -> Result<String, Fault> {
    match config.undeclared_proxy() {
        None => Ok("every proxy is declared".to_owned()),
        Some(fault) => Err((
            fault,
            "Set VESTIBULE_TRUSTED_PROXIES to the address of the proxy, such as 127.0.0.1, or its network.",
        )),
    }
}

/// Creates neither a database nor a data folder: an empty one is more likely a wrong `--data-dir`.
async fn database(config: &Config) -> Result<Base, Fault> {
    if !Base::exists(config) {
        let fault = format!("there is none in {}", config.data_dir.display());
        let fix = "Run `vestibule serve` to create one, or name the right folder with --data-dir, or set DATABASE_URL.";
        return Err((fault, fix));
    }
    let fix = "Start PostgreSQL or correct DATABASE_URL. Without DATABASE_URL, PostgreSQL's server programs must be installed.";
    Base::beside(config).await.map_err(|error| (error.in_full(), fix))
}

async fn writes(base: &Base) -> Result<String, Fault> {
    let fix = "Free space on the database's disk, or make it writable again; see its log.";
    let probed = base.db.probe().await;
    probed
        .map(|()| "the database accepts writes".to_owned())
        .map_err(|fault| (fault.to_string(), fix))
}

async fn counts(base: &Base) -> Result<String, Fault> {
    let check = async {
        let mut conn = base.db.conn().await?;
        PortalStats::drifted(&mut conn).await
    };
    let found: Result<Vec<_>> = check.await;
    let fix = "The triggers on the table contacts were disabled: enable them, and report this.";
    match found {
        Ok(drifted) if drifted.is_empty() => Ok("match the rows".to_owned()),
        Ok(drifted) => {
            let count = drifted.len();
            Err((
                format!("{count} accounts have counts that differ from their rows"),
                fix,
            ))
        }
        Err(error) => Err((error.in_full(), SEE_DATABASE_LOG)),
    }
}

async fn clock(base: &Base) -> Result<String, Fault> {
    let check = async {
        let mut conn = base.db.conn().await?;
        server_clock(&mut conn).await
    };
    let theirs: Result<chrono::DateTime<chrono::Utc>> = check.await;
    let theirs = theirs.map_err(|error| (error.in_full(), SEE_DATABASE_LOG))?;
    let apart = (Clock::System.now() - theirs).num_milliseconds().abs();
    let words = format!("differs from the database's by {apart} ms");
    if apart < 2_000 {
        Ok(words)
    } else {
        let fix = "Turn on time synchronisation on this machine and on the database's.";
        Err((words, fix))
    }
}

async fn mail(config: &Config) -> Result<String, Fault> {
    let fix = "Correct SMTP_URL, or unset it to keep emails as files.";
    let mailer = mailer(config).map_err(|error| (error.to_string(), fix))?;
    match mailer.check().await {
        Ok(()) if mailer.outbox().is_some() => {
            Ok("kept as files in the data folder (no SMTP_URL)".to_owned())
        }
        Ok(()) => Ok("the SMTP server answers".to_owned()),
        Err(error) => Err((error.reason().to_owned(), fix)),
    }
}

async fn keys(config: &Config, base: &Base) -> Result<String, Fault> {
    if !folder::has_secret(config) {
        let fault = format!("there is no secret in {}", config.data_dir.display());
        let fix = "Set VESTIBULE_SECRET, name the right folder with --data-dir, or run `vestibule serve` to create one.";
        return Err((fault, fix));
    }
    let fix = "Set the VESTIBULE_SECRET that the keys were created with, or correct VESTIBULE_SIGNING_KEYS.";
    let opened = async {
        let app = App::new(config, base.db.clone(), Clock::System, mailer(config)?).await?;
        let stock = app.services.sign_in.tokens.key_stats();
        app.stop().await;
        Ok::<_, Error>(stock)
    };
    let (count, newest) = opened.await.map_err(|error| (error.in_full(), fix))?;
    let age = newest.map(|made| (Clock::System.now() - made).num_days());
    let age = age.map(|days| format!(", the newest is {days} days old"));
    let age = age.unwrap_or_default();
    Ok(format!("access tokens can be signed; keys: {count}{age}"))
}
