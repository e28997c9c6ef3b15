//! The command line.

mod commands;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use crate::app::config::{self, Config, Overrides};
use crate::app::logging;
use crate::app::traces::Traces;
use crate::base::actor::Scope;
use clap::{Args, Parser, Subcommand};
use commands::ServeOptions;

/// Sign-in and invitations for a client portal, with login links and live counts, as a GraphQL service.
#[derive(Parser)]
#[command(version, after_help = config::help_text())]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the API, pages and playground. Also sends messages, unless --no-worker is given.
    Serve(ServeArgs),
    /// Only sends messages and runs bulk jobs.
    Worker(DataArgs),
    /// Runs pending migrations. `serve` does that too.
    Migrate(DataArgs),
    /// Prints the GraphQL schema.
    Schema,
    /// Creates accounts and sign-in links for their staff.
    #[command(subcommand)]
    Account(AccountCommand),
    /// The keys that sign access tokens.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Creates the account `demo` with sample data; prints its addresses, a sign-in link and an API key as JSON.
    Demo(DataArgs),
    /// Reads a delivery report or a complaint that came back by email, for the mail server to pipe it in. Exits with 65 if it is
    /// neither, and with 75 if it must be read again later.
    Bounces(BouncesArgs),
    /// Writes the database, the secret and kept emails to one file. The server may run meanwhile.
    Backup(BackupArgs),
    /// Restores a backup into an empty data directory, and into an empty database if DATABASE_URL is set.
    Restore(RestoreArgs),
    /// Checks settings, proxies, database, email, clock and keys, and says how to fix what is wrong.
    Doctor(DataArgs),
}

#[derive(Args)]
struct DataArgs {
    /// Folder for the secret, kept emails and the private PostgreSQL.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

#[derive(Args)]
struct ServeArgs {
    /// Address and port to listen on.
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    #[command(flatten)]
    data: DataArgs,
    /// Fills an empty database with the account `demo` and prints how to reach it, with a new API key: the previous one stops
    /// working.
    #[arg(long)]
    demo: bool,
    /// Doesn't send messages or run bulk jobs: `vestibule worker` does.
    #[arg(long)]
    no_worker: bool,
}

#[derive(Subcommand)]
enum AccountCommand {
    /// Creates an account; prints its addresses and a sign-in link as JSON.
    Create(CreateArgs),
    /// Prints a new sign-in link for a team member; it works once within 15 minutes.
    SignIn(SignInArgs),
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Adds a signing key. It is published within a minute and signs after five; no restart is needed.
    Rotate(DataArgs),
}

#[derive(Args)]
struct CreateArgs {
    /// 2 to 40 characters: a-z, 0-9 and single dashes inside. A slug is never given to another account.
    #[arg(long)]
    slug: String,
    /// The name that contacts see.
    #[arg(long)]
    name: String,
    /// The owner's email address.
    #[arg(long)]
    owner: String,
    /// Also creates an API key.
    #[arg(long)]
    api_key: bool,
    /// A scope of the API key; may be repeated. Default: all except ADMIN.
    #[arg(long, requires = "api_key", value_parser = scope)]
    scope: Vec<Scope>,
    #[command(flatten)]
    data: DataArgs,
}

#[derive(Args)]
struct SignInArgs {
    #[arg(long)]
    slug: String,
    /// The team member's email address.
    #[arg(long)]
    email: String,
    #[command(flatten)]
    data: DataArgs,
}

#[derive(Args)]
struct BouncesArgs {
    /// The file with the message; - for standard input.
    file: PathBuf,
    #[command(flatten)]
    data: DataArgs,
}

#[derive(Args)]
struct BackupArgs {
    /// The file to write [vestibule-<time>.tar in the current directory]. An existing one is replaced once the new one is complete.
    file: Option<PathBuf>,
    #[command(flatten)]
    data: DataArgs,
}

#[derive(Args)]
struct RestoreArgs {
    /// A file that `vestibule backup` wrote.
    file: PathBuf,
    #[command(flatten)]
    data: DataArgs,
}

fn scope(text: &str) -> Result<Scope, String> {
    let all = Scope::ALL
        .iter()
        .map(|scope| scope.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    text.to_ascii_uppercase()
        .parse()
        .map_err(|_| format!("one of {all}"))
}

impl Command {
    fn overrides(&self) -> Overrides {
        match self {
            Self::Serve(args) => Overrides {
                listen: args.listen.clone(),
                data_dir: args.data.data_dir.clone(),
            },
            Self::Worker(data) | Self::Migrate(data) | Self::Demo(data) | Self::Doctor(data) => {
                data.overrides()
            }
            Self::Backup(args) => args.data.overrides(),
            Self::Restore(args) => args.data.overrides(),
            Self::Keys(KeysCommand::Rotate(data)) => data.overrides(),
            Self::Account(AccountCommand::Create(args)) => args.data.overrides(),
            Self::Account(AccountCommand::SignIn(args)) => args.data.overrides(),
            Self::Bounces(args) => args.data.overrides(),
            Self::Schema => Overrides::default(),
        }
    }
}

impl DataArgs {
    fn overrides(&self) -> Overrides {
        Overrides {
            listen: None,
            data_dir: self.data_dir.clone(),
        }
    }
}

/// The stack of the threads that run requests. A resolver keeps what it waits for on the stack, in debug builds many times; memory is
/// used only as far as it is needed.
const STACK_BYTES: usize = 8 << 20;

/// For what still blocks a thread at the end, such as the DNS look-up of a server that traces are sent to.
const STOP_TIMEOUT: Duration = Duration::from_millis(500);

pub fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK_BYTES)
        .build();
    match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(start());
            runtime.shutdown_timeout(STOP_TIMEOUT);
            code
        }
        Err(error) => {
            eprintln!("No threads can be started: {error}.");
            ExitCode::FAILURE
        }
    }
}

