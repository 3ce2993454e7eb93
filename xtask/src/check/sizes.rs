//! Sizes of what pages download and of what is deployed, compared to their budgets.

use crate::build::{self, Kind};
use anyhow::{Result, bail, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use fs_err as fs;
use std::io::Write;

/// Measures what was built.
///
/// # Errors
/// When something is over its budget or was not built.
pub fn check() -> Result<()> {
    let loader = fs::read(build::assets_folder().join("embark.js"))?;
    let wasm = fs::read(build::hashed("widget.wasm")?)?;
    let glue = fs::read(build::hashed("widget.js")?)?;
    let rows = [
        ("loader (gzip)", gzip(&loader)?, LOADER_BUDGET),
        (
            "widget, wasm and glue (brotli 4)",
            brotli4(&wasm)? + brotli4(&glue)?,
            WIDGET_BUDGET,
        ),
        ("Worker (gzip)", worker()?, WORKER_BUDGET),
    ];
    println!("{:34} {:>9} {:>9}", "", "bytes", "budget");
    for (what, bytes, budget) in rows {
        println!(
            "{what:34} {bytes:>9} {budget:>9}{}",
            if bytes > budget { "   over" } else { "" }
        );
    }
    check_marker()?;
    if rows.iter().any(|(_, bytes, budget)| bytes > budget) {
        bail!("over budget");
    }
    Ok(())
}

/// The Worker that is deployed must not accept loopback addresses or inject faults: a string of that code is in the
/// local Worker and not in the release.
fn check_marker() -> Result<()> {
    let has_marker = |kind: Kind| -> Result<bool> {
        let wasm = fs::read(kind.folder().join("index_bg.wasm"))?;
        let mut windows = wasm.windows(LOCAL_MARKER.len());
        Ok(windows.any(|bytes| bytes == LOCAL_MARKER.as_bytes()))
    };
    ensure!(
        !has_marker(Kind::Release)?,
        "the release Worker was built with the feature `local`"
    );
    ensure!(
        has_marker(Kind::Local)?,
        "the local Worker lacks the marker {LOCAL_MARKER}, so its absence from the release proves nothing"
    );
    Ok(())
}

fn worker() -> Result<usize> {
    let folder = Kind::Release.folder();
    ["guard.js", "index.js", "index_bg.wasm"]
        .iter()
        .map(|file| gzip(&fs::read(folder.join(file))?))
        .sum()
}

fn gzip(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

/// Cloudflare compresses responses with quality 4.
fn brotli4(bytes: &[u8]) -> Result<usize> {
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: 4,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &params)?;
    Ok(out.len())
}

/// Bytes. Every page with the tag loads it.
const LOADER_BUDGET: usize = 4_200;
/// Bytes. The page shows its button before they arrive.
const WIDGET_BUDGET: usize = 95_000;
/// Bytes. Its size costs start-up time, which is measured and not asserted: 50 ms are acceptable.
const WORKER_BUDGET: usize = 1_600_000;

/// A string that only the feature `local` compiles in.
const LOCAL_MARKER: &str = "EMBARK-LOCAL-BUILD";
