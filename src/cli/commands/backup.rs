//! `vestibule backup`: everything that a restore needs, in one file. It may run beside `serve`.

mod files;

use std::path::{Path, PathBuf};
use std::pin::pin;

use chrono::{DateTime, Utc};

use crate::app::backup_file::{
    BackupWriter, DATABASE, DatabaseManifest, FORMAT, MAIL, Manifest, SECRET, SIGNING_KEYS, SMS,
    secret_fingerprint,
};
use crate::app::config::Config;
use crate::app::{Database, DumpPrograms, data_dir, unreachable};
use crate::base::clock::{Clock, Moment};
use crate::base::error::{Code, Error, Result};

use super::{interrupted, print_line, size_text, stop_signal};
use files::SigningKeyFiles;

pub(crate) async fn backup(config: &Config, file: Option<&Path>) -> Result<()> {
    let moment = Clock::System.moment();
    let target = target(file, moment.now)?;
    check(config)?;
    let keys = SigningKeyFiles::of(config)?;
    let mut stop = pin!(stop_signal());
    let database = tokio::select! {
        database = Database::open_for_backup(config) => database?,
        _ = &mut stop => return Err(interrupted()),
    };
    let source = Source {
        config,
        database: &database,
        keys: &keys,
        moment: &moment,
    };
    let written = tokio::select! {
        written = source.write(&target) => written,
        _ = stop => Err(interrupted()),
    };
    database.close().await;
    let (manifest, bytes) = written?;
    print(&target, &manifest, bytes);
    keys.print_outside();
    print_line!("It holds secrets and personal data: store it where only you can read it.");
    Ok(())
}

fn target(file: Option<&Path>, now: DateTime<Utc>) -> Result<PathBuf> {
    match file {
        None => Ok(now.format("vestibule-%Y%m%dT%H%M%SZ.tar").to_string().into()),
        Some(file) if file == Path::new("-") => {
            let message = "A backup can't be written to standard output: name a file.";
            Err(Error::new(Code::BadUserInput, message))
        }
        // Renaming the backup over a device or a folder would replace it.
        Some(file) if file.exists() && !file.is_file() => {
            let message = format!("{} is not a file. Name a file.", file.display());
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

/// What a backup is made of.
struct Source<'a> {
    config: &'a Config,
    database: &'a Database,
    keys: &'a SigningKeyFiles,
    moment: &'a Moment,
}

impl Source<'_> {
    /// Returns the size as well.
    async fn write(&self, target: &Path) -> Result<(Manifest, u64)> {
        let url = &self.database.url;
        let inventory = self.database.db.inventory().await;
        let inventory = inventory.map_err(|error| unreachable(error, url))?;
        let programs = DumpPrograms::find(url, inventory.postgres_major, self.moment).await?;
        let failed = |error| cannot_write(target, error);
        let mut file = BackupWriter::create(target, self.moment).map_err(failed)?;
        let mut dump = file.part(DATABASE, self.moment.now).map_err(failed)?;
        programs.dump(&mut dump).await?;
        dump.finish().map_err(failed)?;
        let secret = data_dir::secret(self.config)?;
        self.add_files(&mut file, &secret).map_err(failed)?;
        let manifest = Manifest {
            format: FORMAT,
            vestibule: env!("CARGO_PKG_VERSION").to_owned(),
            created_at: self.moment.now,
            database: DatabaseManifest::of(inventory, programs.major()),
            secret_fingerprint: secret_fingerprint(&secret),
            parts: file.parts.clone(),
        };
        let bytes = file.finish(&manifest).map_err(failed)?;
        Ok((manifest, bytes))
    }

    /// After the database: every email that it mentions is a file by then.
    fn add_files(&self, file: &mut BackupWriter, secret: &str) -> std::io::Result<()> {
        if self.config.secret.is_none() {
            file.copy(SECRET, self.moment.now, &mut secret.as_bytes())?;
        }
        self.keys.add(file)?;
        files::add_kept_messages(file, &self.config.data_dir)
    }
}

fn cannot_write(target: &Path, error: std::io::Error) -> Error {
    let message = format!("{} can't be written.", target.display());
    Error::new(Code::Unavailable, message).because(error)
}

fn print(target: &Path, manifest: &Manifest, bytes: u64) {
    let parts = |prefix: &str| {
        let parts = manifest.parts.iter().filter(|part| part.name.starts_with(prefix));
        let (count, bytes) = parts.fold((0, 0), |(count, bytes), part| (count + 1, bytes + part.bytes));
        (count, size_text(bytes))
    };
    let database = &manifest.database;
    let last = database.migrations.last().map_or("none", String::as_str);
    let postgres = &database.postgres;
    print_line!("Wrote {} ({}):", target.display(), size_text(bytes));
    print_line!(
        "  database      {}; PostgreSQL {postgres}, last migration {last}",
        parts(DATABASE).1
    );
    match parts(SECRET).0 {
        0 => print_line!("  secret        not included: it comes from VESTIBULE_SECRET. Keep that as well."),
        _ => print_line!("  secret        included"),
    }
    let (count, bytes) = parts(MAIL);
    print_line!("  kept emails   {count} ({bytes})");
    match parts(SMS) {
        (0, _) => {}
        (count, bytes) => print_line!("  kept texts    {count} ({bytes})"),
    }
    match parts(SIGNING_KEYS).0 {
        0 => {}
        count => print_line!("  signing keys  {count}"),
    }
}
