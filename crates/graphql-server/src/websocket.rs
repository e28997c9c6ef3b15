//! The WebSocket of `/graphql`: a thin loop around the state machine of [`protocol`].
//!
//! The loop takes the next thing that happened only when everything before it was sent: a client that does not read is not
//! read from either, and its streams are not polled. A send that makes no progress ends the connection ([`Timeouts::stall`](crate::server::Timeouts)).
//! When the loop ends, its streams are dropped with it.

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
use crate::http::answer::{Answer, Refusal};
use crate::http::media::Media;
use crate::metrics::Open;
use crate::settings::WebSocketSettings;
use crate::websocket::message::PROTOCOL;
use crate::websocket::protocol::{Input, Machine, Output};
use crate::websocket::sub_protocol::{Offer, offer, unknown_protocol};

/// tungstenite touches all of its read buffer: 128 KiB per socket by default.
const READ_BUFFER: usize = 2 << 10;

/// How long a client may take to answer a close.
const CLOSE_WAIT: Duration = Duration::from_secs(2);

/// Whether the client asks for a WebSocket.
pub fn wanted(request: &Request) -> bool {
    let upgrade = request.header("upgrade").unwrap_or_default();
    request.method() == Method::GET && upgrade.eq_ignore_ascii_case("websocket")
}

/// Shakes hands; the conversation goes on in a task of its own.
pub async fn upgrade<E: Engine>(gateway: Gateway<E>, mut request: Request) -> Response {
    let offered = match offer(request.headers()) {
        Offer::Nothing => false,
        Offer::Ours => true,
        Offer::Others => return unknown_protocol().respond(Media::Json { named: false }),
    };
    if offered {
        // poem looks at the first line of the header alone when it answers.
        let ours = HeaderValue::from_static(PROTOCOL);
        request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, ours);
    }
    let client = Client::of(&request);
    let permit = gateway.open_socket(&client);
    let permit = match permit.map_err(Refusal::by_code) {
        Ok(permit) => permit,
        Err(refusal) => return refusal.respond(Media::Json { named: false }),
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
    let (place, open) = (LogContext::socket(), gateway.handle().metrics.open(Open::Socket));
    let upgraded = socket.on_upgrade(move |mut stream| {
        // Boxed here: every future around it would reserve its size again, and thousands of sockets are open at once.
        let talk: BoxFuture<'static, ()> = if offered {
            let conversation = Conversation::new(gateway, handshake, client, stream);
            Box::pin(Box::new(conversation).hold(settings))
        } else {
            Box::pin(async move { close(&mut stream, 4406, "Subprotocol not acceptable".to_owned()).await })
        };
        let held = (open, permit, token);
        async move {
            let _held = held;
            place.scope(talk).instrument(span).await;
        }
    });
    upgraded.into_response()
}

fn config(settings: &WebSocketSettings) -> WebSocketConfig {
    // The machine says politely what is too big; beyond twice that the frame is not even read.
    let most = settings.max_message * 2;
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(most))
        .max_frame_size(Some(most))
}

type Item = (String, Option<Answer>);

struct Conversation<E: Engine> {
    gateway: Gateway<E>,
    stream: WebSocketStream,
    machine: Machine,
    client: Client,
    handshake: HeaderMap,
    auth: Option<E::Auth>,
    authenticating: Fuse<BoxFuture<'static, Result<E::Auth, Error>>>,
    ended: Fuse<BoxFuture<'static, ()>>,
    items: SelectAll<Abortable<BoxStream<'static, Item>>>,
    handles: HashMap<String, AbortHandle>,
}

impl<E: Engine> Conversation<E> {
    fn new(gateway: Gateway<E>, handshake: HeaderMap, client: Client, stream: WebSocketStream) -> Self {
        let machine = Machine::new(gateway.settings().websocket.clone());
        Self {
            gateway,
            stream,
            machine,
            client,
            handshake,
            auth: None,
            authenticating: Fuse::terminated(),
            ended: Fuse::terminated(),
            items: SelectAll::new(),
            handles: HashMap::new(),
        }
    }

