//! The host that a request is for.

use poem::Request;
use poem::http::header;

/// The host and port of the request, as browsers write them: lower case, without the scheme's default port. HTTP/2 sends
/// them in `:authority` (RFC 9113, 8.3.1), and an absolute URI takes precedence over `Host` (RFC 9112, 3.2.2).
pub fn host_of(request: &Request, https: bool) -> String {
    let authority = request.uri().authority().map(|authority| authority.as_str());
    let host_and_port = authority
        .or_else(|| request.header(header::HOST))
        .unwrap_or_default();
    let mut host = host_and_port.to_ascii_lowercase();
    let default_port = if https { ":443" } else { ":80" };
    if host.ends_with(default_port) {
        host.truncate(host.len() - default_port.len());
    }
    host
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_read_from_the_uri_or_the_header() {
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
