//! The `Content-Security-Policy` headers of the pages.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use url::Url;

use crate::accounts::brand::Colors;

/// The most hosts whose pictures a page shows, so that the header fits through every proxy. A card without its picture has an initial.
const MAX_PICTURE_ORIGINS: usize = 20;

/// For `/graphiql`, whose editor needs inline styles. Everything else is as strict as for other pages.
pub(crate) const GRAPHIQL_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src 'none'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// For an email of the outbox: emails have inline styles, and the frame inherits the page's policy.
pub(crate) const OUTBOX_MAIL_CSP: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What a page loads from other hosts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sources {
    pictures: BTreeSet<String>,
    frames: Vec<String>,
}

impl Sources {
    /// Pictures from exactly these origins, as [`origin`] returns them.
    pub(crate) fn of_pictures<'a>(origins: impl IntoIterator<Item = &'a str>) -> Self {
        let mut pictures: BTreeSet<String> = origins.into_iter().map(str::to_owned).collect();
        while pictures.len() > MAX_PICTURE_ORIGINS {
            pictures.pop_last();
        }
        Self {
            pictures,
            frames: Vec::new(),
        }
    }

    /// Also frames with pages of exactly these origins, or of all hosts below a domain, such as `https://*.example.com`.
    #[must_use]
    pub(crate) fn with_frames(self, origins: impl IntoIterator<Item = String>) -> Self {
        Self {
            frames: origins.into_iter().collect(),
            ..self
        }
    }
}

/// The origin of an `https` address, if a policy can name it: a host may contain `*` or `;` (URL Standard, section 3.5), which mean
/// something else in a policy.
pub(crate) fn origin(address: &str) -> Option<String> {
    let url = Url::parse(address).ok().filter(|url| url.scheme() == "https")?;
    let host = url.host_str()?;
    let plain = host
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    plain.then(|| url.origin().ascii_serialization())
}

/// The style element of the account's colours is allowed by its hash, so that no page needs inline styles or a nonce.
pub(crate) fn page(colors: Colors, sources: &Sources) -> String {
    let style = STANDARD.encode(Sha256::digest(colors.style()));
    let pictures: String = sources
        .pictures
        .iter()
        .map(|origin| format!(" {origin}"))
        .collect();
    let frame = match &sources.frames[..] {
        [] => String::new(),
        origins => format!("frame-src {}; ", origins.join(" ")),
    };
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-{style}'; img-src 'self'{pictures}; {frame}\
         connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_names_exactly_the_origins_that_are_used() {
        let covers = [
            "https://b.example/2.jpg",
            "https://a.example:8443/x",
            "https://b.example/1.jpg",
        ];
        let origins: Vec<String> = covers.iter().filter_map(|cover| origin(cover)).collect();
        let sources = Sources::of_pictures(origins.iter().map(String::as_str));
        let policy = page(
            Colors::DEFAULT,
            &sources.with_frames(["https://player.vimeo.com".to_owned()]),
        );
        assert!(
            policy.contains(
                "img-src 'self' https://a.example:8443 https://b.example; frame-src https://player.vimeo.com;"
            ),
            "{policy}"
        );
        let bare = page(Colors::DEFAULT, &Sources::default());
        assert!(bare.contains("img-src 'self'; connect-src") && !bare.contains("frame-src"));
    }

    #[test]
    fn a_host_that_means_something_in_a_policy_has_no_origin() {
        for address in [
            "https://*/a.png",
            "https://*.example.com/a.png",
            "https://a;script-src/a.png",
            "https://a,b/a.png",
            "https://[::1]/a.png",
            "http://example.com/a.png",
            "data:image/png;base64,AA",
            "/a.png",
        ] {
            assert_eq!(origin(address), None, "{address}");
        }
        assert_eq!(
            origin("https://bücher.example/a.png").as_deref(),
            Some("https://xn--bcher-kva.example")
        );
    }
}
