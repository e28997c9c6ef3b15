//! Everything wired once: the database, the live hub, the schema, the pages, the worker; started in order, stopped in order.

pub mod config;
pub(crate) mod cors;
mod engine;
pub(crate) mod folder;
mod idempotency;
pub(crate) mod logging;
mod metrics;
mod signing_keys;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use embedded_postgres::{EmbeddedPostgres, Options};
use graphql_server::server::{self, ServerHandle, ServerSettings};
use graphql_server::{Gateway, GatewaySettings, Limits, NamedRoute, QueryGuard, RateLimit};
use poem::EndpointExt;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::config::Config;
use crate::app::cors::Cors;
use crate::base::clock::Clock;
use crate::base::db::{Db, address_of};
use crate::base::error::{Code, Error, Result};
use crate::base::secrets::ServerKey;
use crate::live::Live;
use crate::messages::metrics::DeliveryMetrics;
use crate::pages::assets::{self, Assets};
use crate::pages::credentials::{self, CredentialRules};
use crate::pages::{Brandings, Health, Pages, Site};
use crate::services::{Services, Settings};
use crate::sign_in::access_token::Tokens;
use crate::sign_in::authenticator::Authenticator;
use crate::sign_in::context::SignInContext;
use crate::sign_in::google::provider::Google;
use crate::sign_in::keys::Keys;
use crate::sign_in::password::hashing::PasswordHasher;
use crate::worker::{Worker, WorkerParts};
use mailer::{MailSettings, Mailbox, Mailer};

/// Sessions of the private database beside the pool's: other commands, and those that just ended.
const OTHER_SESSIONS: u16 = 44;

/// The database that a command works with.
pub(crate) struct Base {
    pub db: Db,
    private: Option<EmbeddedPostgres>,
}

impl Base {
    /// For `serve`: starts the private database where no other is named, and runs the migrations.
    pub(crate) async fn serve(config: &Config) -> Result<Self> {
        Self::open(config, true).await
    }

    /// For commands beside a running `serve`.
    pub(crate) async fn beside(config: &Config) -> Result<Self> {
        Self::open(config, false).await
    }

    /// Whether there is a database to open, without creating the private one.
    pub(crate) fn exists(config: &Config) -> bool {
        config.database_url.is_some() || EmbeddedPostgres::exists(&private_database(config))
    }

    async fn open(config: &Config, serve: bool) -> Result<Self> {
        let (url, private) = match &config.database_url {
            Some(url) => (url.clone(), None),
            None => {
                folder::make(&config.data_dir)?;
                let options = private_database(config);
                let private = if serve {
                    EmbeddedPostgres::start(options).await?
                } else {
                    EmbeddedPostgres::attach_or_start(options).await?
                };
                (private.url().to_owned(), Some(private))
            }
        };
        let mut db = Db::new(&url, usize::from(config.database_connections))?;
        if let Some(private) = &private {
            db.metrics.restart_count = private.restart_count();
        }
        db.migrate().await.map_err(|error| unreachable(error, &url))?;
        Ok(Self { db, private })
    }

    pub(crate) async fn close(self) {
        self.db.close();
        if let Some(private) = self.private {
            private.stop().await;
        }
    }
}

fn private_database(config: &Config) -> Options {
    Options {
        name: "vestibule".to_owned(),
        data_dir: config.data_dir.clone(),
        durable: true,
        max_connections: config.database_connections + OTHER_SESSIONS,
    }
}

/// Says which database can't be used, by its address without user and password.
fn unreachable(error: Error, url: &str) -> Error {
    error.saying(format!("The database {} can't be used.", address_of(url)))
}

/// The services without a network: what `serve`, `worker` and the tests share.
pub struct App {
    pub services: Arc<Services>,
    pub authenticator: Authenticator,
    pub mailer: Mailer,
    mail_from: String,
    delivery_metrics: DeliveryMetrics,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl App {
    pub async fn new(config: &Config, db: Db, clock: Clock, mailer: Mailer) -> Result<Self> {
        crate::sign_in::google::provider::install_crypto_provider();
        let secret = folder::secret(config)?;
        let keys = Keys::new(&ServerKey::new(secret.as_bytes()));
        let (source, pairs) = signing_keys::Source::open(config, &db, &keys, &clock).await?;
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let live = Live::start(db.clone(), clock.clone(), &tasks, &stop);
        let tokens = Arc::new(Tokens::new(pairs, &config.addresses.public));
        let follow = source.keep(db.clone(), clock.clone(), Arc::clone(&tokens));
        tasks.spawn(stop.clone().run_until_cancelled_owned(follow));
        let authenticator = Authenticator::new(db.clone(), clock.clone(), live.clone(), Arc::clone(&tokens));
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let password_hasher = PasswordHasher::new(config.password_work, cores, &clock.moment())?;
        let google = config
            .google
            .clone()
            .map(|settings| Google::new(settings, clock.clone()));
        let google = google.transpose()?;
        let sign_in = SignInContext {
            db: db.clone(),
            clock: clock.clone(),
            tokens,
            keys,
            password_hasher,
            google,
        };
        let settings = Settings {
            addresses: config.addresses.clone(),
            daily_messages: config.daily_messages,
            google: config.google.is_some(),
        };
        let services = Arc::new(Services {
            db,
            clock,
            live,
            settings,
            sign_in,
        });
        Ok(Self {
            services,
            authenticator,
            mailer,
            mail_from: config.mail_from.clone(),
            delivery_metrics: DeliveryMetrics::default(),
            tasks,
            stop,
        })
    }

    /// Sends messages and does jobs until the app stops.
    pub fn start_worker(&self) -> Arc<Worker> {
        let services = &self.services;
        let worker = Arc::new(Worker::new(WorkerParts {
            db: services.db.clone(),
            clock: services.clock.clone(),
            mailer: self.mailer.clone(),
            live: services.live.clone(),
            addresses: services.settings.addresses.clone(),
            mail_from: Mailbox::new(self.mail_from.clone()),
            daily_messages: services.settings.daily_messages,
            keys: services.sign_in.keys.clone(),
            metrics: self.delivery_metrics.clone(),
        }));
        self.tasks.spawn(Arc::clone(&worker).run(self.stop.clone()));
        worker
    }

    /// Ends the worker and the live hub, the worker after handing back what it holds.
    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(Duration::from_secs(20), self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("some tasks did not end in time");
        }
        self.mailer.close().await;
    }
}

