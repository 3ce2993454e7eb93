//! `cargo xtask deploy`: checks, builds and deploys the Worker, or an environment of it.

use crate::build::{self, Kind, wrangler_config};
use crate::{check, process, repo};
use anyhow::{Result, bail};

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The environment of wrangler.toml, e.g. staging or production; without it, what is at its top
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Does everything but the upload
    #[arg(long)]
    dry_run: bool,
    /// Leaves out `cargo xtask check`
    #[arg(long)]
    skip_checks: bool,
}

/// Checks, builds and deploys.
///
/// # Errors
/// When `wrangler.toml` is not filled in, a check or the build fails, or wrangler does not deploy.
pub fn run(args: &Args) -> Result<()> {
    let environment = args.env.as_deref();
    check_is_filled_in(environment, args.dry_run)?;
    if !args.skip_checks {
        check::all()?;
    }
    let tools = build::make_for(&[Kind::Release], environment)?;
    let mut wrangler = tools.node_script("wrangler/bin/wrangler.js");
    // The configuration beside the built Worker has no build command: wrangler would build again, for the origin at the
    // top.
    wrangler
        .args(["deploy", "--config"])
        .arg(Kind::Release.folder().join("wrangler.json"));
    if let Some(name) = environment {
        wrangler.args(["--env", name]);
    }
    if args.dry_run {
        wrangler.arg("--dry-run");
    }
    process::run(wrangler.current_dir(repo::root()))
}

/// # Errors
/// When a value is still the repository's; a dry run only prints it.
fn check_is_filled_in(environment: Option<&str>, dry_run: bool) -> Result<()> {
    let left = wrangler_config::placeholders_left(environment)?;
    if left.is_empty() {
        return Ok(());
    }
    let text = format!(
        "wrangler.toml is not yours yet (see docs/deploying.md):\n  {}",
        left.join("\n  ")
    );
    if !dry_run {
        bail!(text);
    }
    eprintln!("warning: {text}");
    Ok(())
}

const EXAMPLES: &str = "Examples:
  cargo xtask deploy --dry-run
  cargo xtask deploy --env staging
  cargo xtask deploy --env production

Wrangler deploys as whom `npx wrangler login` has logged in, or with CLOUDFLARE_API_TOKEN.";
