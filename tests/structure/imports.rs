// SPDX-License-Identifier: GPL-3.0-or-later
//! The graph of imports: which file uses what another file defines.
//!
//! A path such as `crate::store::Host` leads to the file that defines `Host`, also through `pub use`.
//! A re-export alone is no use, so a `mod.rs` may list what its files offer.
//! Calls of methods are not seen: who has a value need not name its type.
//! To see it fail: let `circles` return nothing.

use crate::modules::read_module;
use crate::resolve::{Found, resolve};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A crate as modules, and its imports from file to file.
pub(crate) struct Graph {
    /// For each file, the files that it uses. Paths are relative to the folder of the crate's source.
    pub(crate) uses: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
}

impl Graph {
    /// Reads the crate whose root file is `lib.rs` in this folder. Tests are left out.
    pub(crate) fn read(folder: &Path) -> Self {
        let mut modules = BTreeMap::new();
        read_module(folder, Path::new("lib.rs"), folder, Vec::new(), &mut modules);
        let mut uses: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
        for (place, module) in &modules {
            let used = uses.entry(module.file.clone()).or_default();
            let imported = module.imports.iter().filter(|import| !import.re_export).map(|import| &import.path);
            for path in imported.chain(&module.paths) {
                if let Some(Found::Item(definer)) = resolve(&modules, place, path, 0) {
                    let file = &modules.get(&definer).unwrap().file;
                    if *file != module.file {
                        used.insert(file.clone());
                    }
                }
            }
        }
        Self { uses }
    }

    /// Groups of files that use each other, directly or through others.
    pub(crate) fn circles(&self) -> Vec<Vec<&Path>> {
        let reached: BTreeMap<&Path, BTreeSet<&Path>> =
            self.uses.keys().map(|file| (file.as_path(), self.reached_from(file))).collect();
        let mut circles: Vec<Vec<&Path>> = Vec::new();
        for (file, reach) in &reached {
            if !reach.contains(file) || circles.iter().any(|circle| circle.contains(file)) {
                continue;
            }
            circles.push(reach.iter().copied().filter(|other| reached[other].contains(file)).collect());
        }
        circles
    }

    fn reached_from<'a>(&'a self, file: &'a Path) -> BTreeSet<&'a Path> {
        let mut reached = BTreeSet::new();
        let mut next = vec![file];
        while let Some(file) = next.pop() {
            for used in self.uses.get(file).into_iter().flatten() {
                if reached.insert(used.as_path()) {
                    next.push(used);
                }
            }
        }
        reached
    }

    /// The imports among these files, one `a -> b` a line.
    pub(crate) fn arrows_among(&self, files: &[&Path]) -> String {
        let mut lines = Vec::new();
        for file in files {
            for used in self.uses.get(*file).into_iter().flatten().filter(|used| files.contains(&used.as_path())) {
                lines.push(format!("{} -> {}", file.display(), used.display()));
            }
        }
        lines.join("\n")
    }

    /// The drawing of the whole graph for Graphviz: `dot -Tsvg`. Files of one room are in one box.
    pub(crate) fn dot(&self) -> String {
        let mut rooms: BTreeMap<&str, Vec<&Path>> = BTreeMap::new();
        for file in self.uses.keys() {
            rooms.entry(room(file)).or_default().push(file);
        }
        let mut text = String::from("digraph imports {\n  rankdir=LR;\n  node [shape=box, fontsize=10];\n");
        for (room, files) in rooms {
            text.push_str(&format!("  subgraph \"cluster_{room}\" {{\n    label=\"{room}\";\n"));
            for file in files {
                text.push_str(&format!("    \"{}\";\n", file.display()));
            }
            text.push_str("  }\n");
        }
        for (file, used) in &self.uses {
            for other in used {
                text.push_str(&format!("  \"{}\" -> \"{}\";\n", file.display(), other.display()));
            }
        }
        text.push_str("}\n");
        text
    }
}

/// The first folder or the name of a file of the crate: `store` for `store/hosts.rs` and for `store.rs`.
pub(crate) fn room(file: &Path) -> &str {
    let first = file.iter().next().and_then(|name| name.to_str()).unwrap();
    first.strip_suffix(".rs").unwrap_or(first)
}

#[test]
fn a_circle_is_seen_through_re_exports_modules_and_macros() {
    let crate_of = |files: &[(&str, &str)]| {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let graph = Graph::read(folder.path());
        let circles: Vec<String> = graph.circles().iter().map(|circle| graph.arrows_among(circle)).collect();
        circles.join("; ")
    };
    let root = ("lib.rs", "mod a; mod b;");
    assert_eq!(crate_of(&[root, ("a.rs", "use crate::b::B; pub struct A;"), ("b.rs", "pub struct B;")]), "");
    let circle = "a.rs -> b.rs\nb.rs -> a.rs";
    for (a, b) in [
        ("use crate::b::B; pub struct A;", "use super::a::A; pub struct B;"),
        ("use crate::b; pub fn a() { b::b() }", "pub fn b() { crate::a::a() }"),
        ("use crate::b; pub fn a() {}  fn c() { println!(\"{}\", b::b()) }", "pub fn b() { super::a::a() }"),
        ("use crate::b::{self as other}; pub struct A; fn f(b: other::B) {}", "use super::a::*; pub struct B(A);"),
    ] {
        assert_eq!(crate_of(&[root, ("a.rs", a), ("b.rs", b)]), circle, "{a} | {b}");
    }
    let (a, only_tests) =
        ("use crate::b::B; pub struct A;", "pub struct B; #[cfg(test)] mod tests { use crate::a::A; }");
    assert_eq!(crate_of(&[root, ("a.rs", a), ("b.rs", only_tests)]), "");
    let facade = ("r/mod.rs", "mod x; mod y; pub use x::X; pub use y::Y;");
    let (x, y) = (("r/x.rs", "use super::Y; pub struct X;"), ("r/y.rs", "use crate::r::X; pub struct Y;"));
    assert_eq!(crate_of(&[("lib.rs", "mod r;"), facade, x, y]), "r/x.rs -> r/y.rs\nr/y.rs -> r/x.rs");
}
