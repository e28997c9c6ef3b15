use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use chrono::TimeZone;
use fluent_bundle::FluentResource;

use super::*;

#[test]
fn the_header_is_read_by_weight_and_only_for_languages_that_exist() {
    for (header, expected) in [
        ("de-AT,de;q=0.8,en;q=0.5", Some(Language::German)),
        ("en;q=0.4, fr;q=0.9", Some(Language::French)),
        ("pt-BR, es;q=0.3", Some(Language::Spanish)),
        ("fr;q=0, EN_us", Some(Language::English)),
        ("ja, *;q=0.1", None),
        ("", None),
        ("de;q=x;;,,", None),
    ] {
        assert_eq!(Language::preferred(header), expected, "{header}");
    }
}

#[test]
fn times_are_in_the_readers_zone_and_language() {
    let at = Utc.with_ymd_and_hms(2026, 6, 30, 22, 30, 0).unwrap();
    let read = |language, zone| Locale::new(language, Some(zone)).long_date_time(at).to_string();
    assert_eq!(
        read(Language::German, "Europe/Berlin"),
        "Mittwoch, 1. Juli 2026, 00:30 CEST"
    );
    assert_eq!(
        read(Language::English, "America/New_York"),
        "Tuesday, 30 June 2026, 18:30 EDT"
    );
    assert_eq!(
        read(Language::Spanish, "no zone"),
        "martes, 30 de junio de 2026, 22:30 UTC"
    );
}

#[test]
fn html_is_escaped_in_arguments_only() {
    let text = Locale::DEFAULT
        .text("date")
        .arg("day", "<b>")
        .arg("month", 1u32)
        .arg("year", "&");
    assert_eq!(text.html().0, "&#60;b&#62; January &#38;");
}

/// The messages of a language, each with the names of its arguments.
fn messages(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    for file in text::files(language) {
        if let Err((_, errors)) = FluentResource::try_new((*file).to_owned()) {
            panic!("{language:?}: {errors:?}");
        }
        for (id, body) in blocks(file) {
            let again = found.insert(id.to_owned(), names_after(&body, '$'));
            assert!(again.is_none(), "{language:?}: {id} exists twice");
        }
    }
    found
}

/// Each message's id and text: its line and the indented ones that follow.
fn blocks(file: &str) -> Vec<(&str, String)> {
    let mut blocks: Vec<(&str, String)> = Vec::new();
    for line in file.lines() {
        match line.split_once(" =") {
            Some((id, rest)) if !line.starts_with([' ', '#', '}']) => blocks.push((id, rest.to_owned())),
            _ => {
                if let Some((_, body)) = blocks.last_mut().filter(|_| !line.starts_with('#')) {
                    body.push_str(line);
                }
            }
        }
    }
    blocks
}

fn names_after(text: &str, mark: char) -> BTreeSet<String> {
    let name = |rest: &str| {
        rest.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '-')
            .collect()
    };
    text.split(mark).skip(1).map(name).collect()
}

#[test]
fn every_language_has_the_same_messages_with_the_same_arguments() {
    let english = messages(Language::English);
    for language in Language::ALL.iter().copied() {
        let other = messages(language);
        let ids = |of: &BTreeMap<String, _>| of.keys().cloned().collect::<BTreeSet<_>>();
        let different: Vec<_> = ids(&english)
            .symmetric_difference(&ids(&other))
            .cloned()
            .collect();
        assert!(
            different.is_empty(),
            "{language:?}: only in one language: {different:?}"
        );
        for (id, args) in &english {
            assert_eq!(args, &other[id], "{language:?}: {id}");
        }
    }
}

/// What a text is asked of.
const TEXTS: [&str; 6] = ["locale", "layout", "layout()", "frame", "self", "DEFAULT"];

/// Every `locale.text("id")` below a folder.
fn used_ids(folder: &Path, ids: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            used_ids(&path, ids);
        } else if let Ok(text) = fs::read_to_string(&path) {
            let text: String = text.split_whitespace().collect();
            let parts: Vec<&str> = text.split(".text(\"").collect();
            let found = parts
                .windows(2)
                .filter(|pair| TEXTS.iter().any(|text| pair[0].ends_with(text)));
            ids.extend(found.map(|pair| pair[1].split('"').next().unwrap_or_default().to_owned()));
        }
    }
}

#[test]
fn every_text_exists_and_every_message_is_used() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut used = BTreeSet::new();
    used_ids(&root.join("src"), &mut used);
    used_ids(&root.join("templates"), &mut used);
    let existing = messages(Language::English);
    let referenced: BTreeSet<String> = text::files(Language::English)
        .iter()
        .flat_map(|file| names_after(&file.replace("{ ", "{"), '{'))
        .collect();
    let missing: Vec<_> = used.iter().filter(|id| !existing.contains_key(*id)).collect();
    assert!(missing.is_empty(), "no such message: {missing:?}");
    let unused: Vec<_> = existing
        .keys()
        .filter(|id| !used.contains(*id) && !referenced.contains(*id))
        .collect();
    assert!(unused.is_empty(), "shown nowhere: {unused:?}");
}
