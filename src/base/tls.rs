//! TLS of every client in the process.

/// Sets the process-wide default of rustls, for every TLS client that doesn't choose its own.
pub(crate) fn install_crypto_provider() {
    // An earlier call has installed the same one.
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
}
