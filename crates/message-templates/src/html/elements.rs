//! What the HTML of an email may hold.

/// Elements that stay.
pub(super) const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "address",
    "article",
    "aside",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "main",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
    "wbr",
];

/// Parts of a whole document: their tags are left out. What is in `title` and `style` is not shown.
pub(super) const DOCUMENT_ELEMENTS: [&str; 6] = ["html", "head", "body", "meta", "title", "style"];

/// Attributes of any element.
pub(super) const ATTRIBUTES: [&str; 9] = [
    "align", "bgcolor", "class", "dir", "height", "lang", "style", "title", "width",
];

/// Attributes of some elements.
pub(super) const ELEMENT_ATTRIBUTES: [(&str, &[&str]); 9] = [
    ("a", &["href", "name", "target"]),
    ("col", &["span"]),
    ("font", &["color", "face", "size"]),
    ("hr", &["size"]),
    ("img", &["alt", "border", "src"]),
    ("ol", &["start", "type"]),
    ("table", &["border", "cellpadding", "cellspacing", "role"]),
    ("td", &["colspan", "rowspan", "valign"]),
    ("th", &["colspan", "rowspan", "scope", "valign"]),
];

/// Elements without content.
const VOID: [&str; 6] = ["br", "col", "hr", "img", "meta", "wbr"];

/// Elements that end by themselves when the element around them ends.
const ENDS_BY_ITSELF: [&str; 14] = [
    "p", "li", "dt", "dd", "td", "th", "tr", "tbody", "thead", "tfoot", "colgroup", "html", "head", "body",
];

pub(super) const LINK_SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

/// Properties of a `style` attribute.
pub(super) const STYLE_PROPERTIES: &[&str] = &[
    "background",
    "background-color",
    "border",
    "border-bottom",
    "border-collapse",
    "border-color",
    "border-left",
    "border-radius",
    "border-right",
    "border-spacing",
    "border-style",
    "border-top",
    "border-width",
    "color",
    "direction",
    "display",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-height",
    "max-width",
    "min-height",
    "min-width",
    "overflow-wrap",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "table-layout",
    "text-align",
    "text-decoration",
    "text-indent",
    "text-transform",
    "vertical-align",
    "white-space",
    "width",
    "word-break",
    "word-spacing",
];

pub(super) fn stays(element: &str) -> bool {
    ELEMENTS.contains(&element)
}

pub(super) fn has_attribute(element: &str, attribute: &str) -> bool {
    let own = ELEMENT_ATTRIBUTES.iter().filter(|(name, _)| *name == element);
    ATTRIBUTES.contains(&attribute) || own.flat_map(|(_, names)| *names).any(|name| *name == attribute)
}

pub(super) fn is_void(element: &str) -> bool {
    VOID.contains(&element)
}

pub(super) fn ends_by_itself(element: &str) -> bool {
    ENDS_BY_ITSELF.contains(&element)
}

/// Whether the start of an element ends an open one.
pub(super) fn ends_at(open: &str, started: &str) -> bool {
    match started {
        "p" => open == "p",
        "li" => matches!(open, "li" | "p"),
        "dt" | "dd" => matches!(open, "dt" | "dd" | "p"),
        "td" | "th" => matches!(open, "td" | "th" | "p"),
        "tr" => matches!(open, "td" | "th" | "tr" | "p" | "colgroup"),
        "tbody" | "thead" | "tfoot" => matches!(
            open,
            "td" | "th" | "tr" | "p" | "tbody" | "thead" | "tfoot" | "colgroup"
        ),
        "body" => open == "head",
        _ => false,
    }
}

/// Whether a link has a scheme that is allowed.
pub(super) fn is_whole_link(link: &str) -> bool {
    let scheme = link
        .trim()
        .split_once(':')
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    scheme.is_some_and(|scheme| LINK_SCHEMES.contains(&scheme.as_str()))
}

pub(super) fn is_unencrypted(link: &str) -> bool {
    link.trim()
        .get(..5)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:"))
}

pub(super) const UNENCRYPTED_LINK: &str = "This link is not encrypted. Use https: if its server can.";

/// A style may load nothing and hide nothing from the filter of its properties.
pub(super) fn is_harmless_style(style: &str) -> bool {
    let style = style.to_ascii_lowercase();
    !["url(", "image(", "image-set(", "expression(", "\\", "/*", "@"]
        .iter()
        .any(|part| style.contains(part))
}
