//! The DNS records of a sending domain: what to publish, and whether what was found will do.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::base::text_enum::text_enum;
use crate::sending_domains::dns::Dns;

text_enum! {
    /// What a DNS record of a sending domain is for.
    #[derive(async_graphql::Enum)]
    DnsRecordPurpose {
        /// The public key that mail servers verify signatures with (RFC 6376).
        Dkim = "DKIM",
        /// The mail server that takes bounces (RFC 5321).
        ReturnPath = "RETURN_PATH",
        /// The servers that may send for the return path (RFC 7208).
        Spf = "SPF",
        /// What receivers do with mail that fails these checks (RFC 7489). Recommended; verification doesn't wait for it.
        Dmarc = "DMARC",
    }
}

text_enum! {
    /// The type of a DNS record.
    #[derive(async_graphql::Enum)]
    DnsRecordType {
        /// Text.
        Txt = "TXT",
        /// A mail server.
        Mx = "MX",
    }
}

/// What a server needs to offer sending domains.
#[derive(Clone, Debug)]
pub struct Sending {
    pub hosts: MailHosts,
    pub dns: Dns,
}

/// The hosts of this server that the records name, and those that no account can claim.
#[derive(Clone, Debug)]
pub struct MailHosts {
    mail_domain: String,
    bounce_host: String,
    own: Vec<String>,
}

impl MailHosts {
    /// From the sender's address, the mail server that takes bounces (by default the sender's domain), and the server's URLs.
    pub fn new<'a>(
        mail_from: &str,
        bounce_host: Option<&str>,
        urls: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mail_domain = mail_from.rsplit_once('@').map_or(mail_from, |(_, domain)| domain);
        let mail_domain = mail_domain.to_ascii_lowercase();
        let bounce_host = bounce_host.map_or_else(|| mail_domain.clone(), str::to_owned);
        let hosts = urls
            .into_iter()
            .filter_map(|url| Url::parse(url).ok()?.host_str().map(str::to_owned));
        let mut own: Vec<String> = hosts.collect();
        own.extend([mail_domain.clone(), bounce_host.clone()]);
        Self {
            mail_domain,
            bounce_host,
            own,
        }
    }

    /// Whether the domain is one of the server's, or a parent of one.
    pub(crate) fn claims(&self, domain: &str) -> bool {
        let below = |host: &String| host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
        self.own.iter().any(|host| host == domain || below(host))
    }
}

/// The records that were found at the names of a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Found {
    pub dkim: Vec<String>,
    pub return_path: Vec<String>,
    pub spf: Vec<String>,
    pub dmarc: Vec<String>,
}

/// The domain, its selector and its public key: what the records follow from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Published<'a> {
    pub domain: &'a str,
    pub selector: &'a str,
    pub public_key: &'a str,
}

/// A record to publish, and what was found in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub purpose: DnsRecordPurpose,
    pub name: String,
    pub value: String,
    pub found: Vec<String>,
    pub ok: bool,
}

impl DnsRecordPurpose {
    pub(crate) fn record_type(self) -> DnsRecordType {
        match self {
            Self::ReturnPath => DnsRecordType::Mx,
            Self::Dkim | Self::Spf | Self::Dmarc => DnsRecordType::Txt,
        }
    }

    /// Whether the domain is verified only with this record.
    pub(crate) fn required(self) -> bool {
        self != Self::Dmarc
    }
}

impl<'a> Published<'a> {
    pub(crate) fn name(self, purpose: DnsRecordPurpose) -> String {
        let (domain, selector) = (self.domain, self.selector);
        match purpose {
            DnsRecordPurpose::Dkim => format!("{selector}._domainkey.{domain}"),
            DnsRecordPurpose::ReturnPath | DnsRecordPurpose::Spf => return_path(domain),
            DnsRecordPurpose::Dmarc => format!("_dmarc.{domain}"),
        }
    }

    pub(crate) fn records(self, hosts: &MailHosts, found: &Found) -> Vec<Record> {
        let record = |purpose: &DnsRecordPurpose| Record {
            purpose: *purpose,
            name: self.name(*purpose),
            value: self.value(*purpose, hosts),
            found: found.of(*purpose).to_vec(),
            ok: self.accepts(*purpose, hosts, found.of(*purpose)),
        };
        DnsRecordPurpose::ALL.iter().map(record).collect()
    }

    fn value(self, purpose: DnsRecordPurpose, hosts: &MailHosts) -> String {
        match purpose {
            DnsRecordPurpose::Dkim => format!("v=DKIM1; k=rsa; p={}", self.public_key),
            DnsRecordPurpose::ReturnPath => format!("10 {}", hosts.bounce_host),
            DnsRecordPurpose::Spf => format!("v=spf1 include:{} ~all", hosts.mail_domain),
            DnsRecordPurpose::Dmarc => "v=DMARC1; p=none".to_owned(),
        }
    }

