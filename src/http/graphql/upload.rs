//! `POST /graphql` as multipart/form-data, for one file (the GraphQL multipart request specification).
//!
//! `operations` and `map` are read first; then the credential is checked, and that it may send a file to this field, and that
//! there is room for one more upload, before a byte of the file is read. It goes into a file that has lost its name already,
//! so that nothing has to be cleaned up.

use std::fs::{File, OpenOptions};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{Request as Operation, UploadValue, Value};
use futures_util::StreamExt;
use poem::http::{HeaderMap, StatusCode};
use poem::web::{Field, Multipart};
use poem::{Body, FromRequest, Request};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::db::deadline;
use crate::db::deadline::Deadline;
use crate::error::{Code, Error, incident};
use crate::graphql::upload::UploadedFile;
use crate::http::gate::{Facts, Prepared};
use crate::http::graphql::answer::{Answer, Refusal};
use crate::http::graphql::once::OnceKey;
use crate::http::graphql::params::Params;
use crate::http::graphql::run::{Door, run};
use crate::http::graphql::{Fault, body_fault};
use crate::http::limits;
use crate::http::limits::BodyFault;
use crate::http::uploads::UploadPermit;
use crate::http::{Engine, HttpSettings, credentials};

/// What the boundaries and headers of the parts may add to their contents.
const FRAMING: u64 = 16 << 10;

pub(super) async fn post<E: Engine>(door: &Door<E>, request: Request) -> Result<Answer, Fault> {
    let settings = door.engine.settings();
    let client = credentials::client(&request);
    let mut form = Form::open(request, settings).await?;
    let (mut prepared, slot) = form.operation(door).await?;
    let presented = credentials::of_request(&form.headers, settings);
    let entered = door.enter(presented, &client, &prepared).await;
    let pass = entered.map_err(Refusal::at_the_door).map_err(Refusal::closing)?;
    let refused = |error| Refusal::at_the_door(error).closing();
    door.engine
        .authorize_upload(&slot.field, &pass.viewer)
        .map_err(refused)?;
    let account = pass
        .viewer
        .account()
        .ok_or_else(|| refused(Error::unauthenticated()))?;
    let begun = door.running.uploads.begin(account, &client, settings.uploads);
    let mut permit = begun.map_err(refused)?;
    let reading = form.file(&slot.part, &mut permit, settings);
    let uploaded = tokio::time::timeout(settings.upload_wait, reading).await;
    let (uploaded, hash) = uploaded.map_err(|_| body_fault(BodyFault::TooSlow))??;
    let once = OnceKey::of(&form.headers, &prepared, Some(&hash)).map_err(Refusal::malformed)?;
    prepared.once = once;
    prepared.deadline = Deadline::new(deadline::UPLOAD);
    hand_over(&mut prepared.request, uploaded);
    // The file is on disk until its mutation has ended.
    prepared.request.data.insert(permit);
    let answer = run(door, prepared, pass, client).next().await;
    Ok(answer.unwrap_or_else(|| Answer::broken("an operation gave no answer")))
}

/// The parts of a request, in the order that the specification demands.
struct Form {
    headers: HeaderMap,
    parts: Multipart,
    /// How many bytes of the body may be read yet: the parser keeps what it can't interpret in memory.
    allowance: Arc<AtomicU64>,
    wait: Duration,
}

impl Form {
    async fn open(mut request: Request, settings: &HttpSettings) -> Result<Self, Refusal> {
        let headers = request.headers().clone();
        if !credentials::preflighted(&headers) {
            let words =
                "A form needs the header Apollo-Require-Preflight or X-Vestibule-CSRF, with any value.";
            return Err(Refusal::new(StatusCode::FORBIDDEN, Error::forbidden(words)).closing());
        }
        let most = settings.max_upload + settings.max_body as u64 + 2 * FRAMING;
        if limits::announced_over(&headers, most) {
            return Err(body_fault(BodyFault::TooLarge));
        }
        let allowance = Arc::new(AtomicU64::new(settings.max_body as u64 + FRAMING));
        let body = metered(request.take_body(), Arc::clone(&allowance));
        let (request, mut body) = {
            request.set_body(body);
            request.split()
        };
        let parts = Multipart::from_request(&request, &mut body).await;
        let parts = parts.map_err(|_| malformed("body", "The form has no boundary."))?;
        Ok(Self {
            headers,
            parts,
            allowance,
            wait: settings.body_wait,
        })
    }

    /// `operations` and `map`: a mutation, and where its file belongs.
    async fn operation<E: Engine>(&mut self, door: &Door<E>) -> Result<(Prepared, Slot), Fault> {
        let settings = door.engine.settings();
        let read = async {
            let operations = self.text("operations").await?;
            Ok::<_, Refusal>((operations, self.text("map").await?))
        };
        let read = tokio::time::timeout(settings.body_wait, read).await;
        let (operations, map) = read.map_err(|_| body_fault(BodyFault::TooSlow))??;
        let params = Params::one_from_json(&operations)
            .map_err(Refusal::unreadable)
            .map_err(Refusal::closing)?;
        let mut request = params
            .into_request()
            .map_err(Refusal::malformed)
            .map_err(Refusal::closing)?;
        let (part, path) = place_in(&map, &request)?;
        reserve(&mut request, &path);
        let prepared = door.prepare(request, &mut door.engine.gate().budget())?;
        let only_field = |facts: &Facts| facts.only_field.clone();
        let field = (prepared.facts.as_ref())
            .filter(|_| prepared.kind == OperationType::Mutation)
            .and_then(only_field)
            .ok_or_else(|| malformed("operations", "A file belongs to a mutation with one field."))?;
        Ok((prepared, Slot { part, field }))
    }

