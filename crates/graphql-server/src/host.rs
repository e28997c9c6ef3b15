//! Which host a request is for.

use poem::Request;
use poem::http::header;

/// The host and port that the client named, as browsers write them: lower case, without the scheme's own port. HTTP/2 names
/// them in `:authority` (RFC 9113, 8.3.1), and an absolute address goes before `Host` (RFC 9112, 3.2.2).
pub fn host_of(request: &Request, https: bool) -> String {
    let authority = request.uri().authority().map(|authority| authority.as_str());
    let named = authority
        .or_else(|| request.header(header::HOST))
        .unwrap_or_default();
    let mut host = named.to_ascii_lowercase();
    let usual = if https { ":443" } else { ":80" };
    if host.ends_with(usual) {
        host.truncate(host.len() - usual.len());
    }
    host
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_read_wherever_the_client_named_it() {
        for (uri, header, https, host) in [
            ("/", Some("Acme.Portal.example"), true, "acme.portal.example"),
            ("/", Some("acme.portal.example:443"), true, "acme.portal.example"),
            (
                "/",
                Some("acme.portal.example:443"),
                false,
                "acme.portal.example:443",
            ),
            ("/", Some("localhost:80"), false, "localhost"),
            (
                "http://acme.portal.example/login",
                None,
                true,
                "acme.portal.example",
            ),
            (
                "http://acme.portal.example/",
                Some("other.example"),
                true,
                "acme.portal.example",
            ),
            ("/", None, true, ""),
        ] {
            let mut request = Request::builder().uri_str(uri);
            if let Some(header) = header {
                request = request.header(header::HOST, header);
            }
            assert_eq!(host_of(&request.finish(), https), host, "{uri} {header:?}");
        }
    }
}
