//! Checks which module may use which, according to ARCHITECTURE.md. Every file of `src` is parsed, and every path in it
//! counts: grouped, renamed and nested imports, paths in the code, and paths in the arguments of macros.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::Visit;

/// The layer of a module determines what it may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    Base,
    Model,
    Emails,
    Jobs,
    Graphql,
    Pages,
    Live,
    Api,
    App,
}

use Layer::{Api, App, Base, Emails, Graphql, Jobs, Live, Model, Pages};

impl Layer {
    /// The layer of a module, by the names in its path: `invitations::graphql::mutations` is [`Graphql`].
    fn of(module: &[String]) -> Self {
        let top = match module.first().map(String::as_str) {
            Some("base") => return Base,
            Some("live" | "services") => return Live,
            // It listens to revocations, and no model uses it.
            Some("sign_in") if module.get(1).is_some_and(|part| part == "authenticator") => return Live,
            Some("worker") => return Jobs,
            Some("api") => return Api,
            Some("pages") => return Pages,
            None | Some("app" | "cli" | "main" | "lib") => return App,
            Some(_) => Model,
        };
        module
            .iter()
            .find_map(|part| match part.as_str() {
                "graphql" => Some(Graphql),
                "pages" => Some(Pages),
                "emails" => Some(Emails),
                "jobs" => Some(Jobs),
                _ => None,
            })
            .unwrap_or(top)
    }

    fn may_use(self) -> &'static [Self] {
        match self {
            Base => &[Base],
            Model => &[Base, Model],
            Live => &[Base, Model, Live],
            Emails => &[Base, Model, Emails],
            Jobs => &[Base, Model, Emails, Jobs, Live],
            Graphql | Api => &[Base, Model, Emails, Live, Graphql, Api],
            Pages => &[Base, Model, Live, Pages],
            App => &[Base, Model, Emails, Jobs, Graphql, Pages, Live, Api, App],
        }
    }

    /// Items of other crates and the tables that only models may use.
    fn may_write_sql(self) -> bool {
        matches!(self, Base | Model)
    }
}

/// Every path of a file, from the root of the crate (`crate`, …) or as written.
struct Paths {
    module: Vec<String>,
    inline: usize,
    found: BTreeSet<Vec<String>>,
}

impl Paths {
    fn of(module: &[String], source: &str) -> BTreeSet<Vec<String>> {
        let file = syn::parse_file(source).expect("a Rust file");
        let mut paths = Self {
            module: module.to_vec(),
            inline: 0,
            found: BTreeSet::new(),
        };
        paths.visit_file(&file);
        paths.found
    }

    fn add(&mut self, path: &[String]) {
        let ups = path.iter().take_while(|part| *part == "super").count();
        let from_here = match path.first().map(String::as_str) {
            Some("super") if ups > self.inline => {
                let keep = self.module.len().saturating_sub(ups - self.inline);
                &self.module[..keep]
            }
            Some("super") => return,
            Some("self") => &self.module[..],
            _ => {
                self.found.insert(path.to_vec());
                return;
            }
        };
        let rest = path
            .iter()
            .skip_while(|part| matches!(part.as_str(), "super" | "self"));
        let full = std::iter::once("crate".to_owned()).chain(from_here.iter().cloned());
        self.found.insert(full.chain(rest.cloned()).collect());
    }

    fn add_tree(&mut self, before: &[String], tree: &syn::UseTree) {
        let with = |name: String| [before, &[name]].concat();
        match tree {
            syn::UseTree::Path(path) => self.add_tree(&with(path.ident.to_string()), &path.tree),
            syn::UseTree::Name(name) => self.add(&with(name.ident.to_string())),
            syn::UseTree::Rename(rename) => self.add(&with(rename.ident.to_string())),
            syn::UseTree::Glob(_) => self.add(before),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.add_tree(before, item)),
        }
    }

    /// The arguments of a macro are not parsed: a path in them is a sequence of names and `::`.
    fn add_tokens(&mut self, text: &str) {
        for run in text
            .replace(" :: ", "::")
            .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
        {
            if run.contains("::") {
                let path: Vec<_> = run
                    .split("::")
                    .filter(|part| !part.is_empty())
                    .map(str::to_owned)
                    .collect();
                self.add(&path);
            }
        }
    }
}

