//! The program against a server that plays the operator's API.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::thread;

/// Starts a server that answers `path` (with its query) as `answers` says, else with a problem document; returns its
/// origin.
fn serve(answers: &'static [(&'static str, &'static str)]) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let origin = format!("http://{}", listener.local_addr()?);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer(stream, answers));
        }
    });
    Ok(origin)
}

fn answer(mut stream: TcpStream, answers: &[(&str, &str)]) -> Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head)? == 0 {
                return Ok(());
            }
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.parse::<usize>().ok())?
        });
        reader.read_exact(&mut vec![0; length.unwrap_or(0)])?;
        let path = head.split(' ').nth(1).unwrap_or_default();
        let path = path.trim_start_matches("/v1/admin/");
        let found = answers.iter().find(|(known, _)| *known == path);
        let (status, body) = match found {
            Some((_, body)) if head.contains("Bearer the-token") => ("200 OK", *body),
            Some(_) => (
                "401 Unauthorized",
                r#"{"code":"unauthorized","title":"No token"}"#,
            ),
            None => (
                "404 Not Found",
                r#"{"code":"unknown_site","title":"No such site"}"#,
            ),
        };
        let media_type = match body.chars().next() {
            Some('<') => "text/html",
            _ if path.contains("format=csv") => "text/csv; charset=utf-8; header=present",
            _ if path.contains("format=jsonl") => "application/jsonl",
            _ => "application/json",
        };
        write!(
            stream,
            "HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )?;
    }
}

/// Runs the program with this Worker and token.
fn embark(args: &[&str], edge: Option<&str>) -> Result<Output> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_embark"));
    command.args(args).env_remove("EMBARK_EDGE");
    if let Some(edge) = edge {
        command.env("EMBARK_EDGE", edge);
    }
    Ok(command.env("EMBARK_OPERATOR_TOKEN", "the-token").output()?)
}

const SIGNUPS: &[(&str, &str)] = &[
    (
        "sites/acme/signups?limit=500",
        r#"{"signups":[{"id":"b","status":"connected","changed_at":20}],"next":"20-b"}"#,
    ),
    (
        "sites/acme/signups?limit=500&after=20-b",
        r#"{"signups":[{"id":"a","status":"failed","changed_at":10,"reason":"=1"}]}"#,
    ),
    (
        "sites/acme/signups?limit=100",
        r#"{"signups":[{"id":"b","status":"connected","changed_at":20}],"next":"20-b"}"#,
    ),
    (
        "signups?limit=100",
        r#"{"signups":[{"site":"acme","id":"b","status":"connected","changed_at":20}],"missing_sites":["rival"]}"#,
    ),
    (
        "sites/acme/signups/export?format=csv",
        "id,status\nb,connected\na,failed\n",
    ),
    (
        "sites/acme/signups/export?format=jsonl&status=failed",
        "{\"id\":\"a\",\"status\":\"failed\"}\n",
    ),
    (
        "sites/acme/signups/0123456789abcdef0123456789abcdef/cancel",
        r#"{"signup":"0123456789abcdef0123456789abcdef","status":"failed"}"#,
    ),
    ("secrets/site/acme/infobip", ""),
];

#[test]
fn json_prints_the_document_of_the_api_and_nothing_else() -> Result<()> {
    let origin = serve(SIGNUPS)?;
    let output = embark(&["signups", "acme", "--json"], Some(&origin))?;
    let document: Value = serde_json::from_slice(&output.stdout)?;
    let expected =
        json!({"signups": [{"id": "b", "status": "connected", "changed_at": 20}], "next": "20-b"});
    assert_eq!(document, expected);
    assert_eq!(String::from_utf8(output.stderr)?, "");

    let output = embark(&["--json", "signups", "acme", "--all"], Some(&origin))?;
    let document: Value = serde_json::from_slice(&output.stdout)?;
    let signups = document["signups"].as_array().context("no list")?;
    assert_eq!(signups.len(), 2);
    Ok(())
}

