//! Texts in the reader's language, with their arguments filled in.

use std::fmt;
use std::sync::LazyLock;

use askama::filters::{Escaper, Html, Safe};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use super::Language;

type Bundle = FluentBundle<FluentResource>;

/// The files of each language.
macro_rules! files {
    ($($file:literal),+ $(,)?) => {
        pub(super) fn files(language: Language) -> &'static [&'static str] {
            match language {
                Language::English => &[$(include_str!(concat!("../../../templates/locales/en/", $file, ".ftl"))),+],
                Language::Spanish => &[$(include_str!(concat!("../../../templates/locales/es/", $file, ".ftl"))),+],
                Language::German => &[$(include_str!(concat!("../../../templates/locales/de/", $file, ".ftl"))),+],
                Language::French => &[$(include_str!(concat!("../../../templates/locales/fr/", $file, ".ftl"))),+],
            }
        }
    };
}
files!(
    "time",
    "pages",
    "sign_in",
    "links",
    "profile",
    "emails",
    "mailings",
    "portal",
    "courses",
    "communities",
    "affiliates"
);

fn bundle(language: Language) -> &'static Bundle {
    static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| read(Language::English));
    static SPANISH: LazyLock<Bundle> = LazyLock::new(|| read(Language::Spanish));
    static GERMAN: LazyLock<Bundle> = LazyLock::new(|| read(Language::German));
    static FRENCH: LazyLock<Bundle> = LazyLock::new(|| read(Language::French));
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
        Language::German => &GERMAN,
        Language::French => &FRENCH,
    }
}

/// What can't be read is left out; a test finds it.
fn read(language: Language) -> Bundle {
    let id = unic_langid::LanguageIdentifier::from_bytes(language.code().as_bytes()).unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![id]);
    // The marks around arguments would be copied with them; pages use `bdi` where it matters.
    bundle.set_use_isolating(false);
    for file in files(language) {
        let resource = FluentResource::try_new((*file).to_owned()).unwrap_or_else(|(readable, _)| readable);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// A message in one language. `Display` fills it in; [`Text::html`] also lets its own markup through.
#[derive(Debug)]
pub(crate) struct Text {
    language: Language,
    id: &'static str,
    args: FluentArgs<'static>,
}

impl Text {
    pub(super) fn new(language: Language, id: &'static str) -> Self {
        Self {
            language,
            id,
            args: FluentArgs::new(),
        }
    }

    #[must_use]
    pub(crate) fn arg(mut self, name: &'static str, value: impl Argument) -> Self {
        self.args.set(name, value.fluent());
        self
    }

    /// For a message that holds HTML: its arguments are escaped, the message is not.
    pub(crate) fn html(self) -> Safe<String> {
        let args = self.args.iter().map(|(name, value)| {
            let value = match value {
                FluentValue::String(text) => FluentValue::from(escaped(text)),
                other => other.clone(),
            };
            (name.to_owned(), value.into_owned())
        });
        let args = args.collect();
        Safe(Self { args, ..self }.to_string())
    }
}

fn escaped(text: &str) -> String {
    let mut output = String::with_capacity(text.len());
    // Writing to a string can't fail.
    let _ = Html.write_escaped_str(&mut output, text);
    output
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bundle = bundle(self.language);
        match bundle.get_message(self.id).and_then(|message| message.value()) {
            Some(pattern) => bundle.write_pattern(f, pattern, Some(&self.args), &mut Vec::new()),
            None => f.write_str(self.id),
        }
    }
}

/// A value within a text. Numbers choose the plural.
pub(crate) trait Argument {
    fn fluent(&self) -> FluentValue<'static>;
}

impl<T: Argument + ?Sized> Argument for &T {
    fn fluent(&self) -> FluentValue<'static> {
        (**self).fluent()
    }
}

macro_rules! arguments {
    ($($kind:ty => $into:ident),+ $(,)?) => {
        $(impl Argument for $kind {
            fn fluent(&self) -> FluentValue<'static> {
                FluentValue::from(self.$into())
            }
        })+
    };
}
arguments!(str => to_owned, String => clone, Text => to_string, u8 => clone, u32 => clone, i16 => clone, i64 => clone, u64 => clone, usize => clone);
