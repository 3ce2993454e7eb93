//! The modules of one compilation target, read from its root file on. Modules for tests (`#[cfg(test)]`) are
//! left out.

use super::attributes::{is_test_only, path_override};
use super::mentions::Mentions;
use anyhow::{Context, Result, anyhow};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use syn::ext::IdentExt;
use syn::visit::Visit;
use syn::{ForeignItem, Item, ItemMod};

/// The modules of one target. A module's id is its index in `modules`; the root is 0.
pub struct ModuleTree {
    pub modules: Vec<Module>,
}

/// Index into [`ModuleTree::modules`].
pub type ModuleId = usize;

/// One module: a file, or `mod name { … }` inside one.
pub struct Module {
    /// Names from the root on; empty for the root.
    pub path: Vec<String>,
    /// The file that contains it.
    pub file: PathBuf,
    /// `None` for the root.
    pub parent: Option<ModuleId>,
    /// By name.
    pub children: BTreeMap<String, ModuleId>,
    /// Names of the items that it defines, without modules and imports.
    pub items: BTreeSet<String>,
    /// What it imports and mentions, without its child modules.
    pub mentions: Mentions,
}

/// Returns the text of a file, `None` when there is no such file.
pub type ReadFile<'a> = dyn Fn(&Path) -> Option<String> + 'a;

impl ModuleTree {
    /// Reads the target whose root file is `root`.
    ///
    /// # Errors
    /// When a file of a declared module is missing, or a file is not Rust.
    pub fn read(root: &Path, read_file: &ReadFile<'_>) -> Result<Self> {
        let mut reader = Reader {
            read_file,
            modules: Vec::new(),
        };
        reader.add_file(ModuleLocation {
            path: Vec::new(),
            parent: None,
            file: root.to_owned(),
            folder: folder_of(root),
        })?;
        Ok(Self {
            modules: reader.modules,
        })
    }
}

/// Where a module is.
struct ModuleLocation {
    /// As in [`Module`].
    path: Vec<String>,
    /// As in [`Module`].
    parent: Option<ModuleId>,
    /// As in [`Module`].
    file: PathBuf,
    /// Where the files of its child modules are.
    folder: PathBuf,
}

struct Reader<'a> {
    read_file: &'a ReadFile<'a>,
    modules: Vec<Module>,
}

impl Reader<'_> {
    /// Adds the module that is a whole file.
    fn add_file(&mut self, location: ModuleLocation) -> Result<ModuleId> {
        let file = location.file.display();
        let text =
            (self.read_file)(&location.file).with_context(|| format!("{file} cannot be read"))?;
        let syntax = syn::parse_file(&text)
            .map_err(|error| anyhow!("{file}:{}: {error}", error.span().start().line))?;
        self.add_module(&syntax.items, location)
    }

    /// Adds a module and all modules below it.
    fn add_module(&mut self, items: &[Item], location: ModuleLocation) -> Result<ModuleId> {
        let id = self.modules.len();
        let mut mentions = Mentions::default();
        for item in items {
            if !matches!(item, Item::Mod(_)) {
                mentions.visit_item(item);
            }
        }
        self.modules.push(Module {
            path: location.path.clone(),
            file: location.file.clone(),
            parent: location.parent,
            children: BTreeMap::new(),
            items: items.iter().flat_map(names_defined_by).collect(),
            mentions,
        });
        for item in items {
            if let Item::Mod(declaration) = item
                && !is_test_only(&declaration.attrs)
            {
                let name = declaration.ident.unraw().to_string();
                let child = self.add_child(declaration, &name, id, &location)?;
                if let Some(module) = self.modules.get_mut(id) {
                    module.children.insert(name, child);
                }
            }
        }
        Ok(id)
    }

    /// Adds the module that `mod name;` or `mod name { … }` in the module `parent` declares.
    fn add_child(
        &mut self,
        declaration: &ItemMod,
        name: &str,
        parent: ModuleId,
        location: &ModuleLocation,
    ) -> Result<ModuleId> {
        let mut child = ModuleLocation {
            path: location
                .path
                .iter()
                .map(String::as_str)
                .chain([name])
                .map(str::to_owned)
                .collect(),
            parent: Some(parent),
            file: location.file.clone(),
            folder: location.folder.join(name),
        };
        if let Some((_, items)) = &declaration.content {
            return self.add_module(items, child);
        }
        if let Some(path) = path_override(&declaration.attrs) {
            child.file = without_parent_dirs(&folder_of(&location.file).join(path));
            child.folder = folder_of(&child.file);
        } else {
            child.file = location.folder.join(format!("{name}.rs"));
            if (self.read_file)(&child.file).is_none() {
                child.file = child.folder.join("mod.rs");
            }
        }
        self.add_file(child)
    }
}

fn folder_of(file: &Path) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).to_owned()
}

/// The names an item defines in its module.
fn names_defined_by(item: &Item) -> Vec<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        Item::Macro(item) => match &item.ident {
            Some(ident) => ident,
            None => return Vec::new(),
        },
        Item::ForeignMod(block) => {
            return block.items.iter().filter_map(foreign_name).collect();
        }
        _ => return Vec::new(),
    };
    vec![ident.unraw().to_string()]
}

fn foreign_name(item: &ForeignItem) -> Option<String> {
    let ident = match item {
        ForeignItem::Fn(item) => &item.sig.ident,
        ForeignItem::Static(item) => &item.ident,
        ForeignItem::Type(item) => &item.ident,
        _ => return None,
    };
    Some(ident.unraw().to_string())
}

/// `a/b/../c` as `a/c`.
fn without_parent_dirs(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => _ = normal.pop(),
            part => normal.push(part),
        }
    }
    normal
}
