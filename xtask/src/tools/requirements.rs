//! The programs and libraries that must be on the machine, because xtask does not install them.

use anyhow::{Result, bail};
use std::process::{Command, Stdio};

/// # Errors
/// When something is missing; the error lists all of it, with the packages to install.
pub fn check() -> Result<()> {
    let missing: Vec<&Requirement> = REQUIREMENTS
        .iter()
        .filter(|requirement| !requirement.is_met())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut text = String::from("this machine has no");
    for requirement in &missing {
        text.push_str(&format!(
            "\n  {}: {} ({})",
            requirement.name, requirement.purpose, requirement.source
        ));
    }
    let packages: Vec<&str> = missing
        .iter()
        .filter_map(|requirement| requirement.debian)
        .collect();
    if !packages.is_empty() {
        text.push_str(&format!(
            "\non Debian or Ubuntu: apt-get install {}",
            packages.join(" ")
        ));
    }
    bail!(text)
}

struct Requirement {
    name: &'static str,
    /// What needs it.
    purpose: &'static str,
    /// Where to get it.
    source: &'static str,
    /// Names of Debian's packages, separated by spaces.
    debian: Option<&'static str>,
    /// Commands; the requirement is met when one of them succeeds.
    probes: &'static [&'static [&'static str]],
}

impl Requirement {
    fn is_met(&self) -> bool {
        self.probes.iter().any(|probe| succeeds(probe))
    }
}

fn succeeds(words: &[&str]) -> bool {
    let Some((program, args)) = words.split_first() else {
        return false;
    };
    let mut command = Command::new(program);
    command
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        name: "rustup, or the target wasm32-unknown-unknown",
        purpose: "Worker and widget are built for WebAssembly",
        source: "https://rustup.rs",
        debian: None,
        probes: &[
            &["rustup", "--version"],
            &[
                "sh",
                "-c",
                "test -d \"$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown\"",
            ],
        ],
    },
    Requirement {
        name: "npm",
        purpose: "installs wrangler, esbuild and Node.js",
        source: "package npm",
        debian: Some("npm"),
        probes: &[&["npm", "--version"]],
    },
    Requirement {
        name: "a C compiler",
        purpose: "some crates compile C code",
        source: "package gcc",
        debian: Some("gcc libc6-dev"),
        probes: &[&["cc", "--version"]],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn is_met(probes: &'static [&'static [&'static str]]) -> bool {
        let requirement = Requirement {
            name: "",
            purpose: "",
            source: "",
            debian: None,
            probes,
        };
        requirement.is_met()
    }

    #[test]
    fn requirement_without_successful_probe_is_not_met() {
        assert!(!is_met(&[&["/no/such/program"]]));
        assert!(!is_met(&[&["false"]]));
        assert!(is_met(&[&["false"], &["true"]]));
    }
}
