//! `POST /graphql` as multipart/form-data, for one file (the GraphQL multipart request specification).
//!
//! `operations` and `map` are read first. Before any byte of the file is read, the credential is verified, the field must
//! accept a file from this caller, and the upload must be within the limits. The file is unlinked as soon as it is created,
//! so that it needs no cleanup.

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

use self::file_map::{attach_file, insert_placeholder, parse_map};
use crate::client::Client;
use crate::credentials;
use crate::deadline::Deadline;
use crate::engine::Engine;
use crate::error::{Code, Error, random_id};
use crate::gateway::Gateway;
use crate::http::body::{self, BodyError};
use crate::http::params::Params;
use crate::http::result::{ExecutionResult, HttpError};
use crate::http::{RequestFailure, body_error};
use crate::idempotency::IdempotencyKey;
use crate::query_guard::{OperationInfo, PreparedOperation};
use crate::settings::GatewaySettings;
use crate::upload_limit::UploadPermit;
use crate::uploaded_file::UploadedFile;

/// Allowance for the boundaries and headers of the parts.
const FRAMING_BYTES: u64 = 16 << 10;

pub(super) async fn post<E: Engine>(
    gateway: &Gateway<E>,
    request: Request,
) -> Result<ExecutionResult, RequestFailure> {
    let settings = gateway.settings();
    let client = Client::from_request(&request);
    let mut form = Form::open(request, settings).await?;
    let (mut prepared, target) = form.operation(gateway).await?;
    let credential = gateway.engine().credential(&form.headers);
    let authenticated = gateway.authenticate(credential, &client, &prepared).await;
    let auth = authenticated
        .map_err(HttpError::from_error)
        .map_err(HttpError::closing)?;
    let refused = |error| HttpError::from_error(error).closing();
    let scope = gateway.engine().authorize_upload(&target.field, &auth);
    let scope = scope.map_err(Into::into).map_err(refused)?;
    let permit_result = gateway.uploads().begin(scope, &client, settings.uploads);
    let mut permit = permit_result.map_err(refused)?;
    let reading = form.file(&target.part, &mut permit, settings);
    let uploaded = tokio::time::timeout(settings.upload_timeout, reading).await;
    let (uploaded, hash) = uploaded.map_err(|_| body_error(BodyError::TooSlow))??;
    let key = IdempotencyKey::from_request(&form.headers, &prepared, Some(&hash));
    prepared.idempotency_key = key.map_err(HttpError::malformed)?;
    prepared.deadline = Deadline::new(settings.upload_deadline);
    attach_file(&mut prepared.request, uploaded);
    // The file stays on disk until its mutation has ended.
    prepared.request.data.insert(permit);
    let result = gateway.run(prepared, auth, client).next().await;
    Ok(result.unwrap_or_else(|| ExecutionResult::internal_failure("an operation gave no answer")))
}

/// The parts of a request, in the order of the specification.
struct Form {
    headers: HeaderMap,
    parts: Multipart,
    /// How many more bytes of the body may be read: the parser buffers data that it can't interpret.
    remaining_bytes: Arc<AtomicU64>,
    wait: Duration,
}

impl Form {
    async fn open(mut request: Request, settings: &GatewaySettings) -> Result<Self, HttpError> {
        let headers = request.headers().clone();
        if !credentials::has_preflight_header(&headers, settings.preflight_headers) {
            let names = settings.preflight_headers.join(" or ");
            let message = format!("A form needs the header {names}, with any value.");
            return Err(HttpError::new(StatusCode::FORBIDDEN, Error::forbidden(message)).closing());
        }
        let max_bytes = settings.max_upload + settings.max_body as u64 + 2 * FRAMING_BYTES;
        if body::content_length_exceeds(&headers, max_bytes) {
            return Err(body_error(BodyError::TooLarge));
        }
        let remaining_bytes = Arc::new(AtomicU64::new(settings.max_body as u64 + FRAMING_BYTES));
        let body = limit_bytes(request.take_body(), Arc::clone(&remaining_bytes));
        let (request, mut body) = {
            request.set_body(body);
            request.split()
        };
        let parts = Multipart::from_request(&request, &mut body).await;
        let parts = parts.map_err(|_| malformed("body", "The form has no boundary."))?;
        Ok(Self {
            headers,
            parts,
            remaining_bytes,
            wait: settings.body_timeout,
        })
    }

