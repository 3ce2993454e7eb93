//! `dist/assets`: the loader under two names, everything else under a hash of its content, `_headers`.

use super::stamp::Inputs;
use super::widget::Widget;
use crate::tools::Tools;
use crate::{process, repo};
use anyhow::{Context, Result, ensure};
use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha384};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What the Worker must know of the static files.
pub struct Assets {
    /// e.g. `/b/0123456789ab`: where the frame's files are.
    pub build: String,
}

pub fn build(tools: &Tools, widget: &Widget) -> Result<Assets> {
    let files = hashed_files(tools, widget)?;
    let loader = esbuild(tools, "widget/loader.js", LOADER)?;
    let mut inputs = Inputs::default();
    files
        .iter()
        .for_each(|(name, content)| inputs.add(name, content));
    let hash: String = inputs.hex().chars().take(12).collect();

    let mut all = kept_loaders()?;
    all.extend([
        ("embark.js".to_owned(), loader.clone()),
        (versioned_loader(), loader.clone()),
        (
            TYPES.to_owned(),
            fs::read(repo::path("widget/embark.d.ts"))?,
        ),
        ("_headers".to_owned(), headers().into_bytes()),
    ]);
    all.extend(
        files
            .into_iter()
            .map(|(name, content)| (format!("b/{hash}/{name}"), content)),
    );
    write_exactly(&super::assets_folder(), &all)?;
    eprintln!(
        "assets: /b/{hash}; {} integrity=\"{}\"",
        versioned_loader(),
        integrity(&loader)
    );
    Ok(Assets {
        build: format!("/b/{hash}"),
    })
}

/// Puts what older pages and pinned sites will still run beside that of earlier releases.
pub fn keep() -> Result<()> {
    let built = super::assets_folder();
    let place = repo::path("www/old").join(env!("CARGO_PKG_VERSION"));
    for file in repo::files_below(&built)? {
        let name = file.to_string_lossy();
        let Some(kept) = KEPT.iter().find(|kept| name.ends_with(**kept)) else {
            continue;
        };
        let to = place.join(kept);
        ensure!(
            !to.exists(),
            "{} is there already: a release is kept once",
            to.display()
        );
        fs::create_dir_all(to.parent().unwrap_or(&place))?;
        fs::copy(built.join(&file), &to).with_context(|| to.display().to_string())?;
    }
    Ok(())
}

/// The loader of this release, kept for ever: the name a site pins, with its integrity.
pub fn versioned_loader() -> String {
    format!("embark-{}.js", env!("CARGO_PKG_VERSION"))
}

/// The loaders of earlier releases, under the names that sites pinned: they are served for ever.
fn kept_loaders() -> Result<BTreeMap<String, Vec<u8>>> {
    let old = repo::path("www/old");
    let loaders = repo::files_below(&old)?;
    let loaders = loaders.iter().filter(|path| path.ends_with("embark.js"));
    loaders
        .map(|path| {
            let version = path.parent().unwrap_or(path).display();
            Ok((format!("embark-{version}.js"), fs::read(old.join(path))?))
        })
        .collect()
}

fn hashed_files(tools: &Tools, widget: &Widget) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::from([
        ("widget.js".to_owned(), fs::read(&widget.module)?),
        ("widget.wasm".to_owned(), fs::read(&widget.wasm)?),
        (
            "widget.css".to_owned(),
            esbuild(tools, "widget/widget.css", &[])?,
        ),
    ]);
    let locales = repo::path("www/locales");
    for file in repo::files_below(&locales)? {
        let content = fs::read(locales.join(&file))?;
        let json: serde_json::Value = serde_json::from_slice(&content)
            .with_context(|| format!("www/locales/{}", file.display()))?;
        files.insert(
            format!("locales/{}", file.display()),
            json.to_string().into_bytes(),
        );
    }
    ensure!(
        files.contains_key("locales/en.json"),
        "www/locales/en.json is missing"
    );
    Ok(files)
}

/// One file, minified.
fn esbuild(tools: &Tools, source: &str, flags: &[&str]) -> Result<Vec<u8>> {
    let mut command = Command::new(&tools.esbuild);
    command
        .arg(source)
        .args(["--minify", "--legal-comments=none", "--log-level=warning"])
        .args(flags);
    Ok(process::output(command.current_dir(repo::root()))?.into_bytes())
}

/// Makes the folder hold these files and no others; says whether anything had to be changed.
fn write_exactly(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<bool> {
    let mut changed = false;
    for stale in repo::files_below(folder)? {
        if !files.contains_key(&*stale.to_string_lossy()) {
            fs::remove_file(folder.join(&stale))?;
            changed = true;
            if let Some(parent) = folder.join(&stale).parent() {
                // Only goes if it is empty now.
                let _ = fs::remove_dir(parent);
            }
        }
    }
    for (name, content) in files {
        let path = folder.join(name);
        if fs::read(&path).is_ok_and(|have| have == *content) {
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, content).with_context(|| path.display().to_string())?;
        changed = true;
    }
    Ok(changed)
}

/// `_headers`, in the form Workers static assets read. The frame and the loader are fetched by pages of
/// other origins, so both say that this is meant.
fn headers() -> String {
    let immutable = "Cache-Control: public, max-age=31536000, immutable";
    let evergreen = "Cache-Control: public, max-age=300, stale-while-revalidate=86400";
    let types = format!("/{TYPES}");
    let mut text = String::new();
    for (path, cache) in [
        ("/b/*", immutable),
        ("/embark.js", evergreen),
        (&types, evergreen),
        ("/embark-*", immutable),
    ] {
        text.push_str(path);
        for line in [
            cache,
            "Access-Control-Allow-Origin: *",
            "Cross-Origin-Resource-Policy: cross-origin",
            "X-Content-Type-Options: nosniff",
        ] {
            text.push_str("\n  ");
            text.push_str(line);
        }
        text.push('\n');
    }
    text
}

/// Subresource integrity of a script.
fn integrity(content: &[u8]) -> String {
    format!("sha384-{}", Base64::encode_string(&Sha384::digest(content)))
}

/// For developers: served beside the loader.
const TYPES: &str = "embark.d.ts";

/// Of a release: what older pages run. English is enough to test with.
const KEPT: &[&str] = &[
    "embark.js",
    "widget.js",
    "widget.wasm",
    "widget.css",
    "locales/en.json",
];

/// A classic script for every page, whatever else runs there: nothing leaks into its globals.
const LOADER: &[&str] = &["--format=iife", "--target=es2020"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_ends_up_with_exactly_the_files() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("embark-assets-{}", std::process::id()));
        let files = |names: &[&str]| {
            names
                .iter()
                .map(|name| ((*name).to_owned(), name.as_bytes().to_vec()))
                .collect()
        };
        assert!(write_exactly(&folder, &files(&["a.js", "b/1/w.js"]))?);
        assert!(!write_exactly(&folder, &files(&["a.js", "b/1/w.js"]))?);
        assert!(write_exactly(&folder, &files(&["a.js", "b/2/w.js"]))?);
        let left: Vec<String> = repo::files_below(&folder)?
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        fs::remove_dir_all(&folder)?;
        assert_eq!(left, ["a.js", "b/2/w.js"]);
        Ok(())
    }
}
