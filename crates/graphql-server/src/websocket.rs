//! The WebSocket of `/graphql`: a thin loop around the state machine of [`protocol`].
//!
//! The loop handles the next event only after all output of the previous one was sent: if a client does not read, the server
//! neither reads from it nor polls its streams. A send that makes no progress ends the connection
//! ([`Timeouts::stall`](crate::server::Timeouts)). When the loop ends, its streams are dropped with it.

mod message;
mod protocol;
mod sub_protocol;

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::future::{BoxFuture, Fuse};
use futures_util::stream::{AbortHandle, Abortable, BoxStream, SelectAll};
use futures_util::{FutureExt, SinkExt, StreamExt, stream};
use poem::http::{HeaderMap, HeaderValue, Method, header};
use poem::web::websocket::{Message, WebSocket, WebSocketConfig, WebSocketStream};
use poem::{FromRequest, IntoResponse, Request, Response};
use serde_json::{Map, Value};
use tokio::time::{Interval, MissedTickBehavior, interval_at, sleep, timeout};
use tracing::Instrument;

use crate::access_log::LogContext;
use crate::client::Client;
use crate::engine::Engine;
use crate::error::Error;
use crate::gateway::Gateway;
use crate::http::media::MediaType;
use crate::http::result::{ExecutionResult, HttpError};
use crate::metrics::OpenGauge;
use crate::settings::WebSocketSettings;
use crate::websocket::message::PROTOCOL;
use crate::websocket::protocol::{Input, Output, ProtocolMachine};
use crate::websocket::sub_protocol::{OfferedProtocols, offered_protocols, unknown_protocol};

/// tungstenite uses its whole read buffer, which is 128 KiB per socket by default.
const READ_BUFFER: usize = 2 << 10;

/// Time limit for the client's close frame.
const CLOSE_WAIT: Duration = Duration::from_secs(2);

/// Whether the request is a WebSocket handshake.
pub fn is_upgrade(request: &Request) -> bool {
    let upgrade = request.header("upgrade").unwrap_or_default();
    request.method() == Method::GET && upgrade.eq_ignore_ascii_case("websocket")
}

/// Whether the client offers the protocol; an error if it offers only others.
fn negotiate_protocol(request: &mut Request) -> Result<bool, HttpError> {
    match offered_protocols(request.headers()) {
        OfferedProtocols::None => Ok(false),
        OfferedProtocols::Unsupported => Err(unknown_protocol()),
        OfferedProtocols::Supported => {
            // poem reads only the first line of this header.
            let protocol = HeaderValue::from_static(PROTOCOL);
            request
                .headers_mut()
                .insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
            Ok(true)
        }
    }
}

/// Completes the handshake, and runs the session in its own task.
pub async fn upgrade<E: Engine>(gateway: Gateway<E>, mut request: Request) -> Response {
    let client = Client::from_request(&request);
    let negotiated = negotiate_protocol(&mut request);
    let admitted = negotiated.and_then(|offers_protocol| {
        let permit = gateway.open_socket(&client).map_err(HttpError::from_error)?;
        Ok((offers_protocol, permit))
    });
    let (offers_protocol, permit) = match admitted {
        Ok(admitted) => admitted,
        Err(refusal) => return refusal.respond(MediaType::Json { explicit: false }),
    };
    let (request, mut body) = request.split();
    let socket = match WebSocket::from_request(&request, &mut body).await {
        Ok(socket) => socket,
        Err(error) => return error.into_response(),
    };
    let settings = gateway.settings().websocket.clone();
    let token = gateway.handle().tasks.token();
    let handshake = request.headers().clone();
    let socket = socket.protocols([PROTOCOL]).config(config(&settings));
    let span = tracing::Span::current();
    let (log_context, open) = (
        LogContext::for_socket(),
        gateway.handle().metrics.open(OpenGauge::Socket),
    );
    let upgraded = socket.on_upgrade(move |mut stream| {
        // Boxed here: every surrounding future would reserve its size again, and thousands of sockets are open at once.
        let task: BoxFuture<'static, ()> = if offers_protocol {
            let session = SocketSession::new(gateway, handshake, client, stream);
            Box::pin(Box::new(session).run(settings))
        } else {
            Box::pin(async move { close(&mut stream, 4406, "Subprotocol not acceptable".to_owned()).await })
        };
        let guards = (open, permit, token);
        async move {
            let _guards = guards;
            log_context.scope(task).instrument(span).await;
        }
    });
    upgraded.into_response()
}

fn config(settings: &WebSocketSettings) -> WebSocketConfig {
    // The state machine closes with 1009 above the limit. Above twice the limit, the frame is not even read.
    let max_bytes = settings.max_message * 2;
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(max_bytes))
        .max_frame_size(Some(max_bytes))
}

type TaggedResult = (String, Option<ExecutionResult>);

struct SocketSession<E: Engine> {
    gateway: Gateway<E>,
    stream: WebSocketStream,
    machine: ProtocolMachine,
    client: Client,
    handshake: HeaderMap,
    auth: Option<E::Auth>,
    authenticating: Fuse<BoxFuture<'static, Result<E::Auth, Error>>>,
    ended: Fuse<BoxFuture<'static, ()>>,
    results: SelectAll<Abortable<BoxStream<'static, TaggedResult>>>,
    handles: HashMap<String, AbortHandle>,
}

