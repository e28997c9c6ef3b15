//! Reads settings and collects their errors.

/// Every invalid setting, with the accepted format.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.iter().map(|error| format!("  {error}")).collect::<Vec<_>>().join("\n"))]
pub struct ConfigErrors(pub Vec<String>);

pub(super) struct Reader<'a> {
    get: &'a dyn Fn(&str) -> Option<String>,
    errors: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(get: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            get,
            errors: Vec::new(),
        }
    }

    /// The trimmed value; empty counts as unset.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        (self.get)(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    pub(super) fn error(&mut self, message: &str) {
        self.errors.push(message.to_owned());
    }

    pub(super) fn parse<T>(
        &mut self,
        name: &str,
        text: Option<String>,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        match parse(&text?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.errors.push(format!("{name}: {error}"));
                None
            }
        }
    }

    pub(super) fn setting<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.text(name);
        self.parse(name, text, parse)
    }

    /// The config, unless a setting was invalid.
    pub(super) fn finish<T>(self, config: T) -> Result<T, ConfigErrors> {
        if self.errors.is_empty() {
            Ok(config)
        } else {
            Err(ConfigErrors(self.errors))
        }
    }
}

pub(super) fn positive(text: &str) -> Result<i64, String> {
    text.parse()
        .ok()
        .filter(|count| *count > 0)
        .ok_or_else(|| "write a whole number above 0".to_owned())
}

pub(super) fn flag(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "write true or false".to_owned())
}
