//! Warnings about misspelt settings.

use super::help;

const PREFIX: &str = "VESTIBULE_";

/// A warning for each name that has the prefix of our settings and is unknown.
pub(crate) fn unknown_setting_warnings(names: impl Iterator<Item = String>) -> Vec<String> {
    let known = help::all;
    let mut unknown: Vec<String> = names
        .filter(|name| name.starts_with(PREFIX) && known().all(|(known, _)| known != name))
        .collect();
    unknown.sort();
    let warning = |name: String| {
        let nearest = known()
            .map(|(known, _)| (distance(&name, known), *known))
            .filter(|(distance, _)| *distance <= 5)
            .min();
        match nearest {
            Some((_, nearest)) => format!("{name} is not a setting. Did you mean {nearest}?"),
            None => format!("{name} is not a setting. `vestibule --help` lists them."),
        }
    };
    unknown.into_iter().map(warning).collect()
}

/// The number of letters to insert, delete or change (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (row_index, letter) in one.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], row_index + 1);
        for (column, other_letter) in other.bytes().enumerate() {
            let changed = diagonal + usize::from(letter != other_letter);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_names_the_most_similar_setting() {
        let names = [
            "VESTIBULE_PUBLIC_ULR",
            "VESTIBULE_TRUSTED_PROXY",
            "VESTIBULE_LISTEN",
            "VESTIBULE_METRICS_TOKEN",
            "VESTIBULE_SOMETHING_ELSE_ENTIRELY",
            "PATH",
        ];
        let warnings = unknown_setting_warnings(names.iter().map(|name| (*name).to_owned()));
        assert_eq!(
            warnings,
            [
                "VESTIBULE_PUBLIC_ULR is not a setting. Did you mean VESTIBULE_PUBLIC_URL?",
                "VESTIBULE_SOMETHING_ELSE_ENTIRELY is not a setting. `vestibule --help` lists them.",
                "VESTIBULE_TRUSTED_PROXY is not a setting. Did you mean VESTIBULE_TRUSTED_PROXIES?",
            ]
        );
    }

    #[test]
    fn the_distance_counts_edits() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("same", "same"), 0);
    }
}
