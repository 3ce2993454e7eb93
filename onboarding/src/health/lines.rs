//! The lines of a report.

use embark_protocol::doctor::DoctorState;
use embark_protocol::health::{HealthCheck, HealthItem};

pub(super) fn ok(item: HealthItem, finding: impl Into<String>) -> HealthCheck {
    HealthCheck {
        item,
        state: DoctorState::Ok,
        finding: finding.into(),
        fix: None,
        page: None,
    }
}

pub(super) fn unknown(item: HealthItem, finding: impl Into<String>) -> HealthCheck {
    HealthCheck {
        state: DoctorState::Unknown,
        ..ok(item, finding)
    }
}

pub(super) fn to_do(
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
pub(super) fn or_ok(
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
pub(super) fn no_partner(item: HealthItem) -> HealthCheck {
    unknown(
        item,
        "The Partner object did not reply, so this is not known.",
    )
}

/// A number of things: `1 site`, `2 sites`.
pub(super) fn count(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}
