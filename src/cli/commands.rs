//! What the commands do.

mod accounts;
mod doctor;

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use graphql_server::metrics::Metrics;

use crate::accounts::model::Account;
use crate::app::config::{Config, DATA_DIR};
use crate::app::logging;
use crate::app::{App, Base, Server, folder, mailer};
use crate::base::clock::Clock;
use crate::base::error::{Code, Error, Result};
use crate::base::secrets::ServerKey;
use crate::sign_in::keys::Keys;
use crate::sign_in::signing_keys as keys;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::cli::CreateArgs;

use accounts::{AccountAccess, NewAccount};
pub(crate) use doctor::doctor;

/// Prints a line to stdout. A reader that has closed the pipe, as `head` does, is no error.
macro_rules! say {
    ($($words:tt)*) => {{
        use std::io::Write;
        let _closed = writeln!(std::io::stdout().lock(), $($words)*);
    }};
}

pub(crate) use say;

/// The log goes to stderr: what commands print is for programs.
pub(crate) fn start_log() {
    let asked = std::env::var(EnvFilter::DEFAULT_ENV).ok();
    let filter = asked.and_then(|asked| logging::asked(&asked).ok());
    let filter = filter.unwrap_or_else(|| EnvFilter::new("info"));
    let color = std::io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(color)
        .with_writer(std::io::stderr)
        .with_target(false);
    tracing_subscriber::registry()
        .with(lines.with_filter(logging::filter(filter)))
        .init();
}

/// A panic's message may contain the data that the code worked on: only its location is logged.
pub(crate) fn redact_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a panic");
    }));
}

/// Ctrl-C, SIGTERM, or SIGHUP.
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

/// Whether `nohup` or the like started this program: a handler would undo that.
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 == 1)
}

pub(crate) async fn serve(config: &Config, demo: bool, with_worker: bool) -> Result<()> {
    let stop = stop_signal();
    tokio::pin!(stop);
    let base = tokio::select! {
        base = Base::serve(config) => base?,
        _ = &mut stop => return Ok(()),
    };
    let served = run(config, &base, (demo, with_worker), stop.as_mut()).await;
    base.close().await;
    served
}

async fn run(
    config: &Config,
    base: &Base,
    (demo, with_worker): (bool, bool),
    stop: std::pin::Pin<&mut impl Future<Output = Result<()>>>,
) -> Result<()> {
    if let Some(fault) = config.undeclared_proxy() {
        tracing::warn!("{fault}. Put the proxy's address into VESTIBULE_TRUSTED_PROXIES");
    }
    let app = App::new(config, base.db.clone(), Clock::System, mailer(config)?).await?;
    if with_worker {
        app.start_worker();
    }
    let server = Server::start(app, config).await?;
    tracing::info!(address = %server.address, "listening");
    let public = &config.addresses.public;
    say!("Vestibule is up.\n  Start page:  {public}/\n  Playground:  {public}/graphiql");
    if demo && let Some(access) = demo_access(config, base).await? {
        say!(
            "  Portal:      {}\n  API key:     {}",
            access.portal_url,
            access.api_key.as_deref().unwrap_or("-")
        );
        say!("  Sign in:     {}", access.owner_sign_in_url);
        say!(
            "The sign-in link works once within 15 minutes. To get a new one:\n  {}",
            new_link_command(config)
        );
    }
    say!("Press Ctrl-C to stop.");
    stop.await?;
    tracing::info!("stopping");
    server.stop().await;
    Ok(())
}

/// The command that prints another link, as it can be typed where this program was started.
fn new_link_command(config: &Config) -> String {
    let program = std::env::args().next();
    let mut words = vec![
        program.unwrap_or_else(|| "vestibule".to_owned()),
        "account sign-in --slug demo --email owner@demo.example".to_owned(),
    ];
    if config.data_dir != Path::new(DATA_DIR) {
        words.push(format!("--data-dir {}", config.data_dir.display()));
    }
    words.join(" ")
}

/// Access to the demo account, which is created in an empty database only; `None` if there are other accounts.
async fn demo_access(config: &Config, base: &Base) -> Result<Option<AccountAccess>> {
    let mut conn = base.db.conn().await?;
    if Account::by_slug(&mut conn, "demo").await?.is_none() && Account::any(&mut conn).await? {
        return Ok(None);
    }
    drop(conn);
    accounts::demo(config, &base.db).await.map(Some)
}

pub(crate) async fn worker(config: &Config) -> Result<()> {
    let base = Base::beside(config).await?;
    let app = App::new(config, base.db.clone(), Clock::System, mailer(config)?).await?;
    app.start_metrics(config, &Metrics::default()).await?;
    app.start_worker();
    tracing::info!("working");
    stop_signal().await?;
    app.stop().await;
    base.close().await;
    Ok(())
}

pub(crate) async fn migrate(config: &Config) -> Result<()> {
    let base = Base::beside(config).await?;
    say!("The database is up to date.");
    base.close().await;
    Ok(())
}

pub(crate) async fn create_account(config: &Config, args: &CreateArgs) -> Result<()> {
    let new = NewAccount::check(config, args)?;
    let base = Base::beside(config).await?;
    let done = accounts::create(config, &base.db, &new).await;
    base.close().await;
    print_access(&done?);
    Ok(())
}

pub(crate) async fn sign_in_link(config: &Config, slug: &str, email: &str) -> Result<()> {
    let base = Base::beside(config).await?;
    let done = accounts::sign_in_link(config, &base.db, slug, email).await;
    base.close().await;
    say!("{}", done?);
    Ok(())
}

/// Creates a signing key; running servers pick it up.
pub(crate) async fn rotate_keys(config: &Config) -> Result<()> {
    if !config.signing_keys.is_empty() {
        let words = "The signing keys come from the files of VESTIBULE_SIGNING_KEYS. Make a new one there: openssl genpkey -algorithm ed25519";
        return Err(Error::new(Code::BadUserInput, words));
    }
    let base = Base::beside(config).await?;
    let keys = Keys::new(&ServerKey::new(folder::secret(config)?.as_bytes()));
    let moment = Clock::System.moment();
    let done = keys::rotate(&base.db, &keys.signing_seal, &moment).await;
    base.close().await;
    let value = json!({ "kid": done?, "signsFrom": moment.now + keys::schedule::PUBLISHED_ONLY });
    say!("{value:#}");
    Ok(())
}

pub(crate) async fn demo(config: &Config) -> Result<()> {
    let base = Base::beside(config).await?;
    let done = accounts::demo(config, &base.db).await;
    base.close().await;
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
    say!("{value:#}");
}

/// An unusable argument of the command line.
fn invalid_argument(argument: &str, message: impl Into<String>) -> Error {
    Error::new(Code::BadUserInput, message).at(argument)
}

/// 0 when all is well.
fn exit(fine: bool) -> ExitCode {
    if fine {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