/// The way mail leaves, by the settings.
pub(crate) fn mailer(config: &Config) -> Result<Mailer> {
    let settings = MailSettings {
        smtp_url: config.smtp_url.clone(),
        ..MailSettings::new(config.data_dir.join("mail"))
    };
    Mailer::new(&settings).map_err(|error| Error::new(Code::BadUserInput, format!("SMTP_URL: {error}")))
}

/// A server that listens.
pub struct Server {
    pub app: App,
    pub address: SocketAddr,
    handle: ServerHandle,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    pub async fn start(app: App, config: &Config) -> Result<Self> {
        let listener = listen("VESTIBULE_LISTEN", config.listen).await?;
        let address = listener.local_addr().map_err(Error::internal)?;
        let uploads = config.data_dir.join("uploads");
        folder::make(&uploads)?;
        folder::store_public_url(config)?;
        let handle = ServerHandle::default();
        let metrics = app.start_metrics(config, &handle.metrics).await?;
        let rate_limit = config.requests_per_second.map(RateLimit::new);
        let gateway = gateway(&app, config, (uploads, rate_limit.clone()), handle.clone());
        // Only who sits at this machine may read mails here.
        let outbox = app.mailer.outbox().filter(|_| config.local()).cloned();
        let site = Site {
            services: Arc::clone(&app.services),
            authenticator: app.authenticator.clone(),
            outbox,
            health: Health,
            metrics: metrics.filter(|_| config.metrics.token.is_some()),
            keeps_mail: app.mailer.outbox().is_some(),
            brandings: Brandings::default(),
            rate_limit,
        };
        let origins = &config.allowed_origins;
        let routes = gateway
            .routes_with(|endpoint| Cors::new(endpoint, origins.clone()))
            .nest(assets::MOUNT, NamedRoute::new("/assets/{file}", Assets))
            .nest_no_strip("/", Pages::new(site))
            .catch_all_error(not_found);
        let settings = ServerSettings {
            https: config.addresses.https(),
            proxies: config.peers(),
            undeclared_proxy_advice: "Put its address into VESTIBULE_TRUSTED_PROXIES",
            ..ServerSettings::default()
        };
        // A token that was revoked before the start is refused from the first request on.
        app.services.live.warm().await;
        let task = tokio::spawn(server::serve(listener, routes, handle.clone(), settings));
        Ok(Self {
            app,
            address,
            handle,
            task,
        })
    }

    /// Finishes what runs, closes the sockets, hands back what the worker holds.
    pub async fn stop(self) {
        self.handle.stop.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the accept loop broke");
        }
        self.app.stop().await;
    }
}

/// The transports around the schema, with uploaded files in a folder of their own.
fn gateway(
    app: &App,
    config: &Config,
    (upload_dir, rate_limit): (PathBuf, Option<RateLimit>),
    handle: ServerHandle,
) -> Gateway<engine::App> {
    let schema = crate::api::build(Arc::clone(&app.services), config.introspection);
    let guard = QueryGuard::new(&schema.sdl(), Limits::default(), crate::api::field_options());
    let engine = engine::App {
        services: Arc::clone(&app.services),
        authenticator: app.authenticator.clone(),
        schema,
        credentials: CredentialRules::new(&config.addresses.public),
    };
    let settings = GatewaySettings {
        preflight_headers: credentials::PREFLIGHT_HEADERS,
        socket_limit: config.sockets_per_source,
        rate_limit,
        ..GatewaySettings::new(upload_dir)
    };
    Gateway::new(engine, guard, settings, handle)
}

async fn listen(setting: &str, address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let message = format!("{setting}: can't listen on {address}.");
        Error::new(Code::Unavailable, message).because(error)
    })
}

async fn not_found(error: poem::Error) -> poem::Response {
    error.into_response()
}
