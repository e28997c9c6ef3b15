//! The server's keys, each derived from the secret for one purpose.

use crate::base::secrets::ServerKey;

#[derive(Clone, Debug)]
pub struct Keys {
    pub refresh: ServerKey,
    pub cookie: ServerKey,
    pub form: ServerKey,
    pub signing_seal: ServerKey,
    /// Seals the DKIM keys of sending domains.
    pub dkim_seal: ServerKey,
    pub idempotency: ServerKey,
    /// Codes are derived from their challenges, reset links from their resets, and so on. No secret is stored, and an email
    /// that is sent again contains the same one.
    pub code: ServerKey,
    pub reset: ServerKey,
    pub staff_link: ServerKey,
    pub not_me: ServerKey,
    pub unsubscribe: ServerKey,
    /// The device secret of a browser is derived from its pre-session cookie.
    pub device: ServerKey,
    /// Seals what a browser carries through a redirect to an identity provider.
    pub redirect: ServerKey,
    /// Hashes the visitors of affiliate links.
    pub visitor: ServerKey,
}

impl Keys {
    pub fn new(secret: &ServerKey) -> Self {
        Self {
            refresh: secret.for_use("refresh"),
            cookie: secret.for_use("cookie"),
            form: secret.for_use("form"),
            signing_seal: secret.for_use("signing keys"),
            dkim_seal: secret.for_use("dkim keys"),
            idempotency: secret.for_use("idempotency"),
            code: secret.for_use("code"),
            reset: secret.for_use("reset"),
            staff_link: secret.for_use("staff link"),
            not_me: secret.for_use("not me"),
            unsubscribe: secret.for_use("unsubscribe"),
            device: secret.for_use("device"),
            redirect: secret.for_use("redirect"),
            visitor: secret.for_use("visitor"),
        }
    }
}
