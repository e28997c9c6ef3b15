//! The listening server.

use std::net::SocketAddr;
use std::sync::Arc;

use graphql_server::server::{self, ServerHandle, ServerSettings};
use graphql_server::{Gateway, GatewaySettings, Limits, NamedRoute, QueryGuard, RateLimit};
use poem::EndpointExt;
use tokio::net::TcpListener;

use super::config::Config;
use super::cors::Cors;
use super::engine::PortalEngine;
use super::{App, data_dir};
use crate::base::error::{Code, Error, Result};
use crate::messages::pages::LocalOutbox;
use crate::pages::assets::{self, Assets};
use crate::pages::credentials::{self, CredentialRules};
use crate::pages::{BrandingCache, Health, Pages, Site};

pub struct Server {
    pub app: App,
    pub address: SocketAddr,
    handle: ServerHandle,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    pub async fn start(app: App, config: &Config) -> Result<Self> {
        let listener = listen("VESTIBULE_LISTEN", config.listen).await?;
        let address = listener.local_addr().map_err(Error::internal)?;
        let uploads = config.data_dir.join("uploads");
        data_dir::create(&uploads)?;
        data_dir::store_public_url(config)?;
        let handle = ServerHandle::default();
        app.watch_clock();
        app.watch_replica();
        let metrics = app.start_metrics(config, &handle.metrics).await?;
        let rate_limit = config.requests_per_second.map(RateLimit::new);
        let gateway_settings = GatewaySettings {
            preflight_headers: credentials::PREFLIGHT_HEADERS,
            socket_limit: config.sockets_per_source,
            rate_limit: rate_limit.clone(),
            ..GatewaySettings::new(uploads)
        };
        let gateway = gateway(&app, config, gateway_settings, handle.clone());
        // Messages can be read here only if the server is reachable from this machine alone.
        let outbox = LocalOutbox {
            mails: app.mailer.outbox().cloned(),
            texts: app.texting.sender.outbox().cloned(),
        };
        let keeps_some = outbox.mails.is_some() || outbox.texts.is_some();
        let site = Site {
            services: Arc::clone(&app.services),
            authenticator: app.authenticator.clone(),
            outbox: Some(outbox).filter(|_| keeps_some && config.local()),
            health: Health,
            schema: config.introspection.then(crate::api::sdl),
            metrics: metrics.filter(|_| config.metrics.token.is_some()),
            keeps_mail: app.mailer.outbox().is_some(),
            brandings: BrandingCache::default(),
            rate_limit,
        };
        let origins = &config.allowed_origins;
        let routes = gateway
            .routes_with(|endpoint| Cors::new(endpoint, origins.clone()))
            .nest(assets::MOUNT, NamedRoute::new("/assets/{file}", Assets))
            .nest_no_strip("/", Pages::new(site))
            .catch_all_error(error_response);
        let settings = ServerSettings {
            max_connections: config.connections,
            https: config.addresses.https(),
            proxies: config.proxy_settings(),
            undeclared_proxy_advice: "Put its address into VESTIBULE_TRUSTED_PROXIES",
            ..ServerSettings::default()
        };
        // Tokens that were revoked before the start must be refused from the first request on.
        app.services.live.wait_until_ready().await;
        let task = tokio::spawn(server::serve(listener, routes, handle.clone(), settings));
        Ok(Self {
            app,
            address,
            handle,
            task,
        })
    }

    /// Finishes running requests, closes the sockets, and returns claimed messages to the queue.
    pub async fn stop(self) {
        self.handle.stop.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the accept loop failed");
        }
        self.app.stop().await;
    }
}

/// The transports around the schema.
fn gateway(
    app: &App,
    config: &Config,
    settings: GatewaySettings,
    handle: ServerHandle,
) -> Gateway<PortalEngine> {
    let schema = crate::api::build(Arc::clone(&app.services), config.introspection);
    let guard = QueryGuard::new(&schema.sdl(), Limits::default(), crate::api::field_options());
    let engine = PortalEngine {
        services: Arc::clone(&app.services),
        authenticator: app.authenticator.clone(),
        schema,
        credentials: CredentialRules::new(&config.addresses.public),
    };
    Gateway::new(engine, guard, settings, handle)
}

pub(super) async fn listen(setting: &str, address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let message = format!("{setting}: can't listen on {address}.");
        Error::new(Code::Unavailable, message).because(error)
    })
}

async fn error_response(error: poem::Error) -> poem::Response {
    error.into_response()
}
