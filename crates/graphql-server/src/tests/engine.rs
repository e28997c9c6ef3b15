//! The engine of the tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use poem::http::HeaderMap;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use super::schema::{Log, TestSchema, test_schema};
use crate::credentials::{
    MalformedBearer, bearer, cookies, has_preflight_header, parse_bearer, payload_entry, same_origin,
};
use crate::error::{Error, Result};
use crate::{Client, Engine, FieldOptions, Limits, Operation, QueryGuard};

/// A request with a cookie needs one of these headers.
pub(super) const PREFLIGHT: &[&str] = &["Apollo-Require-Preflight", "X-CSRF"];

pub(super) struct TestEngine {
    schema: TestSchema,
    revoked: CancellationToken,
    origin: String,
    next_scope: AtomicU32,
}

#[derive(Default)]
pub(super) enum TestCredential {
    #[default]
    None,
    Bearer(String),
    Cookie(String),
}

#[derive(Clone)]
pub(super) enum Caller {
    Anonymous,
    Key { scope: u32, uploads: bool },
}

/// The scope that some callers share.
const SHARED: u32 = 0;

impl TestEngine {
    pub fn new(log: &Arc<Log>, revoked: CancellationToken, origin: String) -> Self {
        Self {
            schema: test_schema(Arc::clone(log)),
            revoked,
            origin,
            next_scope: AtomicU32::new(SHARED + 1),
        }
    }

    pub fn guard(&self) -> QueryGuard {
        let info = FieldOptions {
            ignore_credential: vec!["refreshSession"],
            shared_stream: vec!["quiet"],
            ..FieldOptions::default()
        };
        let sdl = self.schema.sdl();
        assert_eq!(info.missing_from(&sdl), Vec::<&str>::new());
        QueryGuard::new(&sdl, Limits::default(), info)
    }

    fn key(&self) -> Caller {
        Caller::Key {
            scope: self.next_scope.fetch_add(1, Ordering::Relaxed),
            uploads: true,
        }
    }

    fn cookie(&self, headers: &HeaderMap) -> TestCredential {
        let mut found = cookies(headers).filter(|(name, _)| *name == "session");
        match found.next() {
            Some((_, secret)) if same_origin(headers, std::slice::from_ref(&self.origin)) => {
                TestCredential::Cookie(secret.to_owned())
            }
            _ => TestCredential::None,
        }
    }
}

fn malformed(_: MalformedBearer) -> Error {
    Error::unauthenticated()
}

impl Engine for TestEngine {
    type Credential = TestCredential;
    type Auth = Caller;
    type Scope = u32;
    type Error = Error;

    fn credential(&self, headers: &HeaderMap) -> Result<TestCredential> {
        if let Some(token) = bearer(headers).map_err(malformed)? {
            return Ok(TestCredential::Bearer(token));
        }
        Ok(match has_preflight_header(headers, PREFLIGHT) {
            true => self.cookie(headers),
            false => TestCredential::None,
        })
    }

    fn socket_credential(
        &self,
        handshake: &HeaderMap,
        payload: &Map<String, Value>,
    ) -> Result<TestCredential> {
        match payload_entry(payload, &["authorization"]) {
            Some(value) => {
                let token = parse_bearer(value.as_str().unwrap_or_default());
                token.map(TestCredential::Bearer).map_err(malformed)
            }
            None => Ok(self.cookie(handshake)),
        }
    }

    async fn authenticate(&self, credential: &TestCredential, _: &Client) -> Result<Caller> {
        let shared_caller = |uploads| Caller::Key {
            scope: SHARED,
            uploads,
        };
        match credential {
            TestCredential::None => Ok(Caller::Anonymous),
            TestCredential::Cookie(secret) if secret == "sesame" => Ok(self.key()),
            TestCredential::Cookie(_) => Err(Error::unauthenticated()),
            TestCredential::Bearer(token) => match token.as_str() {
                "good" => Ok(self.key()),
                "narrow" => Ok(shared_caller(false)),
                "shared" => Ok(shared_caller(true)),
                "busy" => Err(Error::rate_limited("Too many.", 7)),
                "down" => Err(Error::unavailable("no database")),
                "hang" => std::future::pending().await,
                "panic" => panic!("on purpose"),
                _ => Err(Error::unauthenticated()),
            },
        }
    }

    async fn until_ended(&self, _: &Caller) {
        self.revoked.cancelled().await;
    }

    fn scope(&self, caller: &Caller) -> Option<u32> {
        match caller {
            Caller::Anonymous => None,
            Caller::Key { scope, .. } => Some(*scope),
        }
    }

    fn authorize_upload(&self, _: &str, caller: &Caller) -> Result<u32> {
        match caller {
            Caller::Anonymous => Err(Error::unauthenticated()),
            Caller::Key { uploads: false, .. } => Err(Error::forbidden("This key may not upload.")),
            Caller::Key { scope, .. } => Ok(*scope),
        }
    }

    async fn execute(&self, operation: Operation<Self>) -> async_graphql::Response {
        let request = operation.request.data(operation.auth);
        self.schema.execute(request).await
    }

    fn subscribe(&self, operation: Operation<Self>) -> BoxStream<'static, async_graphql::Response> {
        let request = operation.request.data(operation.auth);
        self.schema.execute_stream(request).boxed()
    }
}
