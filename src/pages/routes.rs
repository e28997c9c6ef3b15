//! The routes of the pages. The pattern of a route is also its label in the access log and the metrics: a path may contain a
//! secret, its pattern never does.

use std::borrow::Cow;

use poem::{Endpoint, IntoEndpoint, Request, Route};

/// Routes below a prefix, labelled with their patterns.
pub(crate) struct Routes {
    prefix: &'static str,
    /// The label of the first page.
    root: &'static str,
    route: Route,
}

impl Routes {
    fn new(prefix: &'static str, root: &'static str) -> Self {
        Self {
            prefix,
            root,
            route: Route::new(),
        }
    }

    pub(crate) fn of_portals() -> Self {
        Self::new("{portal}", "{portal}/")
    }

    pub(crate) fn of_views() -> Self {
        Self::new("{portal}/view-as", "{portal}/view-as")
    }

    pub(crate) fn of_dashboards() -> Self {
        Self::new("/dashboard/{account}", "/dashboard/{account}")
    }

    pub(crate) fn of_server() -> Self {
        Self::new("", "/")
    }

    #[must_use]
    pub(crate) fn at(self, path: &str, endpoint: impl IntoEndpoint<Endpoint: 'static>) -> Self {
        let label = match path {
            "/" => Cow::Borrowed(self.root),
            path => Cow::Owned(format!("{}{}", self.prefix, label(path))),
        };
        let endpoint = Labelled {
            label,
            endpoint: endpoint.into_endpoint(),
        };
        Self {
            route: self.route.at(path, endpoint),
            ..self
        }
    }

    /// Adds the pages of a feature.
    #[must_use]
    pub(crate) fn with(self, pages: fn(Self) -> Self) -> Self {
        pages(self)
    }

    pub(crate) fn finish(self) -> Route {
        self.route
    }
}

/// `/link/:token` as `/link/{token}`.
fn label(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.strip_prefix(':') {
        Some(name) => {
            let name = name.split_once('<').map_or(name, |(name, _)| name);
            format!("{{{name}}}")
        }
        None => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

struct Labelled<E> {
    label: Cow<'static, str>,
    endpoint: E,
}

impl<E: Endpoint> Endpoint for Labelled<E> {
    type Output = E::Output;

    async fn call(&self, request: Request) -> poem::Result<E::Output> {
        graphql_server::route(self.label.clone());
        self.endpoint.call(request).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_names_the_parameters() {
        assert_eq!(label("/login"), "/login");
        assert_eq!(label("/link/:token/fresh"), "/link/{token}/fresh");
        assert_eq!(label("/:section<^(?:courses)>"), "/{section}");
    }
}
