//! The commands.

mod accounts;
mod backup;
mod bounces;
mod demo_contents;
mod demo_workflow;
mod doctor;
mod restore;

use std::path::Path;
use std::process::ExitCode;

use graphql_server::metrics::Metrics;

use crate::accounts::model::Account;
use crate::app::config::{Config, DATA_DIR};
use crate::app::{App, Database, Server, data_dir, mailer};
use crate::base::clock::{Clock, Moment};
use crate::base::error::{Code, Error, Result};
use crate::base::secrets::ServerKey;
use crate::sign_in::keys::Keys;
use crate::sign_in::signing_keys as keys;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::CreateArgs;

use accounts::{AccountAccess, NewAccount};
pub(crate) use backup::backup;
pub(crate) use bounces::{TEMPORARY_FAILURE, bounces};
pub(crate) use doctor::doctor;
pub(crate) use restore::restore;

/// Prints a line to stdout. A closed pipe, as with `head`, is no error.
macro_rules! print_line {
    ($($args:tt)*) => {{
        use std::io::Write;
        let _closed = writeln!(std::io::stdout().lock(), $($args)*);
    }};
}

pub(crate) use print_line;

/// A panic's message may contain the data that the code worked on: only its location is logged.
pub(crate) fn redact_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place = location, "panicked");
    }));
}

/// Waits for Ctrl-C, SIGTERM or SIGHUP.
async fn stop_signal() -> Result<()> {
    let ignored = hangup_is_ignored();
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::internal)?;
    let hangup = async {
        if ignored {
            std::future::pending::<()>().await;
        }
        let mut hangup = signal(SignalKind::hangup()).map_err(Error::internal)?;
        hangup.recv().await;
        Ok(())
    };
    tokio::select! {
        done = tokio::signal::ctrl_c() => done.map_err(Error::internal),
        _ = terminate.recv() => Ok(()),
        done = hangup => done,
    }
}

/// Whether this program was started to ignore SIGHUP, as by `nohup`: a handler would undo that.
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 == 1)
}

/// What `serve` does besides serving.
#[derive(Clone, Copy)]
pub(crate) struct ServeOptions {
    /// Creates the demo account in an empty database.
    pub demo: bool,
    /// Sends messages and runs bulk jobs.
    pub worker: bool,
}

pub(crate) async fn serve(config: &Config, options: ServeOptions) -> Result<()> {
    let stop = stop_signal();
    tokio::pin!(stop);
    let database = tokio::select! {
        database = Database::open_for_server(config) => database?,
        _ = &mut stop => return Ok(()),
    };
    let served = run(config, &database, options, stop.as_mut()).await;
    database.close().await;
    served
}

async fn run(
    config: &Config,
    database: &Database,
    options: ServeOptions,
    stop: std::pin::Pin<&mut impl Future<Output = Result<()>>>,
) -> Result<()> {
    if let Some(problem) = config.undeclared_proxy() {
        tracing::warn!("{problem}. Put the proxy's address into VESTIBULE_TRUSTED_PROXIES");
    }
    let app = App::new(config, database.db.clone(), Clock::System, mailer(config)?).await?;
    if options.worker {
        app.start_worker();
    }
    let server = Server::start(app, config).await?;
    tracing::info!(address = %server.address, "listening");
    let public = &config.addresses.public;
    print_line!("Vestibule is up.\n  Start page:  {public}/\n  Playground:  {public}/graphiql");
    if options.demo
        && let Some(access) = demo_access(config, database).await?
    {
        print_line!(
            "  Portal:      {}\n  API key:     {}",
            access.portal_url,
            access.api_key.as_deref().unwrap_or("-")
        );
        print_line!("  Sign in:     {}", access.owner_sign_in_url);
        print_line!(
            "The sign-in link works once within 15 minutes. To get a new one:\n  {}",
            new_link_command(config)
        );
    }
    print_line!("Press Ctrl-C to stop.");
    stop.await?;
    tracing::info!("stopping");
    server.stop().await;
    Ok(())
}

/// The command that prints a new sign-in link, for the shell that started this program.
fn new_link_command(config: &Config) -> String {
    let program = std::env::args().next();
    let mut parts = vec![
        program.unwrap_or_else(|| "vestibule".to_owned()),
        "account sign-in --slug demo --email owner@demo.example".to_owned(),
    ];
    if config.data_dir != Path::new(DATA_DIR) {
        parts.push(format!("--data-dir {}", config.data_dir.display()));
    }
    parts.join(" ")
}

