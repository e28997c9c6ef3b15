//! The signing keys of a running server: their source, and how they change without a restart.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::config::Config;
use crate::base::clock::Clock;
use crate::base::db::{Db, deadline};
use crate::base::error::{Code, Error, Result};
use crate::base::secrets::ServerKey;
use crate::sign_in::access_token::Tokens;
use crate::sign_in::keys::Keys;
use crate::sign_in::signing_keys as keys;
use crate::sign_in::signing_keys::KeyPair;
use crate::sign_in::signing_keys::files::KeyFiles;

/// How often the keys are read from the database. Well within `schedule::PUBLISHED_ONLY`.
const DATABASE_INTERVAL: TimeDelta = TimeDelta::minutes(1);

/// How often the task checks whether a read is due.
const TICK: Duration = Duration::from_secs(1);

/// How often the key files are checked.
const FILES_INTERVAL: Duration = Duration::from_secs(5);

/// The source of the keys.
pub(crate) enum KeySource {
    Files(KeyFiles),
    Database(ServerKey),
}

impl KeySource {
    /// The source according to the settings, and its current keys.
    pub(crate) async fn open(
        config: &Config,
        db: &Db,
        keys: &Keys,
        clock: &Clock,
    ) -> Result<(Self, Vec<KeyPair>)> {
        if config.signing_keys.is_empty() {
            let seal = keys.signing_seal.clone();
            let pairs = keys::load_or_create(db, &seal, &clock.moment()).await?;
            return Ok((Self::Database(seal), pairs));
        }
        let opened = KeyFiles::open(&config.signing_keys);
        let (files, pairs) = opened.map_err(|error| Error::new(Code::BadUserInput, error.to_string()))?;
        Ok((Self::Files(files), pairs))
    }

    /// Passes every change to the tokens; never ends.
    pub(crate) async fn watch(self, db: Db, clock: Clock, tokens: Arc<Tokens>) {
        match self {
            Self::Files(files) => watch_files(files, &tokens).await,
            Self::Database(seal) => watch_database(&seal, &db, &clock, &tokens).await,
        }
    }
}

async fn watch_files(mut files: KeyFiles, tokens: &Tokens) {
    loop {
        tokio::time::sleep(FILES_INTERVAL).await;
        match files.poll() {
            None => {}
            Some(Ok(keys)) => {
                tracing::info!(count = keys.len(), "the signing keys were reloaded");
                tokens.set_keys(keys);
            }
            Some(Err(error)) => tracing::error!("{error}; the signing keys are unchanged"),
        }
    }
}

async fn watch_database(seal: &ServerKey, db: &Db, clock: &Clock, tokens: &Tokens) {
    let mut last: DateTime<Utc> = clock.now();
    loop {
        tokio::time::sleep(TICK).await;
        let now = clock.now();
        if now - last < DATABASE_INTERVAL {
            continue;
        }
        last = now;
        match deadline::within(deadline::BACKGROUND, keys::reload(db, seal, now)).await {
            Ok(keys) => tokens.set_keys(keys),
            Err(error) => {
                let _for_callers = error.report();
                tracing::warn!("the signing keys could not be read; they are unchanged");
            }
        }
    }
}
