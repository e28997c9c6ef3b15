//! What stands around the content of every email.

/// The document around an email's content, which the application writes: it is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    html: [String; 2],
    text: [String; 2],
}

/// Why a layout can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    #[error("the HTML must contain the content's place exactly once")]
    Html,
    #[error("the text must contain the content's place exactly once")]
    Text,
}

impl Layout {
    /// Stands for the content, in the HTML and in the text. Its control characters keep names and texts in the layout from being
    /// mistaken for it.
    pub const CONTENT: &str = "\u{1}content\u{1}";

    /// A whole HTML document, and the text around a plain-text part. The rules of its `<style>` are inlined; media queries stay.
    pub fn new(html: &str, text: &str) -> Result<Self, LayoutError> {
        Ok(Self {
            html: around_content(html).ok_or(LayoutError::Html)?,
            text: around_content(text).ok_or(LayoutError::Text)?,
        })
    }

    /// A document with nothing but the content.
    pub fn plain() -> Self {
        let [before, after] = [
            "<!doctype html><html><head><meta charset=\"utf-8\"></head><body>",
            "</body></html>",
        ];
        Self {
            html: [before.to_owned(), after.to_owned()],
            text: [String::new(), String::new()],
        }
    }

    pub(crate) fn html_around(&self, content: &str) -> String {
        let [before, after] = &self.html;
        [before, content, after].concat()
    }

    pub(crate) fn text_around(&self, content: &str) -> String {
        let [before, after] = &self.text;
        [before, content, after].concat()
    }
}

fn around_content(layout: &str) -> Option<[String; 2]> {
    let (before, after) = layout.split_once(Layout::CONTENT)?;
    (!after.contains(Layout::CONTENT)).then(|| [before.to_owned(), after.to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_holds_its_content_once() {
        let content = Layout::CONTENT;
        let layout =
            Layout::new(&format!("<p>{content}</p>"), &format!("a\n{content}\nb")).expect("a layout");
        assert_eq!(layout.html_around("x"), "<p>x</p>");
        assert_eq!(layout.text_around("x"), "a\nx\nb");
        assert_eq!(Layout::new("<p>", content), Err(LayoutError::Html));
        let twice = content.repeat(2);
        assert_eq!(Layout::new(content, &twice), Err(LayoutError::Text));
    }
}
