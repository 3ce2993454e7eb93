//! What people download, and what is deployed, against the budgets of the design.

use crate::build::{self, Kind};
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::io::Write;
use std::path::Path;

pub fn check() -> Result<()> {
    let rows = [
        (
            "loader (gzip)",
            gzip(&read(&build::assets_folder().join("embark.js"))?)?,
            3_000,
        ),
        (
            "widget, wasm and glue (brotli 4)",
            brotli4(&read(&build::hashed("widget.wasm")?)?)?
                + brotli4(&read(&build::hashed("widget.js")?)?)?,
            30_000,
        ),
        ("Worker (gzip)", worker()?, 400_000),
    ];
    println!("{:34} {:>9} {:>9}", "", "bytes", "budget");
    for (what, bytes, budget) in rows {
        println!(
            "{what:34} {bytes:>9} {budget:>9}{}",
            if bytes > budget { "   over" } else { "" }
        );
    }
    marker()?;
    if rows.iter().any(|(_, bytes, budget)| bytes > budget) {
        bail!("over budget");
    }
    Ok(())
}

/// What is deployed must not know loopback addresses and faults.
fn marker() -> Result<()> {
    let has_marker = |kind: Kind| -> Result<bool> {
        let wasm = read(&kind.folder().join("index_bg.wasm"))?;
        Ok(wasm
            .windows(MARKER.len())
            .any(|bytes| bytes == MARKER.as_bytes()))
    };
    ensure!(
        !has_marker(Kind::Release)?,
        "the release Worker was built with the feature `local`"
    );
    ensure!(
        has_marker(Kind::Local)?,
        "the local Worker lacks the marker {MARKER}, so looking for it proves nothing"
    );
    Ok(())
}

fn worker() -> Result<usize> {
    let folder = Kind::Release.folder();
    ["guard.js", "index.js", "index_bg.wasm"]
        .iter()
        .map(|file| gzip(&read(&folder.join(file))?))
        .sum()
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| path.display().to_string())
}

fn gzip(bytes: &[u8]) -> Result<usize> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(9));
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

/// Quality 4 is what an edge sends; 11 is what benchmarks print.
fn brotli4(bytes: &[u8]) -> Result<usize> {
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: 4,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &params)?;
    Ok(out.len())
}

const MARKER: &str = "EMBARK-LOCAL-BUILD";
