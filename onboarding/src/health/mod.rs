//! What is wrong with a deployment now: each check takes what was read, and gives in plain English what was found, what to
//! do, and on which page of the console. A check of many things has a line for each that is wrong, or one that says that
//! none is.

mod apps;
mod deployment;
mod sites;

use crate::resources::health::{PartnerHealth, SiteHealth};
use crate::time::UnixMillis;
use embark_protocol::SiteId;
use embark_protocol::doctor::DoctorState;
use embark_protocol::health::{HealthCheck, HealthItem, HealthStatus};

/// What was read.
#[derive(Debug, Clone)]
pub struct HealthAnswers {
    /// When.
    pub now: UnixMillis,
    /// Whether KV can be read.
    pub kv_responds: bool,
    /// The classes of objects of which one was asked, and whether it replied.
    pub classes: Vec<(&'static str, bool)>,
    /// What the Partner object said. `None`: it did not reply.
    pub partner: Option<PartnerHealth>,
    /// The numbers of the sealing keys, ascending.
    pub keys: Vec<u32>,
    /// Whether a queue delivers events.
    pub has_queue: bool,
    /// The sites that were asked. `None`: it did not reply.
    pub sites: Vec<(SiteId, Option<SiteHealth>)>,
}

/// All checks, in the order in which they are best worked through.
pub fn health_checks(answers: &HealthAnswers) -> Vec<HealthCheck> {
    let mut checks = vec![deployment::kv(answers), deployment::objects(answers)];
    checks.push(deployment::keys(answers));
    checks.extend(apps::secrets(answers));
    checks.push(deployment::cron(answers));
    checks.push(deployment::queue(answers));
    checks.push(deployment::copies(answers));
    checks.extend(apps::quotas(answers));
    checks.push(apps::unclaimed(answers));
    checks.extend(sites::endpoints(answers));
    checks.extend(sites::deliveries(answers));
    checks.extend(sites::solutions(answers));
    checks
}

/// The checks in one word. What could not be checked is not to do: the check of what did not reply is.
pub fn status(checks: &[HealthCheck]) -> HealthStatus {
    match checks.iter().any(|check| check.state == DoctorState::ToDo) {
        true => HealthStatus::Degraded,
        false => HealthStatus::Ok,
    }
}

fn ok(item: HealthItem, finding: impl Into<String>) -> HealthCheck {
    HealthCheck {
        item,
        state: DoctorState::Ok,
        finding: finding.into(),
        fix: None,
        page: None,
    }
}

fn unknown(item: HealthItem, finding: impl Into<String>) -> HealthCheck {
    HealthCheck {
        state: DoctorState::Unknown,
        ..ok(item, finding)
    }
}

fn to_do(
    item: HealthItem,
    finding: impl Into<String>,
    fix: impl Into<String>,
    page: Option<String>,
) -> HealthCheck {
    HealthCheck {
        state: DoctorState::ToDo,
        fix: Some(fix.into()),
        page,
        ..ok(item, finding)
    }
}

/// The lines of what is wrong, or else the one line that nothing is.
fn or_ok(
    lines: Vec<HealthCheck>,
    item: HealthItem,
    finding: impl Into<String>,
) -> Vec<HealthCheck> {
    match lines.is_empty() {
        true => vec![ok(item, finding)],
        false => lines,
    }
}

/// The Partner object did not reply: the check of the objects says so.
fn no_partner(item: HealthItem) -> HealthCheck {
    unknown(
        item,
        "The Partner object did not reply, so this is not known.",
    )
}

/// A number of things: `1 site`, `2 sites`.
fn count(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}
