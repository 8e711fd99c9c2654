// SPDX-License-Identifier: GPL-3.0-or-later
//! The modules of a crate: what each defines, what it imports, and which paths its code names. Tests are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};

/// The names of modules from the root of the crate: `["store", "hosts"]`.
pub(crate) type ModulePath = Vec<String>;

pub(crate) struct Import {
    /// The name in this module; `None` for `use path::*`.
    pub(crate) alias: Option<String>,
    pub(crate) path: Vec<String>,
    pub(crate) re_export: bool,
}

#[derive(Default)]
pub(crate) struct Module {
    pub(crate) file: PathBuf,
    pub(crate) defined: BTreeSet<String>,
    pub(crate) imports: Vec<Import>,
    /// Paths in code, as written.
    pub(crate) paths: Vec<Vec<String>>,
}

/// `folder` is where the files of child modules are.
pub(crate) fn read_module(
    root: &Path,
    file: &Path,
    folder: &Path,
    place: ModulePath,
    modules: &mut BTreeMap<ModulePath, Module>,
) {
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
