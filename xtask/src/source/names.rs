//! Resolves a path to the module that defines what it names, following imports, re-exports and globs.

use super::module_tree::{ModuleId, ModuleTree};
use std::collections::BTreeSet;

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A module.
    Module(ModuleId),
    /// An item (or something below it, such as a variant) that is defined in this module.
    Item(ModuleId),
}

/// The names that were looked up before, so that the lookup of imports in a circle ends.
type VisitedNames = BTreeSet<(ModuleId, String, bool)>;

impl ModuleTree {
    /// What `path`, written in module `from`, names. `None` for other crates, local variables and generic
    /// parameters.
    ///
    /// A name that is not found in a module of this crate (a macro defines it, or it is re-exported from
    /// another crate) counts as an item of that module.
    pub fn resolve(&self, from: ModuleId, path: &[String]) -> Option<Target> {
        self.resolve_unvisited(from, path, &mut VisitedNames::new())
    }

    fn resolve_unvisited(
        &self,
        from: ModuleId,
        path: &[String],
        visited: &mut VisitedNames,
    ) -> Option<Target> {
        let (first, mut rest) = path.split_first()?;
        let mut target = match first.as_str() {
            "crate" => Target::Module(0),
            "self" => Target::Module(from),
            "super" => Target::Module(self.modules.get(from)?.parent?),
            name => self.look_up(from, name, !rest.is_empty(), visited)?,
        };
        while let (Target::Module(module), Some((name, after))) = (target, rest.split_first()) {
            rest = after;
            target = match name.as_str() {
                "self" => target,
                "super" => Target::Module(self.modules.get(module)?.parent?),
                name => self
                    .look_up(module, name, !rest.is_empty(), visited)
                    .unwrap_or(Target::Item(module)),
            };
        }
        Some(target)
    }

    /// What a name means in a module. `is_prefix` when more names follow it.
    fn look_up(
        &self,
        in_module: ModuleId,
        name: &str,
        is_prefix: bool,
        visited: &mut VisitedNames,
    ) -> Option<Target> {
        if !visited.insert((in_module, name.to_owned(), is_prefix)) {
            return None;
        }
        let module = self.modules.get(in_module)?;
        let child = module.children.get(name).map(|id| Target::Module(*id));
        if is_prefix && child.is_some() {
            return child;
        }
        if module.items.contains(name) {
            return Some(Target::Item(in_module));
        }
        if child.is_some() {
            return child;
        }
        let imports = &module.mentions.imports;
        let named = imports
            .iter()
            .filter(|import| import.name.as_deref() == Some(name));
        for import in named {
            let target = self.resolve_unvisited(in_module, &import.path, visited);
            if target.is_some() {
                return target;
            }
        }
        for glob in imports.iter().filter(|import| import.name.is_none()) {
            if let Some(Target::Module(other)) =
                self.resolve_unvisited(in_module, &glob.path, visited)
                && other != in_module
                && let Some(target) = self.look_up(other, name, is_prefix, visited)
            {
                return Some(target);
            }
        }
        None
    }
}
