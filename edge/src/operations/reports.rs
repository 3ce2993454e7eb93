//! The readiness report of a connected signup, which its Run object has.

use super::{Deployment, run_document};
use crate::durable_objects::rpc;
use embark_onboarding::resources::run::RunRequest;
use embark_protocol::report::ReadinessReport;
use embark_protocol::{Problem, SignupId};

/// The report as it was last read. `refresh`: it is read from Meta again, which is done after this.
///
/// # Errors
/// `not_launched`; `internal`: the Run object did not reply.
pub async fn get(
    deployment: Deployment<'_>,
    signup: &SignupId,
    refresh: bool,
) -> Result<ReadinessReport, Problem> {
    let request = RunRequest::Report { refresh };
    run_document(rpc::call(deployment.env, signup, &request).await?)
}
