//! Everything wired once: the database, the live hub, the schema, the pages, the worker; started in order, stopped in order.

mod engine;
pub mod folder;
mod keys;
mod metrics;
mod repeat;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use embedded_postgres::{EmbeddedPostgres, Options};
use poem::EndpointExt;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::auth::door::Door;
use crate::auth::google::Google;
use crate::auth::jwt::Tokens;
use crate::auth::password::Passwords;
use crate::auth::sign_in::{Keys, SignIn};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, address_of};
use crate::delivery_metrics::DeliveryMetrics;
use crate::error::{Code, Error, Result};
use crate::http::gate::Gate;
use crate::http::gate::limits::Limits;
use crate::http::rates::Rates;
use crate::http::site::{Brandings, Health, Site};
use crate::http::{HttpSettings, assets, serve, transports};
use crate::jobs::{Worker, WorkerParts};
use crate::live::Live;
use crate::secrets::ServerKey;
use crate::services::{Services, Settings};
use mailer::{MailSettings, Mailbox, Mailer};

/// Sessions of the private database beside the pool's: other commands, and those that just ended.
const OTHER_SESSIONS: u16 = 44;

/// The database that a command works with.
pub struct Base {
    pub db: Db,
    private: Option<EmbeddedPostgres>,
}

impl Base {
    /// For `serve`: starts the private database where no other is named, and runs the migrations.
    pub async fn serve(config: &Config) -> Result<Self> {
        Self::open(config, true).await
    }

    /// For commands beside a running `serve`.
    pub async fn beside(config: &Config) -> Result<Self> {
        Self::open(config, false).await
    }

    async fn open(config: &Config, serve: bool) -> Result<Self> {
        let (url, private) = match &config.database_url {
            Some(url) => (url.clone(), None),
            None => {
                folder::make(&config.data_dir)?;
                let options = Options {
                    name: "vestibule".to_owned(),
                    data_dir: config.data_dir.clone(),
                    durable: true,
                    max_connections: config.database_connections + OTHER_SESSIONS,
                };
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

    pub async fn close(self) {
        self.db.close();
        if let Some(private) = self.private {
            private.stop().await;
        }
    }
}

/// Says which database can't be used, by its address without user and password.
fn unreachable(error: Error, url: &str) -> Error {
    error.saying(format!("The database {} can't be used.", address_of(url)))
}

/// The services without a network: what `serve`, `worker` and the tests share.
pub struct App {
    pub services: Arc<Services>,
    pub door: Door,
    pub mailer: Mailer,
    mail_from: String,
    delivery_metrics: DeliveryMetrics,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl App {
    pub async fn new(config: &Config, db: Db, clock: Clock, mailer: Mailer) -> Result<Self> {
        crate::auth::google::choose_cryptography();
        let secret = folder::secret(config)?;
        let keys = Keys::new(&ServerKey::new(secret.as_bytes()));
        let (source, pairs) = keys::Source::open(config, &db, &keys, &clock).await?;
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let live = Live::start(db.clone(), clock.clone(), &tasks, &stop);
        let tokens = Arc::new(Tokens::new(pairs, &config.addresses.public));
        let follow = source.keep(db.clone(), clock.clone(), Arc::clone(&tokens));
        tasks.spawn(stop.clone().run_until_cancelled_owned(follow));
        let door = Door::new(db.clone(), clock.clone(), live.clone(), Arc::clone(&tokens));
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let passwords = Passwords::new(config.password_work, cores, &clock.moment())?;
        let google = config
            .google
            .clone()
            .map(|settings| Google::new(settings, clock.clone()));
        let google = google.transpose()?;
        let sign_in = SignIn {
            db: db.clone(),
            clock: clock.clone(),
            live: live.clone(),
            tokens,
            keys,
            passwords,
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
            door,
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
    pub async fn stop(&self) {
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
pub fn mailer(config: &Config) -> Result<Mailer> {
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
    running: serve::Running,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    pub async fn start(app: App, config: &Config) -> Result<Self> {
        let listener = listen("VESTIBULE_LISTEN", config.listen).await?;
        let address = listener.local_addr().map_err(Error::internal)?;
        let uploads = config.data_dir.join("uploads");
        folder::make(&uploads)?;
        folder::leave_address(config)?;
        let running = serve::Running::default();
        let metrics = app.start_metrics(config, &running.metrics).await?;
        let http = HttpSettings {
            allowed_origins: config.allowed_origins.clone(),
            seats: config.sockets_per_source,
            rate: config.requests_per_second,
            ..HttpSettings::new(&config.addresses.public, uploads)
        };
        let rates = http.rate.map(Rates::new);
        let schema = crate::graphql::build(Arc::clone(&app.services), config.introspection);
        let engine = engine::App {
            services: Arc::clone(&app.services),
            door: app.door.clone(),
            groups: Arc::default(),
            gate: Gate::new(&schema.sdl(), Limits::default()),
            schema,
            http,
        };
        // Only who sits at this machine may read mails here.
        let outbox = app.mailer.outbox().filter(|_| config.local()).cloned();
        let site = Site {
            services: Arc::clone(&app.services),
            door: app.door.clone(),
            outbox,
            health: Health,
            metrics: metrics.filter(|_| config.metrics.token.is_some()),
            keeps_mail: app.mailer.outbox().is_some(),
            brandings: Brandings::default(),
            rates: rates.clone(),
        };
        let routes = transports(&Arc::new(engine), &running, rates)
            .nest(assets::MOUNT, assets::Assets)
            .nest_no_strip("/", site)
            .catch_all_error(not_found);
        let rules = serve::Rules {
            https: config.addresses.https(),
            peers: config.peers(),
            ..serve::Rules::default()
        };
        // A token that was revoked before the start is refused from the first request on.
        app.services.live.warm().await;
        let task = tokio::spawn(serve::serve(listener, routes, running.clone(), rules));
        Ok(Self {
            app,
            address,
            running,
            task,
        })
    }

    /// Finishes what runs, closes the sockets, hands back what the worker holds.
    pub async fn stop(self) {
        self.running.stop.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the accept loop broke");
        }
        self.app.stop().await;
    }
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
