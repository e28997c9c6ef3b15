//! The `Content-Security-Policy` headers of the pages.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::accounts::brand::Accent;

/// For `/graphiql`, whose editor needs inline styles. Everything else is as strict as for other pages.
pub(crate) const GRAPHIQL_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src 'none'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// For an email of the outbox: emails have inline styles, and the frame inherits the page's policy.
pub(crate) const OUTBOX_MAIL_CSP: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The accent's style element is allowed by its hash, so that no page needs inline styles or a nonce.
pub(crate) fn page(accent: Accent) -> String {
    let style = STANDARD.encode(Sha256::digest(accent.style()));
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-{style}'; img-src 'self'; \
         connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}
