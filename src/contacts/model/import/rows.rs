//! Reads the file as rows: checks its format and header, then reads record by record.

use std::io::{BufRead, BufReader, Read};

use super::columns::Columns;
use super::records::{Record, RecordReader};
use super::{RowError, file_error};
use crate::base::error::{Error, Result};
use crate::contacts::model::details::RawDetails;

const MAX_BAD_QUOTES: usize = 1_000;

pub(crate) struct Row {
    pub line: usize,
    pub details: Result<RawDetails, RowError>,
}

pub(crate) struct Rows<R> {
    records: RecordReader<R>,
    delimiter: u8,
    columns: Columns,
    bad_quote_count: usize,
}

impl<R: Read> Rows<R> {
    pub(crate) fn open(csv: R) -> Result<Self> {
        let mut source = BufReader::with_capacity(64 * 1024, csv);
        let start = source.fill_buf().map_err(Error::internal)?;
        check_format(start)?;
        if start.starts_with(b"\xef\xbb\xbf") {
            source.consume(3);
        }
        let mut records = RecordReader::new(source);
        let (line, header) = match records.next().map_err(Error::internal)? {
            None => return Err(file_error("It is empty.")),
            Some((line, Record::Text(header))) => (line, header),
            Some((line, _)) => {
                return Err(file_error(format!(
                    "Line {line} is no header: its quotes are not in order."
                )));
            }
        };
        let header = decode(line, header)?;
        let delimiter = if header.matches(';').count() > header.matches(',').count() {
            b';'
        } else {
            b','
        };
        records.set_delimiters(if delimiter == b';' { b";" } else { b"," });
        let columns = match parse_cells(delimiter, &header)? {
            Some(cells) => Columns::read(cells.iter())?,
            None => return Err(file_error("It is empty.")),
        };
        Ok(Self {
            records,
            delimiter,
            columns,
            bad_quote_count: 0,
        })
    }

    pub(crate) fn unknown_columns(&self) -> &[String] {
        &self.columns.unknown
    }

    /// The next rows, at most `limit`; none at the end.
    pub(crate) fn next_chunk(&mut self, limit: usize) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        while rows.len() < limit
            && let Some((line, record)) = self.records.next().map_err(Error::internal)?
        {
            let details = match record {
                Record::Text(bytes) => self.details(&decode(line, bytes)?)?,
                Record::BadQuote => Err(self.bad_quote(line)?),
                Record::TooLong => Err(bad_row("The line is longer than 64 KiB.")),
            };
            rows.push(Row { line, details });
        }
        Ok(rows)
    }

    /// Each of these rows makes the reader look ahead, so a file full of them would take minutes.
    fn bad_quote(&mut self, line: usize) -> Result<RowError> {
        self.bad_quote_count += 1;
        if self.bad_quote_count > MAX_BAD_QUOTES {
            return Err(file_error(format!(
                "Line {line}: more than {MAX_BAD_QUOTES} rows have quotes that are not in order."
            )));
        }
        Ok(bad_row(
            "A quoted cell is not closed correctly. Write a quote inside a cell twice.",
        ))
    }

    fn details(&self, record: &str) -> Result<Result<RawDetails, RowError>> {
        let Some(cells) = parse_cells(self.delimiter, record)? else {
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

fn bad_row(message: impl Into<String>) -> RowError {
    RowError {
        reason: "BAD_ROW",
        column: None,
        message: message.into(),
    }
}

fn check_format(start: &[u8]) -> Result<()> {
    if start.is_empty() {
        return Err(file_error("It is empty."));
    }
    if start.starts_with(b"PK") {
        return Err(file_error(
            "It is a zip or Excel file: save it as CSV (UTF-8), or unpack it, and send that.",
        ));
    }
    if start.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(file_error(
            "It is an Excel file: save it as CSV (UTF-8) and send that.",
        ));
    }
    if start.starts_with(b"\x1f\x8b") {
        return Err(file_error("It is compressed: unpack it and send what is inside."));
    }
    if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") {
        return Err(file_error(
            "Line 1 is not UTF-8, it looks like UTF-16: save it as CSV (UTF-8).",
        ));
    }
    Ok(())
}

fn decode(line: usize, bytes: Vec<u8>) -> Result<String> {
    if bytes.contains(&0) {
        return Err(file_error(format!(
            "Line {line} holds a NUL byte: it is not a text file."
        )));
    }
    String::from_utf8(bytes)
        .map_err(|_| file_error(format!("Line {line} is not UTF-8: save it as CSV (UTF-8).")))
}

fn parse_cells(delimiter: u8, record: &str) -> Result<Option<csv::StringRecord>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .buffer_capacity(record.len().max(1))
        .from_reader(record.as_bytes());
    reader.records().next().transpose().map_err(Error::internal)
}
