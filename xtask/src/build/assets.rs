//! `dist/assets`: the loader under two names, everything else under a hash of its content, the same of the
//! build before, `_headers`.

use super::folder::{Builds, lay_out};
use super::stamp::Inputs;
use super::widget::Widget;
use crate::tools::Tools;
use crate::{process, repo};
use anyhow::{Context, Result, ensure};
use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha384};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
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
    lay_out(&super::assets_folder(), builds(), &hash, all)?;
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
    let place = repo::path("www/old").join(env!("CARGO_PKG_VERSION"));
    let built = |name: &str| match name {
        "embark.js" => Ok(super::assets_folder().join(name)),
        _ => hashed(name),
    };
    for kept in KEPT {
        let to = place.join(kept);
        ensure!(
            !to.exists(),
            "{} is there already: a release is kept once",
            to.display()
        );
        fs::create_dir_all(to.parent().unwrap_or(&place))?;
        fs::copy(built(kept)?, &to).with_context(|| to.display().to_string())?;
    }
    Ok(())
}

/// Where a hashed file of this build is, by its name.
pub fn hashed(name: &str) -> Result<PathBuf> {
    let folder = super::assets_folder().join("b");
    Ok(folder.join(builds().current()?).join(name))
}

fn builds() -> Builds {
    Builds::read(repo::path("dist/builds"))
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
const KEPT: &[&str] = &["widget.js", "widget.wasm", "widget.css", "locales/en.json"];

/// A classic script for every page, whatever else runs there: nothing leaks into its globals.
const LOADER: &[&str] = &["--format=iife", "--target=es2020"];
