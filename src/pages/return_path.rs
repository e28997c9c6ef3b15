//! The page of a dashboard that was opened without a session: a cookie remembers it until the user has signed in, by any method and in
//! any tab of the browser.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;

use super::{Reply, SignInSite, Visit};
use crate::base::actor::Audience;

const SECONDS: i64 = 60 * 60;
const MAX_LENGTH: usize = 1_000;

/// Remembers the requested page with the redirect to the sign-in page.
pub(super) fn remember(redirect: Reply, site: &SignInSite, visit: &Visit<'_>) -> Reply {
    let path = &visit.target.path;
    let query = visit.request().uri().query().unwrap_or_default();
    let home = path == "/" && query.is_empty();
    // Downloads are no pages: they have names with an extension.
    if site.audience != Audience::Dashboard || visit.posted || home || path.contains('.') {
        return redirect;
    }
    let opened = format!("{path}?{query}");
    if opened.len() > MAX_LENGTH {
        return redirect;
    }
    redirect.cookie(
        &cookie_name(site, visit),
        &URL_SAFE_NO_PAD.encode(opened),
        SECONDS,
        visit.https(),
    )
}

/// On the dashboard's first page, after signing in: redirects to the remembered page, once.
pub(super) fn take(site: &SignInSite, visit: &Visit<'_>) -> Option<Reply> {
    let name = cookie_name(site, visit);
    let remembered = visit
        .cookie(&name)
        .filter(|value| !value.is_empty() && visit.target.path == "/")?;
    let opened = URL_SAFE_NO_PAD
        .decode(remembered)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let page = opened
        .and_then(|opened| below(&site.base, &opened))
        .unwrap_or_else(|| site.base.clone());
    Some(Reply::see_other(page).cookie(&name, "", 0, visit.https()))
}

fn cookie_name(site: &SignInSite, visit: &Visit<'_>) -> String {
    let host = if visit.https() { "__Host-" } else { "" };
    format!("{host}vestibule_return_{}", site.account.slug)
}

/// The address of a page below `base`: what another page of this host wrote into the cookie leads nowhere else.
fn below(base: &str, opened: &str) -> Option<String> {
    let url = Url::parse("http://localhost")
        .ok()?
        .join(&format!("{base}{opened}"))
        .ok()?;
    let rest = url.path().strip_prefix(base)?;
    let query = url.query().filter(|query| !query.is_empty());
    let inside = url.host_str() == Some("localhost") && rest.starts_with('/');
    inside.then(|| {
        format!(
            "{base}{}{}",
            rest.trim_end_matches('/'),
            query.map_or_else(String::new, |query| format!("?{query}"))
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remembered_page_is_one_of_the_dashboard() {
        for (opened, page) in [
            (
                "/contacts?status=ACTIVE&tag=a%20b",
                Some("/dashboard/acme/contacts?status=ACTIVE&tag=a%20b"),
            ),
            ("/contacts?", Some("/dashboard/acme/contacts")),
            ("/?range=30", Some("/dashboard/acme?range=30")),
            ("//evil.example/x?", Some("/dashboard/acme//evil.example/x")),
            ("/../other/contacts?", None),
            ("/%2e%2e/other?", None),
            ("/..%5c..%5c/p/acme?", Some("/dashboard/acme/..%5c..%5c/p/acme")),
            ("/\\..\\..\\p?", None),
            ("-corp/contacts?", None),
            (".evil.example/?", None),
            ("@evil.example/?", None),
            ("", None),
        ] {
            assert_eq!(below("/dashboard/acme", opened).as_deref(), page, "{opened}");
        }
    }
}
