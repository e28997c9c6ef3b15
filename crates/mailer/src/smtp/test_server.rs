//! A mail server for tests: speaks SMTP on a local port and misbehaves on demand.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// What the server does instead of its normal reply.
#[derive(Clone)]
pub(super) enum ScriptedReply {
    Send(&'static str),
    /// Sends nothing and keeps the connection open.
    Hang,
    Close,
}

#[derive(Default)]
struct State {
    script: Mutex<HashMap<&'static str, VecDeque<ScriptedReply>>>,
    extensions: Mutex<Vec<&'static str>>,
    commands: Mutex<Vec<String>>,
    mails: Mutex<Vec<Vec<u8>>>,
    connections: AtomicUsize,
    open: AtomicUsize,
    open_max: AtomicUsize,
    /// Connections up to this number no longer reply.
    unresponsive_up_to: AtomicUsize,
    close: Notify,
}

pub(super) struct TestSmtpServer {
    pub port: u16,
    state: Arc<State>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no panic while locked")
}

impl TestSmtpServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::<State>::default();
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = shared.connections.fetch_add(1, Ordering::SeqCst) + 1;
                let state = shared.clone();
                tokio::spawn(async move {
                    let open = state.open.fetch_add(1, Ordering::SeqCst) + 1;
                    state.open_max.fetch_max(open, Ordering::SeqCst);
                    tokio::select! {
                        _ = serve(stream, number, &state) => {}
                        () = state.close.notified() => {}
                    }
                    state.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { port, state }
    }

    /// Replaces the next reply to this command. `GREETING` and `.` count as commands.
    pub fn script(&self, command: &'static str, reply: ScriptedReply) {
        lock(&self.state.script)
            .entry(command)
            .or_default()
            .push_back(reply);
    }

    pub fn advertise(&self, extensions: &[&'static str]) {
        *lock(&self.state.extensions) = extensions.to_vec();
    }

    /// Closes every connection without a reply, as after an idle timeout.
    pub fn close_connections(&self) {
        self.state.close.notify_waiters();
    }

    /// Stops replying on all open connections, as behind a gateway that dropped them.
    pub fn stop_replying(&self) {
        self.state
            .unresponsive_up_to
            .store(self.connections(), Ordering::SeqCst);
    }

    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    pub fn open(&self) -> usize {
        self.state.open.load(Ordering::SeqCst)
    }

    pub fn open_max(&self) -> usize {
        self.state.open_max.load(Ordering::SeqCst)
    }

    pub fn commands(&self) -> Vec<String> {
        lock(&self.state.commands).clone()
    }

    pub fn count(&self, verb: &str) -> usize {
        self.commands()
            .iter()
            .filter(|command| command.starts_with(verb))
            .count()
    }

    pub fn mails(&self) -> Vec<Vec<u8>> {
        lock(&self.state.mails).clone()
    }
}

impl State {
    fn default_reply(&self, verb: &str) -> String {
        match verb {
            "GREETING" => "220 server.example ESMTP".to_owned(),
            "EHLO" => {
                let lines = lock(&self.extensions)
                    .iter()
                    .map(|line| format!("250-{line}\r\n"))
                    .collect::<String>();
                format!("250-server.example\r\n{lines}250 HELP")
            }
            "AUTH" => "235 2.7.0 welcome".to_owned(),
            "DATA" => "354 go on".to_owned(),
            "QUIT" => "221 2.0.0 bye".to_owned(),
            _ => "250 2.0.0 fine".to_owned(),
        }
    }
}

async fn serve(stream: TcpStream, number: usize, state: &State) -> Option<()> {
    let mut stream = BufReader::new(stream);
    send_reply(&mut stream, "GREETING", state).await?;
    loop {
        let line = read_line(&mut stream).await?;
        while state.unresponsive_up_to.load(Ordering::SeqCst) >= number {
            std::future::pending::<()>().await;
        }
        lock(&state.commands).push(line.clone());
        let verb = line.split_whitespace().next().unwrap_or_default().to_owned();
        let reply = send_reply(&mut stream, &verb, state).await?;
        if verb == "DATA" && reply.starts_with('3') {
            let mail = read_mail(&mut stream).await?;
            if send_reply(&mut stream, ".", state).await?.starts_with('2') {
                lock(&state.mails).push(mail);
            }
        }
        if verb == "QUIT" {
            return None;
        }
    }
}

async fn read_line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).await.ok()?;
    (read > 0).then(|| line.trim_end().to_owned())
}

async fn send_reply(stream: &mut BufReader<TcpStream>, verb: &str, state: &State) -> Option<String> {
    let scripted = lock(&state.script).get_mut(verb).and_then(VecDeque::pop_front);
    let reply = match scripted {
        None => state.default_reply(verb),
        Some(ScriptedReply::Send(reply)) => reply.to_owned(),
        Some(ScriptedReply::Close) => return None,
        Some(ScriptedReply::Hang) => std::future::pending().await,
    };
    stream.write_all(format!("{reply}\r\n").as_bytes()).await.ok()?;
    Some(reply)
}

/// Reads up to the final dot and undoes dot stuffing (RFC 5321, section 4.5.2).
async fn read_mail(stream: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut mail = Vec::new();
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await.ok()? == 0 {
            return None;
        }
        if line == b".\r\n" {
            return Some(mail);
        }
        mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}
