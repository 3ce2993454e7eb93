//! What a command prints: for a person, or with `--json` one document for a program.

use crate::visible::{visible_json, visible_lines};
use crate::worker_api::Refusal;
use anyhow::Result;
use serde_json::{Value, json};
use std::io::{self, ErrorKind, Write};

/// The result of a command.
pub struct Answer {
    /// The API's response. Null: it had no body.
    document: Value,
    /// What a person reads instead of the document. `None`: the document itself.
    text: Option<String>,
    /// Lines for a person on standard error, so that standard output has the result alone.
    notes: Vec<String>,
    /// The result was printed already.
    is_printed: bool,
}

impl Answer {
    /// A document that a person reads as well.
    pub fn document(document: Value) -> Self {
        Self {
            document,
            text: None,
            notes: Vec::new(),
            is_printed: false,
        }
    }

    /// A document, and what a person reads instead of it.
    pub fn new(document: Value, text: impl Into<String>) -> Self {
        Self {
            text: Some(text.into()),
            ..Self::document(document)
        }
    }

    /// The API responded without a body; a person reads this.
    pub fn without_document(text: impl Into<String>) -> Self {
        Self::new(Value::Null, text)
    }

    /// The command has written its result itself.
    pub fn printed() -> Self {
        Self {
            is_printed: true,
            ..Self::document(Value::Null)
        }
    }

    /// Adds a line for a person on standard error.
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Prints the result. With `json`, that is the document in one line.
    ///
    /// # Errors
    /// When standard output or standard error cannot be written.
    pub fn print(&self, json: bool) -> Result<()> {
        if !self.is_printed {
            let text = self.text(json)?;
            if !text.is_empty() {
                writeln!(io::stdout(), "{text}")?;
            }
        }
        if !json {
            for note in &self.notes {
                writeln!(io::stderr(), "{}", visible_lines(note))?;
            }
        }
        Ok(())
    }

    fn text(&self, json: bool) -> Result<String> {
        Ok(match &self.text {
            _ if json => visible_json(&self.document.to_string()),
            Some(text) => visible_lines(text),
            None => visible_json(&serde_json::to_string_pretty(&self.document)?),
        })
    }
}

/// Prints an error to standard error. With `json`: `{"error": …}`, and the `status` and the `problem` that a Worker
/// responded with. That the reader of the output has closed it is no error, and is not printed.
pub fn report_error(error: &anyhow::Error, json: bool) {
    if is_broken_pipe(error) {
        return;
    }
    // There is no other place to say it.
    let _ = writeln!(io::stderr(), "{}", error_text(error, json));
}

fn error_text(error: &anyhow::Error, json: bool) -> String {
    match json {
        true => visible_json(&error_document(error).to_string()),
        false => visible_lines(&format!("\nerror: {error:#}")),
    }
}

fn error_document(error: &anyhow::Error) -> Value {
    let mut document = json!({ "error": format!("{error:#}") });
    if let Some(refusal) = error.downcast_ref::<Refusal>() {
        document["status"] = json!(refusal.status());
        if let Some(problem) = refusal.problem() {
            document["problem"] = problem;
        }
    }
    document
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let causes = error.chain();
    let mut io = causes.filter_map(|cause| cause.downcast_ref::<io::Error>().map(io::Error::kind));
    io.any(|kind| kind == ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::{Context, anyhow};

    #[test]
    fn refusal_as_json_has_status_and_problem() {
        let refusal = Refusal::new("GET x", 404, r#"{"code":"unknown_site"}"#.to_owned());
        let error = Err::<(), _>(anyhow::Error::from(refusal))
            .context("a context")
            .unwrap_err();
        let document = error_document(&error);
        assert_eq!(document["status"], 404);
        assert_eq!(document["problem"]["code"], "unknown_site");
        assert!(document["error"].as_str().unwrap().contains("GET x: 404"));
        assert_eq!(error_document(&anyhow!("no")), json!({ "error": "no" }));
    }

    #[test]
    fn what_a_server_says_does_not_reach_the_terminal_as_a_command() -> Result<()> {
        let hostile = "a\u{1b}[2J\u{7}\u{9b}\u{202e}";
        let shown = "a\\u{1b}[2J\\u{7}\\u{9b}\\u{202e}";
        let json = r#""a\u001b[2J\u0007\u009b\u202e""#;
        let text = Answer::new(json!(hostile), format!("one\n{hostile}"));
        assert_eq!(text.text(false)?, format!("one\n{shown}"));
        assert_eq!(text.text(true)?, json);
        assert_eq!(Answer::document(json!(hostile)).text(false)?, json);
        let error = anyhow!("{hostile}");
        assert_eq!(error_text(&error, false), format!("\nerror: {shown}"));
        assert_eq!(error_text(&error, true), format!(r#"{{"error":{json}}}"#));
        Ok(())
    }

    #[test]
    fn end_of_a_pipe_is_recognised_below_other_errors() {
        let end = io::Error::from(ErrorKind::BrokenPipe);
        let error = anyhow::Error::from(end).context("standard output");
        assert!(is_broken_pipe(&error));
        assert!(!is_broken_pipe(&anyhow!("no")));
    }
}
