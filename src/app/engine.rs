//! The application as the transports see it.

use std::sync::Arc;

use async_graphql::{Request, Response};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;

use crate::actor::Client;
use crate::auth::door::Door;
use crate::auth::viewer::{Pass, Presented, Viewer};
use crate::db::share::{Share, Tenant};
use crate::error::Result;
use crate::graphql::PortalSchema;
use crate::graphql::context::request_data;
use crate::graphql::upload;
use crate::http::gate::Gate;
use crate::http::graphql::once::OnceKey;
use crate::http::graphql::shared::Groups;
use crate::http::{Engine, HttpSettings};
use crate::services::Services;

pub struct App {
    pub services: Arc<Services>,
    pub door: Door,
    pub schema: PortalSchema,
    pub gate: Gate,
    pub groups: Arc<Groups>,
    pub http: HttpSettings,
}

impl App {
    /// The viewer's account shares a part of the pool; so do all requests without a credential.
    fn share(&self, pass: &Pass) -> Share {
        let account = pass.viewer.account();
        self.services
            .db
            .share(account.map_or(Tenant::Anonymous, Tenant::Account))
    }
}

impl Engine for App {
    async fn enter(&self, presented: &Presented, _client: &Client) -> Result<Pass> {
        self.door.enter(presented).await
    }

    fn authorize_upload(&self, field: &str, viewer: &Viewer) -> Result<()> {
        upload::authorize(field, viewer)
    }

    async fn ended(&self, pass: &Pass) {
        self.door.ended(pass).await;
    }

    async fn execute(&self, request: Request, pass: Pass, client: Client, once: Option<OnceKey>) -> Response {
        let share = self.share(&pass);
        if let Some(key) = once.filter(|_| pass.viewer != Viewer::Anonymous) {
            return share.scope(self.execute_once(request, pass, client, key)).await;
        }
        let request = request_data(&self.services, pass, client, request);
        share.scope(self.schema.execute(request)).await
    }

    fn stream(&self, request: Request, pass: Pass, client: Client) -> BoxStream<'static, Response> {
        let share = self.share(&pass);
        let request = request_data(&self.services, pass, client, request);
        share.over(self.schema.execute_stream(request)).boxed()
    }

    fn settings(&self) -> &HttpSettings {
        &self.http
    }

    fn gate(&self) -> &Gate {
        &self.gate
    }

    fn groups(&self) -> &Arc<Groups> {
        &self.groups
    }
}
