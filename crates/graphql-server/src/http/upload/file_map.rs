//! Maps the file of a form to a variable of its operation.

use std::collections::HashMap;

use async_graphql::{Request as Operation, UploadValue, Value};

use super::malformed;
use crate::http::result::HttpError;
use crate::uploaded_file::UploadedFile;

/// The name of the file's part, and the path of its variable.
pub(super) fn parse_map(map: &[u8], request: &Operation) -> Result<(String, String), HttpError> {
    let invalid = || {
        malformed(
            "map",
            "`map` must name one file and one variable: {\"0\": [\"variables.input.csv\"]}.",
        )
    };
    let map: HashMap<String, Vec<String>> = serde_json::from_slice(map).map_err(|_| invalid())?;
    let mut entries = map.into_iter();
    let (Some((part, paths)), None) = (entries.next(), entries.next()) else {
        return Err(invalid());
    };
    let mut paths = paths.into_iter();
    match (paths.next(), paths.next()) {
        (Some(path), None) if is_null_at(request, &path) => Ok((part, path)),
        _ => Err(invalid()),
    }
}

/// Inserts async-graphql's placeholder for the file: `null` would be a missing variable.
pub(super) fn insert_placeholder(request: &mut Operation, path: &str) {
    let placeholder = UploadValue {
        filename: String::new(),
        content_type: None,
        content: Default::default(),
    };
    request.set_upload(path, placeholder);
}

pub(super) fn attach_file(request: &mut Operation, uploaded: UploadedFile) {
    for placeholder in &mut request.uploads {
        placeholder.filename.clone_from(&uploaded.name);
        placeholder.content_type.clone_from(&uploaded.media_type);
    }
    request.data.insert(uploaded);
}

/// Whether the variable at that path is `null`.
fn is_null_at(request: &Operation, path: &str) -> bool {
    let mut steps = path.split('.');
    if steps.next() != Some("variables") {
        return false;
    }
    let first = steps
        .next()
        .and_then(|name| request.variables.get(&async_graphql::Name::new(name)));
    let found = steps.try_fold(first, |value, step| match value? {
        Value::Object(fields) => Some(fields.get(step)),
        Value::List(items) => Some(step.parse().ok().and_then(|index: usize| items.get(index))),
        _ => None,
    });
    matches!(found, Some(Some(Value::Null)))
}
