//! `POST /graphql` as multipart/form-data, for one file (the GraphQL multipart request specification).
//!
//! `operations` and `map` are read first; then the credential is checked, and that it may send a file to this field, and that
//! one more upload is within the limits, before a byte of the file is read. It goes into a file that has lost its name already,
//! so that nothing has to be cleaned up.

mod file_map;

use std::fs::{File, OpenOptions};
use std::hash::Hash;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use futures_util::StreamExt;
use poem::http::{HeaderMap, StatusCode};
use poem::web::{Field, Multipart};
use poem::{Body, FromRequest, Request};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use self::file_map::{hand_over, place_in, reserve};
use crate::client::Client;
use crate::credentials;
use crate::deadline::Deadline;
use crate::engine::Engine;
use crate::error::{Code, Error, incident};
use crate::gateway::Gateway;
use crate::http::answer::{Answer, Refusal};
use crate::http::body::{self, BodyFault};
use crate::http::params::Params;
use crate::http::{Fault, body_fault};
use crate::idempotency::IdempotencyKey;
use crate::query_guard::{Facts, Prepared};
use crate::settings::GatewaySettings;
use crate::upload_limit::UploadPermit;
use crate::uploaded_file::UploadedFile;

/// What the boundaries and headers of the parts may add to their contents.
const FRAMING: u64 = 16 << 10;

pub(super) async fn post<E: Engine>(gateway: &Gateway<E>, request: Request) -> Result<Answer, Fault> {
    let settings = gateway.settings();
    let client = Client::of(&request);
    let mut form = Form::open(request, settings).await?;
    let (mut prepared, slot) = form.operation(gateway).await?;
    let credential = gateway.engine().credential(&form.headers);
    let authenticated = gateway.authenticate(credential, &client, &prepared).await;
    let auth = authenticated
        .map_err(Refusal::by_code)
        .map_err(Refusal::closing)?;
    let refused = |error| Refusal::by_code(error).closing();
    let scope = gateway.engine().authorize_upload(&slot.field, &auth);
    let scope = scope.map_err(Into::into).map_err(refused)?;
    let begun = gateway.uploads().begin(scope, &client, settings.uploads);
    let mut permit = begun.map_err(refused)?;
    let reading = form.file(&slot.part, &mut permit, settings);
    let uploaded = tokio::time::timeout(settings.upload_timeout, reading).await;
    let (uploaded, hash) = uploaded.map_err(|_| body_fault(BodyFault::TooSlow))??;
    let key = IdempotencyKey::of(&form.headers, &prepared, Some(&hash));
    prepared.idempotency_key = key.map_err(Refusal::malformed)?;
    prepared.deadline = Deadline::new(settings.upload_deadline);
    hand_over(&mut prepared.request, uploaded);
    // The file is on disk until its mutation has ended.
    prepared.request.data.insert(permit);
    let answer = gateway.run(prepared, auth, client).next().await;
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
    async fn open(mut request: Request, settings: &GatewaySettings) -> Result<Self, Refusal> {
        let headers = request.headers().clone();
        if !credentials::preflighted(&headers, settings.preflight_headers) {
            let names = settings.preflight_headers.join(" or ");
            let words = format!("A form needs the header {names}, with any value.");
            return Err(Refusal::new(StatusCode::FORBIDDEN, Error::forbidden(words)).closing());
        }
        let most = settings.max_upload + settings.max_body as u64 + 2 * FRAMING;
        if body::announced_over(&headers, most) {
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
            wait: settings.body_timeout,
        })
    }

    /// `operations` and `map`: a mutation, and where its file belongs.
    async fn operation<E: Engine>(&mut self, gateway: &Gateway<E>) -> Result<(Prepared, Slot), Fault> {
        let settings = gateway.settings();
        let read = async {
            let operations = self.text("operations").await?;
            Ok::<_, Refusal>((operations, self.text("map").await?))
        };
        let read = tokio::time::timeout(settings.body_timeout, read).await;
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
        let prepared = gateway.prepare(request, &mut gateway.guard().budget())?;
        let only_field = |facts: &Facts| facts.only_field.clone();
        let field = (prepared.facts.as_ref())
            .filter(|_| prepared.kind == OperationType::Mutation)
            .and_then(only_field)
            .ok_or_else(|| {
                malformed(
                    "operations",
                    "A file can be sent only with a mutation that has one field.",
                )
            })?;
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
    async fn file<T: Eq + Hash>(
        &mut self,
        name: &str,
        permit: &mut UploadPermit<T>,
        settings: &GatewaySettings,
    ) -> Result<(UploadedFile, [u8; 32]), Refusal> {
        self.allowance
            .store(settings.max_upload + FRAMING, Ordering::Relaxed);
        let part = self.next().await?.filter(|part| part.name() == Some(name));
        let part = part.ok_or_else(|| malformed("map", "The file named in `map` is missing."))?;
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

    async fn keep<T: Eq + Hash>(
        &self,
        part: Field,
        permit: &mut UploadPermit<T>,
        settings: &GatewaySettings,
    ) -> Result<(File, u64, [u8; 32]), Refusal> {
        let internal = |error| Refusal::by_code(Error::internal(error)).closing();
        let mut file = tokio::fs::File::from_std(nameless(&settings.upload_dir).map_err(internal)?);
        let mut bytes = Box::pin(part.into_async_read());
        let mut buffer = vec![0; 64 << 10];
        let (mut count, mut hasher) = (0, Sha256::new());
        loop {
            let read = tokio::time::timeout(settings.body_timeout, bytes.read(&mut buffer)).await;
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
            let full = |error| Refusal::by_code(error).closing();
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