#[test]
fn person_is_told_that_there_are_more_signups() -> Result<()> {
    let origin = serve(SIGNUPS)?;
    let output = embark(&["signups", "acme"], Some(&origin))?;
    let text = String::from_utf8(output.stdout)?;
    assert!(text.starts_with("signup  changed"), "{text}");
    let notes = String::from_utf8(output.stderr)?;
    assert!(notes.contains("--after 20-b"), "{notes}");
    Ok(())
}

#[test]
fn refusal_is_json_on_standard_error_with_its_problem() -> Result<()> {
    let origin = serve(SIGNUPS)?;
    let output = embark(&["site", "show", "shop", "--json"], Some(&origin))?;
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let error: Value = serde_json::from_slice(&output.stderr)?;
    assert_eq!(
        (&error["status"], &error["problem"]["code"]),
        (&json!(404), &json!("unknown_site"))
    );
    Ok(())
}

#[test]
fn wrong_arguments_end_with_2_and_are_json_too() -> Result<()> {
    let output = embark(&["signups", "Not A Site", "--json"], None)?;
    assert_eq!(output.status.code(), Some(2));
    let error: Value = serde_json::from_slice(&output.stderr)?;
    let text = error["error"].as_str().context("no error")?;
    assert!(text.contains("a site name"), "{text}");
    Ok(())
}

#[test]
fn command_without_a_worker_says_how_to_name_one() -> Result<()> {
    let output = embark(&["site", "list"], None)?;
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr)?;
    assert!(text.contains("EMBARK_EDGE"), "{text}");
    Ok(())
}

#[test]
fn export_is_written_to_standard_output_or_to_a_file() -> Result<()> {
    let origin = serve(SIGNUPS)?;
    let output = embark(&["export", "acme"], Some(&origin))?;
    let csv = String::from_utf8(output.stdout)?;
    assert_eq!(csv, "id,status\nb,connected\na,failed\n");

    let name = format!("embark-export-{}.jsonl", std::process::id());
    let file = std::env::temp_dir().join(name);
    let path = file.to_string_lossy();
    let args = [
        "export", "acme", "--status", "failed", "--json", "--output", &path,
    ];
    let output = embark(&args, Some(&origin))?;
    let written = std::fs::read(&file);
    let _ = std::fs::remove_file(&file);
    assert_eq!(String::from_utf8(output.stdout)?, "{\"signups\":1}\n");
    let written: Value = serde_json::from_slice(&written?)?;
    assert_eq!(written["id"], "a");

    let refused = embark(&["export", "rival"], Some(&origin))?;
    assert_eq!(refused.status.code(), Some(1));
    assert!(refused.stdout.is_empty());
    Ok(())
}

#[test]
fn response_that_is_no_export_leaves_no_file_and_no_output() -> Result<()> {
    let origin = serve(&[
        (
            "sites/page/signups/export?format=csv",
            "<title>Sign in</title>",
        ),
        ("sites/empty/signups/export?format=csv", ""),
        (
            "sites/page/signups/export?format=jsonl",
            "<title>Sign in</title>",
        ),
    ])?;
    for (site, format) in [("page", "csv"), ("empty", "csv"), ("page", "jsonl")] {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("signups");
        let path = file.to_string_lossy();
        let args = ["export", site, "--format", format, "--output", &path];
        let output = embark(&args, Some(&origin))?;
        assert_eq!(output.status.code(), Some(1), "{site} {format}");
        assert_eq!(
            std::fs::read_dir(folder.path())?.count(),
            0,
            "{site} {format}"
        );

        let output = embark(&["export", site, "--format", format], Some(&origin))?;
        assert_eq!(output.status.code(), Some(1), "{site} {format}");
        assert!(output.stdout.is_empty(), "{site} {format}");
    }
    Ok(())
}

