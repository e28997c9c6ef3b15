//! A DNS server on loopback, whose records and failures a test sets.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use hickory_resolver::proto::op::{Message, Query, ResponseCode};
use hickory_resolver::proto::rr::rdata::{CNAME, MX, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// How the server answers questions about a name.
#[derive(Clone)]
pub enum DnsBehaviour {
    Records(Vec<RData>),
    /// `SERVFAIL`.
    Fails,
    Silent,
    /// Answers a question that was not asked.
    AnotherQuestion,
}

type Zone = Arc<Mutex<HashMap<String, DnsBehaviour>>>;

pub struct TestDns {
    pub address: SocketAddr,
    zone: Zone,
    task: JoinHandle<()>,
}

impl TestDns {
    pub async fn open() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let address = socket.local_addr().expect("an address");
        let zone = Zone::default();
        let task = tokio::spawn(serve(socket, Arc::clone(&zone)));
        Self { address, zone, task }
    }

    pub fn set(&self, name: &str, behaviour: DnsBehaviour) {
        self.zone
            .lock()
            .expect("the zone")
            .insert(name.to_owned(), behaviour);
    }

    pub fn clear(&self) {
        self.zone.lock().expect("the zone").clear();
    }

    /// Adds a record, as the API shows it.
    pub fn add(&self, kind: &str, name: &str, value: &str) {
        let data = match (kind, value.split_once(' ')) {
            ("MX", Some((preference, host))) => {
                RData::MX(MX::new(preference.parse().expect("a number"), fqdn(host)))
            }
            ("CNAME", _) => RData::CNAME(CNAME(fqdn(value))),
            // A TXT record is made of strings of at most 255 bytes.
            _ => {
                let strings = value.as_bytes().chunks(255);
                let strings = strings.map(|part| String::from_utf8_lossy(part).into_owned());
                RData::TXT(TXT::new(strings.collect()))
            }
        };
        let mut zone = self.zone.lock().expect("the zone");
        match zone.get_mut(name) {
            Some(DnsBehaviour::Records(records)) => records.push(data),
            _ => drop(zone.insert(name.to_owned(), DnsBehaviour::Records(vec![data]))),
        }
    }
}

impl Drop for TestDns {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn fqdn(name: &str) -> Name {
    let mut name = Name::from_ascii(name).expect("a name");
    name.set_fqdn(true);
    name
}

async fn serve(socket: UdpSocket, zone: Zone) {
    let mut buffer = [0; 4_096];
    while let Ok((len, client)) = socket.recv_from(&mut buffer).await {
        let Ok(question) = Message::from_vec(&buffer[..len]) else {
            continue;
        };
        let Some(answer) = answer(&question, &zone) else {
            continue;
        };
        let answer = answer.to_vec().expect("an answer");
        socket.send_to(&answer, client).await.ok();
    }
}

/// As a resolver that follows no alias: an alias is the answer to any question.
fn answer(question: &Message, zone: &Zone) -> Option<Message> {
    let query = question.queries.first()?.clone();
    let (name, kind) = (query.name().clone(), query.query_type());
    let mut answer = Message::response(question.metadata.id, question.metadata.op_code);
    answer.metadata.recursion_available = true;
    let key = name.to_ascii().trim_end_matches('.').to_ascii_lowercase();
    let behaviour = zone.lock().expect("the zone").get(&key).cloned();
    match behaviour {
        Some(DnsBehaviour::Silent) => return None,
        Some(DnsBehaviour::Fails) => answer.metadata.response_code = ResponseCode::ServFail,
        Some(DnsBehaviour::AnotherQuestion) => {
            let other = fqdn("other.example");
            answer.add_query(Query::query(other.clone(), kind));
            let text = RData::TXT(TXT::new(vec!["v=spf1 -all".to_owned()]));
            answer.add_answer(Record::from_rdata(other, 1, text));
            return Some(answer);
        }
        Some(DnsBehaviour::Records(records)) => {
            let fits = |data: &RData| data.record_type() == kind || data.record_type() == RecordType::CNAME;
            for data in records.into_iter().filter(fits) {
                answer.add_answer(Record::from_rdata(name.clone(), 1, data));
            }
        }
        None => answer.metadata.response_code = ResponseCode::NXDomain,
    }
    answer.add_query(query);
    Some(answer)
}