    fn accepts(self, purpose: DnsRecordPurpose, hosts: &MailHosts, found: &[String]) -> bool {
        match purpose {
            DnsRecordPurpose::Dkim => only(found, |text| has_key(text, self.public_key)),
            DnsRecordPurpose::ReturnPath => leads_to(found, &hosts.bounce_host),
            DnsRecordPurpose::Spf => only(&of_spf(found), |text| includes(text, &hosts.mail_domain)),
            DnsRecordPurpose::Dmarc => only(&of_dmarc(found), has_policy),
        }
    }
}

impl Found {
    fn of(&self, purpose: DnsRecordPurpose) -> &[String] {
        match purpose {
            DnsRecordPurpose::Dkim => &self.dkim,
            DnsRecordPurpose::ReturnPath => &self.return_path,
            DnsRecordPurpose::Spf => &self.spf,
            DnsRecordPurpose::Dmarc => &self.dmarc,
        }
    }
}

/// The domain of the envelope's sender, which receives bounces.
pub(crate) fn return_path(domain: &str) -> String {
    format!("bounces.{domain}")
}

/// Why the domain is not verified; none if it is.
pub(crate) fn problem(records: &[Record]) -> Option<String> {
    let record = records
        .iter()
        .find(|record| record.purpose.required() && !record.ok)?;
    let (kind, name) = (record.purpose.record_type().as_str(), &record.name);
    let several = match record.purpose {
        DnsRecordPurpose::Spf => of_spf(&record.found).len() > 1,
        DnsRecordPurpose::Dkim => record.found.len() > 1,
        DnsRecordPurpose::ReturnPath | DnsRecordPurpose::Dmarc => false,
    };
    Some(match record.purpose {
        DnsRecordPurpose::Spf if several => {
            format!("There are several SPF records at {name}: keep one (RFC 7208, section 4.5).")
        }
        DnsRecordPurpose::Spf if of_spf(&record.found).is_empty() => {
            format!("No SPF record was found at {name}.")
        }
        _ if several => format!("There are several {kind} records at {name}: keep one."),
        _ if record.found.is_empty() => format!("No {kind} record was found at {name}."),
        _ => format!("The {kind} record at {name} has another value."),
    })
}

fn only<T: AsRef<str>>(found: &[T], fits: impl FnOnce(&str) -> bool) -> bool {
    matches!(found, [one] if fits(one.as_ref()))
}

/// The tags of a DKIM key or a DMARC record (RFC 6376, section 3.2).
fn tag<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let tags = text.split(';').filter_map(|tag| tag.split_once('='));
    let mut values = tags
        .filter(|(tag, _)| tag.trim() == name)
        .map(|(_, value)| value.trim());
    values.next()
}

/// RFC 6376, section 3.6.1.
fn has_key(text: &str, public_key: &str) -> bool {
    let lists = |name, wanted: [&str; 2]| {
        let mut listed = tag(text, name).map(|list| list.split(':').map(str::trim));
        listed
            .as_mut()
            .is_none_or(|listed| listed.any(|one| wanted.contains(&one)))
    };
    let key: String = tag(text, "p").unwrap_or_default().split_whitespace().collect();
    key == public_key
        && tag(text, "v").is_none_or(|version| version == "DKIM1")
        && tag(text, "k").is_none_or(|kind| kind == "rsa")
        && lists("h", ["sha256"; 2])
        && lists("s", ["*", "email"])
}

/// Receivers deliver to the server with the lowest preference first (RFC 5321, section 5.1).
fn leads_to(found: &[String], host: &str) -> bool {
    let parsed = found.iter().filter_map(|text| {
        let (preference, host) = text.split_once(' ')?;
        Some((preference.parse::<u16>().ok()?, host))
    });
    let best = parsed.min_by_key(|(preference, _)| *preference);
    best.is_some_and(|(_, found)| found.eq_ignore_ascii_case(host))
}

/// The SPF records among the texts (RFC 7208, section 4.5).
fn of_spf(found: &[String]) -> Vec<&str> {
    let version = |text: &&str| {
        text.split(' ')
            .next()
            .is_some_and(|word| word.eq_ignore_ascii_case("v=spf1"))
    };
    found.iter().map(String::as_str).filter(version).collect()
}

/// Whether the server's domain is included (RFC 7208, section 5.2).
fn includes(text: &str, mail_domain: &str) -> bool {
    let mut terms = text.split_whitespace().skip(1).map(str::to_ascii_lowercase);
    terms.any(|term| {
        let term = term.strip_prefix('+').unwrap_or(&term);
        term.strip_prefix("include:")
            .is_some_and(|domain| domain.trim_end_matches('.') == mail_domain)
    })
}

/// The DMARC records among the texts (RFC 7489, section 6.6.3).
fn of_dmarc(found: &[String]) -> Vec<&str> {
    let version = |text: &&str| tag(text.split(';').next().unwrap_or_default(), "v") == Some("DMARC1");
    found.iter().map(String::as_str).filter(version).collect()
}

fn has_policy(text: &str) -> bool {
    tag(text, "p").is_some_and(|policy| {
        ["none", "quarantine", "reject"]
            .iter()
            .any(|known| policy.eq_ignore_ascii_case(known))
    })
}

#[cfg(test)]
mod tests;
