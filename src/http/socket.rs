//! The WebSocket of `/graphql`: a thin loop around the state machine of [`protocol`].
//!
//! The loop takes the next thing that happened only when everything before it was sent: a client that does not read is not
//! read from either, and its streams are not polled. A send that makes no progress ends the connection (`serve::Patience`).
//! When the loop ends, its streams are dropped with it.

pub mod message;
pub mod protocol;

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::future::{BoxFuture, Fuse};
use futures_util::stream::{AbortHandle, Abortable, BoxStream, SelectAll};
use futures_util::{FutureExt, SinkExt, StreamExt, stream};
use poem::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use poem::web::websocket::{Message, WebSocket, WebSocketConfig, WebSocketStream};
use poem::{FromRequest, IntoResponse, Request, Response};
use serde_json::{Map, Value};
use tokio::time::{Interval, MissedTickBehavior, interval_at, sleep, timeout};
use tracing::Instrument;

use crate::actor::Client;
use crate::auth::viewer::Pass;
use crate::db::deadline;
use crate::error::Error;
use crate::http::access::Place;
use crate::http::graphql::answer::{Answer, Refusal};
use crate::http::graphql::media::Media;
use crate::http::graphql::run::{Door, run};
use crate::http::metrics::Open;
use crate::http::socket::message::PROTOCOL;
use crate::http::socket::protocol::{Input, Machine, Output};
use crate::http::{Engine, SocketSettings, credentials};

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
pub async fn upgrade<E: Engine>(door: Door<E>, mut request: Request) -> Response {
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
    let client = credentials::client(&request);
    let seat = door.running.seats.take(&client, door.engine.settings().seats);
    let seat = match seat.map_err(Refusal::at_the_door) {
        Ok(seat) => seat,
        Err(refusal) => return refusal.respond(Media::Json { named: false }),
    };
    let (request, mut body) = request.split();
    let socket = match WebSocket::from_request(&request, &mut body).await {
        Ok(socket) => socket,
        Err(error) => return error.into_response(),
    };
    let settings = door.engine.settings().socket.clone();
    let token = door.running.tasks.token();
    let handshake = request.headers().clone();
    let socket = socket.protocols([PROTOCOL]).config(config(&settings));
    let span = tracing::Span::current();
    let (place, open) = (Place::socket(), door.running.metrics.open(Open::Socket));
    let upgraded = socket.on_upgrade(move |mut stream| {
        // Boxed here: every future around it would make room for it anew, and thousands of sockets are open at once.
        let talk: BoxFuture<'static, ()> = if offered {
            let conversation = Conversation::new(door, handshake, client, stream);
            Box::pin(Box::new(conversation).hold(settings))
        } else {
            Box::pin(async move { close(&mut stream, 4406, "Subprotocol not acceptable".to_owned()).await })
        };
        let held = (open, seat, token);
        async move {
            let _held = held;
            place.scope(talk).instrument(span).await;
        }
    });
    upgraded.into_response()
}

/// The sub-protocols that a client offers.
enum Offer {
    /// It names none: it is told by a close which one it needs.
    Nothing,
    Ours,
    /// Only such as are not spoken here.
    Others,
}

fn offer(headers: &HeaderMap) -> Offer {
    let lines = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL);
    let mut names = lines
        .iter()
        .flat_map(|line| line.to_str().unwrap_or_default().split(','));
    match (lines.iter().next(), names.any(|name| name.trim() == PROTOCOL)) {
        (None, _) => Offer::Nothing,
        (Some(_), true) => Offer::Ours,
        (Some(_), false) => Offer::Others,
    }
}

fn unknown_protocol() -> Refusal {
    let words = format!("The sub-protocol of this socket is {PROTOCOL}.");
    Refusal::new(
        StatusCode::BAD_REQUEST,
        Error::bad_input("Sec-WebSocket-Protocol", words),
    )
}

