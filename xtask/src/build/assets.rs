//! The static files, `dist/assets`: the loader under two names, all other files under a hash of their content, and
//! `_headers`.

use super::assets_folder::{Builds, write_build};
use super::output::assets_folder;
use super::stamp::Inputs;
use super::widget::Widget;
use crate::tools::Tools;
use crate::{generated, process, repo};
use anyhow::{Context, Result, ensure};
use base64ct::{Base64, Encoding};
use fs_err as fs;
use sha2::{Digest, Sha384};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

/// What the Worker is compiled with.
pub struct Assets {
    /// URL path of the hashed files, e.g. `/b/0123456789ab`.
    pub build: String,
}

/// The static files of a build for one origin.
pub struct StaticFiles {
    /// The hash under which the files are that pages load by it.
    hash: String,
    /// By path.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// Builds and writes the static files for the Worker of this origin.
///
/// # Errors
/// When esbuild fails, or a file cannot be read or written.
pub fn build(tools: &Tools, widget: &Widget, origin: &str) -> Result<Assets> {
    let StaticFiles { hash, files } = static_files(tools, widget, origin)?;
    let pinned = files.get(&versioned_loader());
    let pinned = pinned.map(|loader| integrity(loader)).unwrap_or_default();
    write_build(&assets_folder(), builds(), &hash, files)?;
    eprintln!(
        "assets: /b/{hash}; {} for {origin} integrity=\"{pinned}\"",
        versioned_loader(),
    );
    Ok(Assets {
        build: format!("/b/{hash}"),
    })
}

/// The static files, with [`ORIGIN_PLACEHOLDER`] in the place of the Worker's origin.
///
/// # Errors
/// When esbuild fails, or a file cannot be read.
pub fn without_origin(tools: &Tools, widget: &Widget) -> Result<StaticFiles> {
    static_files(tools, widget, ORIGIN_PLACEHOLDER)
}

fn static_files(tools: &Tools, widget: &Widget, origin: &str) -> Result<StaticFiles> {
    let files = hashed_files(tools, widget)?;
    let loader = with_origin(&minified_loader(tools)?, origin)?;
    let mut inputs = Inputs::default();
    files
        .iter()
        .for_each(|(name, content)| inputs.add(name, content));
    let hash: String = inputs.hex().chars().take(12).collect();

    let mut all = loaders(loader, released_loaders(origin)?);
    all.extend([
        (
            TYPES.to_owned(),
            fs::read(repo::path("widget/embark.d.ts"))?,
        ),
        ("_headers".to_owned(), headers().into_bytes()),
    ]);
    for name in generated::DOCUMENTS {
        let document = fs::read(repo::path("docs").join(name))?;
        all.insert(format!("v1/{name}"), document);
    }
    all.extend(
        files
            .into_iter()
            .map(|(name, content)| (format!("b/{hash}/{name}"), content)),
    );
    Ok(StaticFiles { hash, files: all })
}

/// Copies the files of this release that older pages and pinned sites will still load to `www/old/<version>`.
///
/// # Errors
/// When nothing was built, or this version was copied before.
pub fn keep_release(tools: &Tools) -> Result<()> {
    let folder = repo::path("www/old").join(env!("CARGO_PKG_VERSION"));
    for name in RELEASE_FILES {
        let to = folder.join(name);
        ensure!(
            !to.exists(),
            "{} exists: a release is kept once",
            to.display()
        );
        fs::create_dir_all(to.parent().unwrap_or(&folder))?;
        match *name {
            "embark.js" => fs::write(&to, minified_loader(tools)?)?,
            _ => fs::copy(hashed(name)?, &to).map(|_| ())?,
        }
    }
    Ok(())
}

/// The path of a hashed file of the current build, by its name without hash.
///
/// # Errors
/// When nothing was built.
pub fn hashed(name: &str) -> Result<PathBuf> {
    let folder = assets_folder().join("b");
    Ok(folder.join(builds().current()?).join(name))
}

fn builds() -> Builds {
    Builds::read(repo::path("dist/builds"))
}

/// The loader's name in this release, which sites pin together with its integrity. It is served for ever.
fn versioned_loader() -> String {
    format!("embark-{}.js", env!("CARGO_PKG_VERSION"))
}

/// The loader without the Worker's origin.
fn minified_loader(tools: &Tools) -> Result<Vec<u8>> {
    esbuild(tools, "widget/tag.js", LOADER_FLAGS)
}

/// A loader for the Worker of this origin. Loaders of early releases have no place for it.
fn with_origin(loader: &[u8], origin: &str) -> Result<Vec<u8>> {
    let text = std::str::from_utf8(loader)?;
    Ok(text.replace(ORIGIN_PLACEHOLDER, origin).into_bytes())
}

/// The current loader under its two names, and the released ones. A release that was kept stays as it was, also in
/// later builds of the same version.
fn loaders(current: Vec<u8>, released: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let mut loaders = BTreeMap::from([
        ("embark.js".to_owned(), current.clone()),
        (versioned_loader(), current),
    ]);
    loaders.extend(released);
    loaders
}

/// The loaders of kept releases, under the names that sites have pinned. Their integrity is the same in each build
/// for the same origin.
fn released_loaders(origin: &str) -> Result<BTreeMap<String, Vec<u8>>> {
    let old = repo::path("www/old");
    let loaders = repo::files_in(&old)?;
    let loaders = loaders.iter().filter(|path| path.ends_with("embark.js"));
    loaders
        .map(|path| {
            let version = path.parent().unwrap_or(path).display();
            let loader = with_origin(&fs::read(old.join(path))?, origin)?;
            Ok((format!("embark-{version}.js"), loader))
        })
        .collect()
}

/// The files that are served under a hash, by their name without it.
fn hashed_files(tools: &Tools, widget: &Widget) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::from([
        ("widget.js".to_owned(), fs::read(&widget.module)?),
        ("widget.wasm".to_owned(), fs::read(&widget.wasm)?),
        (
            "widget.css".to_owned(),
            esbuild(tools, "widget/widget.css", &[])?,
        ),
        // Of the operator's console.
        (
            "htmx.js".to_owned(),
            esbuild(tools, "node_modules/htmx.org/dist/htmx.js", &[])?,
        ),
        (
            "console.js".to_owned(),
            esbuild(tools, "www/console/console.js", &[])?,
        ),
    ]);
    let locales = repo::path("www/locales");
    for file in repo::files_in(&locales)? {
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

/// The text of `_headers` (<https://developers.cloudflare.com/workers/static-assets/headers/>). Pages of other origins
/// load the frame and the loader, so both allow that.
fn headers() -> String {
    let immutable = "Cache-Control: public, max-age=31536000, immutable";
    let mutable = "Cache-Control: public, max-age=300, stale-while-revalidate=86400";
    let types = format!("/{TYPES}");
    let mut text = String::new();
    for (path, cache) in [
        ("/b/*", immutable),
        ("/embark.js", mutable),
        (&types, mutable),
        ("/embark-*", immutable),
    ] {
        text.push_str(path);
        for line in [
            cache,
            "Access-Control-Allow-Origin: *",
            "Cross-Origin-Resource-Policy: cross-origin",
            "X-Content-Type-Options: nosniff",
            "Strict-Transport-Security: max-age=31536000; includeSubDomains",
        ] {
            text.push_str("\n  ");
            text.push_str(line);
        }
        text.push('\n');
    }
    text
}

/// Subresource integrity of a script (<https://www.w3.org/TR/SRI/>).
fn integrity(content: &[u8]) -> String {
    format!("sha384-{}", Base64::encode_string(&Sha384::digest(content)))
}

/// Stands in `widget/tag.js` for the Worker's origin.
pub const ORIGIN_PLACEHOLDER: &str = "__EMBARK_ORIGIN__";

/// TypeScript declarations, served beside the loader for developers.
const TYPES: &str = "embark.d.ts";

/// The files of a release that pages load after it was replaced. For tests English is enough of the locales.
const RELEASE_FILES: &[&str] = &[
    "embark.js",
    "widget.js",
    "widget.wasm",
    "widget.css",
    "locales/en.json",
];

/// The loader is a classic script on pages of others: as an IIFE it defines no global variables.
const LOADER_FLAGS: &[&str] = &["--bundle", "--format=iife", "--target=es2021"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_release_is_served_instead_of_a_later_build_of_its_version() {
        let current = b"current".to_vec();
        let kept = |name: String| BTreeMap::from([(name, b"kept".to_vec())]);
        let serves = |released, name: &str| loaders(current.clone(), released).remove(name);
        let (older, own) = ("embark-0.0.1.js".to_owned(), versioned_loader());
        assert_eq!(serves(kept(older.clone()), &own), Some(current.clone()));
        assert_eq!(serves(kept(older.clone()), &older), Some(b"kept".to_vec()));
        assert_eq!(serves(kept(own.clone()), &own), Some(b"kept".to_vec()));
        assert_eq!(serves(kept(own), "embark.js"), Some(current.clone()));
    }
}
