//! Where the links of affiliates lead.

use serde_json::{Value, json};
use url::Url;

use crate::accounts::urls::Addresses;
use crate::affiliates::model::code::Code;
use crate::base::error::{Error, Result};
use crate::base::web_address;

/// In its place a target gets the affiliate's code.
const CODE: &str = "{code}";

/// A target: an https URL that is not itself the link of an affiliate, which could lead round in circles. It may contain [`CODE`] in its
/// path, query or fragment, but not in the host: whoever chooses codes would choose the host.
pub(crate) fn parse_target(field: &str, text: &str, addresses: &Addresses) -> Result<Option<String>> {
    // A path keeps no braces.
    let target = web_address::https(field, text)?.map(|target| target.replace("%7Bcode%7D", CODE));
    let url = target.as_deref().and_then(|target| Url::parse(target).ok());
    if url.as_ref().is_some_and(|url| addresses.is_affiliate_link(url)) {
        return Err(Error::bad_input(
            field,
            "It is the link of an affiliate: name the page where it should lead.",
        ));
    }
    if url.is_some_and(|url| url.host_str().is_some_and(|host| host.contains(CODE))) {
        return Err(Error::bad_input(
            field,
            "The code can stand in the path, the query or the fragment only.",
        ));
    }
    Ok(target)
}

/// The hosts of a target before and after a change, for the audit log.
pub(crate) fn changed_hosts(before: Option<&str>, after: Option<&str>) -> Value {
    let host = |target: Option<&str>| {
        let url = target.and_then(|target| Url::parse(target).ok());
        url.and_then(|url| url.host_str().map(str::to_owned))
    };
    json!({"from": host(before), "to": host(after)})
}

/// The target of an affiliate's link. A code has only characters that a URL has as they are; without one the place stays empty.
pub(crate) fn with_code(target: &str, code: Option<&Code>) -> String {
    target.replace(CODE, code.map_or("", Code::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::urls::PortalTemplate;

    #[test]
    fn a_code_has_a_place_in_path_query_and_fragment_but_not_in_the_host() {
        let addresses = Addresses {
            public: "https://vestibule.example".to_owned(),
            portal: PortalTemplate::parse("https://{slug}.portal.example").expect("a template"),
        };
        let code = Code::read("anna-1").expect("a code");
        for (text, expected) in [
            (
                "https://shop.example/?ref={code}",
                "https://shop.example/?ref=anna-1",
            ),
            (
                "https://shop.example/a/{code}/b#{code}",
                "https://shop.example/a/anna-1/b#anna-1",
            ),
            ("https://shop.example/%7Bcode%7D", "https://shop.example/anna-1"),
            ("https://shop.example/{other}", "https://shop.example/%7Bother%7D"),
        ] {
            let target = parse_target("input.targetUrl", text, &addresses).expect("a target");
            assert_eq!(
                with_code(&target.expect("a target"), Some(&code)),
                expected,
                "{text}"
            );
        }
        assert_eq!(
            with_code("https://shop.example/?ref={code}", None),
            "https://shop.example/?ref="
        );
        for text in [
            "https://{code}.example/",
            "https://shop.example:{code}/",
            "https://{code}@shop.example/",
        ] {
            assert!(
                parse_target("input.targetUrl", text, &addresses).is_err(),
                "{text}"
            );
        }
    }

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
