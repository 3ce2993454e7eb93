//! The archive of `cargo xtask package`, unpacked into an empty folder on a machine that has Node.js and nothing else of
//! what built it.

mod npm;

use anyhow::{Context, Result, ensure};
use embark_tests::environment::path_from_env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// An unpacked archive, and a `PATH` with `node` alone.
struct Machine {
    folder: TempDir,
    archive: PathBuf,
}

impl Machine {
    /// Unpacks the archive, and puts wrangler where `npm ci` would put it.
    fn unpack() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let file = path_from_env("EMBARK_ARCHIVE")?;
        let unpacked = Command::new("tar")
            .arg("-xzf")
            .arg(&file)
            .arg("-C")
            .arg(folder.path())
            .status()?;
        ensure!(unpacked.success(), "tar: {unpacked}");
        let name = file.file_name().context("no name")?.to_string_lossy();
        let archive = folder.path().join(name.trim_end_matches(".tar.gz"));
        let modules = path_from_env("EMBARK_NODE_MODULES")?;
        symlink(modules, archive.join("node_modules"))?;
        fs::create_dir(folder.path().join("bin"))?;
        symlink(absolute_node()?, folder.path().join("bin/node"))?;
        Ok(Self { folder, archive })
    }

    /// Runs a program in the archive's folder.
    fn run(&self, program: &Path, args: &[&str]) -> Result<Output> {
        let mut command = Command::new(program);
        command.args(args).current_dir(&self.archive).env_clear();
        command.env("PATH", self.folder.path().join("bin"));
        command.env("HOME", self.folder.path());
        command.env("WRANGLER_SEND_METRICS", "false");
        Ok(command.output()?)
    }

    /// Runs `node` and returns what it prints, which is all of it.
    fn node(&self, args: &[&str]) -> Result<(bool, String)> {
        let output = self.run(&self.folder.path().join("bin/node"), args)?;
        let text = [output.stdout, output.stderr].concat();
        Ok((output.status.success(), String::from_utf8(text)?))
    }

    fn read(&self, path: &str) -> Result<String> {
        fs::read_to_string(self.archive.join(path)).with_context(|| path.to_owned())
    }

    /// Fills in `wrangler.toml`, as its README says.
    fn fill_in(&self) -> Result<()> {
        let config = self.read("wrangler.toml")?;
        let config = config
            .replace("partner.example", "acme.com")
            .replace(&"0".repeat(32), "0f2ac74b498b48028cb68387c421e279");
        Ok(fs::write(self.archive.join("wrangler.toml"), config)?)
    }

    /// Takes the comment marks from the environment at the end of `wrangler.toml`.
    fn add_staging(&self) -> Result<()> {
        let config = self.read("wrangler.toml")?;
        let start = config.find("# [[env.staging").context("no staging")?;
        let (above, staging) = config.split_at(start);
        let staging = staging.lines().map(|line| {
            let line = line.strip_prefix('#').unwrap_or(line);
            format!("{}\n", line.trim_start())
        });
        let config = format!("{above}{}", staging.collect::<String>());
        Ok(fs::write(self.archive.join("wrangler.toml"), config)?)
    }
}

#[test]
fn archive_is_deployed_with_node_alone_once_it_is_filled_in() -> Result<()> {
    let machine = Machine::unpack()?;
    let (is_done, output) = machine.node(&["set-origin.mjs"])?;
    assert!(!is_done, "{output}");
    for name in ["EMBARK_ORIGIN", "EMBARK_OPERATOR_ORIGIN", "CONFIG"] {
        assert!(output.contains(name), "{name}: {output}");
    }
    // What was not filled in has nothing to upload.
    let wrangler = "node_modules/wrangler/bin/wrangler.js";
    let (is_done, output) = machine.node(&[wrangler, "deploy", "--dry-run"])?;
    assert!(!is_done, "{output}");

    machine.fill_in()?;
    machine.add_staging()?;
    let (is_done, output) = machine.node(&["set-origin.mjs"])?;
    assert!(is_done, "{output}");
    assert!(output.contains("integrity=\"sha384-"), "{output}");
    let (is_done, output) = machine.node(&["set-origin.mjs", "--env", "staging"])?;
    assert!(is_done, "{output}");
    for (folder, origin) in [
        ("assets", "\"https://signup.acme.com\""),
        ("assets-staging", "\"https://signup.staging.acme.com\""),
    ] {
        let loader = machine.read(&format!("{folder}/embark.js"))?;
        assert!(loader.contains(origin), "{loader}");
        assert!(!loader.contains("__EMBARK_ORIGIN__"), "{loader}");
    }

    for environment in [&["--env", ""][..], &["--env", "staging"]] {
        let deploy = [wrangler, "deploy", "--dry-run", "--outdir", "out"];
        let (is_done, output) = machine.node(&[&deploy, environment].concat())?;
        assert!(is_done, "{output}");
        for binding in [
            "env.PARTNER",
            "env.WABA",
            "env.EVENTS",
            "env.CONFIG",
            "env.ASSETS",
        ] {
            assert!(output.contains(binding), "{binding}: {output}");
        }
    }
    let uploaded = fs::read_dir(machine.archive.join("out"))?;
    let mut uploaded = uploaded.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    assert!(uploaded.any(|name| name.ends_with(".wasm")));
    Ok(())
}

#[test]
fn command_line_of_the_archive_needs_nothing_else() -> Result<()> {
    let machine = Machine::unpack()?;
    let embark = machine.archive.join("embark");
    let help = machine.run(&embark, &["signups", "--help"])?;
    let help = String::from_utf8(help.stdout)?;
    assert!(
        help.contains("embark signups acme --status needs_input"),
        "{help}"
    );
    let refused = machine.run(&embark, &["site", "list", "--json"])?;
    assert_eq!(refused.status.code(), Some(1));
    let error: serde_json::Value = serde_json::from_slice(&refused.stderr)?;
    assert!(error["error"].is_string(), "{error}");
    Ok(())
}

#[test]
fn guide_of_the_archive_names_files_that_are_in_it() -> Result<()> {
    let machine = Machine::unpack()?;
    let guide = machine.read("README.md")?;
    for file in [
        "wrangler.toml",
        "set-origin.mjs",
        "embark",
        "package.json",
        "package-lock.json",
        "files/embark.js",
    ] {
        assert!(machine.archive.join(file).is_file(), "{file}");
    }
    assert!(guide.contains("node set-origin.mjs"), "{guide}");
    assert!(!guide.contains('{'), "{guide}");
    Ok(())
}

/// The Node.js of the tests, which may be named without a folder.
fn absolute_node() -> Result<PathBuf> {
    let node = path_from_env("EMBARK_NODE")?;
    if node.is_absolute() {
        return Ok(node);
    }
    let path = std::env::var_os("PATH").context("no PATH")?;
    let mut found = std::env::split_paths(&path).map(|folder| folder.join(&node));
    found.find(|file| file.is_file()).context("no node")
}
