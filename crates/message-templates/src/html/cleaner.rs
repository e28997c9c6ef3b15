//! Removes what an email can't hold.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use super::elements::{
    ATTRIBUTES, ELEMENT_ATTRIBUTES, ELEMENTS, LINK_SCHEMES, STYLE_PROPERTIES, is_harmless_style,
};

/// A link that is only a marker is relative.
static DRAFT: LazyLock<Builder<'static>> = LazyLock::new(|| cleaner(UrlRelative::PassThrough));
static FINAL: LazyLock<Builder<'static>> = LazyLock::new(|| cleaner(UrlRelative::Deny));

/// Well-formed HTML with markers in place of values.
pub(super) fn clean_draft(html: &str) -> String {
    DRAFT.clean(html).to_string()
}

/// Clean HTML: links are absolute.
pub(super) fn clean_final(html: &str) -> String {
    FINAL.clean(html).to_string()
}

fn cleaner(relative_links: UrlRelative<'static>) -> Builder<'static> {
    let own = ELEMENT_ATTRIBUTES
        .iter()
        .map(|(element, names)| (*element, names.iter().copied().collect()));
    let mut cleaner = Builder::empty();
    cleaner
        .tags(ELEMENTS.iter().copied().collect())
        .clean_content_tags(HashSet::from(["script", "style", "title"]))
        .generic_attributes(HashSet::from(ATTRIBUTES))
        .tag_attributes(own.collect::<HashMap<_, _>>())
        .tag_attribute_values(HashMap::from([(
            "a",
            HashMap::from([("target", HashSet::from(["_blank"]))]),
        )]))
        .link_rel(None)
        .url_schemes(HashSet::from(LINK_SCHEMES))
        .url_relative(relative_links)
        .filter_style_properties(STYLE_PROPERTIES.iter().copied().collect())
        .attribute_filter(|_, attribute, value| {
            let harmless = attribute != "style" || is_harmless_style(value);
            harmless.then_some(Cow::Borrowed(value))
        });
    cleaner
}
