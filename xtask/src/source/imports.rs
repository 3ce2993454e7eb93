//! The imports between the files of a target and between its top-level modules.

use super::graph::{Graph, Location};
use super::module_tree::{ModuleId, ModuleTree};
use super::names::Target;
use std::path::Path;

/// Imports at two levels.
#[derive(Default)]
pub struct Imports {
    /// Nodes are files.
    pub files: Graph,
    /// Nodes are the modules that the root file declares, each with all below it, and the root file.
    pub top_level: Graph,
}

impl Imports {
    /// Adds the imports of a target.
    pub fn add(&mut self, tree: &ModuleTree) {
        for (from, module) in tree.modules.iter().enumerate() {
            for import in &module.mentions.imports {
                let target = tree.resolve(from, &import.path);
                let into = match target {
                    Some(Target::Item(into)) => into,
                    Some(Target::Module(into)) if import.name.is_none() => into,
                    // The name of a module imports nothing by itself: the paths that begin with it do.
                    Some(Target::Module(_)) | None => continue,
                };
                // A re-export of what a child defines only declares it, as `mod child;` does.
                if !(import.is_reexport && is_below(tree, into, from)) {
                    self.add_import(tree, from, into, import.line);
                }
            }
            for mention in &module.mentions.paths {
                if let Some(Target::Item(into)) = tree.resolve(from, &mention.path) {
                    self.add_import(tree, from, into, mention.line);
                }
            }
        }
    }

    fn add_import(&mut self, tree: &ModuleTree, from: ModuleId, into: ModuleId, line: usize) {
        let (Some(source), Some(target)) = (tree.modules.get(from), tree.modules.get(into)) else {
            return;
        };
        let location = Location {
            file: source.file.clone(),
            line,
        };
        let name = |file: &Path| file.display().to_string();
        self.files
            .add(&name(&source.file), &name(&target.file), location.clone());
        let (source, target) = (top_level(tree, from), top_level(tree, into));
        self.top_level.add(&source, &target, location);
    }
}

/// `folder/name` of the top-level module that holds a module; the root file for the root.
fn top_level(tree: &ModuleTree, module: ModuleId) -> String {
    let root = tree.modules.first().map(|root| root.file.as_path());
    let root = root.unwrap_or(Path::new(""));
    let first = tree
        .modules
        .get(module)
        .and_then(|module| module.path.first());
    let name = match first {
        Some(name) => root.with_file_name(name),
        None => root.to_owned(),
    };
    name.display().to_string()
}

