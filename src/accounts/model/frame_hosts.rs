//! The hosts whose pages an account may show in a frame, as in the `frame-src` of a Content-Security-Policy (CSP Level 3, section 6.7.2.8).

use url::{Host, Url};

use crate::base::error::{Error, Result};

const MAX_HOSTS: usize = 20;

/// The longest host name (RFC 1035, section 2.3.4).
const MAX_CHARS: usize = 253;

/// Host names in their ASCII form: `app.example.com`, or `*.example.com` for all hosts below a domain.
pub(crate) fn parse_frame_hosts(field: &str, hosts: &[String]) -> Result<Vec<String>> {
    if hosts.len() > MAX_HOSTS {
        return Err(Error::bad_input(
            field,
            format!("Name at most {MAX_HOSTS} hosts."),
        ));
    }
    let mut parsed = Vec::with_capacity(hosts.len());
    for (at, host) in hosts.iter().enumerate() {
        let host = parse_host(host).map_err(|message| Error::bad_input(format!("{field}.{at}"), message))?;
        if !parsed.contains(&host) {
            parsed.push(host);
        }
    }
    Ok(parsed)
}

fn parse_host(text: &str) -> Result<String, &'static str> {
    const INVALID: &str = "Write a host name such as app.example.com, without https:// and without a port.";
    let text = text.trim();
    let (wildcard, name) = match text.strip_prefix("*.") {
        Some(name) => ("*.", name),
        None => ("", text),
    };
    if name.len() > MAX_CHARS {
        return Err(INVALID);
    }
    // An address of numbers, in any notation, is no name.
    let name = match Host::parse(name) {
        Ok(Host::Domain(name)) => idna::domain_to_ascii_strict(&name).map_err(|_| INVALID)?,
        Ok(Host::Ipv4(_) | Host::Ipv6(_)) | Err(_) => return Err(INVALID),
    };
    if name.len() > MAX_CHARS || !name.contains('.') || name.ends_with('.') {
        return Err(INVALID);
    }
    if !wildcard.is_empty() && psl::suffix_str(&name) == Some(&name) {
        return Err("It is a public suffix, under which anyone can register: name a domain of one owner.");
    }
    Ok(format!("{wildcard}{name}"))
}

/// Whether the page at this URL may be shown in a frame. Hosts are meant with the usual port of https.
pub(crate) fn allows(hosts: &[String], url: &Url) -> bool {
    let Some(Host::Domain(name)) = url.host() else {
        return false;
    };
    let matches = |host: &String| match host.strip_prefix('*') {
        Some(below) => name.len() > below.len() && name.ends_with(below),
        None => host == name,
    };
    url.scheme() == "https" && url.port().is_none() && hosts.iter().any(matches)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(host: &str) -> Option<String> {
        parse_frame_hosts("input.frameHosts", &[host.to_owned()])
            .ok()
            .and_then(|mut hosts| hosts.pop())
    }

    #[test]
    fn a_host_is_a_name_or_all_names_below_a_domain() {
        assert_eq!(parsed(" App.Example.COM "), Some("app.example.com".to_owned()));
        assert_eq!(parsed("*.example.com"), Some("*.example.com".to_owned()));
        assert_eq!(parsed("bücher.example"), Some("xn--bcher-kva.example".to_owned()));
        for refused in [
            "",
            "*",
            "*.com",
            "*.co.uk",
            "*.github.io",
            "*.*.example.com",
            "a.*.example.com",
            "https://example.com",
            "example.com/",
            "example.com:8443",
            "localhost",
            "127.0.0.1",
            "0x7f.1",
            "[::1]",
            "example.com.",
            "example.com; script-src *",
            "exa mple.com",
            "_a.example.com'",
        ] {
            assert_eq!(parsed(refused), None, "{refused}");
        }
        assert!(parse_frame_hosts("f", &vec!["a.example".to_owned(); 21]).is_err());
        let twice = ["a.example", "A.example", "b.example"].map(str::to_owned);
        let hosts = parse_frame_hosts("f", &twice).expect("hosts");
        assert_eq!(hosts, ["a.example", "b.example"]);
    }

    #[test]
    fn a_wildcard_stands_for_hosts_below_its_domain_only() {
        let hosts = ["*.example.com", "one.example"].map(str::to_owned);
        let allowed = |url| allows(&hosts, &Url::parse(url).expect("a URL"));
        for url in [
            "https://a.example.com/x",
            "https://a.b.example.com",
            "https://one.example:443/",
        ] {
            assert!(allowed(url), "{url}");
        }
        for url in [
            "https://example.com",
            "https://notexample.com",
            "https://a.one.example",
            "https://a.example.com.evil.example",
            "https://a.example.com:8443",
            "http://a.example.com",
            "https://127.0.0.1",
        ] {
            assert!(!allowed(url), "{url}");
        }
    }
}