    /// Reads `operations` and `map`: a mutation, and the target of its file.
    async fn operation<E: Engine>(
        &mut self,
        gateway: &Gateway<E>,
    ) -> Result<(PreparedOperation, FileTarget), RequestFailure> {
        let settings = gateway.settings();
        let read = async {
            let operations = self.text("operations").await?;
            Ok::<_, HttpError>((operations, self.text("map").await?))
        };
        let read = tokio::time::timeout(settings.body_timeout, read).await;
        let (operations, map) = read.map_err(|_| body_error(BodyError::TooSlow))??;
        let params = Params::one_from_json(&operations)
            .map_err(HttpError::invalid_json)
            .map_err(HttpError::closing)?;
        let mut request = params
            .into_request()
            .map_err(HttpError::malformed)
            .map_err(HttpError::closing)?;
        let (part, path) = parse_map(&map, &request)?;
        insert_placeholder(&mut request, &path);
        let prepared = gateway.prepare(request, &mut gateway.guard().budget())?;
        let only_field = |info: &OperationInfo| info.only_field.clone();
        let field = (prepared.info.as_ref())
            .filter(|_| prepared.kind == OperationType::Mutation)
            .and_then(only_field)
            .ok_or_else(|| {
                malformed(
                    "operations",
                    "A file can be sent only with a mutation that has one field.",
                )
            })?;
        Ok((prepared, FileTarget { part, field }))
    }

    async fn text(&mut self, name: &str) -> Result<Vec<u8>, HttpError> {
        let part = self.next_part().await?.filter(|part| part.name() == Some(name));
        let part =
            part.ok_or_else(|| malformed(name, "The parts must be `operations`, `map`, and the file."))?;
        part.bytes().await.map_err(|_| self.form_error())
    }

    async fn next_part(&mut self) -> Result<Option<Field>, HttpError> {
        let next = tokio::time::timeout(self.wait, self.parts.next_field()).await;
        next.map_err(|_| body_error(BodyError::TooSlow))?
            .map_err(|_| self.form_error())
    }

    fn form_error(&self) -> HttpError {
        match self.remaining_bytes.load(Ordering::Relaxed) {
            0 => body_error(BodyError::TooLarge),
            _ => malformed("body", "The form is not complete, or not well-formed."),
        }
    }

    /// Reads the file, which must be the last part.
    async fn file<T: Eq + Hash>(
        &mut self,
        name: &str,
        permit: &mut UploadPermit<T>,
        settings: &GatewaySettings,
    ) -> Result<(UploadedFile, [u8; 32]), HttpError> {
        self.remaining_bytes
            .store(settings.max_upload + FRAMING_BYTES, Ordering::Relaxed);
        let part = self.next_part().await?.filter(|part| part.name() == Some(name));
        let part = part.ok_or_else(|| malformed("map", "The file named in `map` is missing."))?;
        let description = (
            part.file_name().unwrap_or("file").chars().take(255).collect(),
            part.content_type().map(str::to_owned),
        );
        let (file, byte_count, hash) = self.save(part, permit, settings).await?;
        if self.next_part().await?.is_some() {
            return Err(malformed("map", "One file at a time."));
        }
        let (name, media_type) = description;
        let uploaded = UploadedFile {
            file,
            name,
            media_type,
            byte_count,
        };
        Ok((uploaded, hash))
    }

    async fn save<T: Eq + Hash>(
        &self,
        part: Field,
        permit: &mut UploadPermit<T>,
        settings: &GatewaySettings,
    ) -> Result<(File, u64, [u8; 32]), HttpError> {
        let internal = |error| HttpError::from_error(Error::internal(error)).closing();
        let mut file = tokio::fs::File::from_std(create_unlinked(&settings.upload_dir).map_err(internal)?);
        let mut bytes = Box::pin(part.into_async_read());
        let mut buffer = vec![0; 64 << 10];
        let (mut count, mut hasher) = (0, Sha256::new());
        loop {
            let read = tokio::time::timeout(settings.body_timeout, bytes.read(&mut buffer)).await;
            let read = read
                .map_err(|_| body_error(BodyError::TooSlow))?
                .map_err(|_| self.form_error())?;
            if read == 0 {
                break;
            }
            count += read as u64;
            if count > settings.max_upload {
                return Err(body_error(BodyError::TooLarge));
            }
            let over_limit = |error| HttpError::from_error(error).closing();
            permit.grow(read as u64).map_err(over_limit)?;
            hasher.update(&buffer[..read]);
            file.write_all(&buffer[..read]).await.map_err(internal)?;
        }
        file.flush().await.map_err(internal)?;
        Ok((file.into_std().await, count, hasher.finalize().into()))
    }
}

/// Where the file belongs.
struct FileTarget {
    part: String,
    /// The mutation field that takes the file.
    field: String,
}

/// A body that fails when it exceeds the remaining bytes.
fn limit_bytes(body: Body, remaining_bytes: Arc<AtomicU64>) -> Body {
    Body::from_bytes_stream(body.into_bytes_stream().map(move |chunk| {
        let chunk = chunk?;
        let remaining = remaining_bytes
            .load(Ordering::Relaxed)
            .saturating_sub(chunk.len() as u64);
        remaining_bytes.store(remaining, Ordering::Relaxed);
        match remaining {
            0 => Err(std::io::Error::other("the body is too large")),
            _ => Ok(chunk),
        }
    }))
}

fn create_unlinked(dir: &Path) -> std::io::Result<File> {
    let path = dir.join(format!("upload-{}", random_id()));
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

fn malformed(field: &str, message: &str) -> HttpError {
    let error = Error::new(Code::BadUserInput, message).at(field);
    HttpError::new(StatusCode::BAD_REQUEST, error).closing()
}
