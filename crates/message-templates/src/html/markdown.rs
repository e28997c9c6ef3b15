//! Markdown (CommonMark with tables and strikethrough) as HTML. HTML in it is shown as text.

use std::collections::BTreeSet;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, html};

use super::elements::{UNENCRYPTED_LINK, is_unencrypted, is_whole_link};
use crate::bounded::BoundedBuffer;
use crate::lexer::{self, Piece};
use crate::problem::{Place, Problem};
use crate::{MAX_HTML_DEPTH, MAX_OUTPUT_BYTES, RenderError};

const OPTIONS: Options = Options::ENABLE_TABLES.union(Options::ENABLE_STRIKETHROUGH);

/// Stands for a byte of a value while the links of a source are checked.
const FILLER: &str = "q";

/// Reports links that would lose their target when the HTML is cleaned. Returns where the tags begin whose values are a part of a link
/// or of the address of a picture.
pub(super) fn check_source(
    source: &str,
    pieces: &[Piece<'_>],
    problems: &mut Vec<Problem>,
) -> BTreeSet<usize> {
    let markdown: String = pieces.iter().map(|piece| same_length(source, piece)).collect();
    let mut in_links = BTreeSet::new();
    if markdown.len() != source.len() {
        // A tag with a problem was left out: places would be wrong.
        return in_links;
    }
    for (event, range) in Parser::new_ext(&markdown, OPTIONS).into_offset_iter() {
        let (dest_url, is_image) = match event {
            Event::Start(Tag::Link {
                link_type, dest_url, ..
            }) if link_type != LinkType::Email => (dest_url, false),
            Event::Start(Tag::Image { dest_url, .. }) => (dest_url, true),
            _ => continue,
        };
        in_links.extend(values_within(&markdown, pieces, &dest_url, is_image));
        let begins_with_value = dest_url.starts_with(&FILLER.repeat("{{a}}".len()));
        let place = Place::of(source, range.start);
        if !begins_with_value && !is_whole_link(&dest_url) {
            let message = "A link must begin with https:, http:, mailto: or tel:, or with a field.";
            problems.push(Problem::error(place, message));
        } else if is_unencrypted(&dest_url) {
            problems.push(Problem::warning(place, UNENCRYPTED_LINK));
        }
    }
    in_links
}

/// The values that may be a part of a target, which stands somewhere in the Markdown. A target that is written in another way, with
/// escapes, may hold any value that is short enough.
fn values_within(markdown: &str, pieces: &[Piece<'_>], target: &str, is_image: bool) -> BTreeSet<usize> {
    let places: Vec<usize> = markdown.match_indices(target).map(|(at, _)| at).collect();
    let tags = pieces.iter().filter_map(|piece| match piece {
        Piece::Output(tag) => Some(tag),
        Piece::Text(_) | Piece::Block(_) => None,
    });
    let within = |tag: &&lexer::Tag<'_>| {
        let whole = |at: &usize| !is_image && (*at, at + target.len()) == (tag.start, tag.end);
        let inside = |at: &usize| *at <= tag.start && tag.end <= at + target.len();
        if places.is_empty() {
            target.contains(&FILLER.repeat(tag.end - tag.start))
        } else {
            places.iter().any(|at| inside(at) && !whole(at))
        }
    };
    tags.filter(within).map(|tag| tag.start).collect()
}

/// A piece with its tags filled in, so that what follows stays in its place.
fn same_length(source: &str, piece: &Piece<'_>) -> String {
    match piece {
        Piece::Text(text) => (*text).to_owned(),
        Piece::Output(tag) => FILLER.repeat(tag.end - tag.start),
        Piece::Block(tag) => {
            let blank = |byte| if byte == b'\n' { '\n' } else { ' ' };
            source[tag.start..tag.end].bytes().map(blank).collect()
        }
    }
}

pub(super) fn to_html(markdown: &str) -> Result<std::borrow::Cow<'static, str>, RenderError> {
    let mut depth = 0_usize;
    // Deeper elements are left out: HTML parsers walk the open elements for each new one.
    let events = Parser::new_ext(markdown, OPTIONS).filter_map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(_) => {
            depth += 1;
            (depth <= MAX_HTML_DEPTH).then_some(event)
        }
        Event::End(_) => {
            depth = depth.saturating_sub(1);
            (depth < MAX_HTML_DEPTH).then_some(event)
        }
        _ => Some(event),
    });
    let mut buffer = BoundedBuffer::new(MAX_OUTPUT_BYTES);
    html::write_html_fmt(&mut buffer, events).map_err(|_| RenderError::TooLarge)?;
    buffer.into_text().map(Into::into).ok_or(RenderError::TooLarge)
}
