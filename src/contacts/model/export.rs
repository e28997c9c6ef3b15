//! Contacts as a CSV file (RFC 4180), written part by part so that memory use stays constant.

use chrono::{DateTime, SecondsFormat, Utc};

use super::Contact;
use super::list::{Filter, Order, OrderDirection, OrderField};
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::AccountId;
use crate::base::page::{PageRequest, Position};

/// Contacts that are read at a time, by one statement.
const PART_ROWS: usize = 1_000;

const HEADER: [&str; 11] = [
    "email",
    "first_name",
    "last_name",
    "phone",
    "tags",
    "timezone",
    "locale",
    "status",
    "invited_at",
    "joined_at",
    "last_seen_at",
];

const ORDER: Order = Order {
    field: OrderField::CreatedAt,
    direction: OrderDirection::Asc,
};

/// The contacts that match a filter, the first added first.
#[derive(Debug)]
pub(crate) struct Export {
    account: AccountId,
    filter: Filter,
    next: Next,
}

#[derive(Debug)]
enum Next {
    Header,
    After(Position),
    End,
}

/// A part of the file, and what follows it.
#[derive(Debug)]
pub(crate) struct Part {
    text: Vec<u8>,
    next: Next,
}

impl Export {
    pub(crate) fn new(account: AccountId, filter: Filter) -> Self {
        Self {
            account,
            filter,
            next: Next::Header,
        }
    }

    /// The next part of the file; `None` at its end. The first part begins with the header.
    pub(crate) async fn next_part(&self, conn: &mut Conn) -> Result<Option<Part>> {
        let after = match &self.next {
            Next::End => return Ok(None),
            Next::Header => None,
            Next::After(position) => Some(position.clone()),
        };
        let first = after.is_none();
        let page = PageRequest {
            size: PART_ROWS,
            backward: false,
            after,
            before: None,
        };
        let page = Box::pin(Contact::list(conn, self.account, &self.filter, ORDER, &page)).await?;
        let next = match page.rows.last().filter(|_| page.has_next) {
            Some(last) => Next::After(ORDER.position(last)),
            None => Next::End,
        };
        let text = write(&page.rows, first)?;
        Ok(Some(Part { text, next }))
    }

    /// The text of a part, after which the next one is due.
    pub(crate) fn advance(&mut self, part: Part) -> Vec<u8> {
        self.next = part.next;
        part.text
    }
}

/// The whole file of a few contacts, the first added first.
pub(crate) fn whole(mut contacts: Vec<Contact>) -> Result<Vec<u8>> {
    contacts.sort_by_key(|contact| (contact.created_at, contact.id.0));
    write(&contacts, true)
}

fn write(contacts: &[Contact], with_header: bool) -> Result<Vec<u8>> {
    let mut csv = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    if with_header {
        csv.write_record(HEADER).map_err(Error::internal)?;
    }
    for contact in contacts {
        csv.write_record(cells(contact)).map_err(Error::internal)?;
    }
    csv.into_inner()
        .map_err(|error| Error::internal(error.to_string()))
}

/// The cells of a contact, in the order of [`HEADER`].
fn cells(contact: &Contact) -> [String; 11] {
    let text = |text: &Option<String>| escape_formula(text.as_deref().unwrap_or_default());
    let time = |at: Option<DateTime<Utc>>| {
        at.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true))
            .unwrap_or_default()
    };
    [
        text(&contact.email),
        text(&contact.first_name),
        text(&contact.last_name),
        phone_cell(contact.phone.clone().unwrap_or_default()),
        escape_formula(&contact.tags.join(";")),
        text(&contact.timezone),
        text(&contact.locale),
        contact.status().as_str().to_owned(),
        time(contact.invited_at),
        time(contact.joined_at),
        time(contact.last_seen_at),
    ]
}

/// A spreadsheet would run a cell that begins like a formula (CWE-1236). Where it separates cells by semicolons, as in German and
/// French, each piece counts. What counts gets a leading apostrophe.
fn escape_formula(cell: &str) -> String {
    let begins_like_formula = |piece: &str| {
        piece
            .trim_start_matches([' ', '"'])
            .starts_with(['=', '+', '-', '@', '\t', '\r'])
    };
    let pieces = cell.split_inclusive([';', '\n']);
    pieces
        .flat_map(|piece| [if begins_like_formula(piece) { "'" } else { "" }, piece])
        .collect()
}

/// A phone number begins with a plus sign, and is no formula.
fn phone_cell(phone: String) -> String {
    let digits = phone.strip_prefix('+').unwrap_or_default();
    if !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()) {
        phone
    } else {
        escape_formula(&phone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_begins_like_a_formula_is_escaped() {
        for cell in ["=1+1", "+49", "-2", "@sum(a1)", "\t=1", "\r=1"] {
            assert_eq!(escape_formula(cell), format!("'{cell}"));
        }
        for cell in ["", "Anna", "a=b", "'=1", "vip;new"] {
            assert_eq!(escape_formula(cell), cell);
        }
    }

    #[test]
    fn a_piece_after_a_semicolon_is_escaped_by_itself() {
        assert_eq!(escape_formula("new;-vip;=1;a"), "new;'-vip;'=1;a");
        assert_eq!(escape_formula("-vip;+1"), "'-vip;'+1");
        assert_eq!(escape_formula("Ash; =1\n@a"), "Ash;' =1\n'@a");
        assert_eq!(
            escape_formula("Ash;\"=1"),
            "Ash;'\"=1",
            "a quote would begin the cell"
        );
    }

    #[test]
    fn only_a_well_formed_phone_number_keeps_its_plus_sign() {
        assert_eq!(phone_cell("+12025550123".to_owned()), "+12025550123");
        assert_eq!(phone_cell("+1+cmd".to_owned()), "'+1+cmd");
        assert_eq!(phone_cell("+".to_owned()), "'+");
        assert_eq!(phone_cell(String::new()), "");
    }
}