#[test]
fn list_that_repeats_a_page_ends_with_an_error() -> Result<()> {
    let origin = serve(&[
        (
            "sites/acme/invitations?limit=500",
            r#"{"invitations":[],"next":"a&b"}"#,
        ),
        (
            "sites/acme/invitations?limit=500&after=a%26b",
            r#"{"invitations":[],"next":"a&b"}"#,
        ),
        ("signups?limit=500", r#"{"signups":[],"next":"c"}"#),
        ("signups?limit=500&after=c", r#"{"signups":[],"next":"c"}"#),
    ])?;
    let invitations = ["site", "invitations", "acme"];
    for args in [&invitations[..], &["signups", "--all"]] {
        let output = embark(args, Some(&origin))?;
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        let text = String::from_utf8(output.stderr)?;
        assert!(text.contains("the list does not end"), "{text}");
    }
    Ok(())
}

#[test]
fn id_with_slashes_names_no_other_resource() -> Result<()> {
    let origin = serve(&[("operators/..%2Fsites%2Ffuzz%2Fendpoint", "")])?;
    let output = embark(
        &["operators", "remove", "../sites/fuzz/endpoint"],
        Some(&origin),
    )?;
    assert_eq!(output.status.code(), Some(0));
    for id in ["..", ""] {
        let output = embark(&["operators", "remove", id], Some(&origin))?;
        let text = String::from_utf8(output.stderr)?;
        assert!(text.contains("is no id"), "{text}");
    }
    Ok(())
}

#[test]
fn token_is_not_sent_to_another_computer_without_https() -> Result<()> {
    let output = embark(&["site", "list"], Some("http://192.0.2.2:9497"))?;
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr)?;
    assert!(text.contains("Use https://"), "{text}");
    Ok(())
}

#[test]
fn text_of_the_worker_is_one_line_without_terminal_commands() -> Result<()> {
    let origin = serve(&[("sites", r#"["acme","a\u001b[2J\nshop\u202e"]"#)])?;
    let output = embark(&["site", "list"], Some(&origin))?;
    let text = String::from_utf8(output.stdout)?;
    assert_eq!(text, "acme\na\\u{1b}[2J\\u{a}shop\\u{202e}\n");
    let output = embark(&["site", "list", "--json"], Some(&origin))?;
    let text = String::from_utf8(output.stdout)?;
    assert_eq!(text, "[\"acme\",\"a\\u001b[2J\\nshop\\u202e\"]\n");
    Ok(())
}

#[test]
fn signup_is_cancelled_by_a_task_of_signups() -> Result<()> {
    let origin = serve(SIGNUPS)?;
    let id = "0123456789abcdef0123456789abcdef";
    let output = embark(&["signups", "cancel", "acme", id], Some(&origin))?;
    let text = String::from_utf8(output.stdout)?;
    assert_eq!(text, "cancelled: nothing more is called at Meta\n");
    Ok(())
}

#[test]
fn signups_of_all_sites_are_listed_with_their_sites() -> Result<()> {
    let origin = serve(SIGNUPS)?;
    let output = embark(&["signups"], Some(&origin))?;
    let text = String::from_utf8(output.stdout)?;
    assert!(text.starts_with("site  signup"), "{text}");
    assert!(text.contains("\nacme  b "), "{text}");
    let notes = String::from_utf8(output.stderr)?;
    assert!(notes.contains("rival"), "{notes}");
    Ok(())
}

#[test]
fn command_without_a_response_prints_null_as_json() -> Result<()> {
    let origin = serve(SIGNUPS)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_embark"));
    let mut child = command
        .args(["secret", "set", "site/acme/infobip", "--json"])
        .env("EMBARK_EDGE", origin)
        .env("EMBARK_OPERATOR_TOKEN", "the-token")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()?;
    let mut stdin = child.stdin.take().context("no stdin")?;
    stdin.write_all(b"a-secret\n")?;
    drop(stdin);
    let output = child.wait_with_output()?;
    assert_eq!(String::from_utf8(output.stdout)?, "null\n");
    Ok(())
}
