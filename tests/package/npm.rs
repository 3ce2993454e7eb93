//! The npm package in an application: its types as TypeScript finds them, and its modules where there is no DOM.

use anyhow::{Context, Result};
use embark_tests::environment::path_from_env;
use serde_json::{Value, json};
use std::fs;
use std::process::Command;

#[test]
fn npm_package_has_types_that_typescript_finds() -> Result<()> {
    let compiler = path_from_env("EMBARK_NODE_MODULES")?.join("typescript/bin/tsc");
    let compiler = compiler.to_str().context("no text")?;
    // As Node.js finds modules, which is stricter than bundlers. The declarations themselves are checked with
    // `cargo xtask check types`.
    let (is_done, output) = node(&[
        compiler,
        "--project",
        "types",
        "--module",
        "nodenext",
        "--moduleResolution",
        "nodenext",
        "--skipLibCheck",
    ])?;
    assert!(is_done, "{output}");
    Ok(())
}

#[test]
fn npm_package_is_imported_and_rendered_without_a_dom() -> Result<()> {
    let script = include_str!("npm_server.mjs");
    let (is_done, output) = node(&["--input-type=module", "--eval", script])?;
    assert!(is_done, "{output}");
    let rendered: Value = serde_json::from_str(&output).context(output)?;
    let element = "<embark-signup data-site=\"acme\" data-edge=\"https://signup.partner.example\" \
        data-config-id=\"1\" data-prefill=\"{&quot;email&quot;:&quot;a@shop.example&quot;}\">Connect</embark-signup>";
    let expected = json!({"loaded": null, "react": element, "vue": element});
    assert_eq!(rendered, expected);
    Ok(())
}

#[test]
fn npm_package_has_guide_and_licences() -> Result<()> {
    let package = path_from_env("EMBARK_NPM_APPLICATION")?.join("node_modules/embark-signup");
    for file in ["LICENSE-APACHE", "LICENSE-MIT"] {
        assert!(package.join(file).is_file(), "{file}");
    }
    let guide = fs::read_to_string(package.join("README.md"))?;
    for module in ["embark-signup", "embark-signup/react", "embark-signup/vue"] {
        assert!(guide.contains(&format!("from \"{module}\"")), "{module}");
    }
    Ok(())
}

/// Runs `node` in the application's folder; returns whether it succeeded, and what it printed.
fn node(args: &[&str]) -> Result<(bool, String)> {
    let mut command = Command::new(path_from_env("EMBARK_NODE")?);
    let application = path_from_env("EMBARK_NPM_APPLICATION")?;
    let output = command.args(args).current_dir(application).output()?;
    let text = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8(text)?))
}
