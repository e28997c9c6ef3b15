//! Which module may use which: the imports are read, and a wrong one fails.

use std::fs;
use std::path::{Path, PathBuf};

/// What the files of a folder must not use.
const WALLS: &[(&str, &[&str])] = &[
    (
        "src/models",
        &[
            "crate::graphql",
            "crate::http",
            "crate::jobs",
            "crate::letters",
            "mailer::",
            "crate::config",
            "crate::live",
            "crate::app",
            "graphql_server",
        ],
    ),
    (
        "src/letters",
        &[
            "crate::models",
            "crate::graphql",
            "crate::http",
            "crate::jobs",
            "crate::db",
            "crate::live",
            "crate::app",
            "graphql_server",
        ],
    ),
    (
        "src/live",
        &[
            "crate::graphql",
            "crate::http",
            "crate::jobs",
            "crate::letters",
            "mailer::",
            "crate::app",
        ],
    ),
    ("src/jobs", &["crate::graphql", "crate::http", "crate::app"]),
    (
        "src/graphql",
        &[
            "crate::http",
            "crate::jobs",
            "crate::app",
            "diesel::prelude",
            "mailer::",
            "crate::db::schema",
        ],
    ),
    (
        "src/http",
        &[
            "crate::jobs",
            "crate::app",
            "diesel::prelude",
            "crate::db::schema",
        ],
    ),
    (
        "src/db",
        &[
            "crate::models",
            "crate::graphql",
            "crate::http",
            "crate::jobs",
            "crate::app",
        ],
    ),
    ("crates/graphql-server/src", &["vestibule", "diesel"]),
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_module_uses_what_lies_above_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    for (folder, walls) in WALLS {
        let beside = root.join(format!("{folder}.rs"));
        let mut found: Vec<_> = [beside].into_iter().filter(|file| file.exists()).collect();
        files(&root.join(folder), &mut found);
        for file in found
            .iter()
            .filter(|file| !file.to_string_lossy().contains("tests"))
        {
            let text = fs::read_to_string(file).expect("a file");
            for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
                let name = file.strip_prefix(root).unwrap_or(file).display();
                wrong.extend(
                    walls
                        .iter()
                        .filter(|wall| line.contains(*wall))
                        .map(|wall| format!("{name} uses {wall}")),
                );
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
