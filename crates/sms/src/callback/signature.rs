//! The signature of a callback: HMAC-SHA1 over the URL and the sorted fields.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq;

use super::{CallbackError, Form};
use crate::AuthToken;

/// The header that holds the signature.
pub const SIGNATURE_HEADER: &str = "x-twilio-signature";

/// Verifies a callback. `url` is the URL that the provider was told, as the provider writes it, with its query.
///
/// The provider may sign the URL with or without its port: both are accepted.
pub fn verify(
    signature: Option<&str>,
    token: &AuthToken,
    url: &str,
    form: &Form,
) -> Result<(), CallbackError> {
    let signature = signature.ok_or(CallbackError::Unsigned)?;
    let signature = BASE64_STANDARD
        .decode(signature.trim())
        .map_err(|_| CallbackError::Unsigned)?;
    let fields = sorted_fields(form);
    let urls = [Some(url.to_owned()), with_other_port(url)];
    let matches = urls.iter().flatten().map(|url| {
        let expected = sign(token, &[url, fields.as_str()].concat());
        expected.as_slice().ct_eq(signature.as_slice())
    });
    let matched = matches.fold(subtle::Choice::from(0), |any, one| any | one);
    if matched.into() {
        Ok(())
    } else {
        Err(CallbackError::Unsigned)
    }
}

fn sign(token: &AuthToken, text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_str().as_bytes()).expect("a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Names and values without anything between them; equal ones once.
fn sorted_fields(form: &Form) -> String {
    let fields: BTreeSet<_> = form.0.iter().map(|(name, value)| (name, value)).collect();
    fields
        .into_iter()
        .flat_map(|(name, value)| [name.as_str(), value.as_str()])
        .collect()
}

/// The URL without its port, or with the default one.
fn with_other_port(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let port = authority.rfind(':').filter(|at| !authority[*at..].contains(']'));
    let authority = match (port, scheme) {
        (Some(at), _) => authority[..at].to_owned(),
        (None, "https") => format!("{authority}:443"),
        (None, _) => format!("{authority}:80"),
    };
    Some(format!("{scheme}://{authority}{path}"))
}