async fn start() -> ExitCode {
    let cli = Cli::parse();
    if let Command::Schema = cli.command {
        commands::print_line!("{}", crate::api::sdl().trim_end());
        return ExitCode::SUCCESS;
    }
    match read_config(&cli.command) {
        Ok((config, traces)) => {
            let code = run(&cli.command, &config).await;
            if let Some(traces) = traces {
                traces.stop().await;
            }
            code
        }
        Err(message) => {
            eprintln!("{message}");
            match cli.command {
                // The mail server keeps the report until the settings are right.
                Command::Bounces(_) => ExitCode::from(commands::TEMPORARY_FAILURE),
                _ => ExitCode::from(2),
            }
        }
    }
}

/// Starts the log as well, so that warnings about settings are seen, and the traces of what runs for long.
fn read_config(command: &Command) -> Result<(Config, Option<Traces>), String> {
    if let Err(error) = dotenvy::dotenv()
        && !error.not_found()
    {
        return Err(format!("The file .env can't be read: {error}"));
    }
    let config = Config::from_env(&command.overrides());
    let traced = matches!(command, Command::Serve(_) | Command::Worker(_));
    let traces = logging::start(config.as_ref().ok(), traced).map_err(|error| error.in_full())?;
    commands::redact_panics();
    for warning in
        config::unknown_setting_warnings(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()))
    {
        tracing::warn!("{warning}");
    }
    let mut config = config.map_err(|errors| format!("These settings are wrong:\n{errors}"))?;
    if !matches!(command, Command::Serve(_))
        && let Some(public) = crate::app::data_dir::stored_public_url(&config.data_dir)
    {
        config.adopt_public_url(&public);
    }
    Ok((config, traces))
}

async fn run(command: &Command, config: &Config) -> ExitCode {
    let done = match command {
        Command::Serve(args) => {
            let options = ServeOptions {
                demo: args.demo,
                worker: !args.no_worker,
            };
            Box::pin(commands::serve(config, options)).await
        }
        Command::Worker(_) => Box::pin(commands::worker(config)).await,
        Command::Migrate(_) => commands::migrate(config).await,
        Command::Account(AccountCommand::Create(args)) => commands::create_account(config, args).await,
        Command::Account(AccountCommand::SignIn(args)) => {
            commands::sign_in_link(config, &args.slug, &args.email).await
        }
        Command::Keys(KeysCommand::Rotate(_)) => commands::rotate_keys(config).await,
        Command::Backup(args) => Box::pin(commands::backup(config, args.file.as_deref())).await,
        Command::Restore(args) => Box::pin(commands::restore(config, &args.file)).await,
        Command::Demo(_) => commands::demo(config).await,
        Command::Doctor(_) => return commands::doctor(config).await,
        Command::Bounces(args) => return commands::bounces(config, &args.file).await,
        Command::Schema => Ok(()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let field = error
                .field
                .as_ref()
                .map(|field| format!("--{field}: "))
                .unwrap_or_default();
            eprintln!("{field}{}", error.in_full());
            ExitCode::FAILURE
        }
    }
}
