//! `vestibule doctor`: finds problems and says how to fix them.

use std::error::Error as _;
use std::process::ExitCode;

use crate::app::config::Config;
use crate::app::{App, Database, data_dir, mailer, texting};
use crate::base::clock::Clock;
use crate::base::db::clock_offset;
use crate::base::db::migrate::UnknownMigrations;
use crate::base::error::{Error, Result};
use crate::contacts::model::portal_stats::PortalStats;
use crate::live::bus::nats;

use super::{exit, print_line};

/// A problem and its fix.
struct Problem {
    message: String,
    fix: &'static str,
}

impl Problem {
    fn new(message: impl Into<String>, fix: &'static str) -> Self {
        Self {
            message: message.into(),
            fix,
        }
    }
}

const MAX_CLOCK_DIFFERENCE_MS: i64 = 2_000;

const SEE_DATABASE_LOG: &str = "See the log of the database.";

/// Prints one line per check, and the fix if it fails.
struct Report {
    passed: bool,
}

impl Report {
    fn line(&mut self, check: &str, result: Result<String, Problem>) {
        match result {
            Ok(message) => print_line!("ok    {check}: {message}"),
            Err(Problem { message, fix }) => {
                self.passed = false;
                print_line!("WRONG {check}: {message}\n      {fix}");
            }
        }
    }
}

pub(crate) async fn doctor(config: &Config) -> ExitCode {
    let mut report = Report { passed: true };
    let settings = format!(
        "public address {}, data in {}",
        config.addresses.public,
        config.data_dir.display()
    );
    report.line("settings", Ok(settings));
    report.line("proxies", proxies(config));
    let database = match open_database(config).await {
        Ok(database) => database,
        Err(problem) => {
            report.line("database", Err(problem));
            return exit(false);
        }
    };
    report.line("database", Ok("reached, migrations are up to date".to_owned()));
    report.line("writes", writes(&database).await);
    report.line("counts", counts(&database).await);
    report.line("clock", clock(&database).await);
    report.line("bus", bus(config, &database).await);
    if let Some(result) = replica(&database).await {
        report.line("replica", result);
    }
    report.line("mail", mail(config).await);
    report.line("sms", sms(config).await);
    report.line("keys", keys(config, &database).await);
    database.close().await;
    exit(report.passed)
}

fn proxies(config: &Config) -> Result<String, Problem> {
    match config.undeclared_proxy() {
        None => Ok("every proxy is declared".to_owned()),
        Some(message) => Err(Problem::new(
            message,
            "Set VESTIBULE_TRUSTED_PROXIES to the address of the proxy, such as 127.0.0.1, or its network.",
        )),
    }
}

/// Creates neither a database nor a data directory: an empty one is more likely a wrong `--data-dir`.
async fn open_database(config: &Config) -> Result<Database, Problem> {
    if !Database::exists(config) {
        let message = format!("there is none in {}", config.data_dir.display());
        let fix = "Run `vestibule serve` to create one, or name the right directory with --data-dir, or set DATABASE_URL.";
        return Err(Problem::new(message, fix));
    }
    let fix = "Start PostgreSQL or correct DATABASE_URL. Without DATABASE_URL, PostgreSQL's server programs must be installed.";
    Database::open_for_command(config).await.map_err(|error| {
        let newer = error
            .source()
            .is_some_and(|cause| cause.is::<UnknownMigrations>());
        Problem::new(
            error.in_full(),
            if newer { "Install the newer version." } else { fix },
        )
    })
}

async fn writes(database: &Database) -> Result<String, Problem> {
    let fix = "Free space on the database's disk, or make it writable again; see its log.";
    let probe = database.db.probe().await;
    probe
        .map(|()| "the database accepts writes".to_owned())
        .map_err(|error| Problem::new(error.to_string(), fix))
}

async fn counts(database: &Database) -> Result<String, Problem> {
    let check = async {
        let mut conn = database.db.conn().await?;
        PortalStats::drifted(&mut conn).await
    };
    let drifted: Result<Vec<_>> = check.await;
    let fix = "The triggers on the table contacts were disabled: enable them, and report this.";
    match drifted {
        Ok(drifted) if drifted.is_empty() => Ok("match the rows".to_owned()),
        Ok(drifted) => {
            let count = drifted.len();
            Err(Problem::new(
                format!("{count} accounts have counts that differ from their rows"),
                fix,
            ))
        }
        Err(error) => Err(Problem::new(error.in_full(), SEE_DATABASE_LOG)),
    }
}

