//! What a request addresses: the portal or the dashboard of an account, or the server's own pages.

use graphql_server::host_of;
use poem::Request;

use crate::accounts::urls::{Addresses, VIEW_PATH};
use crate::base::actor::Audience;
use crate::base::db::quota::Tenant;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PageTarget {
    pub kind: TargetKind,
    /// The common prefix of its pages, without a trailing slash: `/p/acme`, `/dashboard/acme`, or empty.
    pub base: String,
    /// The path below the base; it begins with a slash.
    pub path: String,
    /// It is a page of the portal as a team member views it.
    pub viewing: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TargetKind {
    Account { audience: Audience, slug: String },
    Server,
}

impl PageTarget {
    /// Finds the portal by host or path, and strips its prefix. Repeated slashes count as one; a trailing slash is ignored.
    pub(crate) fn of(request: &Request, addresses: &Addresses) -> Self {
        let host = host_of(request, addresses.https());
        let path = request.uri().path();
        if let Some((slug, rest)) = addresses.resolve(&host, path) {
            let base = url::Url::parse(&addresses.portal(slug))
                .map(|url| url.path().trim_end_matches('/').to_owned())
                .unwrap_or_default();
            return match parts(rest)[..] {
                [VIEW_PATH, ref rest @ ..] => Self {
                    viewing: true,
                    ..Self::account(Audience::Portal, slug, format!("{base}/{VIEW_PATH}"), rest)
                },
                ref rest => Self::account(Audience::Portal, slug, base, rest),
            };
        }
        match parts(path)[..] {
            // Below `/dashboard/link` are the sign-in links of staff: no account can have that slug.
            ["dashboard", slug, ref rest @ ..] if slug != "link" => {
                Self::account(Audience::Dashboard, slug, format!("/dashboard/{slug}"), rest)
            }
            ref parts => Self {
                kind: TargetKind::Server,
                base: String::new(),
                path: joined(parts),
                viewing: false,
            },
        }
    }

    fn account(audience: Audience, slug: &str, base: String, rest: &[&str]) -> Self {
        Self {
            kind: TargetKind::Account {
                audience,
                slug: slug.to_owned(),
            },
            base,
            path: joined(rest),
            viewing: false,
        }
    }

    /// The tenant whose quota of the pool the page uses. Health checks and metrics have no quota.
    pub(crate) fn tenant(&self) -> Option<Tenant> {
        match &self.kind {
            TargetKind::Account { slug, .. } => Some(Tenant::Pages(slug.as_str().into())),
            TargetKind::Server => match &self.path[..] {
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

    fn resolve(public: &str, portal: &str, address: &str) -> (Option<(Audience, String)>, String, String) {
        let addresses = Addresses {
            public: public.to_owned(),
            portal: PortalTemplate::parse(portal).expect("a template"),
        };
        let request = Request::builder().uri(address.parse().expect("a URI")).finish();
        let target = PageTarget::of(&request, &addresses);
        let account = match target.kind {
            TargetKind::Account { audience, slug } => Some((audience, slug)),
            TargetKind::Server => None,
        };
        (account, target.base, target.path)
    }

    #[test]
    fn a_path_addresses_a_portal_a_dashboard_or_the_server() {
        let at = |path: &str| {
            let address = format!("http://localhost{path}");
            resolve("http://localhost", "http://localhost/p/{slug}", &address)
        };
        let acme = |audience| Some((audience, "acme".to_owned()));
        for (path, account, base, rest) in [
            ("/p/acme", acme(Audience::Portal), "/p/acme", "/"),
            ("/p/acme/view-as", acme(Audience::Portal), "/p/acme/view-as", "/"),
            (
                "/p/acme/view-as/courses/x",
                acme(Audience::Portal),
                "/p/acme/view-as",
                "/courses/x",
            ),
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
        let found = resolve(
            "https://app.x.com",
            "https://{slug}.x.com",
            "https://acme.x.com/login",
        );
        let acme = Some((Audience::Portal, "acme".to_owned()));
        assert_eq!(found, (acme, String::new(), "/login".to_owned()));
    }
}
