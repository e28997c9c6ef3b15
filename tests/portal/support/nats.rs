//! A NATS server in a process of its own, on a loopback port. It ends with the test.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::net::TcpStream;

use super::wait_until;

pub struct TestNats {
    pub address: SocketAddr,
    arguments: Vec<String>,
    child: Child,
}

impl TestNats {
    /// With these arguments of `nats-server`.
    pub async fn start(arguments: &[&str]) -> Self {
        Self::start_at(Self::free_address(), arguments).await
    }

    pub async fn start_at(address: SocketAddr, arguments: &[&str]) -> Self {
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let mut nats = Self {
            address,
            child: spawn(address, &arguments),
            arguments,
        };
        nats.wait_until_listening().await;
        nats
    }

    /// A port on which nothing listens.
    pub fn free_address() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address")
    }

    pub fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// Ends it as a crash does.
    pub fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// Starts it on the same port, after `kill`.
    pub async fn restart(&mut self) {
        self.child = spawn(self.address, &self.arguments);
        self.wait_until_listening().await;
    }

    pub fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).expect("a process id");
        kill(Pid::from_raw(id), signal).expect("it runs");
    }

    async fn wait_until_listening(&mut self) {
        wait_until("NATS listens", async || {
            let ended = self.child.try_wait().expect("its state");
            assert_eq!(ended, None, "nats-server ended");
            TcpStream::connect(self.address).await.is_ok()
        })
        .await;
    }
}

impl Drop for TestNats {
    fn drop(&mut self) {
        // It has ended already if a test killed it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(address: SocketAddr, arguments: &[String]) -> Child {
    let path = std::env::var("PATH").unwrap_or_default();
    let started = Command::new("nats-server")
        // Debian has it in a folder of root's programs.
        .env("PATH", format!("{path}:/usr/sbin:/usr/local/sbin"))
        .args(["-a", &address.ip().to_string(), "-p", &address.port().to_string()])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    started.unwrap_or_else(|error| {
        panic!("nats-server can't be started ({error}). Install it (Debian: apt-get install nats-server), or run scripts/test, which does.")
    })
}
