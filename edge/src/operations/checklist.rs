//! The partner's checklist of an app: what the doctor found, and what operators have marked.

use super::{Deployment, apps, doctor, operators};
use crate::clock;
use embark_onboarding::doctor::{checklist, is_step};
use embark_onboarding::resources::operators::{ChecklistTick, OperatorsReply, OperatorsRequest};
use embark_onboarding::resources::rpc::RpcError;
use embark_protocol::checklist::Checklist;
use embark_protocol::{AppKey, Problem, ProblemCode};

/// The checklist. Checks the app.
///
/// # Errors
/// `not_found`: there is no such app; `internal`: the Partner object did not reply.
pub async fn get(deployment: Deployment<'_>, app: &AppKey) -> Result<Checklist, Problem> {
    let report = doctor::check_app(deployment, app).await?;
    let request = OperatorsRequest::Checklist { app: app.clone() };
    match operators::ask(deployment.env, request).await? {
        OperatorsReply::Checklist(ticks) => Ok(checklist(&report.checks, &ticks)),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// Marks a step as done, or takes the mark back. Repeatable: the first mark stays as it is.
///
/// # Errors
/// `not_found`: there is no such app or step; `internal`: the Partner object did not reply.
pub async fn mark(
    deployment: Deployment<'_>,
    app: &AppKey,
    step: &str,
    done: bool,
) -> Result<(), Problem> {
    apps::get(deployment, app).await?;
    if !is_step(step) {
        return Err(Problem::new(ProblemCode::NotFound));
    }
    let by = deployment.operator.map(|operator| operator.name.clone());
    let tick = ChecklistTick {
        step: step.to_owned(),
        by: by.unwrap_or_default(),
        at: clock::now().0,
    };
    let request = OperatorsRequest::Tick {
        app: app.clone(),
        tick,
        done,
    };
    match operators::ask(deployment.env, request).await? {
        OperatorsReply::Done => Ok(()),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}
