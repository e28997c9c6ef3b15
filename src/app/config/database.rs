//! The settings of the database.

use super::reader::Reader;

pub(super) fn url(text: &str) -> Result<String, String> {
    match text.parse::<tokio_postgres::Config>() {
        Ok(_) => Ok(text.to_owned()),
        Err(_) if ["allow", "verify-ca", "verify-full"].iter().any(|mode| text.contains(&format!("sslmode={mode}"))) => {
            Err("sslmode must be disable, prefer or require; require also verifies the server's certificate and its name".to_owned())
        }
        Err(_) => Err("write postgres://user:password@host:5432/name".to_owned()),
    }
}

/// The replica needs a database that it is a copy of.
pub(super) fn read_url(reader: &mut Reader<'_>) -> Option<String> {
    let found = reader.setting("DATABASE_READ_URL", url)?;
    if reader.text("DATABASE_URL").is_none() {
        reader.error("DATABASE_READ_URL: set DATABASE_URL too; the private PostgreSQL in the data directory has no replica");
    }
    Some(found)
}

pub(super) fn connections(text: &str) -> Result<u16, String> {
    text.parse()
        .ok()
        .filter(|count| (4..=1_000).contains(count))
        .ok_or_else(|| "write a whole number from 4 to 1000".to_owned())
}