async fn clock(database: &Database) -> Result<String, Problem> {
    let check = async {
        let mut conn = database.db.conn().await?;
        clock_offset(&mut conn, &Clock::System).await
    };
    let offset: Result<chrono::TimeDelta> = check.await;
    let offset = offset.map_err(|error| Problem::new(error.in_full(), SEE_DATABASE_LOG))?;
    let difference = offset.num_milliseconds().abs();
    let message = format!("differs from the database's by {difference} ms");
    if difference < MAX_CLOCK_DIFFERENCE_MS {
        Ok(message)
    } else {
        let fix = "Turn on time synchronisation on this machine and on the database's.";
        Err(Problem::new(message, fix))
    }
}

async fn bus(config: &Config, database: &Database) -> Result<String, Problem> {
    let Some(settings) = &config.nats else {
        return Ok("instances reach each other through PostgreSQL (no NATS_URL)".to_owned());
    };
    let fix = "Start NATS, or correct NATS_URL, NATS_CREDENTIALS_FILE and NATS_CA_FILE. Meanwhile changes reach other instances within two seconds.";
    let checked = nats::check(&database.db, settings, &Clock::System.moment()).await;
    checked
        .map(|()| "NATS delivers messages".to_owned())
        .map_err(|error| Problem::new(error.in_full(), fix))
}

/// `None` without a replica.
async fn replica(database: &Database) -> Option<Result<String, Problem>> {
    let checked = database.db.check_replica(&Clock::System).await?;
    let fix = "Correct DATABASE_READ_URL, or repair the standby. Until then the primary is read.";
    Some(match checked {
        Ok(()) => Ok("a standby of the same cluster, up to date".to_owned()),
        Err(problem) => Err(Problem::new(format!("DATABASE_READ_URL: {problem}"), fix)),
    })
}

async fn mail(config: &Config) -> Result<String, Problem> {
    let fix = "Correct SMTP_URL, or unset it to keep emails as files.";
    let mailer = mailer(config).map_err(|error| Problem::new(error.to_string(), fix))?;
    match mailer.check().await {
        Ok(()) if mailer.outbox().is_some() => {
            Ok("kept as files in the data directory (no SMTP_URL)".to_owned())
        }
        Ok(()) => Ok("the SMTP server answers".to_owned()),
        Err(error) => Err(Problem::new(error.reason(), fix)),
    }
}

async fn sms(config: &Config) -> Result<String, Problem> {
    let fix = "Correct the TWILIO_ settings, or unset all of them to keep text messages as files.";
    let texting = texting(config).map_err(|error| Problem::new(error.to_string(), fix))?;
    match texting.sender.check().await {
        Ok(()) if texting.sender.outbox().is_some() => {
            Ok("kept as files in the data directory (no TWILIO_ACCOUNT_SID)".to_owned())
        }
        Ok(()) if config.addresses.local() => {
            Ok("Twilio answers; it can't report deliveries to a local server".to_owned())
        }
        Ok(()) => Ok("Twilio answers".to_owned()),
        Err(error) => Err(Problem::new(error.reason(), fix)),
    }
}

async fn keys(config: &Config, database: &Database) -> Result<String, Problem> {
    if !data_dir::has_secret(config) {
        let message = format!("there is no secret in {}", config.data_dir.display());
        let fix = "Set VESTIBULE_SECRET, name the right directory with --data-dir, or run `vestibule serve` to create one.";
        return Err(Problem::new(message, fix));
    }
    let fix = "Set the VESTIBULE_SECRET that the keys were created with, or correct VESTIBULE_SIGNING_KEYS.";
    let opened = async {
        let app = App::new(config, database.db.clone(), Clock::System, mailer(config)?).await?;
        let key_stats = app.services.sign_in.tokens.key_stats();
        app.stop().await;
        Ok::<_, Error>(key_stats)
    };
    let (count, newest) = opened.await.map_err(|error| Problem::new(error.in_full(), fix))?;
    let age = newest.map(|created_at| (Clock::System.now() - created_at).num_days());
    let age = age.map(|days| format!(", the newest is {days} days old"));
    let age = age.unwrap_or_default();
    Ok(format!("access tokens can be signed; keys: {count}{age}"))
}
