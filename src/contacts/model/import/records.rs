//! Splits the file into records before the CSV reader parses them, so that an unclosed quote costs one row instead of the rest
//! of the file, and no row can fill the memory.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

/// The most bytes of a record, and of a line.
const MAX_BYTES: usize = 64 * 1024;
/// The most lines of a record, including those within quotes.
const MAX_LINES: usize = 20;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Record {
    /// Text with balanced quotes, without its line end.
    Text(Vec<u8>),
    /// A line with a quote that is never closed, or closed before the end of its cell.
    BadQuote,
    TooLong,
}

struct Line {
    number: usize,
    /// Without its end; `None` if it is too long.
    text: Option<Vec<u8>>,
}

pub(crate) struct RecordReader<R> {
    source: BufReader<R>,
    /// Comma and semicolon until the header shows which of them it is.
    delimiters: &'static [u8],
    read_count: usize,
    /// Lines that were read while looking for a closing quote that was not found.
    pushed_back: VecDeque<Line>,
}

impl<R: Read> RecordReader<R> {
    pub(crate) fn new(source: BufReader<R>) -> Self {
        Self {
            source,
            delimiters: b",;",
            read_count: 0,
            pushed_back: VecDeque::new(),
        }
    }

    pub(crate) fn set_delimiters(&mut self, delimiters: &'static [u8]) {
        self.delimiters = delimiters;
    }

    /// The next record that is not blank, with the number of its first line.
    pub(crate) fn next(&mut self) -> io::Result<Option<(usize, Record)>> {
        while let Some(line) = self.next_line()? {
            let Some(text) = line.text else {
                return Ok(Some((line.number, Record::TooLong)));
            };
            if (text.iter()).all(|byte| byte.is_ascii_whitespace() || self.delimiters.contains(byte)) {
                continue;
            }
            return Ok(Some((line.number, self.complete(text)?)));
        }
        Ok(None)
    }

    /// Adds lines until the quotes are balanced. If they never are, all lines but the first are pushed back.
    fn complete(&mut self, first: Vec<u8>) -> io::Result<Record> {
        let mut record = first;
        let mut read_ahead: VecDeque<Line> = VecDeque::new();
        loop {
            match check_quotes(&record, self.delimiters) {
                Quotes::Balanced => return Ok(Record::Text(record)),
                Quotes::Open if record.len() <= MAX_BYTES && read_ahead.len() < MAX_LINES => {}
                Quotes::Open | Quotes::Misplaced => break,
            }
            match self.next_line()? {
                Some(line) => {
                    let more = line.text.clone();
                    read_ahead.push_back(line);
                    let Some(more) = more else { break };
                    record.push(b'\n');
                    record.extend_from_slice(&more);
                }
                None => break,
            }
        }
        read_ahead.append(&mut self.pushed_back);
        self.pushed_back = read_ahead;
        Ok(Record::BadQuote)
    }

    fn next_line(&mut self) -> io::Result<Option<Line>> {
        if let Some(line) = self.pushed_back.pop_front() {
            return Ok(Some(line));
        }
        let mut text = Vec::new();
        let mut any = false;
        let mut whole = true;
        loop {
            let buffer = self.source.fill_buf()?;
            if buffer.is_empty() {
                break;
            }
            any = true;
            let end = buffer.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let part = &buffer[..end.unwrap_or(buffer.len())];
            whole = whole && text.len() + part.len() <= MAX_BYTES;
            if whole {
                text.extend_from_slice(part);
            }
            let (used, ending) = (part.len(), end.map(|end| buffer[end]));
            self.source.consume(used + usize::from(ending.is_some()));
            match ending {
                Some(b'\r') if self.source.fill_buf()?.first() == Some(&b'\n') => self.source.consume(1),
                None => continue,
                Some(_) => {}
            }
            break;
        }
        if !any {
            return Ok(None);
        }
        self.read_count += 1;
        Ok(Some(Line {
            number: self.read_count,
            text: whole.then_some(text),
        }))
    }
}

enum Quotes {
    Balanced,
    Open,
    Misplaced,
}

/// RFC 4180, section 2, rules 5 to 7: a cell that begins with a quote ends with one, and doubles those inside.
fn check_quotes(record: &[u8], delimiters: &[u8]) -> Quotes {
    let mut rest = record;
    loop {
        if let Some(inside) = rest.strip_prefix(b"\"") {
            let Some(after) = end_of_quoted(inside) else {
                return Quotes::Open;
            };
            rest = &inside[after..];
            if rest.first().is_some_and(|byte| !delimiters.contains(byte)) {
                return Quotes::Misplaced;
            }
        }
        match rest.iter().position(|byte| delimiters.contains(byte)) {
            Some(end) => rest = &rest[end + 1..],
            None => return Quotes::Balanced,
        }
    }
}

/// The position after the closing quote.
fn end_of_quoted(inside: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += inside.get(at..)?.iter().position(|byte| *byte == b'"')?;
        if inside.get(at + 1) != Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(usize, Record)> {
        let mut reader = RecordReader::new(BufReader::with_capacity(7, text.as_bytes()));
        std::iter::from_fn(|| reader.next().expect("memory can be read")).collect()
    }

    fn text(line: usize, text: &str) -> (usize, Record) {
        (line, Record::Text(text.as_bytes().to_vec()))
    }

    #[test]
    fn every_kind_of_line_end_counts_and_blank_lines_are_not_rows() {
        assert_eq!(
            read("a,b\r\n\r\nc\rd\ne"),
            [text(1, "a,b"), text(3, "c"), text(4, "d"), text(5, "e")]
        );
        assert_eq!(read(""), []);
    }

    #[test]
    fn a_quoted_cell_may_hold_line_ends_delimiters_and_quotes() {
        assert_eq!(
            read("a,\"x\r\ny, \"\"z\"\"\",b\nc"),
            [text(1, "a,\"x\ny, \"\"z\"\"\",b"), text(3, "c")]
        );
        assert_eq!(read("5\" screen,a\n"), [text(1, "5\" screen,a")]);
    }

    #[test]
    fn a_quote_without_an_end_costs_one_row() {
        assert_eq!(
            read("a\n\"b,c\nd\ne"),
            [text(1, "a"), (2, Record::BadQuote), text(3, "d"), text(4, "e")]
        );
        assert_eq!(
            read("\"b,c\nd,\"e\"\nf"),
            [(1, Record::BadQuote), text(2, "d,\"e\""), text(3, "f")]
        );
        let long = format!("\"b\n{}", "0123456789,\n".repeat(20_000));
        let read = read(&long);
        assert_eq!((&read[0].1, read.len()), (&Record::BadQuote, 20_001));
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped() {
        let long = format!("a\n{}\nb", "x".repeat(MAX_BYTES + 1));
        assert_eq!(read(&long), [text(1, "a"), (2, Record::TooLong), text(3, "b")]);
    }
}
