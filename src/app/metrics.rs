//! The metrics of a running program: their second listener, and the task that reads what only the database knows.

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
use super::{App, listen};
use crate::app::config::Config;
use crate::base::clock::Clock;
use crate::base::db::{Conn, Db};
use crate::base::error::Result;
use crate::contacts::model::portal_stats::PortalStats;
use crate::messages::model::Message;
use mailer::Mailer;

/// How often the figures are read, the counts compared, and a mail server asked that heard nothing from us meanwhile.
const FIGURES: TimeDelta = TimeDelta::seconds(15);
const DRIFT: TimeDelta = TimeDelta::hours(1);
const MAIL: TimeDelta = TimeDelta::minutes(5);
/// How often the clock is looked at.
const LOOK: Duration = Duration::from_secs(1);
const DEADLINE: Duration = Duration::from_secs(10);

impl App {
    /// What shows the metrics, if the settings want them; its listener and its task end with the app.
    pub(crate) async fn start_metrics(
        &self,
        config: &Config,
        transports: &Metrics,
    ) -> Result<Option<Exporter>> {
        let settings = &config.metrics;
        if !settings.wanted() {
            tracing::info!("no metrics: neither VESTIBULE_METRICS_LISTEN nor VESTIBULE_METRICS_TOKEN is set");
            return Ok(None);
        }
        let (db, clock) = (self.services.db.clone(), self.services.clock.clone());
        let sources = Sources {
            db: db.clone(),
            clock: clock.clone(),
            mailer: self.mailer.clone(),
            delivery: self.delivery_metrics.clone(),
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
        let mail = ask_mail_server(self.mailer.clone());
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
    let mut lasting = false;
    let (mut read_at, mut compared_at) = (None, None);
    loop {
        let now = clock.now();
        if due(read_at, FIGURES, now) {
            read_at = Some(now);
            let compare = due(compared_at, DRIFT, now);
            match timeout(DEADLINE, read(&mut conn, &db, &figures, (compare, now))).await {
                Ok(Ok(())) => {
                    lasting = false;
                    if compare {
                        compared_at = Some(now);
                    }
                }
                failed => {
                    conn = None;
                    if !std::mem::replace(&mut lasting, true) {
                        let cause = match failed {
                            Ok(Err(error)) => error.in_full(),
                            _ => format!("no answer within {DEADLINE:?}"),
                        };
                        tracing::warn!(cause, "the figures of the database can't be read, trying again");
                    }
                }
            }
        }
        sleep(LOOK).await;
    }
}

fn due(last: Option<DateTime<Utc>>, every: TimeDelta, now: DateTime<Utc>) -> bool {
    last.is_none_or(|last| now - last >= every)
}

async fn read(
    held: &mut Option<Conn>,
    db: &Db,
    figures: &watch::Sender<Figures>,
    (compare, now): (bool, DateTime<Utc>),
) -> Result<()> {
    let conn = match held {
        Some(conn) => conn,
        None => held.insert(db.connect_unpooled().await?),
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

/// A mail server that has nothing to do is asked now and then, so that its state is known before a mail has to wait.
async fn ask_mail_server(mailer: Mailer) {
    while let Some(state) = mailer.server_state() {
        if due(state.last_session_at, MAIL, Clock::System.now()) {
            let _noted_in_its_state = mailer.check().await;
        }
        sleep(LOOK).await;
    }
}
