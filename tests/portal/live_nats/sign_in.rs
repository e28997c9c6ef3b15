//! How instances sign in to NATS: passwords, tokens, credentials files, TLS.

use std::path::Path;
use std::process::Command;

use mailer::Mailer;
use tempfile::TempDir;

use super::{METRICS, wait_for_nudge, wait_until_connected};
use crate::support::{TestNats, TestServer};

/// Two instances with these settings reach each other.
async fn meet(settings: &[(&str, &str)]) {
    let settings = [settings, &[METRICS]].concat();
    let server = TestServer::open_with(&settings, |_| Mailer::memory()).await;
    let second = server.start_instance_with(&settings).await;
    wait_until_connected(&server, &[&server.url, &second.url]).await;
    wait_for_nudge(&server, &second.url).await;
    second.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_signs_in_with_a_password() {
    let nats = TestNats::start(&["--user", "portal", "--pass", "p@ss/word"]).await;
    meet(&[(
        "NATS_URL",
        &format!("nats://portal:p%40ss%2Fword@{}", nats.address),
    )])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_signs_in() {
    let nats = TestNats::start(&["--auth", "the-token"]).await;
    meet(&[("NATS_URL", &format!("nats://the-token@{}", nats.address))]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credentials_file_signs_in() {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/portal/live_nats");
    let file = |name| files.join(name).to_str().expect("a path").to_owned();
    let nats = TestNats::start(&["-c", &file("server.conf")]).await;
    meet(&[
        ("NATS_URL", &nats.url()),
        ("NATS_CREDENTIALS_FILE", &file("user.creds")),
    ])
    .await;
}

/// A certificate authority, and a certificate of a server on loopback.
pub struct Certificates {
    folder: TempDir,
}

impl Certificates {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let key = [
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "1",
        ];
        let authority = [
            "req",
            "-x509",
            "-subj",
            "/CN=Test authority",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
        ];
        openssl(folder.path(), &[&authority[..], &key].concat());
        let server = [
            "req", "-x509", "-CA", "ca.pem", "-CAkey", "ca.key", "-subj", "/CN=nats", "-keyout", "nats.key",
            "-out", "nats.pem",
        ];
        let names = [
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-addext",
            "basicConstraints=critical,CA:false",
        ];
        openssl(folder.path(), &[&server[..], &names, &key].concat());
        Self { folder }
    }

    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("a path").to_owned()
    }

    pub fn authority(&self) -> String {
        self.path("ca.pem")
    }

    pub async fn start_nats(&self) -> TestNats {
        let (certificate, key) = (self.path("nats.pem"), self.path("nats.key"));
        TestNats::start(&["--tls", "--tlscert", &certificate, "--tlskey", &key]).await
    }
}

fn openssl(folder: &Path, arguments: &[&str]) {
    let made = Command::new("openssl")
        .current_dir(folder)
        .args(arguments)
        .output();
    let made = made.expect("openssl runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_certificate_is_verified_with_the_given_authority() {
    let certificates = Certificates::new();
    let nats = certificates.start_nats().await;
    let authority = certificates.authority();
    for scheme in ["tls", "nats"] {
        meet(&[
            ("NATS_URL", &format!("{scheme}://{}", nats.address)),
            ("NATS_CA_FILE", &authority),
        ])
        .await;
    }
}
