//! Where the links of affiliates lead.

use url::Url;

use crate::accounts::urls::Addresses;
use crate::base::error::{Error, Result};
use crate::base::web_address;

/// A target: an https URL that is not itself the link of an affiliate, which could lead round in circles.
pub(crate) fn parse_target(field: &str, text: &str, addresses: &Addresses) -> Result<Option<String>> {
    let target = web_address::https(field, text)?;
    let url = target.as_deref().and_then(|target| Url::parse(target).ok());
    if url.is_some_and(|url| addresses.is_affiliate_link(&url)) {
        return Err(Error::bad_input(
            field,
            "It is the link of an affiliate: name the page where it should lead.",
        ));
    }
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::urls::PortalTemplate;

    #[test]
    fn the_link_of_an_affiliate_is_no_target() {
        for (portal, refused, allowed) in [
            (
                "https://{slug}.portal.example",
                [
                    "https://acme.portal.example/r/anna",
                    "https://ACME.portal.example:443//r/anna?x=y#z",
                    "https://other.portal.example/%72/anna",
                ],
                [
                    "https://acme.portal.example/courses",
                    "https://shop.example/r/anna",
                ],
            ),
            (
                "https://x.example:8443/p/{slug}",
                [
                    "https://x.example:8443/p/acme/r/anna",
                    "https://x.example:8443/p/acme//r/anna/",
                    "https://x.example:8443/p/other/r/bob",
                ],
                [
                    "https://x.example:8443/p/r/",
                    "https://shop.example/p/acme/r/anna",
                ],
            ),
        ] {
            let addresses = Addresses {
                public: "https://vestibule.example".to_owned(),
                portal: PortalTemplate::parse(portal).expect("a template"),
            };
            let parsed =
                |text| parse_target("input.targetUrl", text, &addresses).map_err(|e| e.field.clone());
            for text in refused {
                assert_eq!(parsed(text), Err(Some("input.targetUrl".to_owned())), "{text}");
            }
            for text in allowed {
                assert_eq!(parsed(text), Ok(Some(text.to_owned())));
            }
        }
    }
}