fn only_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|name| name == "test")
    })
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !only_for_tests(&item.attrs) {
            self.add_tree(&[], &item.tree);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !only_for_tests(&item.attrs) {
            self.inline += 1;
            syn::visit::visit_item_mod(self, item);
            self.inline -= 1;
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<_> = path.segments.iter().map(|part| part.ident.to_string()).collect();
        if parts.len() > 1 {
            self.add(&parts);
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.add_tokens(&item.tokens.to_string());
        syn::visit::visit_macro(self, item);
    }
}

/// The forbidden paths that a module uses.
fn violations(module: &[&str], source: &str) -> Vec<String> {
    let module: Vec<_> = module.iter().map(|&part| part.to_owned()).collect();
    let layer = Layer::of(&module);
    let mut wrong = Vec::new();
    for path in Paths::of(&module, source) {
        let written = path.join("::");
        let sql = written.starts_with("diesel::prelude") || written.starts_with("crate::base::db::schema");
        let inside = path.first().is_some_and(|part| part == "crate");
        // A lower-case name at the root of the crate is a module; a capitalised one is an item.
        let used = inside.then(|| Layer::of(&path[1..]));
        if (sql && !layer.may_write_sql()) || used.is_some_and(|used| !layer.may_use().contains(&used)) {
            wrong.push(format!("{} ({layer:?}) uses {written}", module.join("::")));
        }
    }
    wrong
}

pub fn files(folder: &Path, found: &mut Vec<PathBuf>) {
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
fn no_module_uses_a_higher_layer() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&root, &mut found);
    let mut wrong = Vec::new();
    for file in found {
        let name = file.strip_prefix(&root).expect("below src").with_extension("");
        let module: Vec<_> = name.iter().filter_map(|part| part.to_str()).collect();
        if module.iter().any(|part| part.ends_with("tests")) || matches!(module[..], ["lib" | "main"]) {
            continue;
        }
        wrong.extend(violations(&module, &fs::read_to_string(&file).expect("a file")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_kind_of_forbidden_import_is_found() {
    let model = ["invitations", "model"];
    for planted in [
        "use crate::contacts::graphql::ContactInput;",
        "use crate::{base::ids::AccountId, live::{hub::Hub as Counts, bus}};",
        "use crate::pages as web;",
        "use super::super::contacts::graphql::*;",
        "use super::graphql::Invitation;",
        "use self::jobs::run;",
        "fn f() { crate::app::start(); }",
        "fn f(request: crate::api::context::Services) {}",
        "fn f() { println!(\"{}\", crate::live::topics::ALL.len()); }",
        "mod inner { use super::super::graphql::Invitation; }",
    ] {
        assert_eq!(
            violations(&model, planted).len(),
            planted.matches("Hub as").count() + 1,
            "{planted}"
        );
    }
    for sql in [
        "use diesel::prelude::*;",
        "use crate::base::db::{Conn, schema::contacts};",
    ] {
        assert_eq!(violations(&["contacts", "graphql"], sql).len(), 1, "{sql}");
    }
    for right in [
        "use crate::contacts::model::Contact; use diesel::prelude::*; use crate::base::db::schema::contacts;",
        "#[cfg(test)] mod tests { use crate::app::App; }",
        "mod inner { use super::Thing; }",
    ] {
        assert_eq!(violations(&model, right), Vec::<String>::new(), "{right}");
    }
}

#[test]
fn the_map_names_existing_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("ARCHITECTURE.md")).expect("the map");
    let named = text.split('`').skip(1).step_by(2);
    let gone: Vec<_> = named
        .filter(|name| {
            ["src/", "crates/", "templates/", "tests/", "web/"]
                .iter()
                .any(|top| name.starts_with(top))
        })
        .filter(|name| !name.contains(['*', '<']) && !root.join(name).exists())
        .collect();
    assert_eq!(gone, Vec::<&str>::new(), "in ARCHITECTURE.md, and not here");
    for folder in ["src", "crates"] {
        for entry in fs::read_dir(root.join(folder)).expect("a folder").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.path().is_dir() {
                assert!(
                    text.contains(&format!("{name}/")),
                    "{folder}/{name} is not on the map"
                );
            }
        }
    }
}
