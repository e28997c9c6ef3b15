//! The signing keys of a running server: where they come from, and how they change without a restart.

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

/// How often the database is asked. Well within `schedule::PUBLISHED_ONLY`.
const POLL: TimeDelta = TimeDelta::minutes(1);

/// How often that is thought of.
const LOOK: Duration = Duration::from_secs(1);

/// How often files are looked at.
const FILES: Duration = Duration::from_secs(5);

/// Where the keys come from.
pub(crate) enum Source {
    Files(KeyFiles),
    Database(ServerKey),
}

impl Source {
    /// The source by the settings, and what it gives now.
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
        let (files, pairs) = opened.map_err(|fault| Error::new(Code::BadUserInput, fault.to_string()))?;
        Ok((Self::Files(files), pairs))
    }

    /// Hands every change on, for ever.
    pub(crate) async fn keep(self, db: Db, clock: Clock, tokens: Arc<Tokens>) {
        match self {
            Self::Files(files) => watch(files, &tokens).await,
            Self::Database(seal) => follow(&seal, &db, &clock, &tokens).await,
        }
    }
}

async fn watch(mut files: KeyFiles, tokens: &Tokens) {
    loop {
        tokio::time::sleep(FILES).await;
        match files.poll() {
            None => {}
            Some(Ok(keys)) => {
                tracing::info!(count = keys.len(), "the signing keys were read anew");
                tokens.set_keys(keys);
            }
            Some(Err(fault)) => tracing::error!("{fault}; the signing keys are unchanged"),
        }
    }
}

async fn follow(seal: &ServerKey, db: &Db, clock: &Clock, tokens: &Tokens) {
    let mut last: DateTime<Utc> = clock.now();
    loop {
        tokio::time::sleep(LOOK).await;
        let now = clock.now();
        if now - last < POLL {
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
