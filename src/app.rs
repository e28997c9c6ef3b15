//! Wires everything once: the database, the live hub, the schema, the pages, the worker. Starts and stops them in order.

pub(crate) mod backup_file;
pub mod config;
pub(crate) mod cors;
pub(crate) mod data_dir;
mod database;
mod engine;
mod idempotency;
pub(crate) mod logging;
mod metrics;
mod server;
mod signing_keys;
pub(crate) mod traces;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::config::Config;
use crate::base::clock::Clock;
use crate::base::db::Db;
use crate::base::error::{Code, Error, Result};
use crate::base::public_http::PublicHttp;
use crate::base::secrets::ServerKey;
use crate::live::Live;
use crate::messages::metrics::DeliveryMetrics;
use crate::messages::texting::Texting;
use crate::services::{Services, Settings};
use crate::sign_in::access_token::Tokens;
use crate::sign_in::authenticator::Authenticator;
use crate::sign_in::context::SignInContext;
use crate::sign_in::google::provider::Google;
use crate::sign_in::keys::Keys;
use crate::sign_in::password::hashing::PasswordHasher;
use crate::worker::{Worker, WorkerParts};
pub(crate) use database::{Database, DumpPrograms, unreachable};
use mailer::{MailSettings, Mailbox, Mailer};
pub use server::Server;
use sms::{Sender, SmsSender, SmsSettings};

/// How long background tasks may take to end when the app stops.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);

/// The services without a listener: shared by `serve`, `worker` and the tests.
pub struct App {
    pub services: Arc<Services>,
    pub authenticator: Authenticator,
    pub mailer: Mailer,
    pub texting: Texting,
    mail_from: String,
    delivery_metrics: DeliveryMetrics,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl App {
    pub async fn new(config: &Config, db: Db, clock: Clock, mailer: Mailer) -> Result<Self> {
        crate::base::tls::install_crypto_provider();
        let secret = data_dir::secret(config)?;
        let keys = Keys::new(&ServerKey::new(secret.as_bytes()));
        let (source, pairs) = signing_keys::KeySource::open(config, &db, &keys, &clock).await?;
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let live = Live::start(db.clone(), clock.clone(), config.nats.clone(), &tasks, &stop);
        let tokens = Arc::new(Tokens::new(pairs, &config.addresses.public));
        let watch_keys = source.watch(db.clone(), clock.clone(), Arc::clone(&tokens));
        tasks.spawn(stop.clone().run_until_cancelled_owned(watch_keys));
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
        let public_http = PublicHttp::new(config.private_addresses).map_err(Error::internal)?;
        let settings = Settings {
            addresses: config.addresses.clone(),
            daily_messages: config.daily_messages,
            google: config.google.is_some(),
            sending: config.sending(),
            twilio: config.twilio.as_ref().map(|twilio| twilio.provider.clone()),
        };
        let services = Arc::new(Services {
            db,
            clock,
            live,
            settings,
            sign_in,
            public_http,
        });
        Ok(Self {
            services,
            authenticator,
            mailer,
            texting: texting(config)?,
            mail_from: config.mail_from.clone(),
            delivery_metrics: DeliveryMetrics::default(),
            tasks,
            stop,
        })
    }

    /// Sends messages and runs jobs until the app stops.
    pub fn start_worker(&self) -> Arc<Worker> {
        let services = &self.services;
        let worker = Arc::new(Worker::new(WorkerParts {
            db: services.db.clone(),
            clock: services.clock.clone(),
            mailer: self.mailer.clone(),
            sms: self.texting.clone(),
            live: services.live.clone(),
            addresses: services.settings.addresses.clone(),
            mail_from: Mailbox::new(self.mail_from.clone()),
            sending: services.settings.sending.clone(),
            daily_messages: services.settings.daily_messages,
            keys: services.sign_in.keys.clone(),
            metrics: self.delivery_metrics.clone(),
        }));
        self.tasks.spawn(Arc::clone(&worker).run(self.stop.clone()));
        worker
    }

    /// Compares the clock with the database's until the app stops.
    pub(crate) fn watch_clock(&self) {
        let watch = self.services.db.clone().watch_clock(self.services.clock.clone());
        self.tasks
            .spawn(self.stop.clone().run_until_cancelled_owned(watch));
    }

    /// Checks the replica until the app stops; it is not used before.
    fn watch_replica(&self) {
        let watch = self
            .services
            .db
            .clone()
            .watch_replica(self.services.clock.clone());
        self.tasks
            .spawn(self.stop.clone().run_until_cancelled_owned(watch));
    }

    /// Ends the worker, which returns its claimed messages to the queue, and the live hub.
    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(STOP_TIMEOUT, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("some tasks did not end in time");
        }
        self.mailer.close().await;
    }
}

/// The mailer according to the settings.
pub(crate) fn mailer(config: &Config) -> Result<Mailer> {
    let settings = MailSettings {
        smtp_url: config.smtp_url.clone(),
        ..MailSettings::new(config.data_dir.join("mail"))
    };
    Mailer::new(&settings).map_err(|error| Error::new(Code::BadUserInput, format!("SMTP_URL: {error}")))
}

/// The way to the SMS provider according to the settings.
pub(crate) fn texting(config: &Config) -> Result<Texting> {
    let provider = config.twilio.as_ref();
    let settings = SmsSettings {
        provider: provider.map(|twilio| twilio.provider.clone()),
        ..SmsSettings::new(config.data_dir.join("sms"))
    };
    Ok(Texting {
        sender: SmsSender::new(&settings).map_err(Error::internal)?,
        from: provider.map_or_else(
            || Sender::Name("Vestibule".to_owned()),
            |twilio| twilio.from.clone(),
        ),
    })
}
