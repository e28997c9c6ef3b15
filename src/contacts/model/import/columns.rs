//! The header of the file: the position of each column.

use super::{file_error, printable};
use crate::base::error::Result;
use crate::contacts::model::details::RawDetails;

pub(crate) const NAMES: [&str; 7] = [
    "email",
    "first_name",
    "last_name",
    "phone",
    "tags",
    "timezone",
    "locale",
];

/// The positions of the known columns, in the order of [`NAMES`].
#[derive(Debug)]
pub(crate) struct Columns {
    indexes: [Option<usize>; 7],
    pub count: usize,
    pub unknown: Vec<String>,
}

impl Columns {
    pub(crate) fn read<'a>(header: impl Iterator<Item = &'a str>) -> Result<Self> {
        let mut columns = Self {
            indexes: [None; 7],
            count: 0,
            unknown: Vec::new(),
        };
        for (index, cell) in header.enumerate() {
            columns.count += 1;
            let name = cell.trim().to_ascii_lowercase();
            match NAMES.iter().position(|known| *known == name) {
                Some(known) if columns.indexes[known].is_some() => {
                    return Err(file_error(format!("Its header names the column `{name}` twice.")));
                }
                Some(known) => columns.indexes[known] = Some(index),
                None if name.is_empty() => {}
                None => columns.unknown.push(printable(cell.trim())),
            }
        }
        if columns.indexes[0].is_none() {
            return Err(file_error(format!(
                "The first line must name the columns, including `email`, separated by commas or semicolons: {}.",
                NAMES.join(",")
            )));
        }
        Ok(columns)
    }

    pub(crate) fn details(&self, cells: &csv::StringRecord) -> RawDetails {
        let cell = |known: usize| {
            let text = cells.get(self.indexes[known]?)?.trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        RawDetails {
            email: cell(0),
            first_name: cell(1),
            last_name: cell(2),
            phone: cell(3),
            tags: cell(4)
                .map(|tags| tags.split(';').map(str::to_owned).collect())
                .unwrap_or_default(),
            timezone: cell(5),
            locale: cell(6),
        }
    }
}
