//! Asks the DNS for the records of a domain. Only a definite answer counts: the records, or that there are none.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::{Resolver, TokioResolver};
use tokio::time::timeout;

use crate::sending_domains::records::{DnsRecordPurpose, Found, Published};

/// The limit of a whole check.
const LIMIT: Duration = Duration::from_secs(5);
/// The limit of one attempt; there are up to three.
const ATTEMPT: Duration = Duration::from_millis(1_500);

/// More bytes than any records of mail have.
const MAX_BYTES: usize = 4_096;
const MAX_ALIASES: usize = 8;

/// The DNS server to ask; by default the system's.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dns {
    pub server: Option<SocketAddr>,
}

/// The records of a domain, or no definite answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DnsAnswer {
    Records(Found),
    /// A timeout, a failure of the server, or an answer that can't be true.
    None,
}

/// There is no definite answer.
#[derive(Debug)]
struct NoAnswer;

impl Dns {
    /// Asks for all records at once. Without an open connection to the database: it may take five seconds.
    pub(crate) async fn find(self, published: Published<'_>) -> DnsAnswer {
        let Ok(resolver) = self.resolver() else {
            return DnsAnswer::None;
        };
        let ask = |purpose| lookup(&resolver, published.name(purpose), purpose);
        let all = Box::pin(async {
            tokio::try_join!(
                ask(DnsRecordPurpose::Dkim),
                ask(DnsRecordPurpose::ReturnPath),
                ask(DnsRecordPurpose::Spf),
                ask(DnsRecordPurpose::Dmarc),
            )
        });
        match timeout(LIMIT, all).await {
            Ok(Ok((dkim, return_path, spf, dmarc))) => DnsAnswer::Records(Found {
                dkim,
                return_path,
                spf,
                dmarc,
            }),
            Ok(Err(NoAnswer)) | Err(_) => DnsAnswer::None,
        }
    }

    /// A new one for each check: no answer comes from a cache of ours, and a change of the system's settings takes effect.
    fn resolver(self) -> Result<TokioResolver, NetError> {
        let provider = TokioRuntimeProvider::default();
        let mut builder = match self.server {
            None => Resolver::builder(provider)?,
            Some(address) => {
                let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
                    connection.port = address.port();
                    connection
                });
                let server = NameServerConfig::new(address.ip(), true, connections.to_vec());
                let config = ResolverConfig::from_name_servers(vec![server]);
                Resolver::builder_with_config(config, provider)
            }
        };
        let options: &mut ResolverOpts = builder.options_mut();
        options.timeout = ATTEMPT;
        options.attempts = 2;
        options.cache_size = 0;
        options.use_hosts_file = ResolveHosts::Never;
        builder.build()
    }
}

/// The records as text, sorted; none if the server says that there are none. DMARC is not required, so no answer for it counts as
/// none.
async fn lookup(
    resolver: &TokioResolver,
    name: String,
    purpose: DnsRecordPurpose,
) -> Result<Vec<String>, NoAnswer> {
    let kind = match purpose {
        DnsRecordPurpose::ReturnPath => RecordType::MX,
        DnsRecordPurpose::Dkim | DnsRecordPurpose::Spf | DnsRecordPurpose::Dmarc => RecordType::TXT,
    };
    let mut name = Name::from_ascii(name).map_err(|_| NoAnswer)?;
    name.set_fqdn(true);
    let found = match resolver.lookup(name.clone(), kind).await {
        Ok(lookup) => texts(lookup.answers().iter().map(|record| &record.data)),
        Err(error) if error.is_nx_domain() => Ok(Vec::new()),
        Err(error) if is_empty(&error) => ends(resolver, name).await.map(|()| Vec::new()),
        Err(_) => Err(NoAnswer),
    };
    match found {
        Err(NoAnswer) if !purpose.required() => Ok(Vec::new()),
        found => found,
    }
}

/// The server says that the name has no such records.
fn is_empty(error: &NetError) -> bool {
    matches!(error, NetError::Dns(DnsError::NoRecordsFound(none)) if none.response_code == ResponseCode::NoError)
}

/// Follows the aliases of a name without records: hickory reports a loop of them as "no records".
async fn ends(resolver: &TokioResolver, mut name: Name) -> Result<(), NoAnswer> {
    for _ in 0..MAX_ALIASES {
        let alias = match resolver.lookup(name, RecordType::CNAME).await {
            Ok(alias) => alias,
            Err(error) if error.is_no_records_found() => return Ok(()),
            Err(_) => return Err(NoAnswer),
        };
        let target = alias.answers().iter().find_map(|record| match &record.data {
            RData::CNAME(target) => Some(target.0.clone()),
            _ => None,
        });
        match target {
            Some(target) => name = target,
            None => return Ok(()),
        }
    }
    Err(NoAnswer)
}

fn texts<'a>(answers: impl Iterator<Item = &'a RData>) -> Result<Vec<String>, NoAnswer> {
    let mut texts: Vec<String> = answers
        .filter_map(|data| match data {
            RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
            RData::MX(mx) => {
                let host = mx.exchange.to_ascii();
                Some(format!("{} {}", mx.preference, host.trim_end_matches('.')))
            }
            _ => None,
        })
        .map(|text| text.replace(char::is_control, "\u{fffd}"))
        .collect();
    if texts.iter().map(String::len).sum::<usize>() > MAX_BYTES {
        return Err(NoAnswer);
    }
    texts.sort();
    Ok(texts)
}
