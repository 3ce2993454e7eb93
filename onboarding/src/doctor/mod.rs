//! The doctor: what usually goes wrong with an app or a site, checked before a customer meets it. Each check takes what was
//! read, and gives in plain English what was found, what to do, and where.

mod answers;
mod app;
mod checklist;
mod csp;
mod meta_versions;
mod page;
mod partner;
mod site;

pub use answers::{AppAnswers, CredentialsState};
pub use app::app_checks;
pub use checklist::{checklist, is_step};
pub use page::PageHeaders;
pub use site::{SiteAnswers, site_checks};

use crate::meta::{ApiError, ErrorClass};
use embark_protocol::doctor::{DoctorCheck, DoctorItem, DoctorState};

/// What a call returned. `None`: it was not made, because something that it needs is missing.
pub type Answer<T> = Option<Result<T, ApiError>>;

fn ok(item: DoctorItem, finding: impl Into<String>) -> DoctorCheck {
    DoctorCheck {
        item,
        state: DoctorState::Ok,
        finding: finding.into(),
        fix: None,
        screen: None,
    }
}

fn unknown(item: DoctorItem, finding: impl Into<String>) -> DoctorCheck {
    DoctorCheck {
        state: DoctorState::Unknown,
        ..ok(item, finding)
    }
}

fn to_do(
    item: DoctorItem,
    finding: impl Into<String>,
    fix: impl Into<String>,
    screen: impl Into<String>,
) -> DoctorCheck {
    DoctorCheck {
        state: DoctorState::ToDo,
        fix: Some(fix.into()),
        screen: Some(screen.into()),
        ..ok(item, finding)
    }
}

/// A check whose call was not made or failed. `Err`: the check.
fn read<T>(item: DoctorItem, answer: &Answer<T>) -> Result<&T, DoctorCheck> {
    match answer {
        Some(Ok(read)) => Ok(read),
        Some(Err(error)) => Err(unknown(item, could_not_read(error))),
        None => Err(unknown(
            item,
            "It was not read: the call needs a secret that is missing or cannot be opened, or your portfolio's id.",
        )),
    }
}

fn could_not_read(error: &ApiError) -> String {
    match error.class {
        ErrorClass::Indeterminate | ErrorClass::Transient | ErrorClass::Rate => {
            format!("Meta has no answer at the moment ({error}). Try again in a few minutes.")
        }
        ErrorClass::Token | ErrorClass::Config | ErrorClass::Unreachable | ErrorClass::Refused => {
            format!("Meta refused to show it ({error}).")
        }
    }
}

/// Names in a sentence: `a, b and c`.
fn enumerate(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => [&first.join(", "), " and ", last].concat(),
    }
}
