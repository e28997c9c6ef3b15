//! The `Idempotency-Key` header: which requests may have it, and which requests count as the same.

use async_graphql::parser::types::OperationType;
use poem::http::HeaderMap;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::query_guard::PreparedOperation;

pub(crate) const HEADER: &str = "idempotency-key";

/// The key of a request, and the hash of the request itself.
#[derive(Clone)]
pub struct IdempotencyKey {
    pub key: String,
    /// The SHA-256 of its document, operation name, variables and file.
    pub request: [u8; 32],
    /// The response contains a secret: it should be stored for a short time only.
    pub secret_response: bool,
}

impl IdempotencyKey {
    /// `None` without the header, and where it has no meaning: for a query, and for fields that ignore the credential.
    pub(crate) fn from_request(
        headers: &HeaderMap,
        prepared: &PreparedOperation,
        file: Option<&[u8]>,
    ) -> Result<Option<Self>> {
        let Some(value) = headers.get(HEADER) else {
            return Ok(None);
        };
        let Some(info) = prepared.info.as_ref().filter(|_| supports_idempotency(prepared)) else {
            return Ok(None);
        };
        let key = value.to_str().unwrap_or_default();
        let well_formed = (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
        if !well_formed || headers.get_all(HEADER).iter().count() > 1 {
            let message = "The key must be one header of 1 to 255 visible ASCII characters.";
            return Err(Error::bad_input("Idempotency-Key", message));
        }
        if info.only_field.is_none() {
            let message = "The header needs a request with exactly one mutation field, outside of fragments.";
            return Err(Error::bad_input("Idempotency-Key", message));
        }
        let variables = serde_json::to_vec(&prepared.request.variables).map_err(Error::internal)?;
        let operation = prepared.request.operation_name.as_deref().unwrap_or_default();
        let request = Sha256::new()
            .chain_update(info.document)
            .chain_update(operation)
            .chain_update(b"\n")
            .chain_update(&variables)
            .chain_update(file.unwrap_or_default())
            .finalize();
        Ok(Some(Self {
            key: key.to_owned(),
            request: request.into(),
            secret_response: info.secret_response,
        }))
    }
}

fn supports_idempotency(prepared: &PreparedOperation) -> bool {
    prepared.kind == OperationType::Mutation && !prepared.ignores_credential
}
