//! The program: it prints when it is ready, and stops with its parent.

use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

#[tokio::test]
async fn program_with_parent_prints_ready_and_stops_when_stdin_closes() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_embark-sandbox"))
        .args(["--port", "0", "--with-parent"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("starts");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let line = lines.next_line().await.expect("readable").expect("a line");
    let url = line
        .strip_prefix("embark-sandbox ready ")
        .expect("the ready line");
    let world = reqwest::get(format!("{url}/_sandbox/world")).await;
    assert_eq!(world.expect("a response").status(), 200);
    drop(child.stdin.take());
    let end = timeout(Duration::from_secs(10), child.wait()).await;
    assert!(end.expect("ends").expect("a status").success());
}
