//! The `Idempotency-Key` header: which requests may bring it, and what makes two of them the same.

use async_graphql::parser::types::OperationType;
use poem::http::HeaderMap;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::query_guard::Prepared;

pub(crate) const HEADER: &str = "idempotency-key";

/// A key that came with a request, and what the request asked for.
#[derive(Clone)]
pub struct IdempotencyKey {
    pub key: String,
    /// The SHA-256 of its document, operation name, variables and file.
    pub request: [u8; 32],
    /// The response holds a secret: it should be kept for a short time only.
    pub secret_answer: bool,
}

impl IdempotencyKey {
    /// None without the header, and where it has no meaning: with a query, and with fields that ignore the credential.
    pub(crate) fn of(headers: &HeaderMap, prepared: &Prepared, file: Option<&[u8]>) -> Result<Option<Self>> {
        let Some(value) = headers.get(HEADER) else {
            return Ok(None);
        };
        let Some(facts) = prepared.facts.as_ref().filter(|_| mutates(prepared)) else {
            return Ok(None);
        };
        let key = value.to_str().unwrap_or_default();
        if !(1..=255).contains(&key.len()) || headers.get_all(HEADER).iter().count() > 1 {
            let words = "The key must be one header of 1 to 255 visible ASCII characters.";
            return Err(Error::bad_input("Idempotency-Key", words));
        }
        if facts.only_field.is_none() {
            let words = "The header needs a request with exactly one mutation field, outside of fragments.";
            return Err(Error::bad_input("Idempotency-Key", words));
        }
        let variables = serde_json::to_vec(&prepared.request.variables).map_err(Error::internal)?;
        let operation = prepared.request.operation_name.as_deref().unwrap_or_default();
        let request = Sha256::new()
            .chain_update(facts.document)
            .chain_update(operation)
            .chain_update(b"\n")
            .chain_update(&variables)
            .chain_update(file.unwrap_or_default())
            .finalize();
        Ok(Some(Self {
            key: key.to_owned(),
            request: request.into(),
            secret_answer: facts.secret_answer,
        }))
    }
}

fn mutates(prepared: &Prepared) -> bool {
    prepared.kind == OperationType::Mutation && !prepared.ignores_credential
}
