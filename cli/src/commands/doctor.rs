//! `doctor`: what usually goes wrong, checked before a customer meets it.

use crate::admin_path::AdminPath;
use crate::answer::Answer;
use crate::visible::visible;
use crate::worker::{Worker, id};
use anyhow::Result;
use clap::Args;
use embark_protocol::admin::AppSettings;
use embark_protocol::doctor::{DoctorCheck, DoctorReport, DoctorState};
use embark_protocol::id::{AppKey, SiteId};
use serde::Deserialize;
use serde_json::{Map, Value};

pub const EXAMPLES: &str =
    "Examples:\n  embark doctor\n  embark doctor acme\n  embark doctor --app main";

#[derive(Args)]
pub struct RunDoctor {
    /// The site, with the app that its signups belong to. Without it and without `--app`: every app
    #[arg(value_parser = id(SiteId::parse), conflicts_with = "app")]
    site: Option<SiteId>,
    /// One app
    #[arg(long, value_parser = id(AppKey::parse))]
    app: Option<AppKey>,
}

/// Prints what is to do, what could not be checked, and what is in order.
///
/// # Errors
/// When the Worker refuses.
pub fn run(args: &RunDoctor, worker: &Worker<'_>) -> Result<Answer> {
    let paths = match (&args.site, &args.app) {
        (Some(site), _) => vec![("sites", site.to_string())],
        (None, Some(app)) => vec![("apps", app.to_string())],
        (None, None) => Vec::<AppSettings>::deserialize(worker.get("apps")?)?
            .iter()
            .map(|app| ("apps", app.key.to_string()))
            .collect(),
    };
    let mut documents = Map::new();
    let mut texts = Vec::new();
    let mut open = 0;
    for (kind, key) in paths {
        let path = AdminPath::new(kind).join(&key).join("doctor");
        let document = worker.get(path)?;
        let report = DoctorReport::deserialize(&document)?;
        let name = format!("{} {key}", kind.trim_end_matches('s'));
        texts.push(format!("{name}\n{}", describe(&report)));
        let to_do = report
            .checks
            .iter()
            .filter(|check| check.state == DoctorState::ToDo);
        open += to_do.count();
        documents.insert(format!("{kind}/{key}"), document);
    }
    let answer = Answer::new(Value::Object(documents), texts.join("\n\n"));
    Ok(match open {
        0 => answer.with_note("nothing to do"),
        1 => answer.with_note("1 thing to do"),
        _ => answer.with_note(format!("{open} things to do")),
    })
}

fn describe(report: &DoctorReport) -> String {
    let lines: Vec<String> = report.checks.iter().map(describe_check).collect();
    lines.join("\n")
}

fn describe_check(check: &DoctorCheck) -> String {
    let mark = match check.state {
        DoctorState::Ok => "ok     ",
        DoctorState::ToDo => "to do  ",
        DoctorState::Unknown => "unknown",
    };
    let mut text = format!("{mark}  {}", visible(&check.finding));
    for (name, part) in [("fix", &check.fix), ("where", &check.screen)] {
        if let Some(part) = part {
            text.push_str(&format!("\n         {name}: {}", visible(part)));
        }
    }
    text
}
