//! `cargo xtask build`: builds what is deployed. In order: the widget (wasm and glue), the static files under a hash
//! of their content, the Worker (which is compiled with that hash).
//!
//! | folder | contents |
//! |---|---|
//! | `dist/assets` | the static files, as they are uploaded: those of this build, and the hashed ones of the previous build |
//! | `build/release`, `build/local` | the Worker, without and with the feature `local`: `guard.js` (entry), `index.js`, `index_bg.wasm`, `wrangler.json` |
//! | `build/widget`, `build/worker` | intermediate files |

mod assets;
mod assets_folder;
mod bindgen;
mod cargo;
pub mod environment;
mod examples;
mod output;
mod short_names;
mod stamp;
mod widget;
mod worker;
pub mod wrangler_config;

pub use assets::{ORIGIN_PLACEHOLDER, hashed};
pub use cargo::{Profile, build_program, host_target};
pub use examples::{bundle as bundle_examples, rust_backend};
pub use output::{Kind, assets_folder};

use crate::tools::{self, Tools};
use crate::{file_lock, repo};
use anyhow::Result;
use std::collections::BTreeMap;

#[derive(clap::Args)]
pub struct Args {
    /// The Worker with loopback endpoints and fault injection, for `dev` and the tests
    #[arg(long)]
    local: bool,
    /// Also copy the loader and the frame's files to `www/old/{version}`, for the tests of later versions
    #[arg(long)]
    keep: bool,
    /// The Worker as it is deployed (the default without --local)
    #[arg(long)]
    release: bool,
}

/// # Errors
/// When a step fails, or wrangler would deploy the placeholders of `wrangler.toml`.
pub fn run(args: &Args) -> Result<()> {
    wrangler_config::check_before_deploy()?;
    let mut kinds = Vec::new();
    if args.release || !args.local {
        kinds.push(Kind::Release);
    }
    if args.local {
        kinds.push(Kind::Local);
    }
    let tools = make(&kinds)?;
    if args.keep {
        assets::keep_release(&tools)?;
    }
    Ok(())
}

/// The static files for any origin, by path: [`ORIGIN_PLACEHOLDER`] stands for it.
///
/// # Errors
/// When a step fails.
pub fn static_files_without_origin(tools: &Tools) -> Result<BTreeMap<String, Vec<u8>>> {
    let _lock = file_lock::acquire(&repo::path("build"), "build")?;
    let widget = widget::build(tools)?;
    Ok(assets::without_origin(tools, &widget)?.files)
}

/// Installs the tools, then builds the static files and Workers of these kinds. What has not changed since the last
/// build is not built again.
///
/// # Errors
/// When a step fails.
pub fn make(kinds: &[Kind]) -> Result<Tools> {
    make_for(kinds, None)
}

/// As [`make`], for an environment of `wrangler.toml`: the static files are those for its origin.
///
/// # Errors
/// As [`make`], or when there is no such environment.
pub fn make_for(kinds: &[Kind], environment: Option<&str>) -> Result<Tools> {
    let _lock = file_lock::acquire(&repo::path("build"), "build")?;
    let tools = tools::setup_while(widget::compile)?;
    let widget = widget::build(&tools)?;
    let origin = wrangler_config::public_origin(environment)?;
    let assets = assets::build(&tools, &widget, &origin)?;
    for kind in kinds {
        worker::build(&tools, *kind, &assets)?;
    }
    Ok(tools)
}