    async fn text(&mut self, name: &str) -> Result<Vec<u8>, Refusal> {
        let part = self.next().await?.filter(|part| part.name() == Some(name));
        let part =
            part.ok_or_else(|| malformed(name, "The parts must be `operations`, `map`, and the file."))?;
        part.bytes().await.map_err(|_| self.fault())
    }

    async fn next(&mut self) -> Result<Option<Field>, Refusal> {
        let next = tokio::time::timeout(self.wait, self.parts.next_field()).await;
        next.map_err(|_| body_fault(BodyFault::TooSlow))?
            .map_err(|_| self.fault())
    }

    fn fault(&self) -> Refusal {
        match self.allowance.load(Ordering::Relaxed) {
            0 => body_fault(BodyFault::TooLarge),
            _ => malformed("body", "The form is not complete, or not well-formed."),
        }
    }

    /// The file itself, and nothing after it.
    async fn file(
        &mut self,
        name: &str,
        permit: &mut UploadPermit,
        settings: &HttpSettings,
    ) -> Result<(UploadedFile, [u8; 32]), Refusal> {
        self.allowance
            .store(settings.max_upload + FRAMING, Ordering::Relaxed);
        let part = self.next().await?.filter(|part| part.name() == Some(name));
        let part = part.ok_or_else(|| malformed("map", "The file that `map` names does not follow."))?;
        let described = (
            part.file_name().unwrap_or("file").chars().take(255).collect(),
            part.content_type().map(str::to_owned),
        );
        let (file, byte_count, hash) = self.keep(part, permit, settings).await?;
        if self.next().await?.is_some() {
            return Err(malformed("map", "One file at a time."));
        }
        let (name, media_type) = described;
        let uploaded = UploadedFile {
            file,
            name,
            media_type,
            byte_count,
        };
        Ok((uploaded, hash))
    }

    async fn keep(
        &self,
        part: Field,
        permit: &mut UploadPermit,
        settings: &HttpSettings,
    ) -> Result<(File, u64, [u8; 32]), Refusal> {
        let internal = |error| Refusal::at_the_door(Error::internal(error)).closing();
        let mut file = tokio::fs::File::from_std(nameless(&settings.upload_dir).map_err(internal)?);
        let mut bytes = Box::pin(part.into_async_read());
        let mut buffer = vec![0; 64 << 10];
        let (mut count, mut hasher) = (0, Sha256::new());
        loop {
            let read = tokio::time::timeout(settings.body_wait, bytes.read(&mut buffer)).await;
            let read = read
                .map_err(|_| body_fault(BodyFault::TooSlow))?
                .map_err(|_| self.fault())?;
            if read == 0 {
                break;
            }
            count += read as u64;
            if count > settings.max_upload {
                return Err(body_fault(BodyFault::TooLarge));
            }
            let full = |error| Refusal::at_the_door(error).closing();
            permit.grow(read as u64).map_err(full)?;
            hasher.update(&buffer[..read]);
            file.write_all(&buffer[..read]).await.map_err(internal)?;
        }
        file.flush().await.map_err(internal)?;
        Ok((file.into_std().await, count, hasher.finalize().into()))
    }
}

/// The file that is to follow.
struct Slot {
    part: String,
    /// The mutation field that takes it.
    field: String,
}

/// Where the file belongs: its part's name, and the path of its variable.
fn place_in(map: &[u8], request: &Operation) -> Result<(String, String), Refusal> {
    let wrong = || {
        malformed(
            "map",
            "`map` must name one file and one variable: {\"0\": [\"variables.input.csv\"]}.",
        )
    };
    let map: std::collections::HashMap<String, Vec<String>> =
        serde_json::from_slice(map).map_err(|_| wrong())?;
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
fn reserve(request: &mut Operation, path: &str) {
    let mark = UploadValue {
        filename: String::new(),
        content_type: None,
        content: Default::default(),
    };
    request.set_upload(path, mark);
}

fn hand_over(request: &mut Operation, uploaded: UploadedFile) {
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

/// A body that breaks off when more bytes come than the allowance has.
fn metered(body: Body, allowance: Arc<AtomicU64>) -> Body {
    Body::from_bytes_stream(body.into_bytes_stream().map(move |chunk| {
        let chunk = chunk?;
        let left = allowance
            .load(Ordering::Relaxed)
            .saturating_sub(chunk.len() as u64);
        allowance.store(left, Ordering::Relaxed);
        match left {
            0 => Err(std::io::Error::other("the body is too large")),
            _ => Ok(chunk),
        }
    }))
}

fn nameless(dir: &Path) -> std::io::Result<File> {
    let path = dir.join(format!("upload-{}", incident()));
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

fn malformed(field: &str, words: &str) -> Refusal {
    let error = Error::new(Code::BadUserInput, words).at(field);
    Refusal::new(StatusCode::BAD_REQUEST, error).closing()
}
