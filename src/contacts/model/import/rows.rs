//! The file as rows: what it is at all, then record by record.

use std::io::{BufRead, BufReader, Read};

use super::columns::Columns;
use super::lines::{Lines, Record};
use super::{Fault, refused};
use crate::base::error::{Error, Result};
use crate::contacts::model::details::RawDetails;

const MOST_BAD_QUOTES: usize = 1_000;

pub(crate) struct Row {
    pub line: usize,
    pub details: Result<RawDetails, Fault>,
}

pub(crate) struct Rows<R> {
    lines: Lines<R>,
    delimiter: u8,
    columns: Columns,
    bad_quote_count: usize,
}

impl<R: Read> Rows<R> {
    pub(crate) fn open(csv: R) -> Result<Self> {
        let mut source = BufReader::with_capacity(64 * 1024, csv);
        let beginning = source.fill_buf().map_err(Error::internal)?;
        refuse_other_formats(beginning)?;
        if beginning.starts_with(b"\xef\xbb\xbf") {
            source.consume(3);
        }
        let mut lines = Lines::new(source);
        let (line, header) = match lines.next().map_err(Error::internal)? {
            None => return Err(refused("It is empty.")),
            Some((line, Record::Text(header))) => (line, header),
            Some((line, _)) => {
                return Err(refused(format!(
                    "Line {line} is no header: its quotes are not in order."
                )));
            }
        };
        let header = text(line, header)?;
        let delimiter = if header.matches(';').count() > header.matches(',').count() {
            b';'
        } else {
            b','
        };
        lines.delimit_by(if delimiter == b';' { b";" } else { b"," });
        let columns = match cells(delimiter, &header)? {
            Some(cells) => Columns::read(cells.iter())?,
            None => return Err(refused("It is empty.")),
        };
        Ok(Self {
            lines,
            delimiter,
            columns,
            bad_quote_count: 0,
        })
    }

    pub(crate) fn unknown_columns(&self) -> &[String] {
        &self.columns.unknown
    }

    /// The next rows, at most so many; none at the end.
    pub(crate) fn next_part(&mut self, most: usize) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        while rows.len() < most
            && let Some((line, record)) = self.lines.next().map_err(Error::internal)?
        {
            let details = match record {
                Record::Text(bytes) => self.details(&text(line, bytes)?)?,
                Record::BadQuote => Err(self.bad_quote(line)?),
                Record::TooLong => Err(bad_row("The line is longer than 64 KiB.")),
            };
            rows.push(Row { line, details });
        }
        Ok(rows)
    }

    /// Each costs a look ahead, so that a file full of them would cost minutes.
    fn bad_quote(&mut self, line: usize) -> Result<Fault> {
        self.bad_quote_count += 1;
        if self.bad_quote_count > MOST_BAD_QUOTES {
            return Err(refused(format!(
                "Line {line}: more than {MOST_BAD_QUOTES} rows have quotes that are not in order."
            )));
        }
        Ok(bad_row(
            "A quoted cell is not closed correctly. Write a quote inside a cell twice.",
        ))
    }

    fn details(&self, record: &str) -> Result<Result<RawDetails, Fault>> {
        let Some(cells) = cells(self.delimiter, record)? else {
            return Ok(Err(bad_row("The line is empty.")));
        };
        if cells.len() == self.columns.count {
            return Ok(Ok(self.columns.details(&cells)));
        }
        Ok(Err(bad_row(format!(
            "It has {} cells where the header has {}.",
            cells.len(),
            self.columns.count
        ))))
    }
}

fn bad_row(detail: impl Into<String>) -> Fault {
    Fault {
        reason: "BAD_ROW",
        detail: detail.into(),
    }
}

fn refuse_other_formats(beginning: &[u8]) -> Result<()> {
    if beginning.is_empty() {
        return Err(refused("It is empty."));
    }
    if beginning.starts_with(b"PK") {
        return Err(refused(
            "It is a zip or Excel file: save it as CSV (UTF-8), or unpack it, and send that.",
        ));
    }
    if beginning.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(refused(
            "It is an Excel file: save it as CSV (UTF-8) and send that.",
        ));
    }
    if beginning.starts_with(b"\x1f\x8b") {
        return Err(refused("It is compressed: unpack it and send what is inside."));
    }
    if beginning.starts_with(b"\xff\xfe") || beginning.starts_with(b"\xfe\xff") {
        return Err(refused(
            "Line 1 is not UTF-8, it looks like UTF-16: save it as CSV (UTF-8).",
        ));
    }
    Ok(())
}

fn text(line: usize, bytes: Vec<u8>) -> Result<String> {
    if bytes.contains(&0) {
        return Err(refused(format!(
            "Line {line} holds a NUL byte: it is not a text file."
        )));
    }
    String::from_utf8(bytes)
        .map_err(|_| refused(format!("Line {line} is not UTF-8: save it as CSV (UTF-8).")))
}

fn cells(delimiter: u8, record: &str) -> Result<Option<csv::StringRecord>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .buffer_capacity(record.len().max(1))
        .from_reader(record.as_bytes());
    reader.records().next().transpose().map_err(Error::internal)
}
