//! No circle of imports: between the files of a crate, and between its top-level modules.

use crate::repo;
use crate::source::graph::Graph;
use crate::source::imports::Imports;
use crate::source::workspace::crate_parts;
use anyhow::{Result, bail, ensure};

/// Fails when a crate of [`WITHOUT_CIRCLES`] has a circle; of the others it prints how many they have.
pub fn check() -> Result<()> {
    let parts = crate_parts(repo::root())?;
    for name in WITHOUT_CIRCLES {
        let is_there = parts.iter().any(|part| part.name == *name);
        ensure!(is_there, "WITHOUT_CIRCLES names {name}, which is no crate");
    }
    let mut found = String::new();
    for part in &parts {
        let circles = circles_in(&part.name, &part.imports(repo::root())?);
        if WITHOUT_CIRCLES.contains(&part.name.as_str()) {
            found.push_str(&circles.text);
        } else if circles.count > 0 {
            eprintln!("{}: {} circles, not enforced yet", part.name, circles.count);
        }
    }
    if !found.is_empty() {
        bail!("files that import each other\n\n{found}");
    }
    Ok(())
}

/// The circles of a part of a crate, at both levels.
pub struct Circles {
    pub count: usize,
    /// Empty when there is none.
    pub text: String,
}

/// Describes the circles of a part of a crate.
pub fn circles_in(part: &str, imports: &Imports) -> Circles {
    let mut circles = Circles {
        count: 0,
        text: String::new(),
    };
    circles.add(part, "top-level modules", &imports.top_level);
    circles.add(part, "files", &imports.files);
    circles
}

impl Circles {
    fn add(&mut self, part: &str, level: &str, graph: &Graph) {
        for circle in graph.circles() {
            self.count += 1;
            let text = format!("{part}, circle of {level}\n{circle}\n");
            self.text.push_str(&text);
        }
    }
}

/// Crates that have no circle and must stay so; `<crate>/tests` are the integration tests of a crate. To be
/// extended with each crate that has become free of them.
const WITHOUT_CIRCLES: &[&str] = &[
    "protocol",
    "protocol/tests",
    "view",
    "onboarding",
    "onboarding/tests",
    "edge",
    "openapi",
    "openapi/tests",
    "widget",
    "sandbox",
    "sandbox/tests",
    "cli",
    "cli/tests",
    "tests",
    "tests/tests",
    "xtask",
];
