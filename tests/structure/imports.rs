// SPDX-License-Identifier: GPL-3.0-or-later
//! The graph of imports: which file uses what another file defines.
//!
//! A path such as `crate::store::Host` leads to the file that defines `Host`, also through `pub use`.
//! A re-export alone is no use, so a `mod.rs` may list what its files offer.
//! Calls of methods are not seen: who has a value need not name its type.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// The names of modules from the root of the crate: `["store", "hosts"]`.
type ModulePath = Vec<String>;

struct Import {
    /// The name in this module; `None` for `use path::*`.
    alias: Option<String>,
    path: Vec<String>,
    re_export: bool,
}

#[derive(Default)]
struct Module {
    file: PathBuf,
    defined: BTreeSet<String>,
    imports: Vec<Import>,
    /// Paths in code, as written.
    paths: Vec<Vec<String>>,
}

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

/// `folder` is where the files of child modules are.
fn read_module(root: &Path, file: &Path, folder: &Path, place: ModulePath, modules: &mut BTreeMap<ModulePath, Module>) {
    let text = std::fs::read_to_string(root.join(file)).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let parsed = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    read_items(root, file, folder, place, &parsed.items, modules);
}

fn read_items(
    root: &Path,
    file: &Path,
    folder: &Path,
    place: ModulePath,
    items: &[syn::Item],
    modules: &mut BTreeMap<ModulePath, Module>,
) {
    let mut module = Module { file: file.to_path_buf(), ..Module::default() };
    for item in items.iter().filter(|item| !for_tests(item)) {
        if let syn::Item::Mod(child) = item {
            let name = child.ident.to_string();
            let mut inner = place.clone();
            inner.push(name.clone());
            if let Some((_, items)) = &child.content {
                read_items(root, file, &folder.join(&name), inner, items, modules);
            } else {
                let beside = folder.join(format!("{name}.rs"));
                let found = if beside.is_file() { beside } else { folder.join(&name).join("mod.rs") };
                read_module(root, found.strip_prefix(root).unwrap(), &folder.join(&name), inner, modules);
            }
            continue;
        }
        module.defined.extend(name_of(item));
        Reader { module: &mut module }.visit_item(item);
    }
    modules.insert(place, module);
}

fn for_tests(item: &syn::Item) -> bool {
    attributes(item).iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && matches!(&attribute.meta, syn::Meta::List(list) if list.tokens.to_string() == "test")
    })
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(i) => &i.attrs,
        syn::Item::Enum(i) => &i.attrs,
        syn::Item::Fn(i) => &i.attrs,
        syn::Item::Impl(i) => &i.attrs,
        syn::Item::Macro(i) => &i.attrs,
        syn::Item::Mod(i) => &i.attrs,
        syn::Item::Static(i) => &i.attrs,
        syn::Item::Struct(i) => &i.attrs,
        syn::Item::Trait(i) => &i.attrs,
        syn::Item::Type(i) => &i.attrs,
        syn::Item::Use(i) => &i.attrs,
        _ => &[],
    }
}

fn name_of(item: &syn::Item) -> Option<String> {
    match item {
        syn::Item::Const(i) => Some(i.ident.to_string()),
        syn::Item::Enum(i) => Some(i.ident.to_string()),
        syn::Item::Fn(i) => Some(i.sig.ident.to_string()),
        syn::Item::Macro(i) => i.ident.as_ref().map(ToString::to_string),
        syn::Item::Static(i) => Some(i.ident.to_string()),
        syn::Item::Struct(i) => Some(i.ident.to_string()),
        syn::Item::Trait(i) => Some(i.ident.to_string()),
        syn::Item::Type(i) => Some(i.ident.to_string()),
        _ => None,
    }
}

/// Collects imports and paths of one module.
struct Reader<'a> {
    module: &'a mut Module,
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let re_export = !matches!(item.vis, syn::Visibility::Inherited);
        add_imports(&item.tree, Vec::new(), re_export, &mut self.module.imports);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.module.paths.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        let text = call.tokens.to_string().replace(" :: ", "::").replace(":: ", "::");
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
        let paths = words.filter(|word| word.contains("::")).map(|word| word.trim_matches(':'));
        self.module.paths.extend(paths.map(|path| path.split("::").map(str::to_owned).collect()));
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}
}

fn add_imports(tree: &syn::UseTree, mut path: Vec<String>, re_export: bool, imports: &mut Vec<Import>) {
    match tree {
        syn::UseTree::Path(part) => {
            path.push(part.ident.to_string());
            add_imports(&part.tree, path, re_export, imports);
        }
        syn::UseTree::Name(name) if name.ident == "self" => {
            imports.push(Import { alias: path.last().cloned(), path, re_export });
        }
        syn::UseTree::Name(name) => {
            path.push(name.ident.to_string());
            imports.push(Import { alias: Some(name.ident.to_string()), path, re_export });
        }
        syn::UseTree::Rename(name) => {
            if name.ident != "self" {
                path.push(name.ident.to_string());
            }
            imports.push(Import { alias: Some(name.rename.to_string()), path, re_export });
        }
        syn::UseTree::Glob(_) => imports.push(Import { alias: None, path, re_export }),
        syn::UseTree::Group(group) => {
            for tree in &group.items {
                add_imports(tree, path.clone(), re_export, imports);
            }
        }
    }
}

enum Found {
    /// The module that defines the item.
    Item(ModulePath),
    Module(ModulePath),
}

/// What a path that is written in the module `from` leads to; `None` for other crates and local names.
fn resolve(modules: &BTreeMap<ModulePath, Module>, from: &ModulePath, path: &[String], depth: usize) -> Option<Found> {
    assert!(depth < 20, "{path:?} of {from:?} leads in a circle of re-exports");
    let mut at = from.clone();
    let mut rest = path;
    match rest.first()?.as_str() {
        "crate" => {
            at.clear();
            rest = &rest[1..];
        }
        "self" => rest = &rest[1..],
        "super" => {
            while let Some("super") = rest.first().map(String::as_str) {
                at.pop();
                rest = &rest[1..];
            }
        }
        name => {
            let known = modules[&at].imports.iter().any(|import| import.alias.as_deref() == Some(name))
                || modules[&at].defined.contains(name)
                || modules.contains_key(&child(&at, name))
                || modules[&at].imports.iter().any(|import| import.alias.is_none());
            if !known {
                return None;
            }
        }
    }
    while let Some(name) = rest.first() {
        let inner = child(&at, name);
        if modules.contains_key(&inner) {
            at = inner;
            rest = &rest[1..];
            continue;
        }
        let module = &modules[&at];
        if module.defined.contains(name) {
            return Some(Found::Item(at));
        }
        if let Some(import) = module.imports.iter().find(|import| import.alias.as_deref() == Some(name)) {
            match resolve(modules, &at, &import.path, depth + 1)? {
                Found::Module(place) => {
                    at = place;
                    rest = &rest[1..];
                    continue;
                }
                item @ Found::Item(_) => return Some(item),
            }
        }
        let globs = module.imports.iter().filter(|import| import.alias.is_none());
        for glob in globs {
            if let Some(Found::Module(place)) = resolve(modules, &at, &glob.path, depth + 1)
                && let found @ Some(_) = resolve(modules, &place, &[&["self".to_owned()], rest].concat(), depth + 1)
            {
                return found;
            }
        }
        return None;
    }
    Some(Found::Module(at))
}

fn child(of: &ModulePath, name: &str) -> ModulePath {
    let mut path = of.clone();
    path.push(name.to_owned());
    path
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
