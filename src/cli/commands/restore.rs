//! `vestibule restore`: a backup into an empty data directory and an empty database, completely or not at all.

mod checks;
mod new_data_dir;

use std::path::Path;
use std::pin::pin;

use crate::app::backup_file::{BackupFile, DATABASE, MAIL, SECRET, SMS};
use crate::app::config::{Config, DATA_DIR};
use crate::app::{Database, DumpPrograms, unreachable};
use crate::base::clock::Clock;
use crate::base::error::{Error, Result};

use super::{interrupted, print_line, size_text, stop_signal};
use new_data_dir::NewDataDir;

pub(crate) async fn restore(config: &Config, file: &Path) -> Result<()> {
    let backup = checks::open(file)?;
    checks::secret(config, &backup)?;
    checks::programs(&backup).await?;
    let mut folder = NewDataDir::check(config)?;
    checks::space(config, &backup)?;
    let done = Box::pin(restore_into(&mut folder, config, &backup)).await;
    if done.is_err() {
        folder.discard(config).await;
    }
    done?;
    print(config, &backup);
    Ok(())
}

async fn restore_into(folder: &mut NewDataDir, config: &Config, backup: &BackupFile) -> Result<()> {
    let mut stop = pin!(stop_signal());
    let mut opening = pin!(Database::open_for_restore(config));
    // A cluster that is being created is waited for, so that it can be deleted as a whole.
    let (database, stopped) = tokio::select! {
        database = &mut opening => (database?, false),
        _ = &mut stop => (opening.await?, true),
    };
    let done = if stopped {
        Err(interrupted())
    } else {
        tokio::select! {
            done = fill(config, &database, backup, folder) => done,
            _ = stop => Err(interrupted()),
        }
    };
    let done = match done {
        Err(error) => Err(checks::explain(error, config, &database).await),
        Ok(()) => Ok(()),
    };
    database.close().await;
    done
}

/// The database comes last, and in one transaction: whatever fails before leaves it empty.
async fn fill(
    config: &Config,
    database: &Database,
    backup: &BackupFile,
    folder: &mut NewDataDir,
) -> Result<()> {
    let target = database.db.inventory().await;
    let target = target.map_err(|error| unreachable(error, &database.url))?;
    if !target.empty {
        folder.keep();
    }
    checks::target(&target, backup, &database.url)?;
    let at_least = target.postgres_major.max(backup.manifest.database.pg_dump_major);
    let programs = DumpPrograms::find(&database.url, at_least, &Clock::System.moment()).await?;
    folder.fill(config, backup)?;
    for part in backup.parts.iter().filter(|part| part.name == DATABASE) {
        let mut dump = backup.read(part).map_err(Error::internal)?;
        programs.restore(&mut dump).await?;
    }
    folder.complete()
}

fn print(config: &Config, backup: &BackupFile) {
    let manifest = &backup.manifest;
    let has = |name: &str| backup.parts.iter().any(|part| part.name == name);
    let below = |folder| {
        backup
            .parts
            .iter()
            .filter(move |part| part.name.starts_with(folder))
            .count()
    };
    let mails = below(MAIL);
    let texts = match below(SMS) {
        0 => String::new(),
        count => format!(", {count} kept text messages"),
    };
    let secret = if config.secret.is_none() && has(SECRET) {
        "the secret"
    } else {
        "no secret, which comes from VESTIBULE_SECRET"
    };
    print_line!(
        "Restored the backup of {} (Vestibule {}): a database of {}, {mails} kept emails{texts}, {secret}.",
        manifest.created_at.format("%Y-%m-%d %H:%M UTC"),
        manifest.vestibule,
        size_text(manifest.database.size_bytes)
    );
    let data_dir = match &config.data_dir {
        default if default == Path::new(DATA_DIR) => String::new(),
        other => format!(" --data-dir {}", other.display()),
    };
    print_line!("Start it with: vestibule serve{data_dir}");
}
