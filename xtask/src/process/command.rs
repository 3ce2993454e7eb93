//! Describes and prepares commands.

use std::process::Command;

/// Program and arguments as typed in a shell, without quotes: `npm ci --ignore-scripts`.
pub fn display(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// `cargo`, for a build inside `cargo run`: without the variables with which that describes this package. Some build
/// scripts depend on them, so that the nested build would compile their crates again, and so would the next build
/// outside.
pub fn cargo() -> Command {
    let mut command = Command::new("cargo");
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&*name);
        }
    }
    command
}