impl<E: Engine> SocketSession<E> {
    fn new(gateway: Gateway<E>, handshake: HeaderMap, client: Client, stream: WebSocketStream) -> Self {
        let machine = ProtocolMachine::new(gateway.settings().websocket.clone());
        Self {
            gateway,
            stream,
            machine,
            client,
            handshake,
            auth: None,
            authenticating: Fuse::terminated(),
            ended: Fuse::terminated(),
            results: SelectAll::new(),
            handles: HashMap::new(),
        }
    }

    async fn run(mut self: Box<Self>, settings: WebSocketSettings) {
        let mut init = Box::pin(sleep(settings.init_timeout).fuse());
        let mut ticks = ticks(settings.ping_interval);
        let stop = self.gateway.handle().stop.clone();
        let mut stopping = Box::pin(stop.cancelled().fuse());
        loop {
            let input = tokio::select! {
                frame = self.stream.next() => match frame {
                    Some(Ok(frame)) => input_from(frame),
                    Some(Err(error)) => return self.close_too_big(&error).await,
                    None => return,
                },
                Some(item) = self.results.next() => Some(self.result_input(item)),
                checked = &mut self.authenticating => Some(self.authenticated(checked)),
                () = &mut self.ended => Some(Input::AuthenticationEnded),
                () = &mut init => Some(Input::InitTimeout),
                _ = ticks.tick() => Some(Input::Tick),
                () = &mut stopping => Some(Input::Stopping),
            };
            let Some(input) = input else {
                return finish(&mut self.stream).await;
            };
            for output in self.machine.handle(input) {
                if !self.execute(output).await {
                    return;
                }
            }
        }
    }

    fn result_input(&mut self, (id, result): TaggedResult) -> Input {
        match result {
            Some(result) => Input::Result { id, result },
            None => {
                self.handles.remove(&id);
                Input::OperationEnded { id }
            }
        }
    }

    fn authenticated(&mut self, checked: Result<E::Auth, Error>) -> Input {
        self.handshake = HeaderMap::new();
        Input::Authenticated(checked.map(|auth| {
            let gateway = self.gateway.clone();
            let caller = auth.clone();
            self.ended = async move { gateway.engine().until_ended(&caller).await }
                .boxed()
                .fuse();
            self.auth = Some(auth);
        }))
    }

    /// Returns whether the session continues.
    async fn execute(&mut self, output: Output) -> bool {
        match output {
            Output::Send(text) => self.stream.send(Message::Text(text)).await.is_ok(),
            Output::Ping => self.stream.send(Message::Ping(Vec::new())).await.is_ok(),
            Output::Authenticate(payload) => {
                self.authenticate(&payload);
                true
            }
            Output::Start { id, request } => {
                self.start(id, *request);
                true
            }
            Output::Stop { id } => {
                if let Some(handle) = self.handles.remove(&id) {
                    handle.abort();
                }
                true
            }
            Output::Close { code, reason } => {
                self.results.clear();
                close(&mut self.stream, code, reason).await;
                false
            }
            Output::Disconnect => false,
        }
    }

    fn authenticate(&mut self, payload: &Map<String, Value>) {
        let gateway = self.gateway.clone();
        let client = self.client.clone();
        let credential = gateway.engine().socket_credential(&self.handshake, payload);
        let check = async move { gateway.authenticate_socket(credential, &client).await };
        let checked = AssertUnwindSafe(check)
            .catch_unwind()
            .map(|checked| match checked {
                Ok(checked) => checked,
                Err(_) => Err(Error::internal("the check of a credential panicked")),
            });
        self.authenticating = checked.boxed().fuse();
    }

    fn start(&mut self, id: String, request: async_graphql::Request) {
        let guard = self.gateway.guard();
        let counted = self.gateway.count_request(&self.client);
        let prepared = counted.and_then(|()| self.gateway.prepare(request, &mut guard.budget()));
        let results = match (prepared, self.auth.clone()) {
            (Ok(prepared), Some(auth)) => self.gateway.run(prepared, auth, self.client.clone()),
            (Err(result), _) => stream::once(async { result }).boxed(),
            (Ok(_), None) => return,
        };
        let name = id.clone();
        let tagged = results.map(Some).chain(stream::once(async { None }));
        let tagged = tagged.map(move |result| (name.clone(), result)).boxed();
        let (handle, registration) = AbortHandle::new_pair();
        self.handles.insert(id, handle);
        self.results.push(Abortable::new(tagged, registration));
    }

    async fn close_too_big(&mut self, error: &std::io::Error) {
        // poem reports a message over the limit as `Other`; every other error is a broken connection.
        if error.kind() == std::io::ErrorKind::Other {
            self.results.clear();
            close(&mut self.stream, 1009, "The message is too big".to_owned()).await;
            // The rest of the message can't be read, so the connection will be reset. This gives the client time for the
            // close.
            sleep(CLOSE_WAIT).await;
        }
    }
}

/// `None` if the client closes.
fn input_from(frame: Message) -> Option<Input> {
    match frame {
        Message::Text(text) => Some(Input::Text(text)),
        Message::Binary(_) => Some(Input::Binary),
        Message::Ping(_) | Message::Pong(_) => Some(Input::Alive),
        Message::Close(_) => None,
    }
}

fn ticks(every: Duration) -> Interval {
    let mut ticks = interval_at(tokio::time::Instant::now() + every, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

async fn close(stream: &mut WebSocketStream, code: u16, reason: String) {
    if stream.send(Message::close_with(code, reason)).await.is_ok() {
        finish(stream).await;
    }
}

/// Reads until the client has closed as well: unread data would reset the connection before the client gets the close.
async fn finish(stream: &mut WebSocketStream) {
    let rest = async { while let Some(Ok(_)) = stream.next().await {} };
    let _ = timeout(CLOSE_WAIT, rest).await;
}
