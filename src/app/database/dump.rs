//! `pg_dump` and `pg_restore` on a database of this program, reached in the same way.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use embedded_postgres::ClientPrograms;
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

use crate::base::clock::Moment;
use crate::base::error::{Error, Result};

pub(crate) struct DumpPrograms {
    programs: ClientPrograms,
    config: Config,
    roots: Option<RootsFile>,
}

impl DumpPrograms {
    /// The installed programs of this major version of PostgreSQL, or the next newer ones.
    pub(crate) async fn find(url: &str, at_least: u32, moment: &Moment) -> Result<Self> {
        let config: Config = url.parse().map_err(Error::internal)?;
        let verified = config.get_ssl_mode() == SslMode::Require;
        Ok(Self {
            programs: ClientPrograms::find(at_least).await?,
            roots: verified.then(|| RootsFile::create(moment)).transpose()?,
            config,
        })
    }

    pub(crate) fn major(&self) -> u32 {
        self.programs.major()
    }

    pub(crate) async fn dump(&self, output: &mut impl Write) -> Result<()> {
        Ok(self.programs.dump(&self.database(), output).await?)
    }

    pub(crate) async fn restore(&self, input: &mut impl Read) -> Result<()> {
        Ok(self.programs.restore(&self.database(), input).await?)
    }

    fn database(&self) -> embedded_postgres::Database<'_> {
        embedded_postgres::Database {
            config: &self.config,
            root_certificates: self.roots.as_ref().map(|roots| &*roots.0),
        }
    }
}

/// The machine's trust anchors as one file, which libpq needs: `sslmode=require` verifies certificates here, and there only with
/// `sslrootcert`. Deleted when dropped.
struct RootsFile(PathBuf);

impl RootsFile {
    fn create(moment: &Moment) -> Result<Self> {
        let number = u64::from_be_bytes(moment.random());
        let path = std::env::temp_dir().join(format!("vestibule-roots-{number:x}.pem"));
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path);
        let mut file = file.map_err(Error::internal)?;
        let roots = Self(path);
        for certificate in rustls_native_certs::load_native_certs().certs {
            write_pem(&mut file, &certificate).map_err(Error::internal)?;
        }
        Ok(roots)
    }
}

impl Drop for RootsFile {
    fn drop(&mut self) {
        let _gone = std::fs::remove_file(&self.0);
    }
}

fn write_pem(file: &mut impl Write, certificate: &[u8]) -> std::io::Result<()> {
    writeln!(file, "-----BEGIN CERTIFICATE-----")?;
    for line in STANDARD.encode(certificate).as_bytes().chunks(64) {
        file.write_all(line)?;
        writeln!(file)?;
    }
    writeln!(file, "-----END CERTIFICATE-----")
}
