//! Where a request leads: to the portal or the dashboard of an account, or to the server's own pages.

use graphql_server::host_of;
use poem::Request;

use crate::accounts::urls::Addresses;
use crate::base::actor::Audience;
use crate::base::db::quota::Tenant;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub kind: PlaceKind,
    /// The common prefix of its pages, without a slash at its end: `/p/acme`, `/dashboard/acme`, or empty.
    pub base: String,
    /// The path below the base; it begins with a slash.
    pub path: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PlaceKind {
    Account { audience: Audience, slug: String },
    Server,
}

impl Place {
    /// Finds the portal by host or path, and strips its prefix. Repeated slashes count as one, and one at the end as none.
    pub(crate) fn of(request: &Request, addresses: &Addresses) -> Self {
        let host = host_of(request, addresses.https());
        let path = request.uri().path();
        if let Some((slug, rest)) = addresses.resolve(&host, path) {
            let base = url::Url::parse(&addresses.portal(slug))
                .map(|url| url.path().trim_end_matches('/').to_owned())
                .unwrap_or_default();
            return Self::account(Audience::Portal, slug, base, &parts(rest));
        }
        match parts(path)[..] {
            // Below `/dashboard/link` are the sign-in links of staff: no account can have that slug.
            ["dashboard", slug, ref rest @ ..] if slug != "link" => {
                Self::account(Audience::Dashboard, slug, format!("/dashboard/{slug}"), rest)
            }
            ref parts => Self {
                kind: PlaceKind::Server,
                base: String::new(),
                path: joined(parts),
            },
        }
    }

    fn account(audience: Audience, slug: &str, base: String, rest: &[&str]) -> Self {
        Self {
            kind: PlaceKind::Account {
                audience,
                slug: slug.to_owned(),
            },
            base,
            path: joined(rest),
        }
    }

    /// Whose part of the pool a page takes its connections from. Health checks and metrics have no bounds.
    pub(crate) fn tenant(&self) -> Option<Tenant> {
        match &self.kind {
            PlaceKind::Account { slug, .. } => Some(Tenant::Pages(slug.as_str().into())),
            PlaceKind::Server => match &self.path[..] {
                "/healthz" | "/readyz" | "/metrics" => None,
                path if path.starts_with("/dashboard/") => Some(Tenant::Pages("link".into())),
                _ => Some(Tenant::Anonymous),
            },
        }
    }
}

fn parts(path: &str) -> Vec<&str> {
    path.split('/').filter(|part| !part.is_empty()).collect()
}

fn joined(parts: &[&str]) -> String {
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::urls::PortalTemplate;

    fn place(public: &str, portal: &str, address: &str) -> (Option<(Audience, String)>, String, String) {
        let addresses = Addresses {
            public: public.to_owned(),
            portal: PortalTemplate::parse(portal).expect("a template"),
        };
        let request = Request::builder().uri(address.parse().expect("a URI")).finish();
        let place = Place::of(&request, &addresses);
        let account = match place.kind {
            PlaceKind::Account { audience, slug } => Some((audience, slug)),
            PlaceKind::Server => None,
        };
        (account, place.base, place.path)
    }

    #[test]
    fn a_page_lies_in_a_portal_a_dashboard_or_the_server() {
        let at = |path: &str| {
            let address = format!("http://localhost{path}");
            place("http://localhost", "http://localhost/p/{slug}", &address)
        };
        let acme = |audience| Some((audience, "acme".to_owned()));
        for (path, account, base, rest) in [
            ("/p/acme", acme(Audience::Portal), "/p/acme", "/"),
            ("/p/acme//login/", acme(Audience::Portal), "/p/acme", "/login"),
            (
                "/dashboard/acme",
                acme(Audience::Dashboard),
                "/dashboard/acme",
                "/",
            ),
            (
                "/dashboard/acme/login",
                acme(Audience::Dashboard),
                "/dashboard/acme",
                "/login",
            ),
            ("/dashboard/link/x", None, "", "/dashboard/link/x"),
            ("/dashboard/", None, "", "/dashboard"),
            ("//healthz", None, "", "/healthz"),
        ] {
            assert_eq!(at(path), (account, base.to_owned(), rest.to_owned()), "{path}");
        }
    }

    #[test]
    fn a_portal_with_a_host_of_its_own_has_no_prefix() {
        let found = place(
            "https://app.x.com",
            "https://{slug}.x.com",
            "https://acme.x.com/login",
        );
        let acme = Some((Audience::Portal, "acme".to_owned()));
        assert_eq!(found, (acme, String::new(), "/login".to_owned()));
    }
}
