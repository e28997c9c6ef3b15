//! The values of fields for one recipient.

use std::collections::{BTreeMap, BTreeSet};

/// Names of fields with their values. `Debug` shows only the names: a value may be a secret link.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Values {
    values: BTreeMap<String, Option<String>>,
    private: BTreeSet<String>,
}

impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

impl Values {
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a field, such as `contact.first_name`. `None` and white space are the empty value.
    pub fn set(&mut self, name: impl Into<String>, value: Option<impl Into<String>>) {
        let value = value
            .map(Into::into)
            .filter(|value: &String| !value.trim().is_empty());
        self.values.insert(name.into(), value);
    }

    /// Sets a [private](crate::KnownField::private) link.
    pub fn set_private(&mut self, name: impl Into<String>, link: Option<impl Into<String>>) {
        let name = name.into();
        self.private.insert(name.clone());
        self.set(name, link);
    }

    /// The private links.
    pub(crate) fn private(&self) -> impl Iterator<Item = &str> {
        self.private.iter().filter_map(|name| self.get(name).flatten())
    }

    /// `None` for a field that is not set; `Some(None)` for one that is empty.
    pub fn get(&self, name: &str) -> Option<Option<&str>> {
        self.values.get(name).map(Option::as_deref)
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Values {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        let mut values = Self::new();
        for (name, value) in fields {
            values.set(name, Some(value));
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::Values;

    #[test]
    fn blank_values_are_empty() {
        let mut values: Values = [("a", "x"), ("b", " \n")].into_iter().collect();
        values.set("c", None::<String>);
        assert_eq!(values.get("a"), Some(Some("x")));
        assert_eq!(values.get("b"), Some(None));
        assert_eq!(values.get("c"), Some(None));
        assert_eq!(values.get("d"), None);
    }

    #[test]
    fn debug_shows_no_value() {
        let values: Values = [("portal.login_url", "https://secret.example/l/1")]
            .into_iter()
            .collect();
        assert_eq!(format!("{values:?}"), "{\"portal.login_url\"}");
    }
}
