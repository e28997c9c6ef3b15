//! The uploaded file of a mutation, for its resolver.
//!
//! The `Upload` argument only shows that there is a file. Its contents are in an unlinked file on disk, which disappears
//! with its last handle. [`UploadedFile::open`] returns a separate handle.

use std::fs::File;
use std::io::{Seek, SeekFrom};

use async_graphql::Context;

use crate::error::{Error, Result};

/// The one file of a multipart request.
#[derive(Debug)]
pub struct UploadedFile {
    pub file: File,
    pub name: String,
    pub media_type: Option<String>,
    pub byte_count: u64,
}

impl UploadedFile {
    /// A handle to the file of this request, at its beginning.
    pub fn open(ctx: &Context<'_>) -> Result<File> {
        let uploaded = ctx.data_opt::<Self>().ok_or_else(|| {
            Error::bad_input(
                "variables",
                "The file is missing: send it as multipart/form-data.",
            )
        })?;
        uploaded.reopen().map_err(Error::internal)
    }

    fn reopen(&self) -> std::io::Result<File> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    }
}
