//! Shows on standard error, if that is a terminal, how far a long command has come.

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// A count that grows. It is removed from the terminal with the value.
pub struct Progress(ProgressBar);

impl Progress {
    /// Begins at zero. `what` is counted, e.g. `signups`.
    ///
    /// # Errors
    /// When the template is not valid, which no argument can cause.
    pub fn count(what: &str) -> Result<Self> {
        let bar = ProgressBar::no_length();
        let template = format!("{{spinner}} {{pos}} {what}, {{per_sec}}, {{elapsed}}");
        bar.set_style(ProgressStyle::with_template(&template)?);
        bar.enable_steady_tick(Duration::from_millis(100));
        Ok(Self(bar))
    }

    /// Of a length that is named later, with a text. `what` is counted, e.g. `sites`.
    ///
    /// # Errors
    /// When the template is not valid, which no argument can cause.
    pub fn of(what: &str) -> Result<Self> {
        let bar = ProgressBar::no_length();
        let template =
            format!("{{spinner}} {{bar:24}} {{pos}}/{{len}} {what}, {{msg}}, {{elapsed}}");
        bar.set_style(ProgressStyle::with_template(&template)?);
        bar.enable_steady_tick(Duration::from_millis(100));
        Ok(Self(bar))
    }

    /// How far it is, and how much there is.
    pub fn set(&self, done: u64, all: u64, text: String) {
        self.0.set_length(all);
        self.0.set_position(done);
        self.0.set_message(text);
    }

    /// Adds to the count.
    pub fn add(&self, count: usize) {
        self.0.inc(count as u64);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