fn is_below(tree: &ModuleTree, module: ModuleId, ancestor: ModuleId) -> bool {
    let path = |id: ModuleId| tree.modules.get(id).map(|module| module.path.as_slice());
    match (path(module), path(ancestor)) {
        (Some(path), Some(above)) => path.len() > above.len() && path.starts_with(above),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::graph::Circle;
    use anyhow::{Context, Result};
    use std::collections::BTreeMap;

    /// The imports of a crate with these files; its root is `lib.rs`.
    fn imports(files: &[(&str, &str)]) -> Result<Imports> {
        let files: BTreeMap<&str, &str> = files.iter().copied().collect();
        let read = |file: &Path| files.get(file.to_str()?).map(|text| (*text).to_owned());
        let mut imports = Imports::default();
        imports.add(&ModuleTree::read(Path::new("lib.rs"), &read)?);
        Ok(imports)
    }

    /// Its arrows between files, as `a.rs:1 b.rs`.
    fn arrows(files: &[(&str, &str)]) -> Result<Vec<String>> {
        Ok(imports(files)?
            .files
            .arrows()
            .map(|(to, at)| format!("{}:{} {to}", at.file.display(), at.line))
            .collect())
    }

    fn circles(graph: &Graph) -> Vec<Vec<&str>> {
        graph
            .circles()
            .iter()
            .map(|circle: &Circle<'_>| circle.members.clone())
            .collect()
    }

    const TWO: &str = "mod a; mod b;";

    #[test]
    fn circle_of_two_files_is_found_at_both_levels() -> Result<()> {
        let imports = imports(&[
            ("lib.rs", TWO),
            ("a.rs", "use crate::b::B;\npub struct A;"),
            ("b.rs", "pub struct B;\nfn f() -> crate::a::A { todo() }"),
        ])?;
        assert_eq!(circles(&imports.files), [["a.rs", "b.rs"]]);
        assert_eq!(circles(&imports.top_level), [["a", "b"]]);
        let circle = imports.files.circles().pop().context("no circle")?;
        let expected = "a.rs -> b.rs -> a.rs\n    a.rs:1 imports b.rs\n    b.rs:2 imports a.rs\n";
        assert_eq!(circle.to_string(), expected);
        Ok(())
    }

    #[test]
    fn circle_of_folders_without_circle_of_files_is_found() -> Result<()> {
        let imports = imports(&[
            ("lib.rs", TWO),
            ("a/mod.rs", "pub mod high; pub mod low;"),
            ("a/high.rs", "use crate::b::B;"),
            ("a/low.rs", "pub struct Low;"),
            ("b.rs", "use crate::a::low::Low;\npub struct B(Low);"),
        ])?;
        assert!(circles(&imports.files).is_empty());
        assert_eq!(circles(&imports.top_level), [["a", "b"]]);
        Ok(())
    }

    #[test]
    fn module_declarations_and_reexports_of_children_are_no_imports() -> Result<()> {
        let found = arrows(&[
            ("lib.rs", "mod a;"),
            (
                "a/mod.rs",
                "mod x;\npub use x::X;\npub(crate) use x::*;\npub struct A;",
            ),
            ("a/x.rs", "use super::A;\npub struct X(A);"),
        ])?;
        assert_eq!(found, ["a/x.rs:1 a/mod.rs"]);
        Ok(())
    }

    #[test]
    fn parent_that_uses_its_child_is_a_circle_when_the_child_uses_it() -> Result<()> {
        for parent in [
            "mod x; use x::X; pub struct A(X);",
            "mod x; pub use x::X; pub struct A(X);",
            "mod x; pub struct A(x::X);",
            "mod x; pub struct A; fn f() { vec![x::X(A)] }",
        ] {
            let imports = imports(&[
                ("lib.rs", "mod a;"),
                ("a/mod.rs", parent),
                ("a/x.rs", "pub struct X(super::A);"),
            ])?;
            assert_eq!(
                circles(&imports.files),
                [["a/mod.rs", "a/x.rs"]],
                "{parent}"
            );
            assert!(circles(&imports.top_level).is_empty(), "{parent}");
        }
        Ok(())
    }

    #[test]
    fn reexports_are_followed_to_the_defining_file() -> Result<()> {
        for (reexport, import) in [
            ("mod x; pub use x::X;", "use crate::a::X;"),
            ("mod x; pub use x::*;", "use crate::a::X;"),
            ("mod x; pub use x::X as Y;", "use crate::a::{self, Y};"),
            ("mod x; pub use x::X;", "use crate::a; fn f() { a::X }"),
            (
                "mod x; pub use self::x::{X};",
                "use super::b::c::X; mod c { pub use crate::a::X; }",
            ),
            ("mod x; pub use x::X;", "use crate::a::*; fn f(x: X) {}"),
        ] {
            let found = arrows(&[
                ("lib.rs", TWO),
                ("a/mod.rs", reexport),
                ("a/x.rs", "pub struct X;"),
                ("b.rs", import),
            ])?;
            assert!(
                found.contains(&"b.rs:1 a/x.rs".to_owned()),
                "{import}: {found:?}"
            );
        }
        Ok(())
    }

    #[test]
    fn paths_are_found_wherever_they_stand() -> Result<()> {
        for code in [
            "fn f() { crate::b::g() }",
            "fn f() { self::super::b::g() }",
            "fn f() { use super::b; b::g() }",
            "fn f() { println!(\"{}\", crate::b::g()) }",
            "fn f() { match 1 { crate::b::ONE => {} _ => {} } }",
            "#[derive(crate::b::Derive)] struct S;",
            "struct S { #[serde(with = \"crate::b\", default = \"crate::b::g\")] a: u8 }",
            "impl crate::b::T for u8 {}",
            "fn f() -> Vec<crate::b::Made> { Vec::new() }",
            "use crate::b::{c::{D, E as F}};",
        ] {
            let found = arrows(&[
                ("lib.rs", TWO),
                ("a.rs", code),
                ("b.rs", "pub fn g() {} pub mod c { pub struct D; }"),
            ])?;
            assert_eq!(found, ["a.rs:1 b.rs"], "{code}");
        }
        Ok(())
    }

    #[test]
    fn other_crates_and_local_names_are_no_imports() -> Result<()> {
        let code = "use serde_json::b; use ::b::c; mod json { }\nfn f<T: Default>(b: u8) { b.g(); json!(b); T::default(); std::b::g() }";
        assert!(arrows(&[("lib.rs", TWO), ("a.rs", code), ("b.rs", "pub fn g() {}")])?.is_empty());
        Ok(())
    }

    #[test]
    fn code_for_tests_is_ignored() -> Result<()> {
        for cfg in ["#[cfg(test)]", "#[cfg(all(test, unix))]"] {
            let code = format!(
                "{cfg} mod tests {{ use crate::b::B; }} {cfg} mod missing; {cfg} use crate::b::B;"
            );
            let files = [
                ("lib.rs", TWO),
                ("a.rs", code.as_str()),
                ("b.rs", "pub struct B;"),
            ];
            assert!(arrows(&files)?.is_empty(), "{cfg}");
        }
        let files = [
            ("lib.rs", TWO),
            ("a.rs", "#[cfg(not(test))] use crate::b::B;"),
            ("b.rs", "pub struct B;"),
        ];
        assert_eq!(arrows(&files)?.len(), 1);
        Ok(())
    }

    #[test]
    fn module_with_path_attribute_is_read_from_there() -> Result<()> {
        let files = [
            ("lib.rs", "mod a; #[path = \"shared/b.rs\"] mod b;"),
            ("a.rs", "use crate::b::c::C;"),
            ("shared/b.rs", "pub mod c;"),
            ("shared/c.rs", "pub struct C;"),
        ];
        assert_eq!(arrows(&files)?, ["a.rs:1 shared/c.rs"]);
        Ok(())
    }

    #[test]
    fn missing_file_and_bad_syntax_are_errors() {
        assert!(imports(&[("lib.rs", "mod a;")]).is_err());
        assert!(imports(&[("lib.rs", "fn {")]).is_err());
    }
}
