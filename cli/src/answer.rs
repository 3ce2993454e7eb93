//! What a command prints: for a person, or with `--json` one document for a program.

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
            let text = match &self.text {
                _ if json => self.document.to_string(),
                Some(text) => text.clone(),
                None => serde_json::to_string_pretty(&self.document)?,
            };
            if !text.is_empty() {
                writeln!(io::stdout(), "{text}")?;
            }
        }
        if !json {
            for note in &self.notes {
                writeln!(io::stderr(), "{note}")?;
            }
        }
        Ok(())
    }
}

/// Prints an error to standard error. With `json`: `{"error": …}`, and the `status` and the `problem` that a Worker
/// responded with. That the reader of the output has closed it is no error, and is not printed.
pub fn report_error(error: &anyhow::Error, json: bool) {
    if is_broken_pipe(error) {
        return;
    }
    let text = match json {
        true => error_document(error).to_string(),
        false => format!("\nerror: {error:#}"),
    };
    // There is no other place to say it.
    let _ = writeln!(io::stderr(), "{text}");
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
    fn end_of_a_pipe_is_recognised_below_other_errors() {
        let end = io::Error::from(ErrorKind::BrokenPipe);
        let error = anyhow::Error::from(end).context("standard output");
        assert!(is_broken_pipe(&error));
        assert!(!is_broken_pipe(&anyhow!("no")));
    }
}
