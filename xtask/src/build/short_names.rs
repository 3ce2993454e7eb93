//! Short names between the widget's wasm file and its glue.
//!
//! wasm-bindgen gives every import a name with a hash, which is in both files and does not compress. binaryen's pass
//! renames imports and exports and prints the names; esbuild gives the glue's properties the same ones
//! (<https://esbuild.github.io/api/#mangle-props>). So the two files fit only each other.

use anyhow::{Context, Result};
use fs_err as fs;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The pass. It prints the names to stdout, as [`Names`] reads them.
pub const PASS: &str = "--minify-imports-and-exports-and-modules";

/// The name that the pass gives the one module that all imports are from.
const MODULE: &str = "a";

/// The short names, by the long ones.
pub struct Names(BTreeMap<String, String>);

#[derive(Deserialize)]
struct Renamed {
    /// Module, name and short name of each import.
    imports: Vec<(String, String, String)>,
    /// Name and short name of each export.
    exports: Vec<(String, String)>,
}

impl Names {
    /// Reads what the pass printed.
    ///
    /// # Errors
    /// When it is something else.
    pub fn read(printed: &str) -> Result<Self> {
        let renamed: Renamed = serde_json::from_str(printed).context("the names of wasm-opt")?;
        let mut names = BTreeMap::new();
        for (module, name, short) in renamed.imports {
            names.insert(module, MODULE.to_owned());
            names.insert(name, short);
        }
        names.extend(renamed.exports);
        Ok(Self(names))
    }

    /// esbuild's flags that rename the properties of these names and no others. `cache` is where it reads the short
    /// names from.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn esbuild_flags(&self, cache: &Path) -> Result<[String; 3]> {
        fs::write(cache, serde_json::to_vec(&self.0)?)?;
        let names: Vec<String> = self.0.keys().map(|name| escape(name)).collect();
        Ok([
            format!("--mangle-props=^(?:{})$", names.join("|")),
            "--mangle-quoted".to_owned(),
            format!("--mangle-cache={}", cache.display()),
        ])
    }
}

/// A regular expression that matches this name: letters, digits and `_`, or the module's path.
fn escape(name: &str) -> String {
    name.replace('.', "[.]").replace('/', "[/]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_pass_become_flags_and_cache() -> Result<()> {
        let printed =
            r#"{"imports": [["./w.js", "__wbg_open_1", "b"]], "exports": [["memory", "c"]]}"#;
        let cache = std::env::temp_dir().join(format!("embark-names-{}", std::process::id()));
        let flags = Names::read(printed)?.esbuild_flags(&cache)?;
        let written = fs::read_to_string(&cache)?;
        fs::remove_file(&cache)?;
        let [pattern, _, _] = &flags;
        assert_eq!(
            pattern,
            "--mangle-props=^(?:[.][/]w[.]js|__wbg_open_1|memory)$"
        );
        assert_eq!(written, r#"{"./w.js":"a","__wbg_open_1":"b","memory":"c"}"#);
        assert!(Names::read("").is_err());
        Ok(())
    }
}
