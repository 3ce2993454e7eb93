//! Cards of checks: of the doctor, and of the health of the deployment.

use super::layout::{status, wire_name};
use embark_protocol::doctor::DoctorState;
use maud::{Markup, html};

/// What a check is shown by.
pub struct CheckLine<'a> {
    /// What came of it.
    pub state: DoctorState,
    /// What is checked.
    pub name: String,
    /// What was found.
    pub finding: &'a str,
    /// What to do, if anything is, and where.
    pub remedy: Markup,
}

/// A card with these checks. Nothing without any.
pub fn checks_card(title: &str, checks: &[CheckLine<'_>]) -> Markup {
    html! {
        @if !checks.is_empty() {
            section.card {
                h2 { (title) }
                ul.checks {
                    @for check in checks {
                        li {
                            p { (status(&wire_name(&check.state))) " " strong { (check.name) } }
                            p { (check.finding) }
                            (check.remedy)
                        }
                    }
                }
            }
        }
    }
}
