//! The files of the data directory that a backup contains.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::app::backup_file::{BackupWriter, OUTBOXES, SIGNING_KEYS, is_key_path, part_is_known};
use crate::app::config::Config;
use crate::base::error::{Code, Error, Result};
use crate::cli::commands::print_line;
use crate::sign_in::signing_keys::files::files_of;

/// The files of `VESTIBULE_SIGNING_KEYS`.
pub(super) struct SigningKeyFiles {
    /// With their paths in the data directory.
    inside: Vec<(String, PathBuf)>,
    outside: Vec<PathBuf>,
}

impl SigningKeyFiles {
    pub(super) fn of(config: &Config) -> Result<Self> {
        let data_dir = config.data_dir.canonicalize().unwrap_or_default();
        let (mut inside, mut outside) = (Vec::new(), Vec::new());
        for file in config.signing_keys.iter().flat_map(|path| files_of(path)) {
            let absolute = file.canonicalize().map_err(|error| unusable(&file, error))?;
            match absolute.strip_prefix(&data_dir).ok().and_then(Path::to_str) {
                None => outside.push(absolute),
                Some(name) if is_key_path(name) => inside.push((name.to_owned(), absolute)),
                Some(_) => {
                    return Err(unusable(
                        &file,
                        "a backup can't contain this name; use a-z, 0-9, - and _",
                    ));
                }
            }
        }
        Ok(Self { inside, outside })
    }

    pub(super) fn add(&self, to: &mut BackupWriter) -> io::Result<()> {
        self.inside
            .iter()
            .try_for_each(|(name, file)| add(to, &format!("{SIGNING_KEYS}{name}"), file))
    }

    pub(super) fn print_outside(&self) {
        for file in &self.outside {
            let file = file.display();
            print_line!(
                "  signing keys  not included: {file} is outside of the data directory. Keep it as well."
            );
        }
    }
}

fn unusable(file: &Path, error: impl std::fmt::Display) -> Error {
    let message = format!("VESTIBULE_SIGNING_KEYS: {}: {error}", file.display());
    Error::new(Code::BadUserInput, message)
}

/// The complete messages: an outbox also has temporary files.
pub(super) fn add_kept_messages(to: &mut BackupWriter, data_dir: &Path) -> io::Result<()> {
    for (folder, _) in OUTBOXES {
        add_outbox(to, data_dir, folder)?;
    }
    Ok(())
}

fn add_outbox(to: &mut BackupWriter, data_dir: &Path, folder: &str) -> io::Result<()> {
    for account in sorted_entries(&data_dir.join(folder))? {
        if !account.is_dir() {
            continue;
        }
        for file in sorted_entries(&account)? {
            let name = file
                .strip_prefix(data_dir)
                .unwrap_or(&file)
                .to_string_lossy()
                .into_owned();
            if part_is_known(&name) && name.starts_with(folder) {
                add(to, &name, &file)?;
            }
        }
    }
    Ok(())
}

fn sorted_entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// A file that was deleted since it was listed is left out.
fn add(to: &mut BackupWriter, name: &str, file: &Path) -> io::Result<()> {
    let mut content = match File::open(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    let modified = content.metadata()?.modified()?.into();
    to.copy(name, modified, &mut content)
}
