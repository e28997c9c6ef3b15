//! Everything that the database has about one person, as a JSON document. It is described in `docs/integrate/personal-data.md`.

mod sections;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Contact;
use crate::base::db::Conn;
use crate::base::device;
use crate::base::error::{Error, Result};
use crate::base::locale::Locale;
use crate::base::secrets::mask_secrets;
use sections::{LISTS, List, ONES, read_list, read_one};

/// Rows that are read at a time, by one statement.
const PART_ROWS: usize = 1_000;

/// The most rows of a document.
pub(crate) const MAX_ROWS: usize = 100_000;

/// The document while it is written: rows are held as text, and as JSON values only part by part.
struct Document {
    text: String,
    rows: usize,
}

impl Contact {
    /// The document about this contact, or an error if it would have too many rows.
    pub(crate) async fn personal_data(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<String> {
        let mut document = Document {
            text: String::from("{"),
            rows: 0,
        };
        document.field(
            "exportedAt",
            &json!(now.to_rfc3339_opts(SecondsFormat::Secs, true)),
        );
        document.field("contact", &self.details_document());
        for (name, statement) in ONES {
            let row = read_one(conn, statement, self).await?;
            document.field(name, &row.map_or(Value::Null, readable));
        }
        for list in &LISTS {
            document.list(conn, list, self).await?;
        }
        document.text.push('}');
        Ok(document.text)
    }

    fn details_document(&self) -> Value {
        json!({
            "id": self.id.to_string(),
            "email": self.email,
            "phone": self.phone,
            "firstName": self.first_name,
            "lastName": self.last_name,
            "tags": self.tags,
            "timezone": self.timezone,
            "locale": self.locale,
            "portalStatus": self.status().as_str(),
            "invitedAt": self.invited_at,
            "joinedAt": self.joined_at,
            "lastSeenAt": self.last_seen_at,
            "revokedAt": self.revoked_at,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
            "emailProvedAt": self.email_proved_at,
        })
    }
}

impl Document {
    fn name(&mut self, name: &str) {
        if self.text.len() > 1 {
            self.text.push(',');
        }
        self.text.push_str(&json!(name).to_string());
        self.text.push(':');
    }

    fn field(&mut self, name: &str, value: &Value) {
        self.name(name);
        self.text.push_str(&value.to_string());
    }

    async fn list(&mut self, conn: &mut Conn, list: &List, contact: &Contact) -> Result<()> {
        self.name(list.name);
        self.text.push('[');
        let mut after = Uuid::nil();
        let mut separator = "";
        loop {
            let part = read_list(conn, list, contact, after, PART_ROWS).await?;
            let complete = part.len() < PART_ROWS;
            self.rows += part.len();
            if self.rows > MAX_ROWS {
                let message = format!("There are more than {MAX_ROWS} rows about this contact.");
                return Err(Error::bad_input("input.contactId", message));
            }
            for (key, row) in part {
                after = key;
                self.text.push_str(separator);
                self.text.push_str(&readable(row).to_string());
                separator = ",";
            }
            if complete {
                self.text.push(']');
                return Ok(());
            }
        }
    }
}

/// A row as its reader gets it: secrets masked, and the device and the network in place of the user agent and the address.
fn readable(mut row: Value) -> Value {
    let Some(fields) = row.as_object_mut() else {
        return row;
    };
    if let (Some(agent), Some(ip)) = (fields.remove("userAgent"), fields.remove("ip")) {
        let device = agent
            .as_str()
            .map(|agent| device::describe(Some(agent), Locale::DEFAULT));
        fields.insert("device".to_owned(), json!(device));
        fields.insert(
            "network".to_owned(),
            json!(ip.as_str().and_then(device::network_of)),
        );
    }
    for name in ["subject", "note"] {
        if let Some(Value::String(text)) = fields.get_mut(name) {
            *text = mask_secrets(text);
        }
    }
    row
}
