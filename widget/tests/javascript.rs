//! The unit tests of `entry.js` and `loader.js`, under Node's test runner.

use std::process::Command;

#[test]
fn entry_and_loader_pass_their_unit_tests() {
    let node = std::env::var("NODE_BIN").unwrap_or_else(|_| "node".into());
    let mut command = Command::new(node);
    command
        .arg("--test")
        .args(["tests/entry.test.mjs", "tests/loader.test.mjs"])
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    match command.output() {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{text}");
        }
        Err(error) => println!("skipped: no Node to run them with ({error})"),
    }
}
