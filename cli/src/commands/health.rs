//! `health`: what is wrong with the deployment now.

use crate::admin_path::AdminPath;
use crate::answer::Answer;
use crate::pages::Cursors;
use crate::visible::visible;
use crate::worker::Worker;
use anyhow::Result;
use embark_protocol::doctor::DoctorState;
use embark_protocol::health::{HealthCheck, HealthReport, HealthStatus};
use serde::Deserialize;
use serde_json::Value;

pub const EXAMPLES: &str = "Examples:\n  embark health\n  embark health --json";

/// Prints what is wrong, what could not be checked, and what is in order: of every site, page by page.
///
/// # Errors
/// When the Worker refuses, or the list of pages does not end.
pub fn run(worker: &Worker<'_>) -> Result<Answer> {
    let mut documents = Vec::new();
    let mut texts = Vec::new();
    let mut wrong = 0;
    let mut cursors = Cursors::default();
    let mut path = AdminPath::new("health");
    loop {
        let document = worker.get(path)?;
        let report = HealthReport::deserialize(&document)?;
        let is_first = documents.is_empty();
        let shown = report
            .checks
            .iter()
            // The next pages repeat what is not about sites.
            .filter(|check| is_first || check.state == DoctorState::ToDo);
        texts.extend(shown.map(describe));
        wrong += usize::from(report.status == HealthStatus::Degraded);
        documents.push(document);
        let next = report.next.map(|site| site.to_string());
        match cursors.next(next.as_deref())? {
            Some(site) => path = AdminPath::new("health").with("after", site),
            None => break,
        }
    }
    texts.dedup();
    let answer = Answer::new(Value::Array(documents), texts.join("\n"));
    Ok(match wrong {
        0 => answer.with_note("nothing is wrong"),
        _ => answer.with_note("something is wrong"),
    })
}

fn describe(check: &HealthCheck) -> String {
    let mark = match check.state {
        DoctorState::Ok => "ok     ",
        DoctorState::ToDo => "to do  ",
        DoctorState::Unknown => "unknown",
    };
    let mut text = format!("{mark}  {}", visible(&check.finding));
    for (name, part) in [("fix", &check.fix), ("where", &check.page)] {
        if let Some(part) = part {
            text.push_str(&format!("\n         {name}: {}", visible(part)));
        }
    }
    text
}
