//! The public URLs of the server, its dashboards, and its portals.

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use crate::accounts::model::section::PortalSection;
use crate::accounts::model::slug_is_reserved;
use crate::base::actor::Audience;
use crate::base::ids::{AccountId, MessageId};

/// The first part of the paths of the pages that a team member views as a contact.
pub(crate) const VIEW_PATH: &str = "view-as";

/// The URL of every portal, such as `http://localhost:8000/p/{slug}` or `https://{slug}.portal.example`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalTemplate {
    text: String,
}

#[derive(Clone, Debug, thiserror::Error)]
pub enum TemplateError {
    #[error("it must contain {{slug}} once, in the host or in the path")]
    Slug,
    #[error("it is not an http or https address: {0}")]
    Url(String),
    #[error("it must not have a query or a fragment")]
    QueryOrFragment,
}

impl PortalTemplate {
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        if text.matches("{slug}").count() != 1 {
            return Err(TemplateError::Slug);
        }
        let text = text.trim_end_matches('/').to_owned();
        let url =
            Url::parse(&text.replace("{slug}", "slug")).map_err(|e| TemplateError::Url(e.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(TemplateError::Url("another scheme".to_owned()));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(TemplateError::QueryOrFragment);
        }
        Ok(Self { text })
    }

    /// The default: portals under the server's own URL.
    pub(crate) fn under(public: &str) -> Self {
        Self {
            text: format!("{public}/p/{{slug}}"),
        }
    }

    /// The host name of a portal; `None` if the slug is in the path.
    fn host(&self, slug: &str) -> Option<String> {
        let rest = self.text.split_once("://")?.1;
        let host = rest.split_once('/').map_or(rest, |(host, _)| host);
        host.contains("{slug}")
            .then(|| host.replace("{slug}", slug).to_ascii_lowercase())
    }

    /// Whether some portal is at this host, with its port.
    fn is_at(&self, host: &str) -> bool {
        let rest = self.text.split_once("://").map_or("", |(_, rest)| rest);
        let own = rest.split_once('/').map_or(rest, |(host, _)| host);
        own.contains("{slug}") || own.eq_ignore_ascii_case(host)
    }

    /// The slug of the portal that a request is for, and the path within the portal; `None` for paths outside of portals.
    fn resolve<'a>(&self, host: &'a str, path: &'a str) -> Option<(&'a str, &'a str)> {
        let rest = self.text.split_once("://")?.1;
        let (host_part, path_part) = rest.split_once('/').unwrap_or((rest, ""));
        if let Some((before, after)) = host_part.split_once("{slug}") {
            let slug = host.strip_prefix(before)?.strip_suffix(after)?;
            return Some((slug, below(path.strip_prefix('/')?, path_part)?));
        }
        let (before, after) = path_part.split_once("{slug}")?;
        let path = path.strip_prefix('/')?.strip_prefix(before)?;
        let (slug, path) = path.split_once('/').unwrap_or((path, ""));
        // No slug has a dot, unlike `schema.graphql` and `.well-known`.
        if before.is_empty() && (slug_is_reserved(slug) || slug.contains('.')) {
            return None;
        }
        let path = below(path, after.trim_matches('/')).unwrap_or(path);
        (!slug.is_empty()).then_some((slug, path))
    }
}

/// The rest of a path below a prefix of whole segments.
fn below<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(prefix)?;
    match rest.strip_prefix('/') {
        Some(rest) => Some(rest),
        None => (prefix.is_empty() || rest.is_empty()).then_some(rest),
    }
}

#[derive(Clone, Debug)]
pub struct Addresses {
    /// The server's own URL, without a trailing slash.
    pub public: String,
    pub portal: PortalTemplate,
}

impl Addresses {
    /// Whether the public URL leads to this machine only.
    pub(crate) fn local(&self) -> bool {
        match Url::parse(&self.public).ok().as_ref().and_then(Url::host) {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        }
    }

