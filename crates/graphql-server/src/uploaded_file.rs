//! A file that came with a mutation, as a resolver finds it.
//!
//! The `Upload` argument only says that there is a file. Its bytes lie in a file on disk that has no name any more, so
//! that it is gone with its last handle, whatever happens: [`UploadedFile::of`] gives a handle of its own.

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
    pub fn of(ctx: &Context<'_>) -> Result<File> {
        let uploaded = ctx.data_opt::<Self>().ok_or_else(|| {
            Error::bad_input(
                "variables",
                "The file is missing: send it as multipart/form-data.",
            )
        })?;
        uploaded.open().map_err(Error::internal)
    }

    fn open(&self) -> std::io::Result<File> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    }
}
