//! Runs commands to their end.

use super::command::display;
use super::group::Group;
use anyhow::{Context, Result, bail};
use std::process::{Command, Stdio};

/// Runs a command, which prints to the terminal.
///
/// # Errors
/// When it cannot be started, or ends with anything but success.
pub fn run(command: &mut Command) -> Result<()> {
    let name = display(command);
    let status = Group::spawn(command.stdin(Stdio::null()))?.wait()?;
    if !status.success() {
        bail!("{name} failed ({status})");
    }
    Ok(())
}

/// Runs a command and returns its standard output without the line break at the end.
///
/// # Errors
/// When it cannot be started, or ends with anything but success; the error shows its standard error.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", display(command)))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{} failed ({}): {}",
            display(command),
            output.status,
            stderr.trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_failing_command_error_names_command_and_status() {
        let error = run(Command::new("sh").args(["-c", "exit 3"]))
            .err()
            .map(|e| e.to_string())
            .unwrap_or_default();
        assert!(
            error.contains("sh -c exit 3") && error.contains("status: 3"),
            "{error}"
        );
    }
}