    /// The slug of the portal that a request is for, and the path within the portal; `None` for the server's own pages. The host
    /// comes from [`host_of`](graphql_server::host_of).
    pub(crate) fn resolve<'a>(&self, host: &'a str, path: &'a str) -> Option<(&'a str, &'a str)> {
        let server = self.public.split_once("://").map(|(_, host)| host);
        let by_host = self.portal.host("").is_some();
        if by_host && server == Some(host) {
            return None;
        }
        self.portal.resolve(host, path)
    }

    /// Whether no account may have this slug, because a route or the server's own host uses it.
    pub(crate) fn slug_is_reserved(&self, slug: &str) -> bool {
        let server = self.public.split_once("://").map(|(_, host)| host);
        slug_is_reserved(slug) || self.portal.host(slug).as_deref() == server
    }

    pub(crate) fn https(&self) -> bool {
        self.public.starts_with("https://")
    }

    pub(crate) fn portal(&self, slug: &str) -> String {
        self.portal.text.replace("{slug}", slug)
    }

    /// A section of a portal. The home page has no trailing slash.
    pub(crate) fn section(&self, slug: &str, section: PortalSection) -> String {
        match section.path() {
            "" => self.portal(slug),
            path => format!("{}/{path}", self.portal(slug)),
        }
    }

    pub(crate) fn magic_link(&self, slug: &str, secret: &str) -> String {
        format!("{}/link/{secret}", self.portal(slug))
    }

    /// Where the SMS provider reports about a text message.
    pub(crate) fn text_status(&self, account: AccountId, message: MessageId) -> String {
        format!("{}/hooks/twilio/{account}/status/{message}", self.public)
    }

    /// The page that opens a view of the portal.
    pub(crate) fn view_link(&self, slug: &str, secret: &str) -> String {
        format!("{}/{VIEW_PATH}/{secret}", self.portal(slug))
    }

    pub(crate) fn affiliate_link(&self, slug: &str, code: &str) -> String {
        format!("{}/r/{code}", self.portal(slug))
    }

    /// Whether a URL is the link of an affiliate of any portal of this server.
    pub(crate) fn is_affiliate_link(&self, url: &Url) -> bool {
        let host = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (host, _) => host.unwrap_or_default().to_owned(),
        };
        let path = percent_decode_str(url.path()).decode_utf8_lossy();
        if !self.portal.is_at(&host) {
            return false;
        }
        let found = self.resolve(&host, &path);
        let first = found.and_then(|(_, rest)| rest.split('/').find(|part| !part.is_empty()));
        first == Some("r")
    }

    pub(crate) fn staff_link(&self, secret: &str) -> String {
        format!("{}/dashboard/link/{secret}", self.public)
    }

    pub(crate) fn dashboard(&self, slug: &str) -> String {
        format!("{}/dashboard/{slug}", self.public)
    }

    /// The page to choose a new password.
    pub(crate) fn reset(&self, audience: Audience, slug: &str, secret: &str) -> String {
        format!("{}/reset/{secret}", self.of(audience, slug))
    }

    /// The page to report an email as "This wasn't me".
    pub(crate) fn not_me(&self, audience: Audience, slug: &str, secret: &str) -> String {
        format!("{}/not-me/{secret}", self.of(audience, slug))
    }

    /// The page to unsubscribe from marketing emails; it also accepts the `POST` of RFC 8058.
    pub(crate) fn unsubscribe(&self, slug: &str, secret: &str) -> String {
        format!("{}/unsubscribe/{secret}", self.portal(slug))
    }

    fn of(&self, audience: Audience, slug: &str) -> String {
        match audience {
            Audience::Portal => self.portal(slug),
            Audience::Dashboard => self.dashboard(slug),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portal_is_found_by_path_or_by_host() {
        let by_path = PortalTemplate::parse("http://localhost:8000/p/{slug}").expect("a template");
        assert_eq!(
            by_path.resolve("localhost:8000", "/p/acme/link/x"),
            Some(("acme", "link/x"))
        );
        assert_eq!(by_path.resolve("localhost:8000", "/p/acme"), Some(("acme", "")));
        assert_eq!(by_path.resolve("localhost:8000", "/p/"), None);
        assert_eq!(by_path.resolve("localhost:8000", "/graphql"), None);
        let by_host = PortalTemplate::parse("https://{slug}.portal.example/").expect("a template");
        assert_eq!(
            by_host.resolve("acme.portal.example", "/login"),
            Some(("acme", "login"))
        );
        assert_eq!(by_host.resolve("portal.example", "/login"), None);
    }

    #[test]
    fn a_path_in_the_template_counts_as_whole_segments() {
        let by_host = PortalTemplate::parse("https://{slug}.example/portal").expect("a template");
        let found = by_host.resolve("acme.example", "/portal/login");
        assert_eq!(found, Some(("acme", "login")));
        assert_eq!(by_host.resolve("acme.example", "/portal"), Some(("acme", "")));
        assert_eq!(by_host.resolve("acme.example", "/portallogin"), None);
        let by_path = PortalTemplate::parse("https://example/{slug}/portal").expect("a template");
        assert_eq!(
            by_path.resolve("example", "/acme/portal/login"),
            Some(("acme", "login"))
        );
        let other = by_path.resolve("example", "/acme/portallogin");
        assert_eq!(other, Some(("acme", "portallogin")));
    }

    fn addresses(public: &str, portal: &str) -> Addresses {
        Addresses {
            public: public.to_owned(),
            portal: PortalTemplate::parse(portal).expect("a template"),
        }
    }

    #[test]
    fn the_servers_own_host_is_not_a_portal() {
        let addresses = addresses("https://app.x.com", "https://{slug}.x.com");
        assert_eq!(addresses.resolve("app.x.com", "/dashboard"), None);
        assert_eq!(addresses.resolve("acme.x.com", "/login"), Some(("acme", "login")));
        assert!(addresses.slug_is_reserved("app") && addresses.slug_is_reserved("www"));
        assert!(!addresses.slug_is_reserved("acme"));
    }

    #[test]
    fn routes_at_the_root_are_not_portals() {
        let addresses = addresses("https://x.com", "https://x.com/{slug}");
        for path in ["/dashboard/acme", "/schema.graphql", "/.well-known/jwks.json"] {
            assert_eq!(addresses.resolve("x.com", path), None, "{path}");
        }
        assert_eq!(addresses.resolve("x.com", "/acme/login"), Some(("acme", "login")));
    }

    #[test]
    fn links_in_emails_lead_to_the_portal_or_the_dashboard() {
        let addresses = addresses("https://vestibule.example", "https://{slug}.portal.example");
        for (audience, base) in [
            (Audience::Portal, "https://acme.portal.example"),
            (Audience::Dashboard, "https://vestibule.example/dashboard/acme"),
        ] {
            assert_eq!(addresses.reset(audience, "acme", "x"), format!("{base}/reset/x"));
            assert_eq!(
                addresses.not_me(audience, "acme", "x"),
                format!("{base}/not-me/x")
            );
        }
    }

    #[test]
    fn templates_without_a_slug_or_with_a_query_are_refused() {
        for text in [
            "http://localhost/p",
            "http://{slug}/{slug}",
            "ftp://{slug}.example",
            "https://{slug}.example/?a=b",
            "{slug}",
        ] {
            assert!(PortalTemplate::parse(text).is_err(), "{text}");
        }
    }
}
