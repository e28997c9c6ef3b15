//! Addresses of web pages and pictures, as staff give them.

use url::Url;

use crate::base::error::{Error, Result};
use crate::base::plain_text;

const MAX_CHARS: usize = 2_000;

/// An absolute `https` address. Empty counts as absent.
pub(crate) fn https(field: &str, text: &str) -> Result<Option<String>> {
    Ok(parse(field, text, &["https"])?.map(Into::into))
}

/// An absolute address with one of the schemes. Empty counts as absent.
pub(crate) fn parse(field: &str, text: &str, schemes: &[&str]) -> Result<Option<Url>> {
    let Some(text) = plain_text::line(field, text, MAX_CHARS)? else {
        return Ok(None);
    };
    let url = Url::parse(&text)
        .ok()
        .filter(|url| schemes.contains(&url.scheme()));
    let Some(url) = url else {
        return Err(Error::bad_input(
            field,
            "Write a whole address that begins with https://.",
        ));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::bad_input(
            field,
            "Leave out the user name and password: everyone who opens the page could read them.",
        ));
    }
    Ok(Some(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absolute_https_addresses_pass() {
        let parsed = |text| https("input.coverUrl", text).map_err(|error| error.field.clone());
        assert_eq!(parsed(" "), Ok(None));
        assert_eq!(
            parsed("HTTPS://Example.COM/a b?c=ü#d"),
            Ok(Some("https://example.com/a%20b?c=%C3%BC#d".to_owned()))
        );
        for refused in [
            "example.com/a",
            "/a",
            "//example.com/a",
            "http://example.com/",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://",
            "https://anna:secret@example.com/",
            "https://exa\nmple.com/",
            "https:/\u{202e}/example.com",
        ] {
            assert_eq!(
                parsed(refused),
                Err(Some("input.coverUrl".to_owned())),
                "{refused}"
            );
        }
        assert!(parsed(&format!("https://example.com/{}", "a".repeat(2_000))).is_err());
    }
}
