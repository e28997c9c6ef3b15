//! Nudges over core NATS. Whoever may publish there can forge them, so they cause reads and nothing else, a bounded number per
//! [`BATCH_INTERVAL`]. Without NATS, the reads at an interval find every change.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, ConnectOptions, Event, ServerAddr, Subscriber};
use futures_util::StreamExt;
use tokio::time::{sleep, timeout};

use super::{BATCH_INTERVAL, Live, Nudge, Outage, Topic, encode, next_payloads};
use crate::base::clock::Moment;
use crate::base::db::{self, Db};
use crate::base::error::{Error, Result};
use crate::base::ids::AccountId;

/// Messages of other instances that wait for the next batch. More are dropped.
const RECEIVE_CAPACITY: usize = 64;
/// Our messages that wait for the connection. More are dropped.
const SEND_CAPACITY: usize = 64;
const SEND_TIMEOUT: Duration = Duration::from_millis(250);
/// Two missing answers end a connection.
const PING_INTERVAL: Duration = Duration::from_secs(3);
/// Between attempts to connect, after the first.
const RETRY_INTERVAL: Duration = Duration::from_millis(500);
const CHECK_TIMEOUT: Duration = Duration::from_secs(5);

/// How NATS is reached.
#[derive(Clone, Debug)]
pub struct NatsSettings {
    /// Without credentials.
    pub servers: Vec<ServerAddr>,
    /// With the credentials, which their `Debug` leaves out, and TLS.
    pub options: ConnectOptions,
}

/// What the client's events are about.
struct Connection {
    live: Live,
    outage: Mutex<Outage>,
}

pub(super) async fn run(live: Live, settings: NatsSettings) {
    let connection = Arc::new(Connection {
        live: live.clone(),
        outage: Mutex::new(Outage::new("NATS")),
    });
    let mut outage = Outage::new("bus");
    loop {
        if let Some(opened) = Box::pin(outage.run(open(&connection, &settings))).await {
            let Opened {
                client,
                subscriber,
                subject,
            } = opened;
            // The client ends on its own only if it fails.
            tokio::select! {
                () = send(&live, &client, &subject) => {}
                () = receive(&live, subscriber) => {}
            }
        }
        sleep(RETRY_INTERVAL).await;
    }
}

struct Opened {
    client: Client,
    subscriber: Subscriber,
    subject: String,
}

/// Starts the client, which connects in the background, and again after each loss of its connection.
async fn open(connection: &Arc<Connection>, settings: &NatsSettings) -> Result<Opened> {
    let subject = subject(&connection.live.0.db).await?;
    let options = client_options(connection, settings.options.clone());
    let client = options
        .connect(&settings.servers[..])
        .await
        .map_err(unavailable)?;
    let subscriber = client.subscribe(subject.clone()).await.map_err(unavailable)?;
    tracing::info!(subject, "nudges go over NATS");
    Ok(Opened {
        client,
        subscriber,
        subject,
    })
}

fn client_options(connection: &Arc<Connection>, options: ConnectOptions) -> ConnectOptions {
    let connection = Arc::clone(connection);
    let on_event = move |event| {
        let connection = Arc::clone(&connection);
        async move { connection.handle(event).await }
    };
    let retry_delay = |attempts| match attempts {
        0 | 1 => Duration::ZERO,
        _ => RETRY_INTERVAL,
    };
    options
        .no_echo()
        .retry_on_initial_connect()
        .event_callback(on_event)
        .ping_interval(PING_INTERVAL)
        .reconnect_delay_callback(retry_delay)
        .subscription_capacity(RECEIVE_CAPACITY)
        .client_capacity(SEND_CAPACITY)
}

/// Two installations on one NATS never meet: the subject names the database.
async fn subject(db: &Db) -> Result<String> {
    let id = db::identity(&mut *db.conn().await?).await?;
    Ok(format!("vestibule.{id}.nudges"))
}

/// The text of the client's errors has their causes, and no credentials.
fn unavailable(error: impl std::fmt::Display) -> Error {
    Error::unavailable(error.to_string())
}

impl Connection {
    async fn handle(&self, event: Event) {
        let metrics = &self.live.0.bus.metrics;
        match event {
            Event::Connected => {
                self.record(Ok(()));
                // The client subscribes after this event. What was sent before is found by reading.
                sleep(BATCH_INTERVAL).await;
                metrics.connected.set(1);
                self.live.refresh_all();
            }
            Event::Disconnected => {
                metrics.connected.set(0);
                self.record(Err(unavailable("the connection to NATS was lost")));
            }
            Event::ServerError(error) => self.record(Err(unavailable(error))),
            Event::ClientError(error) => self.record(Err(unavailable(error))),
            Event::SlowConsumer(_) => {
                metrics.dropped.inc();
            }
            Event::LameDuckMode | Event::Draining | Event::Closed => {}
        }
    }

    fn record(&self, result: Result<()>) {
        let mut outage = self.outage.lock().unwrap_or_else(PoisonError::into_inner);
        outage.record(result);
    }
}

/// Sends this instance's nudges. Those that can't be sent at once are dropped: the other instances refresh within two seconds.
async fn send(live: &Live, client: &Client, subject: &str) {
    let metrics = &live.0.bus.metrics;
    loop {
        let mut connected = true;
        for payload in next_payloads(live).await {
            connected = connected && publish(client, subject, payload).await;
            if connected {
                metrics.sent.inc();
            } else {
                metrics.dropped.inc();
            }
        }
        sleep(BATCH_INTERVAL).await;
    }
}

async fn publish(client: &Client, subject: &str, payload: String) -> bool {
    let publish = client.publish(subject.to_owned(), payload.into());
    client.connection_state() == State::Connected
        && matches!(timeout(SEND_TIMEOUT, publish).await, Ok(Ok(())))
}

/// Applies the nudges of other instances. A batch has at most [`RECEIVE_CAPACITY`] messages, and the next one has to wait.
async fn receive(live: &Live, subscriber: Subscriber) {
    let mut batches = subscriber.ready_chunks(RECEIVE_CAPACITY);
    while let Some(messages) = batches.next().await {
        let nudges = messages
            .iter()
            .flat_map(|message| live.0.bus.receive(&message.payload));
        for (account, topic) in nudges.collect::<HashSet<Nudge>>() {
            live.apply_untrusted(account, topic);
        }
        sleep(BATCH_INTERVAL).await;
    }
}

/// Sends a message and waits until it comes back, on the subject that the instances use. It concerns no account.
pub(crate) async fn check(db: &Db, settings: &NatsSettings, moment: &Moment) -> Result<()> {
    crate::base::tls::install_crypto_provider();
    let subject = subject(db).await?;
    let payload = encode(AccountId::new(moment), Topic::Counts);
    let round_trip = async {
        let client = settings.options.clone().connect(&settings.servers[..]).await;
        let client = client.map_err(unavailable)?;
        let mut messages = client.subscribe(subject.clone()).await.map_err(unavailable)?;
        let sent = client.publish(subject.clone(), payload.clone().into()).await;
        sent.map_err(unavailable)?;
        while let Some(message) = messages.next().await {
            if message.payload == payload {
                return Ok(());
            }
        }
        Err(unavailable("the connection was closed"))
    };
    let lost = || {
        unavailable(format!(
            "no message came back. May the user publish and subscribe to {subject}?"
        ))
    };
    timeout(CHECK_TIMEOUT, round_trip)
        .await
        .unwrap_or_else(|_| Err(lost()))
}
