//! `vestibule backup`: everything that a restore needs, in one file. It may run beside `serve`.

mod files;

use std::path::{Path, PathBuf};
use std::pin::pin;

use chrono::{DateTime, Utc};

use crate::app::backup_file::{
    BackupWriter, DATABASE, DatabaseManifest, FORMAT, MAIL, Manifest, SIGNING_KEYS, secret_fingerprint,
};
use crate::app::config::Config;
use crate::app::{Database, DumpPrograms, data_dir};
use crate::base::clock::Clock;
use crate::base::error::{Code, Error, Result};

use super::{interrupted, print_line, size_text, stop_signal};
use files::KeyFiles;

pub(crate) async fn backup(config: &Config, file: Option<&Path>) -> Result<()> {
    let now = Clock::System.now();
    let target = target(file, now)?;
    check(config)?;
    let keys = KeyFiles::of(config)?;
    let mut stop = pin!(stop_signal());
    let database = tokio::select! {
        database = Database::open_for_backup(config) => database?,
        stopped = &mut stop => return stopped.and(Err(interrupted())),
    };
    let writing = write(config, &database, &target, (&keys, now));
    let written = tokio::select! {
        written = writing => written,
        stopped = &mut stop => stopped.and(Err(interrupted())),
    };
    database.close().await;
    let (manifest, bytes) = written?;
    print(&target, &manifest, bytes, &keys);
    Ok(())
}

fn target(file: Option<&Path>, now: DateTime<Utc>) -> Result<PathBuf> {
    match file {
        None => Ok(now.format("vestibule-%Y%m%dT%H%M%SZ.tar").to_string().into()),
        Some(file) if file == Path::new("-") => {
            let message = "A backup can't be written to standard output: name a file.";
            Err(Error::new(Code::BadUserInput, message))
        }
        Some(file) => Ok(file.to_owned()),
    }
}

/// An empty folder is more likely a wrong `--data-dir`. A private database shows that it is the right one, even if no server
/// has created the secret yet.
fn check(config: &Config) -> Result<()> {
    let missing = if !Database::exists(config) {
        "database"
    } else if config.database_url.is_some() && !data_dir::has_secret(config) {
        "secret"
    } else {
        return Ok(());
    };
    let folder = config.data_dir.display();
    let message = format!(
        "There is no {missing} in {folder}. Use the settings of `serve`, and name its data directory with --data-dir."
    );
    Err(Error::new(Code::BadUserInput, message))
}

/// The emails come last: every email that the dumped database mentions is a file by then.
async fn write(
    config: &Config,
    database: &Database,
    target: &Path,
    (keys, now): (&KeyFiles, DateTime<Utc>),
) -> Result<(Manifest, u64)> {
    let inventory = database.db.inventory().await;
    let inventory = inventory.map_err(|error| crate::app::unreachable(error, &database.url))?;
    let programs = DumpPrograms::find(&database.url, inventory.postgres_major).await?;
    let failed = |error| cannot_write(target, error);
    let mut file = BackupWriter::create(target).map_err(failed)?;
    let mut dump = file.part(DATABASE, now).map_err(failed)?;
    programs.dump(&mut dump).await?;
    dump.finish().map_err(failed)?;
    let secret = data_dir::secret(config)?;
    if config.secret.is_none() {
        files::add_secret(&mut file, &secret, now).map_err(failed)?;
    }
    keys.add(&mut file).map_err(failed)?;
    files::add_mails(&mut file, &config.data_dir).map_err(failed)?;
    let manifest = Manifest {
        format: FORMAT,
        vestibule: env!("CARGO_PKG_VERSION").to_owned(),
        created_at: now,
        database: DatabaseManifest {
            postgres: inventory.postgres,
            postgres_major: inventory.postgres_major,
            pg_dump_major: programs.major(),
            migrations: inventory.migrations,
            size_bytes: inventory.size_bytes,
        },
        secret_fingerprint: secret_fingerprint(&secret),
        parts: file.parts.clone(),
    };
    let bytes = file.finish(&manifest).map_err(failed)?;
    Ok((manifest, bytes))
}

fn cannot_write(target: &Path, error: std::io::Error) -> Error {
    let message = format!("{} can't be written.", target.display());
    Error::new(Code::Unavailable, message).because(error)
}

fn print(target: &Path, manifest: &Manifest, bytes: u64, keys: &KeyFiles) {
    let parts = |prefix: &str| {
        let parts = manifest.parts.iter().filter(|part| part.name.starts_with(prefix));
        let (count, bytes) = parts.fold((0, 0), |(count, bytes), part| (count + 1, bytes + part.bytes));
        (count, size_text(bytes))
    };
    let database = &manifest.database;
    let last = database.migrations.last().map_or("none", String::as_str);
    print_line!("Wrote {} ({}):", target.display(), size_text(bytes));
    print_line!(
        "  database      {}; PostgreSQL {}, last migration {last}",
        parts(DATABASE).1,
        database.postgres
    );
    match parts("secret").0 {
        0 => print_line!("  secret        not included: it comes from VESTIBULE_SECRET. Keep that as well."),
        _ => print_line!("  secret        included"),
    }
    let (count, bytes) = parts(MAIL);
    print_line!("  kept emails   {count} ({bytes})");
    match parts(SIGNING_KEYS).0 {
        0 => {}
        count => print_line!("  signing keys  {count}"),
    }
    for path in &keys.outside {
        let path = path.display();
        print_line!(
            "  signing keys  not included: {path} is outside of the data directory. Keep it as well."
        );
    }
    print_line!("It holds secrets and personal data: store it where only you can read it.");
}
