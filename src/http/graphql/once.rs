//! The `Idempotency-Key` header: which requests may bring it, and what makes two of them the same.

use async_graphql::parser::types::OperationType;
use poem::http::HeaderMap;

use crate::error::{Error, Result};
use crate::http::gate::Prepared;
use crate::secrets::SecretHash;

pub const HEADER: &str = "idempotency-key";

/// Mutations whose answers hold a secret.
const SECRETS: [&str; 3] = ["generateMagicLink", "createApiKey", "stepUp"];

/// A key that came with a request, and what the request asked for.
#[derive(Clone)]
pub struct OnceKey {
    pub key: String,
    pub request: SecretHash,
    pub holds_secret: bool,
}

impl OnceKey {
    /// None where there is no header, and where it says nothing: with a query, and with sign-in fields.
    pub fn of(headers: &HeaderMap, prepared: &Prepared, file: Option<&[u8]>) -> Result<Option<Self>> {
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
        let Some(field) = &facts.only_field else {
            let words =
                "The header belongs to a request with one mutation field, written without a fragment.";
            return Err(Error::bad_input("Idempotency-Key", words));
        };
        let variables = serde_json::to_vec(&prepared.request.variables).map_err(Error::internal)?;
        let operation = prepared.request.operation_name.as_deref().unwrap_or_default();
        let request = SecretHash::of(&[
            &facts.document,
            operation.as_bytes(),
            b"\n",
            &variables,
            file.unwrap_or_default(),
        ]);
        Ok(Some(Self {
            key: key.to_owned(),
            request,
            holds_secret: SECRETS.contains(&field.as_str()),
        }))
    }
}

fn mutates(prepared: &Prepared) -> bool {
    prepared.kind == OperationType::Mutation && !prepared.signs_in
}