fn config(settings: &SocketSettings) -> WebSocketConfig {
    // The machine says politely what is too big; beyond twice that the frame is not even read.
    let most = settings.max_message * 2;
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(most))
        .max_frame_size(Some(most))
}

type Item = (String, Option<Answer>);

struct Conversation<E> {
    door: Door<E>,
    stream: WebSocketStream,
    machine: Machine,
    client: Client,
    handshake: HeaderMap,
    pass: Option<Pass>,
    entering: Fuse<BoxFuture<'static, Result<Pass, Error>>>,
    ended: Fuse<BoxFuture<'static, ()>>,
    items: SelectAll<Abortable<BoxStream<'static, Item>>>,
    handles: HashMap<String, AbortHandle>,
}

impl<E: Engine> Conversation<E> {
    fn new(door: Door<E>, handshake: HeaderMap, client: Client, stream: WebSocketStream) -> Self {
        let machine = Machine::new(door.engine.settings().socket.clone());
        Self {
            door,
            stream,
            machine,
            client,
            handshake,
            pass: None,
            entering: Fuse::terminated(),
            ended: Fuse::terminated(),
            items: SelectAll::new(),
            handles: HashMap::new(),
        }
    }

    async fn hold(mut self: Box<Self>, settings: SocketSettings) {
        let mut init = Box::pin(sleep(settings.init_wait).fuse());
        let mut ticks = ticks(settings.ping_interval);
        let stop = self.door.running.stop.clone();
        let mut stopping = Box::pin(stop.cancelled().fuse());
        loop {
            let input = tokio::select! {
                frame = self.stream.next() => match frame {
                    Some(Ok(frame)) => heard(frame),
                    Some(Err(error)) => return self.too_big(&error).await,
                    None => return,
                },
                Some(item) = self.items.next() => Some(self.item(item)),
                entered = &mut self.entering => Some(self.entered(entered)),
                () = &mut self.ended => Some(Input::AuthorisationEnded),
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

    fn entered(&mut self, entered: Result<Pass, Error>) -> Input {
        self.handshake = HeaderMap::new();
        Input::Entered(entered.map(|pass| {
            let engine = self.door.engine.clone();
            let held = pass.clone();
            self.ended = async move { engine.ended(&held).await }.boxed().fuse();
            self.pass = Some(pass);
        }))
    }

    /// Whether the conversation goes on.
    async fn perform(&mut self, output: Output) -> bool {
        match output {
            Output::Send(text) => self.stream.send(Message::Text(text)).await.is_ok(),
            Output::Ping => self.stream.send(Message::Ping(Vec::new())).await.is_ok(),
            Output::Enter(payload) => {
                self.enter(&payload);
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

    fn enter(&mut self, payload: &Map<String, Value>) {
        let engine = self.door.engine.clone();
        let client = self.client.clone();
        let presented = credentials::of_socket(&self.handshake, payload, engine.settings());
        let entering = deadline::within(deadline::REQUEST, async move {
            engine.enter(&presented?, &client).await
        });
        let entering = AssertUnwindSafe(entering);
        let entered = entering.catch_unwind().map(|entered| match entered {
            Ok(entered) => entered,
            Err(_) => Err(Error::internal("the door panicked")),
        });
        self.entering = entered.boxed().fuse();
    }

    fn start(&mut self, id: String, request: async_graphql::Request) {
        let gate = self.door.engine.gate();
        let counted = self.door.count(&self.client);
        let prepared = counted.and_then(|()| self.door.prepare(request, &mut gate.budget()));
        let answers = match (prepared, self.pass.clone()) {
            (Ok(prepared), Some(pass)) => run(&self.door, prepared, pass, self.client.clone()),
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
            // The rest of it can't be read, so our end resets the connection: the client hears why before that.
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

/// Reads on until the other side has closed too: what is not read would reset the connection under our last words.
async fn finish(stream: &mut WebSocketStream) {
    let rest = async { while let Some(Ok(_)) = stream.next().await {} };
    let _ = timeout(CLOSE_WAIT, rest).await;
}
