//! The row that a site's index has of a signup.

use super::record::{End, Signup, Stage};
use crate::resources::site::SignupIndexRow;
use crate::time::UnixMillis;
use embark_protocol::snapshot::{InputKind, StepState};
use embark_protocol::{SignupStatus, Snapshot, Step};

impl Signup {
    /// The row as of this snapshot.
    pub(in crate::signup) fn index_row(
        &self,
        snapshot: &Snapshot,
        now: UnixMillis,
    ) -> SignupIndexRow {
        SignupIndexRow {
            signup: self.id.clone(),
            seq: self.seq,
            status: snapshot.status,
            at: now,
            reason: self.end_reason(),
            step: self.current_step(snapshot),
            started_at: self.started_at,
            reference: self.reference.clone(),
            name: self.business_name(),
            connected: snapshot.connected.clone(),
            objects: self.reached_objects(),
        }
    }

    /// The problem code, Meta's screen or Meta's error code that the signup ended on, if it did.
    fn end_reason(&self) -> Option<String> {
        let Stage::Ended { end, .. } = &self.stage else {
            return None;
        };
        match end {
            End::Relaunch(problem) | End::Failed(problem) => Some(problem.code.as_str().to_owned()),
            End::Abandoned => {
                let ended = self.popup.ended.as_ref()?;
                ended.current_step.clone().or(ended.error_code.clone())
            }
            End::Connected { .. } => None,
        }
    }

    /// The step at which the signup stands, or has stopped: that of the question, else that of the problem, else the first that
    /// is not over. `None`: Meta's flow was not completed, or it is connected.
    fn current_step(&self, snapshot: &Snapshot) -> Option<Step> {
        let is_in_steps = match snapshot.status {
            SignupStatus::Launched
            | SignupStatus::Abandoned
            | SignupStatus::Connected
            | SignupStatus::ConnectedWithoutNumber => false,
            SignupStatus::Running
            | SignupStatus::Waiting
            | SignupStatus::NeedsInput
            | SignupStatus::Relaunch
            | SignupStatus::Failed => self.authorization_code.is_some() || self.hosted.is_some(),
        };
        if !is_in_steps {
            return None;
        }
        let of_question = snapshot.input.as_ref().map(|input| match input.kind {
            InputKind::Waba | InputKind::Number => Step::Inspect,
            InputKind::Pin | InputKind::Verification | InputKind::VerificationCode => {
                Step::Register
            }
        });
        let of_problem = snapshot.problem.as_ref().and_then(|problem| problem.step);
        let is_open = |state| matches!(state, StepState::Active | StepState::Failed);
        let mut steps = snapshot.steps.iter();
        let unfinished = steps.find(|progress| is_open(progress.state));
        of_question
            .or(of_problem)
            .or(unfinished.map(|progress| progress.step))
    }
}