    async fn hold(mut self: Box<Self>, settings: WebSocketSettings) {
        let mut init = Box::pin(sleep(settings.init_timeout).fuse());
        let mut ticks = ticks(settings.ping_interval);
        let stop = self.gateway.handle().stop.clone();
        let mut stopping = Box::pin(stop.cancelled().fuse());
        loop {
            let input = tokio::select! {
                frame = self.stream.next() => match frame {
                    Some(Ok(frame)) => heard(frame),
                    Some(Err(error)) => return self.too_big(&error).await,
                    None => return,
                },
                Some(item) = self.items.next() => Some(self.item(item)),
                checked = &mut self.authenticating => Some(self.authenticated(checked)),
                () = &mut self.ended => Some(Input::AuthenticationEnded),
                () = &mut init => Some(Input::InitDue),
                _ = ticks.tick() => Some(Input::Tick),
                () = &mut stopping => Some(Input::Stopping),
            };
            let Some(input) = input else {
                return finish(&mut self.stream).await;
            };
            for output in self.machine.on(input) {
                if !self.perform(output).await {
                    return;
                }
            }
        }
    }

    fn item(&mut self, (id, answer): Item) -> Input {
        match answer {
            Some(answer) => Input::Item { id, answer },
            None => {
                self.handles.remove(&id);
                Input::Ended { id }
            }
        }
    }

    fn authenticated(&mut self, checked: Result<E::Auth, Error>) -> Input {
        self.handshake = HeaderMap::new();
        Input::Authenticated(checked.map(|auth| {
            let gateway = self.gateway.clone();
            let held = auth.clone();
            self.ended = async move { gateway.engine().ended(&held).await }.boxed().fuse();
            self.auth = Some(auth);
        }))
    }

    /// Whether the conversation goes on.
    async fn perform(&mut self, output: Output) -> bool {
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
                self.items.clear();
                close(&mut self.stream, code, reason).await;
                false
            }
            Output::Abandon => false,
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
        let counted = self.gateway.count(&self.client);
        let prepared = counted.and_then(|()| self.gateway.prepare(request, &mut guard.budget()));
        let answers = match (prepared, self.auth.clone()) {
            (Ok(prepared), Some(auth)) => self.gateway.run(prepared, auth, self.client.clone()),
            (Err(answer), _) => stream::once(async { answer }).boxed(),
            (Ok(_), None) => return,
        };
        let name = id.clone();
        let tagged = answers.map(Some).chain(stream::once(async { None }));
        let tagged = tagged.map(move |answer| (name.clone(), answer)).boxed();
        let (handle, registration) = AbortHandle::new_pair();
        self.handles.insert(id, handle);
        self.items.push(Abortable::new(tagged, registration));
    }

    async fn too_big(&mut self, error: &std::io::Error) {
        // poem hands a message over the limit on as `Other`; everything else is a broken connection.
        if error.kind() == std::io::ErrorKind::Other {
            self.items.clear();
            close(&mut self.stream, 1009, "The message is too big".to_owned()).await;
            // The rest of it can't be read, so the server resets the connection: the client gets the close before that.
            sleep(CLOSE_WAIT).await;
        }
    }
}

/// `None`: the client closes.
fn heard(frame: Message) -> Option<Input> {
    match frame {
        Message::Text(text) => Some(Input::Text(text)),
        Message::Binary(_) => Some(Input::Binary),
        Message::Ping(_) | Message::Pong(_) => Some(Input::Heard),
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

/// Reads on until the other side has closed too: what is not read would reset the connection before the client has the close.
async fn finish(stream: &mut WebSocketStream) {
    let rest = async { while let Some(Ok(_)) = stream.next().await {} };
    let _ = timeout(CLOSE_WAIT, rest).await;
}
