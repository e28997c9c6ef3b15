//! The metrics of a running program: their own listener, and the task that reads figures from the database.

mod figures;

use std::net::SocketAddr;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use graphql_server::metrics::{Exporter, Metrics, MetricsEndpoint};
use graphql_server::server::{self, ServerHandle, ServerSettings};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use self::figures::{Figures, Sources};
use super::App;
use super::server::listen;
use crate::app::config::Config;
use crate::base::clock::Clock;
use crate::base::db::{Conn, Db};
use crate::base::error::Result;
use crate::contacts::model::portal_stats::PortalStats;
use crate::messages::model::Message;
use mailer::Mailer;

/// How often the figures are read, the counts compared with their rows, and an idle mail server checked.
const READ_INTERVAL: TimeDelta = TimeDelta::seconds(15);
const DRIFT_CHECK_INTERVAL: TimeDelta = TimeDelta::hours(1);
const MAIL_CHECK_INTERVAL: TimeDelta = TimeDelta::minutes(5);
/// How often the tasks check whether they are due.
const TICK: Duration = Duration::from_secs(1);
const READ_TIMEOUT: Duration = Duration::from_secs(10);

impl App {
    /// The exporter of the metrics, if they are enabled. Its listener and its tasks end with the app.
    pub(crate) async fn start_metrics(
        &self,
        config: &Config,
        transports: &Metrics,
    ) -> Result<Option<Exporter>> {
        let settings = &config.metrics;
        if !settings.enabled() {
            tracing::info!("no metrics: neither VESTIBULE_METRICS_LISTEN nor VESTIBULE_METRICS_TOKEN is set");
            return Ok(None);
        }
        let (db, clock) = (self.services.db.clone(), self.services.clock.clone());
        let sources = Sources {
            db: db.clone(),
            clock: clock.clone(),
            mailer: self.mailer.clone(),
            delivery: self.delivery_metrics.clone(),
            bus: self.services.live.bus_metrics().clone(),
            transports: transports.clone(),
            token: settings.token.clone(),
        };
        let (exporter, figures) = sources.exporter();
        if let Some(address) = settings.listen {
            let listener = listen("VESTIBULE_METRICS_LISTEN", address).await?;
            self.serve_metrics(listener, exporter.clone()).await;
        }
        let stop = &self.stop;
        let figures = read_figures(db, clock, figures);
        self.tasks.spawn(stop.clone().run_until_cancelled_owned(figures));
        let mail = check_mail_server(self.mailer.clone());
        self.tasks.spawn(stop.clone().run_until_cancelled_owned(mail));
        Ok(Some(exporter))
    }

    async fn serve_metrics(&self, listener: TcpListener, exporter: Exporter) {
        let address: Option<SocketAddr> = listener.local_addr().ok();
        tracing::info!(address = address.map(tracing::field::display), "metrics");
        let handle = ServerHandle {
            stop: self.stop.clone(),
            ..ServerHandle::default()
        };
        let settings = ServerSettings::default();
        self.tasks.spawn(server::serve(
            listener,
            MetricsEndpoint(exporter),
            handle,
            settings,
        ));
    }
}

async fn read_figures(db: Db, clock: Clock, figures: watch::Sender<Figures>) {
    let mut conn = None;
    let mut failing = false;
    let (mut read_at, mut compared_at) = (None, None);
    loop {
        let now = clock.now();
        if due(read_at, READ_INTERVAL, now) {
            read_at = Some(now);
            let compare = due(compared_at, DRIFT_CHECK_INTERVAL, now);
            match timeout(READ_TIMEOUT, read(&mut conn, &db, &figures, compare, now)).await {
                Ok(Ok(())) => {
                    failing = false;
                    if compare {
                        compared_at = Some(now);
                    }
                }
                failed => {
                    conn = None;
                    if !std::mem::replace(&mut failing, true) {
                        let cause = match failed {
                            Ok(Err(error)) => error.in_full(),
                            _ => format!("no response within {READ_TIMEOUT:?}"),
                        };
                        tracing::warn!(cause, "the figures of the database can't be read, trying again");
                    }
                }
            }
        }
        sleep(TICK).await;
    }
}

fn due(last: Option<DateTime<Utc>>, every: TimeDelta, now: DateTime<Utc>) -> bool {
    last.is_none_or(|last| now - last >= every)
}

async fn read(
    reused: &mut Option<Conn>,
    db: &Db,
    figures: &watch::Sender<Figures>,
    compare: bool,
    now: DateTime<Utc>,
) -> Result<()> {
    let conn = match reused {
        Some(conn) => conn,
        None => reused.insert(db.connect_unpooled().await?),
    };
    let (waiting_count, oldest_waiting_at) = Message::waiting(conn).await?;
    figures.send_modify(|figures| {
        figures.waiting_count = Some(waiting_count);
        figures.oldest_waiting_at = oldest_waiting_at;
        figures.read_at = Some(now);
    });
    if compare {
        let drifted = PortalStats::drifted(conn).await?.len();
        figures.send_modify(|figures| {
            figures.drifted_accounts = Some(drifted);
            figures.drift_checked_at = Some(now);
        });
    }
    Ok(())
}

/// Checks an idle mail server now and then, so that its failure is known before an email has to wait.
async fn check_mail_server(mailer: Mailer) {
    while let Some(state) = mailer.server_state() {
        if due(state.last_session_at, MAIL_CHECK_INTERVAL, Clock::System.now()) {
            let _recorded_in_its_state = mailer.check().await;
        }
        sleep(TICK).await;
    }
}
