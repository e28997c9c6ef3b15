//! Checking a file before it is imported. Nothing is written.

use std::io::Read;

use super::rows::{Row, Rows};
use super::{CHUNK_ROWS, RowError, check_not_empty, check_row_count, count, parse_row, read_blocking};
use crate::base::error::Result;

/// The most problems that are listed.
const MAX_PROBLEMS: usize = 100;

/// What an import of the file would find.
#[derive(Debug, Default)]
pub(crate) struct CheckedImport {
    pub row_count: usize,
    pub invalid_count: usize,
    /// Columns of the file that would be ignored, as the header spells them.
    pub unknown_columns: Vec<String>,
    /// Of the first invalid rows.
    pub problems: Vec<ImportProblem>,
}

/// Why a row would not be imported.
#[derive(Debug)]
pub(crate) struct ImportProblem {
    pub line: i32,
    pub column: Option<&'static str>,
    pub message: String,
}

/// Reads the whole file.
pub(crate) fn check_import(csv: impl Read + Send) -> Result<CheckedImport> {
    read_blocking(|| {
        let mut rows = Rows::open(csv)?;
        let mut checked = CheckedImport::default();
        loop {
            let chunk = rows.next_chunk(CHUNK_ROWS)?;
            if chunk.is_empty() {
                break;
            }
            checked.row_count += chunk.len();
            check_row_count(checked.row_count)?;
            chunk.into_iter().for_each(|row| checked.add(row));
        }
        check_not_empty(checked.row_count)?;
        checked.unknown_columns = rows.unknown_columns().to_vec();
        Ok(checked)
    })
}

impl CheckedImport {
    fn add(&mut self, row: Row) {
        let Err(RowError { column, message, .. }) = row.details.and_then(parse_row) else {
            return;
        };
        self.invalid_count += 1;
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(ImportProblem {
                line: count(row.line),
                column,
                message,
            });
        }
    }
}
