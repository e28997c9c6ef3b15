//! `vestibule restore`: a backup into an empty data directory and an empty database, completely or not at all.

mod checks;
mod new_data_dir;

use std::path::Path;
use std::pin::pin;

use crate::app::backup_file::{BackupFile, DATABASE, MAIL, SECRET};
use crate::app::config::{Config, DATA_DIR};
use crate::app::{Database, DumpPrograms};
use crate::base::db::address_of;
use crate::base::error::{Code, Error, Result};

use super::{interrupted, print_line, size_text, stop_signal};
use new_data_dir::NewDataDir;

pub(crate) async fn restore(config: &Config, file: &Path) -> Result<()> {
    let backup = checks::open(file)?;
    checks::secret(config, &backup)?;
    checks::programs(&backup).await?;
    let mut folder = NewDataDir::check(config)?;
    checks::space(config, &backup)?;
    let mut stop = pin!(stop_signal());
    let mut opening = pin!(Database::open_for_restore(config));
    // A cluster that is being created is waited for, so that it can be deleted as a whole.
    let (opened, stopped) = tokio::select! {
        stopped = &mut stop => (opening.await, Some(stopped)),
        opened = &mut opening => (opened, None),
    };
    let done = match opened {
        Err(error) => Err(error),
        Ok(database) => {
            let done = match stopped {
                Some(stopped) => stopped.and(Err(interrupted())),
                None => tokio::select! {
                    done = fill(config, &database, &backup, &mut folder) => done,
                    stopped = &mut stop => stopped.and(Err(interrupted())),
                },
            };
            let done = match done {
                Err(error) => Err(checks::explain(error, config, &database).await),
                Ok(()) => Ok(()),
            };
            database.close().await;
            done
        }
    };
    if let Err(error) = done {
        folder.discard(config).await;
        return Err(error);
    }
    print(config, &backup);
    Ok(())
}

/// The database comes last, and in one transaction: whatever fails before leaves it empty.
async fn fill(
    config: &Config,
    database: &Database,
    backup: &BackupFile,
    folder: &mut NewDataDir,
) -> Result<()> {
    let target = database.db.inventory().await;
    let target = target.map_err(|error| crate::app::unreachable(error, &database.url))?;
    if !target.empty {
        folder.keep();
        let address = address_of(&database.url);
        let message =
            format!("The database {address} is not empty: restore into a new one. Nothing was changed.");
        return Err(Error::new(Code::BadUserInput, message));
    }
    let made_by = &backup.manifest.database;
    if target.postgres_major < made_by.postgres_major {
        let message = format!(
            "The backup is of PostgreSQL {}, and this database is PostgreSQL {}: restore into {} or newer.",
            made_by.postgres, target.postgres, made_by.postgres_major
        );
        return Err(Error::new(Code::BadUserInput, message));
    }
    let at_least = target.postgres_major.max(made_by.pg_dump_major);
    let programs = DumpPrograms::find(&database.url, at_least).await?;
    folder.fill(config, backup)?;
    for part in backup.parts.iter().filter(|part| part.name == DATABASE) {
        let mut dump = backup.read(part).map_err(Error::internal)?;
        programs.restore(&mut dump).await?;
    }
    folder.complete()
}

fn print(config: &Config, backup: &BackupFile) {
    let manifest = &backup.manifest;
    let mails = backup
        .parts
        .iter()
        .filter(|part| part.name.starts_with(MAIL))
        .count();
    let database = backup.parts.iter().find(|part| part.name == DATABASE);
    let database = size_text(database.map_or(0, |part| part.bytes));
    let secret = match backup.parts.iter().any(|part| part.name == SECRET) {
        true if config.secret.is_none() => "the secret",
        _ => "no secret, which comes from VESTIBULE_SECRET",
    };
    print_line!(
        "Restored the backup of {} (Vestibule {}): {database} of the database, {mails} kept emails, {secret}.",
        manifest.created_at.format("%Y-%m-%d %H:%M UTC"),
        manifest.vestibule
    );
    let data_dir = match &config.data_dir {
        default if default == Path::new(DATA_DIR) => String::new(),
        other => format!(" --data-dir {}", other.display()),
    };
    print_line!("Start it with: vestibule serve{data_dir}");
}