/// Access to the demo account, which is created in an empty database only; `None` if there are other accounts.
async fn demo_access(config: &Config, database: &Database) -> Result<Option<AccountAccess>> {
    let mut conn = database.db.conn().await?;
    if Account::by_slug(&mut conn, "demo").await?.is_none() && Account::any(&mut conn).await? {
        return Ok(None);
    }
    drop(conn);
    accounts::demo(config, &database.db).await.map(Some)
}

pub(crate) async fn worker(config: &Config) -> Result<()> {
    let database = Database::open_for_command(config).await?;
    let done = work(config, &database).await;
    database.close().await;
    done
}

async fn work(config: &Config, database: &Database) -> Result<()> {
    let app = App::new(config, database.db.clone(), Clock::System, mailer(config)?).await?;
    app.watch_clock();
    app.start_metrics(config, &Metrics::default()).await?;
    app.start_worker();
    tracing::info!("worker started");
    stop_signal().await?;
    app.stop().await;
    Ok(())
}

pub(crate) async fn migrate(config: &Config) -> Result<()> {
    let database = Database::open_for_command(config).await?;
    print_line!("The database is up to date.");
    database.close().await;
    Ok(())
}

pub(crate) async fn create_account(config: &Config, args: &CreateArgs) -> Result<()> {
    let new = NewAccount::check(config, args)?;
    let database = Database::open_for_command(config).await?;
    let done = accounts::create(config, &database.db, &new).await;
    database.close().await;
    print_access(&done?);
    Ok(())
}

pub(crate) async fn sign_in_link(config: &Config, slug: &str, email: &str) -> Result<()> {
    let database = Database::open_existing(config).await?;
    let done = accounts::sign_in_link(config, &database.db, slug, email).await;
    database.close().await;
    print_line!("{}", done?);
    Ok(())
}

/// Creates a signing key; running servers pick it up.
pub(crate) async fn rotate_keys(config: &Config) -> Result<()> {
    if !config.signing_keys.is_empty() {
        let message = "The signing keys come from the files of VESTIBULE_SIGNING_KEYS. Make a new one there: openssl genpkey -algorithm ed25519";
        return Err(Error::new(Code::BadUserInput, message));
    }
    let database = Database::open_existing(config).await?;
    let moment = Clock::System.moment();
    let done = rotate(config, &database, &moment).await;
    database.close().await;
    let value = json!({ "kid": done?, "signsFrom": moment.now + keys::schedule::PUBLISHED_ONLY });
    print_line!("{value:#}");
    Ok(())
}

async fn rotate(config: &Config, database: &Database, moment: &Moment) -> Result<String> {
    let keys = Keys::new(&ServerKey::new(data_dir::secret(config)?.as_bytes()));
    keys::rotate(&database.db, &keys.signing_seal, moment).await
}

pub(crate) async fn demo(config: &Config) -> Result<()> {
    let database = Database::open_for_command(config).await?;
    let done = accounts::demo(config, &database.db).await;
    database.close().await;
    print_access(&done?);
    Ok(())
}

fn print_access(access: &AccountAccess) {
    let value = json!({
        "accountId": access.account_id,
        "portalUrl": access.portal_url,
        "dashboardUrl": access.dashboard_url,
        "ownerSignInUrl": access.owner_sign_in_url,
        "apiKey": access.api_key,
    });
    print_line!("{value:#}");
}

/// An unusable argument of the command line.
fn invalid_argument(argument: &str, message: impl Into<String>) -> Error {
    Error::new(Code::BadUserInput, message).at(argument)
}

fn interrupted() -> Error {
    Error::new(Code::Unavailable, "Interrupted.")
}

/// As in `1.5 MB`.
fn size_text(bytes: u64) -> String {
    let (mut size, mut unit) = (bytes, "bytes");
    let mut tenths = 0;
    for larger in ["kB", "MB", "GB", "TB"] {
        if size < 1000 {
            break;
        }
        (tenths, size, unit) = (size % 1000 / 100, size / 1000, larger);
    }
    match unit {
        "bytes" => format!("{size} bytes"),
        _ => format!("{size}.{tenths} {unit}"),
    }
}

/// 0 if all checks passed.
fn exit(passed: bool) -> ExitCode {
    if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
