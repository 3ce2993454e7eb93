//! What the token must prove before anything else is done with it, and what follows if it does not.

use super::transition::{StepEvent, Transition};
use crate::meta::ApiError;
use crate::meta::response::TokenInfo;
use crate::problem::from_api_error;
use crate::signup::record::End;
use crate::workflow::AppContext;
use embark_protocol::site_events::SiteEventType;
use embark_protocol::{Problem, ProblemCode, Step, WabaId};

/// Checks that the token is valid, of our app, and has the plan's permissions. The accounts it names are not
/// checked: since June 2026 Meta lists none for some tokens.
pub(super) fn token_problem(
    info: &TokenInfo,
    scopes: &[&str],
    cx: &AppContext<'_>,
) -> Option<ProblemCode> {
    let granted = |scope: &&str| {
        let mut held = info.scopes.iter();
        held.any(|held| held.eq_ignore_ascii_case(scope))
    };
    if !info.is_valid {
        Some(ProblemCode::TokenInvalid)
    } else if info.app_id.as_deref() != Some(cx.credentials.app_id.as_str()) {
        Some(ProblemCode::TokenForeign)
    } else if !scopes.iter().all(granted) {
        Some(ProblemCode::ScopeMissing)
    } else {
        None
    }
}

/// Ends a signup whose token is not as it must be. A permission that is missing once more after another launch was not
/// left out by the customer: Meta shows only those that the app was approved for.
pub(super) fn end_by_token(code: ProblemCode, scope_was_missing: bool) -> Transition {
    if code != ProblemCode::ScopeMissing {
        return Transition::relaunch(code, Step::Inspect);
    }
    let mut transition = if scope_was_missing {
        Transition::fail(ProblemCode::AppScopeMissing, Step::Inspect)
    } else {
        Transition::relaunch(code, Step::Inspect)
    };
    transition.event = Some(StepEvent {
        event_type: SiteEventType::ScopeMissing,
        problem: Some(Problem::new(ProblemCode::AppScopeMissing).at_step(Step::Inspect)),
    });
    transition
}

/// The customer did not share the account that is to be renewed.
pub(super) fn account_missing(bound: &WabaId, error: Option<&ApiError>) -> Transition {
    let detail = ["the account ", bound.as_str(), " was not shared"].concat();
    let code = ProblemCode::WabaMismatch;
    let problem = match error {
        Some(error) => from_api_error(code, Step::Inspect, error),
        None => Problem::new(code).at_step(Step::Inspect),
    };
    Transition::end(End::Relaunch(Problem {
        waba_id: Some(bound.to_string()),
        ..problem.with_detail(&detail)
    }))
}
