//! What a machine must have before anything can be installed on it.

use anyhow::{Result, bail};
use std::process::{Command, Stdio};

/// Fails once, naming everything that is missing and the package that brings it.
pub fn check() -> Result<()> {
    let missing: Vec<&Needed> = NEEDED.iter().filter(|needed| !needed.is_there()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut text = String::from("this machine lacks");
    for needed in &missing {
        text.push_str(&format!(
            "\n  {}: {} ({})",
            needed.what, needed.why, needed.how
        ));
    }
    let packages: Vec<&str> = missing.iter().filter_map(|needed| needed.debian).collect();
    if !packages.is_empty() {
        text.push_str(&format!(
            "\non Debian or Ubuntu: apt-get install {}",
            packages.join(" ")
        ));
    }
    bail!(text)
}

struct Needed {
    what: &'static str,
    why: &'static str,
    how: &'static str,
    debian: Option<&'static str>,
    /// Any of these that exits with success proves it is there.
    proofs: &'static [&'static [&'static str]],
}

impl Needed {
    fn is_there(&self) -> bool {
        self.proofs.iter().any(|proof| succeeds(proof))
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

const NEEDED: &[Needed] = &[
    Needed {
        what: "rustup, or the target wasm32-unknown-unknown",
        why: "Worker and widget are built for WebAssembly",
        how: "https://rustup.rs",
        debian: None,
        proofs: &[
            &["rustup", "--version"],
            &[
                "sh",
                "-c",
                "test -d \"$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown\"",
            ],
        ],
    },
    Needed {
        what: "npm",
        why: "brings wrangler, esbuild and Node",
        how: "package npm",
        debian: Some("npm"),
        proofs: &[&["npm", "--version"]],
    },
    Needed {
        what: "a C compiler",
        why: "crates with C parts",
        how: "package gcc",
        debian: Some("gcc libc6-dev"),
        proofs: &[&["cc", "--version"]],
    },
    Needed {
        what: "pkg-config",
        why: "finds the OpenSSL headers",
        how: "package pkg-config",
        debian: Some("pkg-config"),
        proofs: &[&["pkg-config", "--version"]],
    },
    Needed {
        what: "OpenSSL headers",
        why: "worker-build links OpenSSL",
        how: "package libssl-dev",
        debian: Some("libssl-dev"),
        proofs: &[
            &["pkg-config", "--exists", "openssl"],
            &["sh", "-c", "test -n \"$OPENSSL_DIR\""],
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_not_there_is_missing_and_one_that_fails_too() {
        let needed = |proofs| Needed {
            what: "",
            why: "",
            how: "",
            debian: None,
            proofs,
        };
        assert!(!needed(&[&["/no/such/program"]]).is_there());
        assert!(!needed(&[&["false"]]).is_there());
        assert!(needed(&[&["false"], &["true"]]).is_there());
    }
}
