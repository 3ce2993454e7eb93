//! What came of what a form asked for.

use super::layout::problem_card;
use crate::http::incoming::Incoming;
use crate::operations::operators::audited;
use embark_onboarding::resources::settings_version::SettingsVersion;
use embark_protocol::{Problem, ProblemCode};
use maud::Markup;

/// What came of an action, for the page that answers: what it shows, or the problem.
pub async fn done(
    incoming: &Incoming<'_>,
    what: String,
    action: impl Future<Output = Result<Markup, Problem>>,
) -> Markup {
    let result = audited(incoming.deployment(), what, action).await;
    result.unwrap_or_else(|problem| problem_card(&problem))
}

/// Whether a form was filled in from the settings that are stored. `shown`: the version that it was made of; `None`: it adds them.
///
/// # Errors
/// `settings_changed`: it was not. `conflict`: there are settings already.
pub fn check_version(current: &SettingsVersion, shown: Option<&str>) -> Result<(), Problem> {
    match shown {
        Some(shown) if !current.is_named_by(shown) => {
            Err(Problem::new(ProblemCode::SettingsChanged))
        }
        None if *current != SettingsVersion::of::<()>(None) => {
            let detail = "there is one with this key: open its page to change it";
            Err(Problem::new(ProblemCode::Conflict).with_detail(detail))
        }
        _ => Ok(()),
    }
}
