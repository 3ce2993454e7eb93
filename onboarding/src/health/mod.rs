//! What is wrong with a deployment now: each check takes what was read, and gives in plain English what was found, what to
//! do, and on which page of the console. A check of many things has a line for each that is wrong, or one that says that
//! none is.

mod answers;
mod apps;
mod deployment;
mod lines;
mod sites;

pub use answers::HealthAnswers;

use embark_protocol::doctor::DoctorState;
use embark_protocol::health::{HealthCheck, HealthStatus};

/// All checks, in the order in which they are best worked through.
pub fn health_checks(answers: &HealthAnswers) -> Vec<HealthCheck> {
    let mut checks = vec![deployment::kv(answers), deployment::objects(answers)];
    checks.push(deployment::keys(answers));
    checks.push(deployment::access(answers));
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
