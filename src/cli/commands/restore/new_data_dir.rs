//! The data directory that a restore fills: empty or missing before, complete or as before afterwards.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::app::backup_file::{BackupFile, DATABASE, SECRET, SIGNING_KEYS};
use crate::app::config::Config;
use crate::app::{Database, data_dir};
use crate::base::error::{Code, Error, Result};

pub(super) struct NewDataDir {
    path: PathBuf,
    /// The folders that did not exist, innermost first.
    missing: Vec<PathBuf>,
    /// What was written into the folder.
    written: Vec<PathBuf>,
    /// Another process has filled the database since the check.
    foreign: bool,
}

impl NewDataDir {
    pub(super) fn check(config: &Config) -> Result<Self> {
        let path = &config.data_dir;
        let shown = path.display();
        let refused = |why: &str| {
            let message = format!(
                "{shown} {why}. Name an empty or new directory with --data-dir. Nothing was changed."
            );
            Err(Error::new(Code::BadUserInput, message))
        };
        match fs::read_dir(path).map(|mut entries| entries.next().is_none()) {
            Ok(true) => {}
            Ok(false) => return refused("is not empty"),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return refused(&format!("can't be used: {error}")),
        }
        if config.database_url.is_none() && Database::exists(config) {
            return refused("has a private database already, outside of the directory");
        }
        let absolute = std::path::absolute(path).map_err(Error::internal)?;
        let missing = absolute.ancestors().take_while(|path| !path.exists());
        Ok(Self {
            missing: missing.map(Path::to_owned).collect(),
            path: absolute.clone(),
            written: Vec::new(),
            foreign: false,
        })
    }

    /// Keeps everything: another process has used the directory since the check.
    pub(super) fn keep(&mut self) {
        self.foreign = true;
    }

    /// Writes all parts but the database. Until `complete`, other commands refuse the directory.
    pub(super) fn fill(&mut self, config: &Config, backup: &BackupFile) -> Result<()> {
        data_dir::create(&self.path)?;
        self.written.push(data_dir::begin_restore(&self.path)?);
        for part in &backup.parts {
            let name = match part.name.strip_prefix(SIGNING_KEYS) {
                _ if part.name == DATABASE || (part.name == SECRET && config.secret.is_some()) => continue,
                Some(key) => key,
                None => &part.name,
            };
            let content = backup.read(part);
            content
                .and_then(|mut content| self.write(name, part.modified, &mut content))
                .map_err(|error| unwritable(&self.path.join(name), error))?;
        }
        Ok(())
    }

    fn write(&mut self, name: &str, modified: SystemTime, content: &mut impl Read) -> io::Result<()> {
        let path = self.path.join(name);
        if let Some((top, _)) = name.split_once('/') {
            self.written.push(self.path.join(top));
            let folder = path.parent().unwrap_or(&self.path);
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        } else {
            self.written.push(path.clone());
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        io::copy(content, &mut file)?;
        file.set_modified(modified)?;
        file.sync_all()
    }

    /// The directory may be used from now on.
    pub(super) fn complete(&self) -> Result<()> {
        data_dir::end_restore(&self.path)
    }

    /// Deletes what the restore made. The private database has stopped.
    pub(super) async fn discard(mut self, config: &Config) {
        if self.foreign {
            return;
        }
        if config.database_url.is_none()
            && let Err(error) = Database::delete_private(config).await
        {
            let cause = error.in_full();
            tracing::warn!(data_dir = %self.path.display(), cause, "the unfinished directory could not be deleted");
            return;
        }
        self.written.dedup();
        for path in &self.written {
            let deleted = if path.is_dir() {
                fs::remove_dir_all(path)
            } else {
                fs::remove_file(path)
            };
            if let Err(error) = deleted
                && path.exists()
            {
                tracing::warn!(path = %path.display(), %error, "could not be deleted");
            }
        }
        for folder in &self.missing {
            // One that is in use by now is not empty.
            let _in_use = fs::remove_dir(folder);
        }
    }
}

fn unwritable(path: &Path, error: io::Error) -> Error {
    let message = format!("{} can't be written.", path.display());
    Error::new(Code::Unavailable, message).because(error)
}
