//! The fields that a template may use, and what is wrong with its uses.

use crate::problem::{Place, Problem};
use crate::{Alias, FieldUse, Format};

/// A field that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownField {
    pub name: String,
    /// Some recipients have no value: a use needs a default.
    pub may_be_empty: bool,
    /// `Err` with the reason where the field can't be used, as a sentence.
    pub available: Result<(), String>,
    /// A link that only the recipient may know. It may be the whole link of an `<a>` or stand in a text, and nowhere else: a subject is
    /// read by others, and within another URL or in an image it would be sent to another server.
    pub private: bool,
}

/// A field that no longer exists, and the one to use in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplacedField {
    pub name: String,
    pub replacement: String,
    /// Why, as a sentence.
    pub reason: String,
}

/// All fields of one place where templates are used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    pub fields: Vec<KnownField>,
    /// Names that [`crate::rewrite_aliases`] replaces; where they are left, a problem says so.
    pub aliases: Vec<Alias>,
    pub replaced: Vec<ReplacedField>,
}

impl Catalogue {
    pub(crate) fn check(&self, uses: &[FieldUse], format: Format) -> Vec<Problem> {
        let problems = uses.iter().filter_map(|field| self.problem_of(field, format));
        problems.collect()
    }

    fn problem_of(&self, used: &FieldUse, format: Format) -> Option<Problem> {
        let name = used.name.as_str();
        let place = Place {
            line: used.line,
            column: used.column,
        };
        let error = |message: String| Problem::error(place, message).about(name);
        let Some(known) = self.fields.iter().find(|field| field.name == name) else {
            return Some(self.unknown(name, error));
        };
        if let Err(reason) = &known.available {
            return Some(error(format!("`{name}` can't be used here. {reason}")));
        }
        let exposed = if known.private {
            exposure(used, format)
        } else {
            None
        };
        if let Some(reason) = exposed {
            return Some(error(format!("`{name}` can't stand here. {reason}")));
        }
        if known.may_be_empty && !used.allows_empty {
            let message =
                format!("`{name}` may be empty. Write a default: `{{{{ {name} | default(\"…\") }}}}`.");
            return Some(error(message));
        }
        None
    }

    fn unknown(&self, name: &str, error: impl Fn(String) -> Problem) -> Problem {
        if let Some(replaced) = self.replaced.iter().find(|replaced| replaced.name == name) {
            let (reason, replacement) = (&replaced.reason, &replaced.replacement);
            let message = format!("`{name}` can't be used any more. {reason} Use `{replacement}` instead.");
            return error(message).suggesting(replacement);
        }
        let alias = self.aliases.iter().find(|alias| alias.name == name);
        match alias
            .map(|alias| alias.field.as_str())
            .or_else(|| self.nearest(name))
        {
            Some(field) => {
                error(format!("There is no field `{name}`. Did you mean `{field}`?")).suggesting(field)
            }
            None => error(format!("There is no field `{name}`.")),
        }
    }

    /// The known field that differs least, if it differs little.
    fn nearest(&self, name: &str) -> Option<&str> {
        let lower = name.to_ascii_lowercase();
        let names = self.fields.iter().map(|field| field.name.as_str());
        let near = names.map(|known| (strsim::jaro_winkler(known, &lower), known));
        let nearest = near.max_by(|left, right| left.0.total_cmp(&right.0));
        nearest
            .filter(|(similarity, _)| *similarity > 0.88)
            .map(|(_, known)| known)
    }
}

/// Where a private link would be seen by others, as a sentence.
fn exposure(used: &FieldUse, format: Format) -> Option<&'static str> {
    if format == Format::Line {
        Some("A subject is shown in lists and on locked screens. Write it in the body.")
    } else if used.in_attribute {
        Some("It must be the whole link of an `<a>`, not a part of one, a picture or another attribute.")
    } else if used.filtered && used.shown {
        Some("It stays as it is: leave out the filter.")
    } else {
        None
    }
}
