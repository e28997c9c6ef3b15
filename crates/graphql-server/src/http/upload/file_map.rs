//! Where the file of a form belongs among the variables of its operation.

use std::collections::HashMap;

use async_graphql::{Request as Operation, UploadValue, Value};

use super::malformed;
use crate::http::answer::Refusal;
use crate::uploaded_file::UploadedFile;

/// Where the file belongs: its part's name, and the path of its variable.
pub(super) fn place_in(map: &[u8], request: &Operation) -> Result<(String, String), Refusal> {
    let wrong = || {
        malformed(
            "map",
            "`map` must name one file and one variable: {\"0\": [\"variables.input.csv\"]}.",
        )
    };
    let map: HashMap<String, Vec<String>> = serde_json::from_slice(map).map_err(|_| wrong())?;
    let mut entries = map.into_iter();
    let (Some((part, paths)), None) = (entries.next(), entries.next()) else {
        return Err(wrong());
    };
    let mut paths = paths.into_iter();
    match (paths.next(), paths.next()) {
        (Some(path), None) if waits_at(request, &path) => Ok((part, path)),
        _ => Err(wrong()),
    }
}

/// Puts the engine's mark where the file belongs: a `null` would be a missing variable.
pub(super) fn reserve(request: &mut Operation, path: &str) {
    let mark = UploadValue {
        filename: String::new(),
        content_type: None,
        content: Default::default(),
    };
    request.set_upload(path, mark);
}

pub(super) fn hand_over(request: &mut Operation, uploaded: UploadedFile) {
    for mark in &mut request.uploads {
        mark.filename.clone_from(&uploaded.name);
        mark.content_type.clone_from(&uploaded.media_type);
    }
    request.data.insert(uploaded);
}

/// Whether a `null` stands at that path, waiting for a file.
fn waits_at(request: &Operation, path: &str) -> bool {
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
